"""The vendors' own figures, from their documentation and from a simulated Zendesk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import mean, median
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_connectors.simulation import Company
from cxm_connectors.zendesk._mapping_history import history_of
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.columns import Tickets
from cxm_core.records import TicketEvent

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = 60.0
COLUMNS = ("ticket", "event", "old", "new", "status", "actor", "staff", "is_public", "native_id")


def at(minutes: float) -> datetime:
    """Instant so many minutes after the beginning."""
    return BEGIN + timedelta(minutes=minutes)


def log(*rows: tuple[float, str, str | None, str]) -> dict[str, list[Any]]:
    """Events of one ticket: minute, event, status and who acted."""
    minute, event, status, actor = (list(part) for part in zip(*rows, strict=True))
    when = [at(m) for m in minute]
    return {
        "ticket": [1] * len(rows),
        "occurred_at": when,
        "event": event,
        "status": status,
        "actor": actor,
    }


@pytest.fixture(scope="module")
def vendor() -> ZendeskSimulator:
    """A small company's desk."""
    return ZendeskSimulator(Company.made(customers=160, seed=3))


@pytest.fixture(scope="module")
def simulated(vendor: ZendeskSimulator) -> Tickets:
    """Tickets made from its audits."""
    truth = vendor.truth()
    staff = {str(key) for key in truth["staff"]}
    rows = [
        event
        for audit in vendor.audits.values()
        for event in history_of(audit, staff)
        if isinstance(event, TicketEvent)
    ]
    data = {name: [getattr(row, name) for row in rows] for name in COLUMNS}
    return cx.tickets(data | {"occurred_at": [row.occurred_at for row in rows]})


class TestZendeskByHand:
    """Zendesk help, About native Support time duration metrics: what is counted from when to when.

    A ticket that is opened, answered after 10.5 minutes, pending, opened by the customer, solved
    after 100, opened again after 200 and solved for good after 260.
    """

    @pytest.fixture
    def made(self) -> Tickets:
        """The ticket."""
        return cx.tickets(
            log(
                (0, "created", "new", "customer"),
                (10.5, "comment", None, "human"),
                (10.5, "status", "pending", "human"),
                (40, "status", "open", "customer"),
                (60, "status", "on_hold", "human"),
                (100, "comment", None, "human"),
                (100, "status", "solved", "human"),
                (200, "reopening", "open", "customer"),
                (260, "status", "solved", "human"),
            )
        )

    def test_first_reply(self, made: Tickets) -> None:
        """From creation to the first public reply of an agent, in whole minutes."""
        assert cx.first_reply_time(made, definition="zendesk").value == 10 * MINUTE

    def test_first_resolution(self, made: Tickets) -> None:
        """From creation to the first time that it was solved."""
        found = cx.resolution_time(made, definition="zendesk_first")
        assert found.value == 100 * MINUTE

    def test_full_resolution(self, made: Tickets) -> None:
        """From creation to the last time that it was solved."""
        assert cx.resolution_time(made, definition="zendesk").value == 260 * MINUTE

    def test_requester_wait(self, made: Tickets) -> None:
        """New, open and on hold together: 10.5, 20, 40 and 60 minutes, cut to whole ones."""
        assert cx.requester_wait(made, definition="zendesk").value == 130 * MINUTE

    def test_one_touch(self, made: Tickets) -> None:
        """Two agent replies are no single touch, and one with a thank-you is."""
        assert cx.one_touch(made, definition="zendesk").value == 0.0
        thanked = cx.tickets(
            log(
                (0, "created", "new", "customer"),
                (5, "comment", None, "human"),
                (5, "status", "solved", "human"),
                (9, "reopening", "open", "customer"),
                (12, "status", "solved", "human"),
            ),
            until=at(30_000),
        )
        assert cx.one_touch(thanked, definition="zendesk").value == 1.0
        assert cx.one_touch(thanked).value == 0.0

    def test_closed_without_being_solved(self) -> None:
        """What a rule closes unsolved counts as resolved then; we count another end."""
        made = cx.tickets(
            log((0, "created", "new", "customer"), (90, "status", "closed", "bot")), until=at(500)
        )
        assert cx.resolution_time(made, definition="zendesk").value == 90 * MINUTE
        assert cx.resolution_time(made).value is None


