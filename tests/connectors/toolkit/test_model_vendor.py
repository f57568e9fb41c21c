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
from cxm_connectors.toolkit import Answer, Config, Cursor, IdWindow, Page, Place, Turn
from cxm_connectors.toolkit._reading import Reading
from cxm_connectors.toolkit._state import Position
from cxm_core.errors import FatalError, RetryableError
from cxm_core.plugins import Item, ReadRequest
from cxm_core.store import open_store
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


@pytest.mark.parametrize("kind", MODEL_KINDS)
@settings(max_examples=100 if THOROUGH else 8, suppress_health_check=list(HealthCheck))
@given(choices=st.binary(max_size=60))
@example(choices=bytes(range(7, 67)))
@example(choices=b"\x00\x01\x01\x00\x02\x01\x00\x8e")
def test_a_real_store_keeps_the_same(kind: str, choices: bytes) -> None:
    """Pulled into a store, killed anywhere, there is one record a row and it is the newest."""
    script = Script(choices)
    rows = ModelRows(script, is_strict=True)
    vendor = ModelVendor(rows, script, size=1 + script.pick(3))
    connector = model_connector(MODEL_KINDS[kind], vendor)
    store = open_store("memory:", clock=_now)
    while not script.is_over:
        with patch.object(connector, "read", _dying(connector.read, script.pick(12))):
            pull(store, connector, source="model:1", clock=_now, request=ONLY)
        rows.pass_time(script.pick(8))
    rows.settle()
    # Without a stamp to ask by, a pass that was interrupted is first read to its end.
    for _ in range(1 if MODEL_KINDS[kind].since else 2):
        (receipt,) = pull(store, connector, source="model:1", clock=_now, request=ONLY)
        assert receipt.is_complete
    kept = {note.native_id: int(note.text or "") for note in store.records("note")}  # type: ignore[attr-defined]  # notes have a text
    assert kept == rows.truth()
    assert store.count("note") == len(kept)


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
