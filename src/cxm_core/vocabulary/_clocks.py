"""Where the present instant comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from cxm_core.errors import UsageError

_HINT = "clock=lambda: datetime.now(UTC)"


def aware_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Clock that refuses to give a time without a zone.

    Parameters
    ----------
    clock : callable
        Gives the present instant.

    Returns
    -------
    callable
        The same, as long as what it gives is aware.

    Raises
    ------
    UsageError
        It cannot be called; or, when it is read, it gives no instant.

    Examples
    --------
    >>> from datetime import UTC
    >>> aware_clock(lambda: datetime(2026, 11, 21, tzinfo=UTC))().year
    2026
    """
    if not callable(clock):
        raise UsageError(f"A clock of the type {type(clock).__name__} cannot be read.", hint=_HINT)

    @wraps(clock)
    def read() -> datetime:
        at: Any = clock()
        if not isinstance(at, datetime) or at.utcoffset() is None:
            raise UsageError("The clock gives a time without a zone, or none.", hint=_HINT)
        return at

    return read
