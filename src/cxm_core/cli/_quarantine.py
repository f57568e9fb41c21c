"""Commands about rows that were set aside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import asdict

from cxm_core.errors import UsageError

from ._options import PROGRAM, AsJson, ProgramOption, opened, refuse_options
from ._output import emit, grid
from ._printable import one_line

if TYPE_CHECKING:
    from cxm_core.store import QuarantineEntry

__all__ = ["quarantine_app"]

quarantine_app = typer.Typer(invoke_without_command=True)

_COLUMNS = ("source", "stream", "kind", "field", "reason", "rows")


@quarantine_app.callback()
def quarantine(
    context: typer.Context,
    *,
    program: ProgramOption = PROGRAM,
    source: Annotated[
        str | None, typer.Option(help="Only rows of this source.", metavar="SOURCE")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(help="Only rows with this reason, such as out_of_scale.", metavar="REASON"),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="With --json: the rows as they came, customers' words and all."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Count what was set aside, by source and reason; --json lists each row."""
    if refuse_options(context, program != PROGRAM, source, reason, raw, as_json):
        return
    if raw and not as_json:
        raise UsageError("--raw shows rows only with --json.", hint="cxm quarantine --raw --json")
    with opened(program, read_only=True) as workspace:
        entries = workspace.quarantined(source, reason=reason)
    emit(
        [_plain(entry, with_raw=raw) for entry in entries],
        grid(_COLUMNS, _counts(entries)) if entries else "Nothing is in quarantine.",
        as_json=as_json,
    )


def _counts(entries: Iterable[QuarantineEntry]) -> list[tuple[object, ...]]:
    keys = ((e.source, e.stream, e.kind, e.field or "", e.reason) for e in entries)
    return [(*key, f"{count:,}") for key, count in sorted(Counter(keys).items())]


def _plain(entry: QuarantineEntry, *, with_raw: bool) -> dict[str, Any]:
    values = asdict(entry, value_serializer=_serialized)
    raw = json.loads(values.pop("raw"))
    return {**values, "raw": raw} if with_raw else values


def _serialized(_entry: object, _field: object, value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@quarantine_app.command("replay")
def replay(
    source: Annotated[
        str, typer.Argument(help="A source of the program, such as files:sfo.", metavar="SOURCE")
    ],
    *,
    program: ProgramOption = PROGRAM,
    as_json: AsJson = False,
) -> None:
    """Read the set-aside rows of a source again, with the mapping as it is now."""
    with opened(program) as workspace:
        receipt = workspace.replay(source)
    emit(receipt.to_dict(), one_line(str(receipt)), as_json=as_json)
