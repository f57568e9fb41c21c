"""Times that were written, meant or made otherwise: each fault by the ways in that it can take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import cxm_core as cx
from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.plugins import Checkpoint, Item
from cxm_core.records import Cell, Note, Problem, Reason, RowMapping, read_row
from cxm_core.store import open_store
from cxm_core.sync import pull
from cxm_core.vocabulary import to_utc
from reliability.ways_in import FILE_WAYS, NOW, Outcome, kept_objects, served, synced
from sync.scripted import Scripted

BERLIN = {"at": {"column": "at", "zone": "Europe/Berlin"}}


def at(outcome: Outcome, number: int) -> datetime:
    """When one of the answers was given."""
    return outcome.records[str(number)].occurred_at


def berlin(**more: object) -> dict[str, object]:
    """Configuration whose times hang in Berlin."""
    return {"row": {"occurred_at": {"column": "at", "zone": "Europe/Berlin", **more}}}


def reading(text: str, **more: str) -> datetime | Reason:
    """What the row lane makes of a time."""
    cells = {
        "native_id": Cell(template="1"),
        "occurred_at": Cell(template="{at}", **more),
        "text": Cell(template="x"),
    }
    found = read_row(RowMapping(kind="note", cells=cells), {"at": text})
    return found.reason if isinstance(found, Problem) else found.occurred_at  # type: ignore[return-value]  # an event has one


class TestZones:
    """Clocks on walls."""

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_01_naive(self, tmp_path: Path, way: str) -> None:
        """A time without a zone is set aside where none is declared, and read where one is."""
        rows = [*[{}] * 1_001, {"stamp": "2026-01-01T00:00:00"}]
        assert served(tmp_path, rows, way).reasons == {"naive_datetime": 1}
        if way != "parquet":
            # Where the first rows say so, the whole file is refused before a row is kept.
            with pytest.raises(ConfigurationError, match="do not say their zone"):
                served(tmp_path, rows[::-1], way)
        told = {"recorded_at": {"column": "stamp", "zone": "Europe/Berlin"}}
        found = served(tmp_path, rows, way, row=told)
        assert found.reasons == {}
        assert found.records["1001"].recorded_at == datetime(2025, 12, 31, 23, tzinfo=UTC)

    def test_time_01_naive_in_rows_and_objects(self) -> None:
        """The row lane and an app are told the same."""
        assert reading("2026-01-01T00:00:00") is Reason.NAIVE_DATETIME
        with pytest.raises(UsageError, match="no time zone"):
            Note(native_id="1", text="x", occurred_at=datetime(2026, 1, 1))

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_02_fold(self, tmp_path: Path, way: str) -> None:
        """Two answers at 02:30 with their offsets stand an hour apart, in their order."""
        rows = [{"at": "2025-10-26T02:30:00+02:00"}, {"at": "2025-10-26T02:30:00+01:00"}]
        found = served(tmp_path, rows, way)
        assert (at(found, 1) - at(found, 0)).total_seconds() == 3600

    def test_time_02_fold_of_objects(self) -> None:
        """Python calls the two equal; the records do not."""
        place = ZoneInfo("Europe/Berlin")
        first, second = (datetime(2025, 10, 26, 2, 30, tzinfo=place, fold=fold) for fold in (0, 1))
        assert first == second
        notes = [
            Note(native_id=str(n), text="x", occurred_at=one)
            for n, one in enumerate((first, second))
        ]
        found = kept_objects(open_store("memory:", clock=lambda: NOW), notes)
        kept = sorted(one.occurred_at for one in found.store.records("note") if one.occurred_at)
        assert kept[1] - kept[0] == timedelta(hours=1)

    @pytest.mark.parametrize("way", FILE_WAYS)
    @pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"])
    def test_time_03_gap(self, tmp_path: Path, way: str, form: str) -> None:
        """A time that no clock showed means the later of its two readings, and is counted."""
        moments = [datetime(2025, 3, 30, hour, 30) for hour in (2, 3)]
        rows = [{"at": one.strftime(form)} for one in moments]
        told = {} if form.startswith("%Y") else {"format": form}
        found = served(tmp_path, rows, way, **berlin(**told))
        assert at(found, 0) == at(found, 1) == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
        assert found.receipt.drift == {"occurred_at: times that the clocks skipped": 1}

    def test_time_03_gap_in_rows(self) -> None:
        """The row lane reads it alike."""
        local = datetime(2025, 3, 30, 2, 30)
        expected = to_utc(local, "Europe/Berlin")
        assert reading("2025-03-30T02:30", zone="Europe/Berlin") == expected


class TestClocks:
    """Clocks that differ from ours."""

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_06_stamp_ahead(self, tmp_path: Path, way: str) -> None:
        """A stamp of ten minutes ahead is kept and counted; one of a minute is nobody's mistake."""
        rows = [{"stamp": (NOW + timedelta(minutes=n)).isoformat()} for n in (10, 1, -1)]
        found = served(tmp_path, rows, way)
        assert found.receipt.applied == 4  # three answers and their question
        assert found.receipt.drift == {"recorded_at: later than now": 1}

    def test_time_06_stamp_ahead_in_objects(self) -> None:
        """What a source says later is stale until then, and both are told; nothing is skipped."""
        ahead = Note(native_id="1", occurred_at=NOW, recorded_at=NOW + timedelta(days=9), text="a")
        after = Note(native_id="1", occurred_at=NOW, recorded_at=NOW, text="b")
        other = Note(native_id="2", occurred_at=NOW, recorded_at=NOW, text="c")
        store = open_store("memory:", clock=lambda: NOW)
        states = iter([[ahead], [after, other]])

        def serve(_: object) -> Iterator[Item]:
            yield from next(states)
            yield Checkpoint({"to": 1})

        source = Scripted({"notes": serve})
        receipts = [
            pull(store, source, source="scripted:a", clock=lambda: NOW)[0] for _ in range(2)
        ]
        assert receipts[0].drift == {"recorded_at: later than now": 1}
        assert (receipts[1].stale, receipts[1].applied) == (1, 1)
        assert {one.native_id for one in store.records("note")} == {"1", "2"}


