"""What a metric of a log means, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxm_core.engines import ISSUE_DEFINITIONS, TICKET_DEFINITIONS
from cxm_core.program import Metric

__all__ = ["meaning_of"]

_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "effort": "What customers went through for one issue: contacts, switches of channel, and "
        "whatever else is recorded, each as a mean.",
        "misrouted": "Share of issues that began in a channel where their matter does not belong, "
        "by the channel rules of the program.",
        "funnel": "Share of cases that get to each stage.",
        "variants": "Which ways cases take, and how many take each.",
        "flow": "How often each activity comes right after each other one.",
        "rework": "Share of cases that come back to an activity.",
        "friction": "Touchpoints from the hardest to the easiest: who leaves there, lingers, and "
        "comes back.",
        "time_to_value": "Share that has reached the goal, by the time since the start.",
    }
)


def meaning_of(metric: Metric) -> str:
    """What the metric counts or times, and its settings."""
    of_tickets = {one.name: one.holds for one in TICKET_DEFINITIONS.get(metric.engine, {}).values()}
    of_issues = {one.name: one.holds for one in ISSUE_DEFINITIONS.get(metric.engine, {}).values()}
    known = of_tickets or of_issues or {"": _MEANINGS.get(metric.engine, "")}
    told = known.get(metric.definition or "") or next(iter(known.values()))
    settings = "; ".join(f"{name} = {_shown(value)}" for name, value in metric.settings.items())
    return f"{told} ({settings})" if settings else told


def _shown(value: object) -> str:
    return " > ".join(map(str, value)) if isinstance(value, tuple) else str(value)
