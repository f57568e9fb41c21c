"""The whole way: a vendor on a real socket, the sync, and a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.simulation import Company, Serving
from cxm_core.plugins import ReadRequest, build
from cxm_core.store import Store, open_store
from cxm_core.sync import pull, replay

SOURCE = "hubspot:acme"


@pytest.fixture
def store(clock: Any) -> Iterator[Store]:
    """An empty store."""
    opened = open_store("memory:", clock=clock)
    yield opened
    opened.close()


def ids(store: Store, kind: str) -> set[str]:
    """Own ids of the records of a kind that are kept."""
    return {record.native_id for record in store.records(kind)}


class TestStore:
    """What is kept in the end."""

    def test_keeps_what_the_vendor_holds_over_a_socket(
        self, desk: Any, store: Store, clock: Any
    ) -> None:
        """Twice, with edits between; the second receipt counts only what changed."""
        one = desk(Company.made(customers=50, seed=5))
        with Serving(one.vendor) as served:
            config = {"base_url": served.origin, "allow_private_addresses": True}
            runtime = evolve(one.runtime, transport=None)
            clock.sleep(3600)
            some = ReadRequest(streams=("contacts", "companies", "deals"))
            facts = {"source": SOURCE, "clock": clock, "request": some}
            first = pull(store, build(HubSpot, config, runtime), **facts)
            assert all(receipt.is_complete for receipt in first)
            row = one.vendor.truth()["contacts"][0]
            one.vendor.change("contacts", str(row["id"]), lastname="Married")
            one.vendor.delete("deals", str(one.vendor.truth()["deals"][0]["id"]))
            clock.sleep(3600)
            second = pull(store, build(HubSpot, config, runtime), **facts)
        truth = one.vendor.truth()
        assert ids(store, "customer") == {row["id"] for row in truth["contacts"]}
        assert ids(store, "deal") == {row["id"] for row in truth["deals"]}
        assert {receipt.stream: receipt.applied for receipt in second}["companies"] == 0
        assert all(receipt.balances for receipt in (*first, *second))

    def test_a_survey_without_a_scale_waits_for_one(
        self, desk: Any, store: Store, clock: Any
    ) -> None:
        """It is set aside and counted; once the scale is declared it is read again."""
        one = desk()
        number = one.vendor.add(
            "feedback_submissions",
            hs_survey_id="13",
            hs_survey_type="CUSTOM",
            hs_value="4",
            hs_submission_timestamp="2026-06-30T10:00:00.000Z",
        )
        receipts = pull(store, one.connector(), source=SOURCE, clock=clock)
        told = {receipt.stream: receipt for receipt in receipts}["feedback_submissions"]
        assert dict(told.reasons) == {"bad_scale": 1}
        assert not ids(store, "response")
        one.config["surveys"] = {"13": {"scale": "1-5", "measures": "satisfaction"}}
        replay(store, one.connector(), source=SOURCE, clock=clock)
        (kept,) = store.records("response")
        assert (kept.native_id, kept.score.value) == (number, 4)  # type: ignore[attr-defined]
        assert ids(store, "question") == {"13"}

    def test_only_scores_with_a_scale_are_kept(self, desk: Any, store: Store, clock: Any) -> None:
        """Every response's score stands on the scale of its question."""
        one = desk(Company.made(customers=50, seed=5))
        pull(store, one.connector(), source=SOURCE, clock=clock)
        scales: dict[str, Any] = {q.native_id: q for q in store.records("question")}
        answers: list[Any] = list(store.records("response"))
        assert answers
        assert all(r.score is None or r.score.scale == scales[r.question].scale for r in answers)
