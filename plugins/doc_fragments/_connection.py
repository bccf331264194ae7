# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the connection to a server, in the same words for modules and plugins."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  url:
    description:
      - Where the server listens, V(unix:/path/to/unix.socket) or V(https://host:port); the port is 8443 if it is not named.
      - Without O(url) and O(remote) it is the server of the machine on which the module runs. Its socket is looked for in the order
        E(LXD_SOCKET), E(LXD_DIR), E(INCUS_SOCKET), E(INCUS_DIR), the snap of LXD, the packages of LXD, then those of Incus.
      - If it is not set, the environment variables E(LXD_URL) and E(INCUS_URL) are used.
    type: str
  snap_url:
    description:
      - Taken instead of the search for a socket if O(url) is not set and this socket exists.
      - Accepted for playbooks that were written for C(community.general).
    type: str
  remote:
    description:
      - The name of a remote in the C(config.yml) of C(lxc) or C(incus), on the machine on which the module runs.
        Its address, project, and certificates are used. See M(fleet.lxd.lxd_remote) for adding one.
      - V(local) is the server of that machine.
      - Mutually exclusive with O(url).
      - If it is not set, the environment variables E(LXC_REMOTE) and E(INCUS_REMOTE) are used.
    type: str
  project:
    description:
      - The project of the server to work in. It has to exist; in check mode, an earlier task may be about to make it.
      - If it is not set, the environment variables E(LXD_PROJECT) and E(INCUS_PROJECT) are used, then the project of the O(remote),
        then the server's V(default).
    type: str
  client_cert:
    description:
      - Path of the client certificate (PEM) that the server trusts. Needs O(client_key).
      - If it is not set, the environment variables E(LXD_CLIENT_CERT) and E(INCUS_CLIENT_CERT) are used, then C(client.crt) in the
        configuration directory of C(lxc) or C(incus).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the private key (PEM) of O(client_cert).
      - If it is not set, the environment variables E(LXD_CLIENT_KEY) and E(INCUS_CLIENT_KEY) are used, then C(client.key) beside the
        default of O(client_cert).
    type: path
    aliases: [key_file]
  server_cert:
    description:
      - Path of the certificate (PEM) that the server has to show. LXD and Incus sign their own, so one of O(server_cert) and
        O(server_fingerprint) is needed for O(url=https://...), unless an authority of the system signed the server's.
      - If it is not set, the environment variables E(LXD_SERVER_CERT) and E(INCUS_SERVER_CERT) are used.
    type: path
  server_fingerprint:
    description:
      - The sha256 fingerprint of the certificate that the server has to show, 64 hexadecimal digits, with or without colons.
      - Mutually exclusive with O(server_cert).
      - If it is not set, the environment variables E(LXD_SERVER_FINGERPRINT) and E(INCUS_SERVER_FINGERPRINT) are used.
    type: str
  trust_password:
    description:
      - The trust password of an LXD server before 6.1, used once if the server does not trust O(client_cert) yet.
      - Accepted for playbooks that were written for C(community.general); M(fleet.lxd.lxd_remote) has a way for newer servers, too.
    type: str
  connect_timeout:
    description:
      - Seconds to wait for a connection to the server.
    type: float
    default: 10.0
requirements:
  - Python 3.10 or later
  - pylxd where files are sent or fetched, such as images and backups (C(python3-pylxd) of Debian and Ubuntu, or C(pylxd) from PyPI)
"""

    # The same options as variables of the hosts that are reached by the connection plugin.
    CONNECTION = r"""
options:
  url:
    vars: [{name: ansible_lxd_url}]
  snap_url:
    vars: [{name: ansible_lxd_snap_url}]
  remote:
    vars: [{name: ansible_lxd_remote}]
  project:
    vars: [{name: ansible_lxd_project}]
  client_cert:
    vars: [{name: ansible_lxd_client_cert}]
  client_key:
    vars: [{name: ansible_lxd_client_key}]
  server_cert:
    vars: [{name: ansible_lxd_server_cert}]
  server_fingerprint:
    vars: [{name: ansible_lxd_server_fingerprint}]
  trust_password:
    vars: [{name: ansible_lxd_trust_password}]
  connect_timeout:
    vars: [{name: ansible_lxd_connect_timeout}]
"""
