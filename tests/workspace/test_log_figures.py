"""Figures that are known from elsewhere, of metrics that are several; and what cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import KnownFigure, Metric, Program, ReportSettings
from cxm_core.report import ReportPage, to_html, to_markdown
from cxm_core.results import Verdict
from cxm_core.workspace import Workspace
from cxm_core.workspace._log_figures import figure_of
from cxm_core.workspace._page import fill_page
from workspace.desks import NOON, Clock
from workspace.log_desks import contact, desk_of, life

METRICS = [
    Metric(name="solved", title="Solved", engine="resolution_time"),
    Metric(name="burden", title="What it takes", engine="effort"),
    Metric(
        name="alike",
        title="Alike",
        engine="channel_parity",
        counted="tickets",
        against="chat",
        margins={"resolution_time": "1h"},
    ),
]


def desk(records: list[Any]) -> Workspace:
    """A workspace in memory with these records."""
    made = Workspace(
        Program(name="Desk", zone="UTC", metrics=METRICS), store="memory:", clock=Clock()
    )
    if records:
        made.add(records)
    return made


def page(records: list[Any], *known: KnownFigure) -> ReportPage:
    """Report of these records with what is known."""
    report = ReportSettings(known=known)
    program = Program(name="Desk", zone="UTC", metrics=METRICS, report=report)
    return fill_page(program, desk(records).store, now=NOON)


BY_PHONE = (one for number in range(9, 18) for one in life(number, 5.0, channel="phone"))
TWO = [*desk_of([2.0] * 9), *BY_PHONE]


def test_a_part_of_a_panel() -> None:
    """A verdict gives its difference with the interval that decided; an estimate itself."""
    panel = desk(TWO).measure("alike")
    found = figure_of(panel, "resolution_time: phone")
    verdict = panel["resolution_time: phone"]
    assert isinstance(verdict, Verdict)
    assert (found.value, found.low, found.high) == (verdict.value, verdict.low, verdict.high)
    assert (found.value, found.unit) == (3 * 3600.0, "seconds")
    assert found.confidence_level == pytest.approx(0.9)
    assert figure_of(desk(TWO).measure("burden"), "contacts").metric == "contacts"


@pytest.mark.parametrize(
    ("metric", "part", "told"),
    [
        ("alike", "resolution_time: fone", "has no part 'resolution_time: fone'(?s:.)*phone"),
        ("alike", None, "is several figures"),
        ("solved", "chat", "has no parts"),
    ],
)
def test_a_part_that_is_none(metric: str, part: str | None, told: str) -> None:
    """A name that is none is told with the nearest."""
    with pytest.raises(UsageError, match=told):
        figure_of(desk(TWO).measure(metric), part)


def test_beside_what_is_known() -> None:
    """Parts stand beside what is known of them, and the sentence counts their levels."""
    shown = page(
        TWO,
        KnownFigure(metric="solved", value=2 * 3600.0, where={"channel": "chat"}),
        KnownFigure(metric="alike", part="resolution_time: phone", value=3 * 3600.0),
    )
    rows = {known.title: known.rows[0] for known in shown.known}
    assert rows["Alike"].label == "all there is \u00b7 resolution_time: phone"
    assert rows["Alike"].is_within is True
    assert "about 92.5% of them should" in to_html(shown)
    assert "Not measured" not in to_html(shown)


def test_verdicts_are_a_table() -> None:
    """A verdict is told in words beside its difference, its interval and its margin."""
    html = to_html(page(TWO))
    row = html[html.index("resolution time: phone") :].partition("</tr>")[0]
    cells = [cell.partition("</td>")[0] for cell in row.split("<td")[1:]]
    told = [cell.partition(">")[2] for cell in cells]
    assert told[0] == "different"
    assert told[1:4] == ["+3.0\u202fh", "+3.0 to +3.0\u202fh", "1.0\u202fh"]
    assert told[4] == "18 tickets"


def test_a_part_that_the_log_does_not_hold() -> None:
    """Such a row is left out, and the chapter of its log says why; the rest stays."""
    shown = page(TWO, KnownFigure(metric="alike", part="resolution_time: web", value=0.0))
    assert shown.known == ()
    assert shown.effort[0].notes == ("Alike: channel parity has no part 'resolution_time: web'.",)


def test_what_cannot_be_measured() -> None:
    """One metric that finds nothing to measure is told in its chapter, and no report is lost."""
    for records in ([], [contact(1, "ann", 0)], desk_of([2.0])):
        shown = page(records)
        assert [one.title for one in shown.tickets[0].headlines] == ["Solved"]
        assert shown.effort[0].notes[0].startswith("Alike: There are ")
        sentence = "Not measured: <bdi>Alike: There are "
        assert sentence in to_html(shown)
        assert "Not measured: Alike: There are" in to_markdown(shown)
