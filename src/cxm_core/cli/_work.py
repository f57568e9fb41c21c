"""The main job: pull, measure and report, in one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ._failures import INCOMPLETE
from ._options import NO_SOURCE, PROGRAM, AsJson, ProgramFile, opened
from ._output import emit, progress, say
from ._printable import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cxm_core.results import Estimate, SyncReceipt
    from cxm_core.workspace import Workspace

__all__ = ["demo", "report", "run"]

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        help="Where the report goes, .html or .md; by default where the program says.",
        metavar="FILE",
    ),
]


def run(program: ProgramFile = PROGRAM, *, out: Out = None, as_json: AsJson = False) -> None:
    """Pull from all sources, measure, and write the report.

    The last line that it prints is the path of the report.
    """
    with opened(program) as workspace:
        _main_job(workspace, out, as_json=as_json)


def report(
    program: ProgramFile = PROGRAM,
    *,
    out: Out = None,
    tables: Annotated[
        str | None,
        typer.Option(
            help="Folder for the report as Markdown, and its tables as CSV and Parquet.",
            metavar="FOLDER",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report from what the store holds; nothing is pulled."""
    with opened(program, read_only=True) as workspace, progress("writing the report"):
        path = workspace.report(out, tables=tables)
    emit({"report": str(path), "tables": tables}, one_line(str(path)), as_json=as_json)


def demo(
    *,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            help="A new or empty folder for the example, or one that holds it unchanged.",
            metavar="FOLDER",
        ),
    ] = "cxm-demo",
    name: Annotated[
        str,
        typer.Option(
            "--from",
            help="Another example: sfo is the survey of San Francisco airport.",
            metavar="EXAMPLE",
        ),
    ] = "company",
    as_json: AsJson = False,
) -> None:
    """Run the main job on a made-up company that three systems know.

    Zendesk, HubSpot and Typeform are simulated on this machine, so no account is needed; the
    report shows what is true of the company beside what was measured. Files that you have changed
    are never written over.
    """
    from cxm_core.workspace import demonstration  # noqa: PLC0415  (not for help)

    with demonstration(out, name=name) as program:
        say(f"The example stands in {out}; its program is {program}.")
        with opened(str(program)) as workspace:
            _main_job(workspace, None, as_json=as_json)


def _main_job(workspace: Workspace, out: str | None, *, as_json: bool) -> None:
    with progress("pulling") as advance:
        receipts = workspace.sync(progress=advance)
        advance("measuring", 0)
        headlines = workspace.headlines()
        advance("writing the report", 0)
        path = workspace.report(out)
    is_complete = all(receipt.is_complete for receipt in receipts)
    emit(
        {
            "report": str(path),
            "is_complete": is_complete,
            "receipts": [receipt.to_dict() for receipt in receipts],
            "metrics": {name: result.to_dict() for name, result in headlines.items()},
        },
        "\n\n".join([*_told(workspace, receipts, headlines), one_line(str(path))]),
        as_json=as_json,
    )
    if not is_complete:
        say("Not every stream came whole; the receipts say which.")
        raise typer.Exit(INCOMPLETE)


def _told(
    workspace: Workspace, receipts: Iterable[SyncReceipt], headlines: Mapping[str, Estimate]
) -> Iterator[str]:
    yield "\n".join(one_line(str(receipt)) for receipt in receipts) or NO_SOURCE
    for name, result in headlines.items():
        window = result.receipt.window
        title = workspace.program.metric(name).label
        yield one_line(f"{title}, {window.told}" if window else title) + f"\n{result.summary()}"
