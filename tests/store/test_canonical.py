"""Records as lines: equal stores give equal bytes, and the lines lead back to the records."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.records import Note, Record, Response, Score
from cxm_core.store import Store, canonical_lines, export_lines, open_store, records_of_lines
from cxm_core.testing import records

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
THINGS = st.sampled_from(["response", "note", "ticket", "order"]).flatmap(records)
ANSWER = Response(
    native_id="7",
    occurred_at="2026-11-05T09:00:00.25+02:00",
    score=Score(9, "0-10"),
    attributes={"b": 1.5, "a": 'Wort "ü"\n'},
    weight=0.1,
)


def filled(store: Store, *things: Record) -> Store:
    """Store that has these records of the app."""
    with store.transaction() as transaction:
        transaction.apply(things, source="app:own")
    return store


def memory(now: datetime = NOW) -> Store:
    """An empty store in memory."""
    return open_store("memory:", clock=lambda: now)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    """A store in memory, and one in a file."""
    path: Path = tmp_path_factory.mktemp("lines") / "cxm.duckdb"
    return memory(), open_store(path, clock=lambda: NOW)


class TestByHand:
    """One record, looked at."""

    def test_line_is_sorted_json_in_utc(self) -> None:
        """Keys are sorted, empty columns are left out, times are in UTC, JSON is not quoted."""
        (line,) = canonical_lines(filled(memory(), ANSWER))
        cells = json.loads(line)
        assert list(cells) == sorted(cells)
        assert cells["kind"] == "response"
        assert cells["occurred_at"] == "2026-11-05T07:00:00.250000Z"
        assert cells["attributes"] == {"a": 'Wort "ü"\n', "b": 1.5}
        assert (cells["score_value"], cells["weight"]) == (9, 0.1)
        assert "known_at" not in cells
        assert None not in cells.values()

    def test_moment_of_learning_can_be_kept(self) -> None:
        """Nothing is left out when nothing is named."""
        (line,) = canonical_lines(filled(memory(), ANSWER), without=())
        assert json.loads(line)["known_at"] == "2026-11-21T00:00:00.000000Z"

    def test_order_is_by_kind_and_id(self) -> None:
        """Lines of a kind stand together, by the ids of their records."""
        notes = [Note(native_id=str(n), occurred_at=NOW, text="Cold") for n in range(9)]
        lines = list(canonical_lines(filled(memory(), ANSWER, *notes)))
        keys = [(c["kind"], c["record_id"]) for c in map(json.loads, lines)]
        assert len(keys) == 10
        assert [kind for kind, _ in keys] == ["response", *["note"] * 9]
        assert [key for _, key in keys[1:]] == sorted(key for _, key in keys[1:])

    @pytest.mark.parametrize(
        "line", ["Anna", "[]", '"a"', '{"native_id":"1"}', '{"kind":"note","text":"Anna","x":1}']
    )
    def test_foreign_line_is_refused_by_its_number(self, line: str) -> None:
        """What is no export is named by its line, never by its words."""
        with pytest.raises(UsageError, match=r"Line 2 is no exported record") as caught:
            list(records_of_lines(["", line]))
        assert "Anna" not in str(caught.value)
        assert caught.value.__context__ is None

    def test_unknown_kind(self) -> None:
        """A kind that the store does not keep is an error of the caller."""
        with pytest.raises(UsageError, match="notes"):
            list(export_lines(memory(), "notes"))


class TestByLaw:
    """Whatever the records are."""

    @given(st.lists(THINGS, max_size=6))
    def test_there_and_back(self, things: list[Record]) -> None:
        """Records of the lines make a store with the same lines, of source and time as well."""
        lines = list(canonical_lines(filled(memory(), *things), without=()))
        other = memory(NOW + timedelta(days=3))
        with other.transaction() as transaction:
            transaction.apply(records_of_lines(lines), source="app:other")
        assert list(canonical_lines(other, without=())) == lines

    @given(things=st.lists(THINGS, min_size=1, max_size=6))
    def test_order_and_moment_do_not_matter(self, things: list[Record]) -> None:
        """Another day and another cut into batches give the same bytes, if versions are told."""
        one_each = list({(r.record_kind, r.native_id): r for r in things}.values())
        one = filled(memory(), *one_each)
        other = memory(NOW + timedelta(days=1))
        for thing in reversed(one_each):
            filled(other, thing)
        assert list(canonical_lines(one)) == list(canonical_lines(other))


class TestByReference:
    """Two stores."""

    @given(things=st.lists(THINGS, min_size=1, max_size=8))
    def test_file_and_memory_agree(self, things: list[Record], pair: tuple[Store, Store]) -> None:
        """A DuckDB file gives the lines that a store in memory gives, to the byte."""
        for store in pair:
            filled(store, *things)
        assert list(canonical_lines(pair[0], without=())) == list(
            canonical_lines(pair[1], without=())
        )
