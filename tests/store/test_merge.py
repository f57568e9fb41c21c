"""The rule of what becomes of a version, on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cxm_core.records import Plain
from cxm_core.store import Counts
from cxm_core.store._merge import Version, counted, outcomes, verdict

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def version(day: int, name: str) -> Version:
    """Version of the n-th day."""
    return Version(NOW + timedelta(day), name)


def row(identity: str, day: int, name: str, *, is_deleted: bool = False) -> dict[str, Plain]:
    """Row of a batch."""
    return {
        "record_id": identity,
        "content_hash": name,
        "recorded_at": NOW + timedelta(day),
        "known_at": NOW,
        "is_deleted": is_deleted,
    }


class TestByHand:
    """One version against another."""

    @pytest.mark.parametrize(
        ("known", "expected"),
        [
            (None, "applied"),
            (version(0, "a"), "applied"),
            (version(1, "b"), "duplicate"),
            (version(0, "b"), "duplicate"),
            (version(2, "b"), "duplicate"),
            (version(2, "a"), "stale"),
            (version(1, "a"), "applied"),
            (version(1, "c"), "stale"),
        ],
    )
    def test_verdicts(self, known: Version | None, expected: str) -> None:
        """The same content is a duplicate; else the later stamp wins, else the greater hash."""
        assert verdict(version(1, "b"), known) == expected

    def test_a_batch(self) -> None:
        """Of each record the newest row stands, and every other row is counted once."""
        batch = [row("1", 0, "a"), row("1", 2, "c"), row("1", 0, "a"), row("2", 0, "x")]
        known = {"1": version(0, "a"), "2": version(1, "y")}
        first, second = outcomes(batch, known)
        assert (first.row["content_hash"], first.verdict) == ("c", "applied")
        assert (first.duplicate, first.stale) == (2, 0)
        assert (second.verdict, second.duplicate, second.stale) == ("stale", 0, 0)
        assert counted([first, second]) == Counts(applied=1, duplicate=2, stale=1)

    def test_deletions_are_applied_and_counted(self) -> None:
        """A row that takes a record away counts as applied, and as deleted."""
        found = list(outcomes([row("1", 0, "a", is_deleted=True)], {}))
        assert counted(found) == Counts(applied=1, deleted=1)

    def test_counts_add_up(self) -> None:
        """Served is everything, deleted is a part of applied."""
        both = Counts(applied=2, deleted=1, stale=1) + Counts(applied=1, duplicate=3)
        assert both == Counts(applied=3, duplicate=3, stale=1, deleted=1)
        assert both.served == 7
