# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test bed for tests of faults: the one that ``./runtests faults`` started, or one of our own for a single ``pytest``."""

from __future__ import annotations

import dataclasses
import os
import typing as t
import uuid

import pytest

from tests.daemon import bed as beds

_PREFIX = "FLEET_TEST_"


@dataclasses.dataclass(frozen=True)
class Server:
    """One server under test: ``kind`` is ``lxd`` or ``incus``; ``cert`` is the path of its certificate."""

    kind: str
    url: str
    https_url: str
    cert: str


@pytest.fixture(scope="session")
def bed() -> t.Iterator[t.Mapping[str, str]]:
    """``FLEET_TEST_*`` without the prefix, in lower case: ``bed["streams_url"]``."""
    if f"{_PREFIX}LXD_URL" in os.environ:
        yield _read(os.environ)
        return
    with beds.ready() as ready:
        yield _read(ready.environment())


def _read(variables: t.Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(_PREFIX).lower(): value for name, value in variables.items() if name.startswith(_PREFIX)}


@pytest.fixture(params=["lxd", "incus"])
def server(request: pytest.FixtureRequest, bed: t.Mapping[str, str]) -> Server:
    """Each kind of server in turn."""
    kind = request.param
    return Server(kind, bed[f"{kind}_url"], bed[f"{kind}_https_url"], bed[f"{kind}_server_cert"])


@pytest.fixture
def streams(bed: t.Mapping[str, str]) -> t.Callable[..., str]:
    """``streams("stall")`` is the address of a remote with that fault that no other test has used (indexes are cached)."""

    def url(fault: str = "ok", scheme: str = "http") -> str:
        base = bed["streams_url" if scheme == "http" else "streams_https_url"]
        return f"{base}/{fault}@{uuid.uuid4().hex[:8]}"

    return url
