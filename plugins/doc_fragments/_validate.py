# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of modules that know which keys their server takes."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  validate:
    description:
      - What to do with keys of O(config), of devices, and of what members of a cluster have, that the server does not know, or
        values that it will not take, as far as it documents them. Incus 6.0 documents neither networks nor storage, and only some
        devices. LXD before 5.18 documents nothing; for it, this collection brings the keys that LXD 5.0 takes (but those of pools
        of lvm, zfs and ceph, and of networks of ovn).
      - V(warn) warns, and leaves the decision to the server. V(strict) fails with all faults before anything is sent. V(off) does
        not look.
      - Keys are looked at when the task would change something.
    type: str
    choices: [warn, strict, "off"]
    default: warn
requirements:
  - jsonschema, for O(validate=strict); for V(warn) there is a warning without it
"""
