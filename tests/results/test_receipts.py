"""Receipts of numbers and of syncs."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from functools import partial
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
instants = st.none() | st.datetimes(timezones=st.just(UTC))
verdicts = st.sampled_from(["complete", "partial", "unknown"])
sync_receipts = verdicts.flatmap(
    lambda verdict: st.builds(
        partial(SyncReceipt, verdict=verdict, is_complete=verdict != "partial"),
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
        note=st.text(max_size=20),
        unchanged=st.lists(st.text(max_size=8), max_size=3),
        new=st.none() | counts,
        changed=st.none() | counts,
        repeated=st.none() | counts,
        since=instants,
        until=instants,
        newest=instants,
        pages=counts,
        total=st.none() | counts,
        limit=st.none() | counts,
        gaps=st.lists(st.text(max_size=8), max_size=3),
        reason=st.text(max_size=20),
    )
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
            "suppressed 0), partial. Late."
        )

    def test_it_says_what_was_new(self) -> None:
        """The applied ones are told by their parts, where there is more than one."""
        told = str(_sync(served=9, applied=9, new=5, changed=3, deleted=1))
        assert "(applied 9: 5 new + 3 changed + 1 deleted, duplicate 0" in told
        assert "(applied 5, duplicate" in str(_sync(served=5, applied=5, new=5, changed=0))

    def test_parts_of_the_applied_must_add_up(self) -> None:
        """What is new, changed and deleted is all that was applied; what came twice is known."""
        assert _sync(served=3, applied=3, new=1, changed=1, deleted=1).balances
        assert not _sync(served=3, applied=3, new=1, changed=1).balances
        assert not _sync(served=1, duplicate=1, repeated=2).balances

    @pytest.mark.parametrize(
        ("is_complete", "verdict", "told"),
        [
            (True, "complete", "complete. It ended."),
            (True, "unknown", "completeness not known. It ended."),
            (False, "partial", "partial. It ended."),
        ],
    )
    def test_a_verdict_and_its_reason(self, is_complete: bool, verdict: Any, told: str) -> None:
        """The verdict stands in the text with its reason, once."""
        made = _sync(is_complete=is_complete, verdict=verdict, reason="It ended.")
        assert str(made).endswith(told)
        assert str(attrs.evolve(made, note="It ended. Early.")).count("It ended.") == 1

    def test_a_verdict_that_contradicts(self) -> None:
        """What is known to be partial cannot be complete, and the other way round."""
        for is_complete, verdict in ((True, "partial"), (False, "complete"), (False, "unknown")):
            with pytest.raises(UsageError, match="cannot be"):
                _sync(is_complete=is_complete, verdict=verdict)
        with pytest.raises(UsageError, match="cannot be"):
            SourceStatus(source="a", is_complete=True, verdict="unknown")

    def test_one_of_an_older_library(self) -> None:
        """A receipt that was kept before there were verdicts says what it said then."""
        names_ = ("new", "changed", "repeated", "since", "until", "limit", "pages", "total",
                  "newest", "gaps", "verdict", "reason")  # fmt: skip
        for is_complete, verdict in ((True, "complete"), (False, "partial")):
            kept = _sync(served=1, applied=1, is_complete=is_complete).to_dict()
            old = {name: value for name, value in kept.items() if name not in names_}
            read = SyncReceipt.from_dict(old)
            assert (read.verdict, read.new, read.balances) == (verdict, None, True)

    def test_unknown_fields_are_refused(self) -> None:
        """A key that is no field is answered with the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'served'"):
            SyncReceipt.from_dict({**_sync().to_dict(), "serve": 1})
