"""Count code lines: docstrings, comments and blank lines do not count.

Run it to see every module of the library with its size, and the median and longest function.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class Function(NamedTuple):
    """One function with its place and size."""

    module: str
    name: str
    line: int
    size: int
    node: FunctionNode


class Module(NamedTuple):
    """One module with its syntax tree and the numbers of its code lines."""

    name: str
    path: Path
    tree: ast.Module
    lines: frozenset[int]

    @property
    def place(self) -> str:
        """Path below the project's top folder, for messages."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def functions(self) -> list[Function]:
        """Every function and method; an inner one counts in its outer one too."""
        return [
            Function(self.name, node.name, node.lineno, self._size(node), node)
            for node in ast.walk(self.tree)
            if isinstance(node, FunctionNode)
        ]

    def _size(self, node: FunctionNode) -> int:
        return sum(node.lineno <= line <= (node.end_lineno or 0) for line in self.lines)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the library, in order."""
    return tuple(_read(path) for path in sorted(SRC.rglob("*.py")))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    parts = path.relative_to(SRC).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, tree, code_lines(text, tree))


def code_lines(text: str, tree: ast.Module) -> frozenset[int]:
    """Numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return frozenset(lines - _docstring_lines(tree))


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            lines.update(range(body[0].lineno, body[0].end_lineno + 1))
    return lines


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def table() -> str:
    """One line a module, then the totals."""
    rows = [f"{len(m.lines):5}  {m.place}" for m in modules()]
    in_all = f"{sum(len(m.lines) for m in modules()):5}  in {len(rows)} modules"
    return "\n".join(["lines  module", *rows, in_all, _functions()])


def _functions() -> str:
    functions = [f for m in modules() for f in m.functions]
    sizes = [f.size for f in functions]
    long = max(functions, key=lambda f: f.size)
    return (
        f"functions: {len(sizes)}, median {statistics.median(sizes):g} code lines, "
        f"{sum(size < 12 for size in sizes) / len(sizes):.0%} under 12, "
        f"longest {long.size} ({long.module}.{long.name}, line {long.line})"
    )


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
