"""Commands that fill the store, and tell what fills it: sync, sources."""

from __future__ import annotations

from typing import Annotated

import typer

from ._failures import INCOMPLETE
from ._options import NO_SOURCE, PROGRAM, AsJson, ProgramOption, opened, refuse_options
from ._output import emit, grid, progress, say
from ._printable import one_line

__all__ = ["sources_app", "sync"]

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