class TestNumbers:
    """Times as numbers."""

    NUMBERS = (1_700_000_000, 1_700_000_000_000, 1_700_000_000_000_000)
    MOMENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_09_epoch_undeclared(self, tmp_path: Path, way: str) -> None:
        """A number is never guessed to be a time."""
        rows = [*[{}] * 5, *({"stamp": str(number)} for number in self.NUMBERS)]
        found = served(tmp_path, rows, way)
        assert found.reasons == {"bad_datetime": 3}
        assert [reading(str(one)) for one in self.NUMBERS] == [Reason.BAD_DATETIME] * 3

    @pytest.mark.parametrize("way", FILE_WAYS)
    @pytest.mark.parametrize(("unit", "place"), [("epoch_s", 0), ("epoch_ms", 1), ("epoch_us", 2)])
    def test_time_09_epoch_declared(self, tmp_path: Path, way: str, unit: str, place: int) -> None:
        """With its unit declared, a number is the moment that it means."""
        row = {"occurred_at": {"column": "at", "format": unit}}
        found = served(tmp_path, [{"at": self.NUMBERS[place]}, {"at": "soon"}], way, row=row)
        assert at(found, 0) == self.MOMENT
        assert found.reasons == {"bad_datetime": 1}

    @pytest.mark.parametrize(
        ("text", "unit", "microsecond"),
        [
            ("1700000000.25", "epoch_s", 250_000),
            ("1700000000123", "epoch_ms", 123_000),
            ("1700000000123.4567", "epoch_ms", 123_456),
            ("1700000000123456.9", "epoch_us", 123_456),
        ],
    )
    def test_time_09_epoch_fractions(self, text: str, unit: str, microsecond: int) -> None:
        """What is finer than a microsecond is cut off."""
        assert reading(text, format=unit) == self.MOMENT.replace(microsecond=microsecond)

    @pytest.mark.parametrize(
        ("text", "unit"),
        [("253402300800", "epoch_s"), ("-99999999999", "epoch_s"), ("9" * 18, "epoch_ms")],
    )
    def test_time_09_epoch_out_of_range(self, text: str, unit: str) -> None:
        """The wrong unit often leads far away, and is refused there."""
        assert reading(text, format=unit) is Reason.OUT_OF_RANGE

    def test_time_09_epoch_of_a_day(self) -> None:
        """A day is no number since 1970."""
        day = Cell(template="{d}", format="epoch_s")
        cells = {"native_id": Cell(template="1"), "occurred_at": Cell(template="{at}")}
        with pytest.raises(ConfigurationError, match="no instant"):
            RowMapping(kind="subscription", cells={**cells, "renews_on": day})

    def test_time_09_epoch_in_objects(self) -> None:
        """An app gives a time, not a number."""
        with pytest.raises(UsageError):
            Note(native_id="1", text="x", occurred_at=1_700_000_000)

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_11_nanoseconds(self, tmp_path: Path, way: str) -> None:
        """More than six digits of a second are cut off, as told; the order stays one order."""
        stamps = [f"2026-11-05T09:00:00.1234567{n}Z" for n in (1, 9)]
        rows = [{"id": "1", "stamp": stamp, "said": stamp[-2]} for stamp in stamps]
        found = served(tmp_path, rows, way)
        turned = served(tmp_path, rows[::-1], way)
        one = found.records["1"]
        assert one.recorded_at == datetime(2026, 11, 5, 9, 0, 0, 123456, tzinfo=UTC)
        assert one.verbatim == turned.records["1"].verbatim
        assert "cut off" in (cx.records.TimeFormat.__doc__ or "")


