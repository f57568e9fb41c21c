"""The first hour: init, check, connectors."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from cli.shops import Command
from cxm_core.program import Program


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestInit:
    """`cxm init` writes a program to begin with."""

    def test_from_a_data_file(self, desk: Path, sfo: Path, cxm: Command) -> None:
        """What is proposed for the airport's file is a program that checks, and runs."""
        shutil.copy(sfo / "sfo_2017.csv.gz", desk)
        done = cxm("init", "--from", "sfo_2017.csv.gz")
        assert (done.code, done.out) == (0, "cxm.toml\n")
        assert "'confirm'" in done.err
        assert Program.load("cxm.toml").headline == ("nps", "csat")
        assert cxm("check") == (0, "files:sfo_2017: ready, streams rows\n", "")

    def test_proposal_measures(self, shop: Path, cxm: Command) -> None:
        """The proposal for a small file gives figures without a stroke of the pen."""
        rows = [f"{row},2026-03-{1 + row % 28:02},{row % 11}" for row in range(80)]
        table = "\n".join(["id,date,recommend", *rows, "80,2026-03-01,99"])
        (shop / "many.csv").write_text(table + "\n", encoding="utf-8")
        cxm("init", "--from", "many.csv", "--out", "new.toml")
        done = cxm("run", "new.toml", "--json")
        assert done.code == 0
        assert done.json["receipts"][0]["quarantined"] == 0
        assert done.json["metrics"]["nps"]["n"] == 80

    def test_starter(self, desk: Path, cxm: Command) -> None:
        """Without a data file, an empty program is written, which loads and checks."""
        done = cxm("init")
        assert (done.code, done.out) == (0, "cxm.toml\n")
        assert done.err == "Fill it in, then run: cxm check cxm.toml\n"
        assert cxm("check") == (0, "The program names no source.\n", "")

    @pytest.mark.parametrize("words", [[], ["--from", "answers.csv"]])
    def test_never_writes_over(self, shop: Path, cxm: Command, words: list[str]) -> None:
        """A program that is there stays, unless --force is typed."""
        before = (shop / "cxm.toml").read_bytes()
        done = cxm("init", *words)
        assert (done.code, done.out) == (2, "")
        assert "--force" in done.err
        assert (shop / "cxm.toml").read_bytes() == before
        assert cxm("init", *words, "--force").code == 0
        assert (shop / "cxm.toml").read_bytes() != before

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("nowhere.csv", "There is no file"),
            ("empty.csv", "holds no rows"),
            ("picture.png", "does not say how the file is written"),
            ("words.csv", "No column of 'words.csv' looks like an answer"),
            (".", "is not a file"),
            ("../outside.csv", "leads out of the program's folder"),
        ],
    )
    def test_no_data_file(self, desk: Path, cxm: Command, file: str, said: str) -> None:
        """A file that nothing can be proposed from is a wrong call, and nothing is written."""
        (desk / "empty.csv").write_bytes(b"")
        (desk / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
        (desk / "words.csv").write_text("id\na\nb\n", encoding="utf-8")
        done = cxm("init", "--from", file)
        assert (done.code, done.out) == (2, "")
        assert said in done.err
        assert not (desk / "cxm.toml").exists()

    @pytest.mark.parametrize(
        ("out", "said"),
        [
            ("nowhere/cxm.toml", "No such file or directory"),
            (f"{'x' * 300}.toml", ""),
        ],
    )
    def test_place_that_cannot_be(self, desk: Path, cxm: Command, out: str, said: str) -> None:
        """A folder that is not there, or a name that no disk takes, is a wrong call."""
        done = cxm("init", "--out", out)
        assert (done.code, done.out) == (2, "")
        assert f"cannot be written: {said}" in done.err


class TestCheck:
    """`cxm check` looks, and keeps nothing."""

    def test_keeps_nothing(self, shop: Path, cxm: Command) -> None:
        """A sound program is ready, and no store is made."""
        assert cxm("check") == (0, "files:shops: ready, streams rows\n", "")
        assert not (shop / "shops.duckdb").exists()

    def test_json(self, shop: Path, cxm: Command) -> None:
        """A machine gets account, streams and problems of each source."""
        found = cxm("check", "--json").json
        assert found == {"files:shops": {"account": None, "streams": ["rows"], "problems": []}}

    def test_column_that_is_missing(self, shop: Path, cxm: Command) -> None:
        """A column that the mapping needs and the file lacks is named before anything is pulled."""
        text = (shop / "answers.csv").read_text(encoding="utf-8")
        (shop / "answers.csv").write_text(text.replace("score", "points", 1), encoding="utf-8")
        done = cxm("check")
        assert done.code == 3
        assert "'score'" in done.out


class TestConnectors:
    """`cxm connectors` lists what is installed, whole or broken."""

    def test_built_in(self, cxm: Command) -> None:
        """The connector for files comes with the library."""
        found = cxm("connectors", "--json").json
        assert "files" in [one["name"] for one in found["connectors"]]
        assert re.search(r"^files +1 +CSV, JSONL, Parquet", cxm("connectors").out, re.MULTILINE)

    def test_broken_ones(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cxm: Command
    ) -> None:
        """A plugin that cannot be loaded is told with its reason, and hides no other."""
        info = tmp_path / "cxm_acme-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Name: cxm-acme\nVersion: 1.0\n", encoding="utf-8")
        points = "[cxm.connectors]\nacme = acme_that_is_gone:Acme\nletters = json:loads\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        done = cxm("connectors")
        assert (done.code, done.err) == (0, "")
        assert re.search(r"^files ", done.out, re.MULTILINE)
        assert re.search(r"^acme +broken: .*'acme_that_is_gone'", done.out, re.MULTILINE)
        assert re.search(r"^letters +broken: ", done.out, re.MULTILINE)
        problems = cxm("connectors", "--json").json["problems"]
        assert {one["distribution"] for one in problems} == {"cxm-acme"}
        assert {one["name"] for one in problems} == {"acme", "letters"}


def test_starter_shows_a_program_that_loads(desk: Path, cxm: Command) -> None:
    """With the example's bare '#' taken away, the starter is a whole program."""
    cxm("init")
    text = (desk / "cxm.toml").read_text(encoding="utf-8")
    whole = re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)
    assert len(tomllib.loads(whole)) > len(tomllib.loads(text))
    program = Program.parse(whole)
    assert program.headline == ("nps",)
    assert program.sources[0].name == "files:answers"
