"""What the report tells of logs: a chapter of tickets, one of effort, and one for each journey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from attrs import evolve, field, frozen

from cxm_core.engines import compare, resolution_curve
from cxm_core.errors import UsageError
from cxm_core.program import KnownFigure, Metric, Program
from cxm_core.report import Chapter, Grouped, Headline, Titled, Wave
from cxm_core.results import Breakdown, Comparison, Estimate, Shape, SourceStatus
from cxm_core.store import Store
from cxm_core.vocabulary import Window

from ._inquiry import Where
from ._log_figures import figure_of
from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._log_measure import measure_log, received
from ._log_promises import PROMISED, measure_promise
from ._log_tickets import tickets_of

__all__ = ["TOPICS", "LogChapters", "change_of", "label_of"]

#: Logs, in the order of the report.
TOPICS = ("tickets", "issues", "journeys")

_EVERYTHING = "all there is"
_TICKETS = (
    "How long customers wait for help, and what becomes of it. Each ticket is followed from its "
    "opening until now; one that is still open counts as long as it has lasted."
)
_CURVE = "Share of tickets that are solved, by the time since they were opened"
_EFFORT = "What customers go through until a matter is settled, over all contacts and channels."


@frozen(kw_only=True)
class LogChapters:
    """Measures the logs of a program for its report; each log is read once for each window.

    Parameters
    ----------
    program : Program
        What is shown.
    store : Store
        Where the records are.
    now : datetime
        The present instant.
    windows : tuple of Window or None
        Oldest first; the last one is shown large.
    sources : tuple of SourceStatus
        How complete the sources were.
    """

    program: Program
    store: Store
    now: datetime
    windows: tuple[Window | None, ...]
    sources: tuple[SourceStatus, ...]
    memo: dict[object, Any] = field(factory=dict, eq=False, repr=False)
    known: dict[object, Any] = field(factory=dict, eq=False, repr=False)

    def tickets(self) -> Iterator[Chapter]:
        """The chapter of tickets, if the program measures any."""
        metrics = self.metrics("tickets")
        if metrics:
            made = self.chapter(metrics)
            is_timed = any(one.engine == "resolution_time" for one in metrics)
            more = [self.curve(metrics[0])] if is_timed else []
            yield evolve(made, lede=_TICKETS, results=(*more, *made.results))

    def effort(self) -> Iterator[Chapter]:
        """The chapter of issues, if the program measures any."""
        metrics = self.metrics("issues")
        if metrics or self.program.promises:
            made = self.chapter(metrics)
            yield evolve(made, lede=_EFFORT, results=(*made.results, *self.promises()))

    def promises(self) -> Iterator[Titled]:
        """What was promised, and what is left of it, in the last window."""
        for one in self.program.promises:
            found = measure_promise(self.inquiry(PROMISED, self.windows[-1]), one)
            yield Titled(title=one.title or one.name, result=self.received(found))

    def metrics(self, topic: str) -> list[Metric]:
        """Metrics of a log that are shown."""
        wanted = self.program.report.logs.metrics
        known = [self.program.metric(name) for name in wanted] or self.program.metrics
        return [one for one in known if one.topic == topic]

    def chapter(self, metrics: Sequence[Metric]) -> Chapter:
        """Figures of metrics: those of one number over the windows, the others of the last."""
        lacking = {one.name: self.lack(one) for one in metrics}
        told = [one for one in metrics if not lacking[one.name]]
        last = {one.name: self.measure(one, self.windows[-1]) for one in told}
        single = [one for one in told if isinstance(last[one.name], Estimate)]
        return Chapter(
            headlines=map(self.headline, single),
            groups=self.groups(single),
            results=[
                Titled(title=one.label, result=last[one.name]) for one in told if one not in single
            ],
            notes=[
                f"{one.label}: {message}"
                for one in metrics
                for message in ([lacking[one.name]] if lacking[one.name] else self.lost(one))
            ],
        )

    def lack(self, metric: Metric) -> str:
        """Why a metric cannot be measured in the windows; empty where it can."""
        try:
            for window in self.windows:
                self.measure(metric, window)
        except UsageError as error:
            return error.message
        return ""

    def lost(self, metric: Metric) -> Iterator[str]:
        """Why a figure that is known from elsewhere could not be measured."""
        for known in self.program.report.known:
            if known.metric == metric.name:
                try:
                    self.figure(metric, known)
                except UsageError as error:
                    yield error.message

    def headline(self, metric: Metric) -> Headline:
        """One figure over the windows."""
        estimates = [self.measure(metric, window) for window in self.windows]
        waves = [
            Wave(label=label_of(window), estimate=estimate)
            for window, estimate in zip(self.windows, estimates, strict=True)
        ]
        return Headline(
            title=metric.label,
            waves=waves,
            change=change_of(estimates),
            better="lower" if metric.is_lower_better else "higher",
        )

    def groups(self, metrics: Iterable[Metric]) -> Iterator[Grouped]:
        """Figures by what the report breaks logs down by, in the last window."""
        report = self.program.report
        for name in report.logs.by:
            for metric in metrics:
                found = self.measure(metric, self.windows[-1], by=name)
                if isinstance(found, Breakdown):
                    title = f"{metric.label} by {name}"
                    yield Grouped(title=title, breakdown=found, min_n=report.min_group)

    def curve(self, metric: Metric) -> Titled:
        """Share of tickets that is solved, over time, in the last window."""
        asked = self.inquiry(metric, self.windows[-1])
        found = resolution_curve(tickets_of(asked), clusters="customer")
        told = self.received(found.with_receipt(window=asked.window, measured_at=asked.now))
        return Titled(title=_CURVE, result=told)

    def measure(
        self,
        metric: Metric,
        window: Window | None,
        *,
        by: str | None = None,
        where: Where | None = None,
    ) -> Any:
        """One metric in one window, by one of the groups or by none."""
        key = (metric.name, window, by, *(where or {}).items())
        if key not in self.known:
            asked = self.inquiry(metric, window, by=by, where=where)
            self.known[key] = self.received(measure_log(asked))
        return self.known[key]

    def figure(self, metric: Metric, known: KnownFigure) -> Estimate:
        """The figure beside which a known one stands."""
        zone = self.program.zone
        window = known.window and Window.parse(known.window, zone=zone, now=self.now)
        return figure_of(self.measure(metric, window or None, where=known.where), known.part)

    def inquiry(
        self,
        metric: Metric,
        window: Window | None,
        *,
        by: str | None = None,
        where: Where | None = None,
    ) -> LogInquiry:
        """What is asked for; tickets, issues and cases are made once for all of it."""
        names = () if metric.topic == "journeys" else self.program.report.logs.by
        zone = self.program.zone
        groups = Groups.of(str(metric.topic), names, zone=zone, where=where, is_strict=False)
        return LogInquiry(
            program=self.program,
            store=self.store,
            now=self.now,
            metric=metric,
            window=window,
            groups=groups,
            by=() if by is None else (by.removeprefix("attributes."),),
            memo=self.memo,
        )

    def received(self, result: Shape) -> Shape:
        """The result with what all of the report's figures have in common."""
        return received(result, sources=self.sources, program_hash=self.program.hash)


def label_of(window: Window | None) -> str:
    """What people call a window."""
    return window.label if window else _EVERYTHING


def change_of(estimates: Sequence[Estimate]) -> Comparison | None:
    """The last of several figures against the one before it."""
    last = list(pairwise(estimates))[-1:]
    return compare(*last[0]) if last else None
