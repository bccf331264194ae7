# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole test bed: both kinds of server, their images, a trusted client, and the simplestreams server."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import shutil
import tempfile
import typing as t

from . import certificates, images, server, streams

_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@dataclasses.dataclass(frozen=True)
class Bed:
    """What tests find. ``servers`` by kind; ``debian`` tells whether they have the alias ``debian`` beside ``busybox``."""

    servers: t.Mapping[str, server.Server]
    client: certificates.KeyPair
    streams: streams.Server
    images: pathlib.Path
    debian: bool

    def environment(self) -> dict[str, str]:
        """The bed as ``FLEET_TEST_*`` variables."""
        found = {
            "CLIENT_CERT": str(self.client.cert),
            "CLIENT_KEY": str(self.client.key),
            "STREAMS_URL": self.streams.url("http"),
            "STREAMS_HTTPS_URL": self.streams.url("https"),
            "IMAGE_DIR": str(self.images),
            "DEBIAN_IMAGE": "debian" if self.debian else "",
        }
        for kind, each in self.servers.items():
            prefix = kind.upper()
            found[f"{prefix}_URL"] = each.url
            found[f"{prefix}_HTTPS_URL"] = each.https_url
            found[f"{prefix}_SERVER_CERT"] = str(each.cert)
        return {f"FLEET_TEST_{name}": value for name, value in found.items()}

    def variables(self, kind: str) -> dict[str, str]:
        """The bed as the variables of an integration target that runs against one kind of server."""
        each = self.servers[kind]
        return {
            "lxd_url": each.url,
            "lxd_https_url": each.https_url,
            "lxd_server_kind": kind,
            "lxd_server_cert": str(each.cert),
            "lxd_client_cert": str(self.client.cert),
            "lxd_client_key": str(self.client.key),
            "lxd_image": "busybox",
            "lxd_image_dir": str(self.images),
            "lxd_debian_image": "debian" if self.debian else "",
            "lxd_streams_url": self.streams.url("http"),
            "lxd_streams_https_url": self.streams.url("https"),
        }


@contextlib.contextmanager
def ready(kinds: t.Sequence[str] = ("lxd", "incus"), debian: bool = False) -> t.Iterator[Bed]:
    """Start everything (about 5 s; 30 s more when the Debian image has to be built first); end it all with the block."""
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="fleet-bed-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        client = certificates.make(directory, "client")
        web = certificates.make(directory, "streams")
        busybox = images.busybox()
        bundle = directory / "authorities.crt"
        known = pathlib.Path(_AUTHORITIES)
        bundle.write_text((known.read_text("utf-8") if known.exists() else "") + web.cert.read_text("ascii"), encoding="utf-8")
        web_server = stack.enter_context(streams.serving({"busybox": busybox}, web))
        environment = {"SSL_CERT_FILE": str(bundle)}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            building = pool.submit(images.debian) if debian else None
            servers = {kind: stack.enter_context(server.running(kind, environment)) for kind in kinds}
            for each in servers.values():
                each.trust(client, "fleet-lxd-tests")
                each.import_unified(busybox / "unified.tar.xz", "busybox")
            if building:
                place = building.result()
                for each in servers.values():
                    each.import_split(place / "meta.tar.xz", place / "rootfs.tar", "debian")
        yield Bed(servers, client, web_server, busybox, debian)


def write_environment(bed: Bed, path: str) -> None:
    """A file that a shell can source, written whole or not at all."""
    lines = "".join(f"export {name}='{value}'\n" for name, value in bed.environment().items())
    temporary = f"{path}.new"
    pathlib.Path(temporary).write_text(lines, encoding="utf-8")
    os.replace(temporary, path)
