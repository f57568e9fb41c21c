"""Asking only for what changed: from which instant, and how that is said to the source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from attrs import field, frozen

from cxm_core.errors import ConfigurationError
from cxm_core.records import parse_text
from cxm_core.vocabulary import Zone

from ._paging import dig

Format = Literal["iso", "epoch", "epoch_ms", "date"]

_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FINEST = {"epoch_ms": timedelta(milliseconds=1), "date": timedelta(days=1)}
_SECOND = timedelta(seconds=1)


def duration(text: str) -> timedelta:
    """Length of time behind a text such as ``"10m"``.

    Examples
    --------
    >>> from cxm_connectors.toolkit._since import duration
    >>> duration("90s").total_seconds()
    90.0
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(
            f"{text[:20]!a} is no length of time.", hint="a number and s, m, h, d or w, as in '10m'"
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@frozen(kw_only=True)
class Since:
    """A stream that can be asked for what changed since an instant.

    The next sync asks from the highest stamp that was served, or from the moment the last sync
    began if that is earlier, less a look-back for rows that a source shows late.

    Parameters
    ----------
    param : str
        Parameter that carries the instant; an empty text for none, where a method of the connector
        writes the body.
    stamp : str
        Dotted path, in a row, of the source's own stamp of its last change.
    lookback : str
        How much earlier to ask, such as ``"10m"``; a user may set another.
    format : {"iso", "epoch", "epoch_ms", "date"}
        How the parameter is written; rounded down to its unit, so that nothing is left out.
    until_param : str or None
        Parameter for the end of the window, not included.
    is_inclusive : bool
        Whether the source serves rows of exactly that instant; otherwise one unit less is asked.
    earliest : datetime or None
        Asked at the first sync, where the source wants an instant in any case.
    stamp_format : {"iso", "epoch", "epoch_ms"}
        How a stamp that is a number is to be read; a text is ISO 8601.
    zone : str or None
        Where the clock hangs that wrote a stamp without an offset; without it such a stamp counts
        as unreadable.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_connectors.toolkit import Since
    >>> since = Since(param="updated_since", stamp="updated_at", lookback="10m")
    >>> since.told(datetime(2026, 11, 5, 9, 30, 15, 123, UTC))
    '2026-11-05T09:30:15Z'
    """

    param: str
    stamp: str
    lookback: str = "0s"
    format: Format = "iso"
    until_param: str | None = None
    is_inclusive: bool = True
    earliest: datetime | None = None
    stamp_format: Literal["iso", "epoch", "epoch_ms"] = "iso"
    zone: Zone | None = None
    margin: timedelta = field(init=False)

    @margin.default
    def _margin(self) -> timedelta:
        return duration(self.lookback)

    def told(self, at: datetime) -> str:
        """Text of an instant as the source wants it, rounded down to its unit."""
        asked = at if self.is_inclusive else at - _FINEST.get(self.format, _SECOND)
        return written(asked, self.format)

    def told_end(self, at: datetime) -> str:
        """Text of an end that is not included, rounded up to its unit."""
        unit = _FINEST.get(self.format, _SECOND)
        text = written(at, self.format)
        return (
            text
            if written(at - timedelta(microseconds=1), self.format) != text
            else written(at + unit, self.format)
        )

    def read(self, value: object) -> datetime | None:
        """Instant of a stamp; None where it cannot be read for certain."""
        if isinstance(value, str):
            return self._of_text(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return _of_number(value, self.stamp_format)

    def _of_text(self, text: str) -> datetime | None:
        if self.stamp_format != "iso" and text.isdecimal():
            return _of_number(int(text), self.stamp_format)
        found = parse_text("instant", text, zone=self.zone)
        return found if isinstance(found, datetime) else None

    def newest(self, rows: Sequence[Mapping[str, Any]]) -> tuple[datetime | None, int]:
        """Newest stamp of some rows, and how many stamps cannot be read."""
        stamps = self.stamps(rows)
        if _is_sortable(stamps):
            newest = self.read(max(stamps))
            if newest is not None and self.read(min(stamps)) is not None:
                return newest, 0
        read = [self.read(stamp) for stamp in stamps]
        good = [at for at in read if at is not None]
        return max(good, default=None), len(read) - len(good)

    def stamps(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Stamps of some rows as they were served."""
        if "." in self.stamp:
            return [dig(row, self.stamp) for row in rows]
        return [row.get(self.stamp) for row in rows]


def written(at: datetime, form: Format) -> str:
    """Text of an instant, rounded down to the unit of its form."""
    at = at.astimezone(UTC)
    if form == "date":
        return f"{at:%Y-%m-%d}"
    if form == "iso":
        return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    unit = timedelta(milliseconds=1) if form == "epoch_ms" else _SECOND
    return str((at - datetime(1970, 1, 1, tzinfo=UTC)) // unit)


def _of_number(value: float, form: str) -> datetime | None:
    if form == "iso":
        return None  # seconds or milliseconds: never guessed
    try:
        return datetime.fromtimestamp(value / 1_000 if form == "epoch_ms" else value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _is_sortable(stamps: Sequence[Any]) -> bool:
    """Whether the order of the stamps is the order of their texts: one form, one zone."""
    shapes = {(len(one), one[-1:], one[4:5]) for one in stamps if type(one) is str}
    return len(shapes) == 1 and all(type(one) is str for one in stamps) and _is_utc(shapes)


def _is_utc(shapes: set[tuple[int, str, str]]) -> bool:
    return all(end == "Z" and dash == "-" for _, end, dash in shapes)
