# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of a fleet: whether it can be one, all faults at once, and the entries that it stands for. Pure."""

from __future__ import annotations

import dataclasses
import difflib
import re
import typing as t

from . import _schema, _wait
from ._errors import InvalidOption, LxdError
from ._fleet_kinds import BY_KEY, KINDS, Kind, Params, states

# What every entry may have beside the options of its module: where it is.
_PLACE: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "remote": {"type": "str"},
    "remotes": {"type": "list", "elements": "str"},
    "project": {"type": "str"},
}

ROLLING: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "batch": {"type": "int", "minimum": 1},
    "max_unavailable": {"type": "int", "default": 1, "minimum": 1},
    "health": {"type": "list", "elements": "raw"},
    "timeout": {"type": "int", "default": 120, "minimum": 1},
}

# What only instances have: how many, where, and how they are changed.
_INSTANCES: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "count": {"type": "int", "minimum": 0},
    "first": {"type": "int", "default": 1, "minimum": 0},
    "targets": {"type": "list", "elements": "str"},
    "placement": {"type": "str", "choices": ["spread", "pack", "pinned"], "default": "spread"},
    "max_per_place": {"type": "int", "minimum": 1},
    "recreate_on_new_image": {"type": "bool", "default": False},
    "rolling": {"type": "dict", "options": ROLLING},
}

_NUMBER = re.compile(r"\{n(?::(0[1-9][0-9]?))?\}")
# More instances of one entry than any server has.
_MOST = 1_000_000

