"""The examples that ship with the library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pytest

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import Program
from cxm_core.workspace import copy_example, demonstration

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


class Shop:
    """A demonstration that notes when it is open."""

    files: Mapping[str, bytes] = {"cxm.toml": b'name = "Shop"\nzone = "UTC"\n'}
    is_open = False

    @property
    def environment(self) -> Mapping[str, str]:
        """Where it listens, while it does."""
        assert Shop.is_open
        return {"CXM_DEMO_SHOP": "http://127.0.0.1:1", "CXM_DEMO_OTHER": "new"}

    def __enter__(self) -> Self:
        Shop.is_open = True
        return self

    def __exit__(self, *problem: object) -> None:
        Shop.is_open = False


@pytest.fixture
def _with_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxm_core.workspace._examples.offered", lambda _: {"shop": lambda: Shop})


@pytest.mark.usefixtures("_with_shop")
class TestDemonstration:
    """An example whose sources answer for as long as it runs."""

    def test_sources_answer_within_the_block_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The environment names them there, and is as it was afterwards, also after a failure."""
        monkeypatch.setenv("CXM_DEMO_OTHER", "old")
        monkeypatch.delenv("CXM_DEMO_SHOP", raising=False)
        with pytest.raises(ZeroDivisionError):
            self._look(tmp_path / "demo")
        assert not Shop.is_open
        assert os.environ["CXM_DEMO_OTHER"] == "old"
        assert "CXM_DEMO_SHOP" not in os.environ

    def _look(self, folder: Path) -> None:
        with demonstration(folder, name="shop") as program:
            assert Shop.is_open
            assert Program.load(program).name == "Shop"
            assert os.environ["CXM_DEMO_OTHER"] == "new"
            raise ZeroDivisionError

    def test_a_folder_of_something_else(self, tmp_path: Path) -> None:
        """Nothing is opened where nothing can be laid out."""
        (tmp_path / "diary.txt").write_text("mine", "utf-8")
        with pytest.raises(UsageError, match="holds other files"):
            demonstration(tmp_path, name="shop").__enter__()
        assert not Shop.is_open

    def test_the_airport(self, tmp_path: Path) -> None:
        """The survey that ships with the library goes by `sfo`, whatever is installed."""
        with demonstration(tmp_path, name="sfo") as program:
            assert Program.load(program).headline[0] == "nps"

    def test_no_such_example(self, tmp_path: Path) -> None:
        """A name that nothing goes by is refused, and the nearest is named."""
        with pytest.raises(UsageError, match="There is no example 'shp'") as caught:
            demonstration(tmp_path, name="shp").__enter__()
        assert caught.value.hint == "did you mean 'shop'?"
