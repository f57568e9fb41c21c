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
    "ProgramFile",
    "ProgramOption",
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
