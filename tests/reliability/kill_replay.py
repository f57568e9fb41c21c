"""A store with rows that were set aside, and a connector that can read them by now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from pydantic import BaseModel

from cxm_core.plugins import Info
from cxm_core.records import Note, Problem, Reason, Record, record_id
from cxm_core.store import Origin, quarantine_entry
from cxm_core.sync import replay
from reliability.kill import KillAt
from reliability.kill_stand import START, Commits, attempt_clock, opened
from sync.scripted import Scripted

Tell = Callable[..., None]
SOURCE, KINDS = "scripted:office", ("note",)
WHERE = (SOURCE, "quarantine", KINDS)


class Mended(Scripted):
    """A connector that reads every row but each tenth."""

    info = Info(name="scripted", version="2", config=BaseModel)

    def reread(
        self, kind: str, row: Mapping[str, object], *, position: str
    ) -> Iterable[Record | Problem]:
        """Serve the row's note."""
        number = int(str(row["id"]))
        if number % 10 == 0:
            return [Problem(Reason.BAD_ROW, None, "Still bad.")]
        at = START + timedelta(seconds=number)
        return [Note(native_id=str(number), occurred_at=at, recorded_at=at, text="Cold")]


def prepare(tell: Tell, *, path: str, rows: int) -> None:
    """Make a store with so many rows set aside."""
    origin = Origin(kind="note", source=SOURCE, stream="notes", name="notes")
    problem = Problem(Reason.OUT_OF_RANGE, "occurred_at", "The year is 3026.")
    with opened(path, tell) as store, store.transaction() as transaction:
        transaction.quarantine(
            quarantine_entry(
                origin,
                problem,
                {"id": str(number)},
                record_id=record_id("note", SOURCE, str(number)),
                now=START,
            )
            for number in range(rows)
        )


def work(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    rows: int,
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Replay all of them: position 0 is before, 1 is after."""
    faults = KillAt.of(fault, tell)
    commits = Commits(tell, path, WHERE, in_full=in_full)
    with opened(path, tell, faults=faults) as store:
        before = len(store.quarantined())
        commits.told(store, int(before < rows))
        replay(store, Mended({}), source=SOURCE, clock=attempt_clock(attempt))
        commits.told(store, 1)
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str, rows: int) -> None:
    """At the end every row is a note or set aside, never both and never neither."""
    with opened(path, tell) as store:
        kept = {int(one.native_id) for one in store.records("note")}
        aside = {int(str((one.row or {})["id"])) for one in store.quarantined()}
    assert aside == set(range(0, rows, 10))
    assert kept == set(range(rows)) - aside
    tell(truth=len(kept))
