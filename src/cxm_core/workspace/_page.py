"""What the report of a program shows, gathered from the store through the engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import cast

from attrs import field, frozen

from cxm_core.engines import compare, engine_named
from cxm_core.program import Journey, KnownFigure, Metric, Program, Touchpoint
from cxm_core.report import (
    Definition,
    Grouped,
    Headline,
    Known,
    KnownRow,
    Quote,
    ReportPage,
    TouchpointRow,
    Wave,
)
from cxm_core.results import Breakdown, Comparison, Estimate, SourceStatus
from cxm_core.store import Store
from cxm_core.vocabulary import Window

from ._inquiry import axes_of, filters_of
from ._kept import last_words, quarantine_counts, wordings
from ._measure import Inquiry, Result, last_receipts, measure, statuses

__all__ = ["fill_page"]

_EVERYTHING = "all there is"
_DESIGN = ("weighted", "stratified", "clustered")


def fill_page(program: Program, store: Store, *, now: datetime) -> ReportPage:
    """Measure everything that the program's report shows."""
    return _Filler.of(program, store, now).page()


@frozen(kw_only=True)
class _Filler:
    program: Program
    store: Store
    now: datetime
    windows: tuple[Window | None, ...]
    sources: tuple[SourceStatus, ...]
    wordings: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, program: Program, store: Store, now: datetime) -> _Filler:
        windows = [
            Window.parse(text, zone=program.zone, now=now) for text in program.report.windows
        ]
        return cls(
            program=program,
            store=store,
            now=now,
            windows=tuple(windows) or (None,),
            sources=statuses(store.receipts()),
            wordings=wordings(store),
        )

    def page(self) -> ReportPage:
        settings = self.program.report
        return ReportPage(
            title=settings.title or self.program.name,
            generated_at=self.now,
            zone=self.program.zone,
            program=self.program.name,
            program_hash=self.program.hash,
            headlines=map(self.headline, self.program.headline),
            known=self.known(),
            known_from=settings.known_from or "",
            touchpoints=self.touchpoints(),
            touchpoint_window=_label(self.windows[-1]),
            groups=self.groups(),
            quotes=self.quotes(),
            completeness=last_receipts(self.store.receipts()),
            quarantine=quarantine_counts(self.store),
            definitions=map(self.definition, self.measured()),
        )

    def measured(self) -> list[str]:
        """Names of all metrics of the page."""
        by_touchpoint = self.program.report.touchpoint_metric
        known = (one.metric for one in self.program.report.known)
        return list(dict.fromkeys(filter(None, (*self.program.headline, by_touchpoint, *known))))

    def headline(self, name: str) -> Headline:
        metric = self.program.metric(name)
        waves = [
            Wave(label=_label(window), estimate=self.estimate(metric, window))
            for window in self.windows
        ]
        journey = self.journey_of(name)
        return Headline(
            title=metric.label,
            waves=waves,
            change=_change([wave.estimate for wave in waves]),
            is_weighted=metric.weighted,
            question=self.wording(metric.question),
            outcome=journey.outcome or "" if journey else "",
            journey=journey.label if journey else "",
            owner=journey.owner or "" if journey else "",
            better="lower" if metric.engine == "bottom_box" else "higher",
        )

    def journey_of(self, metric: str) -> Journey | None:
        return next((one for one in self.program.journeys if one.headline == metric), None)

    def known(self) -> Iterator[Known]:
        every = self.program.report.known
        for name in dict.fromkeys(one.metric for one in every):
            rows = [self.known_row(one) for one in every if one.metric == name]
            yield Known(title=self.program.metric(name).label, rows=rows)

    def known_row(self, known: KnownFigure) -> KnownRow:
        metric = self.program.metric(known.metric)
        window = known.window and Window.parse(known.window, zone=self.program.zone, now=self.now)
        inquiry = Inquiry(
            metric=metric,
            engine=metric.engine,
            question=metric.question,
            window=window or None,
            where=filters_of(known.where),
        )
        return KnownRow(
            label=" \u00b7 ".join((_label(window or None), *known.where.values())),
            # Nothing is grouped, so it is one figure.
            estimate=cast("Estimate", self.measure(inquiry)),
            known=known.value,
        )

    def touchpoints(self) -> Iterator[TouchpointRow]:
        settings = self.program.report
        if settings.touchpoint_metric is None:
            return
        metric = self.program.metric(settings.touchpoint_metric)
        names = settings.touchpoints or tuple(one.name for one in self.program.touchpoints)
        for name in names:
            touchpoint = self.program.touchpoint(name)
            if touchpoint.question:
                yield self.touchpoint(touchpoint, metric)

    def touchpoint(self, touchpoint: Touchpoint, metric: Metric) -> TouchpointRow:
        def of(engine: str, window: Window | None) -> Estimate:
            return self.estimate(metric, window, engine=engine, question=touchpoint.question)

        products = [of("bottom_box_of_asked", window) for window in self.windows[-2:]]
        return TouchpointRow(
            label=touchpoint.label,
            usage=of("usage", self.windows[-1]),
            bottom=of("bottom_box", self.windows[-1]),
            product=products[-1],
            change=_change(products),
            question=self.wording(touchpoint.question),
        )

    def groups(self) -> Iterator[Grouped]:
        for by in self.program.report.by:
            for name in self.program.headline:
                metric = self.program.metric(name)
                yield Grouped(
                    title=f"{metric.label} by {by}",
                    breakdown=self.breakdown(metric, by),
                    min_n=self.program.report.min_group,
                )

    def quotes(self) -> Iterator[Quote]:
        wanted = self.program.report.quotes
        if wanted is None:
            return
        labels = {one.name: one.label for one in self.program.touchpoints}
        for answer in last_words(self.store, wanted, self.windows[-1]):
            score = answer.score
            yield Quote(
                text=answer.verbatim or "",
                question=self.wording((answer.question or "",)),
                at=answer.occurred_at,
                touchpoint=labels.get(answer.touchpoint or "", ""),
                score=score.value if score else None,
                scale=score.scale if score else None,
            )

    def definition(self, name: str) -> Definition:
        metric = self.program.metric(name)
        used = [word for word in _DESIGN if getattr(metric, word)]
        parts = [engine_named(metric.engine).title, f"on the scale {metric.scale.code}", *used]
        asked = [f": {self.wording(metric.question)}"] if metric.question else []
        return Definition(
            term=metric.label,
            text="".join([", ".join(parts), *asked]),
            version=metric.version,
            definition_hash=metric.definition_hash,
        )

    def wording(self, questions: tuple[str, ...]) -> str:
        return " / ".join(self.wordings.get(one, one) for one in questions)

    def estimate(
        self,
        metric: Metric,
        window: Window | None,
        *,
        engine: str | None = None,
        question: tuple[str, ...] = (),
    ) -> Estimate:
        inquiry = Inquiry(
            metric=metric,
            engine=engine or metric.engine,
            question=question or metric.question,
            window=window,
        )
        # Nothing is grouped, so it is one figure.
        return cast("Estimate", self.measure(inquiry))

    def breakdown(self, metric: Metric, by: str) -> Breakdown:
        inquiry = Inquiry(
            metric=metric,
            engine=metric.engine,
            question=metric.question,
            window=self.windows[-1],
            by=axes_of(by, None, self.program.zone),
        )
        return cast("Breakdown", self.measure(inquiry))

    def measure(self, inquiry: Inquiry) -> Result:
        result = measure(self.store, inquiry, now=self.now)
        return result.with_receipt(sources=self.sources, program_hash=self.program.hash)


def _label(window: Window | None) -> str:
    return window.label if window else _EVERYTHING


def _change(estimates: list[Estimate]) -> Comparison | None:
    last = list(pairwise(estimates))[-1:]
    return compare(*last[0]) if last else None
