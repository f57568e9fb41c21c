"""From a receipt back to its number: the same recipe, read from the store once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from attrs import evolve

from cxm_core.errors import UsageError
from cxm_core.program import LOG_ENGINES, Metric, Program
from cxm_core.results import Estimate, Receipt, Shape, shown_values
from cxm_core.stats import PERIODS
from cxm_core.store import Store
from cxm_core.vocabulary import Window, parse_period

from ._inquiry import filters_of
from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._log_measure import log_metric, measure_log
from ._measure import Inquiry, measure

__all__ = ["again", "windowed"]

_QUESTION = "question"
_DESIGN = {"weights": "weighted", "strata": "stratified", "clusters": "clustered"}


def again(program: Program, store: Store, *, now: datetime) -> Callable[[Receipt], Estimate]:
    """Function that measures what a receipt describes, from what the store knew then."""

    def measured(receipt: Receipt) -> Estimate:
        # Nothing is grouped, so it is one figure.
        if receipt.engine in LOG_ENGINES:
            return cast("Estimate", measure_log(_log_inquiry(program, store, receipt, now=now)))
        return cast("Estimate", measure(store, _inquiry(receipt), now=now))

    return measured


def _log_inquiry(program: Program, store: Store, receipt: Receipt, *, now: datetime) -> LogInquiry:
    metric = log_metric(program, receipt.definition or receipt.engine)
    if receipt.definition_hash != metric.definition_hash:
        raise UsageError(
            f"{metric.name} was measured by another definition than the program has now.",
            hint="measure both numbers with this program",
        )
    where = {column: shown_values(text) for column, text in receipt.filters}
    return LogInquiry(
        program=program,
        store=store,
        metric=metric,
        groups=Groups.of(str(metric.topic), zone=program.zone, where=where),
        now=now,
        window=receipt.window,
        as_of=receipt.measured_at if receipt.as_of is None else receipt.as_of,
    )


def windowed(result: Shape, *, zone: str) -> Any:
    """The result of a calendar period's group as the result of a window."""
    if not isinstance(result, Estimate):
        return result
    named = dict(zip(result.axes, result.group, strict=True))
    labels = [str(named.pop(axis)) for axis in PERIODS if named.get(axis) is not None]
    return evolve(
        result,
        axes=tuple(named),
        group=tuple(named.values()),
        receipt=evolve(result.receipt, window=_window(result.receipt.window, labels, zone)),
    )


def _inquiry(receipt: Receipt) -> Inquiry:
    selected = dict(receipt.filters)
    if receipt.measured_at is None or _QUESTION not in selected:
        raise UsageError(
            "One of the numbers was not measured from the records of a workspace.",
            hint="cx.explain_difference(a, b, measure=...), with a function of your own",
        )
    question = tuple(str(value) for value in shown_values(selected.pop(_QUESTION)))
    return Inquiry(
        metric=_metric(receipt, question),
        engine=receipt.engine,
        question=question,
        window=receipt.window,
        where=filters_of({column: shown_values(text) for column, text in selected.items()}),
        as_of=receipt.measured_at if receipt.as_of is None else receipt.as_of,
    )


def _window(window: Window | None, periods: Sequence[str], zone: str) -> Window | None:
    """Window that lies in every period, too; a group of a period is one."""
    for label in periods:
        span = parse_period(label, zone=zone)
        start = span.start if window is None else max(span.start, window.start)
        end = span.end if window is None else min(span.end, window.end)
        window = Window(start=start, end=end, label=span.label)
    return window


def _metric(receipt: Receipt, question: tuple[str, ...]) -> Metric:
    """Definition that the receipt tells of, whatever the program says now."""
    told = dict(receipt.parameters)
    parts: dict[str, Any] = {"scale": told["scale"], "of": told.get("of", "answered")}
    if "top" in told:
        parts["top"] = tuple(map(int, told["top"].split()))
    design = {flag: word in receipt.design for word, flag in _DESIGN.items()}
    return Metric(name="again", engine=receipt.engine, question=question, **parts, **design)