_TRUE = ("yes", "on", "true", "1")
_FALSE = ("no", "off", "false", "0")
_SCHEMAS: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "str": {"type": ["string", "number", "null"]},
    "int": {"type": ["integer", "string", "null"], "pattern": r"^-?[0-9]+$"},
    "float": {"type": ["number", "string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "bool": {"enum": [True, False, None, *_TRUE, *_FALSE]},
    "raw": {},
}
_EXPECTED = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


@dataclasses.dataclass(frozen=True)
class Entry:
    """One thing that the document wants. ``params`` are the options of its job, complete; ``extra`` what only a fleet has.

    ``path`` is where the document says so; the instances of one ``count`` share it. ``remote`` is None for the task's own server;
    ``remotes`` are those over which its instances are placed, if there are any.
    """

    kind: Kind
    path: str
    params: Params
    extra: Params
    remote: str | None
    project: str | None
    remotes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.kind.name(self.params)

    @property
    def names(self) -> t.Collection[str]:
        """All by which others may refer to it."""
        aliases = self.params.get("aliases") if self.kind.identity == "aliases" else None
        return {self.name, *(aliases or ())}


def read(document: t.Mapping[str, t.Any], project: str | None = None) -> list[Entry]:
    """The entries of a document, in its order.

    :param project: of those that name none.
    :raises LxdError: naming every fault of the document, each with its path (``facts["faults"]``, a list of sentences).
    """
    faults = [_sentence(error) for error in _schema.errors(schema(), document)]
    if not faults:
        faults = [fault for kind, path, given in _given(document) for fault in _contradictions(kind, path, given)]
    if faults:
        raise _faulty(faults)
    whole = tuple(dict.fromkeys(document.get("remotes") or ()))
    entries = [entry for kind, path, given in _given(document) for entry in _entries(kind, path, given, whole, project)]
    if twice := _twice(entries):
        raise _faulty(twice)
    return entries


def remotes(document: t.Mapping[str, t.Any], entries: t.Iterable[Entry]) -> list[str | None]:
    """The servers of a document, by their remotes; the task's own (None) if it names none at all."""
    named = [*(document.get("remotes") or ()), *(remote for entry in entries for remote in (entry.remotes or (entry.remote,)))]
    return list(dict.fromkeys(named)) or [None]


def _faulty(faults: list[str]) -> LxdError:
    head = f"{len(faults)} faults in the document; nothing was touched: " if len(faults) > 1 else "document: "
    return LxdError(head + "; ".join(faults), faults=faults)


def schema() -> dict[str, t.Any]:
    """The JSON Schema of a document, out of the options of the modules."""
    kinds = {kind.key: {"type": ["array", "null"], "items": _mapping(_options(kind), ["object"])} for kind in KINDS}
    remotes = {"type": ["array", "null"], "items": {"type": "string"}}
    return {"type": "object", "properties": {"remotes": remotes, **kinds}, "additionalProperties": False}


def _options(kind: Kind) -> dict[str, t.Mapping[str, t.Any]]:
    state = {**kind.options["state"], "choices": states(kind)}
    more = _INSTANCES if kind.key == "instances" else {}
    return {**kind.options, "state": state, **_PLACE, **more}


def _mapping(specs: t.Mapping[str, t.Mapping[str, t.Any]], types: t.Sequence[str]) -> dict[str, t.Any]:
    named = {name: spec for option, spec in specs.items() for name in (option, *spec.get("aliases", ()))}
    return {
        "type": list(types),
        "properties": {name: _value(spec) for name, spec in named.items()},
        "required": [name for name, spec in specs.items() if spec.get("required")],
        "additionalProperties": False,
    }


def _value(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    kind = spec.get("type", "str")
    if "choices" in spec:
        return {"enum": [*spec["choices"], None]}
    if kind == "dict":
        return _mapping(spec["options"], ["object", "null"]) if spec.get("options") else {"type": ["object", "null"]}
    if kind == "list":
        element = {"type": spec.get("elements", "raw"), **({"options": spec["options"]} if spec.get("options") else {})}
        return {"type": ["array", "null"], "items": _value(element)}
    bound = {"minimum": spec["minimum"], "pattern": "^0*[1-9][0-9]*$" if spec["minimum"] else "^[0-9]+$"} if "minimum" in spec else {}
    return {**_SCHEMAS["str" if kind == "path" else kind], **bound}


def _sentence(error: t.Any) -> str:
    path = _path(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = [key for key in error.instance if key not in known]
        return "; ".join(f"{path}.{key}: not known here" + _close(key, known) for key in unknown)
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{path}: {', '.join(missing)} is missing"
    if error.validator == "enum":
        choices = [choice for choice in error.validator_value if choice is not None]
        expected = "true or false" if True in choices else f"one of {', '.join(choices)}"
    elif error.validator == "minimum":
        expected = f"{error.validator_value} or more"
    elif error.validator == "pattern":
        expected = "a number"
    else:
        types = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        expected = " or ".join(_EXPECTED[one] for one in types if one != "null")
    return f"{path}: {error.instance!r} is not valid: expected {expected}"


def _close(key: t.Any, known: t.Iterable[str]) -> str:
    close = difflib.get_close_matches(str(key), known, n=1, cutoff=0.7)
    return f", did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"


def _path(parts: t.Iterable[str | int]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _given(document: t.Mapping[str, t.Any]) -> t.Iterator[tuple[Kind, str, Params]]:
    for key, kind in BY_KEY.items():
        for index, entry in enumerate(document.get(key) or ()):
            yield kind, f"$.{key}[{index}]", _coerced(_options(kind), entry)


def _coerced(specs: t.Mapping[str, t.Mapping[str, t.Any]], given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """As Ansible would hand it to the module: every option there, of its type, with its default, under its own name."""
    found = {}
    for option, spec in specs.items():
        values = (given[name] for name in (option, *spec.get("aliases", ())) if given.get(name) is not None)
        found[option] = _typed(spec, next(values, spec.get("default")))
    return found


def _typed(spec: t.Mapping[str, t.Any], value: t.Any) -> t.Any:
    if value is None:
        return None
    kind = spec.get("type", "str")
    if kind == "dict" and spec.get("options"):
        return _coerced(spec["options"], value)
    if isinstance(value, dict):
        return {str(key): _typed({"type": "raw"}, one) for key, one in value.items()}
    if kind == "list":
        return [_typed({**spec, "type": spec.get("elements", "raw")}, one) for one in value]
    if kind == "bool":
        return value if isinstance(value, bool) else str(value) in _TRUE
    converts: dict[str, t.Callable[[t.Any], t.Any]] = {"str": str, "path": str, "int": int, "float": float}
    return converts[kind](value) if kind in converts else value


def _contradictions(kind: Kind, path: str, given: Params) -> t.Iterator[str]:
    """What options say of each other, in the rules of the module and in ours."""
    there = {option for option, value in given.items() if value is not None}
    rules = kind.job.rules
    for group in (*rules.get("mutually_exclusive", ()), ("remote", "remotes"), ("target", "targets")):
        if len(both := sorted(there.intersection(group))) > 1:
            yield f"{path}: {' and '.join(both)} exclude each other"
    for option, value, needed in rules.get("required_if", ()):
        if given.get(option) == value and (missing := sorted(set(needed) - there)):
            yield f"{path}: {option}={value} needs {', '.join(missing)}"
    for group in rules.get("required_one_of", ()):
        if not there.intersection(group):
            yield f"{path}: one of {', '.join(group)} is missing"
    if kind.identity == "aliases" and not there.intersection(("aliases", "fingerprint")):
        yield f"{path}: one of aliases, fingerprint is missing"
    for name, device in (given.get("devices") or {}).items():
        if not isinstance(device, (dict, type(None))):
            yield f"{path}.devices.{name}: {device!r} is not valid: expected a mapping"
    if kind.key == "instances":
        yield from _miscounted(path, given)


def _miscounted(path: str, given: Params) -> t.Iterator[str]:
    name = str(given["name"])
    if given["count"] is not None and not _NUMBER.search(name):
        yield f"{path}.name: {name!r} is not valid: with count the names need a number in them, such as {name}-{{n}} or {name}-{{n:02}}"
    if given["count"] is None and "{" in name:
        yield f"{path}.name: {name!r} is not valid: {{n}} needs count, how many there shall be"
    if (given["count"] or 0) > _MOST:
        yield f"{path}.count: {given['count']} is not valid: expected {_MOST} or less"
    try:
        _wait.conditions("health", (given["rolling"] or {}).get("health") or [])
    except InvalidOption as error:
        yield f"{path}.rolling.{error}"
    if given["placement"] == "pack" and given["max_per_place"] is None:
        yield f"{path}.placement: 'pack' is not valid: it needs max_per_place, how many of these fit in one place"


def _entries(kind: Kind, path: str, given: Params, whole: tuple[str, ...], project: str | None) -> t.Iterator[Entry]:
    options = kind.job.options
    extra = {option: value for option, value in given.items() if option not in options}
    params = {**{option: None for option in options}, **{key: value for key, value in given.items() if key in options}, **kind.fixed}
    remotes = (given["remote"],) if given["remote"] else tuple(dict.fromkeys(given["remotes"] or whole))
    place = given["project"] or project
    if kind.key != "instances":
        for remote in remotes or (None,):
            yield Entry(kind, path, params, extra, remote, place)
        return
    one = Entry(kind, path, params, extra, remotes[0] if len(remotes) == 1 else None, place, remotes if len(remotes) > 1 else ())
    yield from _numbered(one)


def _numbered(entry: Entry) -> t.Iterator[Entry]:
    """Where the instances are placed is one for all of them."""
    if entry.extra["count"] is None:
        yield entry
        return
    for number in range(entry.extra["first"], entry.extra["first"] + entry.extra["count"]):
        params, project, rolling = (_with_number(each, number) for each in (entry.params, entry.project, entry.extra["rolling"]))
        extra = {**entry.extra, "rolling": rolling} if rolling else entry.extra
        yield dataclasses.replace(entry, params=params, project=project, extra=extra)


def _with_number(value: t.Any, number: int) -> t.Any:
    """``value`` with the number for each ``{n}`` in its texts; ``{n:03}`` makes it three digits."""
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: format(number, f"{found[1] or ''}d"), value) if "{n" in value else value
    if isinstance(value, dict):
        return {_with_number(key, number): _with_number(one, number) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_number(one, number) for one in value]
    return value


def _twice(entries: t.Iterable[Entry]) -> list[str]:
    """An instance is one of its name wherever it is placed; any other thing is one of its name on its server."""
    seen: dict[tuple[t.Any, ...], str] = {}
    faults = []
    for entry in entries:
        where = entry.params.get("target") if entry.kind.key != "instances" else None
        key = (entry.remote, entry.project, entry.kind.place(entry.params), entry.name, where)
        if key in seen:
            faults.append(f"{entry.path}: the {entry.kind.word} {entry.name} is in {seen[key]} too")
        seen[key] = entry.path
    return faults
