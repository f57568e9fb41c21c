"""A program: everything that was decided, in one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from pydantic import Field, PrivateAttr, model_validator

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Window, takes, zone_of

from ._blueprints import Blueprint
from ._calendars import Calendar
from ._channel_rules import ChannelRule, check_reasons
from ._document import EMPTY, Document, Many, Text, fingerprint, require
from ._journeys import Journey, Touchpoint
from ._load import parse_document, read_text
from ._metrics import Metric
from ._promises import Promise
from ._report import KnownFigure, ReportSettings
from ._sources import Source, StoreSettings
from ._text_rules import TextRule

Named = TypeVar(
    "Named",
    Source,
    Metric,
    Journey,
    Touchpoint,
    Blueprint,
    Calendar,
    ChannelRule,
    Promise,
    TextRule,
)
_NAMED_PARTS = (
    "sources",
    "calendars",
    "touchpoints",
    "journeys",
    "blueprints",
    "metrics",
    "text_rules",
    "promises",
    "channel_rules",
)
# Only to try whether a window such as `last 28 days` can be read at all.
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Program(Document):
    """Everything that was decided: sources, store, map, metrics, and what the report shows.

    Attributes
    ----------
    name : str
        What the program is called.
    zone : str
        IANA name of the time zone in which its days begin and end.
    store : StoreSettings
        Where records are kept.
    sources : tuple of Source
        Where data come from.
    calendars : tuple of Calendar
        Opening hours and holidays.
    touchpoints : tuple of Touchpoint
        Places on the map.
    journeys : tuple of Journey
        Ways over the map.
    blueprints : tuple of Blueprint
        How the services behind the map are made.
    metrics : tuple of Metric
        What numbers mean.
    text_rules : tuple of TextRule
        Which words of customers are mentions of what.
    promises : tuple of Promise
        What customers may expect.
    channel_rules : tuple of ChannelRule
        Which matters belong in which channels.
    report : ReportSettings
        What the report shows.

    Raises
    ------
    ConfigurationError
        A key is unknown or wrong, a name stands twice, or points to nothing.

    Examples
    --------
    >>> program = Program.parse('''
    ... name = "Airport"
    ... zone = "America/Los_Angeles"
    ... [[metrics]]
    ... name = "nps"
    ... engine = "nps"
    ... question = "NETPRO"
    ... ''')
    >>> program.metric("nps").question
    ('NETPRO',)
    """

    name: Text
    zone: Text
    store: StoreSettings = Field(default_factory=StoreSettings)
    sources: Many[Source] = EMPTY
    calendars: Many[Calendar] = EMPTY
    touchpoints: Many[Touchpoint] = EMPTY
    journeys: Many[Journey] = EMPTY
    blueprints: Many[Blueprint] = EMPTY
    metrics: Many[Metric] = EMPTY
    text_rules: Many[TextRule] = EMPTY
    promises: Many[Promise] = EMPTY
    channel_rules: Many[ChannelRule] = EMPTY
    report: ReportSettings = Field(default_factory=ReportSettings)

    _base: Path = PrivateAttr(default_factory=Path)

    @classmethod
    @takes(path="path")
    def load(cls, path: str | Path) -> Self:
        """Program of a TOML file.

        Parameters
        ----------
        path : str or Path
            The file; relative paths in it count from its folder.

        Returns
        -------
        Program
            The program.

        Raises
        ------
        ConfigurationError
            The file cannot be read, or has a mistake; the message names file and key.
        """
        return cls.parse(read_text(Path(path)), path=path)

    @classmethod
    def parse(cls, text: str, *, path: str | Path | None = None) -> Self:
        """Program of a text in TOML.

        Parameters
        ----------
        text : str
            The document.
        path : str, Path or None
            Where it stands, for messages and for relative paths.

        Returns
        -------
        Program
            The program.

        Raises
        ------
        ConfigurationError
            The text has a mistake; the message names file and key.
        """
        program = parse_document(cls, text, path=None if path is None else str(path))
        program._base = Path(path).parent if path is not None else Path()  # noqa: SLF001
        return program

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _try("zone", lambda: zone_of(self.zone))
        for part in _NAMED_PARTS:
            counts = Counter(one.name for one in getattr(self, part))
            twice = [name for name, count in counts.items() if count > 1]
            require(not twice, f"{part} has {', '.join(twice)} twice.", "names are unique")
        check_reasons(self.channel_rules)
        both = {one.name for one in self.promises} & {one.name for one in self.metrics}
        require(not both, f"{', '.join(sorted(both))} is a metric and a promise.")
        for key, window in _windows(self):
            _try(key, partial(Window.parse, window, zone=self.zone, now=_SOME_DAY))
        for path, name, known in _references(self):
            require(
                name in known, f"{path} names {name!r}, which is not defined.", _near(name, known)
            )
        return self

    @model_validator(mode="after")
    def _asks_headlines(self) -> Self:
        mute = [name for name in self.headline if not self._is_measurable(name)]
        require(not mute, f"the metric {', '.join(mute)} is a headline without a question.")
        known = [one.metric for one in self.report.known if not self._is_measurable(one.metric)]
        require(not known, f"report.known: the metric {', '.join(known)} has no question.")
        several = [name for name in self.headline if not self.metric(name).is_single]
        require(not several, f"the metric {', '.join(several)} is a headline and no single figure.")
        for number, one in enumerate(self.report.known):
            _check_part(f"report.known[{number}]", one, self.metric(one.metric))
        return self

    def _is_measurable(self, name: str) -> bool:
        metric = self.metric(name)
        return bool(metric.question) or metric.topic is not None

    @property
    def base(self) -> Path:
        """Folder from which relative paths count."""
        return self._base

    def resolve(self, path: str) -> Path:
        """Path that a relative one in the program means."""
        return self.base / path

    @property
    def store_url(self) -> str:
        """Address of the store, with a relative path counted from the program's folder."""
        url = self.store.url
        return url if ":" in url and not Path(url).drive else str(self.resolve(url))

    @property
    def headline(self) -> tuple[str, ...]:
        """Names of the metrics at the top of the report."""
        of_journeys = (journey.headline for journey in self.journeys if journey.headline)
        return self.report.headline or tuple(dict.fromkeys(of_journeys))

    @property
    def hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of all that the program says.

        What it leaves at its default is no part of it, so that a new kind of part changes nothing.
        """
        return fingerprint(self.model_dump(mode="json", exclude_defaults=True))

    def source(self, name: str) -> Source:
        """Source of this name; a `UsageError` if there is none."""
        return _named(self.sources, name, "source")

    def metric(self, name: str) -> Metric:
        """Metric of this name; a `UsageError` if there is none."""
        return _named(self.metrics, name, "metric")

    def journey(self, name: str) -> Journey:
        """Journey of this name; a `UsageError` if there is none."""
        return _named(self.journeys, name, "journey")

    def promise(self, name: str) -> Promise:
        """Promise of this name; a `UsageError` if there is none."""
        return _named(self.promises, name, "promise")

    def touchpoint(self, name: str) -> Touchpoint:
        """Touchpoint of this name; a `UsageError` if there is none."""
        return _named(self.touchpoints, name, "touchpoint")

    def blueprint(self, name: str) -> Blueprint:
        """Blueprint of this name, over its journey's stages; a `UsageError` if there is none."""
        found = _named(self.blueprints, name, "blueprint")
        return found.over(self.journey(found.journey) if found.journey else None)


