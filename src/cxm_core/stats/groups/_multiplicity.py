"""Many tests at once: p-values that pay for their number, and limits that hold together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._quantiles import normal_quantile, upper_tail
from cxm_core.stats._sums import Floats, divide

# Draws of all groups are made in blocks of about this many numbers.
_BLOCK = 1 << 20


def adjust_p(p: ArrayLike, *, method: str = "holm") -> Floats:
    """P-values of one family, each raised by what looking at all of them costs.

    Parameters
    ----------
    p : array of floats (tests,)
        In 0 to 1; not a number where there was no test, which is then no part of the family.
    method : {"holm", "hommel", "bonferroni", "bh", "by"}
        The first three keep down the chance of any false claim; "bh" and "by" the share of false
        claims among all that are made. "bh" needs tests that are independent or lean one way,
        "by" holds for any.

    Returns
    -------
    float64 array (tests,)
        At least `p`, at most 1; a claim at level 0.05 is one that lies at 0.05 or below.

    Raises
    ------
    UsageError
        There is no such method, or a p-value lies outside 0 to 1.

    Notes
    -----
    "holm" beats "bonferroni" without needing more; "hommel" beats "holm" for independent tests and
    takes a number of steps that grows with the square of the number of tests.

    References
    ----------
    .. [1] Holm 1979, Scand. J. Stat. 6:65-70.
    .. [2] Hommel 1988, Biometrika 75:383-386.
    .. [3] Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289-300.
    .. [4] Benjamini & Yekutieli 2001, Ann. Stat. 29:1165-1188.

    Examples
    --------
    >>> adjust_p([0.01, 0.04, 0.03], method="holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    if method not in P_METHODS:
        raise UsageError(
            f"There is no way {method!r} to adjust p-values.",
            hint=did_you_mean(str(method), P_METHODS),
        )
    given = np.atleast_1d(np.asarray(p, dtype=np.float64))
    wrong = (given < 0) | (given > 1)
    if wrong.any():
        raise UsageError(f"{np.count_nonzero(wrong)} of {given.size} p-values lie outside 0 to 1.")
    adjusted = given.copy()
    known = ~np.isnan(given)
    order = np.argsort(given[known], kind="stable")
    raised = np.empty(order.size)
    raised[order] = np.minimum(P_METHODS[method](given[known][order]), 1.0)
    adjusted[known] = raised
    adjusted.flags.writeable = False
    return adjusted


def _holm(p: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(p * np.arange(p.size, 0, -1)))


def _bonferroni(p: Floats) -> Floats:
    return p * p.size


def _bh(p: Floats) -> Floats:
    raised = p * p.size / np.arange(1, p.size + 1)
    return np.asarray(np.minimum.accumulate(raised[::-1])[::-1])


def _by(p: Floats) -> Floats:
    return np.asarray(_bh(p) * float((1.0 / np.arange(1, p.size + 1)).sum()))


def _hommel(p: Floats) -> Floats:
    """Closed testing with Simes' test, as a walk down the sizes of the hypotheses' sets."""
    m = p.size
    if m < 2:
        return p
    ranks = np.arange(1, m + 1)
    adjusted = np.full(m, (m * p / ranks).min())
    for size in range(m - 1, 1, -1):
        tail = np.arange(m - size + 1, m)
        least = (size * p[tail] / np.arange(2, size + 1)).min()
        bound = np.minimum(size * p, least)
        bound[tail] = bound[m - size]
        adjusted = np.maximum(adjusted, bound)
    return np.asarray(np.maximum(adjusted, p))


#: Ways to adjust p-values, each from sorted ones to raised ones.
P_METHODS: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {"holm": _holm, "hommel": _hommel, "bonferroni": _bonferroni, "bh": _bh, "by": _by}
)


def sidak_level(tests: int, *, confidence_level: float = 0.95) -> float:
    """Level of each of many intervals, such that all of them hold together at `confidence_level`.

    Parameters
    ----------
    tests : int
        Number of intervals.
    confidence_level : float in (0, 1)
        Chance that every one of them covers.

    Returns
    -------
    float in (0, 1)
        Higher than `confidence_level`; exact for independent estimates, on the safe side for
        estimates that depend on each other.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Sidak 1967, J. Am. Stat. Assoc. 62:626-633.

    Examples
    --------
    >>> round(sidak_level(12), 5)
    0.99573
    """
    upper_tail(confidence_level)
    return float(confidence_level ** (1.0 / max(tests, 1)))


