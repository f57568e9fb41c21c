"""How many answers it takes, and what a number of answers can show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cxm_core.errors import UsageError

from ._limits import Limits
from ._quantiles import upper_tail

# Numbers of answers beyond this are no plan.
MOST_ANSWERS = 10**9
_NEAR, _CLOSE, _STEPS = 1e-9, 1e-7, 20


def _quantiles(power: float, confidence_level: float) -> tuple[float, float]:
    """Normal quantiles of the two-sided test and of the power."""
    from scipy.special import ndtri  # noqa: PLC0415  (SciPy loads on first use)

    tail = upper_tail(confidence_level)
    if not 0.0 < power < 1.0:
        raise UsageError(
            f"The power is {power}, but must lie between 0 and 1.", hint="0.8 is usual"
        )
    return float(ndtri(tail)), float(ndtri(power))


def n_for_difference(
    difference: float,
    variances: tuple[float, float],
    *,
    under_null: float | None = None,
    power: float = 0.8,
    confidence_level: float = 0.95,
) -> float:
    """Answers on each side that show a difference with the given power.

    Parameters
    ----------
    difference : float
        What is to be shown; not zero.
    variances : (float, float)
        Variance of a single answer on either side.
    under_null : float or None
        Variance of a single answer if there were no difference, for a test that takes it; None for
        the mean of the two.
    power : float in (0, 1)
        Chance that the test shows it.
    confidence_level : float in (0, 1)
        One minus the level of the two-sided test.

    Returns
    -------
    float
        Answers on each side, not rounded.

    Raises
    ------
    UsageError
        The difference is zero, or the power or the level lies outside 0 to 1.

    References
    ----------
    .. [1] Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, equation 4.14,
       for shares, with `under_null` from their mean.

    Examples
    --------
    >>> round(n_for_difference(0.25, (0.25, 0.1875), under_null=0.234375, power=0.9), 1)
    76.7
    """
    z, reach = _quantiles(power, confidence_level)
    if difference == 0:
        raise UsageError(
            "No number of answers shows a difference of zero.",
            hint="margin= plans to show that two sides are alike",
        )
    both = sum(variances)
    null = both if under_null is None else 2.0 * under_null
    return float(((z * np.sqrt(null) + reach * np.sqrt(both)) / difference) ** 2)


def n_for_equivalence(
    margin: float,
    variances: tuple[float, float],
    *,
    difference: float = 0.0,
    power: float = 0.8,
    confidence_level: float = 0.95,
) -> float:
    """Answers on each side that show two sides to be alike within a margin.

    Parameters
    ----------
    margin : float
        Differences smaller than this do not matter.
    variances : (float, float)
        Variance of a single answer on either side.
    difference : float
        True difference, in size below `margin`.
    power : float in (0, 1)
        Chance that both one-sided tests hold.
    confidence_level : float in (0, 1)
        One minus the level of each one-sided test.

    Returns
    -------
    float
        Answers on each side, not rounded.

    Raises
    ------
    UsageError
        The margin is not above the difference, or the power or the level lies outside 0 to 1.

    References
    ----------
    .. [1] Julious 2004, Stat. Med. 23:1921-1986, section 5.

    Examples
    --------
    >>> round(n_for_equivalence(0.5, (1.0, 1.0)), 1)
    68.5
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415

    _quantiles(power, confidence_level)
    near, far = margin - abs(difference), margin + abs(difference)
    if near <= 0:
        raise UsageError(
            f"A margin of {margin:g} leaves no room for a difference of {abs(difference):g}.",
            hint="the true difference must lie within the margin",
        )
    z = float(ndtri(confidence_level))

    def excess(n: float) -> float:
        error = np.sqrt(sum(variances) / n)
        return float(ndtr(near / error - z) + ndtr(far / error - z) - 1.0) - power

    return _first_n(excess)


def t_power(n: float, difference: float, spread: float, *, confidence_level: float = 0.95) -> float:
    """Chance that Student's t of two groups shows a difference of their means.

    Parameters
    ----------
    n : float
        Answers in each group.
    difference : float
        True difference of the means.
    spread : float
        Standard deviation of a single answer.
    confidence_level : float in (0, 1)
        One minus the level of the two-sided test.

    Returns
    -------
    float in (0, 1)
        Chance of a difference on the right side.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Cohen 1988, Statistical Power Analysis, chapter 2: the noncentral t distribution.

    Examples
    --------
    >>> round(t_power(20, 1.0, 1.0), 3)
    0.869
    """
    from scipy.special import nctdtr, stdtrit  # noqa: PLC0415

    df = 2.0 * n - 2.0
    away = abs(difference) / spread * np.sqrt(n / 2.0)
    return float(1.0 - nctdtr(df, away, stdtrit(df, upper_tail(confidence_level))))


