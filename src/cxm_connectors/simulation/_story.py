"""The way of one ticket over a desk: opened, taken, talked over, solved, reopened, closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from attrs import define, field, frozen

from ._contact_story import SimContact
from ._matters import PACE
from ._people import SimStaff
from ._scene import Scene
from ._tickets import SimTicket, SimTicketEvent
from ._words import NOTES, REPLIES, THANKS

_QUIET: Final = timedelta(days=4)
# Until the new desk opens, all takes twice as long.
_SLOWER: Final = 2.0


@frozen(kw_only=True)
class Desk:
    """Who works on tickets, and when.

    Parameters
    ----------
    scene : Scene
        When, and the chance that rules it.
    agents, sellers : tuple of int
        Keys of those who may have a ticket, on either desk.
    bot : int
        Key of the bot.
    """

    scene: Scene
    agents: tuple[int, ...]
    sellers: tuple[int, ...]
    bot: int

    @classmethod
    def of(cls, scene: Scene, staff: Iterable[SimStaff]) -> Desk:
        """Find who works at the desks."""
        people = list(staff)
        return cls(
            scene=scene,
            agents=tuple(one.key for one in people if one.role == "agent" and one.is_active),
            sellers=tuple(one.key for one in people if one.role == "seller"),
            bot=next(one.key for one in people if one.role == "bot"),
        )

    def slowness(self, at: datetime) -> float:
        """How long things take at this time, against the usual."""
        return _SLOWER if at < self.scene.middle else 1.0


def tell(ticket: SimTicket, contact: SimContact, desk: Desk) -> list[SimTicketEvent]:
    """Make up the events of a contact's ticket to its end, also those that are still to come."""
    rng = desk.scene.rng
    colleagues = desk.agents if ticket.desk == "support" else desk.sellers
    story = _Story(
        ticket=ticket,
        rng=rng,
        at=ticket.opened_at,
        owner=rng.choice(colleagues),
        slow=desk.slowness(ticket.opened_at) * PACE.get(ticket.channel, 1.0),
    )
    story.open(desk.bot)
    for _ in range(rng.choices((0, 1, 2), (45, 40, 15))[0]):
        story.ask_back()
    for _ in range(contact.transfers):
        story.hand_over(rng.choice([one for one in colleagues if one != story.owner]))
    story.solve(30, 4_000)
    if rng.random() < 0.12:
        story.reopen()
        story.solve(30, 3_000)
    story.at += _QUIET
    story.turn("closed", "bot", desk.bot)
    return story.events


@define(kw_only=True)
class _Story:
    ticket: SimTicket
    rng: Random
    at: datetime
    owner: int
    slow: float
    status: str = "new"
    events: list[SimTicketEvent] = field(factory=list)

    def open(self, bot: int) -> None:
        self.add("created", "customer", new="new", channel=self.ticket.channel)
        if self.ticket.channel == "chat":
            self.at += timedelta(seconds=5)
            self.say(REPLIES[0], "bot", bot)
        self.wait(5, 600)
        # The agent saves all three at once.
        self.add("assignment", staff=self.owner, new=str(self.owner))
        self.turn("open", "staff", self.owner)
        self.say(self.rng.choice(REPLIES), "staff", self.owner)

    def ask_back(self) -> None:
        self.wait(20, 900)
        self.turn("pending", "staff", self.owner)
        self.at += timedelta(minutes=self.rng.randint(10, 1_500))
        self.say(self.rng.choice(THANKS), "customer")
        self.turn("open", "customer")

    def hand_over(self, other: int) -> None:
        self.wait(5, 300)
        self.add("comment", staff=self.owner, text=self.rng.choice(NOTES), is_public=False)
        self.add("assignment", staff=self.owner, old=str(self.owner), new=str(other))
        if self.ticket.priority == "normal":
            self.add("priority", staff=self.owner, old="normal", new="high")
        self.owner = other

    def solve(self, least: int, most: int) -> None:
        self.wait(least, most)
        self.say(self.rng.choice(REPLIES), "staff", self.owner)
        self.turn("solved", "staff", self.owner)

    def reopen(self) -> None:
        self.at += timedelta(hours=self.rng.randint(1, 60))
        self.say(self.rng.choice(THANKS), "customer")
        self.turn("open", "customer")

    def wait(self, least: int, most: int) -> None:
        self.at += timedelta(seconds=int(self.slow * 60 * self.rng.randint(least, most)))

    def say(self, text: str, actor: str, staff: int | None = None) -> None:
        self.add("comment", actor, staff=staff, text=text, channel=self.ticket.channel)

    def turn(self, status: str, actor: str, staff: int | None = None) -> None:
        self.add("status", actor, staff=staff, old=self.status, new=status)
        self.status = status

    def add(self, kind: str, actor: str = "staff", **facts: Any) -> None:
        self.events.append(SimTicketEvent(key=0, at=self.at, kind=kind, actor=actor, **facts))
