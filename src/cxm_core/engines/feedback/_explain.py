"""Why two numbers of one metric differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TypeAlias

from attrs import evolve, frozen

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate, Receipt, Step, Waterfall, show_values

from ._receipt_steps import ReceiptStep, may_be_same_rows, receipt_steps
from ._split_gap import split_gap

#: Measures the number that a receipt describes.
Measure: TypeAlias = Callable[[Receipt], Estimate | float]

_ALIKE = "other answers"


def explain_difference(
    a: Estimate | Receipt, b: Estimate | Receipt, *, measure: Measure | None = None
) -> Waterfall:
    """Why two numbers differ: the gap, split over the steps in which their receipts differ.

    Parameters
    ----------
    a, b : Estimate or Receipt
        Two results, or the receipts of two numbers; the gap is `b` less `a`.
    measure : callable or None
        Gives the number that a receipt describes: it reads the receipt's window, filters, reasons
        for leaving answers out, and so on, and measures accordingly.
        It is asked for every mixture of the two receipts.
        Not needed where the receipts differ in one step only; a workspace brings its own:
        ``workspace.explain_difference(a, b)``.

    Returns
    -------
    Waterfall
        One step for each difference, named, adding up to the gap; no step where there is no gap
        and no difference.

    Raises
    ------
    UsageError
        The sides are of different units or one has no value; or the receipts differ in several
        steps and `measure` is missing.

    Notes
    -----
    Where several steps differ, the size of each depends on the order in which they are made.
    Each gets its mean over all orders (Shapley), so no order has to be chosen, and the sizes add up
    exactly.
    The definition, who is left out, the window, what was known, weights and every filter are
    steps; the confidence level and the interval's method move no figure and are none.
    Receipts that are alike leave one step, ``other answers``: the same recipe over other data.
    Without `measure` one step that leaves the rows what they are (the definition, blank answers,
    weights) has the whole gap only if both numbers count as many rows; if not, the step is named
    with ``and other answers``, for nothing shows which of the two it was.
    Where a mixture of two steps has no answer at all, as where a filter finds nobody in the other
    window, these two become one step.
    What `measure` cannot reproduce of the two numbers becomes a step of its own, ``not told by the
    receipts``.
    The sizes are arithmetic on the answers at hand and have no interval.

    References
    ----------
    .. [1] Shapley, L., A value for n-person games, 1953, Contributions to the Theory of Games II,
       307-317.

    Examples
    --------
    >>> import cxm_core as cx
    >>> answers = [10, 9, 9, 3, None, None] * 50
    >>> left_out = cx.nps(answers)
    >>> as_nought = cx.nps([0 if answer is None else answer for answer in answers])
    >>> print(cx.explain_difference(left_out, as_nought))
    nps goes from 50.0 (before) to 0.0 points (after), -50.0 points: blank answers -50.0.
    """
    sides = _Side.of(a, measure), _Side.of(b, measure)
    _check(*sides)
    steps = receipt_steps(sides[0].receipt, sides[1].receipt)
    gap = sides[1].value - sides[0].value
    if not steps:
        return _wrap(sides, _unexplained(gap), "difference")
    if measure is None and len(steps) == 1:
        is_same = may_be_same_rows(sides[0].receipt, sides[1].receipt)
        return _wrap(sides, _alone(steps[0], gap, is_same=is_same), "difference")
    if measure is None:
        names = ", ".join(step.name for step in steps)
        raise UsageError(
            f"The receipts differ in {len(steps)} steps: {names}. What each of them adds can only "
            "be measured.",
            hint="measure=, a function from a receipt to its number; "
            "of a workspace's results: workspace.explain_difference(a, b); "
            "of two definitions of one log: explain_definitions(log, 'one_touch.zendesk', ...)",
        )
    return _wrap(sides, _split(sides, steps, measure), "shapley")


@frozen(kw_only=True)
class _Side:
    """One number and how it was made; a group of a breakdown counts as a filter."""

    value: float
    receipt: Receipt
    metric: str
    unit: str

    @classmethod
    def of(cls, side: object, measure: Measure | None) -> _Side:
        if isinstance(side, Breakdown):
            raise UsageError(
                f"One side has {len(side)} groups, and one figure is explained by one.",
                hint="one group of it, such as b['North']",
            )
        if isinstance(side, Receipt):
            return cls._measured(side, measure)
        if not isinstance(side, Estimate):
            raise UsageError(f"One side is a {type(side).__name__}, no Estimate and no Receipt.")
        groups = [
            (axis, show_values([label])) for axis, label in zip(side.axes, side.group, strict=True)
        ]
        receipt = evolve(side.receipt, filters=(*side.receipt.filters, *groups))
        return cls(value=_known(side), receipt=receipt, metric=side.metric, unit=side.unit)

    @classmethod
    def _measured(cls, receipt: Receipt, measure: Measure | None) -> _Side:
        if measure is None:
            raise UsageError(
                "A receipt alone has no number.",
                hint="give the result, or measure=, a function from a receipt to its number",
            )
        found = measure(receipt)
        unit = found.unit if isinstance(found, Estimate) else ""
        name = receipt.definition or receipt.engine
        return cls(value=_known(found), receipt=receipt, metric=name, unit=unit)


def _value(found: Estimate | float) -> float | None:
    value = found.value if isinstance(found, Estimate) else found
    return None if value is None or not isfinite(value) else float(value)


def _known(found: Estimate | float) -> float:
    value = _value(found)
    if value is None:
        raise UsageError(
            "One of the numbers to explain has no value.", hint="widen the window, or the filters"
        )
    return value


def _check(before: _Side, after: _Side) -> None:
    if before.unit != after.unit:
        raise UsageError(
            f"The sides differ in their unit: {before.unit or 'none'} of {before.metric} before, "
            f"{after.unit or 'none'} of {after.metric} after.",
            hint="a difference has a meaning within one unit only",
        )


def _unexplained(gap: float) -> list[Step]:
    return [Step(_ALIKE, gap, note="the same recipe over other answers")] if gap else []


def _alone(step: ReceiptStep, gap: float, *, is_same: bool) -> list[Step]:
    """The whole gap belongs to the one difference; where the rows differ too, to both."""
    if not gap and step.is_implied:
        return []
    if is_same or not step.keeps_rows:
        return [Step(step.name, gap, note=step.note)]
    note = f"{step.note}; the rows are others too, and only measure= can tell the two apart"
    return [Step(f"{step.name} and {_ALIKE}", gap, note=note)]


def _split(sides: Sequence[_Side], steps: Sequence[ReceiptStep], measure: Measure) -> list[Step]:
    """Shapley's parts of what `measure` gives, and what it does not reproduce."""
    before, after = sides
    mixtures = [_mixed(before, after, steps, chosen) for chosen in range(1 << len(steps))]
    found = [_value(measure(receipt)) for receipt in mixtures]
    return split_gap(steps, found, (before.value, after.value))


def _mixed(before: _Side, after: _Side, steps: Sequence[ReceiptStep], chosen: int) -> Receipt:
    receipt = before.receipt
    for place, step in enumerate(steps):
        if chosen >> place & 1:
            receipt = step.take(receipt, after.receipt)
    return receipt


def _wrap(sides: Sequence[_Side], steps: Sequence[Step], method: str) -> Waterfall:
    before, after = sides
    name = before.metric if before.metric == after.metric else f"{before.metric}, {after.metric}"
    return Waterfall(
        metric=name,
        unit=before.unit,
        start=before.value,
        end=after.value,
        steps=steps,
        method=method,
        receipt=Receipt(
            engine="explain_difference",
            method=method,
            confidence_level=after.receipt.confidence_level,
            definition=after.receipt.definition,
            program_hash=after.receipt.program_hash,
        ),
    )
