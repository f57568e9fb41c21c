"""Times written as text: which formats there are, and the one instant that a text means.

A format is one regular expression with numbered groups, so that SQL extracts the same parts with
the same pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import product
from typing import NoReturn

from attrs import frozen

from cxm_core.errors import ConfigurationError
from cxm_core.vocabulary import Zone, to_utc

from ._description import Reason

FIRST_YEAR = 1900
LAST_YEAR = 2200
FIRST_INSTANT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(LAST_YEAR, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
FIRST_DATE, LAST_DATE = FIRST_INSTANT.date(), LAST_INSTANT.date()
_FIRST, _LAST = str(FIRST_YEAR), str(LAST_YEAR)

_OFFSET = r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
_FRACTION = r"([0-9]{1,6})[0-9]*"
_ISO = (
    r"(-?[0-9]{4,6})-([0-9]{2})-([0-9]{2})"
    rf"(?:[Tt ]([0-9]{{2}}):([0-9]{{2}})(?::([0-9]{{2}})(?:[.,]{_FRACTION})?)?(?: ?{_OFFSET})?)?"
)
_DIRECTIVES = {
    "Y": "([0-9]{4})",
    "m": "([0-9]{1,2})",
    "d": "([0-9]{1,2})",
    "H": "([0-9]{1,2})",
    "M": "([0-9]{2})",
    "S": "([0-9]{2})",
    "f": _FRACTION,
    "z": _OFFSET,
}
# Ticks since the first moment of 1970, and how many of them a second has.
_EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000}
_EPOCH_PATTERN = r"(-?[0-9]{1,18})(?:\.([0-9]{1,18}))?"
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NEEDS = {"m": "Y", "d": "Y", "Y": "d", "M": "H", "H": "M", "S": "M", "f": "S", "z": "H"}
_TOKEN = re.compile(r"%(.?)|([^%]+)", re.DOTALL)


@frozen(slots=False)
class TimeFormat:
    r"""How a source writes times.

    Attributes
    ----------
    text : str
        `iso`, a text with the directives `%Y %m %d %H %M %S %f %z`, or `epoch_s`, `epoch_ms` or
        `epoch_us` for a number of seconds, milliseconds or microseconds since 1970 (in UTC).
    pattern : str
        Regular expression for the whole text, for Python and RE2, with one group a part.
    parts : tuple of str
        What each group holds: `Y m d H M S f z`, or `n` for such a number and `f` for what stands
        behind its point. A group that is empty means zero; without an
        offset `z` the time is local. More than six digits of a second are cut off.

    Examples
    --------
    >>> TimeFormat.of("%d.%m.%Y").pattern
    '([0-9]{1,2})\\.([0-9]{1,2})\\.([0-9]{4})'
    """

    text: str
    pattern: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> TimeFormat:
        """Format that `text` describes; a `ConfigurationError` if it is none."""
        return _compiled(text)

    @property
    def is_epoch(self) -> bool:
        """Whether times are numbers since 1970, of the unit that the format names."""
        return self.text in _EPOCHS

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled."""
        return re.compile(self.pattern)

    def match(self, text: str) -> Mapping[str, str | None] | None:
        """Return the parts of a text by letter; None if the text is not in this format."""
        match = self.regex.fullmatch(text)
        return dict(zip(self.parts, match.groups(), strict=True)) if match else None


@lru_cache(maxsize=256)
def _compiled(text: str) -> TimeFormat:
    if text == "iso":
        return TimeFormat(text, _ISO, tuple("YmdHMSfz"))
    if text in _EPOCHS:
        return TimeFormat(text, _EPOCH_PATTERN, ("n", "f"))
    tokens = [(match[1], match[2]) for match in _TOKEN.finditer(text)]
    parts = tuple(directive for directive, _ in tokens if directive is not None)
    _check_parts(text, parts)
    return TimeFormat(text, "".join(_patterns(tokens)), parts)


def _check_parts(text: str, parts: tuple[str, ...]) -> None:
    unknown = [part for part in parts if part not in _DIRECTIVES]
    if unknown:
        _refuse(text, f"has %{unknown[0]}, which is not read")
    if len(set(parts)) < len(parts):
        _refuse(text, "has a directive twice")
    if not {"Y", "m", "d"} <= set(parts):
        _refuse(text, "does not say year, month and day")
    lacking = [(part, _NEEDS[part]) for part in parts if _NEEDS[part] not in parts]
    if lacking:
        _refuse(text, "has %{} without %{}".format(*lacking[0]))


def _refuse(text: str, what: str) -> NoReturn:
    known = " ".join("%" + part for part in _DIRECTIVES)
    raise ConfigurationError(
        f"The time format {text!r} {what}.",
        hint=f"'iso', 'epoch_s', 'epoch_ms', 'epoch_us', or a text with {known}",
    )


def _patterns(tokens: list[tuple[str | None, str | None]]) -> Iterator[str]:
    for at, (directive, literal) in enumerate(tokens):
        if directive is None:
            yield re.sub(r"([^0-9A-Za-z ])", r"\\\1", literal or "")
            continue
        neighbours = tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
        pattern = _DIRECTIVES[directive]
        # Two parts without anything between them can only be told apart by their width.
        if any(other is not None and other != "z" for other, _ in neighbours):
            pattern = pattern.replace("{1,2}", "{2}")
        yield pattern


