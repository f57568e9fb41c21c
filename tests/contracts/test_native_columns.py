"""Columns that are no text mean what their text means, whichever lane reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import SchemaChanged
from cxm_core.records import (
    Cell,
    Problem,
    Reader,
    Record,
    RowMapping,
    Table,
    content_hash,
    read_row,
    scale_constants,
    to_row,
)
from cxm_core.store._driver import Limits
from cxm_core.store._selection import handed_out
from cxm_core.store.tables._columns import Stamps
from cxm_core.store.tables._judging import Accepted
from cxm_core.store.tables._loading import Loader, SetAside, Singles
from cxm_core.store.tables._scratch import Scratch

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
STAMPS = Stamps(source="acme:eu", known_at=NOW)
ZONE = "Europe/Berlin"
DAY = datetime(2026, 3, 29, 2, 30)
EARLY = datetime(1969, 12, 31, 23, 59, 59, 999999)
TIMES = [DAY, EARLY, datetime(1900, 1, 1), datetime(1850, 1, 1), datetime(2250, 1, 1), None]

SCORES: dict[str, Any] = {
    **{f"int{size}": pa.array([7, -1, 11, 99, None], f"int{size}") for size in (8, 16, 32, 64)},
    **{f"uint{size}": pa.array([7, 0, 11, 99, None], f"uint{size}") for size in (8, 16, 32, 64)},
    "long": pa.array([10**18 - 1, 10**18, -(10**18), 2**63 - 1, 9], "int64"),
    "long unsigned": pa.array([2**64 - 1, 10**18, 10**18 - 1, 99, None], "uint64"),
    "double": pa.array([9.0, 9.5, -0.0, float("nan"), float("inf"), 1e15, 1e300, 99.0, None]),
    "float": pa.array([9.0, 9.5, -0.0, float("nan"), 3e7, 99.0, None], "float32"),
    "decimal": pa.array([Decimal("9.00"), Decimal("9.50"), Decimal("99.00"), None]),
    "truth": pa.array([True, False, None]),
    "dictionary": pa.array(["9", "x", " 3 ", "99", None]).dictionary_encode(),
    "list": pa.array([[9], [], None], pa.list_(pa.int64())),
    "bytes": pa.array([b"9", b"\xff", None]),
    "day": pa.array([date(2026, 1, 1), None]),
    "nothing": pa.nulls(2),
}
INSTANTS: dict[str, Any] = {
    **{unit: pa.array(TIMES, pa.timestamp(unit)) for unit in ("s", "ms", "us")},
    "ns": pa.array([*TIMES[:3], None], pa.timestamp("ns")),
    "ns before 1970": pa.array([-1, -1001, 1, 999], pa.timestamp("ns")),
    **{f"{unit} in UTC": pa.array(TIMES, pa.timestamp(unit, "UTC")) for unit in ("s", "ms", "us")},
    "elsewhere": pa.array(TIMES, pa.timestamp("us", "America/Vancouver")),
    "without end": pa.array([2**63 - 1, -(2**63) + 1], pa.timestamp("us")),
    "days": pa.array([DAY.date(), date(1850, 1, 1), date(9999, 12, 31), None]),
    "days in ms": pa.array([DAY.date(), None], pa.date64()),
    "time of day": pa.array([DAY.time(), None]),
    "text": pa.array(["2026-03-29T02:30", "2026-03-29 02:30:00+01:00", "x", None]),
    "number": pa.array([20260329, None]),
}
NUMBERS: dict[str, Any] = {
    "double": pa.array([0.1, 1e-300, 1e300, -0.0, float("nan"), float("-inf"), -1.0, None]),
    "float": pa.array([0.1, 16777216.0, None], "float32"),
    "long": pa.array([2**53, 2**53 + 1, 2**63 - 1, None], "int64"),
    "small": pa.array([0, 1, 255, None], "uint8"),
    "decimal": pa.array([Decimal("0.10"), None]),
}
TRUTHS: dict[str, Any] = {
    "truth": pa.array([True, False, None]),
    "number": pa.array([1, 0, None]),
    "text": pa.array(["TRUE", "no", None]),
}
DAYS: dict[str, Any] = {
    "days": pa.array([date(2026, 12, 24), date(1899, 12, 31), date(2200, 12, 31), None]),
    "times": pa.array([datetime(2026, 12, 24), None]),
}


def mapping_of(field: str, *, column: str = "value", zone: str | None = None) -> RowMapping:
    """Mapping that reads one column of a record from one of the table."""
    codes = {"": "no_answer", "99": "not_applicable"} if field == "score_value" else {}
    value = Cell(
        template=f"{{{column}}}", missing=codes, zone=zone if field == "occurred_at" else None
    )
    at = Cell(template="2026-11-05T09:00Z")
    return RowMapping(
        kind="subscription" if field == "renews_on" else "response",
        cells={"native_id": Cell(template="{id}"), "occurred_at": at, field: value},
        constants=scale_constants("0-10") if codes else (),
    )


def table_of(columns: Mapping[str, Any]) -> Any:
    """Table of columns, filled up with nulls, and an id for each row."""
    rows = max(map(len, columns.values()))
    filled = {
        name: pa.concat_arrays([column, pa.nulls(rows - len(column), column.type)])
        for name, column in columns.items()
    }
    return pa.table({"id": pa.array([f"r{n}" for n in range(rows)]), **filled})


Found = dict[str, object]


def loaded(mappings: Sequence[RowMapping], reader: Reader, data: Any = None) -> list[Found]:
    """What the column lane makes of each row by each mapping: its columns, or why it is none."""
    table = Table(stream="rows", reader=reader, mappings=mappings, data=data)
    found = list[Found]()
    for part in Loader(table, STAMPS, Limits(threads=1)).parts():
        if isinstance(part, Accepted):
            rows = ({name: handed_out(cell) for name, cell in row.items()} for row in part.rows())
            found.append({str(row["native_id"]): row for row in rows})
        elif isinstance(part, Singles):
            found[-1].update({one.native_id: stored(one) for one in part.records})
        elif isinstance(part, SetAside):
            found[-1].update({str((one.row or {})["id"]): reason_of(one) for one in part.entries})
    return found


def reason_of(entry: Any) -> tuple[str, str | None, str]:
    """What is told of a row that is none."""
    return entry.reason, entry.field, entry.message


def stored(record: Record) -> dict[str, object]:
    """Row of a record as the store keeps it."""
    stamped = record.stamped(source=STAMPS.source, known_at=NOW)
    keys = {"record_id": stamped.record_id, "content_hash": content_hash(stamped)}
    return {**to_row(stamped), **keys}


def by_text(mapping: RowMapping, column: str, texts: Sequence[str | None]) -> Found:
    """What the row lane makes of the text of each row."""
    rows = [{"id": f"r{number}", column: text} for number, text in enumerate(texts)]
    outcomes = {str(row["id"]): read_row(mapping, row) for row in rows}
    return {
        name: (one.reason.value, one.field, one.message)
        if isinstance(one, Problem)
        else stored(one)
        for name, one in outcomes.items()
    }


def texts_of(table: Any, column: str) -> list[str | None]:
    """Text that DuckDB gives each value of a column."""
    nested = pa.types.is_nested(table.schema.field(column).type)
    cell = f'to_json("{column}")::VARCHAR' if nested else f'"{column}"::VARCHAR'
    with Scratch.opened(Limits(threads=1)) as scratch:
        scratch.con.register("t", table)
        return [row[0] for row in scratch.run(f"SELECT {cell} FROM t")]  # noqa: S608  (names of ours)


COLUMNS = {
    "score_value": SCORES,
    "occurred_at": INSTANTS,
    "weight": NUMBERS,
    "is_deleted": TRUTHS,
    "renews_on": DAYS,
}


@pytest.mark.parametrize("zone", [ZONE, None])
@pytest.mark.parametrize("field", COLUMNS)
@pytest.mark.parametrize("form", ["parquet", "object"])
def test_a_typed_column_means_its_text(
    tmp_path: Path, field: str, zone: str | None, form: str
) -> None:
    """Values, hashes, reasons and sentences are those that the row lane finds for the text."""
    if zone is None and field != "occurred_at":
        pytest.skip("it has no zone")
    columns = COLUMNS[field]
    table, reader, data = table_of(columns), Reader(format="object"), table_of(columns)
    if form == "parquet":
        path = tmp_path / "rows.parquet"
        pq.write_table(table, path)
        reader, data = Reader(format="parquet", paths=(str(path),)), None
        table = pq.read_table(path)
    mappings = [mapping_of(field, column=name, zone=zone) for name in columns]
    found = loaded(mappings, reader, data)
    for mapping, name, one in zip(mappings, columns, found, strict=True):
        assert one == by_text(mapping, name, texts_of(table, name)), name


def test_a_truth_value_is_no_score() -> None:
    """Nothing is converted by guessing."""
    data = table_of({"value": SCORES["truth"]})
    (found,) = loaded([mapping_of("score_value")], Reader(format="object"), data)
    assert [found[f"r{n}"][:2] for n in (0, 1)] == [("wrong_type", "score_value")] * 2  # type: ignore[index]  # tuples


def test_times_of_one_wall_clock_jump_together() -> None:
    """A local time goes through its zone, an instant does not."""
    mapping = mapping_of("occurred_at", zone=ZONE)
    times = [DAY + timedelta(days=n) for n in (-1, 1)]
    for type_, expected in ((pa.timestamp("us"), (1, 2)), (pa.timestamp("us", "UTC"), (0, 0))):
        data = table_of({"value": pa.array(times, type_)})
        (found,) = loaded([mapping], Reader(format="object"), data)
        for number, (at, hours) in enumerate(zip(times, expected, strict=True)):
            row = found[f"r{number}"]
            assert isinstance(row, dict)
            assert row["occurred_at"] == at.replace(tzinfo=UTC) - timedelta(hours=hours)


def test_a_column_that_is_named_like_the_row_number(tmp_path: Path) -> None:
    """DuckDB has that word for itself; the file may have it too."""
    numbers = pa.array([9, 8, 7, 6, 5])
    table = table_of({"value": SCORES["int8"], "file_row_number": numbers})
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    mapping = mapping_of("score_value")
    (found,) = loaded([mapping], Reader(format="parquet", paths=(str(path),)))
    assert found == by_text(mapping, "value", texts_of(table, "value"))


def test_equal_names_are_told() -> None:
    """Of two columns with one name nobody knows which is meant."""
    table = pa.Table.from_arrays([pa.array(["r0"]), pa.array([1]), pa.array([2])],
                                 names=["id", "value", "value"])  # fmt: skip
    with pytest.raises(SchemaChanged, match="'value' more than once"):
        loaded([mapping_of("score_value")], Reader(format="object"), table)


def test_a_page_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is damaged inside is refused, and not one row of it is taken."""
    path = tmp_path / "rows.parquet"
    scores = pa.array([n % 11 for n in range(50_000)])
    pq.write_table(table_of({"value": scores}), path)
    data = bytearray(path.read_bytes())
    data[4:64] = b"\xff" * 60
    path.write_bytes(data)
    with pytest.raises(SchemaChanged, match="damaged"):
        loaded([mapping_of("score_value")], Reader(format="parquet", paths=(str(path),)))