def n_for_means(
    difference: float, spread: float, *, power: float = 0.8, confidence_level: float = 0.95
) -> float:
    """Answers in each group with which Student's t shows a difference of means.

    Parameters
    ----------
    difference : float
        What is to be shown; not zero.
    spread : float
        Standard deviation of a single answer.
    power : float in (0, 1)
        Chance that the test shows it.
    confidence_level : float in (0, 1)
        One minus the level of the two-sided test.

    Returns
    -------
    float
        Answers in each group, not rounded.

    Raises
    ------
    UsageError
        The difference is zero, or the power or the level lies outside 0 to 1.

    Examples
    --------
    >>> round(n_for_means(1.0, 1.0, power=0.9), 2)
    22.02
    """
    variances = (spread**2, spread**2)
    normal = n_for_difference(difference, variances, power=power, confidence_level=confidence_level)
    if normal > MOST_ANSWERS:
        return normal

    def excess(n: float) -> float:
        return t_power(n, difference, spread, confidence_level=confidence_level) - power

    return _first_n(excess, least=2.0)


def arcsine_effect(first: float, second: float) -> float:
    """Distance of two shares on the scale on which all shares have one variance.

    Parameters
    ----------
    first, second : float in [0, 1]
        Shares.

    Returns
    -------
    float
        Cohen's h.

    References
    ----------
    .. [1] Cohen 1988, chapter 6.

    Examples
    --------
    >>> round(arcsine_effect(0.65, 0.5), 4)
    0.3047
    """
    return float(2.0 * (np.arcsin(np.sqrt(first)) - np.arcsin(np.sqrt(second))))


def n_for_arcsine(
    first: float, second: float, *, power: float = 0.8, confidence_level: float = 0.95
) -> float:
    """Answers on each side that tell two shares apart, by the arcsine scale.

    Parameters
    ----------
    first, second : float in [0, 1]
        Shares; not the same.
    power : float in (0, 1)
        Chance that the test shows it.
    confidence_level : float in (0, 1)
        One minus the level of the two-sided test.

    Returns
    -------
    float
        Answers on each side, not rounded.

    Raises
    ------
    UsageError
        The shares are the same, or the power or the level lies outside 0 to 1.

    Examples
    --------
    >>> round(n_for_arcsine(0.65, 0.5), 2)
    169.09
    """
    effect = arcsine_effect(first, second)
    return n_for_difference(effect, (1.0, 1.0), power=power, confidence_level=confidence_level)


def n_for_half_width(
    half_width: float, limits_at: Callable[[float], Limits], *, guess: float
) -> float:
    """Answers with which an interval is no wider than wanted, found from the interval itself.

    Parameters
    ----------
    half_width : float
        Half the width that is wanted.
    limits_at : callable
        From a number of answers to the limits that are expected then.
    guess : float
        Number of answers to begin with.

    Returns
    -------
    float
        Smallest number of answers, not rounded.

    Raises
    ------
    UsageError
        No number of answers below 10^9 gives that width.

    Examples
    --------
    >>> from cxm_core.stats import wilson
    >>> found = n_for_half_width(0.05, lambda n: wilson(0.5 * n, n), guess=100)
    >>> round(found)
    380
    """

    def reach(n: float) -> float:
        low, high = limits_at(n)
        return float(high - low) / 2.0

    # A half-width falls with the root of n, nearly, so a few steps of that find it.
    n = guess
    for _ in range(_STEPS):
        if not (half_width > 0 and 1.0 <= n <= MOST_ANSWERS):
            break
        last, n = n, n * (reach(n) / half_width) ** 2
        if abs(n - last) <= _CLOSE * n:
            return n
    return _first_n(lambda n: half_width - reach(n), start=guess)


def _first_n(excess: Callable[[float], float], *, least: float = 1.0, start: float = 2.0) -> float:
    """Smallest number of answers at which `excess`, which grows with it, is not below zero."""
    if excess(least) >= 0:
        return least
    below, above = least, max(start, 2.0 * least)
    while excess(above) < 0:
        below, above = above, 2.0 * above
        if above > MOST_ANSWERS:
            raise UsageError(
                f"More than {MOST_ANSWERS:,} answers would be needed.", hint="ask for less"
            )
    while above - below > _NEAR * above:
        middle = (below + above) / 2.0
        below, above = (middle, above) if excess(middle) < 0 else (below, middle)
    return above
