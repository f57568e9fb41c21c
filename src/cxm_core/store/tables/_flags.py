"""What was kept although something about it is odd, counted for the drift of a load."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cxm_core.records import (
    AHEAD,
    FIRST_YEAR,
    LAST_YEAR,
    REPLACEMENT,
    SKEW,
    Cell,
    RowMapping,
    TimeFormat,
    prose_columns,
    read_level,
    unreadable_flag,
)
from cxm_core.store._driver import run
from cxm_core.store._schema import table_of
from cxm_core.store._sql import quote_ident, quote_text, stored_instant
from cxm_core.vocabulary import zone_of

from ._cells import NO_TEXT, Resolve, cell_text, matches
from ._columns import Stamps
from ._scratch import Scratch

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_WORDS = 20
_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,29}")
_WHOLE_WITH_FRACTION = r"-?[0-9]+\.0"
_OF_LETTERS = ("email", "phone")
_DAY, _HOUR, _STEP = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)


def flagged(con: DuckDBPyConnection, kinds: Iterable[str], stamps: Stamps) -> Counter[str]:
    """Flags of all records of these kinds that a source brought at this moment."""
    source, now = stamps.source, stamps.known_at
    found: Counter[str] = Counter()
    for kind in kinds:
        names = prose_columns(kind)
        odd = [f"contains({quote_ident(name)}, '{REPLACEMENT}')" for name in names]
        odd.append(f"recorded_at > {quote_text(str(stored_instant(now + SKEW)))}::TIMESTAMP")
        counts = ", ".join(f"count(*) FILTER ({one})" for one in odd)
        sql = f"SELECT {counts} FROM {table_of(kind)} WHERE source = $source AND known_at = $now"
        row = run(con, sql, source=source, now=stored_instant(now))[0]
        flags = [*map(unreadable_flag, names), AHEAD]
        found.update({flag: count for flag, count in zip(flags, row, strict=True) if count})
    return found


def oddities(scratch: Scratch, mapping: RowMapping, resolve: Resolve) -> Counter[str]:
    """What is odd about the texts of the view `raw`, though rows are kept that hold it."""
    found = skipped_times(scratch, mapping, resolve) + unknown_words(scratch, mapping, resolve)
    return found + fractions(scratch, mapping, resolve)


def fractions(scratch: Scratch, mapping: RowMapping, resolve: Resolve) -> Counter[str]:
    """How many identifiers of the view `raw` are texts such as 17.0, which is another than 17.

    Of numbers that are no text the fraction is gone by now.
    """
    found: Counter[str] = Counter()
    for kind, cell in mapping.customer:
        text = cell_text(cell, resolve)
        if kind not in _OF_LETTERS and text != NO_TEXT:
            is_one = f"ends_with({text}, '.0') AND {matches(text, _WHOLE_WITH_FRACTION)}"
            count = scratch.run(f"SELECT count(*) FROM raw WHERE {is_one}")[0][0]
            found.update({f"customer: {kind} with '.0'": count} if count else {})
    return found


def skipped_times(scratch: Scratch, mapping: RowMapping, resolve: Resolve) -> Counter[str]:
    """How many times of the view `raw` no clock of their zone ever showed.

    They are kept as the later of their two readings, as `to_utc` tells.
    """
    found: Counter[str] = Counter()
    for name, cell in mapping.cells:
        column = mapping.description.field(name)
        if cell.zone is None or column is None or column.type != "instant":
            continue
        time_format = TimeFormat.of(cell.format or "iso")
        has_clock = "H" in time_format.parts
        count = _count_skipped(scratch, cell, time_format, resolve) if has_clock else 0
        if count:
            found[f"{name}: times that the clocks skipped"] += count
    return found


def unknown_words(scratch: Scratch, mapping: RowMapping, resolve: Resolve) -> Counter[str]:
    """Words of the view `raw` that became `other`, by word while they are few and plain."""
    found: Counter[str] = Counter()
    for name, cell in mapping.cells:
        column = mapping.description.field(name)
        if column is None or "other" not in column.levels:
            continue
        words = _strange_words(scratch, cell_text(cell, resolve), column.levels)
        for code, _ in cell.missing:
            words.pop(code, None)
        plain = {word: count for word, count in words.items() if _PLAIN_WORD.fullmatch(word)}
        if len(plain) < len(words) or len(words) > _MOST_WORDS:
            # A column of names or of free words is somebody's own; only its size is told.
            plain = {}
        told = {f"{name}: {word!r}": count for word, count in plain.items()}
        found.update(told or {f"{name}: unknown words": words.total()} if words else {})
    return found


def _strange_words(scratch: Scratch, text: str, levels: tuple[str, ...]) -> Counter[str]:
    sql = f"SELECT {text} AS word, count(*) FROM raw GROUP BY ALL HAVING word IS NOT NULL"
    words: Counter[str] = Counter()
    for page in scratch.pages(sql):
        for word, count in page:
            if read_level(word, levels) == "other" and word.strip().lower() != "other":
                words[word] += count
    return words


def _count_skipped(scratch: Scratch, cell: Cell, form: TimeFormat, resolve: Resolve) -> int:
    """Rows whose hour may be skipped are few; each of them is looked at."""
    hours = ", ".join(map(quote_text, _skipped_hours(cell.zone or "")))
    if not hours:
        return 0
    text = f"trim({cell_text(cell, resolve)})"
    iso = f"replace(left({text}, 13), ' ', 'T')"
    hour = iso if form.text == "iso" else _hour_of(text, form)
    sql = f"SELECT {text} FROM raw WHERE {hour} IN ({hours})"
    texts = (row[0] for page in scratch.pages(sql) for row in page)
    return sum(_is_skipped(one, form, cell.zone or "") for one in texts)


def _hour_of(text: str, form: TimeFormat) -> str:
    """SQL: the hour of a time, such as ``2025-03-30T02``."""
    names = ", ".join(f"'p{place}'" for place in range(len(form.parts)))
    found = f"regexp_extract({text}, {quote_text(f'^(?:{form.pattern})$')}, [{names}])"
    parts = (f"lpad({found}.p{form.parts.index(part)}, 2, '0')" for part in "mdH")
    month, day, clock = parts
    year = f"{found}.p{form.parts.index('Y')}"
    return f"{year} || '-' || {month} || '-' || {day} || 'T' || {clock}"


def _is_skipped(text: str, form: TimeFormat, zone: str) -> bool:
    parts = form.match(text)
    if parts is None or parts.get("z"):
        return False
    local = datetime(*(int(parts.get(part) or 0) for part in "YmdHMS"))  # type: ignore[arg-type]  # six numbers
    return _has_no_reading(local, zone)


def _has_no_reading(local: datetime, zone: str) -> bool:
    """Whether going to UTC and back gives another clock, with both readings."""
    place = zone_of(zone)
    readings = (local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    return all(at.astimezone(place).replace(tzinfo=None) != local for at in readings)


@lru_cache(maxsize=64)
def _skipped_hours(zone: str) -> tuple[str, ...]:
    """Hours in which the clocks of a zone ever jump forward, such as ``2025-03-30T02``."""
    return tuple(f"{hour:%Y-%m-%dT%H}" for hour in _jumps(zone))


def _jumps(zone: str) -> Iterator[datetime]:
    """Hours that are skipped; no zone jumps there and back within a week."""
    place, start = zone_of(zone), datetime(FIRST_YEAR, 1, 1)
    while start.year <= LAST_YEAR:
        following = start + 7 * _DAY
        before, after = (at.replace(tzinfo=place).utcoffset() for at in (start, following))
        if before is not None and after is not None and after > before:
            hours = (start + _HOUR * n for n in range(7 * 24))
            yield from (hour for hour in hours if _is_touched(hour, zone))
        start = following


def _is_touched(hour: datetime, zone: str) -> bool:
    return any(_has_no_reading(hour + n * _STEP, zone) for n in range(4))
