# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real LXD and Incus servers for tests, and what they need: images, a network, certificates, a simplestreams server.

From the repository's root ``python3 -m tests.daemon --help`` tells what can be had on the command line. Only the standard
library is used, so that any Python from 3.10 on runs it.
"""
