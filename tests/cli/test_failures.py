"""Exit codes: each as documented, with one message, one hint, and never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shops import PROGRAM, SRC, Command, Done

HOLDER = """
import sys
from datetime import UTC, datetime
from cxm_core.store import open_store
store = open_store(sys.argv[1], clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
print("held", flush=True)
sys.stdin.read()
"""
WITHOUT = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
"""


def refused(done: Done, code: int) -> str:
    """Standard error of a command that ended as it should: nothing printed, nothing traced."""
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    assert done.err.count("Error: ") == 1
    return done.err


class TestDone:
    """0: done."""

    def test_measured(self, synced: Path, shell: Command) -> None:
        """A command that did its work ends with 0 and leaves standard error empty."""
        done = shell("measure", "nps")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("nps ")


class TestUnexpected:
    """1: a store that cannot be used."""

    @pytest.mark.parametrize("words", [["measure", "nps"], ["sync"]])
    def test_another_process_holds_the_store(
        self, shop: Path, cxm: Command, words: list[str]
    ) -> None:
        """Whether it reads or writes, the message names the process that holds the file."""
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, "shops.duckdb"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(SRC)},
        ) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == "held\n"
            said = refused(cxm(*words), 1)
            assert f"Process {holder.pid} holds the store" in said
            assert holder.stdin
            holder.stdin.close()

    def test_no_store_yet(self, shop: Path, cxm: Command) -> None:
        """To read a store that is not there makes none, and the hint says to sync first."""
        assert "Hint: sync first" in refused(cxm("measure", "nps"), 1)
        assert not (shop / "shops.duckdb").exists()

    def test_no_store_at_all(self, shop: Path, cxm: Command) -> None:
        """A file that is no store is named, and stays as it is."""
        (shop / "shops.duckdb").write_text("Dear diary", encoding="utf-8")
        assert "'shops.duckdb' is no store" in refused(cxm("sync"), 1)
        assert (shop / "shops.duckdb").read_text(encoding="utf-8") == "Dear diary"


class TestUsage:
    """2: wrong usage."""

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["quarantin"], "Did you mean 'quarantine'?"),
            (["measure", "nps", "--widow", "2026"], "No such option: --widow"),
            (["measure"], "Missing argument"),
            (["measure", "nsp"], "did you mean 'nps'?"),
            (["measure", "nps", "--window", "soon"], "This is no window of time."),
            (["measure", "nps", "--every", "weekly"], "'week'"),
            (["measure", "nps", "--by", "shp"], "did you mean 'shop'?"),
            (["measure", "nps", "--where", "shop"], "A --where has no '='."),
            (["measure", "nps", "--where", "channel=emial"], "did you mean 'email'?"),
            (["measure", "nps", "--where", "score_value=high"], "of the type integer"),
            (["measure", "nps", "--as-of", "yesterday"], "as_of is no instant."),
            (["measure", "nps", "--as-of", "2026-11-21"], "as_of has no time zone."),
            (["measure", "nps", "--fail-under", "much"], "--fail-under"),
            (["sync", "files:shop"], "did you mean 'files:shops'?"),
            (["sources", "rename", "files:sho", "files:b"], "did you mean 'files:shops'?"),
            (["quarantine", "--source", "files:sho"], "did you mean 'files:shops'?"),
            (["quarantine", "--reason", "out_of_scales"], "did you mean 'out_of_scale'?"),
            (["quarantine", "--raw"], "--raw shows rows only with --json."),
            (["quarantine", "replay", "files:sho"], "did you mean 'files:shops'?"),
            (["quarantine", "--json", "replay", "files:shops"], "stand behind it"),
            (["sources", "-p", "x.toml", "rename", "a", "b"], "stand behind it"),
            (["init"], "'cxm.toml' is there already."),
            (["demo", "--out", "answers.csv"], "'answers.csv' is no folder."),
        ],
    )
    def test_refused(self, synced: Path, cxm: Command, words: list[str], said: str) -> None:
        """A wrong call ends with 2, and says what is wrong and what is near."""
        assert said in refused(cxm(*words), 2)

    def test_nothing_typed(self, shell: Command) -> None:
        """Without a word, the command shows what there is to type."""
        done = shell()
        assert done.code == 2
        assert "Commands:" in done.out + done.err


