"""Promises, returns, escalations and single replies."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)


def at(hours: float | None) -> datetime | None:
    """Instant so many hours after the beginning."""
    return None if hours is None else BEGIN + timedelta(hours=hours)


def frame(hours: list[float | None], **more: Any) -> dict[str, Any]:
    """Tickets that were opened at the beginning, and solved after some hours or not yet."""
    return {"occurred_at": [BEGIN] * len(hours), "solved_at": [at(h) for h in hours], **more}


class TestPromises:
    def test_young_tickets_do_not_count(self) -> None:
        """What is not due yet is left out, though it is solved; an old open one is missed."""
        tickets = frame([1, 5, None, 1])
        tickets["occurred_at"][3] = at(47)
        tickets["solved_at"][3] = at(47.5)
        found = cx.sla_attainment(tickets, target="4h", until=at(48))
        assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
        assert found.receipt.exclusions == (("not due yet", 1),)

    def test_exactly_on_time(self) -> None:
        """Done at the last moment is kept."""
        assert cx.sla_attainment(frame([4] * 3), target="4h", until=at(48)).value == 1.0

    def test_an_instant_of_each(self) -> None:
        """The promise may be an instant of each ticket; one without it has none."""
        tickets = frame([1, 5, 5, 1], due_at=[at(2), at(4), at(6), None])
        found = cx.sla_attainment(tickets, until=at(48))
        assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
        assert found.receipt.exclusions == (("nothing promised", 1),)

    def test_business_hours(self) -> None:
        """The promised hours run while the desk is open."""
        desk = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
        tickets = {
            "occurred_at": [datetime(2026, 11, 20, 16, tzinfo=UTC)] * 2,
            "solved_at": [datetime(2026, 11, 23, h, tzinfo=UTC) for h in (11, 12)],
        }
        until = datetime(2026, 11, 30, tzinfo=UTC)
        found = cx.sla_attainment(tickets, target="3h", calendar=desk, until=until)
        assert found.value == 0.5

    def test_replies(self) -> None:
        """The promise may be about the first reply."""
        tickets = frame([9, 9], first_replied_at=[at(1), at(3)])
        found = cx.sla_attainment(tickets, target="2h", of="first_reply", until=at(48))
        assert found.value == 0.5

    def test_merged_ones_promise_nothing(self) -> None:
        """What was merged before its time was over is left out; later it is missed."""
        tickets = frame([1, None, None], closed_at=[at(1), at(2), at(9)])
        found = cx.sla_attainment(tickets, target="4h", until=at(48))
        assert (found.value, found.n) == (0.5, 2)
        assert found.receipt.exclusions == (("ended otherwise", 1),)

    def test_a_mark_of_the_source(self) -> None:
        """The source's own mark is a share of the tickets that have one."""
        found = cx.sla_attainment({"made_sla": [True, False, True, None]}, met="made_sla")
        assert (found.value, found.n) == (pytest.approx(2 / 3), 3)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"target": "4h", "due": "due_at"}, "more than once"),
            ({"calendar": BusinessCalendar("UTC", {0: [(time(9), time(17))]})}, "open time"),
            ({"target": "4 hours"}, "no length of time"),
            ({}, "no column 'due_at'"),
            ({"target": "4h", "of": "peace"}, "no promise of"),
            ({"met": "solved_at"}, "neither numbers nor true"),
            ({"due": "channel"}, "times are needed"),
        ],
    )
    def test_wrong_calls(self, options: dict[str, Any], message: str) -> None:
        """A promise that makes no sense is refused."""
        with pytest.raises(UsageError, match=message):
            cx.sla_attainment(frame([1, 2], channel=["a", "b"]), **options)

    @given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=30))
    def test_equals_the_share_of_the_curve(self, rows: list[tuple[int, bool]]) -> None:
        """If every promise is over, the share is that of the curve at the promised time."""
        hours = [float(h) if seen else None for h, seen in rows]
        tickets = frame(hours)
        share = cx.sla_attainment(tickets, target="12h", until=at(48)).value
        curve = cx.resolution_curve(tickets, until=at(48))
        assert 1 - (curve.at(12 * 3600).value or 0.0) == pytest.approx(share)


