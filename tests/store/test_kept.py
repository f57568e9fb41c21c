"""What a store in memory holds, and how each thing moves in it, on paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cxm_core.records import Deletion, Note, Problem, Reason, Record
from cxm_core.results import SyncReceipt
from cxm_core.store import Counts, Origin, QuarantineEntry, SourceEntry, quarantine_entry
from cxm_core.store._batches import stored_rows
from cxm_core.store._kept import Kept, Tombstone
from cxm_core.store._selection import Row

DAY = datetime(2026, 11, 1, tzinfo=UTC)
NEXT = DAY + timedelta(1)


def note(native_id: str, text: str = "a") -> Note:
    """Small record without a stamp."""
    return Note(native_id=native_id, occurred_at=DAY, text=text)


def rows(*records: Record, source: str = "acme:eu", now: datetime = DAY) -> list[Row]:
    """Rows of records."""
    return [row.cells for row in stored_rows(records, source=source, now=now)]


def entry(words: str, source: str, record_id: str | None = None) -> QuarantineEntry:
    """Row that was set aside."""
    origin = Origin(kind="note", source=source, stream="s", name="n")
    problem = Problem(Reason.BAD_ROW, None, "It cannot be read.")
    return quarantine_entry(origin, problem, {"w": words}, record_id=record_id, now=DAY)


def texts(kept: Kept, as_of: datetime | None = None) -> list[object]:
    """Texts of the notes."""
    return sorted(str(row["text"]) for row in kept.rows("note", as_of))


def receipt(source: str) -> SyncReceipt:
    """Receipt of a sync."""
    return SyncReceipt(source=source, stream="s", started_at=DAY, ended_at=DAY)


class TestMerging:
    def test_a_tie_of_stamps(self) -> None:
        """What is served last stands where the source serves in order; else the content decides."""
        stamped = [rows(note("1", text).model_copy(update={"recorded_at": DAY})) for text in "ab"]
        stamped.sort(key=lambda page: str(page[0]["content_hash"]), reverse=True)
        for in_order, applied in ((True, 1), (False, 0)):
            kept = Kept()
            kept.merge("note", stamped[0], now=DAY)
            assert kept.merge("note", stamped[1], now=NEXT, in_order=in_order).applied == applied
        assert kept.merge("note", stamped[1], now=NEXT).stale == 1

    def test_a_version_after_another(self) -> None:
        """The new version stands, the old one is history until the new one was known."""
        kept = Kept()
        assert kept.merge("note", rows(note("1")), now=DAY) == Counts(applied=1, new=1)
        assert kept.merge("note", rows(note("1", "b"), now=NEXT), now=NEXT) == Counts(applied=1)
        (old,) = kept.history["note"]
        assert (old["text"], old["known_at"], old["superseded_at"]) == ("a", DAY, NEXT)
        assert [row["text"] for row in kept.current["note"].values()] == ["b"]

    def test_a_clock_that_fell_back(self) -> None:
        """The last word of a source without stamps stands, and the past has one version."""
        kept = Kept()
        kept.merge("note", rows(note("1"), now=NEXT), now=NEXT)
        assert kept.merge("note", rows(note("1", "b")), now=DAY) == Counts(applied=1)
        assert [texts(kept, at) for at in (DAY, NEXT, None)] == [[], ["b"], ["b"]]

    def test_the_past_is_half_open(self) -> None:
        """A version is known from its first moment on, and no more at its last."""
        kept = Kept()
        kept.merge("note", rows(note("1")), now=DAY)
        kept.merge("note", rows(note("1", "b"), now=NEXT), now=NEXT)
        moment = timedelta(microseconds=1)
        asked = (DAY - moment, DAY, NEXT - moment, NEXT, None)
        assert [texts(kept, at) for at in asked] == [[], ["a"], ["a"], ["b"], ["b"]]

    def test_a_deletion_and_a_return(self) -> None:
        """A deletion leaves a tombstone of its kind, and a return takes that away."""
        kept = Kept()
        kept.merge("note", rows(note("1"), note("2")), now=DAY)
        gone = rows(Deletion(kind="note", native_id="1"), now=NEXT)
        assert kept.merge("note", gone, now=NEXT) == Counts(applied=1, deleted=1)
        (identity,) = kept.tombstones
        assert kept.tombstones == {identity: Tombstone("note", gone[0])}
        assert (len(kept.current["note"]), len(kept.history["note"])) == (1, 1)
        assert kept.merge("note", gone, now=NEXT) == Counts(duplicate=1)
        back = rows(note("1", "b"), now=NEXT + timedelta(1))
        assert kept.merge("note", back, now=NEXT + timedelta(1)) == Counts(applied=1)
        assert kept.tombstones == {}
        assert texts(kept, NEXT) == ["a"]
        assert texts(kept) == ["a", "b"]

    def test_a_record_clears_its_bad_row(self) -> None:
        """What was set aside of a record is forgotten when the record is applied, and only then."""
        kept, (row,) = Kept(), rows(note("1"))
        for one in (entry("a", "acme:eu", str(row["record_id"])), entry("b", "acme:eu")):
            kept.quarantine[one.entry_id] = one
        kept.merge("note", rows(note("2")), now=DAY)
        assert len(kept.quarantine) == 2
        kept.merge("note", [row], now=DAY)
        assert [one.raw for one in kept.quarantine.values()] == ['{"w": "b"}']


class TestCopies:
    def test_a_copy_goes_its_own_way(self) -> None:
        """Whatever changes in a copy, the first stays as it was; and nothing is left behind."""
        kept, one = Kept(), entry("a", "acme:eu")
        kept.merge("note", rows(note("1"), note("2")), now=DAY)
        kept.merge("note", rows(note("1", "b"), now=NEXT), now=NEXT)
        kept.merge("note", rows(Deletion(kind="note", native_id="2"), now=NEXT), now=NEXT)
        kept.quarantine[one.entry_id] = one
        kept.checkpoints["acme:eu", "s"] = "{}"
        kept.receipts.append(receipt("acme:eu"))
        kept.sources["acme:eu"] = SourceEntry(name="acme:eu", account="4711", pinned_at=DAY)
        before, other = contents(kept), kept.copied()
        assert contents(other) == before
        other.merge("note", rows(note("1", "c"), note("2"), now=NEXT), now=NEXT)
        for held in (other.quarantine, other.checkpoints, other.receipts, other.sources):
            held.clear()
        assert contents(kept) == before


def contents(kept: Kept) -> str:
    """Everything that is held, spelled out."""
    return repr(sorted(vars(kept).items()))


class TestRenaming:
    def test_all_that_came_from_a_source_moves(self) -> None:
        """Records, history, tombstones, bad rows, checkpoints, receipts and the entry move."""
        kept = Kept()
        for source in ("old:a", "other:b"):
            kept.merge("note", rows(note("1"), note("2"), source=source), now=DAY)
            later = rows(
                note("1", "b"), Deletion(kind="note", native_id="2"), source=source, now=NEXT
            )
            kept.merge("note", later, now=NEXT)
            one = entry("a", source, str(later[0]["record_id"]))
            kept.quarantine[one.entry_id] = one
            kept.checkpoints[source, "s"] = source
            kept.receipts.append(receipt(source))
            kept.sources[source] = SourceEntry(name=source, account=source, pinned_at=DAY)
        kept.rename("old:a", "new:a")
        assert both(kept.current["note"].values())
        assert both(kept.history["note"])
        assert both(tomb.row for tomb in kept.tombstones.values())
        assert {tomb.kind for tomb in kept.tombstones.values()} == {"note"}
        moved = {one.source: one.record_id for one in kept.quarantine.values()}
        assert moved["new:a"] is None
        assert moved["other:b"] == rows(note("1"), source="other:b")[0]["record_id"]
        assert {name: one.entry_id for name, one in kept.quarantine.items()} == {
            name: name for name in kept.quarantine
        }
        assert kept.checkpoints == {("new:a", "s"): "old:a", ("other:b", "s"): "other:b"}
        assert [one.source for one in kept.receipts] == ["new:a", "other:b"]
        assert {name: one.name for name, one in kept.sources.items()} == {
            "new:a": "new:a",
            "other:b": "other:b",
        }
        assert kept.sources["new:a"].account == "old:a"

    def test_what_has_records(self) -> None:
        """A source has records as long as one stands, is history, or left a tombstone."""
        kept = Kept()
        assert not kept.has_records("old:a")
        kept.merge("note", rows(note("1"), source="old:a"), now=DAY)
        assert kept.has_records("old:a")
        assert not kept.has_records("other:b")
        kept.current["note"].clear()
        kept.merge("note", rows(Deletion(kind="note", native_id="1"), source="old:a"), now=DAY)
        assert kept.has_records("old:a")
        kept.tombstones.clear()
        assert not kept.has_records("old:a")
        kept.merge("note", rows(note("1"), source="old:a"), now=DAY)
        kept.merge("note", rows(note("1", "b"), source="old:a", now=NEXT), now=NEXT)
        kept.current["note"].clear()
        assert kept.has_records("old:a")

    def test_what_comes_next_is_known(self) -> None:
        """The renamed source's records, and its deletions, are recognised by their new ids."""
        kept = Kept()
        batch = (note("1"), Deletion(kind="note", native_id="2"))
        kept.merge("note", rows(*batch, source="old:a"), now=DAY)
        kept.sources["old:a"] = SourceEntry(name="old:a", account=None, pinned_at=DAY)
        kept.rename("old:a", "new:a")
        again = rows(*batch, source="new:a", now=NEXT)
        assert kept.merge("note", again, now=NEXT) == Counts(duplicate=2)
        assert list(kept.current["note"]) == [again[0]["record_id"]]
        assert list(kept.tombstones) == [again[1]["record_id"]]


def both(found: Iterable[Row]) -> bool:
    """Whether rows are of the renamed source and of the other, each under its own id."""
    held = [(str(row["source"]), str(row["native_id"]), row["record_id"]) for row in found]
    wanted = [
        (source, native_id, rows(note(native_id), source=source)[0]["record_id"])
        for source, native_id, _ in held
    ]
    return {source for source, *_ in held} == {"new:a", "other:b"} and held == wanted
