"""What metrics of logs may say: which engines there are, and what each has a use for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from annotated_types import Gt, Lt
from pydantic import AfterValidator, AllowInfNan, Strict

from cxm_core.vocabulary import parse_duration

from ._document import Text, require

LogEngine = Literal[
    "first_reply_time",
    "resolution_time",
    "requester_wait",
    "agent_work",
    "sla_attainment",
    "reopen_rate",
    "escalation_rate",
    "one_touch",
    "first_contact_resolution",
    "repeat_contact",
    "containment",
    "effort",
    "misrouted",
    "funnel",
    "variants",
    "flow",
    "time_to_value",
    "rework",
    "friction",
]
Topic = Literal["tickets", "issues", "journeys"]
Quantile = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False), Gt(0), Lt(1)]


def _is_length(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[Text, AfterValidator(_is_length)]

_TIMES = ("q", "calendar", "definition")
_ISSUES = ("within", "threaded_within", "definition")
_CASES = ("journey", "rule")

#: What each engine has a use for, beside name, title and version.
USES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("first_reply_time", "resolution_time", "requester_wait", "agent_work"), _TIMES
        ),
        "sla_attainment": ("target", "calendar", "definition"),
        "reopen_rate": ("within",),
        "escalation_rate": ("within",),
        "one_touch": ("within", "definition"),
        **dict.fromkeys(("first_contact_resolution", "repeat_contact", "containment"), _ISSUES),
        "effort": ("within", "threaded_within"),
        "misrouted": ("threaded_within",),
        "funnel": (*_CASES, "stages", "within"),
        "variants": _CASES,
        "flow": _CASES,
        "time_to_value": ("journey", "start", "goal"),
        "rework": _CASES,
        "friction": (*_CASES, "goal"),
    }
)
#: Engines that read a log.
LOG_ENGINES: Final = tuple(USES)
#: Every setting that only metrics of logs have.
SETTINGS: Final = tuple(dict.fromkeys(name for names in USES.values() for name in names))
_TOPICS: Final[Mapping[Topic, tuple[str, ...]]] = MappingProxyType(
    {
        "tickets": tuple(USES)[:8],
        "issues": tuple(USES)[8:13],
        "journeys": tuple(USES)[13:],
    }
)
#: What a metric cannot be measured without.
_NEEDS: Final = {"funnel": ("stages",), "time_to_value": ("start", "goal")}
_TIMED = ("first_reply_time", "resolution_time", "requester_wait", "agent_work")
_LOWER_IS_BETTER: Final = frozenset(
    {*_TIMED, "reopen_rate", "escalation_rate", "repeat_contact", "misrouted"}
)


def topic_of(engine: str) -> Topic | None:
    """Which log an engine reads; None for an engine of answers."""
    return next((topic for topic, engines in _TOPICS.items() if engine in engines), None)


def is_lower_better(engine: str) -> bool:
    """Whether less of it is good news."""
    return engine in _LOWER_IS_BETTER


def check_settings(engine: str, given: Iterable[str]) -> None:
    """Refuse what a log's engine has no use for, and the lack of what it needs."""
    known, said = USES[engine], tuple(given)
    strange = [name for name in said if name not in known]
    require(
        not strange,
        f"{engine} has no use for {', '.join(strange)}.",
        f"it reads {', '.join(known)}",
    )
    lacking = [name for name in _NEEDS.get(engine, ()) if name not in said]
    require(not lacking, f"{engine} needs {' and '.join(lacking)}.")
