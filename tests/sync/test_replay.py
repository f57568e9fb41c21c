"""Rows that were set aside, read once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxm_core.errors import FatalError, UsageError
from cxm_core.records import Note, Problem, Reason, Record
from cxm_core.store import Store, open_store
from cxm_core.sync import pull, replay
from sync.scripted import Clock, Scripted, note, rejected

SOURCE = "scripted:office"


class Mended(Scripted):
    """A connector that reads every row but those with the number 3."""

    def reread(
        self, kind: str, row: Mapping[str, object], *, position: str
    ) -> Iterable[Record | Problem]:
        """Serve a note beside another one that was never set aside."""
        assert (kind, position) == ("note", "notes")
        number = int(str(row["id"]))
        if number == 3:
            return [Problem(Reason.BAD_ROW, None, "Still bad.")]
        return [note(number), note(100 + number)]


def connector(*numbers: int) -> Mended:
    """Connector that serves bad rows of these numbers."""
    return Mended({"notes": lambda _: iter([rejected(number) for number in numbers])})


def test_mended_rows_are_released(store: Store, clock: Clock) -> None:
    """P6: what is sound by now is kept and released, the rest stays; nothing else is kept."""
    made = connector(1, 2, 3)
    pull(store, made, source=SOURCE, clock=clock)
    receipt = replay(store, made, source=SOURCE, clock=clock)
    assert (receipt.served, receipt.applied, receipt.quarantined) == (3, 2, 1)
    assert receipt.balances
    assert receipt.reasons == {"out_of_range": 1}
    assert sorted(record.native_id for record in store.records("note")) == ["1", "2"]
    (entry,) = store.quarantined(source=SOURCE)
    assert entry.row == {"id": "3", "words": "canary"}


def test_second_replay_changes_nothing(store: Store, clock: Clock) -> None:
    """P6: a replay of what stays finds nothing more to do."""
    made = connector(1, 3)
    pull(store, made, source=SOURCE, clock=clock)
    replay(store, made, source=SOURCE, clock=clock)
    receipt = replay(store, made, source=SOURCE, clock=clock)
    assert (receipt.served, receipt.applied, receipt.quarantined) == (1, 0, 1)


def test_other_sources_are_left_alone(store: Store, clock: Clock) -> None:
    """Only the rows of the source are read."""
    made = connector(1)
    pull(store, made, source=SOURCE, clock=clock)
    assert replay(store, made, source="scripted:home", clock=clock).served == 0
    assert len(store.quarantined()) == 1


def test_connector_that_cannot(store: Store, clock: Clock) -> None:
    """A connector without this face is told by its name."""
    with pytest.raises(UsageError, match="'scripted' cannot read a row again"):
        replay(store, Scripted({}), source=SOURCE, clock=clock)


def test_connector_that_fails(store: Store, clock: Clock) -> None:
    """A fault of the connector is named, and nothing is released."""

    class Broken(Mended):
        def reread(
            self, kind: str, row: Mapping[str, object], *, position: str
        ) -> Iterable[Record | Problem]:
            raise KeyError(row["words"])

    made = Broken(connector(1).scripts)
    pull(store, made, source=SOURCE, clock=clock)
    with pytest.raises(FatalError, match="KeyError") as caught:
        replay(store, made, source=SOURCE, clock=clock)
    assert "canary" not in str(caught.value)
    assert len(store.quarantined()) == 1


class Crash(BaseException):
    """The process is gone."""


class CrashAt:
    """Ends the process at one fault point."""

    def __init__(self, point: str) -> None:
        self.point = point

    def reach(self, point: str) -> None:
        """Crash at the point."""
        if point == self.point:
            raise Crash


@pytest.mark.parametrize(
    "point", ["store.merge.before_insert", "store.before_release", "store.before_commit"]
)
def test_crash(tmp_path: Path, clock: Clock, point: str) -> None:
    """P6: after a crash in a replay every row is set aside or kept, never both or neither."""
    path = str(tmp_path / "cxm.duckdb")
    store = open_store(path, clock=clock)
    made = connector(1, 2)
    pull(store, made, source=SOURCE, clock=clock)
    store.close()
    store = open_store(path, clock=clock, faults=CrashAt(point))
    with pytest.raises(Crash):
        replay(store, made, source=SOURCE, clock=clock)
    store.close()
    store = open_store(path, clock=clock)
    assert (store.count("note"), len(store.quarantined())) == (0, 2)
    assert replay(store, made, source=SOURCE, clock=clock).applied == 2
    assert (store.count("note"), len(store.quarantined())) == (2, 0)
    store.close()


def test_row_without_id(store: Store, clock: Clock) -> None:
    """A row of which not even the id could be read is kept once all it serves is sound."""
    at = datetime(2026, 11, 5, tzinfo=UTC)

    class OneNote(Scripted):
        def reread(
            self, kind: str, row: Mapping[str, object], *, position: str
        ) -> Iterable[Record | Problem]:
            return [Note(native_id=str(row["id"]), occurred_at=at, text="Cold")]

    bad = rejected(5)
    without = type(bad)(kind=bad.kind, raw=bad.raw, problem=bad.problem)
    made = OneNote({"notes": lambda _: iter([without])})
    pull(store, made, source=SOURCE, clock=clock)
    assert replay(store, made, source=SOURCE, clock=clock).applied == 1
    assert store.quarantined() == ()
