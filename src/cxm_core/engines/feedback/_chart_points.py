"""Points of a control chart, in the metric's unit, and the charts that they can be drawn as."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import Chart, cusum, ewma_chart, run_signals, sampling_chart, xmr_chart

from ._watched import Watched

# Sizes as equal as this leave no reason to weigh them.
_ALIKE = 1.25
# Standard deviations at which a CUSUM alarms (Montgomery 2013, section 9.1).
_LIMIT = 5.0


@frozen(kw_only=True, eq=False)
class Drawn:
    """A chart, and the rules that each point breaks."""

    chart: Chart
    signals: tuple[tuple[str, ...], ...]


@frozen(kw_only=True, eq=False)
class Points:
    """What is to be drawn, in the metric's unit: values, their sizes, centre and errors."""

    values: NDArray[np.float64]
    n: NDArray[np.int64]
    first: int
    centre: float
    errors: NDArray[np.float64]
    ends: tuple[float, float]

    @classmethod
    def of(cls, watched: Watched, baseline: int | None, target: float | None) -> Points:
        """Points with the centre of the baseline, or a target."""
        looks = len(watched.labels)
        first = looks if baseline is None else baseline
        if not 2 <= first <= looks:
            raise UsageError(
                f"A baseline of {first:,} of {looks:,} points sets no limits.",
                hint="at least two points with answers; twenty are usual",
            )
        pooled = watched.counts[:first].sum(axis=0)
        values = watched.order.engine.factor * watched.values
        mean = float(pooled @ values / pooled.sum())
        spread = float(pooled @ (values - mean) ** 2 / pooled.sum())
        return cls(
            values=watched.alone,
            n=watched.n,
            first=first,
            centre=mean if target is None else float(target),
            errors=np.sqrt(spread / watched.n),
            ends=(float(values.min()), float(values.max())),
        )

    @property
    def kind(self) -> str:
        """Kind of chart that fits."""
        is_alike = self.n.max() <= _ALIKE * self.n.min()
        return "xmr" if is_alike or not self.errors.any() else "laney"

    def drawn(self, kind: str, rules: str) -> Drawn:
        """The chart of a kind with its signals."""
        if kind == "cusum":
            return self._cusum()
        if kind == "ewma":
            chart = ewma_chart(self.values, self._sigma(), target=self.centre)
            return Drawn(chart=chart, signals=_beyond(chart))
        chart = self._shewhart(kind)
        broken = run_signals(chart, rules=rules)
        names = [[name for name, where in broken.items() if where[i]] for i in range(self.n.size)]
        # A limit beyond the scale is none that a point could pass.
        low, high = (np.clip(end, *self.ends) for end in (chart.low, chart.high))
        inner = chart._replace(low=low, high=high)
        return Drawn(chart=inner, signals=tuple(map(tuple, names)))

    def _shewhart(self, kind: str) -> Chart:
        if kind == "xmr":
            chart = xmr_chart(self.values, baseline=self.first)
            half = 3 * chart.sigma
            return chart._replace(
                centre=self.centre, low=self.centre - half, high=self.centre + half
            )
        if not self.errors.all():
            raise UsageError(
                "All answers of the baseline are alike: their sampling error is nought.",
                hint="kind='xmr', or a longer baseline",
            )
        return sampling_chart(
            self.values,
            self.errors,
            centre=self.centre,
            baseline=self.first,
            adjusted=kind == "laney",
        )

    def _sigma(self) -> NDArray[np.float64]:
        """Standard deviation of each point: by Laney, or from the mean range."""
        return self._shewhart("laney" if self.errors.all() else "xmr").sigma

    def _cusum(self) -> Drawn:
        sigma = np.maximum(self._sigma(), np.finfo(np.float64).tiny)
        unit = float(np.median(sigma))
        sums = cusum((self.values - self.centre) / sigma, limit=_LIMIT)
        shown = unit * np.where(sums.upper >= sums.lower, sums.upper, -sums.lower)
        ends = np.full(shown.size, unit * _LIMIT)
        chart = Chart(shown, 0.0, -ends, ends, ends / 3)
        return Drawn(chart=chart, signals=_beyond(chart))


def _beyond(chart: Chart) -> tuple[tuple[str, ...], ...]:
    out = (chart.values > chart.high) | (chart.values < chart.low)
    return tuple(("beyond_limits",) if far else () for far in out.tolist())
