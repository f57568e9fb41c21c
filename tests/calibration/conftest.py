"""What the intervals were measured to cover, kept as a page: CXM_REPORT=docs/calibration.md."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from inspect import getdoc
from pathlib import Path

import pytest

HEAD = """# What the intervals cover

This page is written by `CXM_REPORT=docs/calibration.md nox -s calibration`, and by nobody else.
`CXM_RUNS` sets how often most things are simulated.
Each block is what one test measured, under the law that it checks.
An exact figure adds up all possible samples.
A simulated one says its number of runs, and its bar was read with three standard errors.
"""
Report = tuple[str, str, str]
_found: list[Report] = []


def _first_line(thing: object) -> str:
    return (getdoc(thing) or "").partition("\n")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send each test's topic and law along with its report, from whichever process runs it."""
    for item in items:
        if isinstance(item, pytest.Function):
            told = {"topic": _first_line(item.module), "law": _first_line(item.function)}
            item.user_properties.extend(told.items())


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what a test printed."""
    told = {name: str(value) for name, value in report.user_properties}
    if report.when == "call" and report.passed and report.capstdout and "law" in told:
        _found.append((told["topic"], told["law"], report.capstdout.strip()))


def _by_number(report: Report) -> tuple[str, str, list[int], str]:
    """Key of a report: those of one law stand in the order of the numbers that they name."""
    topic, law, measured = report
    numbers = re.findall(r"\d+", measured.partition(":")[0])
    return topic, law, [int(number) for number in numbers], measured


def page(found: Iterable[Report]) -> str:
    """Return the page as Markdown: a section a topic, a block a law."""
    topics: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for topic, law, measured in sorted(found, key=_by_number):
        topics[topic][law] += measured.splitlines()
    parts = [HEAD]
    for topic, laws in topics.items():
        parts.append(f"## {topic.rstrip('.')}\n")
        for law, lines in laws.items():
            parts.append("\n".join([law, "", "```text", *lines, "```", ""]))
    return "\n".join(parts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page, if it was asked for, where all reports arrive."""
    target = os.environ.get("CXM_REPORT")
    if target and _found and not hasattr(session.config, "workerinput"):
        Path(target).write_text(page(_found), encoding="utf-8")
