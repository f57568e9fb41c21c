"""Maps of the program: listed, held against the log, taken in and given away: cxm map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxm_core.errors import ConfigurationError, UsageError, did_you_mean

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
    refuse_options,
)
from ._output import emit, grid, say
from ._printable import one_line
from ._where import read_where

if TYPE_CHECKING:
    from cxm_core.program import Blueprint, Journey, MapImport, Program
    from cxm_core.results import Panel

__all__ = ["map_app"]

map_app = typer.Typer(invoke_without_command=True)

_MOST_BYTES = 50_000_000


class Tool(StrEnum):
    """Where a file comes from."""

    BPMN = "bpmn"
    LUCIDCHART = "lucidchart"
    SMAPLY = "smaply"


class Form(StrEnum):
    """What a map is written as."""

    BPMN = "bpmn"
    MERMAID = "mermaid"
    SVG = "svg"


_ENDINGS: Mapping[str, Form] = {
    ".bpmn": Form.BPMN,
    ".mmd": Form.MERMAID,
    ".mermaid": Form.MERMAID,
    ".svg": Form.SVG,
}


@map_app.callback()
def maps(
    context: typer.Context, *, program: ProgramOption = PROGRAM, as_json: AsJson = False
) -> None:
    """List the journeys and blueprints of the program."""
    if refuse_options(context, program != PROGRAM, as_json):
        return
    known = _loaded(program)
    rows = [("journey", one.name, one.label, len(one.touchpoints)) for one in known.journeys]
    rows += [("blueprint", one.name, one.label, len(one.steps)) for one in known.blueprints]
    columns = ("kind", "name", "title", "places")
    emit(
        [dict(zip(columns, row, strict=True)) for row in rows],
        grid(columns, rows) if rows else "The program has no map.",
        as_json=as_json,
    )


@map_app.command("import")
def import_map(
    path: Annotated[str, typer.Argument(help="What the other tool exported.", metavar="FILE")],
    *,
    tool: Annotated[
        Tool | None, typer.Option("--from", help="The tool; by default what the file looks like.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the journey or blueprint.", metavar="NAME")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", help="A new file for the TOML; by default it is printed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Turn a map of Lucidchart, Smaply or any BPMN tool into TOML for the program file.

    What has no place in a program is counted, and what had to be guessed is told.
    """
    from cxm_core.program import write_toml  # noqa: PLC0415  (not for help)

    content = _read(Path(path))
    found = _READERS[tool or _guessed(path, content)](content, name)
    text = write_toml(found)
    if out is not None:
        _write(Path(out), text)
    shown = {"toml": text, "left_out": dict(found.left_out), "assumed": dict(found.assumed)}
    emit(shown, one_line(out) if out is not None else text.rstrip("\n"), as_json=as_json)
    for what, count in found.left_out.items():
        say(f"Left out: {one_line(what)}, {count:,}.")
    for what, taken in found.assumed.items():
        say(f"Assumed: {one_line(what)} is {taken}.")


@map_app.command("export")
def export_map(
    name: Annotated[str, typer.Argument(help="A journey or blueprint.", metavar="NAME")],
    *,
    out: Annotated[str, typer.Option("--out", "-o", help="Such as map.svg, map.mmd or map.bpmn.")],
    form: Annotated[
        Form | None, typer.Option("--as", help="By default what the file's name ends with.")
    ] = None,
    program: ProgramOption = PROGRAM,
    as_json: AsJson = False,
) -> None:
    """Write a journey or blueprint of the program as BPMN, Mermaid or SVG."""
    known = _loaded(program)
    drawing = _named(known, name)
    chosen = form or _ENDINGS.get(Path(out).suffix.lower())
    if chosen is None:
        raise UsageError(
            f"{out!r} does not end with the name of a form.", hint="--as bpmn, mermaid or svg"
        )
    _write(Path(out), _written(known, drawing, chosen))
    emit({"file": out}, one_line(out), as_json=as_json)


