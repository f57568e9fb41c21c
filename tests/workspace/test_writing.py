"""Files for people, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.workspace import Workspace
from cxm_core.workspace._writing import write_file
from workspace.desks import Clock, answers, shop


class TestFile:
    """One file."""

    def test_makes_its_folder(self, tmp_path: Path) -> None:
        """Folders on the way are made; nothing but the file is left in them."""
        target = write_file(tmp_path / "a" / "b" / "page.html", b"new")
        assert target.read_bytes() == b"new"
        assert list(target.parent.iterdir()) == [target]

    def test_old_one_stays_until_the_new_one_is_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the disk fails halfway, the old file is there as it was, and no draft."""
        target = tmp_path / "page.html"
        target.write_bytes(b"old")

        def fail(self: Path, content: bytes) -> int:
            self.touch()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(ConfigurationError, match="No space left on device"):
            write_file(target, b"new")
        assert target.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [target]

    @pytest.mark.parametrize("name", ["taken/page.html", "."])
    def test_place_that_cannot_be(self, tmp_path: Path, name: str) -> None:
        """A file below a file, or in place of a folder, is an error with a way out."""
        (tmp_path / "taken").write_bytes(b"")
        with pytest.raises(ConfigurationError, match="choose another place"):
            write_file(tmp_path / name, b"new")


def test_report_and_tables(tmp_path: Path) -> None:
    """The page, the same as Markdown, and each table in two formats that hold the same rows."""
    program = shop(windows=["2025", "2026"])
    with Workspace(program, store="memory:", clock=Clock()) as workspace:
        workspace.add(answers([10, 9, 3]))
        page = workspace.report(tmp_path / "page.html", tables=tmp_path / "tables")
    assert page == tmp_path / "page.html"
    folder = tmp_path / "tables"
    assert (folder / "report.md").read_text(encoding="utf-8").startswith("# Shop")
    names = {path.stem for path in folder.glob("*.csv")}
    assert names == {path.stem for path in folder.glob("*.parquet")}
    pyarrow_parquet = pytest.importorskip("pyarrow.parquet")
    rows = pyarrow_parquet.read_table(folder / "headlines.parquet").to_pylist()
    assert [row["value"] for row in rows] == [None, pytest.approx(100 / 3)]


def test_report_goes_where_the_program_says(tmp_path: Path) -> None:
    """Without a path, the report stands where the program says, from the program's folder."""
    toml = 'name = "Shop"\nzone = "UTC"\n[report]\npath = "out/page.html"\n'
    (tmp_path / "cxm.toml").write_text(toml, encoding="utf-8")
    with Workspace(tmp_path / "cxm.toml", store="memory:") as workspace:
        assert workspace.report() == tmp_path / "out" / "page.html"
