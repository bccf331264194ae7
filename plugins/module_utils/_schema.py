# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether maps of keys are what a server knows: all faults at once, each with its path. The only import of jsonschema."""

from __future__ import annotations

import difflib
import functools
import re
import typing as t

from ._errors import MissingLibrary

# Only these types are checked: what servers document as text may still be a size, a list, or a file.
_VALUES: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "bool": {"enum": ["true", "false", "yes", "no", "on", "off", "1", "0", "", None]},
    "integer": {"pattern": r"^(-?[0-9]*|none)$"},
}
_EXPECTED = {"enum": "expected true or false", "pattern": "expected a whole number"}


def faults(option: str, given: t.Mapping[str, t.Any], known: t.Mapping[str, str]) -> list[str]:
    """A sentence for each key of ``given`` that is unknown or has a value that cannot be.

    :param known: ``{key: type}``; in a key, ``*`` is any rest, and a word in capitals or angle brackets any name.
    """
    return [text for error in errors(schema(known), dict(given)) for text in _sentences(option, error, known)]


def errors(wanted: t.Mapping[str, t.Any], given: t.Any) -> list[t.Any]:
    """What jsonschema finds wrong in ``given`` by the JSON Schema ``wanted``, in the order of its paths.

    :raises MissingLibrary: without jsonschema.
    """
    try:
        from jsonschema import Draft202012Validator
    except ImportError as error:
        raise MissingLibrary("jsonschema", str(error)) from error
    return sorted(Draft202012Validator(wanted).iter_errors(given), key=_place)


def _place(error: t.Any) -> list[str]:
    return [f"{part:09}" if isinstance(part, int) else str(part) for part in error.absolute_path]


def schema(known: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The JSON Schema of a map with these keys. Text and null, which unsets a key, go everywhere."""
    return _schema(tuple(known.items()))


@functools.lru_cache(maxsize=64)
def _schema(items: tuple[tuple[str, str], ...]) -> dict[str, t.Any]:
    """Made once for all the instances of a fleet."""
    known = dict(items)
    plain = {key: _value(kind) for key, kind in known.items() if not _is_pattern(key)}
    patterns = {_pattern(key): _value(kind) for key, kind in known.items() if _is_pattern(key)}
    return {"type": "object", "properties": plain, "patternProperties": patterns, "additionalProperties": False}


def _value(kind: str) -> dict[str, t.Any]:
    return {"type": ["string", "null"], **_VALUES.get("integer" if kind.startswith("int") else kind, {})}


def _is_pattern(key: str) -> bool:
    return bool(re.search(r"[*<A-Z]", key))


def _pattern(key: str) -> str:
    words = re.sub(r"<[^>]+>|\b[A-Z][A-Z_]+\b", "\0", key)
    return "^" + re.escape(words).replace("\0", "[^.]+").replace(r"\*", ".+") + "$"


def _sentences(option: str, error: t.Any, known: t.Mapping[str, str]) -> t.Iterator[str]:
    if error.validator != "additionalProperties":
        key = error.absolute_path[0]
        yield f"{option}.{key}: {error.instance!r} is not valid: {_EXPECTED.get(error.validator, error.message)}"
        return
    patterns = [re.compile(pattern) for pattern in error.schema["patternProperties"]]
    for key in error.instance:
        if key not in error.schema["properties"] and not any(pattern.search(key) for pattern in patterns):
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.7)
            yield f"{option}.{key}: the server does not know this key" + (f", did you mean {close[0]}?" if close else "")
