"""Share of those asked to whom a question applied."""

from __future__ import annotations

from typing import Any, Unpack, overload

from cxm_core.columns import Design, Missing
from cxm_core.results import Breakdown, Estimate
from cxm_core.stats import Tally

from ._engine import USAGE
from ._order import Order, ScaleLike
from ._rng import Rng
from ._tally import Common, count
from ._wrap import Result, wrap


@overload
def usage(  # type: ignore[overload-overlap]  # a tally may have groups of its own
    data: Tally, column: None = ..., *, scale: ScaleLike, by: Any = ..., **common: Unpack[Common]
) -> Result: ...
@overload
def usage(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    by: None = ...,
    **common: Unpack[Common],
) -> Estimate: ...
@overload
def usage(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    by: object,
    **common: Unpack[Common],
) -> Breakdown: ...
def usage(
    data: object,
    column: str | None = None,
    *,
    scale: ScaleLike,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    population: Any = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
    method: str = "auto",
    rng: Rng = None,
) -> Result:
    """Share of those asked to whom the question applied, such as who used a touchpoint.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers: a list, an array, a Series, an Arrow column; a table with `column`; or a tally.
    column : str or None
        Column of the answers, if the data is a table.
    scale : str or Scale
        Scale of the answers, such as ``"1-5"``; never guessed from the values.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each answer, or a Weighting, and the design of the sample; rows match by
        position, not index.
    population : number, mapping of stratum to number, sequence or column name
        How many there were to draw from: clusters if there are any, else answers; None for many.
    missing : codes, or mapping of code to reason
        Codes that mean no answer; the reason ``not_applicable`` means that it did not apply.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "mid_p", "wilson", "jeffreys", "clopper_pearson", "agresti_coull", \
"likelihood", "bootstrap"}
        Interval; "auto" is "mid_p".
    rng : int, numpy.random.Generator or None
        For "bootstrap": draw the resamples, 10,000 a group, from this; None for the exact answer.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        A value is off the scale or no number, lengths differ, or a column is not there.

    Notes
    -----
    The mid-P interval is exact for counts; with weights, strata or clusters it takes the effective
    number of answers of the design.

    References
    ----------
    .. [1] Newcombe, R., Two-sided confidence intervals for the single proportion, 1998, Statistics
       in Medicine 17, 857-872, method 6.
    .. [2] Korn, E. and Graubard, B., Confidence intervals for proportions with small expected
       number of positive counts estimated from survey data, 1998, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> from cxm_core.engines import usage
    >>> usage([1, 2, 5, 6, 0] * 20, scale="1-5", missing={0: "no_answer", 6: "not_applicable"})
    Estimate(usage 75.0%, 95% interval 64.7% to 83.6%, n=80)
    """
    order = Order.of(USAGE, scale, None, method=method, confidence_level=confidence_level, rng=rng)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(data, column, scale=order.scale, missing=missing, design=design)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))
