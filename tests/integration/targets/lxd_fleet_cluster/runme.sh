#!/bin/sh
# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

here="$(dirname "$0")"
exec python3 "$here/../setup_cluster/two_servers.py" "$here/test.yml" "$@"
