"""Chance and time, of which every part of a synthetic history is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from attrs import frozen


@frozen(kw_only=True)
class Scene:
    """When a history plays, and the chance that rules it.

    Parameters
    ----------
    rng : random.Random
        Chance.
    begin, until : datetime
        First and last instant.
    """

    rng: Random
    begin: datetime
    until: datetime

    @property
    def middle(self) -> datetime:
        """Midnight in the middle of it, when things change for the better."""
        return self.begin + timedelta(days=(self.until - self.begin).days // 2)

    @property
    def halves(self) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end of either half."""
        return pairwise((self.begin, self.middle, self.until))

    def moment(self, first: datetime, last: datetime | None = None) -> datetime:
        """Give an instant from one on, until another or the end, in whole seconds."""
        span = int(((last or self.until) - first).total_seconds())
        return first + timedelta(seconds=self.rng.randrange(max(span, 1)))

    def since(self, known: datetime) -> datetime:
        """Give an instant of the history, for somebody who is known since another."""
        return self.moment(max(self.begin, known))