def _windows(program: Program) -> Iterator[tuple[str, str]]:
    for number, promise in enumerate(program.promises):
        yield f"promises[{number}].window", promise.window
    for window in program.report.windows:
        yield "report.windows", window
    for number, known in enumerate(program.report.known):
        if known.window:
            yield f"report.known[{number}].window", known.window


def _check_part(path: str, known: KnownFigure, metric: Metric) -> None:
    """Refuse a figure of which nobody could say which of several it is."""
    if metric.is_single:
        require(known.part is None, f"{path}: {metric.name} is one figure and has no part.")
        return
    require(metric.has_parts, f"{path}: {metric.engine} is no figure that could be known.")
    require(
        known.part is not None,
        f"{path}: {metric.name} is several figures, and no part is named.",
        "part = 'contacts', as cxm measure calls it",
    )


def _try(path: str, read: Callable[[], object]) -> None:
    try:
        read()
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", hint=error.hint) from None


def _named(things: Iterable[Named], name: str, what: str) -> Named:
    known = {thing.name: thing for thing in things}
    if name not in known:
        raise UsageError(f"The program has no {what} {name!r}.", hint=_near(name, known))
    return known[name]


def _near(name: str, known: Iterable[str]) -> str | None:
    return did_you_mean(name, known)


def _references(program: Program) -> Iterator[tuple[str, str, set[str]]]:
    metrics = {metric.name for metric in program.metrics}
    touchpoints = {touchpoint.name for touchpoint in program.touchpoints}
    yield from _gone_through(program, metrics, touchpoints)
    yield from _drawn(program)
    yield from _references_of_metrics(program)
    yield from _promised(program)
    for name in program.report.headline:
        yield "report.headline", name, metrics
    if program.report.touchpoint_metric:
        yield "report.touchpoint_metric", program.report.touchpoint_metric, metrics
    for number, known in enumerate(program.report.known):
        yield f"report.known[{number}].metric", known.metric, metrics
    for name in program.report.touchpoints:
        yield "report.touchpoints", name, touchpoints
    of_logs = {metric.name for metric in program.metrics if metric.topic is not None}
    for name in program.report.logs.metrics:
        yield "report.logs.metrics", name, of_logs
    for name in program.report.logs.journeys:
        yield "report.logs.journeys", name, {journey.name for journey in program.journeys}


