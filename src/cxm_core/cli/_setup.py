"""Commands of the first hour: write a program, check it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cxm_core.errors import UsageError

from ._checks import emit_reports
from ._options import PROGRAM, AsJson, ProgramFile, opened
from ._output import emit, say
from ._printable import one_line

__all__ = ["check", "init"]


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
    emit_reports(reports, as_json=as_json)
