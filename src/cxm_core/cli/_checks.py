"""What a look at sources has found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from ._failures import INCOMPLETE
from ._options import NO_SOURCE
from ._output import emit
from ._printable import one_line

if TYPE_CHECKING:
    from cxm_core.plugins import CheckReport

__all__ = ["emit_reports"]


def emit_reports(reports: Mapping[str, CheckReport], *, as_json: bool) -> None:
    """Print what each source has said; the command ends as incomplete where one has a problem."""
    lines = [line for name, report in reports.items() for line in _told(name, report)]
    emit(
        {name: _plain(report) for name, report in reports.items()},
        "\n".join(lines) or NO_SOURCE,
        as_json=as_json,
    )
    if any(report.problems for report in reports.values()):
        raise typer.Exit(INCOMPLETE)


def _told(name: str, report: CheckReport) -> list[str]:
    streams = ", ".join(stream.name for stream in report.streams)
    count = len(report.problems)
    verdict = f"{count} problem{'s' * (count > 1)}" if count else "ready"
    lines = [f"{name}: {verdict}" + (f", streams {streams}" if streams else "")]
    return [one_line(line) for line in (*lines, *(f"  {text}" for text in report.problems))]


def _plain(report: CheckReport) -> dict[str, Any]:
    return {
        "account": report.account,
        "streams": [stream.name for stream in report.streams],
        "problems": list(report.problems),
    }
