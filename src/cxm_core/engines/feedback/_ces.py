"""Customer effort."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack, overload

from cxm_core.columns import Design, Missing
from cxm_core.results import Breakdown, Estimate
from cxm_core.stats import Tally

from ._engine import CES
from ._order import Order, ScaleLike
from ._rng import Rng
from ._tally import Common, count
from ._wrap import Result, wrap


@overload
def ces(  # type: ignore[overload-overlap]  # a tally may have groups of its own
    data: Tally,
    column: None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: Any = ...,
    **common: Unpack[Common],
) -> Result: ...
@overload
def ces(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: None = ...,
    **common: Unpack[Common],
) -> Estimate: ...
@overload
def ces(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: object,
    **common: Unpack[Common],
) -> Breakdown: ...
def ces(
    data: object,
    column: str | None = None,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = None,
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
    """Customer effort: share of answers in the top levels, those who found it easy.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers: a list, an array, a Series, an Arrow column; a table with `column`; or a tally.
    column : str or None
        Column of the answers, if the data is a table.
    scale : str or Scale
        Scale of the answers, such as ``"1-7"``; never guessed from the values.
    top : levels or None
        Levels that count, never the worst one; None for the top levels of the scale, which are the
        best two: 6 and 7 of seven. The published effort score counts 5 to 7: ``top=(5, 6, 7)``.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each answer, or a Weighting, and the design of the sample; rows match by
        position, not index.
    population : number, mapping of stratum to number, sequence or column name
        How many there were to draw from: clusters if there are any, else answers; None for many.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
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
        Share from 0 to 1; a Breakdown if there are groups. Too little to go by is a caveat: without
        an answer, or with weights of nought only, there is no value (``no_answers``,
        ``no_weight``); with one cluster no interval (``few_clusters``); ``small_n`` and
        ``lonely_strata`` tell of few answers, and of strata with one cluster.

    Raises
    ------
    UsageError
        A value is off the scale or no number, `top` is no list of levels or holds the worst one, a
        weight is negative, endless or not there, more than one answer in twenty has no cluster,
        lengths differ, or a column is not there.

    Notes
    -----
    On a scale of seven the bare figure is no published score: those who agree are 5 to 7, as
    ``cx.definition("ces_easy_7")`` counts them. On a scale of five both are 4 and 5.
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
    >>> import cxm_core as cx
    >>> cx.ces([7, 6, 6, 2, 5] * 20, scale="1-7", top=(5, 6, 7))
    Estimate(ces 80.0%, 95% interval 71.3% to 87.0%, n=100)
    """
    order = Order.of(CES, scale, top, method=method, confidence_level=confidence_level, rng=rng)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(data, column, scale=order.scale, missing=missing, design=design)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))
