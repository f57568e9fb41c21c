"""Ids that come with a fraction of zeros where they had none, or without it where they had one.

A program that takes a column of ids for numbers writes 17.0 for 17 as soon as one of them is
missing. As a text that is another id, so every record would be there twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cxm_core.errors import SchemaChanged

from ._driver import run
from ._kept import Kept
from ._schema import history_of, table_of
from ._sql import quote_text, stored_instant
from .tables import Stamps

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FLAG = "native_id: known with and without '.0'"
_FRACTION = r"([0-9])\.0($|[^0-9.])"
_FRACTIONS = re.compile(_FRACTION)


def without_fraction(native_id: str) -> str:
    """The id as it would be written if its numbers were whole."""
    return _FRACTIONS.sub(r"\1\2", native_id)


def twins(con: DuckDBPyConnection, kinds: Iterable[str], stamps: Stamps) -> Counter[str]:
    """Flag of records that a load brought under the id of others, but for a fraction of zeros."""
    source, now = stamps.source, stored_instant(stamps.known_at)
    found: Counter[str] = Counter()
    for kind in kinds:
        names = {"table": table_of(kind), "history": history_of(kind)}
        if run(con, _HAS_FRACTION.format(**names), source=source)[0][0]:
            new, again = run(con, _TWINS.format(**names), source=source, now=now)[0]
            found.update(_judged(kind, new, again))
    return found


def twins_kept(kept: Kept, kinds: Iterable[str], stamps: Stamps) -> Counter[str]:
    """What `twins` says, of a store in memory."""
    found: Counter[str] = Counter()
    for kind in kinds:
        superseded = {row["record_id"] for row in kept.history[kind]}
        old, new = set[str](), set[str]()
        for row in kept.current[kind].values():
            if row["source"] == stamps.source:
                is_new = row["known_at"] == stamps.known_at and row["record_id"] not in superseded
                (new if is_new else old).add(str(row["native_id"]))
        short = {without_fraction(one) for one in old}
        again = sum(one not in old and _is_twin(one, old, short) for one in new)
        found.update(_judged(kind, len(new), again))
    return found


def _is_twin(native_id: str, old: set[str], short: set[str]) -> bool:
    return native_id in short or without_fraction(native_id) in old


def _judged(kind: str, new: int, again: int) -> dict[str, int]:
    """Count of twins; where most that is new is one, the ids are written in another way."""
    if 2 * again > new:
        raise SchemaChanged(
            f"{again} of {new} new records of kind {kind!r} have the id of a known one, "
            "but for '.0'; nothing of them was kept.",
            hint="write the ids as whole numbers or as texts, as they were; pandas makes floats "
            "of them where one is missing, and dtype='Int64' keeps them",
        )
    return {FLAG: again} if again else {}


_HAS_FRACTION = """
SELECT EXISTS(FROM {table} WHERE source = $source AND contains(native_id, '.0'))
"""
_TWINS = f"""
WITH ids AS (
    SELECT native_id, known_at = $now AND record_id NOT IN (SELECT record_id FROM {{history}})
        AS is_new,
        regexp_replace(native_id, {quote_text(_FRACTION)}, '\\1\\2', 'g') AS short
    FROM {{table}} WHERE source = $source
), pairs AS (
    SELECT a.is_new, a.native_id AS long, a.short
    FROM ids AS a JOIN ids AS b ON b.native_id = a.short
    WHERE a.native_id <> a.short AND a.is_new <> b.is_new
)
SELECT (SELECT count(*) FROM ids WHERE is_new),
    (SELECT count(DISTINCT CASE WHEN is_new THEN long ELSE short END) FROM pairs)
"""
