"""Numbers in the terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cxm_core.errors import UsageError

from ._failures import GATE_FAILED
from ._options import (
    PROGRAM,
    AsJson,
    FailUnder,
    ProgramOption,
    Where,
    Window,
    is_reached,
    opened,
)
from ._output import emit, say
from ._where import read_where

if TYPE_CHECKING:
    from cxm_core.workspace import Measured

__all__ = ["measure"]


class Every(StrEnum):
    """Calendar periods to group by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


Metric = Annotated[
    str,
    typer.Argument(
        help="Name of a metric of the program, or an engine of logs such as resolution_time.",
        metavar="METRIC",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(help="Group by a column or attribute; may be repeated.", metavar="FIELD"),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        help="What was known at this instant, such as 2026-11-21T20:00Z.", metavar="INSTANT"
    ),
]


def measure(
    metric: Metric,
    *,
    program: ProgramOption = PROGRAM,
    window: Window = None,
    by: By = None,
    every: Annotated[Every | None, typer.Option(help="Group by calendar period.")] = None,
    where: Where = None,
    as_of: AsOf = None,
    fail_under: FailUnder = None,
    as_json: AsJson = False,
) -> None:
    """Print one metric with its interval."""
    with opened(program, read_only=True) as workspace:
        result = workspace.measure(
            metric,
            window=window,
            by=by,
            every=every,
            where=read_where(where or ()),
            as_of=as_of,
        )
    emit(result.to_dict(), result.summary(), as_json=as_json)
    if fail_under is not None and _is_under(result, fail_under):
        say(f"{metric} does not reach {fail_under:g}.")
        raise typer.Exit(GATE_FAILED)


def _is_under(result: Measured, bound: float) -> bool:
    from cxm_core.results import Breakdown, Estimate  # noqa: PLC0415  (not for help)

    if not isinstance(result, Estimate | Breakdown):
        raise UsageError(
            f"{result.title} is more than one figure, and none of them alone can be a gate.",
            hint="--fail-under goes with a metric of one figure",
        )
    value = result.value
    values = [value] if isinstance(value, float | None) else value.tolist()
    return not (values and all(is_reached(one, bound) for one in values))
