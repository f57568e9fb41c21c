"""Tests of order: whether answers of one group tend to lie above those of another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._quantiles import t_quantile
from ._sums import Floats


class Significance(NamedTuple):
    """What a test found.

    Attributes
    ----------
    statistic : float
        How far the data are from what is tested, in the test's own unit.
    df : float
        Degrees of freedom; not a number where the test has none.
    p_value : float
        How often such data, or data farther off, come about if what is tested is true.
    """

    statistic: float
    df: float
    p_value: float


class Superiority(NamedTuple):
    """How often an answer of the second group lies above one of the first.

    Attributes
    ----------
    value, low, high : float
        Probability, ties counted half, with its limits; 0.5 if neither group tends to be above.
    statistic, df, p_value : float
        The test of 0.5.
    """

    value: float
    low: float
    high: float
    statistic: float
    df: float
    p_value: float


def brunner_munzel(
    first: ArrayLike, second: ArrayLike, *, confidence_level: float = 0.95
) -> Superiority:
    """How often an answer of the second group lies above one of the first, with its interval.

    Asks nothing of the scale but an order, and nothing of the two spreads.

    Parameters
    ----------
    first, second : arrays of floats (n,), (m,)
        Answers of the two groups; at least two each.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Superiority
        The interval is not a number, and the p-value 0, where the two groups do not overlap.

    Raises
    ------
    UsageError
        A group has fewer than two answers or one that is no number, or the level lies outside
        0 to 1.

    Notes
    -----
    Needs some ten answers a group; below that, permute the groups instead.

    References
    ----------
    .. [1] Brunner & Munzel 2000, Biom. J. 42:17-25.

    Examples
    --------
    >>> found = brunner_munzel([1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1],
    ...                        [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4])
    >>> round(found.value, 3), round(found.p_value, 4)
    (0.789, 0.0058)
    """
    groups = [np.asarray(group, np.float64).ravel() for group in (first, second)]
    _check_groups(groups)
    n, m = (group.size for group in groups)
    pooled = midranks(np.concatenate(groups))
    ranks = pooled[:n], pooled[n:]
    spreads = [
        float(np.var(rank - midranks(group), ddof=1))
        for rank, group in zip(ranks, groups, strict=True)
    ]
    value = (float(ranks[1].mean()) - (m + 1) / 2) / n
    parts = spreads[0] / (n * m**2), spreads[1] / (m * n**2)
    return _superiority(value, parts, (n, m), confidence_level)


def share_trend(x: ArrayLike, n: ArrayLike, *, scores: ArrayLike | None = None) -> Significance:
    """Whether shares rise or fall along an order, such as from week to week.

    Parameters
    ----------
    x, n : arrays of floats (k,)
        How many count, of how many.
    scores : array of floats (k,) or None
        Place of each share along the order; None for 1, 2, and so on.

    Returns
    -------
    Significance
        Chi-squared with one degree of freedom.

    Raises
    ------
    UsageError
        There are fewer than two shares, or a count lies outside 0 to its n.

    References
    ----------
    .. [1] Armitage 1955, Biometrics 11:375-386.

    Examples
    --------
    >>> round(share_trend([83, 90, 129, 70], [86, 93, 136, 82]).statistic, 4)
    8.2249
    """
    from scipy.special import chdtrc  # noqa: PLC0415  (SciPy loads on first use)

    counted, size = np.asarray(x, np.float64), np.asarray(n, np.float64)
    place = np.arange(1.0, size.size + 1) if scores is None else np.asarray(scores, np.float64)
    if size.size < 2 or not (counted.shape == size.shape == place.shape):
        raise UsageError("A trend needs at least two shares, each with its count and its place.")
    if ((counted < 0) | (counted > size)).any():
        raise UsageError("A count lies outside 0 and the number that it is counted of.")
    total = size.sum()
    share = counted.sum() / total
    centre = (size * place).sum() / total
    spread = share * (1.0 - share) * (size * (place - centre) ** 2).sum()
    moved = ((counted - size * share) * (place - centre)).sum()
    statistic = float(moved**2 / spread) if spread > 0 else np.nan
    return Significance(statistic, 1.0, float(chdtrc(1, statistic)))


def midranks(values: Floats) -> Floats:
    """Rank of each value from 1 up; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def _check_groups(groups: list[Floats]) -> None:
    for group in groups:
        if group.size < 2 or not np.isfinite(group).all():
            raise UsageError(
                f"A group has {np.isfinite(group).sum()} numbers among {group.size} answers.",
                hint="give each group at least two answers, and leave missing ones out",
            )


def _superiority(
    value: float, parts: tuple[float, float], sizes: tuple[int, int], confidence_level: float
) -> Superiority:
    """Student's t, with the degrees of freedom of Satterthwaite from both parts of the variance."""
    from scipy.special import stdtr  # noqa: PLC0415

    variance = sum(parts)
    if variance <= 0:
        is_apart = value != 0.5
        end = float(np.sign(value - 0.5)) * np.inf if is_apart else 0.0
        return Superiority(value, np.nan, np.nan, end, np.nan, 0.0 if is_apart else 1.0)
    below = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    df = variance**2 / below
    error = float(np.sqrt(variance))
    half = float(t_quantile(df, confidence_level)) * error
    statistic = (value - 0.5) / error
    p_value = 2.0 * float(stdtr(df, -abs(statistic)))
    low, high = max(value - half, 0.0), min(value + half, 1.0)
    return Superiority(value, low, high, statistic, df, p_value)
