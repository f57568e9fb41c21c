"""Commands that keep the store fit: verify, compact, rebuild, export, retain."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import asdict

from cxm_core.errors import StoreError

from ._failures import INCOMPLETE
from ._options import NO_SOURCE, PROGRAM, AsJson, ProgramOption, opened
from ._output import emit, progress, say
from ._printable import one_line

if TYPE_CHECKING:
    from cxm_core.results import SyncReceipt
    from cxm_core.store import Rebuild, RetentionReport, Verification

__all__ = ["store_app"]

store_app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """Forms of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@store_app.command("verify")
def verify(*, program: ProgramOption = PROGRAM, as_json: AsJson = False) -> None:
    """Read everything in the store, and tell what is wrong; nothing changes."""
    with opened(program, read_only=True) as workspace, progress("reading the store"):
        found = workspace.verify()
    emit(_plain_verification(found), str(found), as_json=as_json)
    if not found.is_sound:
        raise typer.Exit(INCOMPLETE)


def _plain_verification(found: Verification) -> dict[str, Any]:
    return {**asdict(found), "is_sound": found.is_sound}


@store_app.command("compact")
def compact(*, program: ProgramOption = PROGRAM, as_json: AsJson = False) -> None:
    """Write the store anew, without what `cxm store retain` took out.

    It erases nobody: of a record that its source or your app has deleted, the earlier versions stay
    in the history and in the journal until retain takes them out by their age. The old file stays
    until the new one is whole, so there must be room for both; a small store may become larger.
    """
    _refuse_none(program)
    with opened(program) as workspace, progress("writing the store anew"):
        done = workspace.compact()
    emit(asdict(done), str(done), as_json=as_json)


def _refuse_none(program: str) -> None:
    """Refuse to make a new, empty store only to write it anew."""
    from cxm_core.program import Program  # noqa: PLC0415  (not for help)

    place = Program.load(program).store_url
    if "memory:" not in str(place) and not Path(place).is_file():
        raise StoreError(f"There is no store {Path(place).name!r}.", hint="sync first")


@store_app.command("rebuild")
def rebuild(
    *,
    program: ProgramOption = PROGRAM,
    no_sync: Annotated[
        bool, typer.Option("--no-sync", help="Do not pull from the sources afterwards.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a damaged store anew, and pull from all sources.

    It takes every row that can still be read, and all that the journal holds. The damaged file is
    kept beside the new one.
    """
    from cxm_core.workspace import rebuild as rebuild_store  # noqa: PLC0415  (not for help)

    with progress("saving what can be read"):
        done = rebuild_store(program)
    receipts = () if no_sync else _synced(program)
    lines = [str(done), *(one_line(str(receipt)) for receipt in receipts)]
    emit(
        {"rebuild": _plain_rebuild(done), "receipts": [one.to_dict() for one in receipts]},
        "\n".join(lines if receipts or no_sync else [*lines, NO_SOURCE]),
        as_json=as_json,
    )
    if not all(receipt.is_complete for receipt in receipts):
        say("Not every stream came whole; the receipts say which.")
        raise typer.Exit(INCOMPLETE)


def _synced(program: str) -> tuple[SyncReceipt, ...]:
    with opened(program) as workspace, progress("pulling") as advance:
        return workspace.sync(progress=advance)


def _plain_rebuild(done: Rebuild) -> dict[str, Any]:
    return {
        "set_aside": list(done.set_aside),
        "is_readable": done.is_readable,
        "rows": done.rows,
        "lost": done.lost,
        "tables": [asdict(table) for table in done.tables],
        "journal": {"batches": done.folded.batches, "applied": done.folded.counts.applied},
    }


@store_app.command("export")
def export(
    folder: Annotated[str, typer.Argument(help="Folder for the files.", metavar="FOLDER")],
    *,
    program: ProgramOption = PROGRAM,
    form: Annotated[Format, typer.Option("--format", help="Form of the files.")] = Format.JSONL,
    as_json: AsJson = False,
) -> None:
    """Write all current records to files, one for each kind."""
    with opened(program, read_only=True) as workspace, progress("writing files"):
        files = workspace.export(folder, format=form.value)
    paths = [str(file) for file in files]
    emit(
        paths,
        "\n".join(map(one_line, paths)) or "The store holds no record.",
        as_json=as_json,
    )


@store_app.command("retain")
def retain(
    *,
    program: ProgramOption = PROGRAM,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; delete nothing.")] = False,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="Believe the clock, though no earlier day agrees."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is older than the limits that the program sets."""
    with opened(program, read_only=dry_run) as workspace:
        report = workspace.retain(dry_run=dry_run, trust_clock=trust_clock)
    emit(_plain_retention(report), str(report), as_json=as_json)


def _plain_retention(report: RetentionReport) -> dict[str, Any]:
    kinds = [asdict(one) | {"before": one.before.isoformat()} for one in report.expired]
    return {
        "rows": report.rows,
        "is_dry_run": report.is_dry_run,
        "is_clock_doubted": report.is_clock_doubted,
        "counted_from": report.now.isoformat(),
        "kinds": kinds,
    }
