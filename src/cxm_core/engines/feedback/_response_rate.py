"""How many of those who were asked answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, Unpack, cast, overload

import numpy as np

from cxm_core.columns import read_crossed
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Caveat, Estimate, Receipt, Recipe, check_level
from cxm_core.stats import OUTCOMES, SHARE_METHODS, Rate, outcome_rate
from cxm_core.vocabulary import takes

from ._wrap import Result

Definition = Literal["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]

_SMALL_N = 30
_COLUMN = "outcome"


class _Asked(TypedDict, total=False):
    definition: Definition
    eligible_share: float | None
    confidence_level: float
    method: str


@overload
def response_rate(outcomes: object, *, by: None = ..., **asked: Unpack[_Asked]) -> Estimate: ...
@overload
def response_rate(outcomes: object, *, by: object, **asked: Unpack[_Asked]) -> Breakdown: ...
@takes(method="text", definition="text")
def response_rate(
    outcomes: object,
    *,
    by: Any = None,
    definition: Definition = "RR2",
    eligible_share: float | None = None,
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of those who were asked that answered, by one of AAPOR's six definitions.

    Parameters
    ----------
    outcomes : sequence of str, or mapping of outcome to number
        What became of each invitation: ``complete``, ``partial``, ``refusal``, ``non_contact``,
        ``other``, ``unknown_eligibility`` or ``not_eligible``; or how many of each.
    by : sequence or None
        Group of each invitation; only with a sequence of outcomes.
    definition : {"RR2", "RR1", "RR3", "RR4", "RR5", "RR6"}
        The even ones count partial answers. RR1 and RR2 count everybody of unknown eligibility
        below the line, RR3 and RR4 the share that is estimated to be eligible, RR5 and RR6 nobody.
    eligible_share : float in [0, 1] or None
        For RR3 and RR4; None takes the share among those whose eligibility is known.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : {"auto", "mid_p", "wilson", "jeffreys", "clopper_pearson", "agresti_coull"}
        Interval; "auto" is "mid_p".

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        An outcome, definition or method is unknown, or a count is negative.

    Notes
    -----
    A rate says how large the door for bias is, not whether anything came through it: see
    `response_bounds`.

    References
    ----------
    .. [1] The American Association for Public Opinion Research, Standard Definitions, 10th edition,
       2023.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.response_rate({"complete": 180, "partial": 20, "refusal": 50, "non_contact": 250})
    Estimate(response_rate 40.0%, 95% interval 35.8% to 44.3%, n=500)
    """
    check_level(confidence_level)
    chosen = _method(method)
    counts = _counts(outcomes, by)
    rates = {
        labels: outcome_rate(of, kind=definition, eligible_share=eligible_share)
        for labels, of in counts.items()
    }
    receipt = Receipt(
        engine="response_rate",
        method=chosen,
        confidence_level=confidence_level,
        parameters=_parameters(definition, rates),
        steps=_steps(counts),
    )
    found = _wrap(rates, receipt, axes=() if by is None else ("group",))
    return found if by is not None else found[()]


def _method(method: str) -> str:
    if method == "auto":
        return next(iter(SHARE_METHODS))
    if method not in SHARE_METHODS:
        raise UsageError(
            f"response_rate has no interval method {method!r}.",
            hint=did_you_mean(str(method), ("auto", *SHARE_METHODS)),
        )
    return method


def _counts(outcomes: object, by: Any) -> dict[tuple[Any, ...], Mapping[str, float]]:
    """How many of each outcome there are in each group."""
    if isinstance(outcomes, Mapping):
        if by is not None:
            raise UsageError(
                "Counts of outcomes have no groups.", hint="one call for each group's counts"
            )
        return {(): cast("Mapping[str, float]", outcomes)}
    columns = {_COLUMN: outcomes} | ({} if by is None else {"group": by})
    (crossed,) = read_crossed(columns, [tuple(columns)], what="the outcomes")
    found: dict[tuple[Any, ...], dict[str, float]] = {} if by is not None else {(): {}}
    sizes = np.bincount(crossed.codes, minlength=len(crossed.labels)).tolist()
    for (outcome, *group), size in zip(crossed.labels, sizes, strict=True):
        found.setdefault(tuple(group), {})[_outcome(outcome, size)] = size
    return {group: found[group] for group in found}


def _outcome(label: object, size: int) -> str:
    if label not in OUTCOMES:
        raise UsageError(
            f"{size:,} of the outcomes are no outcome of an invitation.",
            hint=", ".join(OUTCOMES),
        )
    return str(label)


def _parameters(definition: str, rates: Mapping[Any, Rate]) -> list[tuple[str, str]]:
    shares = {f"{rate.eligible_share:.4g}" for rate in rates.values()}
    return [("definition", definition), ("eligible_share", ", ".join(sorted(shares)))]


def _steps(counts: Mapping[Any, Mapping[str, float]]) -> dict[str, int]:
    return {
        name: int(sum(of.get(name, 0) for of in counts.values()))
        for name in OUTCOMES
        if any(of.get(name) for of in counts.values())
    }


def _wrap(rates: Mapping[Any, Rate], receipt: Receipt, *, axes: tuple[str, ...]) -> Breakdown:
    share = np.array([rate.value for rate in rates.values()], np.float64)
    n = np.array([rate.eligible for rate in rates.values()], np.float64)
    recipe = Recipe(method=receipt.method, inputs={"share": share, "n": np.where(n > 0, n, np.nan)})
    limits = recipe.interval(receipt.confidence_level)
    return Breakdown(
        metric="response_rate",
        axes=axes,
        labels=tuple(rates),
        value=share,
        low=limits.low,
        high=limits.high,
        confidence_level=receipt.confidence_level,
        method=receipt.method,
        standard_error=np.sqrt(share * (1 - share) / np.where(n > 0, n, np.nan)),
        n=np.rint(n).astype(np.int64),
        effective_n=recipe.sizes(receipt.confidence_level),
        unit="share",
        group_caveats=tuple(_caveats(rate) for rate in rates.values()),
        receipt=receipt,
        recipe=recipe,
    )


def _caveats(rate: Rate) -> tuple[Caveat, ...]:
    if not rate.eligible:
        return (Caveat.of("no_answers"),)
    return (Caveat.of("small_n"),) if rate.eligible < _SMALL_N else ()
