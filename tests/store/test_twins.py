"""Ids that come with a fraction of zeros where they had none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import SchemaChanged
from cxm_core.records import Cell, Reader, RowMapping, Table
from cxm_core.store import LoadReport, Store, open_store
from cxm_core.store._twins import FLAG, without_fraction

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("duckdb")

START = datetime(2026, 11, 21, tzinfo=UTC)
MAPPING = RowMapping(
    kind="note",
    cells=(
        ("native_id", Cell(template="{id}/note")),
        ("occurred_at", Cell(template="2026-11-05T09:00Z")),
        ("text", Cell(template="{text}")),
    ),
    customer=(("account", Cell(template="{account}")),),
    attributes=(("shop", Cell(template="{shop}")),),
)


class Kept:
    """A store into which tables are loaded, an hour after the other."""

    def __init__(self, url: str) -> None:
        self.now = START
        self.store: Store = open_store(url, clock=lambda: self.now)

    def load(self, ids: Any, *, text: str = "x", others: Any = "7") -> LoadReport:
        """Load a table of notes with these ids."""
        self.now += timedelta(hours=1)
        same = others if isinstance(others, pa.Array) else pa.array([others] * len(ids))
        data = pa.table({"id": ids, "text": [text] * len(ids), "account": same, "shop": same})
        reader = Reader(format="object")
        table = Table(stream="rows", reader=reader, mappings=(MAPPING,), data=data)
        with self.store.transaction() as transaction:
            return transaction.load(table, source="acme:eu")

    @property
    def ids(self) -> list[str]:
        """Ids of the notes."""
        return sorted(one.native_id for one in self.store.records("note"))


@pytest.fixture(params=["memory:", "duckdb"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Each kind of store."""
    return Kept("memory:" if request.param == "memory:" else str(tmp_path / "s.duckdb"))


class TestByHand:
    @pytest.mark.parametrize(
        "again",
        [
            pa.array([1.0, 2.0, 3.0]),
            pa.array([1.0, 2.0, 3.0], "float32"),
            pa.array(["1", "2", "3"]),
            pa.array([1, 2, 3], "uint8"),
        ],
        ids=lambda one: str(one.type),
    )
    def test_one_id_however_its_column_is_typed(self, kept: Kept, again: Any) -> None:
        """A column of numbers that becomes one of floats or texts holds the same ids as before."""
        kept.load(pa.array([1, 2, 3]))
        assert kept.load(again).counts.duplicate == 3
        assert kept.ids == ["1/note", "2/note", "3/note"]

    def test_one_customer_however_the_column_is_typed(self, kept: Kept) -> None:
        """So it is with identifiers and attributes; what is no whole number stays as it is."""
        kept.load(pa.array(["1", "2"]), others=pa.array([17.0, 2.5]))
        notes = {one.native_id: one for one in kept.store.records("note")}
        told = [(str(one.customer[0].value), one.attributes["shop"]) for one in notes.values()]
        assert sorted(told) == [("17", "17"), ("2.5", "2.5")]

    def test_what_a_float_does_not_hold_exactly(self, kept: Kept) -> None:
        """A number whose last digits are lost tells nobody apart: its row is set aside."""
        report = kept.load(pa.array([2.0**53, 2.0**53 + 2, 1e17, -1e300]))
        assert report.reasons == {"bad_pattern": 3}
        assert kept.ids == [f"{2**53}/note"]
        assert {one.field for one in kept.store.quarantined()} == {"native_id"}

    def test_an_identifier_that_is_a_text_with_a_fraction(self, kept: Kept) -> None:
        """It is kept as it is, for it may be meant, and counted under drift."""
        report = kept.load(pa.array(["1", "2"]), others=pa.array(["17.0", "v2.0"]))
        assert report.drift == {"customer: account with '.0'": 1}
        assert kept.load(pa.array([3, 4]), others=pa.array([17.0, 18.0])).drift == {}

    def test_a_customer_whose_digits_are_lost(self, kept: Kept) -> None:
        """Two accounts could be one then, so the row is set aside, too."""
        report = kept.load(pa.array(["1", "2"]), others=pa.array([1.2345678901234567e17, 4.0]))
        assert report.reasons == {"bad_pattern": 1}
        assert [one.field for one in kept.store.quarantined()] == ["customer"]

    @pytest.mark.parametrize("ids", [("1.0", "2.0"), ("1", "2")])
    def test_texts_that_gain_or_lose_a_fraction(self, kept: Kept, ids: Sequence[str]) -> None:
        """Where most new ids are known but for the fraction, nothing is kept."""
        kept.load(pa.array([{"1": "1.0", "2": "2.0"}.get(one, one[0]) for one in ids]))
        before = kept.ids
        with pytest.raises(SchemaChanged, match=r"2 of 2 new records of kind 'note'"):
            kept.load(pa.array(ids))
        assert kept.ids == before

    def test_a_few_twins_are_told(self, kept: Kept) -> None:
        """Among other ids they may be meant: they are kept, and counted under drift."""
        kept.load(pa.array(["1"]))
        assert kept.load(pa.array(["1.0", "2.0"])).drift == {FLAG: 1}
        assert kept.ids == ["1.0/note", "1/note", "2.0/note"]
        # What was heard of before is not told again, changed or not.
        assert kept.load(pa.array(["1.0", "1"]), text="y").drift == {}

    def test_versions_are_no_numbers(self) -> None:
        """Only zeros at the end of a number are its fraction."""
        written = ["1.0", "7.0:q", "a-1.0/2.0", "2.0.1", "10.05", "v.0", "1.00"]
        assert [without_fraction(one) for one in written] == [
            "1", "7:q", "a-1/2", "2.0.1", "10.05", "v.0", "1.00"
        ]  # fmt: skip
