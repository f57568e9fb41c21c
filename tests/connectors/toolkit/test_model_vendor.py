"""The paging of the toolkit before a model vendor to which anything may happen."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cxm_connectors.testing import MODEL_KINDS, PagedBy, model_connector, play
from cxm_connectors.testing._model_pages import ModelVendor
from cxm_connectors.testing._model_rows import ModelRows, Script
from cxm_connectors.toolkit import Answer, Config, Connector, Cursor, IdWindow, Page, Place, Turn
from cxm_connectors.toolkit._reading import Reading
from cxm_connectors.toolkit._state import Position
from cxm_core.errors import FatalError, RetryableError
from cxm_core.plugins import Guarantees, Item, ReadRequest
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

THOROUGH = settings.get_current_profile_name() == "thorough"
HISTORIES = 10_000 if THOROUGH else 500
NOW = datetime(2026, 11, 21, tzinfo=UTC)
ONLY = ReadRequest(streams=("rows",))


@pytest.mark.parametrize("kind", MODEL_KINDS)
@settings(max_examples=HISTORIES, suppress_health_check=list(HealthCheck))
@given(choices=st.binary(max_size=200 if THOROUGH else 72))
@example(choices=bytes(range(7, 90)))
def test_whatever_happens_and_wherever_it_is_killed_all_is_kept_once(
    kind: str, choices: bytes
) -> None:
    """What is kept is what the vendor holds, and an unchanged vendor changes no state."""
    outcome = play(kind, choices)
    assert outcome.kept == outcome.held
    assert outcome.is_settled


def _newest_alone(self: Position, rest: Place) -> Position:
    return Position(place=rest, high=self.newest or self.high)


def _clock_of_the_client(self: Position, rest: Place) -> Position:
    return Position(place=rest, high=self.started)


def _promise_first(self: Reading) -> Iterator[Item]:
    for page in self.pages():
        self._move(page)
        yield self._checkpoint(page, repeated=0)
        yield from self._made(page.rows)


def _short_page_ends(self: IdWindow, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
    del self, answer, place
    return Turn(is_end=True) if len(rows) < 2 else Turn(next=rows[-1]["id"])


@contextmanager
def _client_clock() -> Iterator[None]:
    with (
        patch.object(Position, "finished", _clock_of_the_client),
        patch("cxm_connectors.toolkit._reading._date", lambda *_: None),
    ):
        yield


def _margin_of_nothing(self: Config, default: timedelta) -> timedelta:
    del self
    return default * 0


READ_ONCE = PagedBy(path="/page", page=Page(pages="pages", is_steady=True))
PLANTED: Mapping[str, tuple[str, Callable[[], AbstractContextManager[object]]]] = {
    "H3, mark without the start of the sync": (
        "id window",
        lambda: patch.object(Position, "finished", _newest_alone),
    ),
    "Z1, mark by the client's clock": ("cursor", _client_clock),
    "H2, no look-back": ("cursor", lambda: patch.object(Config, "margin", _margin_of_nothing)),
    "promise before the page": ("link", lambda: patch.object(Reading, "items", _promise_first)),
    "short page as the end": (
        "id window",
        lambda: patch.object(IdWindow, "turn", _short_page_ends),
    ),
    "shifting pages read once": ("page", lambda: patch.dict(MODEL_KINDS, {"page": READ_ONCE})),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_model_finds_a_planted_fault(name: str) -> None:
    """A known fault of public connectors, built in on purpose, loses a row in some history."""
    kind, planted = PLANTED[name]
    with planted():
        assert any(_is_lossy(kind, seed) for seed in range(2_000))


def _is_lossy(kind: str, seed: int) -> bool:
    rng = random.Random(seed)
    outcome = play(kind, rng.randbytes(rng.randrange(20, 120)))
    return outcome.kept != outcome.held


def _in_store(kind: str, choices: bytes) -> tuple[dict[str, int], dict[str, int]]:
    """What is kept of a history by a real store, and what the vendor holds."""
    script = Script(choices)
    rows = ModelRows(script)
    vendor = ModelVendor(rows, script, size=1 + script.pick(3))
    connector = model_connector(MODEL_KINDS[kind], vendor)
    store = open_store("memory:", clock=_now)
    while not script.is_over:
        with patch.object(connector, "read", _dying(connector.read, script.pick(12))):
            pull(store, connector, source="model:1", clock=_now, request=ONLY)
        rows.pass_time(script.pick(8))
    rows.settle()
    # A pass that was interrupted, or whose list moved, is read to its end first.
    receipts = (
        pull(store, connector, source="model:1", clock=_now, request=ONLY)[0] for _ in range(4)
    )
    assert any(receipt.is_complete for receipt in receipts)
    kept = _kept(store)
    assert store.count("note") == len(kept)
    return kept, rows.truth()


@pytest.mark.parametrize("kind", MODEL_KINDS)
@settings(max_examples=100 if THOROUGH else 8, suppress_health_check=list(HealthCheck))
@given(choices=st.binary(max_size=60))
@example(choices=bytes(range(7, 67)))
@example(choices=b"\x00\x01\x01\x00\x02\x01\x00\x8e")
def test_a_real_store_keeps_the_same(kind: str, choices: bytes) -> None:
    """Pulled into a store, killed anywhere, there is one record a row and it is the newest."""
    kept, held = _in_store(kind, choices)
    assert kept == held


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_the_later_of_two_changes_within_a_second_is_kept(kind: str) -> None:
    """A row that changes again in the second in which it was read is not left as it was."""
    assert all(kept == held for kept, held in _changing(kind))


def test_without_the_order_of_serving_content_decides() -> None:
    """A source that does not promise it keeps the older of two such versions now and then."""
    with patch.object(Connector, "guarantees", Guarantees()):
        found = list(_changing("cursor"))
    assert any(kept != held for kept, held in found)


def _changing(kind: str) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """What is kept and held while a row changes ten times in one second, a sync behind each."""
    still = Script(b"")
    rows = ModelRows(still)
    connector = model_connector(MODEL_KINDS[kind], ModelVendor(rows, still, size=2))
    store = open_store("memory:", clock=_now)
    rows._insert()
    for _ in range(10):
        rows._touch(rows.rows[1])
        pull(store, connector, source="model:1", clock=_now, request=ONLY)
        yield _kept(store), rows.truth()


def _kept(store: Store) -> dict[str, int]:
    return {note.native_id: int(note.text or "") for note in store.records("note")}  # type: ignore[attr-defined]  # notes have a text


def _dying(read: Callable[..., Iterator[Item]], kill_after: int) -> Callable[..., Iterator[Item]]:
    def dying(*asked: Any) -> Iterator[Item]:
        for number, item in enumerate(read(*asked), 1):
            yield item
            if number == kill_after:
                raise RetryableError("The reader was killed.")

    return dying


def _now() -> datetime:
    return NOW


def test_a_history_that_never_rests_is_told() -> None:
    """A vendor that cannot be read even when it is quiet fails the history."""
    broken = PagedBy(path="/single", page=Cursor(next="meta.next", more="meta.has_more"))
    with patch.dict(MODEL_KINDS, {"single": broken}), pytest.raises(FatalError, match="quiet"):
        play("single", b"")
