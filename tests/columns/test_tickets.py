"""From a log of ticket events to one row a ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import LogTable, TicketRule, Tickets, read_tickets
from cxm_core.errors import UsageError

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
FIELDS = ("ticket", "hour", "event", "status", "actor", "staff", "old", "new", "native_id")


def table(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """A log as columns, its hours as instants."""
    columns = {name: [row.get(name) for row in rows] for name in FIELDS}
    columns["occurred_at"] = [BEGIN + timedelta(hours=h) for h in columns.pop("hour")]
    return columns


def made(rows: list[dict[str, Any]], **rule: Any) -> Tickets:
    """Tickets of a log."""
    return read_tickets(table(rows), None, rule=TicketRule(**rule), names={})


def values(table: LogTable) -> dict[str, list[Any]]:
    """All columns of a table as lists, None where missing."""
    return {
        name: [
            None if gone else value
            for value, gone in zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
        ]
        for name, column in table.columns.items()
    }


def told(tickets: Tickets, *names: str) -> list[Any]:
    """First ticket's values."""
    found = []
    for name in names:
        column = tickets.column(name)
        found.append(None if column.is_missing[0] else column.values[0])
    return found


def hours(tickets: Tickets, name: str) -> float | None:
    """First ticket's instant as hours since the beginning."""
    column = tickets.column(name)
    if column.is_missing[0]:
        return None
    start = np.datetime64(BEGIN.replace(tzinfo=None), "us")
    return float((column.values[0] - start) / np.timedelta64(1, "h"))


def step(hour: float, status: str | None = None, **more: Any) -> dict[str, Any]:
    """One event of the ticket A."""
    return {"ticket": "A", "hour": hour, "status": status, **more}


