"""A request to end, by Ctrl-C or by the system: what is open is rolled back and closed first."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ._streams import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["ending"]

INTERRUPTED: Final = 130
TERMINATED: Final = 143
TOLD: Final = "Ended on request; what was committed stands, and the next sync goes on from there.\n"


@contextmanager
def ending() -> Iterator[None]:
    """Let SIGTERM unwind the block as Ctrl-C does, and end both with their exit code."""
    seen: list[int] = []

    def asked(number: int, _frame: FrameType | None) -> NoReturn:
        seen.append(TERMINATED if number == signal.SIGTERM else INTERRUPTED)
        raise KeyboardInterrupt

    before = _listen(asked)
    try:
        yield
    except BaseException as end:
        if not _is_on_request(end, seen):
            raise
        tell(TOLD)
        raise SystemExit(seen[0] if seen else INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(handler: Callable[[int, FrameType | None], NoReturn]) -> dict[int, Any]:
    """Handlers that stood before; only the main thread may have others."""
    if current_thread() is not main_thread():
        return {}
    return {one: signal.signal(one, handler) for one in (signal.SIGTERM, signal.SIGINT)}


def _is_on_request(end: BaseException, seen: list[int]) -> bool:
    """Whether this is how a request to end came out.

    A library that was interrupted may say so by an error of its own.
    """
    if isinstance(end, SystemExit):
        return end.code == INTERRUPTED or (bool(seen) and end.code not in (0, None))
    return bool(seen) or isinstance(end, KeyboardInterrupt)
