"""Times of each channel until issues are solved, with those that are not solved yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Tickets, read_crossed
from cxm_core.engines.support import mean_resolution_time, resolution_time
from cxm_core.errors import UsageError
from cxm_core.results import (
    Caveat,
    Estimate,
    IntervalRecipe,
    Receipt,
    Recipe,
    TimeRecipe,
)
from cxm_core.stats import (
    DurationTally,
    TimeLimits,
    kaplan_meier,
    restricted_mean,
    t_interval,
)

from ._issue_facts import Facts
from ._parity_groups import Sides, keyed, sides_of

TIME: Final = "resolution_time"
MEAN_TIME: Final = "mean_resolution_time"

_TIMES = {"q": (TIME, "kaplan_meier, log-log"), "up to": (MEAN_TIME, "kaplan_meier, t")}
_SMALL_N = 30
_SECOND = 1_000_000


@frozen(kw_only=True)
class Times:
    """What times are told by."""

    until: np.int64 | None
    axes: tuple[str, ...]
    q: float
    up_to: timedelta | None
    level: float
    tickets: Tickets | None = None

    def sides(self, name: str, facts: Facts) -> Sides:
        """Time of each channel."""
        if self.tickets is not None:
            return self._of_tickets(name, facts)
        return self._times(name, facts)

    def _of_tickets(self, name: str, facts: Facts) -> Sides:
        """Times as the engines of tickets tell them, with other ends in the way."""
        asked: dict[str, Any] = {
            "by": [*self.axes],
            "clusters": customer_of(facts),
            "confidence_level": self.level,
        }
        if name == TIME:
            return sides_of(resolution_time(self.tickets, q=self.q, **asked))
        return sides_of(mean_resolution_time(self.tickets, within=self._horizon(), **asked))

    def _horizon(self) -> timedelta:
        if self.up_to is None:
            raise UsageError(
                "A mean time needs a horizon, up to which all channels are watched.",
                hint="up_to='3d': what lasts longer counts as three days",
            )
        return self.up_to

    def _times(self, name: str, facts: Facts) -> Sides:
        if not 0 < self.q < 1:
            raise UsageError(f"q={self.q!r} is no share between 0 and 1.", hint="q=0.5")
        facts, lasted, is_over = self._lasted(facts)
        (found,) = read_crossed(facts.table, [self.axes], what="the issues")
        tallies = DurationTally.of_groups(
            found.codes,
            len(found.labels),
            lasted,
            event_observed=is_over,
            cluster=_people(facts),
        )
        told = zip(found.labels, tallies, strict=True)
        make = self._time if name == TIME else self._mean_time
        return {keyed(one): evolve(make(tally), axes=self.axes, group=one) for one, tally in told}

    def _lasted(self, facts: Facts) -> tuple[Facts, NDArray[np.int64], NDArray[np.bool_]]:
        """How long each issue has lasted, in microseconds, and whether it is over."""
        facts = facts.only(~facts.column("opened").is_missing, "no time")
        horizon = facts.horizon(self.until)
        if horizon is not None:
            facts = facts.only(facts.at("opened") <= horizon, "not due yet")
        opened = facts.at("opened")
        over = facts.over(self.until) & ~facts.column("solved").is_missing
        if horizon is None and not over.all():
            raise UsageError(
                f"{int((~over).sum()):,} of {over.size:,} issues are still open.",
                hint="until=, the end of the log: each has lasted until then",
            )
        end = np.where(over, facts.at("solved"), opened if horizon is None else horizon)
        return facts, np.maximum(end - opened, 0), over

    def _time(self, tally: DurationTally) -> Estimate:
        curve, step = kaplan_meier(tally), 1 / _SECOND
        recipe = TimeRecipe.of(
            [curve], q=self.q, n=[tally.total], step=step, confidence_level=self.level
        )
        found = curve.quantile(self.q, confidence_level=self.level)
        return self._told(tally, found, ("q", f"{self.q:g}"), recipe)

    def _mean_time(self, tally: DurationTally) -> Estimate:
        longest = self._horizon().total_seconds()
        value, error, df, _ = restricted_mean(tally, until=longest * _SECOND)
        parts = np.array([value]), np.array([error]), np.array([df])
        low, high = t_interval(*parts, confidence_level=self.level)
        found = TimeLimits(value, float(low[0]), float(high[0]))
        kept = {"value": value, "standard_error": error, "df": df, "n": tally.total}
        inputs = {name: np.array([number]) for name, number in kept.items()}
        recipe = Recipe(method="t", inputs=inputs, factor=1 / _SECOND)
        return self._told(tally, found, ("up to", f"{longest:g} s"), recipe)

    def _told(
        self,
        tally: DurationTally,
        found: TimeLimits,
        parameter: tuple[str, str],
        recipe: IntervalRecipe,
    ) -> Estimate:
        value, low, high = (number / _SECOND for number in found)
        reached = np.isfinite([low, high]).all()
        codes = [*(["small_n"] if tally.total < _SMALL_N else [])]
        codes += [] if reached else ["not_reached"]
        metric, method = _TIMES[parameter[0]]
        return Estimate(
            metric=metric,
            value=value,
            low=low,
            high=high,
            confidence_level=self.level,
            method=method,
            n=tally.total,
            unit="seconds",
            caveats=[Caveat.of(code) for code in codes],
            receipt=Receipt(
                engine=metric,
                method=method,
                confidence_level=self.level,
                parameters=(parameter,),
                counted="issues",
            ),
            recipe=recipe,
        )


def customer_of(facts: Facts) -> str | None:
    name = facts.names["customer"]
    return name if name in facts.table.names else None


def _people(facts: Facts) -> NDArray[np.int64] | None:
    """Code of each issue's customer; None where nobody says whose they are."""
    name = customer_of(facts)
    if name is None or facts.table.column(name).is_missing.any():
        return None
    (found,) = read_crossed(facts.table, [(name,)], what="the issues")
    return found.codes
