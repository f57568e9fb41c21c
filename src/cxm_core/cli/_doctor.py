"""The command that looks at everything, and changes nothing."""

from __future__ import annotations

import typer

from ._failures import INCOMPLETE
from ._options import PROGRAM, AsJson, ProgramFile
from ._output import emit

__all__ = ["doctor"]


def doctor(program: ProgramFile = PROGRAM, *, as_json: AsJson = False) -> None:
    """Look at versions, extras, plugins and the store, and say what is wrong and what to do.

    Nothing is changed, pulled or sent.
    """
    from cxm_core.workspace import check_up  # noqa: PLC0415  (not for help)

    seen = check_up(program)
    emit(seen.to_dict(), str(seen), as_json=as_json)
    if seen.problems:
        raise typer.Exit(INCOMPLETE)
