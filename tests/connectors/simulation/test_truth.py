"""What is true of the synthetic company, whoever answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from cxm_connectors.simulation import (
    Company,
    SimContact,
    SimCustomer,
    SimMatter,
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


def contact(place: int, hours: int, **facts: object) -> SimContact:
    """A contact some hours after the beginning."""
    at = AT + timedelta(hours=hours)
    known = {"key": place, "issue": 1, "customer": 1, "at": at, "ended_at": at, "channel": "email"}
    return SimContact(**(known | facts))  # type: ignore[arg-type]  # keywords of one class


MATTERS = (
    SimMatter(
        key=1,
        customer=1,
        contacts=(
            contact(1, 0, settles=False, transfers=1),
            contact(2, 24, channel="phone", transfers=1, explains_again=True),
        ),
    ),
    SimMatter(key=2, customer=2, contacts=(contact(3, 30, issue=2, customer=2),)),
)


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

    def test_what_matters_take(self) -> None:
        """Of two matters one took two contacts, a day apart, on two channels, told twice."""
        company = Company(customers=(customer(1), customer(2)), matters=MATTERS)
        expected = {
            "first_contact_resolution": (0.5, 2),
            "contacts": (1.5, 2),
            "switches": (0.5, 2),
            "transfers": (1.0, 2),
            "re_explanations": (0.5, 2),
            "repeat_contact": (1 / 3, 3),
        }
        for measure, (value, n) in expected.items():
            assert company.truth(measure) == Truth(measure=measure, value=value, n=n)  # type: ignore[arg-type]  # words of the literal

    def test_who_comes_after_a_week_does_not_come_again(self) -> None:
        """The look ahead is seven days, from the first contact and from each."""
        late = evolve(MATTERS[0].contacts[1], at=AT + timedelta(days=7, seconds=1))
        matter = evolve(MATTERS[0], contacts=(MATTERS[0].contacts[0], late))
        company = Company(customers=(customer(1),), matters=(matter,))
        assert company.truth("first_contact_resolution").value == 1
        assert company.truth("repeat_contact").value == 0
        assert company.truth("contacts").value == 2

    def test_matters_of_a_window_began_in_it(self) -> None:
        """A matter is of the window in which it began, with all its contacts."""
        company = Company(customers=(customer(1), customer(2)), matters=MATTERS)
        hour = timedelta(hours=1)
        assert company.truth("contacts", start=AT, end=AT + hour).value == 2
        assert company.truth("repeat_contact", start=AT + hour).n == 2

    def test_times_of_tickets(self) -> None:
        """The time by which half of all tickets are solved; what was taken in never is."""
        done = [AT + timedelta(hours=hours) for hours in (1, 2, 5, 9)]
        tickets = [
            SimTicket(
                key=key,
                customer=1,
                opened_at=AT,
                replies_at=AT + timedelta(minutes=key),
                solves_at=at,
                settles_at=at if key < 4 else at + timedelta(hours=1),
            )
            for key, at in enumerate(done, 1)
        ]
        taken = SimTicket(key=5, customer=1, opened_at=AT)
        company = Company(customers=(customer(1),), tickets=(*tickets, taken))
        assert company.truth("resolution_time").value == 5 * 3_600
        assert company.truth("first_reply_time").value == 3 * 60
        assert company.truth("reopen_rate") == Truth(measure="reopen_rate", value=0.25, n=4)

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

    @pytest.mark.parametrize("measure", ["csat", "ces", "contacts", "resolution_time"])
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
