"""Lengths of time in whole microseconds, and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_TICK: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def microseconds(span: timedelta) -> int:
    """Whole microseconds of a length of time."""
    return span // _TICK


def stamp(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return microseconds(at - _EPOCH)


def shown_span(span_us: int) -> str:
    """Length of time in the largest unit of which it is a whole number, such as ``7d``."""
    seconds = span_us / 1_000_000
    unit, size = next((u for u in _UNITS if seconds % u[1] == 0), _UNITS[-1])
    return f"{seconds / size:g}{unit}"
