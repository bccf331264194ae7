# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may import whom: ARCHITECTURE.md's table, enforced. A private file that is not in it fails the test."""

from __future__ import annotations

import ast
import dataclasses
import pathlib
import sys
import typing as t

import pytest

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"


@dataclasses.dataclass(frozen=True)
class Layer:
    """``ours``: modules below ``plugins``, ``*`` at the end for all below; ``foreign``: packages that are not Python's own.

    ``lazy`` ones may be missing where the code runs: they are imported inside of functions only.
    """

    ours: t.Sequence[str] = ()
    foreign: t.Sequence[str] = ()
    lazy: t.Sequence[str] = ()


def utils(*names: str) -> tuple[str, ...]:
    return tuple(f"module_utils.{name}" for name in names)


def declaration(*names: str) -> Layer:
    """A file of ``_resources``: it may use what every kind is made of, and what is named here because it is that kind's own."""
    return Layer(utils("_errors", "_messages", "_client", "_resource", "_plan", "_job", "_converge", *names))


# The first pattern that fits a file is its layer.
TABLE: t.Mapping[str, Layer] = {
    "module_utils._errors": Layer(),
    "module_utils._messages": Layer(),
    "module_utils._addresses": Layer(),
    "module_utils._certificates": Layer(utils("_errors")),
    "module_utils._remotes": Layer(utils("_errors"), lazy=("yaml",)),
    "module_utils._options": Layer(utils("_errors", "_certificates", "_remotes")),
    "module_utils._bulk": Layer(
        utils("_errors", "_messages", "_options", "_dialer_tls", "_http"), lazy=("pylxd", "requests", "urllib3")
    ),
    "module_utils._client": Layer(utils("_errors", "_messages", "_options", "_http", "_bulk")),
    "module_utils._trust": Layer(
        utils("_errors", "_messages", "_options", "_certificates", "_client"), lazy=("cryptography",)
    ),
    "module_utils._remote*": Layer(utils("_errors", "_options", "_certificates", "_remotes", "_client", "_trust", "_job", "_remote_*")),
    "module_utils._dialer": Layer(utils("_errors", "_options")),
    "module_utils._dialer_tls": Layer(utils("_errors", "_options", "_certificates", "_dialer")),
    "module_utils._http": Layer(utils("_errors", "_messages", "_options", "_dialer", "_dialer_tls")),
    "module_utils._frames": Layer(),
    "module_utils._websocket": Layer(utils("_dialer", "_frames")),
    "module_utils._command": Layer(utils("_errors", "_dialer", "_http", "_websocket")),
    "module_utils._channel": Layer(utils("_errors", "_options", "_http", "_command")),
    "module_utils._users": Layer(utils("_errors", "_channel")),
    "module_utils._exec": Layer(utils("_errors", "_options", "_job", "_channel", "_users", "_resource")),
    "module_utils._job": Layer(utils("_errors", "_options", "_client")),
    "module_utils._resource": Layer(utils("_errors")),
    "module_utils._plan": Layer(utils("_errors", "_messages", "_resource")),
    "module_utils._cluster": Layer(utils("_errors", "_messages", "_client", "_resource", "_plan")),
    "module_utils._instance": Layer(utils("_errors", "_messages", "_resource", "_plan", "_place")),
    "module_utils._schema": Layer(utils("_errors"), lazy=("jsonschema",)),
    "module_utils._schemas*": Layer(),
    "module_utils._validate": Layer(utils("_errors", "_client", "_job", "_resource", "_schema", "_schemas*")),
    "module_utils._live": Layer(utils("_errors", "_client")),
    "module_utils._wait": Layer(utils("_errors", "_addresses")),
    "module_utils._source": Layer(utils("_errors", "_messages", "_client", "_job", "_images", "_migrate")),
    "module_utils._migrate": Layer(utils("_errors", "_messages", "_options", "_client", "_job", "_relay")),
    "module_utils._migrate_volume": Layer(utils("_errors", "_messages", "_options", "_client", "_job", "_migrate")),
    "module_utils._relay": Layer(utils("_options", "_dialer", "_frames", "_http", "_websocket")),
    "module_utils._place": Layer(utils("_messages")),
    "module_utils._transfer": Layer(utils("_errors")),
    "module_utils._streams": Layer(utils("_errors")),
    "module_utils._image_files": Layer(utils("_errors")),
    "module_utils._image_options": Layer(utils("_errors", "_resource")),
    "module_utils._image*": Layer(
        utils("_errors", "_messages", "_options", "_certificates", "_remotes", "_client", "_job", "_transfer", "_streams", "_image*")
    ),
    "module_utils._snapshot": Layer(utils("_errors", "_messages", "_client", "_resource", "_plan")),
    "module_utils._upload": Layer(),
    "module_utils._volume": Layer(
        utils("_errors", "_messages", "_client", "_job", "_resource", "_plan", "_upload", "_migrate_volume")
    ),
    "module_utils._backup": Layer(utils("_errors", "_messages", "_client", "_job", "_resource", "_upload")),
    "module_utils._file*": Layer(utils("_errors", "_messages", "_client", "_bulk", "_job", "_resource", "_upload", "_file*")),
    "module_utils._converge": Layer(utils("_errors", "_messages", "_options", "_client", "_job", "_resource", "_plan", "_validate")),
    "module_utils._instance_list": Layer(utils("_errors", "_messages", "_addresses", "_client", "_job", "_instance")),
    "module_utils._instance_look": Layer(utils("_client", "_instance", "_plan")),
    "module_utils._instance_send": Layer(
        utils("_errors", "_messages", "_client", "_plan", "_place", "_instance", "_instance_look", "_source", "_job")
    ),
    "module_utils._instance_run": Layer(
        utils(
            "_errors", "_messages", "_addresses", "_channel", "_client", "_plan", "_cluster", "_instance", "_live", "_wait", "_validate",
            "_source", "_job", "_converge", "_instance_look", "_instance_send",
        )
    ),
    "module_utils._module": Layer(utils("_errors", "_job", "_resource", "_converge"), foreign=("ansible.module_utils",)),
    "module_utils._compare": Layer(utils("_messages", "_plan", "_resource")),
    "module_utils._tokens": Layer(utils("_errors", "_messages", "_client")),
    "module_utils._forwarding": Layer(utils("_errors", "_resource")),
    "module_utils._fleet_kinds": Layer(utils("_job", "_resource", "_converge", "_resources.*")),
    "module_utils._fleet_document": Layer(utils("_errors", "_schema", "_wait", "_fleet_kinds")),
    "module_utils._fleet_place": Layer(utils("_errors", "_fleet_document")),
    "module_utils._fleet_order": Layer(utils("_errors", "_fleet_kinds")),
    "module_utils._fleet_view": Layer(utils("_errors", "_messages", "_options", "_client", "_instance", "_fleet_kinds")),
    "module_utils._fleet*": Layer(utils("_errors", "_options", "_client", "_job", "_fleet*")),
    "module_utils._resources.api": declaration("_compare"),
    "module_utils._resources.backup": declaration("_backup"),
    "module_utils._resources.certificate": declaration("_certificates"),
    "module_utils._resources.container": declaration("_options", "_instance", "_instance_list", "_instance_run", "_place"),
    "module_utils._resources.device": declaration("_options", "_validate"),
    "module_utils._resources.exec": declaration("_options", "_exec"),
    "module_utils._resources.file": declaration("_file"),
    "module_utils._resources.fleet": declaration("_options", "_fleet"),
    "module_utils._resources.image": declaration("_images", "_image_*"),
    "module_utils._resources.network": declaration("_cluster"),
    "module_utils._resources.network_forward": declaration("_forwarding"),
    "module_utils._resources.network_load_balancer": declaration("_forwarding"),
    "module_utils._resources.remote": declaration("_remote", "_remotes"),
    "module_utils._resources.snapshot": declaration("_snapshot"),
    "module_utils._resources.storage_bucket": declaration("_validate"),
    "module_utils._resources.storage_pool": declaration("_cluster"),
    "module_utils._resources.storage_volume": declaration("_validate", "_volume"),
    "module_utils._resources.storage_volume_snapshot": declaration("_snapshot"),
    "module_utils._resources.token": declaration("_tokens"),
    "module_utils._resources.*": declaration(),
    "modules.*": Layer(utils("_module", "_resources.*")),
    "plugin_utils._compiled": Layer(),
    "plugin_utils._direct": Layer(
        (*utils("_errors", "_options", "_client", "_bulk", "_resource", "_job", "_converge"), "plugin_utils._compiled"),
        foreign=("ansible",),
    ),
    "plugin_utils._action": Layer(("plugin_utils._compiled", "plugin_utils._direct"), foreign=("ansible",)),
    "plugin_utils._become": Layer(foreign=("ansible",)),
    "plugin_utils._connection": Layer(
        (*utils("_errors", "_options", "_channel", "_users"), *(f"plugin_utils.{name}" for name in ("_become", "_compiled", "_helper"))),
        foreign=("ansible",),
    ),
    "plugin_utils._helper_server": Layer(("plugin_utils._helper_client",)),
    "plugin_utils._helper*": Layer(),
    "plugin_utils._groupby": Layer(utils("_errors"), foreign=("ansible",)),
    "plugin_utils._inventory": Layer(
        (*utils("_errors", "_messages", "_options", "_client", "_addresses"), "plugin_utils._groupby"), foreign=("ansible",)
    ),
    "action.*": Layer(("plugin_utils._action",), foreign=("ansible",)),
    "connection.*": Layer(("plugin_utils._compiled", "plugin_utils._connection"), foreign=("ansible",)),
    "inventory.*": Layer(("plugin_utils._compiled", "plugin_utils._inventory", "plugin_utils._groupby"), foreign=("ansible",)),
    "filter.*": Layer(foreign=("ansible",)),
    "doc_fragments.*": Layer(),
}


