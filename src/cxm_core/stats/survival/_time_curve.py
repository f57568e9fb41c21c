"""A share that changes with time, its limits, and the times at which it reaches something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._limits import Limits
from cxm_core.stats._quantiles import is_number, normal_quantile, t_quantile, upper_tail
from cxm_core.stats._sums import Floats, read_only

CURVE_METHODS = ("log-log", "log", "plain")
# Shares that rounding keeps apart are the same share.
NEAR = 1e-9

_same = cmp_using(eq=np.array_equal)


class TimeLimits(NamedTuple):
    """A time with its limits, in the unit of the durations; not a number where not reached.

    Attributes
    ----------
    value, low, high : float
        Estimate and limits; a high limit that is not a number has no end.
    """

    value: float
    low: float
    high: float


@frozen(kw_only=True, repr=False)
class TimeCurve:
    """Share that still waits, or that ended in one way, as time goes by.

    It changes at `times` only, and counts from there on.

    Parameters
    ----------
    kind : {"survival", "incidence"}
        Share without the event, from one down; or share with it, from zero up.
    times : float64 array (steps,)
        Times at which anything ended, in order.
    value, variance : float64 arrays (steps,)
        Share from that time on, and the variance of its estimate.
    at_risk, events : float64 arrays (steps,)
        Rows, or weights, that were watched just before, and those that ended so just then.
    n : int
        Rows.
    n_clusters : int or None
        Whom they belong to; None if rows stand for themselves.
    last : float
        Time up to which anybody was watched.
    is_over : bool
        Whether nobody was left then, so that the share stays as it is for ever.
    """

    kind: Literal["survival", "incidence"]
    times: Floats = field(eq=_same, converter=read_only)
    value: Floats = field(eq=_same, converter=read_only)
    variance: Floats = field(eq=_same, converter=read_only)
    at_risk: Floats = field(eq=_same, converter=read_only)
    events: Floats = field(eq=_same, converter=read_only)
    n: int
    n_clusters: int | None = None
    last: float
    is_over: bool = False

    def at(self, time: ArrayLike) -> Floats:
        """Share at some times.

        Parameters
        ----------
        time : float or array of floats
            In the unit of the durations.

        Returns
        -------
        float64 array
            Not a number after the last time that anybody was watched, unless nobody was left.

        Examples
        --------
        >>> from cxm_core.stats import DurationTally, kaplan_meier
        >>> kaplan_meier(DurationTally.of([2, 4, 6, 8])).at([1, 4, 5]).tolist()
        [1.0, 0.5, 0.5]
        """
        start = np.array(1.0 if self.kind == "survival" else 0.0)
        return self._pick(self.value, start, time)

    def variance_at(self, time: ArrayLike) -> Floats:
        """Variance of the share at some times.

        Parameters
        ----------
        time : float or array of floats
            In the unit of the durations.

        Returns
        -------
        float64 array
            Zero before the first end; not a number after the last time that anybody was watched,
            unless nobody was left.

        Examples
        --------
        >>> from cxm_core.stats import DurationTally, kaplan_meier
        >>> kaplan_meier(DurationTally.of([2, 4, 6, 8])).variance_at([1, 4]).tolist()
        [0.0, 0.0625]
        """
        return self._pick(self.variance, np.array(0.0), time)

    def limits(self, *, confidence_level: float = 0.95, method: str = "log-log") -> Limits:
        """Limits of the share from each of `times` on, each for itself.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.
        method : {"log-log", "log", "plain"}
            Scale on which the limits lie evenly.

        Returns
        -------
        Limits
            Within 0 and 1. Where nothing has happened yet, the far limit is that of nobody out of
            those who are watched.

        Raises
        ------
        UsageError
            There is no such method, or the level lies outside 0 to 1.

        References
        ----------
        .. [1] Kalbfleisch & Prentice 2002, The Statistical Analysis of Failure Time Data, 1.4.
        """
        if method not in CURVE_METHODS:
            raise UsageError(
                f"There is no method {method!r}.", hint=did_you_mean(method, CURVE_METHODS)
            )
        tail = 1.0 - upper_tail(confidence_level)
        share = self.value if self.kind == "survival" else 1.0 - self.value
        with np.errstate(all="ignore"):
            error = self._stretch(confidence_level) * np.sqrt(self.variance)
            low, high = _BANDS[method](share, error)
            low, high = _at_the_ends(Limits(low, high), share, self.at_risk, tail)
        if self.kind == "incidence":
            low, high = 1.0 - high, 1.0 - low
        return Limits(read_only(low), read_only(high))

    def limits_at(
        self, time: ArrayLike, *, confidence_level: float = 0.95, method: str = "log-log"
    ) -> Limits:
        """Limits of the share at some times.

        Parameters
        ----------
        time : float or array of floats
            In the unit of the durations.
        confidence_level : float in (0, 1)
            Nominal coverage.
        method : {"log-log", "log", "plain"}
            As for `limits`.

        Returns
        -------
        Limits
            Not a number after the last time that anybody was watched, and where nothing ever
            happened.

        Raises
        ------
        UsageError
            As `limits` does.

        Examples
        --------
        >>> from cxm_core.stats import DurationTally, kaplan_meier
        >>> low, high = kaplan_meier(DurationTally.of(range(1, 41))).limits_at(20)
        >>> round(float(low), 3), round(float(high), 3)
        (0.338, 0.642)
        """
        low, high = self.limits(confidence_level=confidence_level, method=method)
        start = self._before_the_first(1.0 - upper_tail(confidence_level))
        return Limits(self._pick(low, start.low, time), self._pick(high, start.high, time))

    def quantile(
        self, q: float, *, confidence_level: float = 0.95, method: str = "log-log"
    ) -> TimeLimits:
        """Time by which a share has ended, with its limits.

        Parameters
        ----------
        q : float in (0, 1)
            Share of all that has ended by then, such as 0.5 for the median.
        confidence_level : float in (0, 1)
            Nominal coverage.
        method : {"log-log", "log", "plain"}
            As for `limits`.

        Returns
        -------
        TimeLimits
            Halfway to the next end if the share is just reached; not a number where it is not.

        Raises
        ------
        UsageError
            `q` or the level lies outside 0 to 1, or there is no such method.

        References
        ----------
        .. [1] Brookmeyer & Crowley 1982, Biometrics 38:29-41.

        Examples
        --------
        >>> from cxm_core.stats import DurationTally, kaplan_meier
        >>> seen = [True, True, True, False, True, False, True, False, False, True]
        >>> tally = DurationTally.of([6, 6, 6, 6, 7, 9, 10, 10, 11, 13], event_observed=seen)
        >>> kaplan_meier(tally).quantile(0.5)
        TimeLimits(value=10.0, low=6.0, high=nan)
        """
        if not (is_number(q) and 0.0 < q < 1.0):
            raise UsageError(
                f"The quantile is {q}, but must lie between 0 and 1.", hint="0.5 is the median"
            )
        low, high = self.limits(confidence_level=confidence_level, method=method)
        ended = self.value if self.kind == "incidence" else 1.0 - self.value
        bands = (low, high) if self.kind == "incidence" else (1.0 - high, 1.0 - low)
        # The time comes late where little has ended, so that the limits change sides.
        return TimeLimits(
            self._halfway(ended, q), self._first(bands[1], q), self._first(bands[0], q)
        )

    def around(
        self, q: float, *, confidence_level: float = 0.999999, method: str = "log-log"
    ) -> TimeCurve:
        """The part of the curve from which `quantile` finds a share, at every level up to one.

        Parameters
        ----------
        q : float in (0, 1)
            Share of all that has ended by then.
        confidence_level : float in (0, 1)
            Highest level at which limits will be asked for.
        method : {"log-log", "log", "plain"}
            As for `limits`.

        Returns
        -------
        TimeCurve
            With the steps between the limits at that level, so that a long curve need not be kept.

        Raises
        ------
        UsageError
            As `quantile` does.

        Examples
        --------
        >>> from cxm_core.stats import DurationTally, kaplan_meier
        >>> whole = kaplan_meier(DurationTally.of(range(1, 10_001)))
        >>> part = whole.around(0.5)
        >>> part.times.size, part.quantile(0.5) == whole.quantile(0.5)
        (491, True)
        """
        found = self.quantile(q, confidence_level=confidence_level, method=method)
        ended = self.value if self.kind == "incidence" else 1.0 - self.value
        first = 0 if np.isnan(found.low) else int(np.searchsorted(self.times, found.low)) - 1
        last = np.searchsorted(self.times, found.high, side="right")
        beyond = np.searchsorted(ended, q + NEAR, side="right") + 1
        part = slice(max(first, 0), self.times.size if np.isnan(found.high) else max(last, beyond))
        names = ("times", "value", "variance", "at_risk", "events")
        return evolve(self, **{name: getattr(self, name)[part].copy() for name in names})

    def _stretch(self, confidence_level: float) -> float:
        """Standard errors to each side; more for few clusters, whose own spread is in doubt."""
        if self.n_clusters is None:
            return normal_quantile(confidence_level)
        free = self.n_clusters - 1
        if free < 1:
            return np.nan
        return float(t_quantile(free, confidence_level) * np.sqrt(self.n_clusters / free))

    def _first(self, ended: Floats, q: float) -> float:
        reached = ended >= q - NEAR
        place = int(np.argmax(reached)) if reached.size else 0
        return float(self.times[place]) if reached.size and reached[place] else np.nan

    def _halfway(self, ended: Floats, q: float) -> float:
        """Middle of the times over which just `q` has ended, or the first at which more has."""
        place = int(np.searchsorted(ended, q - NEAR))
        if place == ended.size:
            return np.nan
        if ended[place] > q + NEAR:
            return float(self.times[place])
        beyond = int(np.searchsorted(ended, q + NEAR, side="right"))
        last = place if beyond == ended.size else beyond
        return float(self.times[place] + self.times[last]) / 2.0

    def _pick(self, values: Floats, start: Floats, time: ArrayLike) -> Floats:
        """What holds at `time`: the last value up to then, or the start."""
        asked = np.asarray(time, np.float64)
        place = np.searchsorted(self.times, asked, side="right")
        found = np.append(start, values)[place]
        known = (asked >= 0) & (self.is_over | (asked <= self.last))
        return np.asarray(np.where(known, found, np.nan))

    def _before_the_first(self, tail: float) -> Limits:
        """Limits of nothing out of those who were watched until the first end."""
        if not self.times.size:
            return Limits(np.array(np.nan), np.array(np.nan))
        far = tail ** (1.0 / self.at_risk[0])
        low, high = (far, 1.0) if self.kind == "survival" else (0.0, 1.0 - far)
        return Limits(np.array(low), np.array(high))

    def __repr__(self) -> str:
        return f"TimeCurve({self.kind}, n={self.n}, steps={self.times.size}, last={self.last:g})"


def _log_log(share: Floats, error: Floats) -> tuple[Floats, Floats]:
    spread = error / (share * -np.log(share))
    return share ** np.exp(spread), share ** np.exp(-spread)


def _log(share: Floats, error: Floats) -> tuple[Floats, Floats]:
    spread = error / share
    return share * np.exp(-spread), np.minimum(share * np.exp(spread), 1.0)


def _plain(share: Floats, error: Floats) -> tuple[Floats, Floats]:
    return np.maximum(share - error, 0.0), np.minimum(share + error, 1.0)


_BANDS: dict[str, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "log-log": _log_log, "log": _log, "plain": _plain,
}  # fmt: skip


def _at_the_ends(limits: Limits, share: Floats, at_risk: Floats, tail: float) -> Limits:
    """Limits with those of a share of one and of zero, where no scale has a width."""
    low = np.where(share >= 1.0, tail ** (1.0 / at_risk), limits.low)
    high = np.where(share >= 1.0, 1.0, limits.high)
    over = int(np.searchsorted(-share, 0.0))
    if over < share.size:
        # The share never rises, so what held just before it came to nothing holds still.
        low[over:] = 0.0
        high[over:] = high[over - 1] if over else 1.0 - tail ** (1.0 / at_risk[0])
    return Limits(low, high)
