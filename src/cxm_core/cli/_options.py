"""What several commands take: the program, and whether a machine reads the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from cxm_core.errors import UsageError

from ._output import say

if TYPE_CHECKING:
    from cxm_core.workspace import Workspace

__all__ = [
    "NO_SOURCE",
    "PROGRAM",
    "AsJson",
    "FailUnder",
    "ProgramFile",
    "ProgramOption",
    "Where",
    "Window",
    "is_reached",
    "opened",
    "refuse_options",
]

PROGRAM: Final = "cxm.toml"
NO_SOURCE: Final = "The program names no source."

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
ProgramFile = Annotated[str, typer.Argument(help="The program file.", metavar="PROGRAM")]
ProgramOption = Annotated[
    str, typer.Option("--program", "-p", help="The program file.", metavar="FILE")
]

Window = Annotated[
    str | None,
    typer.Option(
        help="Such as 2026-W46, 2026-11, 2026-Q4, 2026 or 'last 28 days'.", metavar="WINDOW"
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="Only such answers; repeated for one field: any of the values; nothing behind the "
        "'=': answers without one.",
        metavar="FIELD=VALUE",
    ),
]
FailUnder = Annotated[
    float | None,
    typer.Option(help="Exit with 5 if a value is under this, or there is none.", metavar="X"),
]


def is_reached(value: float | None, bound: float) -> bool:
    """Whether a figure passes a gate; what is not known to pass does not."""
    return value is not None and value >= bound


def opened(program: str, *, store: str | None = None, read_only: bool = False) -> Workspace:
    """Workspace of a program file; loaded late, so that help and completion come at once."""
    from cxm_core.workspace import Workspace  # noqa: PLC0415

    workspace = Workspace(program, store=store, read_only=read_only)
    if not workspace.opening.is_clean:
        say(str(workspace.opening))
    return workspace


def refuse_options(context: typer.Context, *given: object) -> bool:
    """Whether a command of a group follows; options before it would be lost in silence."""
    if context.invoked_subcommand is None:
        return False
    if any(given):
        raise UsageError(
            f"Options of {context.invoked_subcommand!r} stand behind it.",
            hint=f"{context.command_path} {context.invoked_subcommand} ... --program FILE",
        )
    return True