def _gone_through(
    program: Program, metrics: set[str], touchpoints: set[str]
) -> Iterator[tuple[str, str, set[str]]]:
    for number, journey in enumerate(program.journeys):
        if journey.headline:
            yield f"journeys[{number}].headline", journey.headline, metrics
        for name in journey.touchpoints:
            yield f"journeys[{number}].stages", name, touchpoints


def _drawn(program: Program) -> Iterator[tuple[str, str, set[str]]]:
    stages = {one.name: {stage.name for stage in one.stages} for one in program.journeys}
    touchpoints = {touchpoint.name for touchpoint in program.touchpoints}
    for number, blueprint in enumerate(program.blueprints):
        path = f"blueprints[{number}]"
        if blueprint.journey:
            yield f"{path}.journey", blueprint.journey, set(stages)
        own = {stage.name for stage in blueprint.stages}
        known = own or stages.get(blueprint.journey or "", set())
        for step in blueprint.steps:
            if step.touchpoint:
                yield f"{path}.steps", step.touchpoint, touchpoints
            if step.stage:
                yield f"{path}.steps", step.stage, known


def _references_of_metrics(program: Program) -> Iterator[tuple[str, str, set[str]]]:
    calendars = {calendar.name for calendar in program.calendars}
    journeys = {journey.name for journey in program.journeys}
    blueprints = {blueprint.name for blueprint in program.blueprints}
    answers = {metric.name for metric in program.metrics if metric.topic is None}
    for number, metric in enumerate(program.metrics):
        if metric.feedback:
            yield f"metrics[{number}].feedback", metric.feedback, answers
        if metric.blueprint:
            yield f"metrics[{number}].blueprint", metric.blueprint, blueprints
        if metric.calendar:
            yield f"metrics[{number}].calendar", metric.calendar, calendars
        if metric.journey:
            yield f"metrics[{number}].journey", metric.journey, journeys


def _promised(program: Program) -> Iterator[tuple[str, str, set[str]]]:
    journeys = {journey.name for journey in program.journeys}
    calendars = {calendar.name for calendar in program.calendars}
    for number, promise in enumerate(program.promises):
        if promise.journey:
            yield f"promises[{number}].journey", promise.journey, journeys
        if promise.calendar:
            yield f"promises[{number}].calendar", promise.calendar, calendars
