"""The `cxm` command: thin over the workspace.

Exit codes: 0 done, 1 unexpected or a store that cannot be used, 2 wrong usage, 3 finished but
incomplete, 4 a missing extra or wrong configuration, 5 a gate failed, 130 interrupted,
143 terminated.
"""

from __future__ import annotations

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

from cxm_core.errors import CxmError, MissingExtraError

from ._failures import exit_code, explain, of_system
from ._signals import ending
from ._streams import forget_output, tell

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]


def main() -> None:
    """Run the command line; ends the process with a documented exit code."""
    _let_output_pass()
    try:
        with ending():
            _command()(prog_name="cxm")
    except CxmError as error:
        _end(error)
    except OSError as error:
        forget_output()
        _end(of_system(error))


def _end(error: CxmError) -> NoReturn:
    tell(explain(error))
    raise SystemExit(exit_code(error)) from None


def _let_output_pass() -> None:
    # A letter that the terminal's encoding lacks is no reason to fail.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _command() -> Callable[..., object]:
    # typer and rich are an extra; without them the command says how to get them.
    try:
        module = import_module("._app", __name__)
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        raise MissingExtraError.of("cli", "The cxm command") from error
    return module.app  # type: ignore[no-any-return]  # import_module knows no types
