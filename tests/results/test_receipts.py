"""Receipts of numbers and of syncs."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.results import Receipt, SourceStatus, SyncReceipt, library_version
from cxm_core.vocabulary import Window

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

FULL = Receipt(
    engine="nps",
    method="score",
    confidence_level=0.9,
    definition="relationship",
    version=3,
    definition_hash="abc",
    parameters={"scale": "0-10"},
    filters=[("journey", "onboarding")],
    window=Window(AT, AT.replace(day=22), "2026-11-21"),
    as_of=AT,
    steps=[("rows", 10), ("answered", 8)],
    exclusions={"missing": 2},
    sources=[SourceStatus(source="files:a", stream="rows", is_complete=True, ended_at=AT)],
    program_hash="def",
    seed=7,
)

counts = st.integers(0, 10**9)
names = st.dictionaries(st.text(max_size=8), counts, max_size=4)
sync_receipts = st.builds(
    SyncReceipt,
    source=st.text(min_size=1, max_size=8),
    stream=st.text(min_size=1, max_size=8),
    started_at=st.datetimes(timezones=st.just(UTC)),
    ended_at=st.datetimes(timezones=st.just(UTC)),
    served=counts,
    applied=counts,
    duplicate=counts,
    quarantined=counts,
    reasons=names,
    drift=names,
    is_complete=st.booleans(),
    note=st.text(max_size=20),
    unchanged=st.lists(st.text(max_size=8), max_size=3),
)


def _sync(**counts: Any) -> SyncReceipt:
    return SyncReceipt(source="files:a", stream="rows", started_at=AT, ended_at=AT, **counts)


class TestReceipt:
    def test_it_survives_json(self) -> None:
        """A receipt is what JSON brings back."""
        assert Receipt.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL

    def test_empty_ones_survive_json(self) -> None:
        """A receipt with nothing but its method comes back equal."""
        bare = Receipt(engine="nps", method="score", confidence_level=0.95)
        assert Receipt.from_dict(bare.to_dict()) == bare

    def test_unknown_fields_are_refused(self) -> None:
        """A key that is no field is answered with the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'engine'"):
            Receipt.from_dict({"enginee": "nps"})

    def test_it_can_be_hashed(self) -> None:
        """A receipt can be a key."""
        assert len({FULL, Receipt.from_dict(FULL.to_dict())}) == 1

    def test_the_window_has_label_and_ends(self) -> None:
        """The window is told by its label and both ends."""
        assert FULL.to_dict()["window"] == {
            "label": "2026-11-21",
            "start": "2026-11-21T12:30:00+00:00",
            "end": "2026-11-22T12:30:00+00:00",
        }

    def test_it_names_the_version(self) -> None:
        """Without being told, a receipt says which version of the library made it."""
        assert FULL.library_version == library_version() != ""


class TestSyncReceipt:
    @given(sync_receipts)
    def test_it_survives_json_pickle_and_copy(self, receipt: SyncReceipt) -> None:
        """A receipt is equal to what any of its forms brings back."""
        assert SyncReceipt.from_dict(json.loads(json.dumps(receipt.to_dict()))) == receipt
        assert pickle.loads(pickle.dumps(receipt)) == receipt
        assert copy.deepcopy(receipt) == receipt

    @given(st.tuples(counts, counts, counts, counts, counts), st.integers(1, 5))
    def test_it_balances_only_if_all_are_counted(
        self, parts: tuple[int, int, int, int, int], lost: int
    ) -> None:
        """Served is the sum of what became of the records, and nothing else."""
        names_ = ("applied", "duplicate", "stale", "quarantined", "suppressed")
        made = _sync(served=sum(parts), **dict(zip(names_, parts, strict=True)))
        assert made.balances
        assert not attrs.evolve(made, served=made.served + lost).balances

    def test_deletions_are_a_part_of_the_applied(self) -> None:
        """Taking away is applying, and does not count twice."""
        assert _sync(served=2, applied=2, deleted=1).balances

    def test_reasons_cannot_be_changed(self) -> None:
        """A count by reason is as frozen as the rest."""
        receipt = _sync(served=1, quarantined=1, reasons={"out_of_scale": 1})
        with pytest.raises(TypeError):
            receipt.reasons["out_of_scale"] = 2  # type: ignore[index]  # the mistake on trial

    def test_reasons_are_sorted(self) -> None:
        """The order in which reasons were met does not matter."""
        assert list(_sync(reasons={"b": 1, "a": 2}).to_dict()["reasons"]) == ["a", "b"]

    def test_it_reads_as_a_sentence(self) -> None:
        """The text names source, counts and completeness."""
        text = str(_sync(served=1200, applied=1199, quarantined=1, is_complete=False, note="Late."))
        assert text == (
            "files:a rows: served 1,200 (applied 1,199, duplicate 0, stale 0, quarantined 1, "
            "suppressed 0), incomplete. Late."
        )

    def test_unknown_fields_are_refused(self) -> None:
        """A key that is no field is answered with the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'served'"):
            SyncReceipt.from_dict({**_sync().to_dict(), "serve": 1})
