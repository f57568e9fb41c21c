"""Control charts: centre, limits and signals of a process that is measured again and again."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._sums import Floats, read_only

# Mean range of two normal numbers, in standard deviations: 2 / sqrt(pi).
_D2 = 1.128
_WIDTH = 3.0


class Chart(NamedTuple):
    """Points of a chart with their centre and limits.

    Attributes
    ----------
    values : float64 array (points,)
        What is plotted.
    centre : float
        Centre line.
    low, high : float64 arrays (points,)
        Limits at three standard deviations.
    sigma : float64 array (points,)
        Standard deviation of each point.
    """

    values: Floats
    centre: float
    low: Floats
    high: Floats
    sigma: Floats


class Cusum(NamedTuple):
    """Sums of a tabular CUSUM.

    Attributes
    ----------
    upper, lower : float64 arrays (points,)
        How far points have run above and below the target.
    alarm : int or None
        Place of the first point at which one of the two exceeds the limit.
    """

    upper: Floats
    lower: Floats
    alarm: int | None


def xmr_chart(values: ArrayLike, *, baseline: int | None = None) -> Chart:
    """Chart of individual values, with limits from the mean range between neighbours.

    Parameters
    ----------
    values : array of floats (points,)
        One value a period, in order.
    baseline : int or None
        How many points at the start set centre and limits; None for all.

    Returns
    -------
    Chart
        Limits are centre plus and minus 2.66 mean moving ranges.

    Raises
    ------
    UsageError
        A value is missing, or the baseline has fewer than two points.

    Notes
    -----
    For values that rest on about equally many rows; otherwise `sampling_chart` is the one.
    Neighbours that resemble each other make the limits too narrow.

    References
    ----------
    .. [1] Wheeler 2000, Understanding Variation, chapter 3.
    .. [2] NIST/SEMATECH, e-Handbook of Statistical Methods, section 6.3.2.2.

    Examples
    --------
    >>> chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    >>> round(chart.centre, 2), round(float(chart.high[0]), 2), round(float(chart.low[0]), 2)
    (50.81, 55.8, 45.82)
    """
    x, first = _points(values, baseline)
    spread = np.abs(np.diff(x[:first])).mean() / _D2
    return _chart(x, float(x[:first].mean()), np.full(x.size, spread))


def sampling_chart(
    values: ArrayLike,
    errors: ArrayLike,
    *,
    centre: float,
    baseline: int | None = None,
    adjusted: bool = True,
) -> Chart:
    """Chart of values that rest on samples of different sizes, such as shares.

    Parameters
    ----------
    values, errors : arrays of floats (points,)
        Values, and the standard error that each has at the centre.
    centre : float
        Centre line, such as the pooled share of the baseline.
    baseline : int or None
        How many points at the start set the limits; None for all.
    adjusted : bool
        Whether a process that varies more, or less, than its sampling errors widens the limits;
        without it, the chart of shares is the classical p-chart.

    Returns
    -------
    Chart
        Limits that are wide for small samples.

    Raises
    ------
    UsageError
        A value is missing, an error is not above zero, or the baseline has fewer than two points.

    References
    ----------
    .. [1] Laney 2002, Quality Engineering 14:531-537.
    .. [2] Montgomery 2013, Introduction to Statistical Quality Control, section 7.3.

    Examples
    --------
    >>> values, errors = [0.10, 0.12, 0.08, 0.11, 0.09], [0.01] * 5
    >>> classical = sampling_chart(values, errors, centre=0.1, adjusted=False)
    >>> laney = sampling_chart(values, errors, centre=0.1)
    >>> round(float(classical.high[0]), 3), round(float(laney.high[0]), 3)
    (0.13, 0.173)
    """
    x, first = _points(values, baseline)
    spread = np.asarray(errors, np.float64)
    if spread.shape != x.shape or not (spread > 0).all():
        raise UsageError(
            f"{np.count_nonzero(~(spread > 0))} of {spread.size} standard errors are not above "
            "zero, or their number is not that of the values.",
            hint="take them at the centre, where they depend on the sample's size alone",
        )
    if adjusted:
        z = (x - centre) / spread
        spread = spread * np.abs(np.diff(z[:first])).mean() / _D2
    return _chart(x, float(centre), spread)


def _points(values: ArrayLike, baseline: int | None) -> tuple[Floats, int]:
    x = np.asarray(values, np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise UsageError(
            f"{np.count_nonzero(~np.isfinite(x))} of {x.size} points are missing.",
            hint="leave out periods without a value",
        )
    first = x.size if baseline is None else baseline
    if not 2 <= first <= x.size:
        raise UsageError(
            f"A baseline of {first} of {x.size} points sets no limits.",
            hint="at least two points; twenty are usual",
        )
    return x, first


def _chart(x: Floats, centre: float, sigma: Floats) -> Chart:
    half = _WIDTH * sigma
    return Chart(
        read_only(x.copy()), centre, read_only(centre - half), read_only(centre + half),
        read_only(sigma),
    )  # fmt: skip


def cusum(
    values: ArrayLike, *, target: float = 0.0, slack: float = 0.5, limit: float = 5.0
) -> Cusum:
    """Cumulative sums that catch small lasting shifts.

    Parameters
    ----------
    values : array of floats (points,)
        One value a period, in order.
    target : float
        Where the process should be.
    slack : float
        Half of the shift that matters; deviations below it are forgotten.
    limit : float
        Sum at which there is an alarm; with half a standard deviation of slack, 5 of them let some
        465 points pass to a false one.

    Returns
    -------
    Cusum
        Upper and lower sums.

    Raises
    ------
    UsageError
        A value is missing.

    References
    ----------
    .. [1] Page 1954, Biometrika 41:100-115.
    .. [2] NIST/SEMATECH, e-Handbook of Statistical Methods, section 6.3.2.3.

    Examples
    --------
    >>> cusum([0, 0, 1, 1, 1, 1], target=0, slack=0.5, limit=1.2).alarm
    4
    """
    x, _ = _points(values, None) if np.size(values) > 1 else (np.atleast_1d(values), 1)
    upper, lower = _reflected(x - target - slack), _reflected(target - slack - x)
    beyond = np.flatnonzero(np.maximum(upper, lower) > limit)
    return Cusum(read_only(upper), read_only(lower), int(beyond[0]) if beyond.size else None)


def _reflected(steps: Floats) -> Floats:
    """Running sum that never falls below zero."""
    walk = np.cumsum(steps)
    return np.asarray(walk - np.minimum(np.minimum.accumulate(walk), 0.0))


def ewma_chart(
    values: ArrayLike, sigma: ArrayLike, *, target: float, weight: float = 0.2, width: float = 2.86
) -> Chart:
    """Chart of an exponentially weighted mean, which starts at its target.

    Parameters
    ----------
    values : array of floats (points,)
        One value a period, in order.
    sigma : float or array of floats (points,)
        Standard deviation of each value.
    target : float
        Where the process should be.
    weight : float in (0, 1]
        Weight of the newest value.
    width : float
        Standard deviations from centre to limit.

    Returns
    -------
    Chart
        Of the weighted means.

    Raises
    ------
    UsageError
        A value is missing, or `weight` is out of range.

    References
    ----------
    .. [1] Lucas & Saccucci 1990, Technometrics 32:1-12; 0.2 and 2.86 give some 370 points to a
       false alarm.

    Examples
    --------
    >>> chart = ewma_chart([0, 0, 3, 3], 1.0, target=0.0)
    >>> chart.values.round(2).tolist()
    [0.0, 0.0, 0.6, 1.08]
    """
    if not 0 < weight <= 1:
        raise UsageError(f"A weight of {weight} is not in 0 to 1.", hint="weight=0.2 is usual")
    x, _ = _points(values, None)
    spread = np.broadcast_to(np.asarray(sigma, np.float64), x.shape)
    shown = target + _faded(weight * (x - target), 1 - weight)
    error = np.sqrt(_faded((weight * spread) ** 2, (1 - weight) ** 2))
    half = width * error
    return Chart(
        read_only(shown), target, read_only(target - half), read_only(target + half),
        read_only(error),
    )  # fmt: skip


def _faded(steps: Floats, keep: float) -> Floats:
    """Running sum in which what came before fades by the factor `keep` at each point."""
    return np.fromiter(accumulate(steps, lambda sum_, step: keep * sum_ + step), np.float64)


def run_signals(
    chart: Chart, *, rules: str = "western_electric"
) -> Mapping[str, NDArray[np.bool_]]:
    """Points at which each rule of a set says that something has changed.

    Parameters
    ----------
    chart : Chart
        Points with centre and standard deviations.
    rules : {"western_electric", "wheeler", "limits"}
        Western Electric: beyond three sigma, two of three beyond two, four of five beyond one,
        eight on one side. Wheeler: beyond three sigma, three of four nearer to a limit than to
        the centre, eight on one side. Limits: beyond three sigma alone.

    Returns
    -------
    mapping of str to bool array (points,)
        Marked is the point that completes the pattern.

    Raises
    ------
    UsageError
        There is no such set of rules.

    Notes
    -----
    More rules find smaller shifts, and raise more false alarms: without a change, some 370 points
    pass to a false alarm by the limits alone, and some 92 by Western Electric's four rules [2]_.

    References
    ----------
    .. [1] Western Electric 1956, Statistical Quality Control Handbook, pages 25-28.
    .. [2] Champ & Woodall 1987, Technometrics 29:393-399.
    .. [3] Wheeler 2000, Understanding Variation, chapter 3.

    Examples
    --------
    >>> signals = run_signals(xmr_chart([5, 4, 5, 4, 5, 4, 5, 4, 5, 9], baseline=9))
    >>> {rule: where.nonzero()[0].tolist() for rule, where in signals.items() if where.any()}
    {'beyond_limits': [9]}
    """
    if rules not in _RULES:
        raise UsageError(f"There are no rules {rules!r}.", hint=did_you_mean(rules, _RULES))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.nan_to_num((chart.values - chart.centre) / chart.sigma)
    return MappingProxyType({name: _marked(z, *rule) for name, rule in _RULES[rules].items()})


def _marked(z: Floats, beyond: float, wanted: int, of: int) -> NDArray[np.bool_]:
    """Points that complete `wanted` of `of` points beyond a distance on one side, and lie there."""
    marked = np.zeros(z.size, dtype=np.bool_)
    for side in (z, -z):
        far = side > beyond
        counts = np.convolve(far, np.ones(of, dtype=np.int64))[: z.size]
        marked |= far & (counts >= wanted)
    marked.flags.writeable = False
    return marked


_LIMITS = {"beyond_limits": (3.0, 1, 1)}
_RULES: Mapping[str, Mapping[str, tuple[float, int, int]]] = {
    "western_electric": {
        **_LIMITS,
        "two_of_three": (2.0, 2, 3),
        "four_of_five": (1.0, 4, 5),
        "eight_on_a_side": (0.0, 8, 8),
    },
    "wheeler": {**_LIMITS, "three_of_four": (1.5, 3, 4), "eight_on_a_side": (0.0, 8, 8)},
    "limits": _LIMITS,
}
