"""Customer experience in numbers that say how sure they are.

A name is loaded when it is first used, so that importing this package costs next to nothing:

>>> import cxm_core as cx
>>> cx.nps([10, 9, 9, 8, 7, 3] * 20)
Estimate(nps 33.3 points, 95% interval 19.3 to 45.9, n=120)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxm_core.columns import day, month, quarter, week
    from cxm_core.engines import (
        EffortCosts,
        EffortMap,
        Issues,
        against_rest,
        agent_work,
        bottom_box,
        cases,
        ces,
        channel_parity,
        compare,
        compare_times,
        containment,
        control_chart,
        csat,
        decompose,
        definition,
        effort,
        effort_map,
        equivalent,
        escalation_rate,
        explain_definitions,
        explain_difference,
        first_contact_resolution,
        first_reply_time,
        flow,
        friction,
        from_xes,
        funnel,
        hand_over,
        issues,
        log_definition,
        map_check,
        mean_resolution_time,
        mean_score,
        mentions,
        misrouted,
        moments_that_matter,
        nps,
        one_touch,
        outcome_by_path,
        plan,
        pool,
        promise,
        promotions_in_complaints,
        quantile,
        rank,
        ratio,
        reopen_rate,
        repeat_contact,
        requester_wait,
        resolution_curve,
        resolution_time,
        response_bounds,
        response_rate,
        return_curve,
        rework,
        sensitivity,
        sla_attainment,
        tally,
        threading_quality,
        ticket_ends,
        tickets,
        time_to_value,
        to_process_mining,
        to_xes,
        top_box,
        track,
        variants,
        weigh,
        weigh_response,
    )
    from cxm_core.report import report
    from cxm_core.workspace import WebhookReceiver, Workspace

    __version__: str

__all__ = [
    "EffortCosts",
    "EffortMap",
    "Issues",
    "WebhookReceiver",
    "Workspace",
    "__version__",
    "against_rest",
    "agent_work",
    "bottom_box",
    "cases",
    "ces",
    "channel_parity",
    "compare",
    "compare_times",
    "containment",
    "control_chart",
    "csat",
    "day",
    "decompose",
    "definition",
    "effort",
    "effort_map",
    "equivalent",
    "escalation_rate",
    "explain_definitions",
    "explain_difference",
    "first_contact_resolution",
    "first_reply_time",
    "flow",
    "friction",
    "from_xes",
    "funnel",
    "hand_over",
    "issues",
    "log_definition",
    "map_check",
    "mean_resolution_time",
    "mean_score",
    "mentions",
    "misrouted",
    "moments_that_matter",
    "month",
    "nps",
    "one_touch",
    "outcome_by_path",
    "plan",
    "pool",
    "promise",
    "promotions_in_complaints",
    "quantile",
    "quarter",
    "rank",
    "ratio",
    "reopen_rate",
    "repeat_contact",
    "report",
    "requester_wait",
    "resolution_curve",
    "resolution_time",
    "response_bounds",
    "response_rate",
    "return_curve",
    "rework",
    "sensitivity",
    "sla_attainment",
    "tally",
    "threading_quality",
    "ticket_ends",
    "tickets",
    "time_to_value",
    "to_process_mining",
    "to_xes",
    "top_box",
    "track",
    "variants",
    "week",
    "weigh",
    "weigh_response",
]

_ROOMS = {
    "cxm_core.columns": ("day", "month", "quarter", "week"),
    "cxm_core.engines": (
        "against_rest",
        "bottom_box",
        "ces",
        "compare",
        "control_chart",
        "csat",
        "decompose",
        "definition",
        "equivalent",
        "explain_difference",
        "map_check",
        "mean_score",
        "mentions",
        "nps",
        "plan",
        "pool",
        "quantile",
        "rank",
        "ratio",
        "tally",
        "top_box",
        "weigh_response",
        "weigh",
        "response_rate",
        "response_bounds",
        "track",
        "cases",
        "misrouted",
        "promise",
        "promotions_in_complaints",
        "funnel",
        "channel_parity",
        "EffortCosts",
        "Issues",
        "containment",
        "effort",
        "first_contact_resolution",
        "issues",
        "repeat_contact",
        "return_curve",
        "sensitivity",
        "flow",
        "rework",
        "variants",
        "tickets",
        "first_reply_time",
        "resolution_time",
        "resolution_curve",
        "requester_wait",
        "agent_work",
        "one_touch",
        "sla_attainment",
        "escalation_rate",
        "reopen_rate",
        "outcome_by_path",
        "time_to_value",
        "EffortMap",
        "effort_map",
        "hand_over",
        "threading_quality",
        "mean_resolution_time",
        "compare_times",
        "friction",
        "moments_that_matter",
        "explain_definitions",
        "log_definition",
        "from_xes",
        "to_process_mining",
        "to_xes",
        "ticket_ends",
    ),
    "cxm_core.report": ("report",),
    "cxm_core.workspace": ("WebhookReceiver", "Workspace"),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415  (only who asks pays for it)

    try:
        return metadata.version("cxm")
    except metadata.PackageNotFoundError:
        return "0+source"


def _unknown(name: str) -> str:
    from cxm_core.errors import did_you_mean  # noqa: PLC0415

    message = f"module 'cxm_core' has no attribute {name!r}"
    hint = None if name.startswith("_") else did_you_mean(name, __all__)
    return f"{message}; {hint}" if hint else message


if not TYPE_CHECKING:  # a checker that saw it would take every name for known

    def __getattr__(name: str) -> object:
        if name == "__version__":
            value: object = _version()
        elif name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(_unknown(name), name=name)
        # Loading the room `report` has put the room itself there, which can be called as well.
        return globals().setdefault(name, value)
