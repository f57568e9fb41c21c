"""What the suites of a store stand on: a clock, crashes on demand, small records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cxm_core.records import Note, Plain, Problem, Reason, Record, Response, Score, to_row
from cxm_core.results import SyncReceipt
from cxm_core.store import Faults, Origin, QuarantineEntry, Store, quarantine_entry

START = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = "acme:eu"
# One store serves all examples of a test, so each example names its records for itself.
REUSED = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)


class TestClock:
    """A clock that moves only when it is told to."""

    __test__ = False

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def tick(self, days: float = 1) -> datetime:
        """Move on, and tell the new instant."""
        self.now += timedelta(days=days)
        return self.now


class CrashAt:
    """Faults that crash when the n-th fault point is reached; 0 for never."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.reached: list[str] = []

    def reach(self, point: str) -> None:
        """Take note of the point, and crash when it is the one."""
        self.reached.append(point)
        if len(self.reached) == self.number:
            raise KeyboardInterrupt(point)


def note(native_id: str, text: str = "words", **values: Any) -> Note:
    """Note of one customer."""
    return Note(**{"native_id": native_id, "occurred_at": START, "text": text, **values})


def response(native_id: str, score: int | None, **values: Any) -> Response:
    """Response to one question on the scale from 0 to 10."""
    known = {"native_id": native_id, "occurred_at": START, "question": "nps"}
    scored = None if score is None else Score(score, "0-10")
    return Response(**{**known, "score": scored, **values})


def entry(
    text: str, now: datetime, *, source: str = SOURCE, record_id: str | None = None
) -> QuarantineEntry:
    """Entry of a row that is none."""
    origin = Origin(kind="note", source=source, stream="notes", name="notes.csv")
    problem = Problem(Reason.BAD_ROW, None, "The row cannot be read.")
    return quarantine_entry(
        origin, problem, {"text": text}, position=2, record_id=record_id, now=now
    )


def receipt(number: int, *, is_complete: bool = True) -> SyncReceipt:
    """Receipt of the sync that began on the n-th day."""
    at = START + timedelta(days=number)
    return SyncReceipt(
        source=SOURCE, stream="notes", started_at=at, ended_at=at, is_complete=is_complete
    )


def contents(store: Store, *kinds: str, **asked: Any) -> list[dict[str, Plain]]:
    """Rows of some kinds (of notes, if none is named), in one order."""
    return [
        to_row(record) for kind in kinds or ("note",) for record in store.records(kind, **asked)
    ]


def texts(store: Store, **asked: Any) -> list[Plain]:
    """Texts of the notes."""
    return [row["text"] for row in contents(store, "note", **asked)]


class StoreTests:
    """Tests of a store; a subclass says in `open_at` how one is opened."""

    def open_at(self, folder: Path, clock: TestClock, faults: Faults | None = None) -> Store:
        """Open the store of a folder: an empty one at first, the same one later."""
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> TestClock:
        """Clock of the store."""
        return TestClock()

    @pytest.fixture
    def store(self, tmp_path: Path, clock: TestClock) -> Iterator[Store]:
        """Open an empty store."""
        store = self.open_at(tmp_path, clock)
        yield store
        store.close()

    def apply(self, store: Store, *records: Record) -> Mapping[str, int]:
        """Write records in one transaction; what became of them, without the zeros."""
        with store.transaction() as transaction:
            counts = transaction.apply(records, source=SOURCE)
        named = ("applied", "duplicate", "stale", "deleted")
        assert counts.served == len(records)
        return {name: getattr(counts, name) for name in named if getattr(counts, name)}
