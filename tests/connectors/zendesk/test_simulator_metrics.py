"""Metrics of simulated tickets are counted as the vendor says that it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cxm_connectors.simulation import Company, SimTicket, SimTicketEvent
from cxm_connectors.zendesk._simulator_metrics import metric_row
from cxm_core.engines import tickets

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEAMS = {4: 1, 5: 1, 6: 2}
# Minute, kind, old and new; what staff say is public.
TOLD = (
    (0, "created", None, "new"),
    (30, "assignment", None, "4"),
    (30, "status", "new", "open"),
    (40, "comment", None, None),
    (100, "status", "open", "pending"),
    (400, "status", "pending", "open"),
    (410, "assignment", "4", "5"),
    (420, "status", "open", "on_hold"),
    (480, "status", "on_hold", "open"),
    (490, "assignment", "5", "6"),
    (500, "status", "open", "solved"),
    (600, "status", "solved", "open"),
    (630, "comment", None, None),
    (660, "status", "open", "solved"),
    (6_420, "status", "solved", "closed"),
)


def ticket(told: tuple[Any, ...] = TOLD) -> SimTicket:
    """A ticket, of which each event is told by its minute."""
    events = tuple(
        SimTicketEvent(key=key, at=BEGIN + timedelta(minutes=at), kind=kind, old=old, new=new)
        for key, (at, kind, old, new) in enumerate(told, 1)
    )
    return SimTicket(key=1, customer=1, opened_at=BEGIN, events=events)


class TestByHand:
    """One ticket that was pending, on hold, solved twice, and with three people."""

    @pytest.mark.parametrize(
        ("name", "minutes"),
        [
            ("reply_time_in_minutes", 40),
            ("first_resolution_time_in_minutes", 500),
            ("full_resolution_time_in_minutes", 660),
            # New 30, open 70 + 20 + 20 + 60, on hold 60.
            ("requester_wait_time_in_minutes", 260),
            ("agent_wait_time_in_minutes", 300),
            ("on_hold_time_in_minutes", 60),
        ],
    )
    def test_minutes(self, name: str, minutes: int) -> None:
        """Time in a status adds up over all its turns, until the ticket leaves it."""
        assert metric_row(ticket(), TEAMS)[name] == {"calendar": minutes, "business": minutes}

    def test_counts(self) -> None:
        """Three people of two groups had it, it was opened again once, and answered twice."""
        row = metric_row(ticket(), TEAMS)
        assert [row[name] for name in ("assignee_stations", "group_stations")] == [3, 2]
        assert [row[name] for name in ("reopens", "replies")] == [1, 2]

    def test_stamps(self) -> None:
        """First and last assignment, last comment, last change of status, last solution."""
        row = metric_row(ticket(), TEAMS)
        assert row["initially_assigned_at"] == "2026-03-02T09:30:00Z"
        assert row["assigned_at"] == "2026-03-02T17:10:00Z"
        assert row["latest_comment_added_at"] == "2026-03-02T19:30:00Z"
        assert row["solved_at"] == "2026-03-02T20:00:00Z"
        assert row["status_updated_at"] == "2026-03-06T20:00:00Z"

    def test_what_still_runs_is_not_counted(self) -> None:
        """A ticket that was only opened has waited, but no status was left yet."""
        row = metric_row(ticket(TOLD[:1]), TEAMS)
        times = [name for name in row if name.endswith("_in_minutes")]
        assert [row[name]["calendar"] for name in times] == [None] * 6
        assert (row["group_stations"], row["assigned_at"]) == (0, None)


def test_waits_add_up() -> None:
    """Waiting of both sides is the time from the opening to the end, but for what was solved."""
    for one in Company.made(customers=60, seed=6).tickets:
        if one.status == "closed" and one.desk == "support":
            row = metric_row(one, {})
            waits = ("requester_wait_time_in_minutes", "agent_wait_time_in_minutes")
            total = sum(row[name]["calendar"] or 0 for name in waits)
            whole = row["full_resolution_time_in_minutes"]["calendar"]
            assert total <= whole + 1
            assert row["reopens"] or abs(total - whole) <= 2


def test_waits_are_those_of_the_engine() -> None:
    """Of every ticket that has ended, our time in each status is the vendor's, to the minute."""
    company = Company.made(customers=300)
    rows = {f"t{one.key}": metric_row(one, {}) for one in company.tickets}
    made = tickets(company.tables()["ticket_events"], until=company.now)
    frame = made.to_frame("pandas")
    frame = frame[frame["end"].isin(["solved", "merged"])]
    waited = (frame["new_s"] + frame["open_s"] + frame["on_hold_s"]) // 60
    told = [rows[key]["requester_wait_time_in_minutes"]["calendar"] for key in frame["ticket"]]
    assert len(told) > 250
    assert waited.tolist() == told
    told = [rows[key]["agent_wait_time_in_minutes"]["calendar"] or 0 for key in frame["ticket"]]
    assert (frame["pending_s"] // 60).tolist() == told
