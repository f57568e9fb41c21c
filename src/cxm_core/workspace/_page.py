"""What the report of a program shows, gathered from the store through the engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from attrs import field, frozen

from cxm_core.engines import engine_named
from cxm_core.errors import UsageError
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
from cxm_core.results import Breakdown, Estimate, SourceStatus
from cxm_core.store import Store
from cxm_core.vocabulary import Window

from ._chapters import TOPICS, LogChapters, change_of, label_of
from ._inquiry import axes_of, filters_of
from ._journey_chapters import MapFigures, journey_chapters
from ._kept import last_words, quarantine_counts, wordings
from ._log_words import meaning_of
from ._measure import Inquiry, Result, last_receipts, measure, statuses

__all__ = ["fill_page"]

_GOOD = "Good answers"
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
    logs: LogChapters = field(repr=False)

    @classmethod
    def of(cls, program: Program, store: Store, now: datetime) -> _Filler:
        windows = [
            Window.parse(text, zone=program.zone, now=now) for text in program.report.windows
        ]
        shown, sources = tuple(windows) or (None,), statuses(store.receipts())
        return cls(
            program=program,
            store=store,
            now=now,
            windows=shown,
            sources=sources,
            wordings=wordings(store),
            logs=LogChapters(program=program, store=store, now=now, windows=shown, sources=sources),
        )

    def page(self) -> ReportPage:
        settings = self.program.report
        rows, quotes = dict(self.touchpoints()), tuple(self.quotes())
        return ReportPage(
            title=settings.title or self.program.name,
            generated_at=self.now,
            zone=self.program.zone,
            program=self.program.name,
            program_hash=self.program.hash,
            headlines=map(self.headline, self.program.headline),
            known=self.known(),
            known_from=settings.known_from or "",
            touchpoints=[rows[name] for name in self.shown_touchpoints if name in rows],
            touchpoint_window=label_of(self.windows[-1]),
            groups=self.groups(),
            tickets=self.logs.tickets(),
            effort=self.logs.effort(),
            journeys=journey_chapters(self.logs, self.on_maps(rows, quotes)),
            quotes=quotes,
            completeness=last_receipts(self.store.receipts()),
            quarantine=quarantine_counts(self.store),
            definitions=map(self.definition, self.measured()),
        )

    def measured(self) -> list[str]:
        """Names of all metrics of the page."""
        by_touchpoint = self.program.report.touchpoint_metric
        known = (one.metric for one in self.program.report.known)
        logs = (one.name for topic in TOPICS for one in self.logs.metrics(topic))
        names = (*self.program.headline, by_touchpoint, *known, *logs)
        return list(dict.fromkeys(filter(None, names)))

    def headline(self, name: str) -> Headline:
        metric = self.program.metric(name)
        waves = [
            Wave(label=label_of(window), estimate=self.estimate(metric, window))
            for window in self.windows
        ]
        journey = self.journey_of(name)
        return Headline(
            title=metric.label,
            waves=waves,
            change=change_of([wave.estimate for wave in waves]),
            is_weighted=metric.weighted,
            question=self.wording(metric.question),
            outcome=journey.outcome or "" if journey else "",
            journey=journey.label if journey else "",
            owner=journey.owner or "" if journey else "",
            better="lower" if metric.is_lower_better else "higher",
        )

    def journey_of(self, metric: str) -> Journey | None:
        return next((one for one in self.program.journeys if one.headline == metric), None)

    def known(self) -> Iterator[Known]:
        every = self.program.report.known
        for name in dict.fromkeys(one.metric for one in every):
            found = [self.known_row(one) for one in every if one.metric == name]
            rows = [row for row in found if row is not None]
            if rows:
                yield Known(title=self.program.metric(name).label, rows=rows)

    def known_row(self, known: KnownFigure) -> KnownRow | None:
        """The figure beside what is known; None where it could not be measured at all."""
        metric = self.program.metric(known.metric)
        window = known.window and Window.parse(known.window, zone=self.program.zone, now=self.now)
        words = (label_of(window or None), *filter(None, [known.part]), *known.where.values())
        label = " \u00b7 ".join(words)
        if metric.topic is not None:
            return self.known_of_a_log(metric, known, label)
        inquiry = Inquiry(
            metric=metric,
            engine=metric.engine,
            question=metric.question,
            window=window or None,
            where=filters_of(known.where),
        )
        return KnownRow(
            label=label,
            # Nothing is grouped, so it is one figure.
            estimate=cast("Estimate", self.measure(inquiry)),
            known=known.value,
        )

    def known_of_a_log(self, metric: Metric, known: KnownFigure, label: str) -> KnownRow | None:
        try:
            found = self.logs.figure(metric, known)
        except UsageError:  # the chapter of its log says why
            return None
        return KnownRow(label=label, estimate=found, known=known.value)

    @property
    def shown_touchpoints(self) -> tuple[str, ...]:
        """Names of the touchpoints that the report lists."""
        named = self.program.report.touchpoints
        return named or tuple(one.name for one in self.program.touchpoints)

    def touchpoints(self) -> Iterator[tuple[str, TouchpointRow]]:
        """Name and figures of each touchpoint that is listed, or stands on a map."""
        name = self.program.report.touchpoint_metric
        if name is None:
            return
        metric = self.program.metric(name)
        on_maps = (place for one in self.program.journeys for place in one.touchpoints)
        for place in dict.fromkeys((*self.shown_touchpoints, *on_maps)):
            touchpoint = self.program.touchpoint(place)
            if touchpoint.question:
                yield place, self.touchpoint(touchpoint, metric)

    def on_maps(self, rows: dict[str, TouchpointRow], quotes: Sequence[Quote]) -> MapFigures:
        """What answers say of the touchpoints, for the maps."""
        names = {one.label: one.name for one in self.program.touchpoints}
        words = {names.get(one.touchpoint, ""): one.text for one in reversed(quotes)}
        if self.program.report.touchpoint_metric is None:
            return MapFigures(feelings=dict(self.good_answers()), quotes=words, feeling=_GOOD)
        metric = self.program.metric(self.program.report.touchpoint_metric)
        asked = [q for name in rows for q in self.program.touchpoint(name).question]
        last = self.windows[-1]
        every = self.estimate(metric, last, engine="bottom_box", question=tuple(asked))
        return MapFigures(
            feelings={name: row.bottom for name, row in rows.items()},
            volumes={name: row.usage for name, row in rows.items()},
            quotes=words,
            feeling="Rated low",
            better="lower",
            reference=every if asked else None,
        )

    def good_answers(self) -> Iterator[tuple[str, Estimate]]:
        """Share of good answers at each touchpoint of whose question there is such a metric."""
        shares = [one for one in self.program.metrics if one.engine in ("csat", "ces", "top_box")]
        for place in self.program.touchpoints:
            metric = next((one for one in shares if set(one.question) & {*place.question}), None)
            if metric is not None:
                yield place.name, self.estimate(metric, self.windows[-1])

    def touchpoint(self, touchpoint: Touchpoint, metric: Metric) -> TouchpointRow:
        def of(engine: str, window: Window | None) -> Estimate:
            return self.estimate(metric, window, engine=engine, question=touchpoint.question)

        products = [of("bottom_box_of_asked", window) for window in self.windows[-2:]]
        return TouchpointRow(
            label=touchpoint.label,
            usage=of("usage", self.windows[-1]),
            bottom=of("bottom_box", self.windows[-1]),
            product=products[-1],
            change=change_of(products),
            question=self.wording(touchpoint.question),
        )

    def groups(self) -> Iterator[Grouped]:
        for by in self.program.report.by:
            for name in self.program.headline:
                metric = self.program.metric(name)
                if metric.topic is not None:
                    continue  # its own chapter has the groups of its log
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
        if metric.topic is not None:
            return Definition(
                term=metric.label,
                text=meaning_of(metric),
                version=metric.version,
                definition_hash=metric.definition_hash,
            )
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
        if metric.topic is not None:
            return cast("Estimate", self.logs.measure(metric, window))
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
