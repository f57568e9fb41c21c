"""A request to end, by Ctrl-C or by the system: what is open is rolled back and closed first."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["ending"]

INTERRUPTED: Final = 130
TERMINATED: Final = 143
TOLD: Final = "Ended on request; what was committed stands, and the next sync goes on from there.\n"


@contextmanager
def ending() -> Iterator[None]:
    """Let SIGTERM unwind the block as Ctrl-C does, and end both with their exit code."""
    seen: list[int] = []

    def terminate(_number: int, _frame: FrameType | None) -> NoReturn:
        seen.append(TERMINATED)
        raise KeyboardInterrupt

    is_main = current_thread() is main_thread()
    before = signal.signal(signal.SIGTERM, terminate) if is_main else None
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        sys.stderr.write(TOLD)
        raise SystemExit(seen[0] if seen else INTERRUPTED) from None
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)
