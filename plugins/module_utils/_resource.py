# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a resource of the API is, as data: its place, its fields, and how wishes are laid over what is there."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ._errors import InvalidOption

Value = t.Any
# What stands for a secret in a diff and a result, in Ansible's own words.
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Keys of a config whose values are secrets, by the names that the servers give them; what users name is left to users.
_SECRET_KEY = re.compile(
    r"(?!user\.|environment\.)(.+[._](password|secret|token|api[._]key|client_key|private_key)|peers\..+\.key|acme\.provider\.environment)"
)


def secrets(options: t.Any) -> set[str]:
    """The values of all secret keys of config maps, wherever they are in the options of a task."""
    if isinstance(options, (list, tuple)):
        return {found for item in options for found in secrets(item)}
    if not isinstance(options, dict):
        return set()
    own = {item for key, item in options.items() if isinstance(item, str) and item and _SECRET_KEY.fullmatch(str(key))}
    return own | secrets(list(options.values()))


def concealed(config: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A config map for people to see; some servers themselves tell only ``true`` of a secret that is set."""
    return {key: HIDDEN if isinstance(item, str) and item and _SECRET_KEY.fullmatch(key) else item for key, item in config.items()}


def without_secrets(entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """An entity, with what its config may show."""
    config = entity.get("config")
    return {**entity, "config": concealed(config)} if isinstance(config, dict) else dict(entity)


def text(option: str, value: t.Any) -> str | None:
    """A value of a config or device map as the servers store it, all text; None, which unsets, stays None.

    :raises InvalidOption: for a list or a mapping, which no key takes.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        raise InvalidOption(option, value, "expected text, a number, a boolean, or null to unset it")
    return str(value)


def as_given(_option: str, value: Value) -> Value:
    return value


def text_map(option: str, value: t.Mapping[str, t.Any]) -> dict[str, str | None]:
    """``{key: value}`` with every value as text."""
    return {str(key): text(f"{option}.{key}", item) for key, item in value.items()}


def device_map(option: str, value: t.Mapping[str, t.Any]) -> dict[str, dict[str, str | None] | None]:
    """``{device: {key: value}}`` with every value as text; a device of None is to be removed."""
    devices: dict[str, dict[str, str | None] | None] = {}
    for name, device in value.items():
        if device is not None and not isinstance(device, dict):
            raise InvalidOption(f"{option}.{name}", device, "expected a mapping of the device's keys, or null to remove it")
        devices[str(name)] = None if device is None else text_map(f"{option}.{name}", device)
    return devices


def replace(_current: Value, wanted: Value) -> Value:
    return wanted


def merge(current: t.Mapping[str, t.Any] | None, wanted: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """``current`` with the keys of ``wanted``, without those of None or empty text, which the servers keep for no key."""
    merged = {**(current or {}), **wanted}
    return {key: value for key, value in merged.items() if key not in wanted or value not in (None, "")}


def refuse_name(option: str, name: t.Any) -> None:
    """:raises InvalidOption: for a name that is none: in a path it would be another place."""
    if name is not None and str(name).strip() in ("", ".", ".."):
        raise InvalidOption(option, name, "expected a name")


def merge_devices(current: t.Mapping[str, t.Any] | None, wanted: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Device by device like :func:`merge`; a device that becomes another type keeps none of its keys."""
    merged = dict(current or {})
    for name, device in wanted.items():
        known = merged.pop(name, None) or {}
        if device is not None:
            same_type = device.get("type", known.get("type")) == known.get("type")
            merged[name] = merge(known if same_type else None, device)
    return merged


def entries(
    tidy: t.Mapping[str, t.Callable[[str, t.Any], t.Any]] | None = None, **defaults: t.Any
) -> t.Callable[[str, t.Any], list[dict[str, t.Any]]]:
    """What normalizes a list of mappings, such as the rules of an ACL, to what the servers store.

    They leave out empty text, 0 and false; ``tidy`` has what ``(option, value)`` of a key is to them.
    """

    def normalize(option: str, value: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
        filled = ((f"{option}[{number}]", _filled(entry)) for number, entry in enumerate(value))
        return [_filled({**defaults, **_tidied(place, entry, tidy or {})}) for place, entry in filled]

    return normalize


def _filled(entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {key: value for key, value in entry.items() if value}


def _tidied(
    option: str, entry: t.Mapping[str, t.Any], tidy: t.Mapping[str, t.Callable[[str, t.Any], t.Any]]
) -> dict[str, t.Any]:
    return {key: tidy[key](f"{option}.{key}", value) if key in tidy else value for key, value in entry.items()}


def spaceless(_option: str, value: str) -> str:
    """A comma list as the servers store it."""
    return value.replace(" ", "")


def stripped(_option: str, value: str) -> str:
    return value.strip()


def unordered(current: t.Sequence[t.Any] | None, wanted: t.Sequence[t.Any]) -> t.Sequence[t.Any]:
    """``current`` if it holds the same as ``wanted``, in whatever order, else ``wanted``."""
    known = [_filled(entry) if isinstance(entry, dict) else entry for entry in current or ()]
    same = sorted(map(_sort_key, known)) == sorted(map(_sort_key, wanted))
    return current if same and current is not None else wanted


def _sort_key(entry: t.Any) -> str:
    return repr(sorted(entry.items()) if isinstance(entry, dict) else entry)


@dataclasses.dataclass(frozen=True)
class Field:
    """One option that is a field of the API.

    ``normalize(option, value)`` gives what the server would store; ``merge(current, wanted)`` what the field is then.
    ``create_only`` fields can't be changed later; ``secret`` ones are never shown in a diff or a result.
    """

    name: str
    spec: t.Mapping[str, t.Any]
    normalize: t.Callable[[str, t.Any], Value] = as_given
    merge: t.Callable[[Value, Value], Value] = replace
    create_only: bool = False
    secret: bool = False

    @property
    def option(self) -> str:
        """What it is called as an option, whose name has no hyphens."""
        return self.name.replace("-", "_")


CONFIG = Field("config", {"type": "dict"}, text_map, merge)
DEVICES = Field("devices", {"type": "dict"}, device_map, merge_devices)
DESCRIPTION = Field("description", {"type": "str"})


@dataclasses.dataclass(frozen=True)
class Resource:
    """A kind of thing below ``/1.0``.

    ``collection`` is the path of its list, whose ``{parents}`` are options: ``networks/{network}/forwards``. An empty one
    is the server itself, which is neither created nor removed. ``renames`` adds ``new_name``, ``moves`` such an option for each
    part of its place that it can leave (``project`` counts as one). ``targeted`` ones belong to a member of a cluster: ``target``.
    ``canonical(option, value)`` gives its name as the servers write it.
    ``extension`` is what a server must have for it. ``schema`` says as what the server documents the keys of its config,
    ``{options}`` put in, or is called with the client and them.
    ``reveals`` is under which name the answer to its creation is returned, where it tells a secret once.
    ``details`` are paths below each, which ``lxd_x_info`` can include.
    ``options`` are accepted beside the fields; ``prepare(params)`` completes what the user gave;
    ``look(client, params, current, renamed)`` gives further params: what the plan has to know beside the resource;
    ``plan`` replaces :func:`_plan.plan`; ``send(context, request)`` the client's own, where a request is not all there is to do.
    """

    kind: str
    collection: str
    fields: tuple[Field, ...]
    identity: str = "name"
    canonical: t.Callable[[str, t.Any], str] | None = None
    renames: bool = False
    moves: tuple[str, ...] = ()
    targeted: bool = False
    extension: str | None = None
    schema: str | t.Callable[[t.Any, t.Mapping[str, t.Any]], str] | None = None
    details: tuple[str, ...] = ()
    reveals: str | None = None
    options: t.Mapping[str, t.Mapping[str, t.Any]] = dataclasses.field(default_factory=dict)
    rules: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    prepare: t.Callable[[t.Mapping[str, t.Any]], t.Mapping[str, t.Any]] | None = None
    look: t.Callable[..., t.Mapping[str, t.Any]] | None = None
    plan: t.Callable[..., t.Any] | None = None
    send: t.Callable[[t.Any, t.Any], t.Any] | None = None

    @property
    def singleton(self) -> bool:
        return not self.collection

    @property
    def plural(self) -> str:
        """Under which name a list of them is returned."""
        return self.kind[:-1] + "ies" if self.kind.endswith("y") else self.kind + ("es" if self.kind.endswith("s") else "s")

    @property
    def parents(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.collection.split("/") if part.startswith("{"))

    @property
    def leaves(self) -> tuple[str, ...]:
        """The options of its place that a task can change by ``new_{option}``."""
        return (("name",) if self.renames else ()) + self.moves

    @property
    def parents_spec(self) -> dict[str, t.Any]:
        return {parent: {"type": "str", "required": True} for parent in self.parents}

    @property
    def argument_spec(self) -> dict[str, t.Any]:
        spec: dict[str, t.Any] = self.parents_spec
        if not self.singleton:
            spec[self.identity] = {"type": "str", "required": self.prepare is None}
            spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
        spec.update({f"new_{part}": {"type": "str"} for part in self.leaves})
        if self.targeted:
            spec["target"] = {"type": "str"}
        for field in self.fields:
            spec[field.option] = {**field.spec, **({"no_log": True} if field.secret else {})}
        return {**spec, **self.options}

    def hide(self, entity: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The entity for a result: without the values of its secret fields, and of secret keys of its config."""
        secret = {field.name for field in self.fields if field.secret}
        return without_secrets({key: HIDDEN if key in secret and value else value for key, value in entity.items()})

    def named(self, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
        """The options, with the name as the servers write it."""
        if self.canonical is None or params.get(self.identity) is None:
            return params
        return {**params, self.identity: self.canonical(self.identity, params[self.identity])}

    def path(self, params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
        """The segments of the collection for these options.

        :raises InvalidOption: for names that would lead elsewhere.
        """
        if self.singleton:
            return ()
        for option in ("new_name", *(f"new_{part}" for part in self.moves), *self.parents, self.identity):
            refuse_name(option, params.get(option))
        return tuple(str(params[part[1:-1]]) if part.startswith("{") else part for part in self.collection.split("/"))

    def query(self, params: t.Mapping[str, t.Any]) -> dict[str, str]:
        """What says, beside the path, where it is: the member, and the project if that is not the task's own."""
        given = (("target",) if self.targeted else ()) + (("project",) if "project" in self.moves else ())
        return {option: params[option] for option in given if params.get(option)}

    def destination(self, params: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
        """The options, with those of the place where it shall go; the same ones if it shall stay."""
        return {**params, **{part: params[f"new_{part}"] for part in self.leaves if params.get(f"new_{part}")}}
