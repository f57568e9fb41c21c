"""A look at what a source holds: what vanished is gone, and a list that was cut takes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from cxm_core.errors import RetryableError, UsageError
from cxm_core.plugins import StreamInfo
from cxm_core.program import Program
from cxm_core.records import Note, Response, Score
from cxm_core.store import Store
from cxm_core.sync import pull, reconcile
from cxm_core.sync._reconcile import MOST_GONE, SEVERAL
from cxm_core.workspace import Workspace
from sync.scripted import Clock, Scripted

SOURCE = "scripted:office"
AT = datetime(2026, 11, 20, tzinfo=UTC)


class Listing(Scripted):
    """A source that can list what it holds."""

    def holds(self, ids: Iterable[str] | None, *, error: Exception | None = None) -> Listing:
        """Hold these from now on."""
        self.ids, self.error = ids, error
        return self

    def native_ids(self, kind: str) -> Iterable[str] | None:
        """List them, or fail as told."""
        assert kind == "note"
        if self.error:
            raise self.error
        return self.ids


class Answers(Scripted):
    """A source of answers that holds the first one only."""

    def streams(self) -> tuple[StreamInfo, ...]:
        """Its one stream."""
        return (StreamInfo(name="answers", kinds=("response",)),)

    def native_ids(self, kind: str) -> Iterable[str] | None:
        """The one that is left."""
        assert kind == "response"
        return ["1"]


Served = Callable[..., Listing]


def note(own: int, text: str = "Cold", *, at: datetime | None = AT) -> Note:
    """A note with the source's own stamp."""
    return Note(native_id=str(own), occurred_at=AT, recorded_at=at, text=text)


@pytest.fixture
def served(store: Store, clock: Clock) -> Served:
    """Pull these notes, and give their source."""

    def run(*notes: Note) -> Listing:
        connector = Listing({"notes": lambda _: iter(notes)})
        pull(store, connector, source=SOURCE, clock=clock)
        return connector

    return run


def kept(store: Store) -> list[str]:
    """Own ids of the notes that are kept."""
    return sorted(record.native_id for record in store.records("note"))


def test_order_09_a_record_that_vanished(store: Store, clock: Clock, served: Served) -> None:
    """What the source holds no more is taken away; a look at the past still has it."""
    connector = served(note(1), note(2), note(3)).holds(["1", "3", "4"])
    before = clock()
    receipt = reconcile(store, connector, source=SOURCE, clock=clock)
    assert (receipt.deleted, receipt.verdict, receipt.balances) == (1, "complete", True)
    assert kept(store) == ["1", "3"]
    assert len(list(store.records("note", as_of=before))) == 3
    assert reconcile(store, connector, source=SOURCE, clock=clock).served == 0


def test_order_09_metrics_leave_it_out(store: Store, clock: Clock) -> None:
    """What vanished counts no more; the figure of before is still told as of then."""
    answers = [
        Response(native_id=own, occurred_at=AT, question="q", score=Score(score, "0-10"))
        for own, score in (("1", 10), ("2", 0))
    ]
    connector = Answers({"answers": lambda _: iter(answers)})
    pull(store, connector, source=SOURCE, clock=clock)
    before = clock()
    reconcile(store, connector, source=SOURCE, clock=clock)
    metric = {"name": "nps", "engine": "nps", "question": "q"}
    program = Program(name="Office", zone="UTC", metrics=[metric])
    with Workspace(program, store=store, clock=clock) as ws:
        now, then = ws.measure("nps"), ws.measure("nps", as_of=before)
    assert (now.value, now.n) == (100.0, 1)
    assert (then.value, then.n) == (0.0, 2)


def test_what_changes_later_comes_back(store: Store, clock: Clock, served: Served) -> None:
    """The version that was taken away stays so; a newer one of the source brings it back."""
    reconcile(store, served(note(1), note(2)).holds(["2"]), source=SOURCE, clock=clock)
    served(note(1))
    assert kept(store) == ["2"]
    served(note(1, "Warm", at=AT + timedelta(seconds=1)))
    assert kept(store) == ["1", "2"]


def test_without_stamps(store: Store, clock: Clock, served: Served) -> None:
    """A source that stamps nothing says its last word when it serves the record again."""
    reconcile(store, served(note(1, at=None)).holds([]), source=SOURCE, clock=clock)
    assert kept(store) == []
    served(note(1, at=None))
    assert kept(store) == ["1"]


def test_other_sources_stay(store: Store, clock: Clock, served: Served) -> None:
    """Only records of the source itself are taken away."""
    pull(store, Scripted({"notes": lambda _: iter([note(9)])}, account="b"),
         source="scripted:other", clock=clock)  # fmt: skip
    reconcile(store, served(note(1)).holds([]), source=SOURCE, clock=clock)
    assert kept(store) == ["9"]


def test_a_list_that_was_cut(store: Store, clock: Clock, served: Served) -> None:
    """A list that lacks more than half of many takes nothing away, and is told."""
    ids = [str(number) for number in range(SEVERAL)]
    half = ids[: round(SEVERAL * MOST_GONE) - 1]
    connector = served(*map(note, range(SEVERAL))).holds(half)
    receipt = reconcile(store, connector, source=SOURCE, clock=clock)
    assert (receipt.deleted, receipt.verdict) == (0, "partial")
    assert f"lacks 11 of {SEVERAL}" in receipt.reason
    assert len(kept(store)) == SEVERAL
    connector.holds(ids[: SEVERAL // 2])
    assert reconcile(store, connector, source=SOURCE, clock=clock).deleted == SEVERAL // 2


def test_a_list_that_could_not_be_read(store: Store, clock: Clock, served: Served) -> None:
    """A list that broke off tells nothing."""
    connector = served(note(1)).holds(None, error=RetryableError("The office is closed."))
    receipt = reconcile(store, connector, source=SOURCE, clock=clock)
    assert (receipt.verdict, receipt.reason[:14]) == ("partial", "RetryableError")
    assert kept(store) == ["1"]


def test_a_kind_that_cannot_be_listed(store: Store, clock: Clock, served: Served) -> None:
    """A kind that nobody can list is left as it is, and the receipt says so."""
    receipt = reconcile(store, served(note(1)).holds(None), source=SOURCE, clock=clock)
    assert "cannot be listed" in receipt.note
    assert kept(store) == ["1"]


def test_a_connector_that_cannot_list(store: Store, clock: Clock) -> None:
    """A connector without the face is refused."""
    with pytest.raises(UsageError, match="cannot list"):
        reconcile(store, Scripted({}), source=SOURCE, clock=clock)
