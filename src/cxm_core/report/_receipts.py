"""Receipts side by side: what made each of several numbers, and where they were made alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from attrs import frozen

from cxm_core.results import Breakdown, Comparison, Estimate, Receipt, Shape, SourceStatus

from ._words import (
    NONE,
    clock,
    numbers_of,
    numbers_of_change,
    percent,
    stretch,
    verdict_word,
)

__all__ = ["ReceiptRow", "Result", "receipt_rows"]

Result = Shape
_Fact = Callable[[Result, str], str]


@frozen(kw_only=True)
class ReceiptRow:
    """One fact about each of the numbers."""

    name: str
    cells: tuple[str, ...]

    @property
    def spans(self) -> tuple[tuple[str, int], ...]:
        """Cells with the number of neighbours that they speak for."""
        return tuple((text, len(list(same))) for text, same in groupby(self.cells))


def receipt_rows(results: Sequence[Result], zone: str) -> tuple[ReceiptRow, ...]:
    """Facts about each result, in a fixed order, without those that none of them has."""
    rows = (
        ReceiptRow(name=name, cells=tuple(fact(result, zone) or NONE for result in results))
        for name, fact in _FACTS
    )
    return tuple(row for row in rows if set(row.cells) != {NONE})


def _definition(result: Result, _: str) -> str:
    receipt = result.receipt
    version = f"version {receipt.version}" if receipt.version is not None else ""
    parts = (receipt.definition or receipt.engine, version)
    return ", ".join(part for part in parts if part)


def _interval(result: Result, _: str) -> str:
    receipt = result.receipt
    if not isinstance(result, Estimate | Comparison | Breakdown):
        return f"method {receipt.method}"
    return f"{percent(result.confidence_level)}, method {result.method}"


def _figure(result: Result, _: str) -> str:
    if isinstance(result, Comparison):
        show = numbers_of_change(result)
        return f"{show.change(result.value)} ({show.change_to(result.low, result.high)})"
    if not isinstance(result, Estimate):
        return ""
    show = numbers_of([result])
    return f"{show.value(result.value)} ({show.to(result.low, result.high)})"


def _standard_error(result: Result, _: str) -> str:
    if not isinstance(result, Estimate | Comparison) or result.standard_error is None:
        return ""
    show = numbers_of([result])
    return f"{show.bare(result.standard_error)} {show.change_word}".strip()


def _answers(result: Result, _: str) -> str:
    if isinstance(result, Comparison):
        is_change = result.change_word == "change"
        names = ("before", "after") if is_change else result.side_names or ("", "")
        told = zip((result.before.n, result.after.n), names, strict=True)
        return " and ".join(f"{n:,} {'' if is_change else 'in '}{name}" for n, name in told)
    if isinstance(result, Breakdown):
        return result.n_told
    if not isinstance(result, Estimate):
        return ""
    effective = result.effective_n
    return f"{result.n:,}" + ("" if effective is None else f", effective {effective:,.0f}")


def _window(result: Result, zone: str) -> str:
    return "" if result.receipt.window is None else stretch(result.receipt.window, zone)


def _as_of(result: Result, zone: str) -> str:
    return "" if result.receipt.as_of is None else clock(result.receipt.as_of, zone)


def _sources(result: Result, zone: str) -> str:
    return "; ".join(_source(status, zone) for status in result.receipt.sources)


def _source(status: SourceStatus, zone: str) -> str:
    name = " ".join(part for part in (status.source, status.stream) if part)
    when = "" if status.ended_at is None else f" on {clock(status.ended_at, zone)}"
    why = f" ({status.reason.rstrip('.')})" if status.reason else ""
    return f"{name}: {verdict_word(status.verdict)}{when}{why}"


def _pairs(pick: Callable[[Receipt], Sequence[tuple[str, str]]]) -> _Fact:
    return lambda result, _: "; ".join(f"{n} = {v}" for n, v in pick(result.receipt))


def _counts(pick: Callable[[Receipt], Sequence[tuple[str, int]]], between: str) -> _Fact:
    def told(result: Result, _: str) -> str:
        counts = between.join(f"{n} {v:,}" for n, v in pick(result.receipt))
        is_own = result.receipt.counts_are_own
        return counts if is_own or not counts else f"{counts} (of all groups)"

    return told


_FACTS: tuple[tuple[str, _Fact], ...] = (
    ("Figure", _figure),
    ("Definition", _definition),
    ("Definition hash", lambda result, _: result.receipt.definition_hash or ""),
    ("Window", _window),
    ("Selected", _pairs(lambda receipt: receipt.filters)),
    ("Settings", _pairs(lambda receipt: receipt.parameters)),
    ("Weights and design", lambda result, _: ", ".join(result.receipt.design)),
    ("Counted", _counts(lambda receipt: receipt.steps, " \u2192 ")),
    ("Left out", _counts(lambda receipt: receipt.exclusions, "; ")),
    ("Answers", _answers),
    ("Interval", _interval),
    ("Standard error", _standard_error),
    ("Caveats", lambda result, _: " ".join(c.message for c in result.notes)),
    ("Sources", _sources),
    ("Known as of", _as_of),
    ("Program hash", lambda result, _: result.receipt.program_hash or ""),
    ("Seed", lambda result, _: "" if result.receipt.seed is None else str(result.receipt.seed)),
    ("Engine", lambda result, _: f"{result.receipt.engine}, cxm {result.receipt.library_version}"),
)
