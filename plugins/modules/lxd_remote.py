#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_remote
short_description: Add, change, and remove remotes of the clients of LXD and Incus
version_added: 1.0.0
description:
  - Remotes are named servers in the C(config.yml) of C(lxc) or C(incus). What this module writes, these clients read, and so do all
    modules and plugins of this collection by their option C(remote). The clients themselves are not needed.
  - A server of instances over HTTPS is looked at before anything is written, and its certificate is never accepted blindly. It has
    to be the one of O(server_fingerprint), O(server_cert), or O(token), or one that an authority of the system signed.
  - A certificate for the client is made if it has none and needs one. The server is made to trust it by O(token), by
    O(trust_password), or by another client, O(client_cert). None of these is used if the server trusts it already.
  - Aliases, other remotes, and whatever else is in the configuration are kept. Comments are not, as the clients do not keep them either.
options:
  name:
    description:
      - The name of the remote.
      - V(local) and a few others are built into the clients. Of these only O(project) and O(default) can be set.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the remote and the certificate of its server. The server goes on trusting the client; see
        M(fleet.lxd.lxd_certificate) for ending that.
      - The default remote cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  addr:
    description:
      - Where the server is, V(https://host:port) or V(unix:/path/to/unix.socket), with O(protocol=simplestreams) the address of its
        web server. The port is 8443 if it is not named.
      - Needed for a new remote, unless O(token) is given. Then the addresses in the token are tried in their order.
    type: str
  protocol:
    description: What the server speaks. For a new remote it is that of O(client), if it is not given.
    type: str
    choices: [lxd, incus, simplestreams]
  public:
    description:
      - Whether only public images of the server are to be used, for which it need not trust the client.
      - For a new remote it is true with O(protocol=simplestreams), false otherwise, if it is not given.
    type: bool
  auth_type:
    description:
      - How the server knows the client. With V(oidc) the client itself logs in at its first use.
      - For a new remote it is V(tls), if it is not given.
    type: str
    choices: [tls, oidc]
  project:
    description: The project of the server to work in. The empty string leaves it to the server.
    type: str
  default:
    description: Whether it is the remote that the client uses if none is named. With V(false), V(local) takes its place.
    type: bool
  server_fingerprint:
    description:
      - The sha256 fingerprint of the certificate that the server has to show, 64 hexadecimal digits, with or without colons.
      - Mutually exclusive with O(server_cert).
    type: str
  server_cert:
    description:
      - Path of the certificate (PEM) that the server has to show.
      - Mutually exclusive with O(server_fingerprint).
    type: path
  replace_certificate:
    description: Whether to take the certificate of O(server_fingerprint), O(server_cert), or O(token) if the remote was added with another.
    type: bool
    default: false
  token:
    description:
      - A one-time token that the server issued, for example by M(fleet.lxd.lxd_token), or by C(lxc config trust add).
      - Not used up if the server trusts the client already.
      - Mutually exclusive with O(trust_password) and O(client_cert).
    type: str
  trust_password:
    description:
      - The trust password of an LXD server before 6.1.
      - Mutually exclusive with O(token) and O(client_cert).
    type: str
  client_cert:
    description:
      - Path of the certificate (PEM) of another client, one that the server trusts already and lets add certificates. With it the
        certificate of this client is added.
      - Mutually exclusive with O(token) and O(trust_password).
    type: path
  client_key:
    description: Path of the private key (PEM) of O(client_cert).
    type: path
  client:
    description:
      - Whose configuration it is, V(lxd) for that of C(lxc), V(incus) for that of C(incus).
      - If it is not set, it is given by O(protocol), else it is the client that has the remote, else V(incus) if only that one has a
        configuration, else V(lxd).
    type: str
    choices: [lxd, incus]
  config_dir:
    description:
      - The directory of the configuration.
      - If it is not set, it is the one that the client uses, E(LXD_CONF), C(~/.config/lxc), or C(~/snap/lxd/common/config) for C(lxc),
        and E(INCUS_CONF) or C(~/.config/incus) for C(incus).
    type: path
  connect_timeout:
    description: Seconds to wait for a connection to the server.
    type: float
    default: 10.0
requirements:
  - Python 3.10 or later
  - cryptography (C(python3-cryptography), or C(cryptography) from PyPI) if a certificate for the client has to be made
  - PyYAML
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: The server is asked whether it trusts the client. Nothing is written, and no token is used up.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
notes:
  - This module is not in the action group C(fleet.lxd.lxd), since its options say where a server is, not which one to work on.
  - It changes the configuration of the user that it runs as. If that is C(root), new files belong to the owner of the directory.
seealso:
  - module: fleet.lxd.lxd_token
  - module: fleet.lxd.lxd_certificate
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: A token, from the machine of the server
  fleet.lxd.lxd_token:
    name: controller
  delegate_to: lxd.example.com
  register: issued
  no_log: true

- name: A remote with trust; the token names the address and the certificate of the server
  fleet.lxd.lxd_remote:
    name: lxd1
    token: "{{ issued.token or omit }}"
    addr: https://lxd.example.com:8443
    default: true

- name: A server that trusts us already, pinned by its fingerprint
  fleet.lxd.lxd_remote:
    name: lxd2
    addr: https://192.0.2.2:8443
    server_fingerprint: 1f39c8e9f74f2bbdbc19c2ba72ed3fa4e27b1b0b7f0ee8e1e2a3ca2a8ac04a3c
    project: shop

- name: An old server, by its trust password
  fleet.lxd.lxd_remote:
    name: old
    addr: https://192.0.2.3:8443
    server_cert: files/old.crt
    trust_password: "{{ vault_trust_password }}"

- name: A server of Incus, for its own client
  fleet.lxd.lxd_remote:
    name: incus1
    protocol: incus
    token: "{{ incus_token }}"

- name: Images
  fleet.lxd.lxd_remote:
    name: mirror
    protocol: simplestreams
    addr: https://images.example.com

- name: Away with it
  fleet.lxd.lxd_remote:
    name: old
    state: absent
"""

RETURN = r"""
remote:
  description: The remote as it is now, in check mode as it would be, V(null) if it is not there.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    addr:
      description: Where the server is.
      type: str
    protocol:
      description: What the server speaks.
      type: str
    public:
      description: Whether only public images are used.
      type: bool
    auth_type:
      description: How the server knows the client, V(null) where it need not.
      type: str
    project:
      description: The project to work in, V(null) if that is left to the server.
      type: str
    server_fingerprint:
      description: The sha256 fingerprint of the certificate that the server has to show, V(null) if authorities of the system judge it.
      type: str
    trusted:
      description: Whether the server trusts the client, V(null) where it need not.
      type: bool
    default:
      description: Whether it is the client's default remote.
      type: bool
  sample:
    name: lxd1
    addr: https://lxd.example.com:8443
    protocol: lxd
    public: false
    auth_type: tls
    project:
    server_fingerprint: 1f39c8e9f74f2bbdbc19c2ba72ed3fa4e27b1b0b7f0ee8e1e2a3ca2a8ac04a3c
    trusted: true
    default: true
config:
  description: Path of the client's configuration.
  returned: success
  type: str
  sample: /root/.config/lxc/config.yml
"""

from ..module_utils._module import run
from ..module_utils._resources.remote import REMOTE


def main():
    run(REMOTE)


if __name__ == "__main__":
    main()
