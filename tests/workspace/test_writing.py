"""Files for people: the report and its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxm_core.errors import UsageError
from cxm_core.workspace import Workspace
from workspace.desks import Clock, answers, shop


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


def test_the_name_says_the_form(tmp_path: Path) -> None:
    """Markdown in a file called .md, HTML in .html and .htm, and no other name is taken."""
    with Workspace(shop(), store="memory:", clock=Clock()) as workspace:
        starts = {
            name: workspace.report(tmp_path / name).read_text(encoding="utf-8")[:15].lower()
            for name in ("page.md", "page.html", "page.HTM")
        }
        with pytest.raises(UsageError, match=r"not written as \.txt"):
            workspace.report(tmp_path / "page.txt")
    assert starts["page.md"].startswith("# shop")
    assert starts["page.html"] == starts["page.HTM"] == "<!doctype html>"
    assert not (tmp_path / "page.txt").exists()


def test_report_goes_where_the_program_says(tmp_path: Path) -> None:
    """Without a path, the report stands where the program says, from the program's folder."""
    toml = 'name = "Shop"\nzone = "UTC"\n[report]\npath = "out/page.html"\n'
    (tmp_path / "cxm.toml").write_text(toml, encoding="utf-8")
    with Workspace(tmp_path / "cxm.toml", store="memory:") as workspace:
        assert workspace.report() == tmp_path / "out" / "page.html"