class TestIncomplete:
    """3: finished, but incomplete."""

    def test_one_of_two_sources_is_lost(self, with_lost_file: Path, cxm: Command) -> None:
        """The other source is kept whole, and the receipt names the file that is missing."""
        done = cxm("sync", "--json")
        whole, lost = done.json
        assert done.code == 3
        assert (whole["source"], whole["is_complete"], whole["applied"]) == ("files:shops", True, 6)
        assert (lost["source"], lost["is_complete"]) == ("files:lost", False)
        assert "lost.csv" in lost["note"]
        assert done.err == "Not every stream came whole; the receipts say which.\n"

    def test_run_goes_on(self, with_lost_file: Path, cxm: Command) -> None:
        """The main job measures and reports what there is, and its code tells of the rest."""
        done = cxm("run")
        assert done.code == 3
        assert "nps 33.3 points" in done.out or "nps 25.0 points" in done.out
        assert done.out.splitlines()[-1] == "shops.html"
        assert "incomplete" in (with_lost_file / "shops.html").read_text(encoding="utf-8")

    def test_check_finds_a_problem(self, with_lost_file: Path, cxm: Command) -> None:
        """A check tells the problems of each source, and which of them are ready."""
        done = cxm("check")
        assert (done.code, done.err) == (3, "")
        ready, troubled, problem = done.out.splitlines()
        assert ready == "files:shops: ready, streams rows"
        assert troubled == "files:lost: 1 problem, streams rows"
        assert "lost.csv" in problem


class TestConfiguration:
    """4: a wrong program, or a missing extra."""

    def test_typo_in_the_program(self, shop: Path, cxm: Command) -> None:
        """A key that nobody knows: the message names file, key and the nearest known one."""
        wrong = PROGRAM.replace('engine = "nps"', 'engin = "nps"')
        (shop / "cxm.toml").write_text(wrong, encoding="utf-8")
        said = refused(cxm("check"), 4)
        assert "cxm.toml" in said
        assert "metrics[0].engin" in said
        assert "did you mean 'engine'?" in said

    def test_typo_in_a_source(self, shop: Path, cxm: Command) -> None:
        """A key of a connector's configuration is named with its source."""
        wrong = PROGRAM.replace("missing = {", "mising = {")
        (shop / "cxm.toml").write_text(wrong, encoding="utf-8")
        said = refused(cxm("sync"), 4)
        assert "'files:shops'" in said
        assert "questions[0].mising" in said
        assert "did you mean 'missing'?" in said

    @pytest.mark.parametrize("words", [["check"], ["run"], ["sync"], ["measure", "nps"]])
    def test_no_program(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cxm: Command, words: list[str]
    ) -> None:
        """Without a program file, the hint names the two commands that make one."""
        monkeypatch.chdir(tmp_path)
        said = refused(cxm(*words), 4)
        assert "There is no program file 'cxm.toml'." in said
        assert "cxm init" in said
        assert "cxm demo" in said

    def test_connector_is_not_installed(self, shop: Path, cxm: Command) -> None:
        """A source without a connector stops the sync before anything is pulled."""
        more = '[[sources]]\nname = "nobody:acme"\n'
        (shop / "cxm.toml").write_text(PROGRAM + more, encoding="utf-8")
        said = refused(cxm("sync"), 4)
        assert "The source 'nobody:acme' has no connector: There is no connector 'nobody'." in said
        assert cxm("sources", "--json").json == {}

    @pytest.mark.parametrize(
        ("module", "extra", "words"),
        [
            ("typer", "cli", ["--help"]),
            ("rich", "cli", ["measure", "nps"]),
            ("duckdb", "duckdb", ["run"]),
            ("jinja2", "report", ["report", "in-memory.toml"]),
            ("httpcore2", "http", ["demo", "--out", "new"]),
        ],
    )
    def test_missing_extra(
        self, shop: Path, shell: Command, module: str, extra: str, words: list[str]
    ) -> None:
        """Where a library is missing, the hint is the command that installs its extra."""
        in_memory = PROGRAM.replace("shops.duckdb", "memory:")
        (shop / "in-memory.toml").write_text(in_memory, encoding="utf-8")
        said = refused(shell(*words, before=WITHOUT.format(module=module)), 4)
        assert f"needs the '{extra}' extra." in said
        assert f"Hint: pip install 'cxm[{extra}]'" in said


class TestGate:
    """5: a gate failed."""

    @pytest.mark.parametrize(("bound", "code"), [("50", 5), ("25", 0), ("-100", 0)])
    def test_fail_under(self, synced: Path, cxm: Command, bound: str, code: int) -> None:
        """The figure is printed either way; only one under the bound fails the gate."""
        done = cxm("measure", "nps", "--fail-under", bound)
        assert done.code == code
        assert re.match(r"nps 25\.0 points", done.out)
        assert done.err == ("nps does not reach 50.\n" if code else "")

    def test_one_group_fails_it(self, synced: Path, cxm: Command) -> None:
        """Over groups, the gate holds for each of them."""
        assert cxm("measure", "nps", "--by", "shop", "--fail-under", "-60").code == 0
        assert cxm("measure", "nps", "--by", "shop", "--fail-under", "-40").code == 5

    @pytest.mark.parametrize("words", [[], ["--by", "shop"]])
    def test_no_answer_fails_it(self, synced: Path, cxm: Command, words: list[str]) -> None:
        """What nobody answered cannot pass, whatever the bound."""
        done = cxm("measure", "nps", "--window", "1999", *words, "--fail-under", "-100")
        assert done.code == 5
