"""The example that ships with the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import Program
from cxm_core.workspace import copy_example

FILES = ["README.md", "cxm.toml", "sfo_2017.csv.gz", "sfo_2018.csv.gz"]


def listed(folder: Path) -> list[str]:
    """Names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("is_there", [False, True])
def test_into_a_new_or_empty_folder(tmp_path: Path, is_there: bool) -> None:
    """The example is laid out whole, and its program loads."""
    folder = tmp_path / "demo"
    if is_there:
        folder.mkdir()
    program = copy_example(str(folder))
    assert program == folder / "cxm.toml"
    assert listed(folder) == FILES
    assert Program.load(program).headline[0] == "nps"


def test_again(tmp_path: Path) -> None:
    """Where it lies unchanged, only what is missing is laid out; results and notes stay."""
    copy_example(tmp_path)
    (tmp_path / "sfo_2018.csv.gz").unlink()
    (tmp_path / "cxm.duckdb").write_bytes(b"results")
    written = (tmp_path / "cxm.toml").stat().st_mtime_ns
    copy_example(tmp_path)
    assert listed(tmp_path) == sorted([*FILES, "cxm.duckdb"])
    assert (tmp_path / "cxm.duckdb").read_bytes() == b"results"
    assert (tmp_path / "cxm.toml").stat().st_mtime_ns == written


def test_changed_program(tmp_path: Path) -> None:
    """A program that was edited is left as it is; the hint says how to run it."""
    program = copy_example(tmp_path)
    program.write_text(program.read_text("utf-8") + "# mine\n", "utf-8")
    with pytest.raises(UsageError, match=r"has a cxm\.toml of its own.*\nHint: cxm run "):
        copy_example(tmp_path)
    assert program.read_text("utf-8").endswith("# mine\n")


def test_folder_of_something_else(tmp_path: Path) -> None:
    """A folder with other files gets nothing."""
    (tmp_path / "diary.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="holds other files"):
        copy_example(tmp_path)
    assert listed(tmp_path) == ["diary.txt"]


def test_no_folder(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "demo").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="is no folder"):
        copy_example(tmp_path / "demo")


def test_a_name_that_no_system_takes(tmp_path: Path) -> None:
    """A folder whose name is too long is told, in few words."""
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        copy_example(tmp_path / ("x" * 5_000))
    assert len(caught.value.message) < 200
