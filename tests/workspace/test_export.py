"""Exports: every record leaves as a file, and comes back as it was."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import narwhals as nw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError, StoreFull, UsageError
from cxm_core.records import Note, Record
from cxm_core.report import read_csv, to_csv
from cxm_core.store import canonical_lines
from cxm_core.sync._add import OF_ITS_OWN
from cxm_core.testing import PERSONAL_MARKER, records
from cxm_core.workspace import Workspace, read_export
from cxm_core.workspace._export import csv_types
from workspace.desks import NOON, answers, shop

pytest.importorskip("duckdb")

THINGS = st.sampled_from(["response", "note", "ticket", "order", "consent"]).flatmap(records)
FORMULAS = ["=1+1", "'=1+1", "@SUM(A1)", "\t=1", "-2+3", "a\r\nb", '"', "+49 30 1234", "\uff1d1"]


def desk() -> Workspace:
    """Workspace that keeps its store in memory."""
    return Workspace(shop(), store="memory:", clock=lambda: NOON)


def later() -> Workspace:
    """Another one, on another day."""
    return Workspace(shop(), store="memory:", clock=lambda: NOON + timedelta(days=3))


class TestThereAndBack:
    """What was exported and read again is the same."""

    @pytest.mark.parametrize("form", ["jsonl", "csv"])
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
    @given(things=st.lists(THINGS, min_size=1, max_size=5))
    def test_records(self, things: list[Record], form: str, tmp_path: Path) -> None:
        """Records that come back make a store with the same lines, of time and source too."""
        folder = tmp_path / os.urandom(8).hex()
        with desk() as one, later() as other:
            one.add(things)
            for file in one.export(folder, format=form):  # type: ignore[arg-type]  # one of three
                other.add(read_export(file))
            assert list(canonical_lines(other.store, without=())) == list(
                canonical_lines(one.store, without=())
            )

    def test_what_brings_its_source_and_moment_is_counted(self, tmp_path: Path) -> None:
        """A record of an export keeps both, and nobody has to guess where it came from."""
        note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold")
        with desk() as one, later() as other:
            assert dict(one.add([note.stamped(source="app:own")]).drift) == {}
            (file,) = one.export(tmp_path)
            receipt = other.add(read_export(file), source="app:till")
            (back,) = other.store.records("note")
        assert receipt.applied == 1
        assert dict(receipt.drift) == dict.fromkeys(OF_ITS_OWN.values(), 1)
        assert (back.source, back.known_at) == ("app:own", NOON)

    def test_formulas_in_csv(self, tmp_path: Path) -> None:
        """Texts that a spreadsheet would run are inert in the file, and whole when read again."""
        notes = [
            Note(native_id=str(n), occurred_at="2026-11-05T09:00Z", text=text)
            for n, text in enumerate(FORMULAS)
        ]
        with desk() as one, later() as other:
            one.add(notes)
            (file,) = one.export(tmp_path, format="csv")
            other.add(read_export(file))
            assert list(canonical_lines(other.store)) == list(canonical_lines(one.store))
        data = read_csv(file, types=csv_types("note"))
        assert file.read_bytes() == to_csv(data).encode("utf-8-sig")
        assert b'"=1+1"' not in file.read_bytes()

    def test_parquet(self, tmp_path: Path) -> None:
        """A Parquet file has the columns and rows of the store."""
        with desk() as one:
            one.add(answers([9, 3, 7]))
            (file,) = one.export(tmp_path, format="parquet")
            assert nw.read_parquet(str(file), backend="pyarrow").shape[0] == 3

    def test_many_pages(self, tmp_path: Path) -> None:
        """More records than fit one page give one table with one header."""
        with desk() as one:
            one.add(answers([7] * 5_001))
            (file,) = one.export(tmp_path, format="csv")
        assert len(list(read_export(file))) == 5_001


class TestFiles:
    """What lies in the folder."""

    def test_equal_stores_give_equal_bytes(self, tmp_path: Path) -> None:
        """The order in which records came does not show."""
        for name, things in (("one", answers([9, 3])), ("other", answers([9, 3])[::-1])):
            with desk() as workspace:
                workspace.add(things)
                workspace.export(tmp_path / name)
        first, second = (tmp_path / name / "response.jsonl" for name in ("one", "other"))
        assert first.read_bytes() == second.read_bytes()
        assert not list(tmp_path.rglob("*.part"))

    def test_nothing_to_export(self, tmp_path: Path) -> None:
        """An empty store writes no file, and empties those of an earlier export."""
        with desk() as one:
            assert one.export(tmp_path / "out") == ()
            (tmp_path / "out" / "note.jsonl").write_text("old", encoding="utf-8")
            (file,) = one.export(tmp_path / "out")
        assert (file.name, file.read_bytes()) == ("note.jsonl", b"")

    def test_unknown_format(self, tmp_path: Path) -> None:
        """Another format is an error of the caller."""
        with desk() as one, pytest.raises(UsageError, match="'xlsx'"):
            one.export(tmp_path, format="xlsx")  # type: ignore[arg-type]  # the point of it

    @pytest.mark.parametrize(
        ("code", "error"), [(errno.ENOSPC, StoreFull), (errno.EROFS, ConfigurationError)]
    )
    def test_disk_that_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
    ) -> None:
        """A full or closed disk is told by its class, and the old file stays whole."""
        (tmp_path / "response.jsonl").write_text("old", encoding="utf-8")

        def fail(_: int) -> None:
            raise OSError(code, "no")

        with desk() as one:
            one.add(answers([9]))
            monkeypatch.setattr("cxm_core.workspace._export.os.fsync", fail)
            with pytest.raises(error):
                one.export(tmp_path)
        assert (tmp_path / "response.jsonl").read_text(encoding="utf-8") == "old"
        assert [one.name for one in tmp_path.iterdir()] == ["response.jsonl"]


class TestForeign:
    """Files that are no export."""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("note.txt", "x"),
            ("note.jsonl", PERSONAL_MARKER),
            ("note.csv", PERSONAL_MARKER),
            ("anna.csv", "x"),
            ("lost.jsonl", None),
        ],
    )
    def test_is_refused(self, tmp_path: Path, name: str, content: str | None) -> None:
        """Each is refused by its name or line, never with what stands in it."""
        if content is not None:
            (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(UsageError) as caught:
            list(read_export(tmp_path / name))
        assert PERSONAL_MARKER not in str(caught.value)

    def test_no_utf8(self, tmp_path: Path) -> None:
        """A file in another encoding is refused."""
        (tmp_path / "note.jsonl").write_bytes(b'{"text":"\xff"}')
        with pytest.raises(UsageError, match="UTF-8"):
            list(read_export(tmp_path / "note.jsonl"))
