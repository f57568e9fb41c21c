"""Quantile of any number, such as the time that nine in ten wait at most."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, overload

import numpy as np

from cxm_core.columns import Design, Measures, Missing, group_places, read_measures
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Caveat, Estimate, Receipt, check_level
from cxm_core.stats import Limits, RatioEstimate, Sorted, Tally, linear_ratio, rank_limits
from cxm_core.vocabulary import takes

from ._rank_recipe import RankRecipe
from ._rng import Rng, check_rng
from ._silent import Groups, with_silent
from ._unmeasured import all_groups, odd_units, places_in

Result = Estimate | Breakdown

_SMALL_N = 30
_FEW_CLUSTERS = 15
_HIGH_COST = 2.0
_METHOD = "order_statistics"
_UP_TO = ((1.0, 0.0), (1.0, 1.0))


class _Asked(TypedDict, total=False):
    q: float
    weights: Any
    strata: Any
    clusters: Any
    population: Any
    missing: Missing
    confidence_level: float
    method: str
    rng: Rng
    unit: str


@overload
def quantile(
    data: object, column: str | None = ..., *, by: None = ..., **asked: Unpack[_Asked]
) -> Estimate: ...
@overload
def quantile(
    data: object, column: str | None = ..., *, by: object, **asked: Unpack[_Asked]
) -> Breakdown: ...
@takes(method="text")
def quantile(
    data: object,
    column: str | None = None,
    *,
    q: float = 0.5,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    population: Any = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
    method: str = "auto",
    rng: Rng = None,
    unit: str = "units",
) -> Result:
    """Value that a share `q` of all stay below: the median, or what nine in ten wait at most.

    Parameters
    ----------
    data : sequence or table
        Numbers of any size: a list, an array, a Series, an Arrow column; or a table with `column`.
    column : str or None
        Column of the numbers, if the data is a table.
    q : float in (0, 1)
        Which quantile; 0.5 is the median.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each row, and the design of the sample; rows match by position, not index.
    population : number, mapping of stratum to number, sequence or column name
        How many there were to draw from: clusters if there are any, else rows; None for many.
    missing : codes, or mapping of code to reason
        Numbers that mean none.
    confidence_level : float in (0, 1)
        Coverage of the interval is at least this for a simple sample.
    method : {"auto", "order_statistics"}
        Interval; there is one.
    rng : int, numpy.random.Generator or None
        As for the other metrics; this interval draws nothing, so the number is the same with any.
    unit : str
        What the numbers are in, such as ``"hours"``.

    Returns
    -------
    Estimate or Breakdown
        In `unit`; a Breakdown if there are groups. A limit that the data cannot reach is None, as
        the upper one of the 0.9 quantile of fewer than 36 numbers, and the caveat ``not_reached``
        says so. Without a number, or with weights of nought only, there is no value
        (``no_answers``, ``no_weight``); ``small_n``, ``few_clusters`` and ``lonely_strata`` tell of
        few.

    Raises
    ------
    UsageError
        A value is no number, `q` is not in (0, 1), a weight is negative, endless or not there, more
        than one row in twenty has no cluster, lengths differ, a column is not there, or `rng` is no
        source of random numbers.

    Notes
    -----
    The limits are values that were seen, at ranks that the binomial distribution gives, whatever
    the distribution of the numbers; there is no standard error. With weights, strata or clusters
    the ranks are those of the effective number of rows at the quantile.
    Between two values the quantile lies half way, as medians usually do.

    References
    ----------
    .. [1] Hahn, G. and Meeker, W., Statistical Intervals, 1991, section 5.2.
    .. [2] Woodruff, R., Confidence intervals for medians and other position measures, 1952, Journal
       of the American Statistical Association 47, 635-646.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.quantile([1.5, 2, 2.5, 3, 4, 6, 7, 9, 30] * 5, q=0.5, unit="hours")
    Estimate(quantile 4.00 hours, 95% interval 3.00 to 6.00, n=45)
    """
    _check(q, confidence_level, method, rng)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    measures = read_measures(data, column, missing=missing, design=design)
    groups, sorted_values, group = _sorted(measures)
    share = np.full(len(groups), float(q))
    value = sorted_values.at(share)
    is_above = (measures.values[0] > value[group]).astype(np.int64)
    ratio = linear_ratio(
        _tally(measures, is_above),
        *_UP_TO,
        confidence_level=confidence_level,
        population=measures.population,
    )
    found = with_silent(ratio, groups, [axis.name for axis in measures.axes if axis.role == "by"])
    recipe = RankRecipe.of(
        sorted_values,
        found,
        q=q,
        is_counted=found.method == "multinomial" and measures.population is None,
        confidence_level=confidence_level,
    )
    return _wrap(found, (value, recipe), measures, (q, confidence_level, unit))


def _check(q: float, confidence_level: float, method: str, rng: Rng) -> None:
    check_level(confidence_level)
    if method not in ("auto", _METHOD):
        raise UsageError(
            f"quantile has no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", _METHOD)),
        )
    check_rng(rng)
    rank_limits(1.0, q, confidence_level=confidence_level)


def _tally(measures: Measures, codes: Any) -> Tally:
    return Tally.from_codes(
        levels=(0, 1), level_codes=codes, axes=measures.axes, weights=measures.weights
    )


def _sorted(measures: Measures) -> tuple[Groups, Sorted, Any]:
    """All groups, the numbers in order within them, and each row's group."""
    values = measures.values[0]
    known, group = group_places(measures.axes, values.size)
    groups = all_groups(known, measures)
    group = places_in(groups, known)[group] if values.size else group
    return groups, Sorted.of(values, group, len(groups), measures.weights), group


