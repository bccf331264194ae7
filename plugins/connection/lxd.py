# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lxd
short_description: Run tasks in instances of LXD and Incus, through the API of the server
version_added: 1.0.0
description:
  - Commands and files go over the server's API, by its unix socket or by HTTPS. Neither a client on the controller nor an SSH
    server in the instance is needed, and the instance needs no address.
  - Containers and virtual machines are the same here; those need the server's agent inside, which is waited for.
  - It needs no library beside ansible-core.
options:
  remote_addr:
    description:
      - The name of the instance.
      - A name of the inventory is taken as it is, whatever dots are in it. C(ansible_host) counts only if it can be the name of an
        instance; so an address or a domain name that is there for other connections is ignored. C(ansible_lxd_host) always counts.
    type: string
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_lxd_host
  inventory_hostname:
    description: The name of the host in the inventory, for where O(remote_addr) cannot be the name of an instance.
    type: string
    vars:
      - name: inventory_hostname
  delegated_host:
    description: The name of the host to which the task is delegated; it is used before O(inventory_hostname).
    type: string
    keyword:
      - name: delegate_to
  lxd_host:
    description: The name of the instance if it is set, whatever O(remote_addr) is.
    type: string
    vars:
      - name: ansible_lxd_host
  executable:
    description: The shell in the instance that runs the commands.
    type: string
    default: /bin/sh
    vars:
      - name: ansible_executable
      - name: ansible_lxd_executable
  remote_user:
    description:
      - The user of the instance that commands run as, and as whom files are written and read. The server starts commands with the uid and
        the group of its C(passwd) entry, with its home as C(HOME) and working directory; nothing like C(su) is needed in the instance.
      - Supplementary groups are not set that way. Where they matter, set O(lxd_become_method=/bin/su).
    type: string
    default: root
    vars:
      - name: ansible_user
    env:
      - name: ANSIBLE_REMOTE_USER
    ini:
      - section: defaults
        key: remote_user
    keyword:
      - name: remote_user
  lxd_become_method:
    description:
      - A command in the instance, for example V(/bin/su), by which to become O(remote_user) if that is not V(root).
      - Without it the server does it, see O(remote_user).
    type: string
    vars:
      - name: lxd_become_method
      - name: ansible_lxd_become_method
  become_timeout:
    description: Seconds to wait for the prompt of a become plugin, and for its success.
    type: float
    default: 10.0
    vars:
      - name: ansible_lxd_become_timeout
  agent_timeout:
    description: Seconds to wait for the agent of a virtual machine.
    type: float
    default: 60.0
    vars:
      - name: ansible_lxd_agent_timeout
  pipelining:
    description:
      - Sends a module into the Python that runs it, instead of writing it to a file first. It is on by default here.
    type: boolean
    default: true
    env:
      - name: ANSIBLE_PIPELINING
    ini:
      - section: defaults
        key: pipelining
      - section: connection
        key: pipelining
    vars:
      - name: ansible_pipelining
      - name: ansible_lxd_pipelining
  helper:
    description:
      - Keeps a Python in the instance that runs the modules of the next tasks. It has imported already what they need, and keeps what
        it has compiled of them, so that a task takes a fraction of the time.
      - The first task starts it, once for each user and each interpreter. It ends after O(helper_timeout) seconds without a task, or with
        the instance. It listens on a socket without a file, and only to processes with the very same user, groups, capabilities,
        namespaces and security profile. Until it has ended its user cannot be removed.
      - Nothing else changes, neither what modules return nor what they read, nor their environment. What the helper cannot do is done
        without it, and said with C(-vvv); commands that are no modules, O(pipelining=false), become plugins,
        O(lxd_become_method), the keyword C(environment), and instances without that Python.
    type: boolean
    default: false
    vars:
      - name: ansible_lxd_helper
    env:
      - name: FLEET_LXD_HELPER
  helper_timeout:
    description: Seconds without a task after which the helper ends, see O(helper).
    type: float
    default: 30.0
    vars:
      - name: ansible_lxd_helper_timeout
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._connection.connection
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
# An inventory of instances on two servers
all:
  vars:
    ansible_connection: fleet.lxd.lxd
  children:
    here:
      hosts:
        ub:
        web1:
          ansible_user: www-data
    there:
      vars:
        ansible_lxd_url: https://lxd.example.com:8443
        ansible_lxd_server_fingerprint: 1f39c8e9f74f2bbdbc19c2ba72ed3fa4e27b1b0b7f0ee8e1e2a3ca2a8ac04a3c
        ansible_lxd_project: shop
      hosts:
        db.example.com:
          ansible_lxd_host: db
"""

from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display

from ..plugin_utils._compiled import kept

with kept():
    from ..plugin_utils._connection import Session

display = Display()


class Connection(ConnectionBase):
    """A thin shell around a session: what Ansible calls, and what it is told with C(-vvv)."""

    transport = "fleet.lxd.lxd"
    has_pipelining = True
    has_tty = False
    default_user = "root"

    _session: Session | None = None

    @property
    def _opened(self) -> Session:
        if self._session is None:
            session = self._session = Session(self.get_option, lambda text: display.vvv(text, host=session.instance))
            self._connected = True
            display.vvv(f"OPEN {session}", host=session.instance)
        return self._session

    def _connect(self) -> Connection:
        display.debug(f"connected to {self._opened}")
        return self

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session, self._connected = None, False

    def reset(self) -> None:
        self.close()

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        display.vvv(f"EXEC {cmd}", host=self._opened.instance)
        return self._opened.run(cmd, in_data or b"", self.become if sudoable else None)

    def put_file(self, in_path: str, out_path: str) -> None:
        display.vvv(f"PUT {in_path} TO {out_path}", host=self._opened.instance)
        self._opened.put(in_path, out_path)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        display.vvv(f"FETCH {in_path} TO {out_path}", host=self._opened.instance)
        self._opened.fetch(in_path, out_path)
