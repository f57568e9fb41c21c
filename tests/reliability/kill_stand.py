"""What a store holds, told so briefly that it can be asked after every kill."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxm_core.store import Limits, Store, canonical_lines, open_store
from cxm_core.store._driver import connect_file, run

Tell = Callable[..., None]
START = datetime(2026, 11, 1, tzinfo=UTC)
LIMITS = Limits(memory_limit="1GiB", threads=1)
# Every column of every row counts, in any order of the rows.
_TABLE = """
SELECT count(*), count(DISTINCT ({key})), coalesce(sum(hash(t)::HUGEINT), 0)::VARCHAR
FROM {table} AS t
"""
# When a row was set aside is told by the clock of the sync, which goes on after a kill.
_ASIDE = """
SELECT count(*), count(DISTINCT entry_id),
    coalesce(sum(hash(entry_id, kind, source, reason)::HUGEINT), 0)::VARCHAR
FROM cxm_quarantine
"""
Fingerprint = dict[str, list[Any]]
Where = tuple[str, str, Sequence[str]]


class PositionClock:
    """A clock that stands at what is being written, so that a second try has the same time."""

    def __init__(self) -> None:
        self.position = 0

    def __call__(self) -> datetime:
        """Give the instant of the position."""
        return START + timedelta(minutes=self.position)


def attempt_clock(attempt: int) -> Callable[[], datetime]:
    """Clock of one sync: every attempt has its own receipts."""
    return lambda: START + timedelta(days=100, seconds=attempt)


@contextmanager
def opened(path: str, tell: Tell, **options: Any) -> Iterator[Store]:
    """Open a store and tell the moments before and after."""
    tell(opening=True)
    options = {"clock": lambda: START, "limits": LIMITS} | options
    store = open_store(path, **options)
    tell(opened=True)
    yield store
    store.close()


def fingerprint(path: str, *kinds: str) -> Fingerprint:
    """Rows, rows that differ in their key, and a sum of hashes, of each table of a store."""
    con = connect_file(Path(path), LIMITS, read_only=False)
    try:
        found = {"quarantine": list(run(con, _ASIDE)[0])}
        for kind in kinds:
            found[kind] = list(run(con, _TABLE.format(table=kind, key="t.record_id"))[0])
            history = _TABLE.format(table=kind + "_history", key="t.record_id, t.content_hash")
            found[kind + "_history"] = list(run(con, history)[0])
        tombs = _TABLE.format(table="cxm_tombstone", key="t.kind, t.record_id")
        return found | {"tombstones": list(run(con, tombs)[0])}
    finally:
        con.close()


def stand(tell: Tell, *, path: str, where: Where, is_closed: bool = True) -> None:
    """Open a store as after a crash, and tell all that it holds.

    Where `is_closed` is false the process just ends, so that the log stays for the next to replay.
    """
    with opened(path, tell) as store:
        tell(stand=told(store, path, where))
        if not is_closed:
            os._exit(0)


def told(store: Store, path: str, where: Where) -> dict[str, Any]:
    """All that an open store holds of a stream: its records, its checkpoint, its receipts."""
    source, stream, kinds = where
    receipts = [one for one in store.receipts(source=source) if one.stream == stream]
    return {
        "checkpoint": store.checkpoint(source, stream),
        "applied": sum(one.applied for one in receipts),
        "served": sum(one.served for one in receipts),
        "balances": all(one.balances for one in receipts),
        # A kill costs nothing that was kept: no log is set aside, no transaction is missed.
        "is_whole": not store.opening.set_aside and not store.opening.lost_transactions,
        "holds": fingerprint(path, *kinds),
    }


class Commits:
    """Tells each commit after it was made: that is the acknowledgement.

    Parameters
    ----------
    tell : callable
        To the parent.
    path : str
        Of the store.
    where : tuple
        Source, stream and kinds.
    in_full : bool
        Tell what the store holds after each commit, too.
    """

    def __init__(self, tell: Tell, path: str, where: Where, *, in_full: bool) -> None:
        self._tell, self._path, self._where, self._in_full = tell, path, where, in_full

    def told(self, store: Store, position: int) -> None:
        """Tell that everything up to a position is kept."""
        self._tell(saved=position)
        if self._in_full:
            found = told(store, self._path, self._where)
            self._tell(commit=found | {"position": position})


def export(tell: Tell, *, path: str) -> None:
    """Tell the hash of the canonical export: every current record with every column."""
    digest, lines = sha256(), 0
    with opened(path, tell) as store:
        for line in canonical_lines(store, without=()):
            digest.update(line.encode() + b"\n")
            lines += 1
    tell(export=digest.hexdigest(), lines=lines)


def make(tell: Tell, *, path: str) -> None:
    """Make an empty store."""
    with opened(path, tell):
        pass


def tamper(tell: Tell, *, path: str, sql: str) -> None:
    """Do something to a store's tables that no store does."""
    con = connect_file(Path(path), LIMITS, read_only=False)
    run(con, sql)
    con.close()
    tell(tampered=True)


def just_open(tell: Tell, *, path: str) -> None:
    """Open a store, and end as a killed process does."""
    with opened(path, tell):
        os._exit(0)