class TestByHand:
    def test_a_whole_life(self) -> None:
        """Each state has its time; the last solution is the one that counts."""
        found = made(
            [
                step(0, "new"),
                step(1, "open"),
                step(3, "pending"),
                step(7, "open"),
                step(8, "on_hold"),
                step(10, "solved"),
                step(15, "open"),
                step(18, "solved"),
                step(114, "closed"),
            ]
        )
        lengths = [found.column(n).values[0] / 3600 for n in ("new_s", "open_s", "pending_s")]
        assert lengths == [1.0, 6.0, 4.0]
        assert found.column("on_hold_s").values[0] == 7200.0
        assert [hours(found, n) for n in ("first_solved_at", "solved_at", "closed_at")] == [
            10.0,
            18.0,
            114.0,
        ]
        assert found.column("reopenings").values[0] == 1
        assert hours(found, "first_reopened_at") == 15.0
        assert told(found, "end", "status") == ["solved", "closed"]

    def test_stretches(self) -> None:
        """The stretches lie one behind the other, from the opening to the end of the log."""
        found = made([step(0, "new"), step(2, "open"), step(5, "open"), step(6, "solved")])
        spans = found.spans.to_frame("pandas")
        assert spans["state"].tolist() == ["new", "open"]
        assert ((spans["ended_at"] - spans["started_at"]).dt.total_seconds() / 3600).tolist() == [
            2.0,
            4.0,
        ]

    def test_hands(self) -> None:
        """The first hand is no move; the next ones are, and each actor is kept."""
        found = made(
            [
                step(0, event="created"),
                step(1, event="comment", actor="bot"),
                step(2, event="assignment", new="17", actor="human", staff="17"),
                step(2, event="transfer", new="first line"),
                step(3, event="comment", actor="human", staff="17"),
                step(4, event="assignment", old="17", new="9", actor="human", staff="17"),
                step(4, event="transfer", old="first line", new="second line"),
                step(5, event="comment", actor="customer"),
                step(6, "solved", event="status", actor="human", staff="9"),
            ],
            escalated_to="second line",
        )
        names = ("transfers", "reassignments", "escalations", "replies", "bot_replies", "staff")
        assert [int(found.column(name).values[0]) for name in names] == [1, 1, 1, 1, 1, 2]
        assert told(found, "handled_by", "solved_by") == ["human and bot", "human"]
        assert hours(found, "first_replied_at") == 3.0
        assert hours(found, "first_bot_replied_at") == 1.0
        assert hours(found, "first_escalated_at") == 4.0

    def test_a_private_note_is_no_reply(self) -> None:
        """What the customer cannot see is no reply."""
        log = table([step(0, event="created"), step(1, event="comment", actor="human")])
        log["is_public"] = [None, False]
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert int(found.column("replies").values[0]) == 0
        assert hours(found, "first_replied_at") is None

    @pytest.mark.parametrize(
        ("rows", "end"),
        [
            ([step(0, "new"), step(1, "solved")], "solved"),
            ([step(0, "new"), step(1, "pending"), step(9, "closed")], "abandoned"),
            ([step(0, "new"), step(1, "open"), step(9, "closed")], "closed"),
            ([step(0, "new"), step(1, "spam")], "spam"),
            ([step(0, "new"), step(1, event="merge"), step(1, "closed")], "merged"),
            ([step(0, "new"), step(1, "solved"), step(2, "open")], None),
        ],
    )
    def test_ends(self, rows: list[dict[str, Any]], end: str | None) -> None:
        """A ticket ends in one of five ways, or is open."""
        assert told(made(rows), "end") == [end]

    def test_the_table_beside_the_events(self) -> None:
        """Openings, columns and tickets without events come from the table of the tickets."""
        about = {
            "native_id": ["A", "B", "C"],
            "occurred_at": [BEGIN - timedelta(hours=1), BEGIN, None],
            "solved_at": [None, BEGIN + timedelta(hours=4), None],
            "channel": ["chat", "phone", "email"],
        }
        log = table([step(0, "open"), step(2, "solved")])
        found = read_tickets(log, about, rule=TicketRule(keep="channel"), names={})
        frame = found.to_frame("pandas")
        assert frame["ticket"].tolist() == ["A", "B"]
        assert frame["channel"].tolist() == ["chat", "phone"]
        lasted = (frame["solved_at"] - frame["occurred_at"]).dt.total_seconds() / 3600
        assert lasted.tolist() == [3.0, 4.0]

    def test_carried_along(self) -> None:
        """A column has its value at the first or at the last event."""
        log = table([step(2, "solved"), step(0, "new")]) | {"made_sla": [False, True]}
        found = read_tickets(log, None, rule=TicketRule(last="made_sla"), names={})
        assert told(found, "made_sla") == [False]

    def test_cut(self) -> None:
        """What happens from the cut on is not known: the ticket is open."""
        found = made([step(0, "new"), step(5, "solved")], until=BEGIN + timedelta(hours=5))
        assert told(found, "end", "status") == [None, "new"]
        assert found.exclusions == (("after the cut", 1),)
        assert found.column("new_s").values[0] == 5 * 3600

    def test_frames_agree(self) -> None:
        """A mapping, pandas and polars give the same tickets."""
        log = table([step(0, "new"), step(1, "open", actor="human"), step(2, "solved")])
        frames = [log, pd.DataFrame(log), pl.DataFrame(log), pl.LazyFrame(log)]
        found = [read_tickets(f, None, rule=TicketRule(), names={}) for f in frames]
        first, *others = [one.to_frame("pandas") for one in found]
        assert all(first.equals(other) for other in others)


