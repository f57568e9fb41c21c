"""How many of those who wrote something write of one thing, as a text rule finds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack, overload

from cxm_core.columns import Design
from cxm_core.program import TextRule
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import Scale, takes

from ._engine import MENTIONS
from ._order import Order
from ._rng import Rng
from ._tally import count
from ._wrap import Result, wrap

_SCALE = Scale(low=0, high=1, labels={0: "no mention", 1: "mention"}, top=(1,), name="mention")


class _Asked(TypedDict, total=False):
    weights: Any
    strata: Any
    clusters: Any
    population: Any
    confidence_level: float
    method: str
    rng: Rng


@overload
def mentions(
    texts: Iterable[str | None], rule: TextRule | str, *, by: None = ..., **asked: Unpack[_Asked]
) -> Estimate: ...
@overload
def mentions(
    texts: Iterable[str | None], rule: TextRule | str, *, by: object, **asked: Unpack[_Asked]
) -> Breakdown: ...
@takes(texts="several")
def mentions(
    texts: Iterable[str | None],
    rule: TextRule | str,
    *,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    population: Any = None,
    confidence_level: float = 0.95,
    method: str = "auto",
    rng: Rng = None,
) -> Result:
    r"""Share of those who wrote something whose words mention a thing.

    Parameters
    ----------
    texts : iterable of str or None
        What each customer wrote; a text that shows nothing is no answer, and is counted as such.
    rule : TextRule or str
        What counts as a mention, or its pattern in the syntax of RE2; capital letters do not
        matter.
    by : sequence, list of sequences, or mapping of name to sequence
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence
        Weight of each text, and the design of the sample, as long as `texts`.
    population : number, mapping of stratum to number, or sequence
        How many there were to draw from: clusters if there are any, else texts; None for many.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval; "auto" is "mid_p", and the others are "wilson", "jeffreys", "clopper_pearson",
        "agresti_coull", "likelihood" and "bootstrap".
    rng : int, numpy.random.Generator or None
        For "bootstrap": draw the resamples, 10,000 a group, from this; None for the exact answer.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    ConfigurationError
        RE2 does not understand the pattern.
    MissingExtraError
        The extra ``text`` is not installed.
    UsageError
        Lengths differ.

    Notes
    -----
    A rule finds words, not what is meant: "no queue at all" mentions the queue.
    Read a sample of what it finds before you act on its share.
    RE2 reads a text once, so no pattern can make one take for ever.

    References
    ----------
    .. [1] Newcombe, R., Two-sided confidence intervals for the single proportion, 1998, Statistics
       in Medicine 17, 857-872, method 6.
    .. [2] Cox, R., Regular expression matching in the wild, 2010 (how RE2 stays linear).

    Examples
    --------
    >>> told = ["Long queue", "Queueing again", "Lovely staff", None] * 25
    >>> mentions(told, r"\bqueue")
    Estimate(mentions 66.7%, 95% interval 55.4% to 76.6%, n=75)
    """
    known = rule if isinstance(rule, TextRule) else TextRule(name="rule", pattern=rule)
    flags = [None if flag is None else int(flag) for flag in known.found(map(_plain, texts))]
    order = Order.of(
        MENTIONS, _SCALE, None, method=method, confidence_level=confidence_level, rng=rng
    )
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters, population=population)
    counted = count(flags, scale=order.scale, design=design)
    return wrap(order, counted, order.ratio(counted.tally, population=counted.population))


def _plain(text: object) -> str | None:
    """Text of a customer; whatever a library has in place of none is none."""
    return text if isinstance(text, str) else None
