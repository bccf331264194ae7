# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Linters, ``ansible-test sanity``, and what builds the documentation."""

from __future__ import annotations

import typing as t

from .cases import Case
from .work import Work


def sanity(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    yield from ()


def lint(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    yield from ()


def docs(work: Work, chosen: t.Sequence[str]) -> t.Iterator[Case]:
    yield from ()
