"""Which issues can be judged by an indicator of a promise, and for which it was kept."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import open_microseconds
from cxm_core.program import Indicator
from cxm_core.vocabulary import BusinessCalendar

from ._issue_facts import Facts

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_NOT_OVER, _NOT_DUE, _NO_HUMAN = "not over yet", "not due yet", "not over yet, or no human"


@frozen(kw_only=True)
class Due:
    """Which issues can be judged by an indicator, and for which it was kept."""

    facts: Facts
    until: np.int64
    calendar: BusinessCalendar | None

    def judged(self, indicator: Indicator) -> tuple[Mask, Mask, str]:
        """Kept, known, and why others are not known."""
        if indicator.within is None:
            return self._counted(indicator)
        within = np.int64(indicator.within.total_seconds() * 1e6)
        if indicator.expect == "waited":
            wait = self.facts.column("waited")
            seconds = np.where(wait.is_missing, 0, wait.values).astype(np.float64)
            return (
                seconds * 1e6 <= within,
                self.facts.over(self.until) & ~wait.is_missing,
                _NOT_OVER,
            )
        return self._timed(indicator.expect, within)

    def _counted(self, indicator: Indicator) -> tuple[Mask, Mask, str]:
        column = self.facts.column(indicator.expect)
        amounts = np.where(column.is_missing, 0, column.values).astype(np.float64)
        known = self.facts.over(self.until) & ~column.is_missing
        why = _NO_HUMAN if indicator.expect == "human" else _NOT_OVER
        return amounts <= float(indicator.at_most or 0), known, why

    def _timed(self, word: str, within: np.int64) -> tuple[Mask, Mask, str]:
        opened = self.facts.at("opened")
        missing = self.facts.column(word).is_missing
        ended = np.where(missing, opened, self.facts.at(word))
        # A clock that is behind says that it ended before it began: at once, then.
        met = ~missing & (self._elapsed(opened, np.maximum(ended, opened)) <= within)
        last = self.until - np.int64(self.facts.returns_us if word == "solved" else 0)
        is_past = opened <= last
        known = is_past & (self._elapsed(opened, np.maximum(opened, last)) >= within)
        return met, known, _NOT_DUE

    def _elapsed(self, start: Ints, end: Ints) -> Ints:
        stamps = (part.astype("datetime64[us]") for part in (start, end))
        return open_microseconds(self.calendar, *stamps)
