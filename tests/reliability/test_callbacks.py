"""Code of an app that raises while the library writes: nothing half done is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cxm_core.plugins import Checkpoint, Item
from cxm_core.records import Note
from cxm_core.store import open_store
from cxm_core.sync import pull
from sync.scripted import Clock, Scripted, note

pytest.importorskip("duckdb")


class AngryError(Exception):
    """What an app's own code may raise."""


def _two_pages(state: Mapping[str, Any] | None) -> Iterator[Item]:
    for page in range((state or {"page": 0})["page"], 3):
        yield from (note(100 * page + number) for number in range(10))
        yield Checkpoint({"page": page + 1})


@pytest.mark.parametrize("after", [10, 20, 30])
def test_crash_22_progress_that_raises(tmp_path: Path, after: int) -> None:
    """P15: a callback's own error comes out; cursor and rows agree, and the store goes on."""

    def told(_: str, served: int) -> None:
        if served >= after:
            raise AngryError

    clock = Clock()
    store = open_store(tmp_path / "cxm.duckdb", clock=clock)
    source, made = "scripted:office", Scripted({"notes": _two_pages})
    with pytest.raises(AngryError):
        pull(store, made, source=source, clock=clock, progress=told)
    assert store.checkpoint(source, "notes") == {"page": after // 10}
    assert store.count("note") == after
    pull(store, made, source=source, clock=clock)
    assert (store.count("note"), store.checkpoint(source, "notes")) == (30, {"page": 3})
    assert sum(one.applied for one in store.receipts()) == 30
    store.close()


@pytest.mark.parametrize("number", [0, 1, 5_000])
def test_crash_22_records_that_raise(tmp_path: Path, number: int) -> None:
    """P15: an error in the middle of a transaction rolls all of it back, and the store goes on."""

    def served() -> Iterator[Note]:
        yield from (note(own) for own in range(number))
        raise AngryError

    store = open_store(tmp_path / "cxm.duckdb", clock=Clock())
    with store.transaction() as transaction:
        transaction.set_checkpoint("app:own", "notes", {"page": 1})

    def write() -> None:
        with store.transaction() as transaction:
            transaction.set_checkpoint("app:own", "notes", {"page": 2})
            transaction.apply(served(), source="app:own")

    with pytest.raises(AngryError):
        write()
    assert (store.count("note"), store.checkpoint("app:own", "notes")) == (0, {"page": 1})
    with store.transaction() as transaction:
        assert transaction.apply([note(1)], source="app:own").applied == 1
    store.close()
