"""The rule of what becomes of a version, on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cxm_core.records import Plain
from cxm_core.store import Counts
from cxm_core.store._merge import (
    Known,
    Version,
    _counts_of,
    counted,
    known_of,
    outcomes,
    verdict,
    version_of,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = NOW - timedelta(10)
LATER = NOW + timedelta(10)


def row(
    identity: str, day: int | None, name: str, *, is_deleted: bool = False, known_at: datetime = NOW
) -> dict[str, Plain]:
    """Row of a batch, stamped on the n-th day or not at all."""
    return {
        "record_id": identity,
        "content_hash": name,
        "recorded_at": None if day is None else NOW + timedelta(day),
        "known_at": known_at,
        "is_deleted": is_deleted,
    }


def known(
    day: int | None, name: str, *, is_deleted: bool = False, known_at: datetime = BEFORE
) -> Known:
    """Version that stands."""
    return known_of(row("1", day, name, is_deleted=is_deleted, known_at=known_at))


class TestVersion:
    def test_a_stamped_version(self) -> None:
        """A version with a stamp has no place: the order of arrival does not touch it."""
        assert version_of(row("1", 2, "a"), 7) == Version(NOW + timedelta(2), 0, False, "a")

    def test_a_version_without_a_stamp(self) -> None:
        """Without a stamp a version is made when we learnt of it, at its place in the batch."""
        gone = row("1", None, "a", is_deleted=True)
        assert version_of(gone, 7) == Version(NOW, 7, True, "a")
        assert version_of(gone) == Version(NOW, 0, True, "a")

    def test_what_is_known(self) -> None:
        """What stands has no place, and tells whether its source stamped it."""
        assert known(None, "a") == Known(Version(BEFORE, 0, False, "a"), BEFORE)
        assert not known(None, "a").is_stamped
        assert known(2, "a").is_stamped


class TestVerdict:
    @pytest.mark.parametrize(
        ("standing", "expected"),
        [
            (None, "applied"),
            (known(0, "a"), "applied"),
            (known(1, "b"), "duplicate"),
            (known(0, "b"), "duplicate"),
            (known(2, "b"), "duplicate"),
            (known(2, "a"), "stale"),
            (known(1, "a"), "applied"),
            (known(1, "c"), "stale"),
            (known(1, "a", is_deleted=True), "stale"),
            (known(0, "c", is_deleted=True), "applied"),
        ],
    )
    def test_a_stamped_version(self, standing: Known | None, expected: str) -> None:
        """The same content is a duplicate; else the later stamp wins, else the greater hash."""
        assert verdict(row("1", 1, "b"), standing, now=NOW, place=1) == expected

    def test_a_deletion_wins_a_tie(self) -> None:
        """Of one stamp, the version that takes the record away stands, whatever its hash."""
        gone = row("1", 1, "a", is_deleted=True)
        assert verdict(gone, known(1, "b"), now=NOW, place=1) == "applied"
        assert verdict(gone, known(1, "b", is_deleted=True), now=NOW, place=1) == "stale"

    @pytest.mark.parametrize(
        ("standing", "expected"),
        [
            (known(None, "b"), "applied"),
            (known(None, "b", known_at=NOW), "applied"),
            (known(None, "b", known_at=LATER), "applied"),
            (known(None, "a", known_at=LATER), "duplicate"),
            (known(-1, "b"), "applied"),
            (known(1, "b"), "stale"),
            (known(1, "b", known_at=LATER), "stale"),
        ],
    )
    def test_the_last_word(self, standing: Known, expected: str) -> None:
        """What a source without stamps says now stands, even if our clock fell back."""
        assert verdict(row("1", None, "a"), standing, now=NOW, place=1) == expected

    def test_an_old_word(self) -> None:
        """What was learnt before, as from a journal, is compared by when it was learnt."""
        told = row("1", None, "a", known_at=BEFORE)
        assert verdict(told, known(None, "b", known_at=NOW), now=NOW, place=1) == "stale"
        assert verdict(told, known(None, "b", known_at=BEFORE), now=NOW, place=1) == "applied"

    def test_a_stamped_version_after_one_without(self) -> None:
        """A stamp is compared with the moment at which the other was learnt."""
        assert (
            verdict(row("1", -1, "a"), known(None, "b", known_at=NOW), now=NOW, place=1) == "stale"
        )
        assert (
            verdict(row("1", 1, "a"), known(None, "b", known_at=NOW), now=NOW, place=1) == "applied"
        )


class TestServedInOrder:
    """Where a source says that what it serves later is never older."""

    @pytest.mark.parametrize(
        ("standing", "in_order", "otherwise"),
        [
            (known(1, "c"), "applied", "stale"),
            (known(1, "a", is_deleted=True), "applied", "stale"),
            (known(1, "b"), "duplicate", "duplicate"),
            (known(2, "a"), "stale", "stale"),
        ],
    )
    def test_a_tie(self, standing: Known, in_order: str, otherwise: str) -> None:
        """Of two versions with one stamp the one that was served last stands, deleted or not."""
        told = row("1", 1, "b")
        assert verdict(told, standing, now=NOW, place=1, in_order=True) == in_order
        assert verdict(told, standing, now=NOW, place=1) == otherwise

    def test_a_tie_within_a_batch(self) -> None:
        """So it is with those that come together; without that word, the content decides."""
        batch = [row("1", 1, "b"), row("1", 1, "c"), row("1", 1, "a")]
        standing = {"1": known(1, "d")}
        (found,) = outcomes(batch, standing, now=NOW, in_order=True)
        assert (found.row["content_hash"], found.verdict, found.stale) == ("a", "applied", 2)
        (found,) = outcomes(batch, standing, now=NOW)
        assert (found.row["content_hash"], found.verdict, found.stale) == ("c", "stale", 2)


class TestBatch:
    def test_a_batch(self) -> None:
        """Of each record the newest row stands, and every other row is counted once."""
        batch = [row("1", 0, "a"), row("2", 0, "x"), row("1", 2, "c"), row("1", 0, "a")]
        standing = {"1": known(0, "a"), "2": known(1, "y")}
        first, second = outcomes(batch, standing, now=NOW)
        assert (first.row["content_hash"], first.verdict) == ("c", "applied")
        assert (first.duplicate, first.stale) == (2, 0)
        assert (second.row["content_hash"], second.verdict) == ("x", "stale")
        assert (second.duplicate, second.stale) == (0, 0)
        assert counted([first, second]) == Counts(applied=1, duplicate=2, stale=1, repeated=1)

    def test_many_versions_of_one_record(self) -> None:
        """Each content that is not newest is stale once, and its copies are duplicates."""
        batch = [row("1", day, name) for day, name in ((1, "b"), (3, "d"), (1, "b"), (2, "c"))]
        (found,) = outcomes([*batch, batch[1]], {}, now=NOW)
        assert (found.row["content_hash"], found.verdict) == ("d", "applied")
        assert (found.duplicate, found.stale) == (2, 2)
        assert counted([found]) == Counts(applied=1, duplicate=2, stale=2, new=1, repeated=2)

    def test_the_last_of_a_batch_without_stamps(self) -> None:
        """Without stamps the last row of a record is the newest, from the first place on."""
        batch = [row("1", None, "b"), row("1", None, "c"), row("1", None, "a"), row("2", None, "z")]
        first, second = outcomes(batch, {}, now=NOW)
        assert (first.row["content_hash"], first.stale) == ("a", 2)
        assert second.verdict == "applied"
        (found,) = outcomes([row("1", None, "a")], {"1": known(NOW.day - 21, "b")}, now=NOW)
        assert found.verdict == "applied"

    def test_moments_do_not_go_back(self) -> None:
        """What takes the place of a version is learnt of after it, even if our clock fell back."""
        standing = {"1": known(None, "b", known_at=LATER)}
        (found,) = outcomes([row("1", None, "a")], standing, now=NOW)
        assert (found.verdict, found.row["known_at"]) == ("applied", LATER)
        assert found.row["content_hash"] == "a"
        for standing in ({}, {"1": known(None, "b")}):
            (found,) = outcomes([row("1", None, "a")], standing, now=NOW)
            assert found.row["known_at"] == NOW

    def test_deletions_are_applied_and_counted(self) -> None:
        """A row that takes a record away counts as applied, and as deleted."""
        gone = row("1", 0, "a", is_deleted=True)
        assert counted(outcomes([gone], {}, now=NOW)) == Counts(applied=1, deleted=1)
        standing = {"1": known(1, "b")}
        assert counted(outcomes([gone], standing, now=NOW)) == Counts(stale=1)

    def test_each_record_of_a_batch_is_counted(self) -> None:
        """Of several records the new ones and the deleted ones are added up, copies too."""
        rows = [row(name, 0, "a", is_deleted=name < "3") for name in ("1", "2", "3", "4", "5")]
        found = counted(outcomes([*rows, *rows], {}, now=NOW))
        assert found == Counts(applied=5, deleted=2, new=3, duplicate=5, repeated=5)

    def test_counts_of_a_query(self) -> None:
        """Columns of the query are counts, in their order, and none of them is lacking."""
        told = Counts(applied=1, duplicate=2, stale=3, deleted=4, new=5, repeated=6)
        assert _counts_of([1, 2, 3, 4, 5, 6]) == told
        with pytest.raises(ValueError, match="shorter"):
            _counts_of([1, 2, 3, 4, 5])

    def test_counts_add_up(self) -> None:
        """Served is everything; new, changed and deleted are all of the applied."""
        both = Counts(applied=2, deleted=1, stale=1) + Counts(applied=2, duplicate=3, new=1)
        assert both == Counts(applied=4, duplicate=3, stale=1, deleted=1, new=1)
        assert (both.served, both.changed) == (8, 2)