@dataclasses.dataclass(frozen=True)
class Import:
    """One imported name, dotted, from ``plugins`` down if ours. ``runs``: not only for type checkers."""

    name: str
    line: int
    ours: bool
    top: bool
    runs: bool


def files() -> dict[str, pathlib.Path]:
    """Dotted name below ``plugins`` -> file."""
    found = {}
    for path in sorted(PLUGINS.rglob("*.py")):
        parts = path.relative_to(PLUGINS).with_suffix("").parts
        if parts[-1] != "__init__":
            found[".".join(parts)] = path
    return found


FILES = files()


def imports(name: str) -> list[Import]:
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    return [found for node, top, runs in _statements(tree, True, True) for found in _names(name, node, top, runs)]


def _statements(node: ast.AST, top: bool, runs: bool) -> t.Iterator[tuple[ast.stmt, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, top, runs
        checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from _statements(child, top and not inside, runs and not checking)


def _names(importer: str, node: ast.stmt, top: bool, runs: bool) -> t.Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, False, top, runs)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        base = node.module or ""
        ours = base.removeprefix("ansible_collections.fleet.lxd.plugins.")
        yield Import(ours, node.lineno, ours != base, top, runs)
    elif isinstance(node, ast.ImportFrom):
        above = importer.split(".")[:-node.level]
        base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            whole = f"{base}.{alias.name}"
            yield Import(whole if whole in FILES else base, node.lineno, True, top, runs)


def layer_of(name: str) -> Layer | None:
    return next((layer for pattern, layer in TABLE.items() if _fits(name, [pattern])), None)


def _fits(name: str, patterns: t.Iterable[str]) -> bool:
    """``a.b`` itself, and for ``a.b*`` what starts with it."""
    return any(name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern for pattern in patterns)


def _below(name: str, packages: t.Iterable[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def complaint(found: Import, layer: Layer) -> str | None:
    """Why an import is not allowed, or None."""
    if found.ours:
        return None if _fits(found.name, layer.ours) else f"{found.name} is not below it"
    package = found.name.partition(".")[0]
    if package in sys.stdlib_module_names or _below(found.name, layer.foreign):
        return None
    if not _below(found.name, layer.lazy):
        return f"{package} is not for it"
    return f"{package} may be missing: import it inside of the function that needs it" if found.top and found.runs else None


@pytest.mark.parametrize("name", FILES)
def test_imports_go_down_only(name: str) -> None:
    layer = layer_of(name)
    file = f"plugins/{name.replace('.', '/')}.py"
    assert layer is not None, f"{file} is in no layer: say in TABLE, and in ARCHITECTURE.md, what it may import"
    wrong = [f"line {found.line}: {text}" for found in imports(name) if (text := complaint(found, layer))]
    assert not wrong, f"{file}: {'; '.join(wrong)}"


def test_nothing_imports_itself_in_the_end() -> None:
    graph = {name: {found.name for found in imports(name) if found.ours and found.runs} for name in FILES}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"a circle: {' -> '.join([*above[above.index(name):], name])}"
        if name not in done:
            for below in graph.get(name, ()):
                visit(below, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_the_table_names_no_file_that_is_gone() -> None:
    gone = [pattern for pattern in TABLE if not pattern.endswith("*") and pattern not in FILES]
    assert not gone, f"TABLE names {', '.join(gone)}"
