"""What a metric of a log means, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxm_core.engines import ISSUE_DEFINITIONS, TICKET_DEFINITIONS
from cxm_core.program import Metric

__all__ = ["meaning_of"]

_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "mean_resolution_time": "Mean time until a ticket is over, each counted up to a longest "
        "time at most.",
        "resolution_curve": "Share of tickets that are solved, by the time since they were opened.",
        "ticket_ends": "Share of tickets that ended in each way, by the time since they were "
        "opened.",
        "compare_times": "How much longer tickets of one group take than those of another.",
        "return_curve": "Share of issues for which the customer has come again, by the time since "
        "the first contact.",
        "effort_map": "How easy customers say it was, as far as it follows from what they went "
        "through.",
        "hand_over": "Share of what was known before a transfer that is still known after it.",
        "sensitivity": "What the figures would be if contacts were put together by other windows.",
        "threading_quality": "How often contacts that were put together belong together.",
        "channel_parity": "Whether customers fare alike in every channel, within margins that the "
        "program states.",
        "promotions_in_complaints": "Share of promotional messages that came while a complaint of "
        "who got them was open, and share of complaints in which one did.",
        "moments_that_matter": "Touchpoints by what doing them again costs: volume, times effort, "
        "times how much worse cases end.",
        "outcome_by_path": "How often cases end well, by what they go through.",
        "map_check": "The map held against what customers did: what is on it, what nobody takes, "
        "and what nobody drew.",
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
    known = of_tickets or of_issues or {"": _MEANINGS[metric.engine]}
    told = known.get(metric.definition or "") or next(iter(known.values()))
    settings = "; ".join(f"{name} = {_shown(value)}" for name, value in metric.settings.items())
    return f"{told} ({settings})" if settings else told


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return " > ".join(map(str, value)) if isinstance(value, tuple) else str(value)
