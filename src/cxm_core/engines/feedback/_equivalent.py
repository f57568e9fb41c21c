"""Whether two sides are alike, and not just not shown to differ."""

from __future__ import annotations

from math import ceil, inf
from typing import Any

from attrs import evolve

from cxm_core.columns import Missing
from cxm_core.errors import UsageError
from cxm_core.results import Comparison, Verdict, check_level
from cxm_core.vocabulary import takes

from ._compare import compare
from ._metric_definition import MetricDefinition
from ._order import ScaleLike
from ._ranges import Range, check_margin

_METHOD = "two one-sided tests"
# Beyond this many times the answers, more of them are no plan.
_MOST_TIMES = 10_000.0


@takes(margin="number")
def equivalent(
    a: object,
    b: object,
    *,
    margin: float,
    metric: str | MetricDefinition | None = None,
    scale: ScaleLike | None = None,
    missing: Missing = (),
    confidence_level: float = 0.95,
) -> Verdict:
    """Whether two sides are alike within a margin: shown, refuted, or not known yet.

    That no difference is shown does not show that there is none: with few answers nothing is ever
    shown. Here the answer is yes only if the data leave no room for a difference that matters.

    Parameters
    ----------
    a, b : Estimate, Tally or sequence
        Results of one metric; or tallies or answers of different people, and then `metric` says of
        what.
    margin : float
        Differences smaller than this do not matter; in the unit of the metric: 5 points of NPS, or
        0.05 of a share.
    metric : str, MetricDefinition or None
        Such as ``"nps"``, if the sides are answers.
    scale : str, Scale or None
        Scale of the answers, if the metric needs one.
    missing : codes, or mapping of code to reason
        Codes that mean no answer.
    confidence_level : float in (0, 1)
        One less the chance of calling sides alike that are not.

    Returns
    -------
    Verdict
        True only if they are alike. Undecided verdicts tell about how many more answers may show
        it; without answers on one side it is undecided.

    Raises
    ------
    UsageError
        The margin is not above zero or as wide as the metric's range, or the two sides are not of
        one metric.

    Notes
    -----
    Two one-sided tests, each at one less `confidence_level`: the sides are alike if the interval
    of the difference at 90 % lies within the margin, for a confidence level of 95 %. They are
    different if it lies beyond it.

    References
    ----------
    .. [1] Schuirmann, D., A comparison of the two one-sided tests procedure and the power approach
       for assessing the equivalence of average bioavailability, 1987, Journal of Pharmacokinetics
       and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.equivalent([10, 9, 8, 3] * 50, [10, 9, 8, 3] * 50, metric="nps", margin=5).more
    2557
    """
    check_level(confidence_level)
    if not 0 < margin < inf:
        raise UsageError(
            f"The margin is {margin!r}, and it must be above zero.",
            hint="margin=5 for points of NPS, margin=0.05 for a share",
        )
    both = 1.0 - 2.0 * (1.0 - confidence_level)
    if both <= 0:
        raise UsageError("A confidence level of one half or less decides nothing.", hint="0.95")
    given: dict[str, Any] = {"metric": metric, "scale": scale, "missing": missing}
    found = compare(a, b, confidence_level=both, **given)
    check_margin(margin, Range.of(found.unit, found.before.receipt.parameters))
    decision, more = _decided(found, float(margin))
    return Verdict(
        decision=decision,
        comparison=found,
        margin=float(margin),
        confidence_level=confidence_level,
        more=more,
        method=_METHOD,
        caveats=found.caveats,
        receipt=evolve(
            found.receipt,
            engine="equivalent",
            method=_METHOD,
            confidence_level=confidence_level,
            parameters=(*found.receipt.parameters, ("margin", f"{float(margin):g}")),
        ),
    )


def _decided(found: Comparison, margin: float) -> tuple[Any, int | None]:
    """The decision, and about how many more answers may show that the sides are alike."""
    if found.value is None or found.low is None or found.high is None:
        return "undecided", None
    if -margin < found.low and found.high < margin:
        return "equivalent", None
    if found.low > margin or found.high < -margin:
        return "different", None
    if abs(found.value) >= margin:
        return "undecided", None
    above = (found.high - found.value) / (margin - found.value)
    below = (found.value - found.low) / (margin + found.value)
    times = max(above, below) ** 2
    return "undecided", ceil((times - 1.0) * found.n) if 1.0 < times < _MOST_TIMES else None
