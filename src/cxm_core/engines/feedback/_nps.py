"""Net Promoter Score."""

from __future__ import annotations

from typing import Any, Unpack, overload

from cxm_core.columns import Design, Missing
from cxm_core.results import Breakdown, Estimate
from cxm_core.stats import Tally

from ._engine import NPS
from ._order import Order
from ._rng import Rng
from ._tally import Common, count
from ._wrap import Result, wrap


@overload
def nps(  # type: ignore[overload-overlap]  # a tally may have groups of its own
    data: Tally, column: None = ..., *, by: Any = ..., **common: Unpack[Common]
) -> Result: ...
@overload
def nps(
    data: object, column: str | None = ..., *, by: None = ..., **common: Unpack[Common]
) -> Estimate: ...
@overload
def nps(
    data: object, column: str | None = ..., *, by: object, **common: Unpack[Common]
) -> Breakdown: ...
def nps(
    data: object,
    column: str | None = None,
    *,
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
    """Net Promoter Score: promoters (9 and 10) less detractors (0 to 6), in points of 100.

    Parameters
    ----------
    data : sequence, table or Tally
        Answers from 0 to 10: a list, an array, a Series, an Arrow column; a table with `column`;
        or a tally.
    column : str or None
        Column of the answers, if the data is a table.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each answer, and the design of the sample, such as customers with several answers;
        rows match by position, not index.
    population : number, mapping of stratum to number, sequence or column name
        How many there were to draw from: clusters if there are any, else answers; None for many.
    missing : codes, or mapping of code to reason
        Codes that mean no answer, such as ``(11,)``.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "score", "bonett_price", "skew_score", "dirichlet", "likelihood", "wald", \
"bootstrap"}
        Interval; "auto" is "score". With weights, strata or clusters each takes the effective
        number of answers.
    rng : int, numpy.random.Generator or None
        For "bootstrap": draw the resamples, 10,000 a group, from this; None for the exact answer.

    Returns
    -------
    Estimate or Breakdown
        Points from -100 to 100; a Breakdown if there are groups. Too little to go by is a caveat:
        without an answer, or with weights of nought only, there is no value (``no_answers``,
        ``no_weight``); with one cluster no interval (``few_clusters``); ``small_n`` and
        ``lonely_strata`` tell of few answers, and of strata with one cluster.

    Raises
    ------
    UsageError
        A value is off the scale or no number, a weight is negative, endless or not there, more than
        one answer in twenty has no cluster, lengths differ, or a column is not there.

    Notes
    -----
    The score interval inverts the test of a difference of two shares of one multinomial [2]_.
    It covers within 2 points of its level for every usual mix of answers from 20 answers on,
    which the normal formula reaches at about 300.
    The value is the plain difference, also where the interval is not centred on it.
    "bonett_price" is a closed form, 1 to 5 % wider on average; "skew_score" [4]_ misses alike on
    both sides; "dirichlet" is the belief that starts from Jeffreys' prior, and covers 0.82 of ten
    answers where 98 % are promoters. "likelihood", "bootstrap" and "wald" are there to compare with
    other tools: near the ends of the scale they cover far less than they say.

    References
    ----------
    .. [1] Reichheld, F., The One Number You Need to Grow, 2003, Harvard Business Review 81(12).
    .. [2] Tango, T., Equivalence test and confidence interval for the difference in proportions
       for the paired-sample design, 1998, Statistics in Medicine 17, 891-908, equation 10.
    .. [3] Korn, E. and Graubard, B., Confidence intervals for proportions with small expected
       number of positive counts estimated from survey data, 1998, Survey Methodology 24, 193-201.
    .. [4] Laud, P., Equal-tailed confidence intervals for comparison of rates, 2017, Pharmaceutical
       Statistics 16, 334-348.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.nps([10, 9, 9, 8, 7, 3, 11, None] * 20, missing=(11,))
    Estimate(nps 33.3 points, 95% interval 19.3 to 45.9, n=120)
    """
    order = Order.of(NPS, None, None, method=method, confidence_level=confidence_level, rng=rng)
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(
        data, column, scale=order.scale, missing=missing, design=design, starts=order.starts
    )
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))
