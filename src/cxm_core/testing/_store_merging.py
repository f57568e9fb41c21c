"""What becomes of records that come into a store."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import Deletion, Record, to_row
from cxm_core.store import Store

from ._records import records as drawn_records
from ._store_kit import (
    REUSED,
    SOURCE,
    START,
    StoreTests,
    TestClock,
    contents,
    note,
    response,
    texts,
)

_NUMBERS = count(1)


class MergeTests(StoreTests):
    """What becomes of records that come in."""

    def test_a_record_comes_back_as_it_went_in(self, store: Store, clock: TestClock) -> None:
        """A record that is read is the one that was written, with source and moment filled in."""
        written = response("1", 9, verbatim="Good", customer=[("email", "a@b.c")], weight=0.25)
        assert self.apply(store, written) == {"applied": 1}
        assert list(store.records("response")) == [written.stamped(source=SOURCE, known_at=clock())]

    def test_an_own_source_is_kept(self, store: Store) -> None:
        """A record that names its source keeps it."""
        self.apply(store, note("1").stamped(source="other:us"), note("1"))
        assert {one.source for one in store.records("note")} == {SOURCE, "other:us"}

    @pytest.mark.parametrize("kind", ["customer", "response", "order", "rating_summary", "change"])
    @REUSED
    @given(data=st.data())
    def test_any_record_comes_back(self, store: Store, kind: str, data: st.DataObject) -> None:
        """Every value that a record may hold survives the store."""
        drawn = data.draw(drawn_records(kind))
        stamp = START + timedelta(seconds=next(_NUMBERS))
        written = drawn.model_copy(
            update={"is_deleted": False, "recorded_at": stamp, "known_at": stamp}
        )
        self.apply(store, written)
        known = {one.record_id: one for one in store.records(kind)}
        expected = written if written.source else written.stamped(source=SOURCE)
        assert known[expected.record_id] == expected
        assert to_row(known[expected.record_id]) == to_row(expected)

    def test_a_record_twice_is_a_duplicate(self, store: Store, clock: TestClock) -> None:
        """What is known already changes nothing, in one batch or in the next."""
        assert self.apply(store, note("1"), note("1"), note("1")) == {"applied": 1, "duplicate": 2}
        before = contents(store)
        clock.tick()
        assert self.apply(store, note("1")) == {"duplicate": 1}
        assert contents(store) == before

    def test_a_newer_version_takes_the_place(self, store: Store, clock: TestClock) -> None:
        """The newest version stands; the one before is what was known then."""
        first, second = (note("1", t, recorded_at=START + timedelta(n)) for n, t in enumerate("ab"))
        self.apply(store, first)
        then = clock()
        clock.tick()
        assert self.apply(store, second) == {"applied": 1}
        assert texts(store) == ["b"]
        assert texts(store, as_of=then) == ["a"]
        assert list(store.records("note", as_of=then - timedelta(1))) == []
        assert store.count("note") == 1

    def test_an_older_version_is_stale(self, store: Store, clock: TestClock) -> None:
        """What arrives late and is older than what is known changes nothing."""
        self.apply(store, note("1", "b", recorded_at=START))
        before = contents(store)
        clock.tick()
        late = note("1", "a", recorded_at=START - timedelta(1))
        assert self.apply(store, late, late) == {"stale": 1, "duplicate": 1}
        assert contents(store) == before

    def test_without_a_stamp_the_later_is_newer(self, store: Store, clock: TestClock) -> None:
        """A source that stamps nothing is taken at its last word."""
        for text in ("a", "b", "a"):
            assert self.apply(store, note("1", text)) == {"applied": 1}
            clock.tick()

    def test_a_tie_has_one_outcome(self, store: Store) -> None:
        """Two versions with one stamp end alike, whichever came first."""
        pair = [note("1", text, recorded_at=START) for text in "ab"]
        # What a record says, and so which of two wins, has nothing to do with its source.
        other = [one.stamped(source="acme:us") for one in reversed(pair)]
        for one in (*pair, *other):
            self.apply(store, one)
        assert store.count("note") == 2
        assert len(set(texts(store))) == 1

    @REUSED
    @given(data=st.data())
    def test_order_and_batches_do_not_matter(self, store: Store, data: st.DataObject) -> None:
        """Stamped versions and deletions end alike in any order and any cut into batches."""
        versions = st.tuples(
            st.integers(0, 2), st.integers(0, 3), st.sampled_from(["a", "b", None])
        )
        found = data.draw(st.lists(versions, min_size=1, max_size=8))
        number, ends = next(_NUMBERS), []
        for way in ("one", "other"):
            source = f"{way}:{number}"
            order = data.draw(st.permutations(found))
            cut = data.draw(st.integers(0, len(order)))
            for batch in (order[:cut], order[cut:]):
                self.apply(store, *(_version(*one).stamped(source=source) for one in batch))
            rows = contents(store, "note", where={"source": source})
            ends.append(sorted((str(row["native_id"]), str(row["text"])) for row in rows))
        assert ends[0] == ends[1]

    def test_the_newest_of_a_batch_stands_for_it(self, store: Store) -> None:
        """Of several versions in one batch one is applied, and every other is counted."""
        batch = [note("1", text, recorded_at=START + timedelta(n)) for n, text in enumerate("abc")]
        counts = self.apply(store, batch[1], batch[2], batch[0], batch[0])
        assert counts == {"applied": 1, "stale": 2, "duplicate": 1}
        assert texts(store) == ["c"]

    def test_a_known_version_in_a_batch_is_a_duplicate(self, store: Store) -> None:
        """A batch that repeats the version before the new one repeats it, and is not late."""
        old, new = (note("1", t, recorded_at=START + timedelta(n)) for n, t in enumerate("ab"))
        self.apply(store, old)
        assert self.apply(store, new, old) == {"applied": 1, "duplicate": 1}

    def test_a_deletion_takes_a_record_away(self, store: Store, clock: TestClock) -> None:
        """A deleted record is gone from now on, and was there before."""
        self.apply(store, note("1"), note("2"))
        then = clock()
        clock.tick()
        gone = Deletion(kind="note", native_id="1", recorded_at=clock())
        assert self.apply(store, gone) == {"applied": 1, "deleted": 1}
        assert [one.native_id for one in store.records("note")] == ["2"]
        assert len(list(store.records("note", as_of=then))) == 2
        assert self.apply(store, gone) == {"duplicate": 1}

    def test_a_tombstone_keeps_older_versions_out(self, store: Store) -> None:
        """What a deletion took away does not come back with an older version, only a newer."""
        self.apply(store, Deletion(kind="note", native_id="1", recorded_at=START))
        assert self.apply(store, note("1", recorded_at=START - timedelta(1))) == {"stale": 1}
        assert store.count("note") == 0
        assert self.apply(store, note("1", recorded_at=START + timedelta(1))) == {"applied": 1}
        assert self.apply(store, note("1", recorded_at=START - timedelta(1))) == {"stale": 1}
        assert store.count("note") == 1

    def test_a_record_that_says_it_is_deleted_is(self, store: Store) -> None:
        """A last version with `is_deleted` takes the record away as a deletion does."""
        self.apply(store, note("1", recorded_at=START))
        last = note("1", is_deleted=True, recorded_at=START + timedelta(1))
        assert self.apply(store, last) == {"applied": 1, "deleted": 1}
        assert store.count("note") == 0

    def test_a_deletion_names_one_kind(self, store: Store) -> None:
        """Records of other kinds and sources with the same id stay."""
        self.apply(store, note("1"), response("1", 9), note("1").stamped(source="other:us"))
        self.apply(store, Deletion(kind="note", native_id="1", recorded_at=START + timedelta(1)))
        assert (store.count("note"), store.count("response")) == (1, 1)


def _version(record: int, day: int, text: str | None) -> Record:
    native_id, at = str(record), START + timedelta(day)
    if text is None:
        return Deletion(kind="note", native_id=native_id, recorded_at=at)
    return note(native_id, text, recorded_at=at)