@map_app.command("check")
def check_map(
    name: Annotated[str, typer.Argument(help="A journey or blueprint.", metavar="NAME")],
    *,
    program: ProgramOption = PROGRAM,
    window: Window = None,
    where: Where = None,
    fail_under: FailUnder = None,
    as_json: AsJson = False,
) -> None:
    """Hold a journey or blueprint against what customers did.

    It tells what nobody declared, where nobody goes, which ways back nobody drew, and how much of
    what happens is on the map. --fail-under is about that coverage.
    """
    with opened(program, read_only=True) as workspace:
        found = workspace.check_map(name, window=window, where=read_where(where or ()))
    emit(found.to_dict(), "\n".join([*_told(found), "", found.summary()]), as_json=as_json)
    if fail_under is not None and not is_reached(found["coverage"].value, fail_under):
        say(f"The coverage of {one_line(name)} does not reach {fail_under:g}.")
        raise typer.Exit(GATE_FAILED)


def _told(found: Panel) -> Iterator[str]:
    """What a person would draw otherwise, in three lines."""
    met = found["declared"]
    nowhere = [str(name) for name in met.groups if not met[name].value]
    for words, names in (
        ("Nobody goes there", nowhere),
        ("Nobody declared it", _names(found, "undeclared")),
        ("Nobody drew the way back", _names(found, "loops")),
    ):
        yield one_line(f"{words}: {', '.join(names) or 'nothing'}.")


def _names(found: Panel, part: str) -> list[str]:
    return [str(name) for name in found[part].groups] if part in found else []


def _loaded(program: str) -> Program:
    from cxm_core.program import Program  # noqa: PLC0415

    return Program.load(program)


def _named(program: Program, name: str) -> Journey | Blueprint:
    journeys = {one.name: one for one in program.journeys}
    blueprints = {one.name for one in program.blueprints}
    if name in blueprints:
        return program.blueprint(name)
    if name not in journeys:
        near = did_you_mean(name, [*journeys, *blueprints])
        raise UsageError(f"The program has no journey or blueprint {name!r}.", hint=near)
    return journeys[name]


def _written(program: Program, drawing: Journey | Blueprint, form: Form) -> str:
    from cxm_core.program import Blueprint, write_bpmn, write_mermaid  # noqa: PLC0415
    from cxm_core.report import BlueprintMap, JourneyMap  # noqa: PLC0415

    if form is Form.MERMAID:
        return write_mermaid(drawing, program.touchpoints)
    if isinstance(drawing, Blueprint):
        is_bpmn = form is Form.BPMN
        return write_bpmn(drawing) if is_bpmn else BlueprintMap(blueprint=drawing).svg()
    if form is Form.BPMN:
        raise UsageError("A journey is no process.", hint="BPMN is for blueprints; --as svg")
    return JourneyMap(journey=drawing, touchpoints=program.touchpoints).svg()


def _bpmn(content: bytes, name: str | None) -> MapImport:
    from cxm_core.program import read_bpmn  # noqa: PLC0415

    return read_bpmn(content, name=name)


def _lucidchart(content: bytes, name: str | None) -> MapImport:
    from cxm_core.program import read_lucidchart  # noqa: PLC0415

    return read_lucidchart(content, name=name)


def _smaply(content: bytes, name: str | None) -> MapImport:
    from cxm_core.program import read_smaply  # noqa: PLC0415

    return read_smaply(content, name=name)


_READERS: Mapping[Tool, Callable[[bytes, str | None], MapImport]] = {
    Tool.BPMN: _bpmn,
    Tool.LUCIDCHART: _lucidchart,
    Tool.SMAPLY: _smaply,
}


def _guessed(path: str, content: bytes) -> Tool:
    """Tool that a file looks like: XML is BPMN, shape data have columns for lines."""
    head = content[:4096].replace(b"\0", b"")
    is_xml = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n").startswith(b"<")
    if is_xml or Path(path).suffix.lower() in {".bpmn", ".xml"}:
        return Tool.BPMN
    return Tool.LUCIDCHART if b"Line Source" in head else Tool.SMAPLY


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{str(path)!r} has more than {_MOST_BYTES:,} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error.strerror}.") from error


def _write(path: Path, text: str) -> None:
    from cxm_core.report import write_file  # noqa: PLC0415

    if path.exists():
        raise UsageError(f"{str(path)!r} is there already.", hint="choose another --out")
    write_file(path, text.encode())
