# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import pathlib
import ssl

import pytest

from ansible_collections.fleet.lxd.plugins.module_utils import _certificates
from ansible_collections.fleet.lxd.plugins.module_utils._errors import InvalidOption, LxdError

# What is inside of a certificate is none of this file's business: any bytes do.
DER = b"the first certificate"
PEM = ssl.DER_cert_to_PEM_cert(DER)
DIGITS = hashlib.sha256(DER).hexdigest()


def test_the_fingerprint_is_that_of_the_first_certificate_whatever_stands_around_it() -> None:
    text = f"subject=CN = a\n{PEM}{ssl.DER_cert_to_PEM_cert(b'another')}"
    assert _certificates.fingerprint_of(text) == DIGITS


def test_base64_is_one_line_without_frame() -> None:
    assert base64.b64decode(_certificates.base64_of(PEM)) == DER


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE----- -----BEGIN CERTIFICATE-----"])
def test_no_certificate(text: str) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        _certificates.fingerprint_of(text)


@pytest.mark.parametrize("content", [b"nothing", b"\xff\xfe"])
def test_a_file_without_a_certificate_is_named(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "server.crt"
    path.write_bytes(content)
    with pytest.raises(LxdError, match=str(path)):
        _certificates.fingerprint_of_file(str(path))


def test_a_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(LxdError, match="gone.crt"):
        _certificates.fingerprint_of_file(str(tmp_path / "gone.crt"))


@pytest.mark.parametrize("spelling", [DIGITS, DIGITS.upper(), ":".join(DIGITS[at:at + 2] for at in range(0, 64, 2)), f" {DIGITS}\n"])
def test_usual_spellings_of_a_fingerprint(spelling: str) -> None:
    assert _certificates.fingerprint("server_fingerprint", spelling) == DIGITS


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_fingerprint(nothing: str | None) -> None:
    assert _certificates.fingerprint("server_fingerprint", nothing) is None


@pytest.mark.parametrize("wrong", [DIGITS[:-1], DIGITS + "0", "sha256:" + DIGITS, "g" * 64])
def test_what_is_no_fingerprint_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(InvalidOption, match="server_fingerprint: .*64 hexadecimal digits"):
        _certificates.fingerprint("server_fingerprint", wrong)
