"""Which fault is tested where: read from the names of the tests, written into docs/faults.md.

python tests/reliability/fault_list.py [--write]
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"
_ID = re.compile(r"(?:^|_)([a-z]+)_(\d\d)(?=_|$)")


def faults() -> list[dict[str, str]]:
    """Faults that are due, in the order of the list."""
    return json.loads((HERE / "faults.json").read_text(encoding="utf-8"))


def not_yet() -> dict[str, str]:
    """Faults that cannot befall us yet, and why."""
    return json.loads((HERE / "not_yet.json").read_text(encoding="utf-8"))


@cache
def tests_by_fault() -> Mapping[str, list[str]]:
    """Tests of each fault, as `file::function`."""
    known = {fault["id"] for fault in faults()}
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in _test_names(ast.parse(path.read_text(encoding="utf-8"))):
            for word, number in _ID.findall(name):
                if (identity := f"{word.upper()}-{number}") in known:
                    place = f"{path.relative_to(ROOT).as_posix()}::{name}"
                    found.setdefault(identity, []).append(place)
    return found


def _test_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.startswith("test_"):
            yield node.name


def table() -> str:
    """The list as Markdown."""
    covered, waiting = tests_by_fault(), not_yet()
    lines = ["| fault | what befalls us | what must come of it | tested by |", "|---|---|---|---|"]
    for fault in faults():
        places = covered.get(fault["id"], [])
        told = "<br>".join(f"`{place}`" for place in places) or _told(waiting.get(fault["id"]))
        cells = (fault["id"], fault["title"], fault["expected"], told)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _told(reason: str | None) -> str:
    return f"not yet: {reason}" if reason else "nothing"


def page() -> str:
    """The page as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(table() + "\n")
