# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation is YAML, and uses what exists: modules, their options and choices, roles."""

from __future__ import annotations

import functools
import json
import pathlib
import re
import subprocess
import textwrap
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "fleet.lxd."
KINDS = ("module", "inventory", "connection", "filter", "callback", "lookup")
_DIRECTORIES = {"module": "modules"}
_ROLE_ACTIONS = ("ansible.builtin.include_role", "ansible.builtin.import_role")


class _Loader(yaml.SafeLoader):
    """Knows the tags of Ansible."""


for _tag in ("!vault", "!unsafe"):
    _Loader.add_constructor(_tag, lambda loader, node: loader.construct_scalar(node))


def plugins(kind: str) -> list[str]:
    directory = ROOT / "plugins" / _DIRECTORIES.get(kind, kind)
    return sorted(path.stem for path in directory.glob("[a-z]*.py"))


@functools.cache
def documentation(kind: str) -> dict[str, t.Any]:
    """``{short name: {"doc": ..., "examples": text, ...}}`` as ansible-doc sees it, fragments merged in."""
    names = [PREFIX + name for name in plugins(kind)]
    command = ["ansible-doc", "--type", kind, "--json", *names]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert told.returncode == 0, told.stderr
    return {name.removeprefix(PREFIX): found for name, found in json.loads(told.stdout).items()}


def pages() -> t.Iterator[tuple[str, str]]:
    """Blocks of YAML in Markdown and reStructuredText: where, and text."""
    for path in [*ROOT.glob("*.md"), *ROOT.glob("roles/*/README.md"), *ROOT.glob("docs/docsite/rst/*.rst")]:
        text = path.read_text(encoding="utf-8")
        fence = r"(?ms)^```ya?ml\n(.*?)^```" if path.suffix == ".md" else r"(?m)^\.\. code-block:: yaml(?:\+jinja)?\n\n((?:(?:    .*)?\n)+)"
        for number, match in enumerate(re.finditer(fence, text), 1):
            yield f"{path.relative_to(ROOT)}, block {number}", textwrap.dedent(match[1])


def mistakes(node: t.Any) -> t.Iterator[str]:
    """Of all tasks anywhere below."""
    if isinstance(node, list):
        for item in node:
            yield from mistakes(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if isinstance(key, str) and key.startswith(PREFIX):
            yield from task_mistakes(key.removeprefix(PREFIX), value)
        elif key in _ROLE_ACTIONS and isinstance(value, dict):
            yield from role_mistakes(value.get("name"))
        elif key == "role":
            yield from role_mistakes(value)
        yield from mistakes(value)


def role_mistakes(name: t.Any) -> t.Iterator[str]:
    if isinstance(name, str) and name.startswith(PREFIX) and not (ROOT / "roles" / name.removeprefix(PREFIX)).is_dir():
        yield f"there is no role {name}"


def task_mistakes(module: str, arguments: t.Any) -> t.Iterator[str]:
    found = documentation("module").get(module)
    if found is None:
        yield f"there is no module {PREFIX}{module}"
        return
    yield from option_mistakes(module, found["doc"].get("options", {}), arguments or {})
    if module == "lxd_fleet" and isinstance(arguments["document"], dict):
        yield from document_mistakes(arguments["document"])


def document_mistakes(document: dict[str, t.Any]) -> t.Iterator[str]:
    """Of a fleet, by the schema of its module."""
    from ansible_collections.fleet.lxd.plugins.module_utils import _fleet_document
    from ansible_collections.fleet.lxd.plugins.module_utils._errors import LxdError

    try:
        _fleet_document.read(document)
    except LxdError as error:
        yield str(error)


def option_mistakes(where: str, options: t.Mapping[str, t.Any], given: t.Any) -> t.Iterator[str]:
    if not isinstance(given, dict):
        return
    names = {alias: name for name, option in options.items() for alias in (name, *option.get("aliases", ()))}
    for required in (name for name, option in options.items() if option.get("required")):
        if required not in {names.get(key) for key in given}:
            yield f"{where} lacks {required}"
    for key, value in given.items():
        if key not in names:
            yield f"{where} has no option {key}"
            continue
        option = options[names[key]]
        fixed = isinstance(value, (str, bool, int)) and "{{" not in str(value)
        if fixed and option.get("choices") and value not in option["choices"]:
            yield f"{where}.{key}: {value!r} is none of {option['choices']}"
        for each in value if isinstance(value, list) else [value]:
            yield from option_mistakes(f"{where}.{key}", option.get("suboptions") or {}, each if option.get("suboptions") else None)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in plugins(kind)])
def test_examples_of_a_plugin(kind: str, name: str) -> None:
    found = documentation(kind)[name]
    text = found.get("examples") or ""
    assert text.strip(), "no example at all"
    documents = list(yaml.load_all(text, _Loader))
    wrong = [mistake for document in documents for mistake in mistakes(document)]
    assert not wrong, "; ".join(wrong)
    if kind == "module":
        assert PREFIX + name in text, "its examples do not use it"
        assert found.get("return") is not None, "no RETURN"


PAGES = dict(pages())


@pytest.mark.parametrize("where", PAGES)
def test_examples_of_a_page(where: str) -> None:
    wrong = [mistake for document in yaml.load_all(PAGES[where], _Loader) for mistake in mistakes(document)]
    assert not wrong, "; ".join(wrong)
