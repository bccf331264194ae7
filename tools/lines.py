# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell how many lines of code each module has, and the declaration of what it manages. ``--check`` tells only those that are too long.

What a resource needs beyond ``LIMIT`` is a fault of the engine, or a private file with a reason of its own.
"""

from __future__ import annotations

import ast
import io
import pathlib
import sys
import tokenize
import typing as t

PLUGINS = pathlib.Path(__file__).resolve().parents[1] / "plugins"
MODULES = PLUGINS / "modules"
RESOURCES = PLUGINS / "module_utils/_resources"
# A declaration has fewer lines.
LIMIT = 60
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def main(arguments: t.Sequence[str]) -> int:
    declared = {path.stem: code_lines(path) for path in sorted(RESOURCES.glob("[a-z]*.py"))}
    too_long = {kind: lines for kind, lines in declared.items() if lines >= LIMIT}
    if "--check" not in arguments:
        print_table(declared)
    for kind, lines in too_long.items():
        print(f"{RESOURCES.relative_to(PLUGINS.parent)}/{kind}.py: {lines} lines of code, expected fewer than {LIMIT}")
    return 1 if too_long else 0


def print_table(declared: t.Mapping[str, int]) -> None:
    print(f"{'module':<40}{'its code':>9}{'declared in':>32}{'code':>6}")
    for path in sorted(MODULES.glob("lxd_*.py")):
        kind = path.stem.removeprefix("lxd_")
        kind = kind if kind in declared else kind.removesuffix("_info")
        print(f"{path.stem:<40}{code_lines(path):>9}{kind + '.py':>32}{declared.get(kind, 0):>6}")


def code_lines(path: pathlib.Path) -> int:
    """Lines that are neither blank nor comments, docstrings, or a module's documentation."""
    source = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {line for token in tokens if token.type not in _NO_CODE for line in range(token.start[0], token.end[0] + 1)}
    return len(code - set(_documentation(ast.parse(source))))


def _documentation(tree: ast.Module) -> t.Iterator[int]:
    """Lines of text that stands for itself, or is documentation of a module."""
    for node in ast.walk(tree):
        alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("DOCUMENTATION", "EXAMPLES", "RETURN")
        if isinstance(node, ast.stmt) and (alone or named):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
