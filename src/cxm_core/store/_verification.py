"""Reading everything that a store holds, and saying what is wrong; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cxm_core.errors import StoreDamaged
from cxm_core.records import Plain, record_id
from cxm_core.results import SyncReceipt

from ._driver import run
from ._hashes import content_sql, identity_sql
from ._kept import Kept
from ._reports import Finding, Verification
from ._schema import STORED_KINDS, described, history_of, table_of, tables
from ._session import Session
from ._sql import name_list, quote_ident, quote_text
from .journal import JournalBatch, read_journal

_REBUILD = "cxm store rebuild"


class Law(NamedTuple):
    """What must hold of a table, as a query that counts where it does not."""

    table: str
    problem: str
    sql: str
    is_damage: bool = True


def verify_file(session: Session) -> Verification:
    """Read every row of every table and the journal, and compare what must fit."""
    findings: list[Finding] = []
    rows = {name: _read(session, name, columns, findings) for name, columns in _all_tables()}
    unreadable = {name for name, count in rows.items() if count is None}
    for law in laws():
        if law.table not in unreadable:
            findings.extend(_broken(session, law))
    if not unreadable & {"cxm_receipt"}:
        findings.extend(_receipts(session))
    batches = _journal(session.path, findings)
    return Verification(
        tables=len(rows),
        rows=sum(count or 0 for count in rows.values()),
        batches=batches,
        findings=tuple(findings),
    )


def flaws_of(kept: Kept) -> Iterator[Finding]:
    """What is wrong with a store in memory."""
    for kind, rows in kept.current.items():
        wrong = sum(
            name != row["record_id"] or name != record_id(kind, *_origin(row))
            for name, row in rows.items()
        )
        if wrong:
            yield _of_table(kind, f"{wrong:,} rows have a key that is not theirs.")
        both = len(rows.keys() & kept.tombstones.keys())
        if both:
            yield _of_table(kind, f"{both:,} records are there, and deleted as well.")


def _origin(row: Mapping[str, Plain]) -> tuple[str, str]:
    return str(row["source"]), str(row["native_id"])


def _of_table(name: str, problem: str) -> Finding:
    return Finding(part=f"table {name}", problem=problem, cure=_REBUILD)


def _all_tables() -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "cxm_meta", {"key": "VARCHAR", "value": "VARCHAR"}
    yield from tables()


def _read(
    session: Session, name: str, columns: Mapping[str, str], findings: list[Finding]
) -> int | None:
    """Read every cell of a table; how many rows it has, or None where it cannot be read."""
    # A sum over all cells leaves no block out, and every block carries a checksum.
    sql = f"SELECT count(*), bit_xor(hash({name_list(columns)})) FROM {quote_ident(name)}"
    try:
        with session.cursor() as cursor:
            is_there = run(cursor, _IS_THERE, name=name)[0][0]
            if is_there:
                return int(run(cursor, sql)[0][0])
            problem = "It is not there."
    except StoreDamaged:
        problem = "It cannot be read to its end."
    findings.append(_of_table(name, problem))
    return None


_IS_THERE = "SELECT count(*) > 0 FROM duckdb_tables() WHERE NOT internal AND table_name = $name"


def _broken(session: Session, law: Law) -> Iterator[Finding]:
    try:
        with session.cursor() as cursor:
            count = int(run(cursor, law.sql)[0][0])
    except StoreDamaged:
        # A table that the law looks at beside its own is told of by itself.
        return
    if count:
        problem = law.problem.format(count=f"{count:,}")
        cure = _REBUILD if law.is_damage else "nothing is lost; set the clock right"
        yield Finding(
            part=f"table {law.table}", problem=problem, cure=cure, is_damage=law.is_damage
        )


def laws() -> Iterator[Law]:
    """Everything that must hold of the tables."""
    for kind in STORED_KINDS:
        yield from _laws_of(kind)
    yield Law("cxm_tombstone", "{count} records are deleted twice.", _twice("cxm_tombstone"))
    yield Law("cxm_quarantine", "{count} rows have a wrong id.", _WRONG_ENTRY)
    yield Law(
        "cxm_quarantine",
        "{count} rows are set aside twice.",
        _twice("cxm_quarantine", "entry_id"),
    )
    yield Law(
        "cxm_checkpoint",
        "{count} streams have two checkpoints.",
        _twice("cxm_checkpoint", "source, stream"),
    )
    yield Law("cxm_source", "{count} sources are known twice.", _twice("cxm_source", "name"))
    yield Law("cxm_receipt", "{count} numbers stand twice.", _twice("cxm_receipt", "number"))


def _laws_of(kind: str) -> Iterator[Law]:
    current, history = table_of(kind), history_of(kind)
    known = f"(SELECT record_id FROM cxm_tombstone WHERE kind = {quote_text(kind)})"
    yield Law(kind, "{count} records have two current versions.", _twice(current))
    yield Law(
        kind,
        "{count} records are there, and deleted as well.",
        f"SELECT count(*) FROM {current} WHERE is_deleted OR record_id IN {known}",
    )
    for name, table in ((kind, current), (kind + "_history", history)):
        yield Law(name, "{count} rows have a key that is not theirs.", _wrong_keys(kind, table))
    yield Law(
        kind + "_history",
        "{count} versions ended before they began, by a clock that went back.",
        f"SELECT count(*) FROM {history} WHERE superseded_at < known_at",
        is_damage=False,
    )


def _twice(table: str, key: str = "record_id") -> str:
    return f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1)"


def _wrong_keys(kind: str, table: str) -> str:
    return f"""SELECT count(*) FROM {table}
        WHERE record_id IS DISTINCT FROM {identity_sql(kind)}
        OR content_hash IS DISTINCT FROM {content_sql(described(kind).fields)}"""


_WRONG_ENTRY = """
SELECT count(*) FROM cxm_quarantine
WHERE entry_id IS DISTINCT FROM left(sha256(source || chr(31) || fingerprint), 32)
"""


def _receipts(session: Session) -> Iterator[Finding]:
    with session.cursor() as cursor:
        texts = [text for (text,) in run(cursor, "SELECT receipt FROM cxm_receipt")]
    wrong = sum(not _is_receipt(text) for text in texts)
    if wrong:
        yield Finding(
            part="table cxm_receipt",
            problem=f"{wrong:,} of {len(texts):,} receipts cannot be read, or do not balance.",
            cure=_REBUILD,
        )


def _is_receipt(text: str) -> bool:
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        return SyncReceipt.from_dict(json.loads(text)).balances
    return False


def _journal(path: Path, findings: list[Finding]) -> int:
    """Read the journal; how many batches of it are whole."""
    batches = 0
    for piece in read_journal(path):
        if isinstance(piece, JournalBatch):
            batches += 1
        else:
            findings.append(
                Finding(
                    part="journal",
                    problem=str(piece),
                    cure=_JOURNAL_CURES[piece.reason],
                    is_damage=piece.reason in {"damaged", "broken", "missing"},
                )
            )
    return batches


_JOURNAL_CURES = {
    "unfinished": "nothing to do",
    "newer": "upgrade cxm",
    "damaged": "back the store up: it may hold what the journal has lost",
    "broken": "back the store up: it may hold what the journal has lost",
    "missing": "back the store up: it may hold what the journal has lost",
}