class TestCalendar:
    """Days that the calendar does not have, or hardly."""

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_12_impossible(self, tmp_path: Path, way: str) -> None:
        """No such day, hour or offset; the reason names the field."""
        odd = [
            "2026-02-30T09:00:00Z",
            "2026-11-05T24:00:00Z",
            "2026-11-05T09:00:00+25:00",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-11-05T23:59:60Z",
        ]
        found = served(tmp_path, [*[{}] * 7, *({"stamp": text} for text in odd)], way)
        assert found.reasons == {"bad_datetime": len(odd)}
        assert {one.field for one in found.quarantined} == {"recorded_at"}
        assert {reading(text) for text in odd} == {Reason.BAD_DATETIME}

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_14_far_away(self, tmp_path: Path, way: str) -> None:
        """Years in which nothing of ours can have happened are out of range."""
        odd = [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-14:00",
            "10000-01-01T00:00:00Z",
            "-0044-03-15T00:00:00Z",
        ]
        found = served(tmp_path, [*[{}] * 7, *({"stamp": text} for text in odd)], way)
        assert found.reasons == {"out_of_range": len(odd)}
        assert {reading(text) for text in odd} == {Reason.OUT_OF_RANGE}

    def test_time_14_far_away_in_objects(self) -> None:
        """No arithmetic overflows at the ends of Python's calendar."""
        ends = [
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        ]
        for end in ends:
            with pytest.raises(UsageError, match="outside"):
                Note(native_id="1", text="x", occurred_at=end)

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_time_15_borders_of_weeks_and_years(self, tmp_path: Path, way: str) -> None:
        """A day belongs to the week that the calendar's own rule says, by all ways in."""
        days = ["2024-12-30", "2025-12-28", "2025-12-29", "2026-01-01", "2026-01-04", "2026-01-05"]
        found = served(tmp_path, [{"at": f"{day}T12:00:00Z"} for day in days], way)
        moments = [at(found, number) for number in range(len(days))]
        iso = [date.fromisoformat(day).isocalendar() for day in days]
        expected = [f"{one.year}-W{one.week:02}" for one in iso]
        assert list(cx.week(moments, tz="UTC")) == expected
        assert list(cx.quarter(moments, tz="UTC")) == [
            "2024-Q4", "2025-Q4", "2025-Q4", "2026-Q1", "2026-Q1", "2026-Q1",
        ]  # fmt: skip


def test_time_03_gap_of_a_whole_file(tmp_path: Path) -> None:
    """The hour that does not exist is found in every year, and its neighbours are not."""
    place = ZoneInfo("Europe/Berlin")
    start = datetime(2025, 3, 29)
    local = [start + timedelta(minutes=15 * n) for n in range(4 * 48)]
    never = [
        one for one in local
        if one.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None) != one
    ]  # fmt: skip
    rows = [f"{n},{one.isoformat()}" for n, one in enumerate(local)]
    (tmp_path / "rows.csv").write_text("id,at\n" + "\n".join(rows) + "\n", encoding="utf-8")
    row = {"id": "id", "occurred_at": {"column": "at", "zone": "Europe/Berlin"}}
    note = {"kind": "note", "fields": {"text": "id"}}
    told = {"files": ["rows.csv"], "row": row, "records": [note]}
    found = synced(tmp_path, told)
    assert len(never) == 4
    assert found.receipt.drift == {"occurred_at: times that the clocks skipped": len(never)}
