# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that only looks like one: it speaks the API as LXD 5.0 does, and keeps a hundred thousand instances in memory.

No container is behind any of them. It shows how a client grows with a fleet that no machine of a test could hold; what a
client costs beside a real server is measured with real servers.
"""
