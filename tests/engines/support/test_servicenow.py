"""Figures of a real log: 141,712 events of 24,918 incidents of one ServiceNow instance."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cxm_core as cx
from cxm_core.columns import Tickets

HOUR = 3600.0
WORDS = {
    "New": "new",
    "Active": "open",
    "Awaiting User Info": "pending",
    "Awaiting Vendor": "on_hold",
    "Awaiting Problem": "on_hold",
    "Awaiting Evidence": "on_hold",
    "Resolved": "solved",
    "Closed": "closed",
}
COLUMNS = {
    "ticket": "number",
    "at": "sys_updated_at",
    "status": "incident_state",
    "owner": "assigned_to",
    "team": "assignment_group",
    "order": "sys_mod_count",
    "opened": "opened_at",
}
LAST = ("made_sla", "reopen_count", "resolved_at", "closed_at", "contact_type", "caller_id")


@pytest.fixture(scope="module")
def log(shared: Path) -> pd.DataFrame:
    """The log, a row an event."""
    file = shared / "data" / "servicenow-incident-log" / "incident_event_log.parquet"
    if not file.is_file():
        pytest.skip("the ServiceNow log is not beside this checkout")
    return pd.read_parquet(file)


@pytest.fixture(scope="module")
def made(log: pd.DataFrame) -> Tickets:
    """Incidents, made from the log."""
    columns: dict[str, Any] = COLUMNS
    return cx.tickets(log, words=WORDS, last=[n for n in LAST if n != "closed_at"], **columns)


@pytest.fixture(scope="module")
def incidents(log: pd.DataFrame) -> pd.DataFrame:
    """Last event of each incident, which holds its final stamps, in our words."""
    ordered = log.sort_values(["number", "sys_updated_at", "sys_mod_count"])
    names = {"opened_at": "occurred_at", "resolved_at": "solved_at"}
    return ordered.groupby("number").tail(1).rename(columns=names)


class TestFigures:
    def test_size(self, made: Tickets) -> None:
        """Every event and every incident is read; odd ones are counted."""
        assert len(made) == 24_918
        assert made.steps == (("events", 141_712),)
        assert dict(made.notes) == {"before_opening": 5, "after_close": 12, "unknown_words": 5}

    def test_median_of_the_resolved(self, incidents: pd.DataFrame) -> None:
        """The helpdesk's own figure: 22.1 hours, of those resolved only."""
        found = cx.resolution_time(incidents, definition="hubspot", end="solved_at")
        assert found.value == pytest.approx(22.1 * HOUR)
        assert found.n == 24_918 - 1_556

    def test_median_with_other_ends(self, incidents: pd.DataFrame) -> None:
        """With the 1,556 that were closed without a resolution it is 25.8 hours, up to 0.9376."""
        found = cx.resolution_time(incidents)
        assert found.value == pytest.approx(25.8 * HOUR)
        assert found.low < 25.8 * HOUR < found.high
        assert dict(found.receipt.steps)["ended otherwise"] == 1_556
        curve = cx.resolution_curve(incidents)
        assert (curve.kind, round(float(curve.value[-1]), 4)) == ("incidence", 0.9376)

    def test_promises(self, made: Tickets, log: pd.DataFrame) -> None:
        """63.42 % by each incident's last event; over all rows it would be 93.5 %."""
        found = cx.sla_attainment(made, met="made_sla")
        assert round(found.value or 0.0, 4) == 0.6342
        assert round(float(log["made_sla"].mean()), 3) == 0.935

    def test_reopened(self, made: Tickets) -> None:
        """1.10 % by the source's counter; the states show one incident more."""
        counted = cx.reopen_rate(made, counter="reopen_count")
        seen = cx.reopen_rate(made)
        assert round(counted.value or 0.0, 4) == 0.0110
        assert [round((one.value or 0.0) * one.n) for one in (counted, seen)] == [275, 276]


class TestCensoring:
    @pytest.mark.parametrize("cut", [datetime(2016, 4, 1), datetime(2016, 5, 1)])
    def test_a_cut_recovers_the_whole(self, incidents: pd.DataFrame, cut: datetime) -> None:
        """What was open at a cut counts, so the figure of the whole log is found again.

        Closed tickets alone would tell little more than half of it.
        """
        until = cut.replace(tzinfo=UTC)
        early = incidents[incidents["occurred_at"] < cut]
        whole = cx.resolution_time(early)
        found = cx.resolution_time(incidents, until=until)
        assert found.low <= whole.value <= found.high
        assert abs(found.value - whole.value) < 0.02 * whole.value
        closed = incidents[incidents["solved_at"] < cut]
        theirs = cx.resolution_time(closed, definition="hubspot", end="solved_at")
        assert theirs.value < 0.55 * whole.value

    @pytest.mark.slow
    def test_a_cut_of_the_log_itself(self, log: pd.DataFrame, made: Tickets) -> None:
        """Cut by its events, the log gives the same first resolutions as the whole log."""
        cut = datetime(2016, 5, 1, tzinfo=UTC)
        columns: dict[str, Any] = COLUMNS
        early = cx.tickets(log, words=WORDS, until=cut, **columns)
        whole = made.to_frame("pandas")
        whole = whole[whole["ticket"].isin(early.column("ticket").values.tolist())]
        found = cx.resolution_time(early, definition="first")
        told = cx.resolution_time(whole, definition="first")
        assert found.low <= told.value <= found.high
        assert "still_open" in [caveat.code for caveat in found.caveats]


class TestOrder:
    @pytest.mark.slow
    def test_arrival_changes_nothing(self, log: pd.DataFrame, made: Tickets) -> None:
        """The rows in another order give the same incidents."""
        columns: dict[str, Any] = COLUMNS
        mixed = cx.tickets(
            log.sample(frac=1, random_state=3),
            words=WORDS,
            last=[n for n in LAST if n != "closed_at"],
            **columns,
        )
        assert mixed.to_frame("pandas").equals(made.to_frame("pandas"))
