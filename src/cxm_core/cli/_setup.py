"""Commands of the first hour: write a program, check it, see the connectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxm_core.errors import UsageError

from ._failures import INCOMPLETE
from ._options import NO_SOURCE, PROGRAM, AsJson, ProgramFile, opened
from ._output import emit, grid, say
from ._printable import one_line

if TYPE_CHECKING:
    from cxm_core.plugins import CheckReport

__all__ = ["check", "connectors", "init"]


def init(
    *,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", help="A file with customers' answers, CSV or JSONL.", metavar="FILE"
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", help="The program file to write.", metavar="FILE")
    ] = PROGRAM,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a program file to begin with.

    With --from, it is proposed from what the data file holds: columns, scales and missing codes,
    each marked for you to confirm. Without, it shows in comments what stands where.
    """
    from cxm_core.workspace import propose_program, starter_program  # noqa: PLC0415  (not for help)

    target = Path(out)
    _check_free(target, force=force)
    text = starter_program() if source is None else propose_program(source, beside=target)
    _write(target, text)
    emit({"program": out}, one_line(out), as_json=as_json)
    next_step = "Fill it in" if source is None else "Look at each line marked 'confirm'"
    say(f"{next_step}, then run: cxm check {out}")


def _check_free(target: Path, *, force: bool) -> None:
    with _writable(target):
        is_there = target.exists()
    if is_there and not force:
        raise UsageError(
            f"{str(target)!r} is there already.", hint="choose another --out, or add --force"
        )


def _write(target: Path, text: str) -> None:
    with _writable(target):
        target.write_text(text, encoding="utf-8")


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{str(target)!r} cannot be written: {error.strerror}.", hint="choose another --out"
        ) from error


def check(program: ProgramFile = PROGRAM, *, as_json: AsJson = False) -> None:
    """Look whether the program is sound and its sources answer.

    Nothing is pulled and nothing is kept.
    """
    with opened(program, store="memory:") as workspace:
        reports = workspace.check()
    lines = [line for name, report in reports.items() for line in _told(name, report)]
    emit(
        {name: _plain(report) for name, report in reports.items()},
        "\n".join(lines) or NO_SOURCE,
        as_json=as_json,
    )
    if any(report.problems for report in reports.values()):
        raise typer.Exit(INCOMPLETE)


def _told(name: str, report: CheckReport) -> list[str]:
    streams = ", ".join(stream.name for stream in report.streams)
    count = len(report.problems)
    verdict = f"{count} problem{'s' * (count > 1)}" if count else "ready"
    lines = [f"{name}: {verdict}" + (f", streams {streams}" if streams else "")]
    return [one_line(line) for line in (*lines, *(f"  {text}" for text in report.problems))]


def _plain(report: CheckReport) -> dict[str, Any]:
    return {
        "account": report.account,
        "streams": [stream.name for stream in report.streams],
        "problems": list(report.problems),
    }


def connectors(*, as_json: AsJson = False) -> None:
    """List the connectors that are installed.

    A broken one is listed with the reason; it never keeps the others back.
    """
    from cxm_core.workspace import installed_connectors  # noqa: PLC0415  (not for help)

    catalogue = installed_connectors()
    infos = [loaded.info for loaded in catalogue.load_all().values()]
    rows = [(info.name, info.version, info.description) for info in infos]
    rows += [(p.name or p.distribution, "", f"broken: {p.reason}") for p in catalogue.problems]
    emit(
        {
            "connectors": [
                {"name": info.name, "version": info.version, "description": info.description}
                for info in infos
            ],
            "problems": [problem._asdict() for problem in catalogue.problems],
        },
        grid(("name", "version", "what it is"), rows),
        as_json=as_json,
    )
