"""Weights that make a sample agree with what is known of its population: raking, trimming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._rows import MAX_WEIGHT
from cxm_core.stats._sums import Floats, Ints, divide, read_only, row_keys

from ._clusters import group_sum

# Margins whose sums differ by more than this are of two populations.
AGREEMENT = 1e-6
# Part of the total that rounding may lose.
_LOST = 1e-12


class Raked(NamedTuple):
    """Fitted weights, and how well they fit.

    Attributes
    ----------
    weights : float64 array (rows,)
        Their sums over each category are the totals that were asked for, up to `gap`.
    rounds : int
        Rounds that it took.
    gap : float
        Largest distance of a sum from its total, as a share of that total.
    trimmed : int
        Rows whose weight was cut.
    is_converged : bool
        Whether the gap is below the tolerance.
    """

    weights: Floats
    rounds: int
    gap: float
    trimmed: int
    is_converged: bool


class _Problem(NamedTuple):
    """Rows to be fitted: their places on each margin, the totals, and where they start."""

    codes: list[Ints]
    totals: list[Floats]
    base: Floats

    def sweep(self, weights: Floats) -> Floats:
        """Weights after each margin in turn was met."""
        for codes, totals in zip(self.codes, self.totals, strict=True):
            sums = np.bincount(codes, weights=weights, minlength=len(totals))
            weights = weights * divide(totals, sums)[codes]
        return weights

    def gap(self, weights: Floats) -> float:
        """How far the sums are from their totals."""
        gaps = [
            np.abs(np.bincount(codes, weights=weights, minlength=len(totals)) / totals - 1.0).max()
            for codes, totals in zip(self.codes, self.totals, strict=True)
        ]
        return float(max(gaps))


def rake(
    codes: Sequence[ArrayLike],
    totals: Sequence[ArrayLike],
    *,
    weights: ArrayLike | None = None,
    max_weight: float | None = None,
    tolerance: float = 1e-9,
    max_rounds: int = 1000,
) -> Raked:
    """Weights whose sums over each margin are known totals; with one margin, post-stratification.

    Parameters
    ----------
    codes : sequence of integer arrays (rows,)
        For each margin, the category of each row.
    totals : sequence of float arrays (categories,)
        For each margin, the total of each category, above zero; all margins with one sum.
    weights : float array (rows,) or None
        Weights to start from, above zero; ones if None.
    max_weight : float or None
        Largest weight as a multiple of the mean one; None for no limit.
    tolerance : float
        Gap at which to stop.
    max_rounds : int
        Rounds after which to give up.

    Returns
    -------
    Raked
        The weights, with the gap that is left: margins that contradict each other, or a limit
        that is too tight, leave one.

    Raises
    ------
    UsageError
        A category is empty, a total or weight not above zero, lengths or sums differ.

    Notes
    -----
    Each round multiplies the weights to meet one margin after the other; with a limit, what lies
    above it is then cut, until both hold. If both cannot hold the limit does: what the last cut
    took goes to the other rows, so that the weights keep their total. Without a limit, the result
    is the weighting nearest to the start that meets the margins, in the sense of discrimination
    information.

    References
    ----------
    .. [1] Deming & Stephan 1940, Ann. Math. Stat. 11:427-444.
    .. [2] Deville, Sarndal & Sautory 1993, J. Am. Stat. Assoc. 88:1013-1020.

    Examples
    --------
    >>> found = rake([[0, 0, 1], [0, 1, 1]], [[30, 10], [15, 25]])
    >>> found.weights.round(6).tolist(), found.is_converged
    ([15.0, 15.0, 10.0], True)
    """
    problem = _checked(codes, totals, weights)
    if max_weight is None:
        found, rounds = _fit_cells(problem, tolerance, max_rounds)
        trimmed = 0
    else:
        limit = _limit(problem, max_weight)
        found, rounds = _rounds(problem, tolerance, max_rounds, limit)
        trimmed = int(np.count_nonzero(found >= limit))
    gap = problem.gap(found)
    return Raked(read_only(found), rounds, gap, trimmed, gap <= tolerance)


def _fit_cells(problem: _Problem, tolerance: float, max_rounds: int) -> tuple[Floats, int]:
    """Fit each combination of categories as a whole: all its rows get one factor."""
    sizes = [len(totals) for totals in problem.totals]
    keys = row_keys(problem.codes, sizes, len(problem.base))
    _, first, cell = np.unique(keys, return_index=True, return_inverse=True)
    start = group_sum(cell, len(first), problem.base)
    cells = _Problem([codes[first] for codes in problem.codes], problem.totals, start)
    found, rounds = _rounds(cells, tolerance, max_rounds, np.inf)
    return problem.base * (found / start)[cell], rounds


def _rounds(
    problem: _Problem, tolerance: float, max_rounds: int, limit: float
) -> tuple[Floats, int]:
    weights = problem.base
    for done in range(1, max_rounds + 1):
        weights = np.minimum(problem.sweep(weights), limit)
        if problem.gap(weights) <= tolerance:
            return weights, done
    return _levelled(weights, limit, problem.totals[0].sum()), max_rounds


def _levelled(weights: Floats, limit: float, total: float) -> Floats:
    """Weights that were cut without all margins being met, brought back to their total.

    What was cut is given to the others in proportion, none of which goes above the limit.
    """
    while (lost := total - weights.sum()) > _LOST * total:
        free = weights < limit
        rest = weights[free].sum()
        weights = np.where(free, np.minimum(weights * (1.0 + lost / rest), limit), weights)
    return weights


def _limit(problem: _Problem, max_weight: float) -> float:
    if not max_weight > 1.0:
        raise UsageError(
            f"The largest weight is {max_weight} times the mean one, and must lie above 1.",
            hint="max_weight=5 cuts what is more than five times the mean",
        )
    return float(max_weight * problem.totals[0].sum() / len(problem.base))


def _checked(
    codes: Sequence[ArrayLike], totals: Sequence[ArrayLike], weights: ArrayLike | None
) -> _Problem:
    if not codes or len(codes) != len(totals):
        raise UsageError(
            f"There are {len(codes)} margins in the sample and {len(totals)} in the population.",
            hint="give each margin once, on both sides",
        )
    places = [np.asarray(one, np.int64) for one in codes]
    wanted = [np.asarray(one, np.float64) for one in totals]
    base = np.ones(len(places[0])) if weights is None else np.asarray(weights, np.float64)
    if not all(one.shape == base.shape for one in places) or not base.size:
        raise UsageError("The margins and weights differ in length, or have no rows.")
    wrong = int(np.count_nonzero(~((base > 0) & (base <= MAX_WEIGHT))))
    if wrong:
        raise UsageError(
            f"{wrong:,} of {base.size:,} weights to start from are not above zero, or endless.",
            hint="leave out rows that stand for nobody",
        )
    for place, total in zip(places, wanted, strict=True):
        _check_margin(place, total, float(wanted[0].sum()))
    return _Problem(places, wanted, base)


def _check_margin(codes: Ints, totals: Floats, total: float) -> None:
    if not ((totals > 0) & (totals < np.inf)).all():
        raise UsageError("A total of a margin is not above zero, or endless.")
    if codes.min() < 0 or codes.max() >= len(totals):
        raise UsageError("Rows are in a category that has no total.")
    empty = len(totals) - len(np.unique(codes))
    if empty:
        raise UsageError(
            f"{empty} of {len(totals)} categories of a margin have no row.",
            hint="merge them with a category that has rows",
        )
    if abs(totals.sum() - total) > AGREEMENT * total:
        raise UsageError(
            f"The margins add up to different totals: {total:g} and {totals.sum():g}.",
            hint="give all margins as counts of one population, or as shares that add up to one",
        )