def max_t_level(
    standard_error: ArrayLike,
    share: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence_level: float = 0.95,
    n_resamples: int = 20_000,
) -> float:
    """Level of each interval of a group less the rest, such that all hold together; from draws.

    A group stands in the rest of every other group, so the differences lean against each other.
    With two groups they are one difference seen from both sides, and nothing has to be paid.

    Parameters
    ----------
    standard_error : array of floats (groups,)
        Of each group's value; groups without one are left out.
    share : array of floats (groups,)
        Share of the group in all: what it weighs in the rest of the others.
    rng : numpy.random.Generator
        Where the draws come from.
    confidence_level : float in (0, 1)
        Chance that every interval covers.
    n_resamples : int
        Draws; the level is a quantile of their largest standardised differences.

    Returns
    -------
    float in (0, 1)
        Never below `confidence_level`, never above `sidak_level`.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Nelson 1982, Exact critical points for the analysis of means, Commun. Stat. 11:699-709.
    .. [2] Hothorn, Bretz & Westfall 2008, Biom. J. 50:346-363.

    Examples
    --------
    >>> import numpy as np
    >>> level = max_t_level([1, 1], [0.5, 0.5], rng=np.random.default_rng(1))
    >>> round(level, 2)
    0.95
    """
    from scipy.special import ndtr  # noqa: PLC0415  (SciPy loads on first use)

    error, part = (np.asarray(given, dtype=np.float64) for given in (standard_error, share))
    known = (error > 0) & (part > 0) & (part < 1)
    most = sidak_level(int(known.sum()), confidence_level=confidence_level)
    if known.sum() < 2:
        return confidence_level
    largest = _largest(error[known], part[known] / part[known].sum(), rng, n_resamples)
    level = 2.0 * float(ndtr(np.quantile(largest, confidence_level))) - 1.0
    return min(max(level, confidence_level), most)


def _largest(error: Floats, share: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Largest standardised distance of a group from the rest, in each draw."""
    total = float((share**2 * error**2).sum())
    spread = np.sqrt(np.maximum(error**2 * (1.0 - 2.0 * share) + total, 0.0))
    step = max(_BLOCK // error.size, 1)
    found = []
    for start in range(0, draws, step):
        drawn = rng.standard_normal((min(step, draws - start), error.size)) * error
        distance = np.abs(drawn - (drawn @ share)[:, None])
        found.append(np.nan_to_num(divide(distance, spread)).max(axis=1))
    return np.concatenate(found)


def p_of_limits(
    value: ArrayLike, limits_at: Callable[[float], tuple[Floats, Floats]], *, levels: ArrayLike
) -> Floats:
    """Two-sided p-values that no effect is there, from how high a level's interval reaches nought.

    Agrees with the intervals: a p-value lies below one in twenty just where the interval at 0.95
    leaves nought out, if 0.95 is one of `levels`.

    Parameters
    ----------
    value : array of floats (groups,)
        The estimates.
    limits_at : callable
        From a level of confidence to the lower and the upper limits of all groups.
    levels : array of floats in (0, 1)
        Levels at which the limits are made; between them the distance is drawn straight.

    Returns
    -------
    float64 array (groups,)
        In 0 to 1; not a number where there is no interval.

    Examples
    --------
    >>> import numpy as np
    >>> from cxm_core.stats import t_interval
    >>> value, error = np.array([0.0, 1.96]), np.ones(2)
    >>> grid = [0.5, 0.9, 0.95, 0.99]
    >>> at = lambda level: t_interval(value, error, np.inf, confidence_level=level)
    >>> p_of_limits(value, at, levels=grid).round(3).tolist()
    [1.0, 0.05]
    """
    from scipy.special import ndtr  # noqa: PLC0415

    estimate = np.asarray(value, dtype=np.float64)
    reach, z = np.zeros(estimate.shape), np.zeros(estimate.shape)
    found = np.where(estimate == 0, 0.0, np.nan)
    size = np.abs(estimate)
    for level in np.sort(np.asarray(levels, dtype=np.float64)):
        z_next = normal_quantile(float(level))
        low, high = limits_at(float(level))
        reach_next = np.where(estimate > 0, estimate - low, high - estimate)
        here = np.isnan(found) & (reach_next >= size)
        part = divide(size - reach, reach_next - reach)
        found = np.where(here, z + part * (z_next - z), found)
        reach, z = reach_next, np.full(estimate.shape, z_next)
    # Beyond the last level, distance grows with the quantile as it did up to there.
    found = np.where(np.isnan(found), divide(z * size, reach), found)
    return np.asarray(np.where(np.isnan(estimate), np.nan, 2.0 * ndtr(-found)))