class TestReturns:
    def returned(self) -> dict[str, Any]:
        """Four settled tickets, one back after two hours, one after nine days; and one open."""
        return {
            "first_ended_at": [at(0), at(0), at(0), at(220), None],
            "first_reopened_at": [at(2), at(216), None, None, None],
        }

    def test_ever_and_within(self) -> None:
        """With a window, only tickets count whose window is over."""
        ever = cx.reopen_rate(self.returned(), until=at(240))
        week = cx.reopen_rate(self.returned(), window="7d", until=at(240))
        assert (ever.value, ever.n) == (0.5, 4)
        assert (week.value, week.n) == (pytest.approx(1 / 3), 3)
        assert week.receipt.exclusions == (("never settled", 1), ("window not over", 1))
        assert "open_windows" in [caveat.code for caveat in week.caveats]
        assert (ever.receipt.definition, week.receipt.definition) == (
            "reopen_rate.ever",
            "reopen_rate.within",
        )

    def test_what_was_merged_was_not_settled(self) -> None:
        """Merged, spam and abandoned tickets say nothing, unless they had come back before."""
        ends = ["solved", "merged", "solved", "spam", None]
        found = cx.reopen_rate({**self.returned(), "end": ends}, until=at(240))
        assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
        assert found.receipt.exclusions == (("never settled", 1), ("spam", 1))
        week = cx.reopen_rate({**self.returned(), "status": ends}, window="7d", until=at(240))
        assert (week.value, week.n) == (pytest.approx(1 / 3), 3)
        ends[2] = "Abandoned"
        assert cx.reopen_rate({**self.returned(), "end": ends}, until=at(240)).value == 1.0

    def test_a_merge_in_a_log(self) -> None:
        """Of two settled tickets one was merged; the other one came back."""
        data = {
            "ticket": [1, 1, 1, 2, 2],
            "event": ["created", "status", "status", "created", "merge"],
            "status": ["new", "solved", "open", "new", None],
            "occurred_at": [at(0), at(5), at(6), at(0), at(3)],
        }
        found = cx.reopen_rate(cx.tickets(data, until=at(100)))
        assert (found.value, found.n) == (1.0, 1)
        assert ("merged", 1) in found.receipt.exclusions

    def test_what_was_settled_before_the_log(self) -> None:
        """A ticket that first comes back has been settled, and nobody knows when: it is no yes."""
        data = {
            "ticket": [1, 1, 2, 2, 3, 3],
            "event": ["reopening", "status", "created", "status", "created", "status"],
            "status": [None, "solved", "new", "solved", "new", "solved"],
            "occurred_at": [at(0), at(5), at(6), at(9), at(6), at(9)],
        }
        for window in (None, "2d"):
            found = cx.reopen_rate(cx.tickets(data, until=at(100)), window=window)
            assert (found.value, found.n) == (0.0, 2)
            assert found.receipt.exclusions == (("settled before the log", 1),)
            assert "over_too_soon" not in [caveat.code for caveat in found.caveats]

    def test_definitions_by_name(self) -> None:
        """A definition with a window has seven days unless told otherwise; the other has none."""
        named = cx.reopen_rate(self.returned(), definition="within", until=at(240))
        assert dict(named.receipt.parameters)["window"] == "7 days, 0:00:00"
        assert cx.reopen_rate(self.returned(), definition="ever", until=at(240)).n == 4
        with pytest.raises(UsageError, match="no window"):
            cx.reopen_rate(self.returned(), definition="ever", window="2d")

    def test_a_counter(self) -> None:
        """The source's own counter serves as well."""
        found = cx.reopen_rate({"count": [0, 2, None, 1]}, counter="count")
        assert (found.value, found.n) == (pytest.approx(2 / 3), 3)

    def test_escalations(self) -> None:
        """Coming to a named team is an escalation, and so is an event that says it."""
        data = {
            "ticket": [1, 1, 2, 2, 3],
            "event": ["created", "transfer", "created", "escalation", "created"],
            "new": [None, "second line", None, None, None],
            "occurred_at": [at(0), at(5), at(0), at(90), at(1)],
        }
        made = cx.tickets(data, escalated_to="second line", until=at(100))
        assert cx.escalation_rate(made).value == pytest.approx(2 / 3)
        assert cx.escalation_rate(made, window="2d").value == pytest.approx(1 / 3)

    @pytest.mark.parametrize("measure", [cx.reopen_rate, cx.escalation_rate])
    def test_issues_are_no_tickets(self, measure: Any) -> None:
        """Contacts do not tell when their matter was settled, and the hint says who does."""
        contacts = {"customer": ["a"], "occurred_at": [BEGIN], "channel": ["chat"]}
        with pytest.raises(UsageError, match="is about tickets") as caught:
            measure(cx.issues(contacts))
        assert (caught.value.hint or "").startswith("cx.tickets(events)")


class TestOneTouch:
    def touched(self) -> Any:
        """One reply; two replies; one reply and back; never solved; no reply at all."""
        rows: list[tuple[str, float, str, str | None, str]] = []
        for name, replies, back in (("A", 1, False), ("B", 2, False), ("C", 1, True)):
            rows.append((name, 0, "created", "new", "customer"))
            rows += [(name, 1 + i, "comment", None, "human") for i in range(replies)]
            rows.append((name, 4, "status", "solved", "human"))
            if back:
                rows += [(name, 20, "status", "open", "customer")]
                rows += [(name, 21, "status", "solved", "human")]
        rows += [("D", 0, "created", "new", "customer"), ("E", 0, "created", "new", "customer")]
        rows.append(("E", 0.1, "status", "closed", "bot"))
        names = ("ticket", "occurred_at", "event", "status", "actor")
        data = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        data["occurred_at"] = [at(h) for h in data["occurred_at"]]
        return cx.tickets(data, until=at(1000))

    def test_ours(self) -> None:
        """Of three that were solved one took a single reply and stayed solved."""
        found = cx.one_touch(self.touched())
        assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
        assert found.receipt.exclusions == (("never solved", 2),)

    def test_opened_again_before_it_was_solved(self) -> None:
        """Who had to come back after a close without a solution was not helped in one touch."""
        closed = ["new", "closed", "open", "solved"]
        data = {
            "ticket": ["A"] * 4 + ["B"] * 2,
            "status": [*closed, "new", "solved"],
            "occurred_at": [at(hour) for hour in (0, 1, 30, 31, 0, 1)],
        }
        found = cx.one_touch(cx.tickets(data, until=at(500)))
        assert (found.value, found.n) == (0.5, 2)
        assert found.receipt.exclusions == ()

    def test_the_vendors(self) -> None:
        """Zendesk counts the one that came back, and the one closed without a word."""
        found = cx.one_touch(self.touched(), definition="zendesk")
        assert (found.value, found.n) == (0.75, 4)
        quick = cx.one_touch(self.touched(), definition="zammad")
        assert (quick.value, quick.n) == (0.25, 4)

    def test_a_log_without_replies(self) -> None:
        """Where nobody ever replied, the figure says nothing, and says so."""
        data = {"ticket": [1, 1], "status": ["new", "solved"], "occurred_at": [at(0), at(1)]}
        found = cx.one_touch(cx.tickets(data, until=at(500)))
        assert "no_replies" in [caveat.code for caveat in found.caveats]
