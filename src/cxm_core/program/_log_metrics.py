"""What metrics of logs may say: which engines there are, and what each has a use for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from annotated_types import Gt, Lt
from pydantic import AfterValidator, AllowInfNan, Strict

from cxm_core.vocabulary import parse_duration

from ._document import LISTED, Text, require

LogEngine = Literal[
    "first_reply_time",
    "resolution_time",
    "mean_resolution_time",
    "resolution_curve",
    "requester_wait",
    "agent_work",
    "ticket_ends",
    "compare_times",
    "sla_attainment",
    "reopen_rate",
    "escalation_rate",
    "one_touch",
    "first_contact_resolution",
    "repeat_contact",
    "return_curve",
    "containment",
    "effort",
    "effort_map",
    "hand_over",
    "sensitivity",
    "threading_quality",
    "misrouted",
    "channel_parity",
    "promotions_in_complaints",
    "funnel",
    "variants",
    "flow",
    "time_to_value",
    "rework",
    "friction",
    "moments_that_matter",
    "outcome_by_path",
    "map_check",
]
Topic = Literal["tickets", "issues", "journeys"]
Quantile = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False), Gt(0), Lt(1)]


def _is_length(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[Text, AfterValidator(_is_length)]
Durations = Annotated[tuple[Duration, ...], LISTED]
Amount = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False), Gt(0)]
Margins = dict[Text, Amount | Duration]

_TIMES = ("q", "calendar", "definition")
_ISSUES = ("within", "threaded_within", "definition")
_CASES = ("journey", "rule")
_OUTCOMES = (*_CASES, "outcome", "feedback")

_TICKETS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("first_reply_time", "resolution_time", "requester_wait", "agent_work"), _TIMES
    ),
    "mean_resolution_time": ("within", "calendar", "definition"),
    "resolution_curve": ("calendar", "definition"),
    "ticket_ends": ("calendar",),
    "compare_times": ("across", "against", "within", *_TIMES),
    "sla_attainment": ("target", "calendar", "definition"),
    "reopen_rate": ("within",),
    "escalation_rate": ("within",),
    "one_touch": ("within", "definition"),
}
_OF_ISSUES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("first_contact_resolution", "repeat_contact", "containment"), _ISSUES),
    "return_curve": ("threaded_within",),
    "effort": ("within", "threaded_within"),
    "effort_map": ("feedback", "within", "threaded_within"),
    "hand_over": ("fields", "across", "threaded_within"),
    "sensitivity": ("windows",),
    "threading_quality": ("truth", "threaded_within"),
    "misrouted": ("threaded_within",),
    "channel_parity": (
        *("margins", "against", "counted", "feedback"),
        *("q", "within", "threaded_within"),
    ),
    "promotions_in_complaints": ("reasons",),
}
_JOURNEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "funnel": (*_CASES, "stages", "within"),
    "variants": _CASES,
    "flow": _CASES,
    "time_to_value": ("journey", "start", "goal"),
    "rework": _CASES,
    "friction": (*_CASES, "goal", "feedback"),
    "moments_that_matter": _OUTCOMES,
    "outcome_by_path": (*_OUTCOMES, "path"),
    "map_check": (*_CASES, "blueprint", "system"),
}
_TOPICS: Final[Mapping[Topic, Mapping[str, tuple[str, ...]]]] = {
    "tickets": _TICKETS,
    "issues": _OF_ISSUES,
    "journeys": _JOURNEYS,
}
#: What each engine has a use for, beside name, title and version.
USES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {**_TICKETS, **_OF_ISSUES, **_JOURNEYS}
)
#: Engines that read a log.
LOG_ENGINES: Final = tuple(USES)
#: Every setting that only metrics of logs have.
SETTINGS: Final = tuple(dict.fromkeys(name for names in USES.values() for name in names))

#: What a metric cannot be measured without: one at least of each of these.
_NEEDS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "mean_resolution_time": (("within", "definition"),),
    "effort_map": (("feedback",),),
    "hand_over": (("fields",),),
    "threading_quality": (("truth",),),
    "channel_parity": (("margins",),),
    "funnel": (("stages",),),
    "time_to_value": (("start",), ("goal",)),
    "moments_that_matter": (("outcome", "feedback"),),
    "outcome_by_path": (("outcome", "feedback"),),
    "map_check": (("journey", "blueprint"),),
}
#: What a margin of channel parity needs to be known, beside itself.
_MARGINS: Final = {"csat": "feedback", "mean_resolution_time": "within"}
_TIMED = (
    "first_reply_time",
    "resolution_time",
    "mean_resolution_time",
    "requester_wait",
    "agent_work",
)
_LOWER_IS_BETTER: Final = frozenset(
    {*_TIMED, "reopen_rate", "escalation_rate", "repeat_contact", "misrouted"}
)
_SINGLE: Final = frozenset(
    {
        *_LOWER_IS_BETTER,
        *("sla_attainment", "one_touch", "first_contact_resolution", "containment"),
    }
)
#: Engines whose figure is a drawing, a matrix or an order of places.
_WHOLE: Final = frozenset(
    {
        *("resolution_curve", "return_curve", "ticket_ends", "time_to_value", "flow", "variants"),
        *("rework", "friction", "moments_that_matter"),
    }
)


def topic_of(engine: str) -> Topic | None:
    """Which log an engine reads; None for an engine of answers."""
    return next((topic for topic, engines in _TOPICS.items() if engine in engines), None)


def is_lower_better(engine: str) -> bool:
    """Whether less of it is good news."""
    return engine in _LOWER_IS_BETTER


def is_single(engine: str) -> bool:
    """Whether it is one figure, where nothing is grouped."""
    return engine not in USES or engine in _SINGLE


def has_parts(engine: str) -> bool:
    """Whether it is several figures, each with a name."""
    return not is_single(engine) and engine not in _WHOLE


def check_settings(engine: str, given: Mapping[str, Any]) -> None:
    """Refuse what a log's engine has no use for, and the lack of what it needs."""
    known = USES[engine]
    strange = [name for name in given if name not in known]
    require(
        not strange,
        f"{engine} has no use for {', '.join(strange)}.",
        f"it reads {', '.join(known)}",
    )
    lacking = [" or ".join(either) for either in _NEEDS.get(engine, ()) if not {*either} & {*given}]
    require(not lacking, f"{engine} needs {' and '.join(lacking)}.", _EXAMPLES.get(engine))
    for margin, setting in _MARGINS.items():
        is_known = margin not in given.get("margins", ()) or setting in given
        require(is_known, f"{engine} needs {setting} for the margin of {margin}.")


_EXAMPLES: Final[Mapping[str, str]] = {
    "mean_resolution_time": "within = '14d': what takes longer counts as that",
    "effort_map": "feedback = 'ces', a metric of answers",
    "hand_over": "fields = ['order', 'product']: what should be handed over",
    "threading_quality": "truth = 'matter': the column that says what a contact was truly about",
    "channel_parity": "margins = { resolution_time = '4h', contacts = 0.2 }",
    "moments_that_matter": "feedback = 'csat', a metric of answers; or outcome = 'cancelled'",
    "outcome_by_path": "feedback = 'csat', a metric of answers; or outcome = 'renewed'",
}