def _wrap(
    found: RatioEstimate,
    numbers: tuple[Any, RankRecipe],
    measures: Measures,
    asked: tuple[float, float, str],
) -> Result:
    value, recipe = numbers
    q, confidence_level, unit = asked
    limits = recipe.interval(confidence_level)
    axes = tuple(axis.name for axis in measures.axes if axis.role == "by")
    broken_down = Breakdown(
        metric="quantile",
        axes=axes,
        labels=found.groups,
        value=value,
        low=limits.low,
        high=limits.high,
        confidence_level=confidence_level,
        method=_METHOD if found.method == "multinomial" else f"{_METHOD}, design effective n",
        standard_error=np.full(len(found.n), np.nan),
        n=found.n,
        effective_n=found.effective_n,
        unit=unit,
        group_caveats=tuple(_caveats(found, limits, i, measures) for i in range(len(found.n))),
        receipt=Receipt(
            engine="quantile",
            method=_METHOD,
            confidence_level=confidence_level,
            parameters=(("q", f"{q:g}"), ("unit", unit)),
            steps=(("rows", measures.rows), ("with a number", int(found.n.sum()))),
            exclusions=measures.exclusions,
        ),
        recipe=recipe,
    )
    return broken_down if axes else broken_down[()]


def _caveats(
    found: RatioEstimate, limits: Limits, place: int, measures: Measures
) -> tuple[Caveat, ...]:
    n, roles = int(found.n[place]), {axis.role for axis in measures.axes}
    if n == 0:
        return (Caveat.of("no_answers"),)
    if np.isnan(found.value[place]):
        return (Caveat.of("no_weight"),)
    counts = odd_units(found, place, measures)
    told = {
        "small_n": n < _SMALL_N,
        "few_clusters": "cluster" in roles and found.n_clusters[place] < _FEW_CLUSTERS,
        **{code: count > 0 for code, count in counts.items()},
        "design_effect": found.effective_n[place] * _HIGH_COST < n,
        "not_reached": not np.isfinite([limits.low[place], limits.high[place]]).all(),
        "one_group_only": "by" in roles and len(found.groups) == 1,
    }
    return tuple(Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds)
