"""Standard output and standard error, which may be full, closed, or read by nobody any more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from cxm_core.errors import CxmError

__all__ = ["forget_output", "standard_output", "tell"]


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output to write to; one that takes nothing is an error with a cure."""
    if sys.stdout is None:
        raise CxmError(
            "Standard output is closed, so what was found is not printed.",
            hint="send it to a file, or to /dev/null",
        )
    try:
        yield sys.stdout
    except BrokenPipeError:
        # The reader has gone, as in `cxm sources | head -1`; the exit code still tells the rest.
        forget_output()
    except OSError as error:
        forget_output()
        raise CxmError(
            f"Standard output cannot be written: {error.strerror}.",
            hint="make room there, or send it elsewhere",
        ) from error


def forget_output() -> None:
    """Let what still waits to be printed go nowhere, or Python tries it again at its end."""
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Write to standard error; where it is closed or full, nobody can be told."""
    with suppress(OSError, AttributeError):
        sys.stderr.write(text)
