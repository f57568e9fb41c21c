"""Sources that change their shape without a word: each fault by the ways in that it can take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxm_core.plugins import Checkpoint, Item
from cxm_core.records import Problem, Reason, Response, check, read_row
from cxm_core.store import open_store
from cxm_core.sync import pull
from cxm_core.vocabulary import Channel
from reliability.fuzz_ways import MAPPING
from reliability.ways_in import FILE_WAYS, GOOD, NOW, config, served, synced
from sync.scripted import Scripted

TEXT_WAYS = ("csv", "jsonl")


def flat(**values: object) -> Response | Problem:
    """What the row lane makes of a flat row of an app."""
    found = check("response", {"native_id": "1", "occurred_at": "2026-11-05T09:00Z", **values})
    assert isinstance(found, Response | Problem)
    return found


class TestFields:
    """Fields that come and go."""

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_drift_01_new_field(self, tmp_path: Path, way: str) -> None:
        """A field that nobody declared is counted, stands in the raw form, and harms nothing."""
        found = served(tmp_path, [{"mood": "good", "score": 99}, {"mood": "bad"}], way)
        assert found.receipt.drift == {"mood": 2}
        (entry,) = found.quarantined
        assert entry.row is not None
        assert entry.row["mood"] == "good"

    @pytest.mark.parametrize("way", TEXT_WAYS)
    def test_drift_02_missing_field(self, tmp_path: Path, way: str) -> None:
        """A row without what no record can lack is set aside at that field."""
        found = served(tmp_path, [{}, {"at": None}, {"id": ""}], way)
        assert found.reasons == {"missing_field": 2}
        assert {one.field for one in found.quarantined} == {"occurred_at", "native_id"}
        row = {key: str(value) for key, value in GOOD.items() if key != "at"}
        problem = read_row(MAPPING, row)
        assert isinstance(problem, Problem)
        assert (problem.reason, problem.field) == (Reason.MISSING_FIELD, "occurred_at")

    def test_drift_02_missing_key(self, tmp_path: Path) -> None:
        """A line of JSON that lacks the key is told as one whose key is null."""
        lacking = {key: value for key, value in GOOD.items() if key != "at"}
        lines = [json.dumps(GOOD), json.dumps({**lacking, "id": "bad"})]
        (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert synced(tmp_path, config("rows.jsonl")).reasons == {"missing_field": 1}

    def test_drift_02_missing_field_in_objects(self) -> None:
        """An app is told which field."""
        problem = flat(occurred_at=None)
        assert isinstance(problem, Problem)
        assert (problem.reason, problem.field) == (Reason.MISSING_FIELD, "occurred_at")

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_drift_03_null(self, tmp_path: Path, way: str) -> None:
        """Null is no answer where the model allows none."""
        empty = dict.fromkeys(("score", "said", "mail", "weight", "channel", "stamp"))
        found = served(tmp_path, [empty, {}], way)
        assert found.reasons == {}
        blank = found.records["0"]
        told = (blank.score, blank.verbatim, blank.weight, blank.channel, blank.recorded_at)
        assert told == (None,) * 5
        assert blank.customer == ()
        assert blank.no_answer == "no_answer"

    @pytest.mark.parametrize(
        ("value", "reason"),
        [("9", None), (9.0, None), ({"v": 9}, "wrong_type"), ([9], "wrong_type")],
    )
    def test_drift_04_type_change(self, tmp_path: Path, value: object, reason: str | None) -> None:
        """Digits are a number however they are spelled; an object or a list is none."""
        found = served(tmp_path, [{}, {"score": value}], "jsonl")
        assert found.reasons == ({reason: 1} if reason else {})
        assert len(found.records) == (1 if reason else 2)

    def test_drift_04_type_change_of_a_column(self, tmp_path: Path) -> None:
        """A column of texts or lists in Parquet is read by the same table."""
        assert served(tmp_path, [{"score": "9"}, {"score": "8"}], "parquet").reasons == {}
        found = served(tmp_path, [{"score": [9]}, {"score": [8]}], "parquet")
        assert found.reasons == {"wrong_type": 2}

    @pytest.mark.parametrize("value", ["9", {"v": 9}, [9]])
    def test_drift_04_type_change_in_objects(self, value: object) -> None:
        """An app gives numbers as numbers; the page on records says so."""
        scale = {"score_low": 0, "score_high": 10, "score_scale": "0-10"}
        problem = flat(score_value=value, **scale)
        assert isinstance(problem, Problem)
        assert problem.reason is Reason.WRONG_TYPE

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_drift_05_new_level(self, tmp_path: Path, way: str) -> None:
        """A channel that is not known yet is `other`, and its own word is told in the drift."""
        rows = [{"channel": "threads"}, {"channel": "threads"}, {"channel": "Web"}]
        found = served(tmp_path, rows, way)
        assert found.reasons == {}
        channels = [found.records[str(number)].channel for number in range(3)]
        assert channels == [Channel.OTHER, Channel.OTHER, Channel.WEB]
        assert found.receipt.drift == {"channel: 'threads'": 2}


class TestShapes:
    """Answers whose whole shape is another."""

    def test_drift_10_wrapper_renamed(self, tmp_path: Path) -> None:
        """Where the rows moved below another key, the file is refused and the state stays."""
        store = open_store("memory:", clock=lambda: NOW)
        path = tmp_path / "rows.jsonl"
        told = config("rows.jsonl", row={"id": "results.id", "occurred_at": "results.at"})
        path.write_text(json.dumps({"results": GOOD}) + "\n", encoding="utf-8")
        assert synced(tmp_path, told, store).receipt.is_complete
        before = store.checkpoint("files:test", "rows")
        path.write_text(json.dumps({"data": GOOD}) + "\n", encoding="utf-8")
        found = synced(tmp_path, told, store)
        assert not found.receipt.is_complete
        assert found.receipt.note.startswith("SchemaChanged")
        assert store.checkpoint("files:test", "rows") == before
        assert len(found.records) == 1

    @pytest.mark.parametrize("way", TEXT_WAYS)
    def test_drift_10_column_renamed(self, tmp_path: Path, way: str) -> None:
        """So it is with a column that no record can lack."""
        found = served(tmp_path, [{}], way, row={"id": "number"})
        assert found.receipt.note.startswith("SchemaChanged")
        assert found.store.checkpoint("files:test", "rows") is not None  # the questions were kept
        assert found.records == {}

    def test_drift_12_ids_are_texts(self, tmp_path: Path) -> None:
        """12, "12" and 12.0 are one id, "0012" is another, in one file and in the next sync."""
        store = open_store("memory:", clock=lambda: NOW)
        path = tmp_path / "rows.jsonl"
        kept = []
        for ids in ([12, "0012"], ["12", "0012"], [12.0]):
            path.write_text("".join(json.dumps({**GOOD, "id": one}) + "\n" for one in ids))
            found = synced(tmp_path, config("rows.jsonl"), store)
            kept.append((set(found.records), found.receipt.duplicate))
        assert kept == [({"12", "0012"}, 0), ({"12", "0012"}, 2), ({"12", "0012"}, 1)]

    def test_drift_12_ids_that_lost_their_digits(self, tmp_path: Path) -> None:
        """What a spreadsheet or a float made of a long id could stand for several of them."""
        found = served(tmp_path, [{"id": "1.23457E+16"}, {"id": "7"}], "csv")
        assert (found.reasons, set(found.records)) == ({"bad_pattern": 1}, {"7"})
        assert served(tmp_path, [{"id": 1e17}, {"id": 8}], "jsonl").reasons == {"bad_pattern": 1}

    @pytest.mark.parametrize("way", FILE_WAYS)
    def test_drift_12_leading_zeros(self, tmp_path: Path, way: str) -> None:
        """Leading zeros belong to an id, whatever the file is."""
        found = served(tmp_path, [{"id": "12"}, {"id": "0012"}, {"id": "12.0"}], way)
        assert set(found.records) == {"12", "0012", "12.0"}

    def test_drift_12_ids_of_objects(self) -> None:
        """An app may give numbers or texts; both are texts here."""
        store = open_store("memory:", clock=lambda: NOW)
        ids: list[object] = [12, "12", "0012", 12.0]

        def serve(_: object) -> Iterator[Item]:
            for one in ids:
                found = flat(native_id=one)
                assert isinstance(found, Response)
                yield found
            yield Checkpoint({"done": True})

        (receipt,) = pull(store, Scripted({"a": serve}), source="scripted:a", clock=lambda: NOW)
        assert (receipt.applied, receipt.duplicate) == (2, 2)
        assert {one.native_id for one in store.records("response")} == {"12", "0012"}
