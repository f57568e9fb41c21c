"""Shares of answers in the top and in the bottom levels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Unpack, overload

from cxm_core.columns import Design, Missing
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Estimate
from cxm_core.stats import Tally
from cxm_core.vocabulary import takes

from ._engine import BOTTOM_BOX, BOTTOM_BOX_OF_ASKED, TOP_BOX
from ._order import Order, ScaleLike
from ._rng import Rng
from ._tally import Common, count
from ._wrap import Result, wrap

_BOTTOM = {"answered": BOTTOM_BOX, "asked": BOTTOM_BOX_OF_ASKED}


@overload
def top_box(  # type: ignore[overload-overlap]  # a tally may have groups of its own
    data: Tally,
    column: None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: Any = ...,
    **common: Unpack[Common],
) -> Result: ...
@overload
def top_box(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: None = ...,
    **common: Unpack[Common],
) -> Estimate: ...
@overload
def top_box(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    top: Iterable[int] | None = ...,
    by: object,
    **common: Unpack[Common],
) -> Breakdown: ...
def top_box(
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
    """Share of answers in the top levels of a scale.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers: a list, an array, a Series, an Arrow column; a table with `column`; or a tally.
    column : str or None
        Column of the answers, if the data is a table.
    scale : str or Scale
        Scale of the answers, such as ``"1-5"``; never guessed from the values.
    top : levels or None
        Levels that count, such as ``(4, 5)``, never the worst one; None for the top levels of the
        scale.
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
    >>> cx.top_box([5, 4, 4, 2, 5] * 20, scale="1-5", top=(5,))
    Estimate(top_box 40.0%, 95% interval 30.7% to 49.8%, n=100)
    """
    order = Order.of(TOP_BOX, scale, top, method=method, confidence_level=confidence_level, rng=rng)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(data, column, scale=order.scale, missing=missing, design=design)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))


@overload
def bottom_box(  # type: ignore[overload-overlap]  # a tally may have groups of its own
    data: Tally,
    column: None = ...,
    *,
    scale: ScaleLike,
    bottom: Iterable[int] | None = ...,
    of: Literal["answered", "asked"] = ...,
    by: Any = ...,
    **common: Unpack[Common],
) -> Result: ...
@overload
def bottom_box(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    bottom: Iterable[int] | None = ...,
    of: Literal["answered", "asked"] = ...,
    by: None = ...,
    **common: Unpack[Common],
) -> Estimate: ...
@overload
def bottom_box(
    data: object,
    column: str | None = ...,
    *,
    scale: ScaleLike,
    bottom: Iterable[int] | None = ...,
    of: Literal["answered", "asked"] = ...,
    by: object,
    **common: Unpack[Common],
) -> Breakdown: ...
@takes(of="text")
def bottom_box(
    data: object,
    column: str | None = None,
    *,
    scale: ScaleLike,
    bottom: Iterable[int] | None = None,
    of: Literal["answered", "asked"] = "answered",
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
    """Share of answers in the bottom levels: of those on the scale, or also of "does not apply".

    Parameters
    ----------
    data : sequence, table or Tally
        Answers: a list, an array, a Series, an Arrow column; a table with `column`; or a tally.
    column : str or None
        Column of the answers, if the data is a table.
    scale : str or Scale
        Scale of the answers, such as ``"1-5"``; never guessed from the values.
    bottom : levels or None
        Levels that count, such as ``(1, 2)``, never the best one; None for the bottom levels of the
        scale.
    of : {"answered", "asked"}
        Below the line: those with an answer on the scale, or also those to whom the question did
        not apply, which `missing` tells by the reason ``not_applicable``.
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
        Share from 0 to 1; a Breakdown if there are groups. Too little to go by is a caveat: without
        an answer, or with weights of nought only, there is no value (``no_answers``,
        ``no_weight``); with one cluster no interval (``few_clusters``); ``small_n`` and
        ``lonely_strata`` tell of few answers, and of strata with one cluster.

    Raises
    ------
    UsageError
        A value is off the scale or no number, `bottom` is no list of levels or holds the best one,
        a weight is negative, endless or not there, more than one answer in twenty has no cluster,
        lengths differ, or a column is not there.

    Notes
    -----
    ``of="asked"`` is of those who answered or said that it does not apply, as "of all asked" in a
    report means; who left it blank or knew no answer is left out, and counted in the receipt.
    It is the share of those who answered times the share to whom it applied (`usage`): how many
    customers a weak touchpoint reaches.
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
    >>> answers = [1, 2, 5, 6, 0] * 20
    >>> codes = {0: "no_answer", 6: "not_applicable"}
    >>> cx.bottom_box(answers, scale="1-5", missing=codes)
    Estimate(bottom_box 66.7%, 95% interval 54.1% to 77.7%, n=60)
    >>> cx.bottom_box(answers, scale="1-5", missing=codes, of="asked")
    Estimate(bottom_box_of_asked 50.0%, 95% interval 39.1% to 60.9%, n=80)
    """
    if of not in _BOTTOM:
        raise UsageError(f"There is no of={of!r}.", hint=did_you_mean(str(of), _BOTTOM))
    order = Order.of(
        _BOTTOM[of], scale, bottom, method=method, confidence_level=confidence_level, rng=rng
    )
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(data, column, scale=order.scale, missing=missing, design=design)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))
