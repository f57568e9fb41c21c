"""Ratio of two sums, such as contacts per order."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, overload

import numpy as np

from cxm_core.columns import Design, Measures, Missing, read_measures
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import (
    RATIO_METHODS,
    Breakdown,
    Caveat,
    Estimate,
    Receipt,
    Recipe,
    check_level,
)
from cxm_core.stats import Limits, SumRatio, sum_ratio
from cxm_core.vocabulary import takes

from ._unmeasured import all_groups, odd_units, with_unmeasured, without_figure

Result = Estimate | Breakdown

_SMALL_N = 30
_FEW_CLUSTERS = 15
_DELTA, _FIELLER = RATIO_METHODS


class _Asked(TypedDict, total=False):
    weights: Any
    strata: Any
    clusters: Any
    population: Any
    missing: Missing
    confidence_level: float
    method: str
    unit: str


@overload
def ratio(
    numerator: object, denominator: object = ..., *, by: None = ..., **asked: Unpack[_Asked]
) -> Estimate: ...
@overload
def ratio(
    numerator: object, denominator: object = ..., *, by: object, **asked: Unpack[_Asked]
) -> Breakdown: ...
@takes(method="text")
def ratio(
    numerator: object,
    denominator: object = None,
    *,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    population: Any = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
    method: str = "auto",
    unit: str = "ratio",
) -> Result:
    """Sum of one number divided by the sum of another: contacts per order, minutes per call.

    Parameters
    ----------
    numerator : sequence or table
        What is added up above the line, one number a row; or a table.
    denominator : sequence, or tuple of two column names
        What is added up below the line; or, for a table, the columns above and below.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each row, and the design of the sample; rows match by position, not index.
    population : number, mapping of stratum to number, sequence or column name
        How many there were to draw from: clusters if there are any, else rows; None for many.
    missing : codes, or mapping of code to reason
        Numbers that mean none; a row in which one of the two is missing is left out.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "delta", "fieller"}
        Interval; "auto" is "fieller".
    unit : str
        What the ratio is told in, such as ``"contacts per order"``.

    Returns
    -------
    Estimate or Breakdown
        In `unit`; a Breakdown if there are groups. Where the sum below cannot be told from zero,
        the interval has no limits, and the caveat ``not_reached`` says so. Without a number, or
        with weights of nought only, there is no value (``no_answers``, ``no_weight``);
        ``no_spread`` tells of rows that are all alike, ``small_n``, ``few_clusters`` and
        ``lonely_strata`` of few.

    Raises
    ------
    UsageError
        A value is no number, a weight is negative, endless or not there, more than one row in
        twenty has no cluster, lengths differ, or a column is not there.

    Notes
    -----
    Not the mean of the ratios of the rows: a row with a large denominator counts for more.
    Fieller's limits are those of a difference, above less a multiple of below, and stay right where
    the sum below is not known well; the delta method takes it for known.
    Without strata, Fieller's limits also pay for clusters of unequal size.
    A ratio of numbers that are never negative has no limit below zero.

    References
    ----------
    .. [1] Fieller, E., Some problems in interval estimation, 1954, Journal of the Royal Statistical
       Society B 16, 175-185.
    .. [2] Lumley, T., Analysis of complex survey samples, 2004, Journal of Statistical Software
       9(8), section 2.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.ratio([3, 0, 2, 1] * 25, [1, 1, 2, 2] * 25, unit="contacts per order")
    Estimate(ratio 1.00 contacts per order, 95% interval 0.84 to 1.17, n=100)
    """
    check_level(confidence_level)
    known = _method(method)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    measures = _read(numerator, denominator, missing, design)
    found = sum_ratio(
        *measures.values,
        axes=measures.axes,
        weights=measures.weights,
        population=measures.population,
    )
    whole = with_unmeasured(found, all_groups(found.groups, measures))
    return _wrap(whole, measures, known, confidence_level, unit)


def _method(method: str) -> str:
    if method not in ("auto", *RATIO_METHODS):
        raise UsageError(
            f"ratio has no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", *RATIO_METHODS)),
        )
    return _FIELLER if method == "auto" else method


def _read(numerator: object, denominator: object, missing: Missing, design: Design) -> Measures:
    names = denominator if isinstance(denominator, tuple | list) else ()
    if len(names) == 2 and all(isinstance(name, str) for name in names):
        above, below = names
        return read_measures(numerator, above, second=below, missing=missing, design=design)
    if denominator is None or isinstance(denominator, str):
        raise UsageError(
            "A ratio needs what is below the line."
            if denominator is None
            else "A ratio of a table needs two columns, and one is named.",
            hint="ratio(above, below), or ratio(df, ('contacts', 'orders'))",
        )
    return read_measures(numerator, second=denominator, missing=missing, design=design)


def _recipe(found: SumRatio, measures: Measures, method: str) -> Recipe:
    sizes = np.where(found.is_simple, found.n, np.nan)
    inputs: dict[str, Any] = {"n": sizes, "df": found.df}
    if method == _FIELLER:
        inputs |= {
            "answers": found.n,
            "df": found.freedom,
            "floor": found.floor,
            "above": found.above,
            "above_variance": found.spread_above,
            "below": found.below,
            "below_variance": found.spread_below,
            "covariance": found.spread_both,
        }
    else:
        inputs |= {"value": found.value, "standard_error": found.standard_error}
    is_positive = all(part.min(initial=0.0) >= 0.0 for part in measures.values)
    constants = {"least": np.zeros(1)} if is_positive else {}
    return Recipe(method=method, inputs=inputs, constants=constants)


def _wrap(
    found: SumRatio, measures: Measures, method: str, confidence_level: float, unit: str
) -> Result:
    recipe = _recipe(found, measures, method)
    limits = recipe.interval(confidence_level)
    axes = tuple(axis.name for axis in measures.axes if axis.role == "by")
    broken_down = Breakdown(
        metric="ratio",
        axes=axes,
        labels=found.groups,
        value=found.value,
        low=limits.low,
        high=limits.high,
        confidence_level=confidence_level,
        method=method,
        standard_error=found.standard_error,
        n=found.n,
        effective_n=recipe.sizes(confidence_level),
        unit=unit,
        group_caveats=tuple(_caveats(found, limits, i, measures) for i in range(len(found.n))),
        receipt=Receipt(
            engine="ratio",
            method=method,
            confidence_level=confidence_level,
            parameters=(("unit", unit),),
            steps=(("rows", measures.rows), ("with both numbers", int(found.n.sum()))),
            exclusions=measures.exclusions,
        ),
        recipe=recipe,
    )
    return broken_down if axes else broken_down[()]


def _caveats(found: SumRatio, limits: Limits, place: int, measures: Measures) -> tuple[Caveat, ...]:
    n, roles = int(found.n[place]), {axis.role for axis in measures.axes}
    if n == 0:
        return (Caveat.of(without_figure(measures, found.groups[place])),)
    counts = odd_units(found, place, measures)
    told = {
        "small_n": n < _SMALL_N,
        "few_clusters": "cluster" in roles and found.n_units[place] < _FEW_CLUSTERS,
        **{code: count > 0 for code, count in counts.items()},
        "no_spread": found.standard_error[place] == 0,
        "not_reached": not np.isfinite([limits.low[place], limits.high[place]]).all(),
        "one_group_only": "by" in roles and len(found.groups) == 1,
    }
    return tuple(Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds)
