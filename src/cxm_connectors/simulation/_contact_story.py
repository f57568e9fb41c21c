"""The way of one matter: where it begins, when the customer comes again, and what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, pairwise
from math import exp, log
from random import Random
from typing import Any, Final

from attrs import evolve, field, frozen

from ._contact_ways import BURDENS, ContactChannel, ContactPlan
from ._contact_words import first_words, words_after, words_again
from ._words import PRODUCTS

_STAFF: Final = 12
_EASIEST: Final = 6.6


@frozen(kw_only=True)
class SimContact:
    """One time that a customer came, as the systems noted it, and what they could not note.

    Parameters
    ----------
    key : int
        Unique; a hundred times the key of the matter, and the place in it.
    issue : int
        Key of the matter that it truly is about.
    customer : int
        Key of who came.
    at, ended_at : datetime
        From when to when it took.
    channel, actor : str
        How the customer came, and who answered: `human`, `bot` or `self_service`.
    staff : int or None
        Who took it; None where no human did.
    reason : str or None
        Why, as somebody noted it.
    text : str
        The customer's own first words in it.
    reply_to : int or None
        Key of the contact that its message says it answers.
    transfers, authentications : int
        How often it was handed on, and how often the customer had to say who it is.
    is_escalated : bool
        It went to a higher level.
    wait_s, handle_s : int
        Seconds that the customer waited, and that staff worked.
    active_s : int or None
        Seconds of the customer's own time; None where nobody records it.
    truly, product : str
        Truth: the reason, whatever was noted, and what it is about.
    explains_again : bool
        Truth: the words tell the matter once more.
    settles : bool
        Truth: the customer needs not come again.
    satisfaction, ease : int or None
        What the customer answered afterwards, from 1 to 5, and from 1 to 7.
    """

    key: int
    issue: int
    customer: int
    at: datetime
    ended_at: datetime
    channel: str
    actor: str = "human"
    staff: int | None = None
    reason: str | None = None
    text: str = field(default="", repr=False)
    reply_to: int | None = None
    transfers: int = 0
    authentications: int = 0
    is_escalated: bool = False
    wait_s: int = 0
    handle_s: int = 0
    active_s: int | None = None
    truly: str = "other"
    product: str = ""
    explains_again: bool = False
    settles: bool = True
    satisfaction: int | None = None
    ease: int | None = None


@frozen(kw_only=True)
class Teller:
    """Tells the matters of one customer after the other.

    Parameters
    ----------
    rng : random.Random
        Chance.
    plan : ContactPlan
        What is planted.
    begin, last : datetime
        Between when matters begin.
    numbers : iterator of int
        Keys of the matters to come.
    """

    rng: Random
    plan: ContactPlan
    begin: datetime
    last: datetime
    numbers: Iterator[int] = field(factory=lambda: count(1), repr=False)

    def of_customer(self, customer: int) -> Iterator[SimContact]:
        """Tell all matters of a customer, each to its end."""
        rng, plan = self.rng, self.plan
        luck = self.luck()
        (matters,) = rng.choices(list(plan.matters), list(plan.matters.values()))
        span = (self.last - self.begin).total_seconds()
        for _ in range(matters):
            at = self.begin + timedelta(seconds=int(rng.random() * span))
            yield from self.of_matter(customer, at, luck=luck)

    def luck(self) -> float:
        """What a customer's kind adds to the share of contacts that settle a matter."""
        return self.plan.differs if self.rng.random() < 0.5 else -self.plan.differs

    def of_matter(self, customer: int, at: datetime, *, luck: float = 0.0) -> list[SimContact]:
        """Tell one matter to its end; `luck` is added to the share of contacts that settle it."""
        rng, plan, issue = self.rng, self.plan, next(self.numbers)
        first = way = rng.choices(plan.channels, [way.share for way in plan.channels])[0]
        (reason,) = rng.choices(list(plan.reasons), list(plan.reasons.values()))
        product = rng.choice(PRODUCTS)
        told = first_words(rng, reason, product)
        contacts: list[SimContact] = []
        settles = False
        while not settles:
            settles = len(contacts) + 1 == plan.most or rng.random() < first.resolves + luck
            again = bool(contacts) and rng.random() < plan.explains_again
            facts = {
                "key": issue * 100 + len(contacts) + 1,
                "issue": issue,
                "customer": customer,
                "reason": self._noted(reason),
                "truly": reason,
                "product": product,
                "reply_to": self._answered(contacts, way),
                "text": self._words(told, again=again, is_first=not contacts),
                "explains_again": again,
                "settles": settles,
            }
            contacts.append(_contact(rng, way, at, facts))
            way, at = self._next(way), at + timedelta(seconds=int(self._pause()))
        contacts[-1] = self._asked(contacts, first)
        return contacts

    def _pause(self) -> float:
        """Seconds until the customer comes again, by the inverse of the cut exponential."""
        plan = self.plan
        mean, soonest = plan.comes_again.total_seconds(), plan.soonest.total_seconds()
        all_of_it = 1 - exp((soonest - plan.latest.total_seconds()) / mean)
        return soonest - mean * log(1 - self.rng.random() * all_of_it)

    def _next(self, way: ContactChannel) -> ContactChannel:
        if self.rng.random() >= self.plan.switches:
            return way
        return self.rng.choice([other for other in self.plan.channels if other is not way])

    def _noted(self, reason: str) -> str | None:
        rng, plan = self.rng, self.plan
        if rng.random() < plan.reason_right:
            return reason
        others = [other for other in plan.reasons if other != reason]
        return rng.choice(others) if others and rng.random() < 0.5 else None

    def _answered(self, before: list[SimContact], way: ContactChannel) -> int | None:
        if not before or (before[-1].channel, way.name) != ("email", "email"):
            return None
        return before[-1].key if self.rng.random() < self.plan.replies else None

    def _words(self, told: tuple[str, ...], *, again: bool, is_first: bool) -> str:
        if is_first:
            return " ".join(told)
        return words_again(self.rng, told) if again else words_after(self.rng)

    def _asked(self, contacts: list[SimContact], first: ContactChannel) -> SimContact:
        rng, last = self.rng, contacts[-1]
        if rng.random() >= self.plan.answers:
            return last
        is_happy = rng.random() < first.satisfies
        score = rng.choice((4, 5, 5) if is_happy else (1, 2, 3, 3))
        return evolve(last, satisfaction=score, ease=_ease(rng, contacts))


