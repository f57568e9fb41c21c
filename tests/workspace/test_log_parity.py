"""Channels against each other, and offers inside complaints, from the records of a store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program
from cxm_core.records import Interaction, Record, Response, Score, Ticket
from cxm_core.results import Panel
from cxm_core.workspace import Workspace
from workspace.desks import NOON, Clock
from workspace.log_desks import FIRST, contact, life

METRICS = [
    Metric(name="csat", engine="csat", question="helped", scale="1-5"),
    Metric(
        name="alike",
        engine="channel_parity",
        counted="tickets",
        against="chat",
        margins={"resolution_time": "2h", "csat": 0.9},
        feedback="csat",
    ),
    Metric(name="matters", engine="channel_parity", margins={"contacts": 0.5}),
    Metric(name="nowhere", engine="channel_parity", against="fax", margins={"contacts": 0.5}),
    Metric(name="unknown", engine="channel_parity", margins={"smiles": 0.5}),
    Metric(name="offers", engine="promotions_in_complaints", reasons="late"),
]
PROGRAM = Program(name="Desk", zone="UTC", metrics=METRICS)


def desk_with(records: list[Record]) -> Workspace:
    """A workspace in memory with these records."""
    made = Workspace(PROGRAM, store="memory:", clock=Clock())
    made.add(records)
    return made


def answer(number: int, value: int, **more: Any) -> Response:
    """What the customer of a ticket answered."""
    return Response(
        native_id=f"a{number}",
        customer=[("email", f"{number}@example.com")],
        occurred_at=FIRST + timedelta(days=number, hours=9),
        question="helped",
        score=Score(value, "1-5"),
        **more,
    )


def offer(number: int, who: str, hours: float, **more: Any) -> Interaction:
    """A message to a customer, so many hours after the first morning."""
    return Interaction(
        native_id=f"m{number}",
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(hours=hours),
        **{"direction": "out", "campaign": "sale", "channel": "email", **more},
    )


def complaint(number: int, who: str, start: float, end: float | None, **more: Any) -> Ticket:
    """A ticket that is open between so many hours after the first morning."""
    return Ticket(
        native_id=str(number),
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(hours=start),
        solved_at=None if end is None else FIRST + timedelta(hours=end),
        **{"reason": "late", "channel": "phone", **more},
    )


class TestParity:
    """The same in every channel, or not, or not known."""

    def tickets(self) -> list[Record]:
        """Tickets of two channels, by phone four hours longer, each with an answer."""
        found: list[Record] = []
        for number in range(18):
            channel = "phone" if number % 2 else "chat"
            hours = (5.0 if number % 2 else 1.5) + number / 100
            found += life(number, hours, channel=channel)
            found.append(answer(number, 4, attributes={"ticket": str(number)}))
        return found

    def test_times_and_answers_of_tickets(self) -> None:
        """Times are those of tickets; an answer is about the ticket that it names."""
        found = desk_with(self.tickets()).measure("alike")
        assert isinstance(found, Panel)
        assert found.names == ("resolution_time: phone", "csat: phone")
        assert found["resolution_time: phone"].value == pytest.approx(3.51 * 3600)
        assert (found["csat: phone"].n, found["csat: phone"].value) == (18, 0.0)
        assert found.receipt.definition == "alike"

    def test_an_answer_is_of_its_source(self) -> None:
        """Another system's ticket of the same number is another ticket."""
        lives = [one for one in self.tickets() if not isinstance(one, Response)]
        with Workspace(PROGRAM, store="memory:", clock=Clock()) as desk:
            desk.add(lives, source="zendesk:one")
            desk.add([one for one in self.tickets() if isinstance(one, Response)], source="app:two")
            assert desk.measure("alike").names == ("resolution_time: phone",)

    def test_contacts_of_issues(self) -> None:
        """Without `counted`, it is about issues, and a part of their effort may be compared."""
        rows = [contact(n, f"c{n}", -40, channel="phone" if n % 2 else "chat") for n in range(60)]
        made = [Interaction(**one.model_dump(exclude={"known_at", "source"})) for one in rows]
        found = desk_with(list(made)).measure("matters")
        assert found["contacts: phone"].decision == "equivalent"

    @pytest.mark.parametrize(
        ("metric", "told"),
        [("nowhere", "No issue came by the channel 'fax'"), ("unknown", "no column 'smiles'")],
    )
    def test_what_is_not_there(self, metric: str, told: str) -> None:
        """A channel or a measure that nobody has is told by its name."""
        rows: list[Record] = [contact(1, "ann", 0), contact(2, "bob", 0, channel="phone")]
        with pytest.raises(UsageError, match=told):
            desk_with(rows).measure(metric)

    def test_one_channel(self) -> None:
        """One channel is like no other."""
        with pytest.raises(UsageError, match="There are 1 channels, and two are needed"):
            desk_with([contact(1, "ann", 0)]).measure("matters")

    def test_groups(self) -> None:
        """In each group the channels are compared by themselves, and one that is alone is told."""
        records = self.tickets()
        records += life(18, 2.0, channel="chat", priority="low")
        found = desk_with(records).measure("alike", by="priority")
        assert found.names == ("(missing), resolution_time: phone", "(missing), csat: phone")
        assert found["(missing), resolution_time: phone"].value == pytest.approx(3.51 * 3600)
        assert ("of a group without both channels", 1) in found.receipt.exclusions
        months = desk_with(self.tickets()).measure("alike", every="month")
        assert months.names == ("2026-11, resolution_time: phone", "2026-11, csat: phone")

    def test_channels_are_no_groups(self) -> None:
        """What is compared is no group."""
        with pytest.raises(UsageError, match="The channels are compared"):
            desk_with([contact(1, "ann", 0)]).measure("matters", by="channel")


