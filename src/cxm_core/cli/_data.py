"""Commands that fill the store, and tell what fills it: sync, status, sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ._failures import INCOMPLETE
from ._options import (
    NO_SOURCE,
    PROGRAM,
    AsJson,
    ProgramFile,
    ProgramOption,
    opened,
    refuse_options,
)
from ._output import emit, grid, progress, say
from ._printable import one_line

if TYPE_CHECKING:
    from cxm_core.results import SyncReceipt

__all__ = ["sources_app", "status", "sync"]

sources_app = typer.Typer(invoke_without_command=True)


def sync(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Such as zendesk:acme; all of the program if none is given.", metavar="[SOURCE]..."
        ),
    ] = None,
    *,
    program: ProgramOption = PROGRAM,
    as_json: AsJson = False,
) -> None:
    """Pull what is new from the sources into the store."""
    with opened(program) as workspace, progress("pulling") as advance:
        receipts = workspace.sync(sources or None, progress=advance)
    emit(
        [receipt.to_dict() for receipt in receipts],
        "\n".join(one_line(str(receipt)) for receipt in receipts) or NO_SOURCE,
        as_json=as_json,
    )
    if not all(receipt.is_complete for receipt in receipts):
        say("Not every stream came whole; the receipts say which.")
        raise typer.Exit(INCOMPLETE)


def status(program: ProgramFile = PROGRAM, *, as_json: AsJson = False) -> None:
    """Tell how each stream stands, and whether its last sync brought all.

    Nothing is pulled. The command ends as incomplete where something is known to be missing.
    """
    with opened(program, read_only=True) as workspace:
        receipts = workspace.status()
    columns = ("source", "stream", "verdict", "ended", "newest change", "reason")
    emit(
        [receipt.to_dict() for receipt in receipts],
        grid(columns, [_row(one) for one in receipts]) if receipts else "Nothing was synced yet.",
        as_json=as_json,
    )
    if not all(receipt.is_complete for receipt in receipts):
        raise typer.Exit(INCOMPLETE)


def _row(one: SyncReceipt) -> tuple[str, ...]:
    newest = "" if one.newest is None else _moment(one.newest)
    return (one.source, one.stream, one.verdict, _moment(one.ended_at), newest, one.reason)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@sources_app.callback()
def sources(
    context: typer.Context, *, program: ProgramOption = PROGRAM, as_json: AsJson = False
) -> None:
    """List the sources that the store knows, with their accounts."""
    if refuse_options(context, program != PROGRAM, as_json):
        return
    with opened(program, read_only=True) as workspace:
        known = workspace.sources()
    rows = [(name, account or "") for name, account in known.items()]
    emit(
        known,
        grid(("source", "account"), rows) if rows else "The store knows no source.",
        as_json=as_json,
    )


@sources_app.command("rename")
def rename(
    old: Annotated[str, typer.Argument(help="The name that the store knows.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The name from now on.", metavar="NEW")],
    *,
    program: ProgramOption = PROGRAM,
    as_json: AsJson = False,
) -> None:
    """Give a known source a new name; its records go with it."""
    with opened(program) as workspace:
        workspace.rename_source(old, new)
    emit({"old": old, "new": new}, f"{old} is now {new}.", as_json=as_json)
    say(f"Name it {new} in {program}, too.")
