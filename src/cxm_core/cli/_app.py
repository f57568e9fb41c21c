"""The command line's one door: what there is to type."""

from __future__ import annotations

from typing import Annotated

import typer

from . import _connectors, _data, _doctor, _map, _numbers, _quarantine, _setup, _store, _work

__all__ = ["app"]

app = typer.Typer(
    name="cxm",
    no_args_is_help=True,
    # Locals in a traceback would show customers' words.
    pretty_exceptions_enable=False,
    # Plain help: the same in a pipe, in a log and to a screen reader.
    rich_markup_mode=None,
    help="Customer experience, from every source to one honest report.",
    epilog=(
        "Exit codes: 0 done, 1 unexpected or a store that cannot be used, 2 wrong usage, "
        "3 finished but incomplete, 4 a missing extra or wrong configuration, 5 a gate failed, "
        "130 interrupted, 143 terminated."
    ),
)


def _version(value: bool) -> None:  # noqa: FBT001  (typer calls it with one flag)
    if value:
        from importlib.metadata import version  # noqa: PLC0415  (only for this flag)

        typer.echo(f"cxm {version('cxm')}")
        raise typer.Exit


@app.callback()
def _cxm(
    *,
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("init", short_help="Write a program file to begin with.")(_setup.init)
app.command("check", short_help="Look whether program and sources are sound.")(_setup.check)
app.command("sync")(_data.sync)
app.command("status", short_help="Tell how each stream stands.")(_data.status)
app.command("measure")(_numbers.measure)
app.command("report", short_help="Write the report from what is in the store.")(_work.report)
app.command("run")(_work.run)
app.command("demo", short_help="Do all that on a made-up company that ships with cxm.")(_work.demo)
app.command("doctor", short_help="Look at everything, and say what is wrong.")(_doctor.doctor)
app.add_typer(
    _store.store_app,
    name="store",
    short_help="Verify, compact, rebuild, export or shorten the store.",
    help="Keep the store fit: verify, compact, rebuild, export or shorten it.",
)
app.add_typer(
    _connectors.connectors_app,
    name="connectors",
    short_help="List connectors, check their sources, or begin a new one.",
)
app.add_typer(
    _map.map_app,
    name="map",
    short_help="List maps, hold them against the log, take them in or give them away.",
)
app.add_typer(_data.sources_app, name="sources", short_help="List or rename the store's sources.")
app.add_typer(
    _quarantine.quarantine_app,
    name="quarantine",
    short_help="Count, list or replay rows that were set aside.",
)
