"""Time until a ticket is solved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = 3600.0
# Freireich and others, 1963: weeks of remission under 6-MP, and whether its end was seen.
WEEKS = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
SEEN = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)


def at(hours: float | None) -> datetime | None:
    """Instant so many hours after the beginning."""
    return None if hours is None else BEGIN + timedelta(hours=hours)


def frame(hours: list[float | None], **more: Any) -> dict[str, Any]:
    """Tickets that were opened at the beginning, and solved after some hours or not yet."""
    return {"occurred_at": [BEGIN] * len(hours), "solved_at": [at(h) for h in hours], **more}


def mean_within(tickets: Any, **asked: Any) -> Any:
    """Mean time, which needs its longest time."""
    return cx.mean_resolution_time(tickets, within="48h", **asked)


def medians_compared(tickets: Any, **asked: Any) -> Any:
    """The one difference between two groups."""
    return cx.compare_times(tickets, by="parity", against="even", **asked)["odd"]


class TestByHand:
    def test_open_tickets_count(self) -> None:
        """Ten of forty are open: the median is that of all, not of the thirty that are solved."""
        tickets = frame([*range(1, 31), *[None] * 10])
        ours = cx.resolution_time(tickets, until=at(48))
        theirs = cx.resolution_time(tickets, until=at(48), definition="zendesk")
        assert (ours.value, theirs.value) == (20.5 * HOUR, 15.5 * HOUR)
        assert [caveat.code for caveat in ours.caveats] == ["still_open"]
        assert "ended_only" in [caveat.code for caveat in theirs.caveats]
        assert theirs.receipt.exclusions == (("not over", 10),)

    def test_not_reached(self) -> None:
        """Where less than half are solved there is no median, and the result says so."""
        found = cx.resolution_time(frame([1, 2, *[None] * 8]), until=at(48))
        assert found.value is None
        assert "not_reached" in [caveat.code for caveat in found.caveats]

    def test_other_ends_stand_in_the_way(self) -> None:
        """Tickets that end without a solution are never solved; taking them for open is wrong."""
        tickets = frame([2, 4, 6, 8, *[None] * 4], closed_at=[at(10)] * 4 + [at(1)] * 4)
        assert cx.resolution_time(tickets, until=at(48), q=0.25).value == 5 * HOUR
        assert cx.resolution_time(tickets, until=at(48), q=0.6).value is None
        curve = cx.resolution_curve(tickets, until=at(48))
        assert (curve.kind, curve.value[-1]) == ("incidence", 0.5)

    def test_what_was_merged_is_no_solution(self) -> None:
        """A stamp of solution on a merged ticket or on spam is another end."""
        status = ["closed", "closed", "merged", "spam"]
        curve = cx.resolution_curve(frame([2, 4, 1, 1], status=status), until=at(48))
        assert (curve.kind, curve.value[-1]) == ("incidence", 0.5)

    def test_business_hours(self) -> None:
        """From Friday at four to Monday at ten there are two open hours."""
        desk = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
        tickets = {
            "occurred_at": [datetime(2026, 11, 20, 16, tzinfo=UTC)] * 3,
            "solved_at": [datetime(2026, 11, 23, 10, tzinfo=UTC)] * 3,
        }
        found = cx.resolution_time(tickets, calendar=desk)
        assert found.value == 2 * HOUR
        assert ("calendar", "UTC, 40 hours a week, 0 holidays") in found.receipt.parameters

    def test_open_time_is_never_told_in_days(self) -> None:
        """Ten weeks of forty open hours are 400 open hours, and no 16.7 days."""
        desk = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
        tickets = {
            "occurred_at": [datetime(2026, 1, 5, 9, tzinfo=UTC)] * 40,
            "solved_at": [datetime(2026, 3, 16, 9, tzinfo=UTC)] * 40,
            "channel": ["chat", "phone"] * 20,
        }
        found = cx.resolution_time(tickets, calendar=desk)
        assert (found.value, found.unit) == (400 * HOUR, "open seconds")
        assert "400.0 open hours" in str(found)
        mean = cx.mean_resolution_time(tickets, within="1000h", calendar=desk)
        apart = cx.compare_times(tickets, by="channel", calendar=desk)
        curve = cx.resolution_curve(tickets, calendar=desk)
        assert mean.unit == apart.unit == curve.unit == "open seconds"
        assert "open hours" in curve.summary()
        with pytest.raises(UsageError, match="'open seconds' after"):
            cx.compare(cx.resolution_time(tickets), found)

    def test_by_the_first_solution(self) -> None:
        """The first solution comes before the last one, if the ticket was opened again."""
        tickets = frame([10] * 5, first_solved_at=[at(4)] * 5)
        assert cx.resolution_time(tickets, definition="first").value == 4 * HOUR
        assert cx.resolution_time(tickets).value == 10 * HOUR

    def test_the_mean_takes_every_end(self) -> None:
        """What was merged is over to the mean, and not solved to the median: it is told."""
        tickets = frame([2, None, 4], ended_at=[at(2), at(3), at(4)])
        found = cx.mean_resolution_time(tickets, within="10h", until=at(48))
        assert found.value == pytest.approx(3 * HOUR)
        (told,) = (one for one in found.caveats if one.code == "other_ends")
        assert told.message.startswith("1 ended in another way")
        whole = cx.mean_resolution_time(frame([2, 4]), within="10h")
        assert "other_ends" not in {one.code for one in whole.caveats}

    def test_rows_that_make_no_sense(self) -> None:
        """A ticket solved before it was opened, or never opened, is left out and counted."""
        tickets = frame([3, 3, -1, 3])
        tickets["occurred_at"] = [BEGIN, BEGIN, BEGIN, None]
        found = cx.resolution_time(tickets)
        assert found.n == 2
        assert found.receipt.exclusions == (("no opening", 1), ("over before it began", 1))
        (told,) = (one for one in found.caveats if one.code == "over_too_soon")
        assert told.message.startswith("1 was over before it began")

    @pytest.mark.parametrize(
        "measure",
        [
            cx.resolution_time,
            cx.resolution_curve,
            lambda rows: cx.mean_resolution_time(rows, within="1d"),
            lambda rows: cx.sla_attainment(rows, target="2h"),
            lambda rows: cx.ticket_ends(rows, end="solved_at"),
            lambda rows: cx.first_reply_time(rows, end="solved_at"),
            lambda rows: cx.compare_times(rows, by="channel"),
        ],
    )
    def test_what_ends_before_it_begins(self, measure: Callable[[Any], Any]) -> None:
        """Each figure about times says that it leaves out what clocks that are apart made."""
        tickets = frame([3, 3, -1, 3], end=["solved"] * 4, channel=["chat", "mail"] * 2)
        assert "over_too_soon" in {one.code for one in measure(tickets).notes}
        whole = frame([3, 3, 1, 3], end=["solved"] * 4, channel=["chat", "mail"] * 2)
        assert "over_too_soon" not in {one.code for one in measure(whole).notes}

    def test_a_log_of_its_own(self) -> None:
        """Tickets that were made from a log keep its rule in the receipt; the log has the end."""
        log = {
            "ticket": ["A", "A", "B"],
            "occurred_at": [at(0), at(5), at(1)],
            "status": ["new", "solved", "new"],
        }
        made = cx.tickets(log, until=at(9))
        found = cx.resolution_time(made, q=0.4)
        assert found.value == 5 * HOUR
        assert found.receipt.steps[0] == ("events", 3)
        with pytest.raises(UsageError, match="an end of its own"):
            cx.resolution_time(made, until=at(8))

    def test_groups_and_frames(self) -> None:
        """Frames of all kinds agree on groups; a missing label is a group of its own."""
        data = frame([1, 2, 3, 4, 5, 6], channel=["chat", "chat", "chat", "mail", "mail", None])
        made = [
            cx.resolution_time(table, by="channel")
            for table in (data, pd.DataFrame(data), pl.DataFrame(data), pl.LazyFrame(data))
        ]
        assert [one.to_json() for one in made[1:]] == [made[0].to_json()] * 3
        assert made[0]["chat"].value == 2 * HOUR
        assert made[0][None].value == 6 * HOUR

    def test_two_axes_and_curves(self) -> None:
        """Groups of two axes have curves of their own in one panel."""
        data = frame([1, 2, 3, 4], a=["x", "x", "y", "y"], b=[1, 1, 1, 2])
        assert cx.resolution_time(data, by=["a", "b"])["y", 2].value == 4 * HOUR
        panel = cx.resolution_curve(data, by="a")
        assert panel["x"].at(1.5 * HOUR).value == 0.5

    def test_customers_are_clusters(self) -> None:
        """Tickets of one customer are alike, so the interval is longer than that of strangers."""
        hours = [float(h) for h in range(1, 31) for _ in range(8)]
        data = frame(hours, customer=[f"c{i // 8}" for i in range(240)])
        alone, tied = cx.resolution_time(data), cx.resolution_time(data, clusters="customer")
        assert tied.value == alone.value
        assert tied.high - tied.low > alone.high - alone.low
        assert tied.receipt.design == ("clusters",)

    @pytest.mark.parametrize("ask", [cx.resolution_time, mean_within, medians_compared])
    def test_tickets_of_one_customer_are_worth_one(self, ask: Any) -> None:
        """Ten tickets that always take as long as each other tell what one of them tells."""
        hours = [float(n) for n in range(1, 41) for _ in range(10)]
        who = [n for n in range(40) for _ in range(10)]
        parity = ["odd" if n % 2 else "even" for n in who]
        found = ask(frame(hours, customer=who, parity=parity), clusters="customer")
        assert found.effective_n == pytest.approx(found.n / 10, rel=0.03)
        assert "design_effect" in [caveat.code for caveat in found.caveats]
        alone = ask(frame(hours, customer=range(400), parity=parity), clusters="customer")
        assert alone.effective_n == pytest.approx(found.n, rel=0.003)

    def test_nobody(self) -> None:
        """Without tickets there is no time."""
        found = cx.resolution_time(frame([]))
        assert (found.value, [c.code for c in found.caveats]) == (None, ["nothing_counted"])
        assert len(cx.resolution_time(frame([], channel=[]), by="channel")) == 0

    def test_many_groups(self) -> None:
        """A thousand groups of one ticket each have each their own time."""
        hours = [float(h) for h in range(1, 1001)]
        found = cx.resolution_time(frame(hours, team=np.arange(1000, dtype=np.int16)), by="team")
        assert found.value.tolist() == [hour * HOUR for hour in hours]


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"q": 1.0}, "must lie between"),
            ({"definition": "zendes"}, "no definition 'zendes'"),
            ({"method": "wald"}, "no interval method"),
            ({"end": "done_at"}, "no column 'done_at'"),
            ({"by": "chanel"}, "no column 'chanel'"),
            ({"until": "2026-11-03"}, "no instant"),
            ({"confidence_level": 95}, "confidence level"),
        ],
    )
    def test_wrong_calls(self, options: dict[str, Any], message: str) -> None:
        """A call that makes no sense is refused with the cure."""
        with pytest.raises(UsageError, match=message):
            cx.resolution_time(frame([1, 2]), **options)

    def test_a_mean_needs_its_longest_time(self) -> None:
        """A mean that counts open tickets needs to know how far it counts."""
        with pytest.raises(UsageError, match="longest time"):
            cx.mean_resolution_time(frame([1, None]))


class TestByLaw:
    @given(
        st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=40),
        st.randoms(use_true_random=False),
    )
    def test_order_does_not_matter(self, rows: list[tuple[int, bool]], rng: Any) -> None:
        """The order of the tickets changes nothing."""
        hours = [h if seen else None for h, seen in rows]
        mixed = rng.sample(hours, len(hours))
        first, second = (
            cx.resolution_time(frame(list(part)), until=at(61)) for part in (hours, mixed)
        )
        assert (first.value, first.low, first.high) == (second.value, second.low, second.high)

    @given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
    def test_all_solved_is_the_usual_median(self, hours: list[int]) -> None:
        """If all are solved, it is the median of the times."""
        found = cx.resolution_time(frame([float(h) for h in hours]))
        assert found.value == pytest.approx(float(np.median(hours)) * HOUR)

    @given(st.lists(st.integers(1, 60), min_size=2, max_size=30), st.integers(2, 59))
    def test_a_cut_never_makes_it_quicker(self, hours: list[int], cut: int) -> None:
        """Cutting the log hides solutions; it never shows quicker ones."""
        # A share that no count of so few tickets hits, so that no value lies between two times.
        tickets, share = frame([float(h) for h in hours]), 0.4999
        whole = cx.resolution_time(tickets, q=share, until=at(61))
        early = cx.resolution_time(tickets, q=share, until=at(cut))
        assert early.value is None or early.value >= whole.value


class TestMeans:
    def test_vendor_mean(self) -> None:
        """A vendor's mean is the plain one of what is closed."""
        tickets = {
            "occurred_at": [BEGIN] * 4,
            "solved_at": [at(1), at(2), at(6), None],
            "closed_at": [at(1), at(2), at(6), None],
        }
        found = cx.mean_resolution_time(tickets, definition="hubspot", until=at(48))
        assert found.value == pytest.approx(3 * HOUR)
        assert found.n == 3

    def test_restricted_mean(self) -> None:
        """Up to ten hours: an hour, two, six, and ten for the one that is open."""
        found = cx.mean_resolution_time(frame([1, 2, 6, None]), within="10h", until=at(48))
        assert found.value == pytest.approx((1 + 2 + 6 + 10) / 4 * HOUR)
        assert found.at_level(0.8).low > found.low

    def test_nobody_watched_so_long(self) -> None:
        """Where nobody was watched up to the longest time there is no mean."""
        found = cx.mean_resolution_time(frame([1, 2, None]), within="10h", until=at(5))
        assert found.value is None


class TestByReference:
    def test_remission(self) -> None:
        """Median 23 and limits 13 and none, as R's survival package finds by the log-log scale."""
        start = datetime(2026, 1, 1, tzinfo=UTC)
        ends = [start + timedelta(hours=w) for w in WEEKS]
        cut = start + timedelta(days=40)
        # Each is opened so long before the cut as it was watched.
        opened = [
            start if seen else cut - timedelta(hours=w) for w, seen in zip(WEEKS, SEEN, strict=True)
        ]
        solved = [end if seen else None for end, seen in zip(ends, SEEN, strict=True)]
        found = cx.resolution_time({"occurred_at": opened, "solved_at": solved}, until=cut)
        assert [found.value, found.low, found.high] == [23 * HOUR, 13 * HOUR, None]
