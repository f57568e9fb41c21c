"""What a failed command says, and the exit code that it ends with."""

from __future__ import annotations

from typing import Final

from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    MissingExtraError,
    SourceError,
    UsageError,
)

from ._printable import printable

__all__ = ["GATE_FAILED", "INCOMPLETE", "exit_code", "explain"]

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
