"""What there is to type: help, version, completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.shops import SRC, Command

COMMANDS = [
    "init",
    "check",
    "sync",
    "status",
    "measure",
    "report",
    "run",
    "demo",
    "doctor",
    "store",
    "connectors",
    "map",
    "sources",
    "quarantine",
]
SUBCOMMANDS = [
    "store verify",
    "store compact",
    "store rebuild",
    "store export",
    "store retain",
    "connectors list",
    "connectors check",
    "connectors new",
    "sources rename",
    "quarantine replay",
]


def test_version(cxm: Command) -> None:
    """--version prints the installed version."""
    assert cxm("--version") == (0, f"cxm {version('cxm')}\n", "")


class TestHelp:
    """Help tells each command in whole sentences, on any screen."""

    def test_lists_every_command(self, cxm: Command) -> None:
        """All commands stand there, in the order of work, and no sentence is cut off."""
        done = cxm("--help")
        listed = re.findall(r"^  (\w+) {2,}\S", done.out.partition("Commands:")[2], re.MULTILINE)
        assert (done.code, listed, done.err) == (0, COMMANDS, "")
        assert "..." not in done.out.partition("Commands:")[2]

    def test_lists_every_exit_code(self, cxm: Command) -> None:
        """The exit codes stand below."""
        told = " ".join(cxm("--help").out.partition("Exit codes:")[2].split())
        assert [int(code) for code in re.findall(r"\b\d+\b", told)] == [0, 1, 2, 3, 4, 5, 130, 143]

    @pytest.mark.parametrize("command", [*COMMANDS, *SUBCOMMANDS])
    def test_of_each_command(self, cxm: Command, command: str) -> None:
        """It tells the command and each of its options, in plain text and 80 columns."""
        done = cxm(*command.split(), "--help")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"Usage: cxm {command}")
        assert max(map(len, done.out.splitlines())) <= 80
        assert "\x1b" not in done.out
        assert re.search(r"^  [A-Z][^\n]+\.$", done.out, re.MULTILINE)
        for option in re.findall(r"^  (?:-\w, )?(--[\w-]+)", done.out, re.MULTILINE):
            assert re.search(rf"{option}\b[^\n]*(?:\n {{8,}})? {{2,}}[A-Z]", done.out), option

    @pytest.mark.parametrize("command", sorted({*COMMANDS, *SUBCOMMANDS} - {"store"}))
    def test_every_command_speaks_json(self, cxm: Command, command: str) -> None:
        """Every command that prints has --json; `store` alone only leads to others."""
        assert "--json" in cxm(*command.split(), "--help").out

    def test_comes_at_once(self) -> None:
        """Help and completion load no array, no model and no database."""
        code = "import cxm_core.cli._app, sys; print(*sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": str(SRC)},
        )
        assert not {"numpy", "pydantic", "scipy", "duckdb", "narwhals"} & set(done.stdout.split())


class TestCompletion:
    """The shell completes what is typed."""

    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("cxm mea", ["measure"]),
            ("cxm quarantine re", ["replay"]),
            ("cxm measure --fail", ["--fail-under"]),
            ("cxm measure nps --every q", ["quarter"]),
        ],
    )
    def test_completes(self, shell: Command, typed: str, offered: list[str]) -> None:
        """Commands, options and their choices are offered."""
        words = len(typed.split()) - 1
        done = shell(_CXM_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(words))
        assert (done.code, done.out.split()) == (0, offered)

    def test_show_completion(self, shell: Command) -> None:
        """--show-completion prints the script for a shell."""
        done = shell("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
        assert done.code == 0
        assert "_CXM_COMPLETE=complete_bash" in done.out

    def test_install_completion(self, shell: Command, tmp_path: Path) -> None:
        """--install-completion writes that script into the user's folder, and says so."""
        done = shell(
            "--install-completion",
            "bash",
            HOME=str(tmp_path),
            _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1",
        )
        assert done.code == 0
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any("_CXM_COMPLETE" in path.read_text(encoding="utf-8") for path in written)
