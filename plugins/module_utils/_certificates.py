# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates as the servers know them: by the sha256 of their DER."""

from __future__ import annotations

import base64
import hashlib
import re
import ssl

from ._errors import InvalidOption, LxdError


def fingerprint_of(pem: str) -> str:
    """sha256 of the first certificate in a PEM text, 64 lower case hex digits.

    :raises ValueError: when there is none.
    """
    return hashlib.sha256(_der_of(pem)).hexdigest()


def fingerprint_of_file(path: str) -> str:
    """:raises LxdError: naming the file, when it cannot be read or holds no certificate."""
    try:
        with open(path, encoding="ascii") as file:
            return fingerprint_of(file.read())
    except (OSError, ValueError) as error:
        raise LxdError(f"Cannot read the certificate {path}: {error}") from error


def fingerprint(option: str, value: str | None) -> str | None:
    """A sha256 fingerprint as 64 lower case hex digits, from any usual spelling (colons, spaces, upper case)."""
    if not value:
        return None
    digits = re.sub(r"[:\s]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise InvalidOption(option, value, "expected the sha256 fingerprint of the certificate, 64 hexadecimal digits")
    return digits


def identified(given: str | None, pem: str | None) -> str | None:
    """The fingerprint of the certificate that a task means by the options ``fingerprint`` and ``certificate``, which agree.

    :raises InvalidOption: for what is neither.
    """
    wanted = fingerprint("fingerprint", given)
    if not pem:
        return wanted
    try:
        found = fingerprint_of(pem)
    except ValueError as error:
        raise InvalidOption("certificate", pem[:40], f"expected a certificate as PEM text ({error})") from error
    if wanted not in (None, found):
        raise InvalidOption("fingerprint", given, f"the given certificate has {found}")
    return found


def base64_of(pem: str) -> str:
    """The first certificate in a PEM text as the API takes it: base64 of its DER, without the lines around it.

    :raises ValueError: when there is none.
    """
    return base64.b64encode(_der_of(pem)).decode("ascii")


def _der_of(pem: str) -> bytes:
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = pem.find(begin), pem.find(end)
    if start < 0 or stop < start:
        raise ValueError("there is no certificate in it")
    return ssl.PEM_cert_to_DER_cert(pem[start:stop + len(end)] + "\n")
