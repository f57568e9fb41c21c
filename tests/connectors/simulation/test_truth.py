"""What is true of the synthetic company, whoever answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cxm_connectors.simulation import (
    Company,
    SimCustomer,
    SimOrder,
    SimTicket,
    SimTicketEvent,
    Truth,
)
from cxm_core.errors import UsageError

AT = datetime(2026, 2, 1, tzinfo=UTC)
QUARTERS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4, 7)]


def customer(key: int, **facts: object) -> SimCustomer:
    """A customer who has been there for long."""
    return SimCustomer(key=key, created_at=AT, changed_at=AT, **facts)  # type: ignore[arg-type]  # keywords of one class


def solved(key: int, opinion: int, **facts: object) -> SimTicket:
    """A ticket that was solved at once."""
    events = (
        SimTicketEvent(key=1, at=AT, kind="created"),
        SimTicketEvent(key=2, at=AT, kind="status", old="new", new="solved"),
    )
    known = {"customer": 1, "opened_at": AT, "events": events, "satisfaction": opinion}
    return SimTicket(key=key, **(known | facts))  # type: ignore[arg-type]  # keywords of one class


class TestByHand:
    """Small companies."""

    def test_nps(self) -> None:
        """Share of 9 and 10 minus share of 0 to 6, in points, over all who are there."""
        people = (
            customer(1, recommendation=10),
            customer(2, recommendation=9),
            customer(3, recommendation=7),
            customer(4, recommendation=6, segment="business"),
            customer(5, recommendation=0, deleted_at=AT),
            customer(6, recommendation=0, merged_into=1),
        )
        company = Company(customers=people)
        assert company.truth("nps") == Truth(measure="nps", value=25.0, n=4)
        assert company.truth("nps", segment="business") == Truth(measure="nps", value=-100.0, n=1)

    def test_csat(self) -> None:
        """Share of 4 and 5 over solved tickets of the support desk that are still there."""
        tickets = (
            solved(1, 5),
            solved(2, 4),
            solved(3, 3),
            solved(4, 1, desk="sales"),
            solved(5, 1, deleted_at=AT),
            solved(6, 1, events=()),
            solved(7, 1, customer=2),
        )
        company = Company(customers=(customer(1), customer(2, deleted_at=AT)), tickets=tickets)
        assert company.truth("csat") == Truth(measure="csat", value=2 / 3, n=3)

    def test_ces(self) -> None:
        """Share of 6 and 7 over delivered orders; who bought twice counts twice."""
        orders = [
            SimOrder(key=key, customer=who, placed_at=AT, changed_at=AT, delivered_at=delivered)
            for key, (who, delivered) in enumerate([(1, AT), (1, AT), (2, AT), (2, None)])
        ]
        people = (customer(1, effort=6), customer(2, effort=5))
        company = Company(customers=people, orders=tuple(orders))
        assert company.truth("ces") == Truth(measure="ces", value=2 / 3, n=3)

    def test_a_window_counts_when_somebody_is_asked(self) -> None:
        """The window is half-open, and a ticket counts on the day after it was solved."""
        company = Company(customers=(customer(1),), tickets=(solved(1, 5),))
        asked = AT + timedelta(days=1)
        assert company.truth("csat", start=asked, end=asked + timedelta(seconds=1)).n == 1
        with pytest.raises(UsageError, match="Nobody could be asked"):
            company.truth("csat", start=AT, end=asked)

    def test_nobody(self) -> None:
        """A company without customers has no truth."""
        with pytest.raises(UsageError, match="Nobody could be asked for the nps"):
            Company().truth("nps")


class TestByLaw:
    """A company of some size."""

    @pytest.mark.parametrize("measure", ["nps", "csat", "ces"])
    def test_segments_add_up(self, measure: str) -> None:
        """The truth of all is the mean of the segments, weighted by their opinions."""
        company = Company.made(customers=500)
        whole = company.truth(measure)  # type: ignore[arg-type]  # a word of the literal
        parts = [
            company.truth(measure, segment=segment)  # type: ignore[arg-type]  # the same
            for segment in ("consumer", "business", "enterprise")
        ]
        assert sum(part.n for part in parts) == whole.n
        mean = sum(part.value * part.n for part in parts) / whole.n
        assert whole.value == pytest.approx(mean)

    @pytest.mark.parametrize("measure", ["csat", "ces"])
    def test_windows_add_up(self, measure: str) -> None:
        """Whoever could be asked could be asked in one of the two quarters."""
        company = Company.made(customers=500)
        counts = [
            company.truth(measure, start=start, end=end).n  # type: ignore[arg-type]  # the same
            for start, end in pairwise(QUARTERS)
        ]
        assert sum(counts) == company.truth(measure).n  # type: ignore[arg-type]  # the same

    def test_things_got_better(self) -> None:
        """A new desk opens in April, and customers are told sooner and more satisfied since."""
        company = Company.made(customers=1_000)
        before, after = (
            company.truth("csat", start=start, end=end).value for start, end in pairwise(QUARTERS)
        )
        assert after - before > 0.05

    def test_who_answers_is_chance(self) -> None:
        """Those who answered think like everybody: within four standard errors of the truth."""
        company = Company.made(customers=1_500, seed=3)
        given = [one.score for one in company.ratings if one.score is not None]
        share = sum(score >= 4 for score in given) / len(given)
        truth = company.truth("csat").value
        assert abs(share - truth) < 4 * (truth * (1 - truth) / len(given)) ** 0.5
