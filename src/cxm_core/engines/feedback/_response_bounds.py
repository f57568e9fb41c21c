"""What those who stayed silent could change."""

from __future__ import annotations

from math import hypot, inf

from cxm_core.errors import UsageError
from cxm_core.results import Bounds, Estimate
from cxm_core.stats import mean_bounds, mid_p, overturning_mean
from cxm_core.vocabulary import takes

from ._ranges import Range, check_value

_METHOD = "worst case"


@takes(asked="number?", against="number?")
def response_bounds(
    result: Estimate,
    *,
    asked: int | None = None,
    response_rate: float | None = None,
    against: float | None = None,
) -> Bounds:
    """Between what a metric of all who were asked lies, whatever the silent would have said.

    Parameters
    ----------
    result : Estimate
        The metric among those who answered, such as of `nps` or `csat`.
    asked : int or None
        How many were asked; `result.n` of them answered.
    response_rate : float in (0, 1] or None
        Share that answered, if `asked` is not known.
    against : float or None
        What the figure is held against, in its unit, such as 0 or last year's score: then the
        result tells how the silent would have to score for the finding to fall.

    Returns
    -------
    Bounds
        The bounds, the same with the doubt of the sample, and what would overturn the finding.

    Raises
    ------
    UsageError
        Neither or both of `asked` and `response_rate` are given, more answered than were asked,
        the metric has no lowest and highest value, or `against` lies beyond them.

    Notes
    -----
    Nothing is assumed of the silent: the lower bound takes all of them for the worst answer there
    is, the upper one for the best [1]_. More answers do not bring the bounds together; only a
    higher rate does.
    The limits join the interval of the figure with that of the rate (MOVER), where `asked` is
    given.
    The finding falls when the limit that is nearer to `against` would reach it: a small gap from
    `value` to `silent` means that it hangs by a thread.

    References
    ----------
    .. [1] Manski, C., Nonparametric bounds on treatment effects, 1990, American Economic Review 80,
       319-323.
    .. [2] VanderWeele, T. and Ding, P., Sensitivity analysis in observational research: introducing
       the E-value, 2017, Annals of Internal Medicine 167, 268-274, for the idea of the bias that
       overturns.

    Examples
    --------
    >>> import cxm_core as cx
    >>> answered = cx.csat([5, 4, 4, 2, 5] * 40, scale="1-5")
    >>> bounds = cx.response_bounds(answered, asked=250, against=0.5)
    >>> round(bounds.lowest, 3), round(bounds.highest, 3), bounds.verdict
    (0.64, 0.84, 'stands')
    """
    if not isinstance(result, Estimate):
        raise UsageError(
            f"The bounds are of one Estimate, not of a {type(result).__name__}.",
            hint="one group of a breakdown, such as b['North']",
        )
    rate, doubt = _rate(result, asked, response_rate)
    known = _range(result)
    check_value(against, known, name="against")
    return _bounds(result, rate, doubt, known.ends, against)


def _rate(
    result: Estimate, asked: int | None, response_rate: float | None
) -> tuple[float, tuple[float, float]]:
    """Share that answered, and how far below and above it may lie."""
    if (asked is None) == (response_rate is None):
        raise UsageError(
            "The bounds need either asked= or response_rate=.",
            hint="asked=1200, or response_rate=0.25",
        )
    rate = float(response_rate if asked is None else result.n / asked if asked > 0 else inf)  # type: ignore[arg-type]  # one of the two is there
    if not 0.0 < rate <= 1.0:
        raise UsageError(
            f"{result.n:,} answers are a response rate of {rate:.4g}, which is not between 0 and 1."
            if asked is not None
            else f"The response rate is {rate:.4g}, which is not between 0 and 1.",
            hint="asked= counts everybody who was asked, those who answered among them",
        )
    if asked is None:
        return rate, (0.0, 0.0)
    low, high = mid_p(result.n, asked, confidence_level=result.confidence_level)
    return rate, (rate - float(low), float(high) - rate)


def _range(result: Estimate) -> Range:
    found = Range.of(result.unit, result.receipt.parameters)
    if found is None:
        raise UsageError(
            f"{result.metric} in {result.unit} has no lowest and highest value.",
            hint="bounds are there for shares, for NPS, and for means of a scale",
        )
    return found


def _bounds(
    result: Estimate,
    rate: float,
    doubt: tuple[float, float],
    ends: tuple[float, float],
    against: float | None,
) -> Bounds:
    if result.value is None:
        lowest = highest = low = high = None
    else:
        lowest, highest = mean_bounds(result.value, rate, ends)
        low = _limit(result, rate, doubt, ends[0], lowest, side="low")
        high = _limit(result, rate, doubt, ends[1], highest, side="high")
    verdict, silent = _verdict(result, rate, ends, against)
    return Bounds(
        metric=result.metric,
        unit=result.unit,
        value=result.value,
        lowest=lowest,
        highest=highest,
        low=low,
        high=high,
        confidence_level=result.confidence_level,
        response_rate=rate,
        n=result.n,
        against=against,
        silent=silent,
        gap=None if silent is None or result.value is None else silent - result.value,
        verdict=verdict,
        method=_METHOD,
        caveats=result.caveats,
        receipt=result.receipt,
    )


def _limit(
    result: Estimate,
    rate: float,
    doubt: tuple[float, float],
    end: float,
    bound: float,
    *,
    side: str,
) -> float | None:
    """A bound less what figure and rate may miss it by, together (MOVER of their product)."""
    limit = result.low if side == "low" else result.high
    if limit is None or result.value is None:
        return None
    # Fewer answers than were counted move either bound outwards.
    off = hypot(rate * (limit - result.value), (result.value - end) * doubt[0])
    return max(bound - off, end) if side == "low" else min(bound + off, end)


def _verdict(
    result: Estimate, rate: float, ends: tuple[float, float], against: float | None
) -> tuple[str, float | None]:
    """Whether the finding can fall, and at which score of the silent it does."""
    if against is None:
        return "none", None
    low, high = result.low, result.high
    if low is not None and low > against:
        limit = low
    elif high is not None and high < against:
        limit = high
    else:
        return "open", None
    if rate == 1.0:
        return "stands", None
    silent = overturning_mean(limit, rate, against)
    return ("can fall", silent) if ends[0] <= silent <= ends[1] else ("stands", None)
