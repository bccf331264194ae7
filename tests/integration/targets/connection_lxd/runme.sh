#!/bin/sh
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Called with -i INVENTORY -e @VARIABLES.
set -eu
cd "$(dirname "$0")"
trap 'ansible-playbook "$@" down.yml' EXIT
ansible-playbook "$@" up.yml
ansible-playbook "$@" -i hosts.yml test.yml
# A user cannot be removed as long as a helper of theirs runs.
FLEET_LXD_HELPER=true ansible-playbook "$@" -e ansible_lxd_helper_timeout=4 -i hosts.yml test.yml