class TestHubSpotByHand:
    def test_time_to_close(self) -> None:
        """From create date to close date, of the closed; one that is open is left out."""
        tickets = {
            "occurred_at": [at(0), at(0), at(0)],
            "solved_at": [at(60), at(180), None],
            "closed_at": [at(60), at(180), None],
        }
        found = cx.mean_resolution_time(tickets, definition="hubspot", until=at(900))
        assert (found.value, found.n) == (120 * MINUTE, 2)


class TestZammadByHand:
    def test_fifteen_minutes(self) -> None:
        """Closed less than fifteen minutes after creation is a first solution; at fifteen not."""
        tickets = {
            "occurred_at": [at(0)] * 4,
            "closed_at": [at(14.99), at(15), at(400), None],
        }
        tickets["solved_at"] = tickets["closed_at"]
        found = cx.one_touch(tickets, definition="zammad", until=at(900))
        assert (found.value, found.n) == (pytest.approx(1 / 3), 3)


class TestZendeskSimulated:
    """Our figures from the events, and the vendor's own `ticket_metrics`, ticket by ticket."""

    def metrics(self, vendor: ZendeskSimulator, simulated: Tickets, name: str) -> list[Any]:
        """The vendor's own figure of each ticket, in the order of ours."""
        keys = [int(key) for key in simulated.column("ticket").values.tolist()]
        rows = [vendor.metric_sets[key] for key in keys]
        return [row[name]["calendar"] if isinstance(row[name], dict) else row[name] for row in rows]

    def minutes(self, simulated: Tickets, name: str) -> list[int | None]:
        """Whole minutes from the opening to an instant of each ticket."""
        start, end = simulated.column("occurred_at"), simulated.column(name)
        lengths = (end.values - start.values) // np.timedelta64(1, "m")
        return [
            None if gone else int(length)
            for length, gone in zip(lengths.tolist(), end.is_missing.tolist(), strict=True)
        ]

    def test_counts(self, vendor: ZendeskSimulator, simulated: Tickets) -> None:
        """Replies and reopenings are the vendor's, ticket by ticket."""
        assert len(simulated) > 40
        assert simulated.column("replies").values.tolist() == self.metrics(
            vendor, simulated, "replies"
        )
        assert simulated.column("reopenings").values.tolist() == self.metrics(
            vendor, simulated, "reopens"
        )

    def test_first_replies(self, vendor: ZendeskSimulator, simulated: Tickets) -> None:
        """First reply times are the vendor's, ticket by ticket, and so is their median."""
        told = self.metrics(vendor, simulated, "reply_time_in_minutes")
        assert self.minutes(simulated, "first_replied_at") == told
        known = [one for one in told if one is not None]
        found = cx.first_reply_time(simulated, definition="zendesk")
        assert found.value == pytest.approx(median(known) * MINUTE)

    def test_full_resolution(self, vendor: ZendeskSimulator, simulated: Tickets) -> None:
        """Full resolution times are the vendor's for all that are solved; so are the averages."""
        told = self.metrics(vendor, simulated, "full_resolution_time_in_minutes")
        ends = simulated.column("end").values.tolist()
        ours = self.minutes(simulated, "solved_at")
        pairs = [(a, b) for a, b, end in zip(ours, told, ends, strict=True) if end == "solved"]
        assert len(pairs) > 30
        assert all(a == b for a, b in pairs)
        solved = simulated.to_frame("pandas")
        solved = solved[solved["end"] == "solved"]
        found = cx.resolution_time(solved, definition="zendesk")
        assert found.value == pytest.approx(median(b for _, b in pairs) * MINUTE)
        average = cx.mean_resolution_time(solved, definition="zendesk")
        assert average.value == pytest.approx(mean(b for _, b in pairs) * MINUTE)

    def test_one_touch(self, vendor: ZendeskSimulator, simulated: Tickets) -> None:
        """One-touch tickets are those that the vendor's formula counts."""
        replies = self.metrics(vendor, simulated, "replies")
        done = [
            status in ("solved", "closed") for status in simulated.column("status").values.tolist()
        ]
        counted = [n < 2 for n, is_done in zip(replies, done, strict=True) if is_done]
        found = cx.one_touch(simulated, definition="zendesk")
        assert (found.value, found.n) == (pytest.approx(mean(counted)), len(counted))