class TestBadInput:
    def test_before_the_opening(self) -> None:
        """An event before the opening counts as at the opening, and a caveat counts the ticket."""
        log = table([step(0, "open"), step(4, "solved")])
        log["opened_at"] = [BEGIN + timedelta(hours=3)] * 2
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert dict(found.notes) == {"before_opening": 1}
        assert found.column("open_s").values[0] == 3600.0

    def test_clocks_three_hours_apart(self) -> None:
        """Replies by a clock that is three hours slow do not come before the question."""
        log = table(
            [
                step(0, event="created"),
                step(-2.5, event="comment", actor="human"),
                step(2, "solved", event="status"),
            ]
        )
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert hours(found, "first_replied_at") == 0.0
        assert dict(found.notes) == {"before_opening": 1}

    def test_after_the_close(self) -> None:
        """What goes on after the close was opened again, and a caveat says so."""
        found = made([step(0, "new"), step(1, "closed"), step(2, "open"), step(3, "solved")])
        assert dict(found.notes) == {"after_close": 1}
        assert found.column("reopenings").values[0] == 1
        assert hours(found, "solved_at") == 3.0

    def test_a_comment_after_the_close(self) -> None:
        """A word after the close changes no time."""
        plain = [step(0, "new"), step(1, "solved"), step(2, "closed")]
        later = made([*plain, step(9, event="comment", actor="customer")])
        assert later.column("new_s").values[0] == 3600.0
        assert told(later, "end", "status") == ["solved", "closed"]
        assert later.notes == ()

    def test_a_missing_close(self) -> None:
        """Without a close it ends with its solution."""
        found = made([step(0, "new"), step(1, "solved")])
        assert (hours(found, "ended_at"), hours(found, "closed_at")) == (1.0, None)

    def test_two_closes(self) -> None:
        """The first of two closes counts."""
        found = made([step(0, "new"), step(1, "solved"), step(2, "closed"), step(9, "closed")])
        assert hours(found, "closed_at") == 2.0
        assert found.column("reopenings").values[0] == 0

    def test_a_status_that_nobody_knows(self) -> None:
        """The status before it goes on; a caveat counts the events."""
        found = made([step(0, "new"), step(1, "open"), step(2, "-100"), step(4, "solved")])
        assert found.column("open_s").values[0] == 3 * 3600
        assert dict(found.notes) == {"unknown_words": 1}

    def test_the_sources_own_words(self) -> None:
        """Words of the source mean what the caller says, in whatever case."""
        found = made(
            [step(0, "New"), step(1, "Awaiting User Info"), step(3, "Resolved")],
            words={"awaiting user info": "pending", "Resolved": "solved"},
        )
        assert found.column("pending_s").values[0] == 7200.0

    def test_one_event(self) -> None:
        """A ticket of one event is open since then."""
        found = made([step(0, "new"), {"ticket": "B", "hour": 6, "status": "new"}])
        assert told(found, "end") == [None]
        assert found.column("new_s").values.tolist() == [6 * 3600, 0.0]

    def test_a_hundred_thousand_events(self) -> None:
        """A ticket of 100,000 events is read like any other."""
        n = 100_000
        at = np.datetime64("2026-11-02T09:00", "us") + np.arange(n).astype("timedelta64[s]")
        status = np.where(np.arange(n) % 2 == 0, "open", "solved").astype(object)
        log = {"ticket": np.ones(n, np.int64), "occurred_at": at, "status": status.tolist()}
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert found.column("reopenings").values[0] == n // 2 - 1
        assert found.column("open_s").values[0] == n // 2

    def test_equal_stamps(self) -> None:
        """Of equal stamps creation is first, then what is no status, then the states in order."""
        found = made(
            [
                step(0, "solved", event="status", actor="human"),
                step(0, event="comment", actor="human"),
                step(0, event="created", actor="customer"),
            ]
        )
        assert told(found, "end", "solved_by") == ["solved", "human"]

    def test_equal_stamps_with_an_order(self) -> None:
        """Where the log has an order of its own, it decides among equal stamps."""
        log = table([step(0, "new"), step(1, "solved"), step(1, "open")]) | {"order": [1, 2, 3]}
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert told(found, "status") == ["open"]

    def test_events_that_stand_twice(self) -> None:
        """An event with an id that stands there twice counts once."""
        rows = [step(0, event="created"), step(1, event="comment", actor="human", native_id="7")]
        found = made([*rows, rows[1]])
        assert int(found.column("replies").values[0]) == 1
        assert found.exclusions == (("repeated", 1),)

    def test_rows_that_cannot_count(self) -> None:
        """Rows without ticket or time, and those that were taken back, are counted and left out."""
        log = table([step(0, "new"), step(1, "open"), {"hour": 2}, step(3, "solved")])
        log["occurred_at"][1] = None
        log["is_deleted"] = [False, False, False, True]
        found = read_tickets(log, None, rule=TicketRule(), names={})
        assert found.exclusions == (("deleted", 1), ("no ticket", 1), ("no time", 1))
        assert told(found, "status") == ["new"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"rule": TicketRule(), "names": {"status": "state"}}, "no column 'state'"),
            ({"rule": TicketRule(), "names": {"statsu": "state"}}, "no column for 'statsu'"),
            ({"rule": TicketRule(last="sla"), "names": {}}, "no column 'sla'"),
        ],
    )
    def test_wrong_calls(self, options: dict[str, Any], message: str) -> None:
        """A column that is not there is named, with what it is for."""
        with pytest.raises(UsageError, match=message):
            read_tickets(table([step(0, "new")]), None, **options)

    def test_a_table_of_other_tickets(self) -> None:
        """A table that has a ticket twice, or none of the log's, is refused."""
        log = table([step(0, "new")])
        with pytest.raises(UsageError, match="1 rows of the table are about a ticket"):
            read_tickets(log, {"native_id": ["A", "B", "A"]})
        with pytest.raises(UsageError, match="None of the 1 tickets"):
            read_tickets(log, {"native_id": [1, 2]})

    def test_columns_that_tickets_have(self) -> None:
        """A column of the log must not hide one of the tickets; one of the table does not."""
        log = table([step(0, "new"), step(1, "solved")])
        with pytest.raises(UsageError, match="have status of their own"):
            read_tickets(log, rule=TicketRule(last="status"))
        about = {"native_id": ["A"], "end": ["odd"]}
        assert told(read_tickets(log, about, rule=TicketRule(keep="end")), "end") == ["solved"]

    def test_a_word_for_no_state(self) -> None:
        """A word can only mean a state that there is."""
        with pytest.raises(UsageError, match="no state 'waiting'"):
            TicketRule(words={"Awaiting": "waiting"})

    def test_no_table(self) -> None:
        """One column is no log."""
        with pytest.raises(UsageError, match="a table is needed"):
            read_tickets([1, 2], None, rule=TicketRule(), names={})

    def test_nothing(self) -> None:
        """A log without rows has no tickets."""
        found = made([])
        assert len(found) == 0
        assert len(found.spans) == 0


EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "ticket": st.sampled_from("ABC"),
            "hour": st.integers(0, 6),
            "event": st.sampled_from([None, "created", "comment", "status", "reopening", "merge"]),
            "status": st.sampled_from([None, "new", "open", "pending", "solved", "closed", "odd"]),
            "actor": st.sampled_from([None, "human", "bot", "customer"]),
            "staff": st.sampled_from([None, "1", "2"]),
            "new": st.sampled_from([None, "1", "2"]),
        }
    ),
    min_size=1,
    max_size=25,
)


class TestByLaw:
    @given(EVENTS, st.randoms(use_true_random=False))
    def test_the_order_of_arrival_changes_nothing(self, rows: list[Any], rng: Any) -> None:
        """Whatever the order of the rows, the tickets and their stretches are the same."""
        mixed = rng.sample(rows, len(rows))
        first, second = made(rows), made(mixed)
        assert values(first) == values(second)
        assert values(first.spans) == values(second.spans)
        assert first.notes == second.notes

    @given(EVENTS)
    def test_times_add_up(self, rows: list[Any]) -> None:
        """States before a ticket was first settled fill the time from its opening until then."""
        found = made(rows)
        seen, spans = values(found), values(found.spans)
        lengths = ("new_s", "open_s", "pending_s", "on_hold_s")
        lasted: dict[str, float] = dict.fromkeys(seen["ticket"], 0.0)
        stretches = zip(
            *(spans[n] for n in ("ticket", "state", "started_at", "ended_at")), strict=True
        )
        for ticket, state, start, end in stretches:
            assert end > start
            lasted[ticket] += (end - start).total_seconds() * (state != "solved")
        for place, ticket in enumerate(seen["ticket"]):
            assert lasted[ticket] == sum(seen[name][place] for name in lengths)
            if seen["reopenings"][place] == 0 and seen["end"][place] is not None:
                whole = seen["ended_at"][place] - seen["occurred_at"][place]
                assert lasted[ticket] == whole.total_seconds()

    @given(EVENTS, st.integers(1, 5))
    def test_a_cut_is_the_log_until_then(self, rows: list[Any], hour: int) -> None:
        """Cutting at an hour gives what a log gives that ends before it."""
        until = BEGIN + timedelta(hours=hour)
        cut = made(rows, until=until)
        early = made([row for row in rows if row["hour"] < hour], until=until)
        assert values(cut) == values(early)
