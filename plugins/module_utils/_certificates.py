# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates as the servers know them: by the sha256 of their DER."""

from __future__ import annotations

import hashlib
import ssl

from ._errors import LxdError


def fingerprint_of(pem: str) -> str:
    """sha256 of the first certificate in a PEM text, 64 lower case hex digits."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = pem.find(begin), pem.find(end)
    if start < 0 or stop < 0:
        raise ValueError("no PEM certificate in it")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[start:stop + len(end)] + "\n")).hexdigest()


def fingerprint_of_file(path: str) -> str:
    """:raises LxdError: naming the file, when it cannot be read or holds no certificate."""
    try:
        with open(path, encoding="ascii") as file:
            return fingerprint_of(file.read())
    except (OSError, ValueError) as error:
        raise LxdError(f"Cannot read the certificate {path}: {error}") from error
