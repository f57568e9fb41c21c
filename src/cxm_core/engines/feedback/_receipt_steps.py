"""In which steps two receipts differ, as far as a step can move the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from attrs import evolve, frozen

from cxm_core.results import Receipt
from cxm_core.vocabulary import Window

#: Step that two receipts of a store always differ in, if they were made one after the other.
LATE_DATA = "late data"
_BLANKS = "blank answers"
_MOST_STEPS = 8
_OF = "of"
_DENOMINATOR = "answered"
_ROWS = "rows"

#: Sets in a receipt what one step is about to what another receipt says.
Take: TypeAlias = Callable[[Receipt, Receipt], Receipt]


@frozen(kw_only=True)
class ReceiptStep:
    """One step in which two receipts differ, and whether it leaves the rows what they are."""

    name: str
    note: str
    take: Take
    is_implied: bool = False
    keeps_rows: bool = False


def receipt_steps(before: Receipt, after: Receipt) -> tuple[ReceiptStep, ...]:
    """Steps that lead from one receipt to the other; at most eight."""
    filters = _filter_steps(before, after)
    makers = (_definition, _blanks, _window, _knowledge, _design)
    found = [step for make in makers if (step := make(before, after)) is not None]
    if len(found) + len(filters) > _MOST_STEPS:
        filters = [_all_filters(before, after)]
    return (*found, *filters)


def may_be_same_rows(before: Receipt, after: Receipt) -> bool:
    """Whether both numbers may be of the same rows: of one store, or as many as each other."""
    if before.measured_at is not None and after.measured_at is not None:
        return True
    rows = [dict(receipt.steps).get(_ROWS) for receipt in (before, after)]
    return None in rows or rows[0] == rows[1]


def _definition(before: Receipt, after: Receipt) -> ReceiptStep | None:
    """The metric, its scale and its levels; a name alone changes nothing."""
    told = [_meaning(receipt) for receipt in (before, after)]
    if told[0] == told[1]:
        return None

    def take(receipt: Receipt, other: Receipt) -> Receipt:
        mine = [pair for pair in receipt.parameters if pair[0] == _OF]
        theirs = [pair for pair in other.parameters if pair[0] != _OF]
        return evolve(
            receipt,
            engine=other.engine,
            definition=other.definition,
            version=other.version,
            definition_hash=other.definition_hash,
            parameters=(*theirs, *mine),
        )

    return ReceiptStep(name="definition", note=_change(*told), take=take, keeps_rows=True)


def _meaning(receipt: Receipt) -> str:
    parts = [f"{name} {value}" for name, value in receipt.parameters if name != _OF]
    return ", ".join([receipt.engine, *parts])


def _blanks(before: Receipt, after: Receipt) -> ReceiptStep | None:
    """Who is left out: by the rule where there is one, else by the reasons that are counted."""
    rules = [dict(receipt.parameters).get(_OF) for receipt in (before, after)]
    reasons = [{reason for reason, _ in r.exclusions} for r in (before, after)]
    # Of a store the rule is known; of data that was handed over only what became of it.
    is_known = before.measured_at is not None and after.measured_at is not None
    if rules[0] == rules[1] and (is_known or reasons[0] == reasons[1]):
        return None

    def take(receipt: Receipt, other: Receipt) -> Receipt:
        mine = [pair for pair in receipt.parameters if pair[0] != _OF]
        theirs = [pair for pair in other.parameters if pair[0] == _OF]
        return evolve(receipt, parameters=(*mine, *theirs), exclusions=other.exclusions)

    return ReceiptStep(
        name=_BLANKS,
        note=_change(_left_out(before), _left_out(after)),
        take=take,
        is_implied=rules[0] == rules[1],
        keeps_rows=True,
    )


def _left_out(receipt: Receipt) -> str:
    told = ", ".join(f"{count:,} {reason}" for reason, count in receipt.exclusions)
    below = dict(receipt.steps).get(_DENOMINATOR)
    return f"left out: {told or 'none'}" + ("" if below is None else f", counted: {below:,}")


def _window(before: Receipt, after: Receipt) -> ReceiptStep | None:
    spans = [_span(receipt.window) for receipt in (before, after)]
    if spans[0] == spans[1]:
        return None
    told = [_window_text(receipt.window) for receipt in (before, after)]
    return _field_step("window", "window", _change(*told))


def _span(window: Window | None) -> tuple[datetime, datetime] | None:
    return None if window is None else (window.start, window.end)


def _window_text(window: Window | None) -> str:
    return "all there is" if window is None else window.told


def _knowledge(before: Receipt, after: Receipt) -> ReceiptStep | None:
    """What was known: until the instant that was asked for, or until the store was read."""
    instants = [known_until(receipt) for receipt in (before, after)]
    if instants[0] == instants[1]:
        return None
    first, last = instants
    is_late = first is not None and (last is None or last > first)

    def take(receipt: Receipt, other: Receipt) -> Receipt:
        return evolve(receipt, as_of=other.as_of, measured_at=other.measured_at)

    return ReceiptStep(
        name=LATE_DATA if is_late else "data not known yet",
        note=_change(*(f"known at {_instant(instant)}" for instant in instants)),
        take=take,
        is_implied=before.as_of is None and after.as_of is None,
    )


def known_until(receipt: Receipt) -> datetime | None:
    """Instant up to which the number knows what happened; None for all that was handed over."""
    return receipt.measured_at if receipt.as_of is None else receipt.as_of


def _instant(instant: datetime | None) -> str:
    return "the end" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _design(before: Receipt, after: Receipt) -> ReceiptStep | None:
    if before.design == after.design:
        return None
    told = [", ".join(receipt.design) or "nothing" for receipt in (before, after)]
    step = _field_step("weights and design", "design", _change(*told))
    return evolve(step, keeps_rows=True)


def _filter_steps(before: Receipt, after: Receipt) -> list[ReceiptStep]:
    """One step for each column that is selected by differently."""
    first, last = dict(before.filters), dict(after.filters)
    return [
        _filter_step(column, first.get(column), last.get(column))
        for column in {**first, **last}
        if first.get(column) != last.get(column)
    ]


def _filter_step(column: str, before: str | None, after: str | None) -> ReceiptStep:
    def take(receipt: Receipt, other: Receipt) -> Receipt:
        wanted = dict(other.filters)
        kept = [pair for pair in receipt.filters if pair[0] != column]
        return evolve(receipt, filters=(*kept, *_pair(column, wanted.get(column))))

    told = ("everything" if value is None else value for value in (before, after))
    return ReceiptStep(name=f"filter on {column}", note=_change(*told), take=take)


def _pair(column: str, value: str | None) -> Sequence[tuple[str, str]]:
    return () if value is None else ((column, value),)


def _all_filters(before: Receipt, after: Receipt) -> ReceiptStep:
    told = ("; ".join(f"{c} = {v}" for c, v in r.filters) or "none" for r in (before, after))
    return _field_step("filters", "filters", _change(*told))


def _field_step(name: str, field: str, note: str) -> ReceiptStep:
    def take(receipt: Receipt, other: Receipt) -> Receipt:
        changes: dict[str, Any] = {field: getattr(other, field)}
        return evolve(receipt, **changes)

    return ReceiptStep(name=name, note=note, take=take)


def _change(before: str, after: str) -> str:
    return f"{before} before, {after} after"