def burdens_of(contacts: list[SimContact]) -> dict[str, float]:
    """Count what a customer went through in one matter, by the names of `BURDENS`."""
    ways = [one.channel for one in contacts]
    return {
        "repeats": len(contacts) - 1,
        "switches": sum(one != other for one, other in pairwise(ways)),
        "transfers": sum(one.transfers for one in contacts),
        "re_authentications": max(sum(one.authentications for one in contacts) - 1, 0),
        "re_explanations": sum(one.explains_again for one in contacts),
        "wait_hours": sum(one.wait_s for one in contacts) / 3_600,
    }


def _ease(rng: Random, contacts: list[SimContact]) -> int:
    weight = sum(BURDENS[name] * times for name, times in burdens_of(contacts).items())
    return min(max(round(_EASIEST - weight + rng.gauss(0, 0.8)), 1), 7)


def _contact(rng: Random, way: ContactChannel, at: datetime, facts: dict[str, Any]) -> SimContact:
    chance = rng.random
    wait, handle = _about(chance(), way.wait_s), _about(chance(), way.handle_s)
    active = _about(chance(), way.active_s or 0.0)
    return SimContact(
        at=at,
        ended_at=at + timedelta(seconds=wait + handle),
        channel=way.name,
        actor=way.actor,
        staff=1 + int(chance() * _STAFF) if way.actor == "human" else None,
        transfers=int(chance() < way.transfers),
        authentications=int(chance() < way.authenticates),
        is_escalated=chance() < way.escalates,
        wait_s=wait,
        handle_s=handle,
        active_s=None if way.active_s is None else active,
        **facts,
    )


def _about(chance: float, mean: float) -> int:
    """Give whole seconds around a mean, evenly between a fifth of it and nine fifths."""
    return round(mean * (0.2 + 1.6 * chance))
