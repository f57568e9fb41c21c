"""Limits of the difference and of the ratio of two shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.stats._limits import Limits, check_part, find_limits
from cxm_core.stats._quantiles import normal_quantile
from cxm_core.stats._roots import find_roots
from cxm_core.stats._sums import Floats

from ._differences import mover
from ._multinomial import ROOT_BLOCK
from ._shares import wilson

Counted = tuple[ArrayLike, ArrayLike]


def miettinen_nurminen(a: Counted, b: Counted, *, confidence_level: float = 0.95) -> Limits:
    """Limits of share a minus share b, by inverting the score test of the difference.

    Parameters
    ----------
    a, b : tuple of arrays of floats (x, n)
        How many count, of how many; effective numbers if the answers are weighted or clustered.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where one `n` is zero.

    Raises
    ------
    UsageError
        A count lies outside 0 to its `n`, or the level outside 0 to 1.

    Notes
    -----
    The variance is taken at the most likely shares that have the difference on trial, which solve
    a cubic equation, and enlarged by N / (N - 1) for the N answers of both sides.

    References
    ----------
    .. [1] Miettinen & Nurminen 1985, Stat. Med. 4:213-226, equations 8 to 10 and appendix I.
    .. [2] Newcombe 1998, Stat. Med. 17:873-890, methods 5 and 6.

    Examples
    --------
    >>> low, high = miettinen_nurminen((56, 70), (48, 80))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0528, 0.3382)
    """
    return _score_limits(a, b, 1.0, confidence_level)


def mee(a: Counted, b: Counted, *, confidence_level: float = 0.95) -> Limits:
    """Limits of share a minus share b, by the same score test with the plain variance.

    Parameters
    ----------
    a, b : tuple of arrays of floats (x, n)
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where one `n` is zero.

    Raises
    ------
    UsageError
        A count lies outside 0 to its `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Mee 1984, Biometrics 40:1175-1176.

    Examples
    --------
    >>> low, high = mee((5, 56), (0, 29))
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0313, 0.1926)
    """
    return _score_limits(a, b, 0.0, confidence_level)


def newcombe(a: Counted, b: Counted, *, confidence_level: float = 0.95) -> Limits:
    """Limits of share a minus share b, from the Wilson limits of each.

    Parameters
    ----------
    a, b : tuple of arrays of floats (x, n)
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where one `n` is zero.

    Raises
    ------
    UsageError
        A count lies outside 0 to its `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Newcombe 1998, Stat. Med. 17:873-890, method 10.

    Examples
    --------
    >>> low, high = newcombe((5, 56), (0, 29))
    >>> round(float(low), 4), round(float(high), 4)
    (-0.0381, 0.1926)
    """
    one, two = ((_share(x, n), *wilson(x, n, confidence_level=confidence_level)) for x, n in (a, b))
    return mover(one, two)


def agresti_caffo(a: Counted, b: Counted, *, confidence_level: float = 0.95) -> Limits:
    """Limits of share a minus share b by the normal formula, two answers added to each side.

    Parameters
    ----------
    a, b : tuple of arrays of floats (x, n)
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        In -1 to 1; not a number where one `n` is zero.

    Raises
    ------
    UsageError
        A count lies outside 0 to its `n`, or the level outside 0 to 1.

    References
    ----------
    .. [1] Agresti & Caffo 2000, Am. Stat. 54:280-288.

    Examples
    --------
    >>> low, high = agresti_caffo((56, 70), (48, 80))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0525, 0.3358)
    """
    z = normal_quantile(confidence_level)

    def limits(*given: Floats) -> tuple[Floats, Floats]:
        x, n, y, m = _checked(*given)
        sizes = [np.where(size > 0, size, np.nan) + 2.0 for size in (n, m)]
        one, two = (x + 1.0) / sizes[0], (y + 1.0) / sizes[1]
        half = z * np.sqrt(one * (1.0 - one) / sizes[0] + two * (1.0 - two) / sizes[1])
        return np.maximum(one - two - half, -1.0), np.minimum(one - two + half, 1.0)

    return find_limits(limits, *a, *b)


def koopman(a: Counted, b: Counted, *, confidence_level: float = 0.95) -> Limits:
    """Limits of share a divided by share b, by inverting the score test of the ratio.

    Parameters
    ----------
    a, b : tuple of arrays of floats (x, n)
        How many count, of how many.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Zero and more; the upper limit is not a number where `b` may be zero and there is none,
        and both are not where neither side has anything that counts, or one `n` is zero.

    Raises
    ------
    UsageError
        A count lies outside 0 to its `n`, or the level outside 0 to 1.

    Notes
    -----
    The variance is taken at the most likely shares that have the ratio on trial, which solve a
    quadratic equation, and enlarged as in `miettinen_nurminen`.

    References
    ----------
    .. [1] Koopman 1984, Biometrics 40:513-517.
    .. [2] Miettinen & Nurminen 1985, Stat. Med. 4:213-226.

    Examples
    --------
    >>> low, high = koopman((24, 73), (53, 65))
    >>> round(float(low), 2), round(float(high), 2)
    (0.28, 0.56)
    """
    z = normal_quantile(confidence_level)

    def limits(*given: Floats) -> tuple[Floats, Floats]:
        x, n, y, m = _checked(*given)
        low, turned = (_ratio_low(*part, z) for part in ((x, n, y, m), (y, m, x, n)))
        # Turned round, the ratio is its own reciprocal; of a zero there is none.
        high = np.where(turned > 0, 1.0 / np.where(turned > 0, turned, 1.0), np.nan)
        nothing = (x <= 0) & (y <= 0)
        return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)

    return find_limits(limits, *a, *b, block=ROOT_BLOCK)


#: From the name of a method to the function of two counted shares; all are differences.
DIFFERENCE_METHODS: Mapping[str, Callable[..., Limits]] = MappingProxyType(
    {
        "miettinen_nurminen": miettinen_nurminen,
        "mee": mee,
        "newcombe": newcombe,
        "agresti_caffo": agresti_caffo,
    }
)


def _checked(x: Floats, n: Floats, y: Floats, m: Floats) -> tuple[Floats, ...]:
    return check_part(x, n, "a"), n, check_part(y, m, "b"), m


def _share(x: ArrayLike, n: ArrayLike) -> Floats:
    size = np.asarray(n, np.float64)
    return np.asarray(x, np.float64) / np.where(size > 0, size, np.nan)


def _score_limits(a: Counted, b: Counted, lost: float, confidence_level: float) -> Limits:
    """Limits with the variance times N / (N - `lost`)."""
    z = normal_quantile(confidence_level)

    def limits(*given: Floats) -> tuple[Floats, Floats]:
        x, n, y, m = _checked(*given)
        total = n + m
        critical = z * np.sqrt(total / (total - lost))
        return _low(x, n, y, m, critical), -_low(y, m, x, n, critical)

    return find_limits(limits, *a, *b, block=ROOT_BLOCK)


def _low(x: Floats, n: Floats, y: Floats, m: Floats, critical: Floats) -> Floats:
    """Lowest difference that the score test does not refuse."""
    known = (n > 0) & (m > 0) & np.isfinite(critical)
    low = np.where(known, -1.0, np.nan)
    inner = known & (x / n - y / m > -1.0)
    if inner.any():
        held = [part[inner] for part in (x, n, y, m, critical)]
        bracket = np.full(held[0].shape, -1.0), held[0] / held[1] - held[2] / held[3]
        low[inner] = find_roots(_difference_excess, bracket, *held)
    return low


def _difference_excess(trial: Floats, *given: Floats) -> Floats:
    """How far the test at the difference on `trial` exceeds `critical`, as a sine."""
    x, n, y, m, critical = given
    other = _likely_other(trial, x, n, y, m)
    one = np.clip(other + trial, 0.0, 1.0)
    variance = one * (1.0 - one) / n + other * (1.0 - other) / m
    return _sine(np.maximum(x / n - y / m - trial, 0.0), critical**2 * variance)


def _likely_other(trial: Floats, x: Floats, n: Floats, y: Floats, m: Floats) -> Floats:
    """Most likely share of `y` if the other one is larger by `trial`; Miettinen & Nurminen."""
    total, counted = n + m, x + y
    second = ((n + 2.0 * m) * trial - total - counted) / (3.0 * total)
    first = ((m * trial - total - 2.0 * y) * trial + counted) / total
    last = y * trial * (1.0 - trial) / total
    q = second**3 - second * first / 2.0 + last / 2.0
    p = np.sign(q) * np.sqrt(np.maximum(second**2 - first / 3.0, 0.0))
    p = np.where(p == 0, np.sqrt(np.maximum(second**2 - first / 3.0, 0.0)), p)
    cosine = np.where(p != 0, q / np.where(p != 0, p, 1.0) ** 3, 1.0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3.0
    lowest, highest = np.maximum(0.0, -trial), np.minimum(1.0, 1.0 - trial)
    return np.asarray(np.clip(2.0 * p * np.cos(angle) - second, lowest, highest))


def _ratio_low(x: Floats, n: Floats, y: Floats, m: Floats, z: float) -> Floats:
    """Lowest ratio that the score test does not refuse; zero where none of `x` count."""
    known = (n > 0) & (m > 0) & (n + m > 1)
    low = np.where(known, 0.0, np.nan)
    inner = known & (x > 0)
    if inner.any():
        held = [part[inner] for part in (x, n, y, m)]
        total = held[1] + held[3]
        critical = z * np.sqrt(total / (total - 1.0))
        one, two = held[0] / held[1], held[2] / held[3]
        # The ratio as a part of one: a : b is a / (a + b).
        part = find_roots(_ratio_excess, (np.zeros(one.shape), one / (one + two)), *held, critical)
        low[inner] = part / (1.0 - part)
    return low


def _ratio_excess(part: Floats, *given: Floats) -> Floats:
    """How far the test at the ratio on trial, `part` to the rest, exceeds `critical`, as a sine."""
    x, n, y, m, critical = given
    rest = 1.0 - part
    # The likely share of y solves a quadratic equation; multiplied by `rest` it has no infinity.
    a, c = (n + m) * part, (x + y) * rest
    b = part * (n + y) + rest * (x + m)
    root = np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))
    other = np.clip(2.0 * c / (b + root), 0.0, 1.0)
    one = np.clip(np.where(rest > 0, other * part / np.where(rest > 0, rest, 1.0), 1.0), 0.0, 1.0)
    variance = rest**2 * one * (1.0 - one) / n + part**2 * other * (1.0 - other) / m
    return _sine(np.maximum(rest * x / n - part * y / m, 0.0), critical**2 * variance)


def _sine(distance: Floats, variance: Floats) -> Floats:
    """Sine of the angle whose tangent is the statistic, less that of the critical one."""
    length = np.sqrt(distance**2 + variance)
    sine = np.where(length > 0, distance / np.where(length > 0, length, 1.0), 0.0)
    return np.asarray(sine - np.sqrt(0.5))