def quick_instant(text: str) -> datetime | None:
    """Instant of the one form that most sources write; None for all else, be it good or bad."""
    if len(text) != 20 or text[4:17:3] != "--T::" or text[19] != "Z":
        return None
    # Later versions of Python read 24:00 as the next day.
    if not _FIRST <= text < _LAST or text[11:13] >= "24":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def parse_instant(text: str, time_format: TimeFormat, zone: Zone | None) -> datetime | Reason:
    """Instant that `text` means, in UTC, or why it means none."""
    parts = time_format.match(text)
    if parts is None:
        return Reason.BAD_DATETIME
    if time_format.is_epoch:
        return _since_epoch(parts["n"] or "", parts["f"] or "", _EPOCHS[time_format.text])
    local = _local(parts)
    return local if isinstance(local, Reason) else _in_utc(local, parts.get("z"), zone)


def _since_epoch(whole: str, fraction: str, ticks_a_second: int) -> datetime | Reason:
    """Instant so many ticks from 1970; what is finer than a microsecond is cut off."""
    size = 1_000_000 // ticks_a_second
    digits = (fraction + "0" * 6)[: len(str(size)) - 1]
    part = int(digits) if digits else 0
    microseconds = int(whole) * size + (-part if whole.startswith("-") else part)
    try:
        return _EPOCH + microseconds * _TICK
    except OverflowError:
        return Reason.OUT_OF_RANGE


def parse_date(text: str, time_format: TimeFormat) -> date | Reason:
    """Day that `text` means, or why it means none; a time of day makes it no day."""
    parts = time_format.match(text)
    if parts is None or time_format.is_epoch or any(parts.get(part) for part in "HMSfz"):
        return Reason.BAD_DATETIME
    local = _local(parts)
    return local if isinstance(local, Reason) else local.date()


def _local(parts: Mapping[str, str | None]) -> datetime | Reason:
    year, month, day, hour, minute, second = (int(parts.get(part) or 0) for part in "YmdHMS")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Reason.OUT_OF_RANGE
    microsecond = int((parts.get("f") or "").ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return Reason.BAD_DATETIME


def _in_utc(local: datetime, offset: str | None, zone: Zone | None) -> datetime | Reason:
    if not offset:
        return Reason.NAIVE_DATETIME if zone is None else to_utc(local, zone)
    minutes = _minutes(offset)
    if minutes is None:
        return Reason.BAD_DATETIME
    return (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)


def _minutes(offset: str) -> int | None:
    if offset in "Zz":
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def _candidates() -> Iterator[str]:
    yield "iso"
    yield "%Y%m%d"
    orders = (("%Y", "%m", "%d"), ("%d", "%m", "%Y"), ("%m", "%d", "%Y"))
    clocks = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
    offsets = ("", "%z", " %z")
    for order, mark, clock, offset in product(orders, "/.-", clocks, offsets):
        if clock or not offset:
            yield mark.join(order) + clock + offset


def guess_time_formats(texts: Iterable[str | None]) -> tuple[str, ...]:
    """All formats in which every text of a column is a time.

    Parameters
    ----------
    texts : iterable of str or None
        A column, or a sample of it; empty texts are left out.

    Returns
    -------
    tuple of str
        Formats for `TimeFormat.of`, ISO first; none if no format reads all of them, or if there
        is nothing to read. More than one is a question that only a person can answer.

    Examples
    --------
    >>> guess_time_formats(["03.04.2026 10:15", "28.04.2026 11:00"])
    ('%d.%m.%Y %H:%M',)
    """
    sample = _sample(texts)
    if not sample:
        return ()
    fits = [
        name for name in _candidates() if all(_reads(TimeFormat.of(name), text) for text in sample)
    ]
    # ISO is the richer reading of what the plain year-month-day format also reads.
    return tuple(fits[:1]) if fits[:1] == ["iso"] else tuple(fits)


def _reads(time_format: TimeFormat, text: str) -> bool:
    reading = parse_instant(text, time_format, UTC)
    return isinstance(reading, datetime)


def ambiguous_date(texts: Iterable[str | None]) -> tuple[str, str] | None:
    """Tell the two readings of a column of dates whose day and month could be exchanged.

    Parameters
    ----------
    texts : iterable of str or None
        A column, or a sample of it; empty texts are left out.

    Returns
    -------
    tuple of two str, or None
        The format with the day first and the one with the month first, where both read every text
        or some are only read by the one and some only by the other. None where one of them alone
        reads every text, or a text is read by neither.

    Examples
    --------
    >>> ambiguous_date(["03/04/2026", "11/12/2026"])
    ('%d/%m/%Y', '%m/%d/%Y')
    >>> ambiguous_date(["03/04/2026", "13/04/2026"])
    """
    sample = _sample(texts)
    for day_first in (name for name in _candidates() if name.startswith("%d")):
        month_first = "%m" + day_first[2] + "%d" + day_first[5:]
        first, second = TimeFormat.of(day_first), TimeFormat.of(month_first)
        readings = [(_reads(first, text), _reads(second, text)) for text in sample]
        if (
            sample
            and all(map(any, readings))
            and len(set(map(all, zip(*readings, strict=True)))) == 1
        ):
            return day_first, month_first
    return None


def _sample(texts: Iterable[str | None]) -> list[str]:
    return sorted({text.strip() for text in texts if text and text.strip()})
