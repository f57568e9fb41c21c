"""Records that an app made itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cxm_core.records import AHEAD, Note
from cxm_core.store import Store
from cxm_core.sync import add
from sync.scripted import Clock, note


def test_kept_with_a_receipt(store: Store, clock: Clock) -> None:
    """Records are kept under the app's name, with a receipt that balances."""
    receipt = add(store, [note(1), note(2), note(1)], source="app:own", clock=clock)
    assert (receipt.served, receipt.applied, receipt.duplicate) == (3, 2, 1)
    assert receipt.balances
    assert receipt.is_complete
    assert store.receipts() == (receipt,)
    assert {record.source for record in store.records("note")} == {"app:own"}
    assert [entry.name for entry in store.sources()] == ["app:own"]


def test_twice(store: Store, clock: Clock) -> None:
    """Adding to a known name, also one that is pinned to an account, works."""
    store.pin_source("app:own", "shop")
    add(store, [note(1)], source="app:own", clock=clock)
    assert add(store, [note(1, "Warm now")], source="app:own", clock=clock).applied == 1


def test_all_or_none(store: Store, clock: Clock) -> None:
    """Records that fail on the way are kept not at all."""

    def failing() -> Iterator[Note]:
        yield note(1)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  (raised by the test itself)
        add(store, failing(), source="app:own", clock=clock)
    assert store.count("note") == 0
    assert store.receipts() == ()


def test_a_stamp_that_lies_ahead(store: Store, clock: Clock) -> None:
    """It is kept and counted under drift, as that of a source is: until then all else is stale."""
    ahead = note(1).model_copy(update={"recorded_at": clock() + timedelta(minutes=6)})
    near = note(2).model_copy(update={"recorded_at": clock() + timedelta(minutes=4)})
    receipt = add(store, iter([ahead, near]), source="app:own", clock=clock)
    assert (receipt.applied, dict(receipt.drift)) == (2, {AHEAD: 1})
    assert store.receipts()[-1].drift == receipt.drift


def test_nothing(store: Store, clock: Clock) -> None:
    """No records make an empty receipt."""
    assert add(store, [], source="app:own", clock=clock).served == 0
