"""Times written as text, as SQL: the same parts, the same calendar, the same zones as in Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cxm_core.records import FIRST_YEAR, LAST_YEAR, Reason, TimeFormat
from cxm_core.store._sql import quote_text
from cxm_core.vocabulary import zone_of

from ._cells import Typed, matches, reason, when

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


class Step(NamedTuple):
    """From this local time on, clocks are so much ahead of UTC."""

    start: datetime
    offset: timedelta


# The most usual form of a time; what it takes is a time to the record as well, if the calendar has
# its day. Years, hours and digits of a second are those of `TimeFormat`, or fewer.
_QUICK = (
    "(?:19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9][T ]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z?"
)


def quick_sql(time_format: TimeFormat, text: str) -> str:
    """SQL: local time of a text in the most usual form, null for all others."""
    if time_format.text != "iso":
        return "NULL::TIMESTAMP"
    # A clock of UTC is what it shows.
    clock = f"TRY_CAST({text} AS TIMESTAMP)"
    return when((matches(text, _QUICK), clock), otherwise="NULL::TIMESTAMP")


def parts_sql(time_format: TimeFormat, text: str, *, quick: str) -> str:
    """SQL: the parts of a time, each a text; all are empty if the text has another format."""
    names = ", ".join(f"'p{place}'" for place in range(len(time_format.parts)))
    pattern = quote_text(f"^(?:{time_format.pattern})$")
    return when((f"{quick} IS NULL", f"regexp_extract({text}, {pattern}, [{names}])"))


class ClockTime:
    """SQL for a time as a clock showed it.

    Parameters
    ----------
    time_format : TimeFormat
        How it is written.
    text : str
        SQL for its text.
    parts : str
        SQL for what `parts_sql` made of the text.
    quick : str
        SQL for what `quick_sql` made of it; it has parts only where that is null.
    """

    def __init__(self, time_format: TimeFormat, text: str, parts: str, *, quick: str) -> None:
        self.text = text
        self.quick = quick
        self.parts = {letter: f"{parts}.p{i}" for i, letter in enumerate(time_format.parts)}
        self.year = f"TRY_CAST({self.parts['Y']} AS INTEGER)"
        self.is_in_range = f"{self.year} BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"

    @property
    def local(self) -> str:
        """SQL: the local time; null if the calendar has no such day, or a day no such hour."""
        year = f"lpad({self.year}::VARCHAR, 4, '0')"
        day = " || '-' || ".join((year, self._padded("m"), self._padded("d")))
        clock = " || ':' || ".join(self._padded(letter) for letter in "HMS")
        fraction = f"rpad({self.parts['f']}, 6, '0')" if "f" in self.parts else "'0'"
        whole = f"TRY_CAST({day} || ' ' || {clock} || '.' || {fraction} AS TIMESTAMP)"
        # DuckDB takes 24:00 for the next day's midnight.
        slow = f"{self.is_in_range} AND {self._padded('H')} < '24'"
        return when((f"{self.quick} IS NOT NULL", self.quick), (slow, whole))

    def _padded(self, letter: str) -> str:
        return f"lpad({self.parts[letter]}, 2, '0')" if letter in self.parts else "'00'"

    def fault(self, local: str) -> str:
        """SQL: why there is no local time, where `local` holds it."""
        return when(
            (f"{self.text} IS NULL OR {local} IS NOT NULL", "NULL"),
            (f"{self.parts['Y']} = ''", reason(Reason.BAD_DATETIME)),
            (f"NOT ({self.is_in_range})", reason(Reason.OUT_OF_RANGE)),
            otherwise=reason(Reason.BAD_DATETIME),
        )

    def day(self, local: str) -> Typed:
        """SQL for the day of a local time; a time of day makes it no day."""
        clock = [self.parts[letter] for letter in "HMSfz" if letter in self.parts]
        is_late = [f"{self.quick} IS NOT NULL", *[f"({' || '.join(clock)}) <> ''"] * bool(clock)]
        has_clock = " OR ".join(is_late)
        return Typed(
            when((has_clock, "NULL"), otherwise=f"{local}::DATE"),
            when((has_clock, reason(Reason.BAD_DATETIME)), otherwise=self.fault(local)),
        )

    def instant(self, local: str, steps: Sequence[Step] | None) -> Typed:
        """SQL for the instant of a local time; `steps` tell the zone of one without an offset."""
        home = at_home(local, steps)
        why = when((f"{local} IS NULL", self.fault(local)), otherwise=home.reason)
        if "z" not in self.parts:
            return Typed(home.value, why)
        has_offset, minutes = f"{self.parts['z']} <> ''", _minutes(self.parts["z"])
        bad_offset = when((f"({minutes}) IS NULL", reason(Reason.BAD_DATETIME)))
        in_utc = f"{self.quick} IS NOT NULL AND ends_with({self.text}, 'Z')"
        return Typed(
            when(
                (in_utc, local),
                (has_offset, f"{local} - to_minutes({minutes})"),
                otherwise=home.value,
            ),
            when(
                (in_utc, "NULL"),
                (f"{has_offset} AND {local} IS NOT NULL", bad_offset),
                otherwise=why,
            ),
        )


def at_home(local: str, steps: Sequence[Step] | None) -> Typed:
    """SQL for the instant of a local time without an offset, by the clocks of its zone."""
    if steps is None:
        naive = when((f"{local} IS NOT NULL", reason(Reason.NAIVE_DATETIME)))
        return Typed("NULL::TIMESTAMP", naive)
    return Typed(_stepped(local, list(steps)), "NULL")


def _minutes(offset: str) -> str:
    """SQL: minutes of an offset such as +01:30; null if it is none that a clock can have."""
    digits = f"rpad(replace(substr({offset}, 2), ':', ''), 4, '0')"
    hours, minutes = (f"TRY_CAST({side}({digits}, 2) AS INTEGER)" for side in ("left", "right"))
    sign = when((f"left({offset}, 1) = '-'", "-1"), otherwise="1")
    return when(
        (f"{offset} IN ('Z', 'z')", "0"),
        (f"{hours} < 24 AND {minutes} < 60", f"{sign} * ({hours} * 60 + {minutes})"),
    )


def offset_steps(zone: str, first: datetime | None, last: datetime | None) -> list[Step]:
    """Offsets of a zone's clocks for all local times from `first` to `last`, if there are any.

    Python's rule and Python's zones: DuckDB has its own, of another year, and in 2026 they differ
    for Vancouver, Edmonton, Winnipeg and a dozen others.
    """
    if first is None or last is None:
        return [Step(datetime.min, timedelta(0))]
    years = range(first.year, last.year + 1)
    steps = [step for year in years for step in _steps_of(zone, year)]
    return [steps[0], *(b for a, b in pairwise(steps) if a.offset != b.offset)]


@lru_cache(maxsize=4096)
def _steps_of(zone: str, year: int) -> tuple[Step, ...]:
    """Offset at the beginning of a year, and each one that follows in it."""
    place, start = zone_of(zone), datetime(year, 1, 1)
    days = [start + _DAY * n for n in range(367)]
    offsets = [_offset(place, day) for day in days]
    changes = [
        Step(_first_with(place, offset, days[n], days[n + 1]), offset)
        for n, (before, offset) in enumerate(pairwise(offsets))
        if offset != before
    ]
    return Step(start, offsets[0]), *(step for step in changes if step.start.year == year)


def _offset(place: tzinfo, local: datetime) -> timedelta:
    """Offset by the rule of `to_utc`: of two readings the later, which is the lesser offset."""
    readings = (local.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1))
    return min(reading or timedelta(0) for reading in readings)


def _first_with(place: tzinfo, offset: timedelta, before: datetime, after: datetime) -> datetime:
    while after - before > _TICK:
        middle = before + (after - before) / 2
        if _offset(place, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def _stepped(local: str, steps: list[Step]) -> str:
    """SQL: a local time in UTC; the steps are a tree, so a century of them costs ten looks."""
    if len(steps) == 1:
        return f"{local} - to_microseconds({steps[0].offset // _TICK})"
    half = len(steps) // 2
    border = f"TIMESTAMP '{steps[half].start:%Y-%m-%d %H:%M:%S.%f}'"
    return when(
        (f"{local} < {border}", _stepped(local, steps[:half])),
        otherwise=_stepped(local, steps[half:]),
    )
