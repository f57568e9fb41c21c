"""First replies, waits and work."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = 3600.0
LIFE = (("new", 0), ("open", 1), ("pending", 3), ("open", 23), ("on_hold", 24), ("solved", 29))


def at(hours: float) -> datetime:
    """Instant so many hours after the beginning."""
    return BEGIN + timedelta(hours=hours)


def log(*lives: Any) -> dict[str, list[Any]]:
    """A log of some tickets, each a list of states and hours."""
    rows = [(i, status, at(h)) for i, life in enumerate(lives) for status, h in life]
    ticket, status, when = (list(part) for part in zip(*rows, strict=True))
    return {"ticket": ticket, "status": status, "occurred_at": when}


class TestByHand:
    def test_waits_and_work(self) -> None:
        """Customers wait in new, open and on hold; we work in new and open."""
        made = cx.tickets(log(LIFE))
        assert cx.requester_wait(made).value == 9 * HOUR
        assert cx.agent_work(made).value == 4 * HOUR

    def test_open_tickets_are_stood_for(self) -> None:
        """Those that outlast all that was seen wait longer than it; the vendor leaves them out."""
        made = cx.tickets(log(*[LIFE] * 3, *[(("new", 0),)] * 3), until=at(100))
        ours, theirs = cx.requester_wait(made), cx.requester_wait(made, definition="zendesk")
        assert (ours.n, theirs.n) == (6, 3)
        assert "stood_for" in [caveat.code for caveat in ours.caveats]
        assert theirs.value == 9 * HOUR
        assert cx.requester_wait(made, q=0.6).value is None

    def test_weights(self) -> None:
        """An open ticket that nobody saw beyond an hour is stood for by those that lasted longer.

        Of four tickets one was cut at two hours; the two settled later count as one and a half.
        """
        lives = [
            [("new", 0), ("solved", 1)],
            [("new", 0), ("solved", 3)],
            [("new", 0), ("solved", 5)],
            [("new", 8)],
        ]
        made = cx.tickets(log(*lives), until=at(10))
        found = [cx.requester_wait(made, q=q).value for q in (0.2, 0.3, 0.6, 0.7)]
        assert found == [HOUR, 3 * HOUR, 3 * HOUR, 5 * HOUR]

    def test_nothing_open_is_the_plain_quantile(self) -> None:
        """If all are settled, every ticket counts once."""
        lives = [[("new", 0), ("solved", hours)] for hours in (1, 2, 3, 4, 5)]
        assert cx.requester_wait(cx.tickets(log(*lives))).value == 3 * HOUR

    def test_business_hours(self) -> None:
        """Only the open hours of each stretch count."""
        desk = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
        made = cx.tickets(log((("open", 0), ("pending", 25), ("solved", 30))))
        # Monday from nine to five, and an hour on Tuesday morning.
        assert cx.agent_work(made, calendar=desk).value == 9 * HOUR

    def test_by_who_acted(self) -> None:
        """Who handled a ticket is a group like any other."""
        data = log(LIFE, LIFE) | {"actor": [*["human"] * 6, *["bot"] * 6]}
        found = cx.requester_wait(cx.tickets(data), by="handled_by")
        assert found.groups == ("bot", "human")

    def test_plain_tables_have_no_states(self) -> None:
        """A table of tickets cannot tell how long they were open: that needs the log."""
        with pytest.raises(UsageError, match="told by its events only"):
            cx.requester_wait({"occurred_at": [BEGIN], "solved_at": [BEGIN]})


class TestReplies:
    def test_no_reply_is_no_waiting(self) -> None:
        """A ticket that ended without a reply is never replied to; an open one still waits."""
        tickets = {
            "occurred_at": [BEGIN] * 4,
            "first_replied_at": [at(1), at(2), None, None],
            "solved_at": [at(9), at(9), at(1), None],
        }
        found = cx.first_reply_time(tickets, q=0.4, until=at(48))
        assert found.value == 2 * HOUR
        assert cx.first_reply_time(tickets, q=0.8, until=at(48)).value is None
        assert cx.first_reply_time(tickets, definition="zendesk", until=at(48)).n == 2

    def test_whole_minutes(self) -> None:
        """The vendor cuts to whole minutes."""
        tickets = {
            "occurred_at": [BEGIN],
            "first_replied_at": [BEGIN + timedelta(seconds=119)],
        }
        assert cx.first_reply_time(tickets, definition="zendesk").value == 60.0
        assert cx.first_reply_time(tickets).value == 119.0

    def test_a_bot(self) -> None:
        """A reply of a bot is none of a person."""
        data = {
            "ticket": [1] * 3,
            "event": ["created", "comment", "comment"],
            "actor": ["customer", "bot", "human"],
            "occurred_at": [at(0), at(1), at(5)],
        }
        made = cx.tickets(data)
        assert cx.first_reply_time(made, definition="bot").value == HOUR
        assert cx.first_reply_time(made).value == 5 * HOUR

    def test_who_was_answered_was_answered(self) -> None:
        """A ticket that was merged or spam in the end had its first reply all the same."""
        tickets = {
            "occurred_at": [at(0)] * 4,
            "first_replied_at": [at(1), at(2), at(3), None],
            "ended_at": [None, at(9), at(9), at(4)],
            "status": ["open", "merged", "spam", "merged"],
        }
        found = cx.first_reply_time(tickets, q=0.7, until=at(48))
        assert found.value == 3 * HOUR
        assert dict(found.receipt.steps)["over"] == 3
        assert cx.first_reply_time(tickets, definition="zendesk", until=at(48)).n == 3
        kept = cx.sla_attainment(tickets, target="2h", of="first_reply", until=at(48))
        assert (kept.n, kept.value) == (4, 0.5)
