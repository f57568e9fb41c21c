"""Commands about connectors: list them, check their sources, begin a new one."""

from __future__ import annotations

from typing import Annotated

import typer

from ._checks import emit_reports
from ._options import PROGRAM, AsJson, ProgramOption, opened, refuse_options
from ._output import emit, grid, say
from ._printable import one_line

__all__ = ["connectors_app"]

connectors_app = typer.Typer(invoke_without_command=True)


@connectors_app.callback()
def connectors(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the connectors that are installed.

    A broken one is listed with the reason; it never keeps the others back.
    """
    if not refuse_options(context, as_json):
        list_them(as_json=as_json)


@connectors_app.command("list", short_help="List the connectors that are installed.")
def list_them(*, as_json: AsJson = False) -> None:
    """List the connectors that are installed."""
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


@connectors_app.command("check", short_help="Ask sources which streams may be read.")
def check(
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
    """Ask sources whether they answer, which of their streams may be read, and what is missing.

    Nothing is pulled and nothing is kept.
    """
    with opened(program, store="memory:") as workspace:
        emit_reports(workspace.check(sources or None), as_json=as_json)


@connectors_app.command("new", short_help="Write the package of a new connector.")
def new(
    name: Annotated[str, typer.Argument(help="Its name, such as acme.", metavar="NAME")],
    *,
    out: Annotated[
        str,
        typer.Option("--out", "-o", help="Where its folder is made.", metavar="FOLDER"),
    ] = ".",
    as_json: AsJson = False,
) -> None:
    """Write a package with a new connector, ready to be tested.

    It has a connector that works, its entry point, a recorded conversation, a test and a README.
    """
    from cxm_core.workspace import new_connector  # noqa: PLC0415  (not for help)

    paths = [str(path) for path in new_connector(name, folder=out)]
    emit({"files": paths}, "\n".join(map(one_line, paths)), as_json=as_json)
    say('In its folder, install it with: pip install -e ".[test]" and test it with: pytest')
