"""Write the page of a connector's laws, from the docstrings of the checks."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from cxm_connectors.testing import (
    _chaos_checks,
    _contract_checks,
    _live_checks,
    _paging_checks,
    _resume_checks,
    _row_checks,
    _secrecy_checks,
    _webhook_checks,
    _wire_checks,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "connector-laws.md"
HEAD = """# What a connector must do

The laws that `connector_suite` checks, one test each.
[The book for authors](plugin-authors.md) tells how to run it.
This page is written by `tests/connector_laws.py` from the checks themselves.
"""
TOPICS = {
    "The contract": _contract_checks,
    "Against a vendor that can be changed": _live_checks,
    "Pages": _paging_checks,
    "Going on": _resume_checks,
    "The way to the vendor": _wire_checks,
    "Rows": _row_checks,
    "Secrecy": _secrecy_checks,
    "Webhooks": _webhook_checks,
    "By chance": _chaos_checks,
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, topic in TOPICS.items():
        parts.append(f"\n## {title}\n\n| check | law |\n|---|---|\n")
        parts += [f"| `{one.__name__}` | {(one.__doc__ or '').strip()} |\n" for one in topic.CHECKS]
    return "".join([*parts, INCIDENTS, *map(_told, incidents())])


INCIDENTS = """
## Where they come from

Each of these happened to a connector in public use, or was seen in a recorded answer.
A connector that repeats it is red in the checks named here, and green once it is mended.

| incident | checks that are red |
|---|---|
"""


def incidents() -> list[ast.FunctionDef]:
    """Tests of incidents."""
    path = PAGE.parents[1] / "tests" / "connectors" / "test_incidents.py"
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]


def _told(test: ast.FunctionDef) -> str:
    names = {one.__name__ for topic in TOPICS.values() for one in topic.CHECKS}
    texts = [n.value for n in ast.walk(test) if isinstance(n, ast.Constant)]
    checks = ", ".join(f"`{text}`" for text in texts if text in names)
    return f"| {ast.get_docstring(test)} | {checks} |\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
