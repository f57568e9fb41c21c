"""Metric definitions: what a number means, with a version and a hash of its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, Strict, model_validator

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Scale

from ._document import EMPTY, Document, Flag, Name, Positive, Text, Texts, fingerprint, require
from ._log_metrics import (
    SETTINGS,
    Duration,
    Durations,
    LogEngine,
    Margins,
    Quantile,
    Topic,
    check_settings,
    has_parts,
    is_lower_better,
    is_single,
    topic_of,
)

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads

AnswerEngine = Literal["nps", "csat", "ces", "top_box", "bottom_box", "mean_score", "net_box"]
Engine = AnswerEngine | LogEngine
Of = Literal["answered", "asked", "everyone"]
Counted = Literal["issues", "tickets"]
Path = Literal["activity", "way"]

_SCALE_KEYS = ("low", "high", "direction", "labels", "top", "bottom", "name")
_WITH_TOP = ("csat", "ces", "top_box")
_OF_ANSWERS = ("question", "scale", "top", "of", "weighted", "stratified", "clustered")


def _read_scale(value: object) -> Scale:
    if isinstance(value, (str, Scale)):
        return Scale.parse(value)
    if not isinstance(value, Mapping):
        raise UsageError("A scale is a name or a table.", hint="'1-5', or {low = 1, high = 4}")
    unknown = [key for key in value if key not in _SCALE_KEYS]
    if unknown:
        near = did_you_mean(str(unknown[0]), _SCALE_KEYS)
        raise UsageError(f"A scale has no {unknown[0]!r}.", hint=near)
    if not {"low", "high"} <= set(value):
        raise UsageError("A scale's table does not say low and high.")
    return _from_table(value)


def _from_table(table: Mapping[str, Any]) -> Scale:
    # The keys of a TOML table are texts.
    labels = {_level(key): text for key, text in dict(table.get("labels", {})).items()}
    return Scale(**{**table, "labels": labels})


def _level(key: object) -> int:
    try:
        return int(str(key))
    except ValueError:
        raise UsageError("The labels of a scale have a level that is no whole number.") from None


if TYPE_CHECKING:
    ScaleField = Reads[Scale | str | Mapping[str, Any], Scale]
else:
    ScaleField = Annotated[
        Scale,
        PlainValidator(_read_scale),
        PlainSerializer(lambda scale: scale.code, when_used="json"),
    ]
Level = Annotated[int, Strict()]
_ANSWERED: Any = Scale.named("0-10")


class Metric(Document):
    """What a number means: which answers, or which part of a log, counted how.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    engine : str
        Of answers: `nps`, `csat`, `ces`, `top_box`, `bottom_box`, `mean_score` or `net_box`.
        Of tickets: `first_reply_time`, `resolution_time`, `mean_resolution_time`,
        `resolution_curve`, `requester_wait`, `agent_work`, `ticket_ends`, `compare_times`,
        `sla_attainment`, `reopen_rate`, `escalation_rate` or `one_touch`. Of issues:
        `first_contact_resolution`, `repeat_contact`, `return_curve`, `containment`, `effort`,
        `effort_map`, `hand_over`, `sensitivity`, `threading_quality`, `misrouted`,
        `channel_parity` or `promotions_in_complaints`. Of journeys: `funnel`, `variants`, `flow`,
        `rework`, `time_to_value`, `friction`, `moments_that_matter`, `outcome_by_path` or
        `map_check`.
    question : tuple of str
        Native ids of the questions whose answers count; one may stand alone. None where the
        question is given with each use, as for touchpoints.
    scale : Scale
        Scale of these answers: a name, a code, or a table. Only `nps` goes without: it is always
        on `0-10`.
    top : tuple of int or None
        Levels that count as good, in place of the scale's; for `csat`, `ces` and `top_box`.
    of : {"answered", "asked", "everyone"}
        Below the line: answers on the scale; or also those to whom the question did not apply; or
        everyone who was asked, blank answers included. A mean has no use for it.
    weighted, stratified, clustered : bool
        Whether weight, stratum and cluster of each answer are used. Where `clustered` is not
        said, all answers of one customer are a cluster, if one of them answered more than once.
    q : float or None
        Of a time: the share that is through by then; the median if it is not said.
    calendar : str or None
        Of a time: name of the calendar in whose open hours it is told.
    target : str or None
        Of `sla_attainment`: within what time a ticket is to be solved, such as `8h`; what each
        ticket was promised if it is not said.
    within : str or None
        Of issues: how long to look forward from a contact; of tickets, from their end. Of `funnel`:
        the time in which a stage is to be reached. Of a mean time: what lasts longer counts as
        this.
    threaded_within : str or None
        Of issues: how far apart two contacts about one reason may lie and still be one issue.
    definition : str or None
        Another definition of the same figure, such as `zendesk`; of `sla_attainment` what was
        promised, `resolution` or `first_reply`.
    journey : str or None
        Of journeys: only the touches that carry it. Of `map_check`: the map.
    rule : str or None
        Of journeys: what makes touches one case, such as `session`, `session 45m` or `order`.
    stages : tuple of str
        Of `funnel`: the activities to be reached, in their order.
    start, goal : str or None
        Of `time_to_value`: the activities at which the time starts and ends. Of `friction`: the
        goal is what customers came for.
    across : tuple of str
        Of `hand_over`: columns in which a transfer shows, by default the channel. Of
        `compare_times`: the one column whose groups are compared, by default the channel.
    against : str or None
        Of `compare_times` and `channel_parity`: the group that the others are held against; the
        largest if it is not said.
    margins : mapping of str to float or str
        Of `channel_parity`: what is compared, and which difference of it does not matter, such as
        `csat`, `resolution_time` or a part of the effort.
    counted : {"issues", "tickets"} or None
        Of `channel_parity`: whose channels are compared; issues if it is not said.
    feedback : str or None
        Name of a metric of answers, whose answers say how it was: of `friction` at the touchpoints,
        of `moments_that_matter` and `outcome_by_path` how a case ended, of `channel_parity` and
        `effort_map` how a contact was.
    outcome : str or None
        Of `moments_that_matter` and `outcome_by_path`: column or attribute that says how a case
        ended, in place of answers.
    path : {"activity", "way"} or None
        Of `outcome_by_path`: whether cases are told by what they go through, or by their whole way.
    fields : tuple of str
        Of `hand_over`: columns or attributes of contacts that should be handed over.
    windows : tuple of str
        Of `sensitivity`: the windows to try, such as `1d` and `7d`.
    truth : str or None
        Of `threading_quality`: column or attribute of contacts that says what they were truly
        about.
    reasons : tuple of str
        Of `promotions_in_complaints`: reasons that make a ticket a complaint; all if none is named.
    blueprint : str or None
        Of `map_check`: the blueprint whose steps and links are declared, too.
    system : str or None
        Of `map_check`: column or attribute of the tool in which each event happened.
    version : int
        Counts up when the definition changes on purpose.

    Raises
    ------
    ConfigurationError
        A part is missing, the engine has no use for a part, or the parts contradict each other.

    Examples
    --------
    >>> Metric(name="nps", engine="nps", question="NETPRO").scale.code
    '0-10'
    >>> Metric(name="slow", engine="resolution_time", q=0.9).topic
    'tickets'
    """

    name: Name
    title: Text | None = None
    engine: Engine
    question: Texts = EMPTY
    scale: ScaleField = _ANSWERED
    top: tuple[Level, ...] | None = None
    of: Of = "answered"
    weighted: Flag = False
    stratified: Flag = False
    clustered: Flag = False
    q: Quantile | None = None
    calendar: Name | None = None
    target: Duration | None = None
    within: Duration | None = None
    threaded_within: Duration | None = None
    definition: Name | None = None
    journey: Name | None = None
    rule: Text | None = None
    stages: Texts = EMPTY
    start: Text | None = None
    goal: Text | None = None
    across: Texts = EMPTY
    against: Text | None = None
    margins: Margins = Field(default_factory=dict)
    counted: Counted | None = None
    feedback: Name | None = None
    outcome: Text | None = None
    path: Path | None = None
    fields: Texts = EMPTY
    windows: Durations = ()
    truth: Text | None = None
    reasons: Texts = EMPTY
    blueprint: Name | None = None
    system: Text | None = None
    version: Positive = 1

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.topic is None:
            self._fits_answers()
            return self
        strange = [name for name in _OF_ANSWERS if name in self.model_fields_set]
        told = ", ".join(strange)
        require(not strange, f"{self.engine} counts no answers and has no use for {told}.")
        check_settings(self.engine, self.settings)
        return self

    def _fits_answers(self) -> None:
        strange = [name for name in SETTINGS if name in self.model_fields_set]
        require(
            not strange,
            f"{self.engine} counts answers and has no use for {', '.join(strange)}.",
        )
        _check_scale(self)
        require(
            self.of == "answered" or self.engine != "mean_score",
            "mean_score is a mean of answers; a blank has no value in it.",
            "leave out of =",
        )
        if self.top is not None:
            _check_top(self, self.top)

    @property
    def topic(self) -> Topic | None:
        """Log that it reads: `tickets`, `issues` or `journeys`; None for answers."""
        return topic_of(self.engine)

    @property
    def settings(self) -> dict[str, Any]:
        """What is said of a log's metric beside its engine."""
        said = {name: getattr(self, name) for name in SETTINGS}
        return {name: value for name, value in said.items() if value not in (None, (), {})}

    @property
    def is_single(self) -> bool:
        """Whether it is one figure, where nothing is grouped."""
        return is_single(self.engine)

    @property
    def has_parts(self) -> bool:
        """Whether it is several figures, each with a name."""
        return has_parts(self.engine)

    @property
    def is_lower_better(self) -> bool:
        """Whether less of it is good news."""
        return self.engine == "bottom_box" or is_lower_better(self.engine)

    @property
    def top_levels(self) -> tuple[int, ...]:
        """Levels that count as good."""
        return self.scale.top if self.top is None else self.top

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what the number means.

        Name, title and version are no part of it: the same hash is the same number.
        """
        if self.topic is not None:
            said = {name: _plain(value) for name, value in self.settings.items()}
            return fingerprint({"engine": self.engine, **said})
        meaning = self.model_dump(mode="json", exclude={"name", "title", "version", *SETTINGS})
        if meaning["of"] == "answered":  # hashes older than this field stay as they were
            del meaning["of"]
        return fingerprint(meaning | {"top": list(self.top_levels)})


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _check_scale(metric: Metric) -> None:
    if metric.engine == "nps":
        require(
            (metric.scale.low, metric.scale.high) == (0, 10),
            f"nps is asked on 0 to 10, not on {metric.scale.code!r}.",
            "engine = 'top_box' counts the top levels of any scale",
        )
    else:
        require(
            "scale" in metric.model_fields_set,
            f"{metric.engine} needs the scale of its answers.",
            "scale = '1-5', or scale = {low = 1, high = 4}",
        )


def _check_top(metric: Metric, top: tuple[int, ...]) -> None:
    require(
        metric.engine in _WITH_TOP,
        f"{metric.engine} has no use for top.",
        "csat, ces and top_box have; bottom levels are the scale's: '1-5 bottom=1'",
    )
    off = [level for level in top if not metric.scale.contains(level)]
    require(not off, f"top names levels off the scale {metric.scale.code!r}.")
    require(len(set(top)) == len(top) > 0, "top names no level, or one of them twice.")
    worst = metric.scale.levels[0 if metric.scale.direction == "ascending" else -1]
    require(worst not in top, f"top names {worst}, the worst level of {metric.scale.code!r}.")