class TestPromotions:
    """Offers that come at a bad time."""

    def records(self) -> list[Record]:
        """Ann complains from hour 10 to 20; Bob still does; Cid asks about something else."""
        return [
            complaint(1, "ann", 10, 20),
            complaint(2, "bob", 30, None),
            complaint(3, "cid", 10, None, reason="size"),
            *(offer(n, "ann", hour) for n, hour in enumerate([9, 10, 15, 20])),
            offer(5, "bob", 300),
            offer(6, "cid", 30),
            offer(7, "ann", 12, campaign=None),
            offer(8, "ann", 12, direction="in"),
        ]

    def test_messages_and_complaints(self) -> None:
        """Messages of a campaign that went out count; complaints are those of the reasons."""
        found = desk_with(self.records()).measure("offers")
        assert (found["messages"].n, found["messages"].value) == (6, 0.5)
        assert (found["complaints"].n, found["complaints"].value) == (2, 1.0)

    def test_every_ticket_without_reasons(self) -> None:
        """An engine by its own name takes every ticket for a complaint."""
        found = desk_with(self.records()).measure("promotions_in_complaints")
        assert (found["messages"].value, found["complaints"].n) == (pytest.approx(4 / 6), 3)

    def test_a_window(self) -> None:
        """What was open before the window clashes with its messages, and the other way round."""
        found = desk_with(self.records()).measure("offers", window="2026-11-14")
        assert (found["messages"].n, found["messages"].value) == (1, 1.0)
        assert found["complaints"].n == 0
        early = desk_with(self.records()).measure("offers", window="2026-11-03")
        assert (early["complaints"].n, early["complaints"].value) == (1, 1.0)
        assert (early["messages"].n, early["messages"].value) == (3, pytest.approx(1 / 3))

    def test_a_selection_is_of_messages(self) -> None:
        """Filters choose messages, and a word that none of them has is refused."""
        desk = desk_with([*self.records(), offer(9, "bob", 40, campaign="spring")])
        found = desk.measure("offers", where={"campaign": "spring"})
        assert (found["messages"].n, found["messages"].value) == (1, 1.0)
        with pytest.raises(UsageError, match="'campain' is no column"):
            desk.measure("offers", where={"campain": "spring"})

    def test_groups(self) -> None:
        """Messages are told by their own columns, complaints by theirs, and either by the month."""
        records = [*self.records(), offer(9, "bob", 40, campaign="spring")]
        found = desk_with(records).measure("offers", by="campaign")
        assert (found["messages"]["spring"].value, found["messages"]["sale"].value) == (1.0, 0.5)
        assert (found["complaints"].n, found["complaints"].value) == (2, 1.0)
        both = desk_with(records).measure("promotions_in_complaints", by=["reason", "campaign"])
        assert both["complaints"].groups == ("late", "size")
        assert both["messages"].groups == ("sale", "spring")
        month = desk_with(records).measure("offers", every="month")
        assert [month[name].groups for name in month.names] == [("2026-11",)] * 2
        with pytest.raises(UsageError, match="Neither the messages nor the complaints"):
            desk_with(records).measure("offers", by="campain")

    def test_strangers(self) -> None:
        """Where no customer is in both, nothing could be found, and the panel says so."""
        records = [complaint(1, "ann", 10, 20), offer(1, "bob", 15)]
        found = desk_with(records).measure("offers")
        assert (found["messages"].value, found["messages"].n) == (0.0, 1)
        assert "strangers" in {one.code for one in found.caveats}
        known = desk_with(self.records()).measure("offers").caveats
        assert "strangers" not in {one.code for one in known}

    def test_nothing(self) -> None:
        """Without a message there is no figure, and no error."""
        found = desk_with([complaint(1, "ann", 10, 20)]).measure("offers")
        assert (found["messages"].value, found["messages"].n) == (None, 0)
        assert found.receipt.measured_at == NOON
