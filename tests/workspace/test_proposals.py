"""Programs to begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Program
from cxm_core.workspace import Workspace, propose_program, starter_program


@pytest.mark.parametrize("wave", ["2017", "2018"])
def test_airport(sfo: Path, tmp_path: Path, wave: str) -> None:
    """What is proposed for the airport's files loads, and its sources have no problem."""
    shutil.copy(sfo / f"sfo_{wave}.csv.gz", tmp_path)
    text = propose_program(tmp_path / f"sfo_{wave}.csv.gz", beside=tmp_path / "cxm.toml")
    program = Program.parse(text, path=tmp_path / "cxm.toml")
    assert program.headline[0] == "nps"
    assert program.store_url == str(tmp_path / "cxm.duckdb")
    with Workspace(program, store="memory:") as workspace:
        assert [report.problems for report in workspace.check().values()] == [()]


@pytest.mark.parametrize(
    ("name", "said"),
    [("gone.csv", "There is no file"), ("page.html", "ending"), ("empty.csv", "no rows")],
)
def test_nothing_to_propose_from(tmp_path: Path, name: str, said: str) -> None:
    """A file that is none of ours is a wrong call, whichever room found out."""
    (tmp_path / "page.html").write_text("<p>", "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    with pytest.raises(UsageError, match=said):
        propose_program(tmp_path / name, beside=tmp_path / "cxm.toml")


def test_file_outside(tmp_path: Path) -> None:
    """A data file stands beside the program or below, for nothing else is ever read."""
    (tmp_path / "a.csv").write_text("id,nps\n1,9\n", "utf-8")
    with pytest.raises(UsageError, match="leads out of the program's folder"):
        propose_program(tmp_path / "a.csv", beside=tmp_path / "below" / "cxm.toml")


def test_starter_loads() -> None:
    """The starter is a program without sources and without metrics."""
    program = Program.parse(starter_program())
    assert (program.sources, program.metrics, program.headline) == ((), (), ())
