"""What a failed command says, and the exit code that it ends with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    MissingExtraError,
    SourceError,
    UsageError,
)

from ._printable import printable

__all__ = ["GATE_FAILED", "INCOMPLETE", "exit_code", "explain", "of_system"]

UNEXPECTED: Final = 1
USAGE: Final = 2
INCOMPLETE: Final = 3
CONFIGURATION: Final = 4
GATE_FAILED: Final = 5

_CODES: Final[tuple[tuple[type[CxmError], int], ...]] = (
    (UsageError, USAGE),
    (ConfigurationError, CONFIGURATION),
    (MissingExtraError, CONFIGURATION),
    (SourceError, INCOMPLETE),
)


def exit_code(error: CxmError) -> int:
    """Exit code that stands for this kind of error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNEXPECTED)


def explain(error: CxmError) -> str:
    """Message and hint as they stand in the terminal."""
    hint = f"\nHint: {error.hint}" if error.hint else ""
    return printable(f"Error: {error.message}{hint}") + "\n"


def of_system(error: OSError) -> CxmError:
    """What the operating system refuses, where nobody nearer to it had better words."""
    what = f"{Path(os.fsdecode(error.filename)).name!r}: " if _names_a_file(error) else ""
    return CxmError(
        f"The operating system refuses: {what}{error.strerror or type(error).__name__}.",
        hint="see that this user may write there, and that the disk has room",
    )


def _names_a_file(error: OSError) -> bool:
    return isinstance(error.filename, str | bytes) and bool(error.filename)
