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
        against_rest,
        bottom_box,
        ces,
        compare,
        control_chart,
        csat,
        decompose,
        definition,
        equivalent,
        explain_difference,
        mean_score,
        mentions,
        nps,
        plan,
        pool,
        quantile,
        rank,
        ratio,
        response_bounds,
        response_rate,
        tally,
        top_box,
        track,
        weigh,
        weigh_response,
    )
    from cxm_core.report import report
    from cxm_core.workspace import WebhookReceiver, Workspace

    __version__: str

__all__ = [
    "WebhookReceiver",
    "Workspace",
    "__version__",
    "against_rest",
    "bottom_box",
    "ces",
    "compare",
    "control_chart",
    "csat",
    "day",
    "decompose",
    "definition",
    "equivalent",
    "explain_difference",
    "mean_score",
    "mentions",
    "month",
    "nps",
    "plan",
    "pool",
    "quantile",
    "quarter",
    "rank",
    "ratio",
    "report",
    "response_bounds",
    "response_rate",
    "tally",
    "top_box",
    "track",
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
