"""A line that may only rise: weights that are not negative, and steps that never go down."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._sums import Floats, read_only

_LEAST_FOLDS = 2


@frozen(kw_only=True, eq=False)
class Monotone:
    """How one number rises with several others, and never falls with any of them.

    Parameters
    ----------
    weights : float64 array (columns,)
        What one unit of each column adds to the line; not negative.
    knots : float64 array (steps,)
        Places on the line, growing.
    levels : float64 array (steps,)
        What is expected at each of them, never falling.

    Examples
    --------
    >>> found = rising([1, 1, 3, 5, 5], [[0], [0], [1], [2], [2]])
    >>> found.at([[0], [1.5], [9]]).round(6).tolist()
    [1.0, 4.0, 5.0]
    """

    weights: Floats = field(converter=read_only)
    knots: Floats = field(converter=read_only)
    levels: Floats = field(converter=read_only)

    def at(self, x: ArrayLike) -> Floats:
        """What is expected for some rows.

        Parameters
        ----------
        x : array of floats (rows, columns)
            The columns that `rising` was given.

        Returns
        -------
        float64 array (rows,)
            Between knots on a straight line; beyond the last one level, for nothing is known there.
        """
        line = np.asarray(x, dtype=np.float64) @ self.weights
        return np.interp(line, self.knots, self.levels)


def rising(y: ArrayLike, x: ArrayLike) -> Monotone:
    """Number that rises with several others, as near as can be to what was seen.

    Parameters
    ----------
    y : array of floats (rows,)
        What is to be explained.
    x : array of floats (rows, columns)
        What it may rise with, none of it negative.

    Returns
    -------
    Monotone
        A line of weights that are not negative, and steps along it that never go down.

    Raises
    ------
    UsageError
        Lengths differ, a number is not finite, or there are no rows.

    References
    ----------
    .. [1] Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23.
    .. [2] Barlow et al. 1972, Statistical Inference under Order Restrictions, section 1.2.

    Examples
    --------
    >>> rising([1, 2, 4], [[0, 1], [1, 0], [3, 1]]).weights.round(6).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import isotonic_regression, nnls  # noqa: PLC0415  (SciPy loads on first use)

    of, on = _checked(y, x)
    # The mean is taken away on both sides, so that where the line begins is free.
    weights, _ = nnls(on - on.mean(axis=0), of - of.mean())
    line = on @ weights
    knots, place = np.unique(line.round(12), return_inverse=True)
    n = np.bincount(place)
    means = np.bincount(place, of) / n
    return Monotone(weights=weights, knots=knots, levels=isotonic_regression(means, weights=n).x)


def left_out(y: ArrayLike, x: ArrayLike, fold: ArrayLike) -> tuple[Monotone, ...]:
    """What `rising` finds without each fold in turn.

    Parameters
    ----------
    y, x : arrays of floats (rows,) and (rows, columns)
        As for `rising`.
    fold : array of integers (rows,)
        Fold of each row, from 0 up; rows that go together belong in one fold.

    Returns
    -------
    tuple of Monotone
        The one at place i has seen no row of fold i.

    Raises
    ------
    UsageError
        There are fewer than two folds.

    Examples
    --------
    >>> first, _ = left_out([1, 2, 1, 2], [[0], [1], [0], [1]], [0, 0, 1, 1])
    >>> first.at([[0], [1]]).tolist()
    [1.0, 2.0]
    """
    of, on = _checked(y, x)
    parts, place = np.unique(np.asarray(fold), return_inverse=True)
    if parts.size < _LEAST_FOLDS:
        raise UsageError(f"{parts.size} folds are too few to leave one out.")
    return tuple(rising(of[place != i], on[place != i]) for i in range(parts.size))


def _checked(y: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
    of, on = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    fits = on.ndim == 2 and of.shape == on.shape[:1] and of.size > 0
    if not fits or not np.isfinite(of).all() or not np.isfinite(on).all():
        raise UsageError(
            f"{of.size} values and a table of {on.shape} do not fit, or are not finite.",
            hint="one row of numbers for each value",
        )
    return of, on
