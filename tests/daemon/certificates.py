# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key pairs for tests, made by openssl."""

from __future__ import annotations

import dataclasses
import pathlib
import ssl
import subprocess


@dataclasses.dataclass(frozen=True)
class KeyPair:
    """Paths of a certificate and its key, PEM."""

    cert: pathlib.Path
    key: pathlib.Path

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.cert.read_text(encoding="ascii"))


def make(directory: pathlib.Path, name: str) -> KeyPair:
    """A self-signed pair ``name.crt`` and ``name.key``, good for 127.0.0.1 and localhost."""
    pair = KeyPair(directory / f"{name}.crt", directory / f"{name}.key")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"]
    command += ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    command += ["-out", str(pair.cert), "-keyout", str(pair.key)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return pair
