"""Limits of the mean of a scale with few levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import Limits, find_limits
from cxm_core.stats._quantiles import t_quantile, upper_tail
from cxm_core.stats._sums import Floats, read_only


def pseudo_t(
    level_shares: ArrayLike,
    levels: Sequence[float],
    n: ArrayLike,
    *,
    df: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of the mean of a scale: one answer spread evenly over its levels, then Student's t.

    Parameters
    ----------
    level_shares : array of floats (..., levels)
        Shares of the levels among the answers, each row with the sum 1.
    levels : sequence of floats
        Values of the levels: all of the scale, met or not.
    n : array of floats (...)
        Answers; an effective number if they are weighted or clustered.
    df : array of floats (...) or None
        Degrees of freedom; `n` if None, since the added answer gives one. An effective number by
        Korn and Graubard has paid for few clusters already, and needs no `df`.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Within the scale; not a number where `n` is zero.

    Raises
    ------
    UsageError
        Shares do not fit the levels, or the level of confidence lies outside 0 to 1.

    Notes
    -----
    Student's t alone covers 0.66 for 10 answers of which nine in ten are at the top of the scale,
    and the bootstrap no better. With the added answer, coverage stayed above 0.94 on five shapes
    of a scale of seven levels, for 10 to 300 answers.

    Examples
    --------
    >>> low, high = pseudo_t([0, 0, 0, 0, 1], [1, 2, 3, 4, 5], 10)
    >>> round(float(low), 2), round(float(high), 2)
    (4.31, 5.0)
    """
    upper_tail(confidence_level)
    shares, values = np.asarray(level_shares, np.float64), np.asarray(levels, np.float64)
    if shares.shape[-1:] != values.shape:
        raise UsageError(
            f"{shares.shape[-1:]} shares do not fit {values.size} levels.",
            hint="give a share for each level, with a zero for those nobody chose",
        )
    size = np.asarray(n, np.float64)
    size = np.where(size > 0, size, np.nan)[..., None]
    mixed = (shares * size + 1.0 / values.size) / (size + 1.0)
    centre = mixed @ values
    spread = (mixed * (values - centre[..., None]) ** 2).sum(axis=-1)
    error = np.sqrt(spread / size[..., 0])
    low, high = t_interval(
        centre, error, size[..., 0] if df is None else df, confidence_level=confidence_level
    )
    return Limits(
        read_only(np.maximum(low, values.min())), read_only(np.minimum(high, values.max()))
    )


def t_interval(
    value: ArrayLike,
    standard_error: ArrayLike,
    df: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits by Student's t around a value; for unbounded values, or many answers.

    Parameters
    ----------
    value, standard_error : array of floats
        Estimate and its standard error.
    df : array of floats
        Degrees of freedom.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Not a number where `df` is not above zero.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    Examples
    --------
    >>> low, high = t_interval(10.0, 2.0, 9)
    >>> round(float(low), 3), round(float(high), 3)
    (5.476, 14.524)
    """
    quantile = t_quantile(df, confidence_level)

    def limits(value: Floats, error: Floats, quantile: Floats) -> tuple[Floats, Floats]:
        return value - quantile * error, value + quantile * error

    return find_limits(limits, value, standard_error, quantile)
