#!/usr/bin/python
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lxd_exec
short_description: Run commands in instances of LXD and Incus
version_added: 1.0.0
description:
  - Runs a command in one instance, or in many at once, through the API of the server. Nothing has to be installed in the instance.
  - Containers and virtual machines are the same here; those need the server's agent inside, which is waited for.
  - It needs no library where it runs.
options:
  name:
    description:
      - The instance.
      - Exactly one of O(name) and O(names) is needed.
    type: str
  names:
    description:
      - Instances in which the command runs, several at the same time. If it fails in one, the task fails in the end, and
        RV(results) tells of each.
    type: list
    elements: str
  argv:
    description:
      - The command and its arguments, run as they are, without a shell.
      - Exactly one of O(argv) and O(cmd) is needed.
    type: list
    elements: str
  cmd:
    description:
      - A command line for a shell in the instance.
    type: str
  executable:
    description:
      - The shell for O(cmd); it is called with C(-c).
    type: str
    default: /bin/sh
  stdin:
    description:
      - What the command reads. Without it, the command sees the end of its input at once.
    type: str
  stdin_add_newline:
    description:
      - Whether to end O(stdin) with a newline if it has none. Not for O(encoding=base64).
    type: bool
    default: true
  encoding:
    description:
      - How bytes are told. With V(base64), O(stdin) is base64, and so are RV(stdout) and RV(stderr); every byte stays as it was.
      - With V(text), output is taken for UTF-8; bytes that are not become U+FFFD, as Ansible takes no others. Newlines at the end
        are removed.
    type: str
    choices: [text, base64]
    default: text
  environment:
    description:
      - Variables for the command, beside those of the instance's C(environment.*) keys. Values are made strings; one of V(null) is
        left out.
    type: dict
  cwd:
    description:
      - The directory in the instance in which to run the command; what a missing one does is up to the server.
    type: str
    aliases: [chdir]
  user:
    description:
      - A user of the instance, by name or by uid. C(HOME), C(USER), and C(LOGNAME) are set to theirs.
      - A uid that nobody there bears is taken as it is, with the group 0 if O(group) names no other, as the servers do.
      - Only the group of the C(passwd) entry is set; for supplementary groups use C(su) or C(sudo) in the command.
    type: str
  group:
    description:
      - A group of the instance, by name or by gid. It is that of O(user) if it is not set.
    type: str
  timeout:
    description:
      - Seconds after which the command is killed, with C(TERM) and five seconds later with C(KILL), and the task fails.
      - The signals go to the command itself. Children that it leaves behind are not touched.
    type: float
  agent_timeout:
    description:
      - Seconds to wait for the agent of a virtual machine.
    type: float
    default: 60.0
  creates:
    description:
      - A path in the instance, absolute or relative to an absolute O(cwd). If it is there, the command is not run.
    type: str
  removes:
    description:
      - A path in the instance, absolute or relative to an absolute O(cwd). If it is not there, the command is not run.
    type: str
extends_documentation_fragment:
  - fleet.lxd._connection
  - fleet.lxd._attributes
attributes:
  check_mode:
    support: partial
    details:
      - The command is not run. With O(creates) or O(removes) the task tells whether it would be; without them it is skipped.
      - In an instance that does not exist or run yet, as an earlier task would have made or started it, no path is there.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - With O(creates) or O(removes).
seealso:
  - plugin: fleet.lxd.lxd
    plugin_type: connection
    description: Run any module in an instance.
author:
  - The fleet.lxd developers (@fleet-lxd)
"""

EXAMPLES = r"""
- name: What kernel do they see
  fleet.lxd.lxd_exec:
    name: ub
    argv: [uname, -a]
  register: uname

- name: Update the packages of three instances at once, for ten minutes at most
  fleet.lxd.lxd_exec:
    names: [web1, web2, db]
    cmd: apt-get update && apt-get --yes upgrade
    environment:
      DEBIAN_FRONTEND: noninteractive
    timeout: 600

- name: Write a file as a user of the instance, unless it is there
  fleet.lxd.lxd_exec:
    name: web1
    cmd: cat > notes.txt
    stdin: "{{ lookup('ansible.builtin.file', 'notes.txt') }}"
    user: www-data
    cwd: /var/www
    creates: /var/www/notes.txt

- name: Read some bytes that are no text
  fleet.lxd.lxd_exec:
    name: web1
    argv: [head, -c, "16", /dev/urandom]
    encoding: base64
  register: random
"""

RETURN = r"""
instance:
  description: The name of the instance.
  returned: with O(name)
  type: str
  sample: ub
cmd:
  description: The command and its arguments.
  returned: with O(name)
  type: list
  elements: str
  sample: [uname, -a]
rc:
  description: The exit code; 127 if there is no such command, 126 if it is no command.
  returned: with O(name)
  type: int
  sample: 0
stdout:
  description: What the command wrote.
  returned: with O(name)
  type: str
  sample: Linux ub 6.1.0 x86_64 GNU/Linux
stdout_lines:
  description: The lines of RV(stdout).
  returned: with O(name) and O(encoding=text)
  type: list
  elements: str
  sample: [Linux ub 6.1.0 x86_64 GNU/Linux]
stderr:
  description: What the command complained about.
  returned: with O(name)
  type: str
  sample: ""
stderr_lines:
  description: The lines of RV(stderr).
  returned: with O(name) and O(encoding=text)
  type: list
  elements: str
  sample: []
start:
  description: When the command began.
  returned: with O(name), when it ran
  type: str
  sample: "2026-11-23 09:00:00.000000"
end:
  description: When the command ended.
  returned: with O(name), when it ran
  type: str
  sample: "2026-11-23 09:00:00.014000"
delta:
  description: How long the command ran.
  returned: with O(name), when it ran
  type: str
  sample: "0:00:00.014000"
results:
  description: For each of O(names), in their order, what is returned for a O(name); C(failed) and C(msg) if it failed.
  returned: with O(names)
  type: list
  elements: dict
  sample:
    - {instance: web1, rc: 0, stdout: "", stderr: "", changed: true}
    - {instance: web2, failed: true, msg: There is no instance web2, changed: false}
"""

from ..module_utils._module import run
from ..module_utils._resources.exec import EXEC


def main():
    run(EXEC)


if __name__ == "__main__":
    main()
