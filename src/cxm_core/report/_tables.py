"""Every table behind the report as data: full precision, stable names, one row a fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isnan
from types import MappingProxyType

from cxm_core.results import Comparison, Estimate

from ._evidence import OUTCOMES, meaning_of
from ._further import unit_of
from ._page import Grouped, ReportPage
from ._receipts import receipt_rows
from ._table import Cell, ColumnType, Table, table
from ._view import receipted
from ._words import group_label

__all__ = ["to_tables"]

_Row = Sequence[Cell]
_Types = Mapping[str, ColumnType]

_FIGURE: _Types = {
    "metric": "text",
    "value": "number",
    "low": "number",
    "high": "number",
    "unit": "text",
    "confidence_level": "number",
    "method": "text",
    "standard_error": "number",
}
_ESTIMATE: _Types = {**_FIGURE, "n": "integer", "effective_n": "number", "caveats": "text"}
_PARTS = ("product", "usage", "bottom")


def to_tables(page: ReportPage) -> Mapping[str, Table]:
    """Every table of the report as data, for files and for other programs.

    Parameters
    ----------
    page : ReportPage
        What the report shows.

    Returns
    -------
    mapping of str to Table
        Always the same names, in a fixed order; a table of which the page has nothing is empty.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.report import ReportPage, to_tables
    >>> page = ReportPage(title="This week", generated_at=datetime(2026, 11, 21, tzinfo=UTC))
    >>> list(to_tables(page))[:3]
    ['headlines', 'changes', 'touchpoints']
    """
    made = (table(name, types, rows(page)) for name, types, rows in _TABLES)
    return MappingProxyType({one.name: one for one in made})


def _figure(result: Estimate | Comparison) -> tuple[Cell, ...]:
    return tuple(getattr(result, name) for name in _FIGURE)


def _estimate(estimate: Estimate) -> tuple[Cell, ...]:
    return (*_figure(estimate), estimate.n, estimate.effective_n, _codes(estimate))


def _codes(result: Estimate | Comparison) -> str:
    return " ".join(caveat.code for caveat in result.caveats)


def _headlines(page: ReportPage) -> Iterator[_Row]:
    for headline in page.every_headline:
        for wave in headline.waves:
            receipt, is_weighted = wave.estimate.receipt, headline.is_weighted
            if is_weighted is None:
                is_weighted = "weights" in receipt.design
            about = (is_weighted, headline.outcome, headline.question)
            definition = (receipt.definition, receipt.version, receipt.definition_hash)
            yield (headline.title, wave.label, *_estimate(wave.estimate), *about, *definition)


def _changes(page: ReportPage) -> Iterator[_Row]:
    for headline in page.every_headline:
        change = headline.change
        if change is not None:
            sides = (change.before, change.after)
            numbers = (*(side.value for side in sides), *(side.n for side in sides))
            yield (headline.title, *_figure(change), *numbers, _codes(change))


def _known(page: ReportPage) -> Iterator[_Row]:
    for known in page.known:
        for row in known.rows:
            told = (row.known, row.is_within, page.known_from)
            yield (known.title, row.label, *_estimate(row.estimate), *told)


def _touchpoints(page: ReportPage) -> Iterator[_Row]:
    for row in page.ordered_touchpoints:
        cells: list[Cell] = [row.label, page.touchpoint_window, row.question]
        for part in _PARTS:
            estimate: Estimate = getattr(row, part)
            cells += [estimate.value, estimate.low, estimate.high, estimate.n]
        change = row.change
        cells += [None] * 3 if change is None else [change.value, change.low, change.high]
        yield (*cells, row.product.confidence_level, row.product.method)


def _groups(page: ReportPage) -> Iterator[_Row]:
    for grouped in page.every_group:
        yield from _grouped(grouped)


def _grouped(grouped: Grouped) -> Iterator[_Row]:
    made = grouped.breakdown
    fixed = (made.unit, made.confidence_level, made.method)
    for place in grouped.shown:
        value, low, high, error, effective = (
            _number(array[place])
            for array in (made.value, made.low, made.high, made.standard_error, made.effective_n)
        )
        codes = " ".join(caveat.code for caveat in made.group_caveats[place])
        numbers = (made.metric, value, low, high, *fixed, error)
        yield (
            *(grouped.title, ", ".join(made.axes), group_label(made.labels[place])),
            *(*numbers, int(made.n[place]), effective, codes),
        )


def _group_figures(page: ReportPage) -> Iterator[_Row]:
    for grouped in page.every_group:
        made = grouped.breakdown
        for place in grouped.shown:
            for name, values in made.figures.items():
                label = group_label(made.labels[place])
                yield (grouped.title, label, name, _number(values[place]), unit_of(made, name))


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _quotes(page: ReportPage) -> Iterator[_Row]:
    for quote in page.quotes:
        scale = None if quote.scale is None else quote.scale.code
        about = (quote.touchpoint, quote.question, quote.text)
        yield (*about, quote.score_label, quote.score, scale, quote.at)


def _completeness(page: ReportPage) -> Iterator[_Row]:
    for sync in page.completeness:
        counts = tuple(getattr(sync, name) for name, _ in OUTCOMES)
        drift = "; ".join(f"{name} {count}" for name, count in sync.drift.items())
        counts += (sync.deleted, sync.new, sync.changed, sync.repeated)
        state = (sync.is_complete, sync.balances, drift, "; ".join(sync.unchanged), sync.note)
        asked = (sync.since, sync.until, sync.pages, sync.total, sync.newest)
        verdict = (sync.verdict, sync.reason, " ".join(sync.gaps))
        when = (sync.started_at, sync.ended_at)
        yield (sync.source, sync.stream, *when, sync.served, *counts, *state, *asked, *verdict)


def _quarantine(page: ReportPage) -> Iterator[_Row]:
    for entry in page.quarantine:
        yield (entry.reason, entry.count, "; ".join(entry.streams), meaning_of(entry))


def _definitions(page: ReportPage) -> Iterator[_Row]:
    for definition in page.definitions:
        version = (definition.version, definition.definition_hash)
        yield (definition.term, definition.text, *version)


def _receipts(page: ReportPage) -> Iterator[_Row]:
    for title, named in receipted(page):
        for row in receipt_rows([result for _, result in named], page.zone):
            for (name, _), cell in zip(named, row.cells, strict=True):
                yield (title, name, row.name, cell)


def _part(name: str) -> _Types:
    return {
        name: "number",
        f"{name}_low": "number",
        f"{name}_high": "number",
        f"{name}_n": "integer",
    }


_TABLES: tuple[tuple[str, _Types, Callable[[ReportPage], Iterable[_Row]]], ...] = (
    (
        "headlines",
        {
            "headline": "text",
            "window": "text",
            **_ESTIMATE,
            "is_weighted": "boolean",
            "outcome": "text",
            "question": "text",
            "definition": "text",
            "version": "integer",
            "definition_hash": "text",
        },
        _headlines,
    ),
    (
        "changes",
        {
            "headline": "text",
            **_FIGURE,
            "before": "number",
            "after": "number",
            "n_before": "integer",
            "n_after": "integer",
            "caveats": "text",
        },
        _changes,
    ),
    (
        "touchpoints",
        {
            "touchpoint": "text",
            "window": "text",
            "question": "text",
            **_part("rated_low_of_asked"),
            **_part("used"),
            **_part("rated_low_of_users"),
            "change": "number",
            "change_low": "number",
            "change_high": "number",
            "confidence_level": "number",
            "method": "text",
        },
        _touchpoints,
    ),
    ("groups", {"title": "text", "axes": "text", "group": "text", **_ESTIMATE}, _groups),
    (
        "group_figures",
        {"title": "text", "group": "text", "figure": "text", "value": "number", "unit": "text"},
        _group_figures,
    ),
    (
        "known",
        {
            "title": "text",
            "figure": "text",
            **_ESTIMATE,
            "known": "number",
            "is_within": "boolean",
            "known_from": "text",
        },
        _known,
    ),
    (
        "quotes",
        {
            "touchpoint": "text",
            "question": "text",
            "text": "text",
            "score_label": "text",
            "score": "integer",
            "scale": "text",
            "said_at": "instant",
        },
        _quotes,
    ),
    (
        "completeness",
        {
            "source": "text",
            "stream": "text",
            "started_at": "instant",
            "ended_at": "instant",
            "served": "integer",
            **{name: "integer" for name, _ in OUTCOMES},
            **dict.fromkeys(("deleted", "new", "changed", "repeated"), "integer"),
            "is_complete": "boolean",
            "balances": "boolean",
            "drift": "text",
            "unchanged": "text",
            "note": "text",
            **dict.fromkeys(("since", "until"), "instant"),
            **dict.fromkeys(("pages", "total"), "integer"),
            "newest": "instant",
            **dict.fromkeys(("verdict", "reason", "gaps"), "text"),
        },
        _completeness,
    ),
    (
        "quarantine",
        {"reason": "text", "records": "integer", "streams": "text", "meaning": "text"},
        _quarantine,
    ),
    (
        "definitions",
        {"term": "text", "text": "text", "version": "integer", "definition_hash": "text"},
        _definitions,
    ),
    (
        "receipts",
        {"part": "text", "figure": "text", "fact": "text", "value": "text"},
        _receipts,
    ),
)
