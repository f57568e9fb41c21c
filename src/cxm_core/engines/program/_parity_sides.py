"""Figures of each channel, at the level at which two of them are held against each other."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import evolve, frozen

from cxm_core.columns import Column, LogTable
from cxm_core.engines.feedback import csat, ratio
from cxm_core.errors import UsageError
from cxm_core.results import Panel
from cxm_core.vocabulary import Scale

from ._issue_facts import Facts
from ._parity_groups import Sides, keyed, sides_of
from ._parity_times import MEAN_TIME, TIME, Times, customer_of

CSAT: Final = "csat"

_ONE = "@one_of_each"


@frozen(kw_only=True)
class Asked:
    """What the sides are told by."""

    scale: str | Scale | None
    level: float
    times: Times
    effort: Panel | None = None

    def sides(self, name: str, facts: Facts) -> Sides:
        """Figure of each channel."""
        if name == CSAT:
            return self._satisfaction(facts)
        if name in (TIME, MEAN_TIME):
            return self.times.sides(name, facts)
        if self.effort is not None and name in self.effort:
            return sides_of(self.effort[name])
        return self._means(name, facts)

    def _satisfaction(self, facts: Facts) -> Sides:
        if self.scale is None:
            raise UsageError("csat needs the scale of its answers.", hint="scale='1-5'")
        found = csat(
            facts.table,
            facts.names[CSAT],
            scale=self.scale,
            by=[*self.times.axes],
            clusters=customer_of(facts),
            confidence_level=self.level,
        )
        return sides_of(found)

    def _means(self, name: str, facts: Facts) -> Sides:
        rows = len(facts.table)
        one = Column(values=np.ones(rows), is_missing=np.zeros(rows, bool))
        found = ratio(
            LogTable(columns={**facts.table.columns, _ONE: one}),
            (facts.names[name], _ONE),
            by=[*self.times.axes],
            clusters=customer_of(facts),
            confidence_level=self.level,
            unit=f"{name} per issue",
        )
        return {keyed(group): evolve(found[group], metric=name) for group in found.labels}
