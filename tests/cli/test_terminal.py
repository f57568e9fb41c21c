"""The command at a real terminal, and at the end of a broken pipe."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.shops import SRC, Command
from cxm_core.cli import main
from cxm_core.cli._output import progress

pty = pytest.importorskip("pty", reason="this system has no terminals to play with")

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d")
STEP = re.compile(r"\x1b\[\??(?P<count>\d*)(?:;\d+)*(?P<act>[A-Za-z])|(?P<plain>[\s\S])")


class Watched(NamedTuple):
    """What a command printed, and what a terminal got as its standard error."""

    code: int
    out: str
    shown: str


Watch = Callable[..., Watched]


def screen(received: str) -> list[str]:
    """Lines that a terminal shows after it has obeyed what it received."""
    lines, row, column = [""], 0, 0
    for step in STEP.finditer(received):
        if step["act"] == "A":
            row = max(0, row - int(step["count"] or 1))
        elif step["act"] == "K":
            lines[row] = ""
        elif step["plain"] == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif step["plain"] == "\r":
            column = 0
        elif step["plain"]:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + step["plain"] + line[column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


@pytest.fixture
def watch(synced: Path) -> Watch:
    """A command whose standard error is a terminal; standard output too, if asked."""

    def run(*words: str, is_out_watched: bool = False, **environment: str) -> Watched:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "cxm_core.cli", *words],
            stdout=theirs if is_out_watched else subprocess.PIPE,
            stderr=theirs,
            env=os.environ | {"PYTHONPATH": str(SRC), "TERM": "xterm"} | environment,
        )
        os.close(theirs)
        received: list[bytes] = []
        reader = threading.Thread(target=_read_all, args=(ours, received))
        reader.start()
        out, _ = process.communicate()
        reader.join()
        os.close(ours)
        return Watched(process.returncode, (out or b"").decode(), b"".join(received).decode())

    return run


def _read_all(descriptor: int, received: list[bytes]) -> None:
    while True:
        try:
            part = os.read(descriptor, 65_536)
        except OSError:  # the other side has ended
            return
        if not part:
            return
        received.append(part)


class TestProgress:
    """The bar is for a person at a terminal."""

    def test_appears_and_vanishes(self, watch: Watch) -> None:
        """It names what is being done; at the end the terminal shows nothing of it."""
        done = watch("run")
        assert done.code == 0
        assert "pulling" in done.shown
        assert "writing the report" in done.shown
        assert not any(screen(done.shown))
        assert "\x1b" not in done.out
        assert done.out.splitlines()[-1] == "shops.html"

    def test_on_one_screen_with_the_result(self, watch: Watch) -> None:
        """Where both go to one terminal, only the result is left on it, and NO_COLOR holds."""
        done = watch("sync", is_out_watched=True, NO_COLOR="1")
        left = [line for line in screen(done.shown) if line]
        assert len(left) == 1
        assert left[0].startswith("files:shops rows: served 0")
        assert "pulling" in done.shown
        assert not COLOUR.search(done.shown)

    def test_none_on_a_dumb_terminal(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A terminal that obeys nothing gets no bar."""
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")
        with progress("pulling") as advance:
            advance("files:shops rows", 3)
        assert capsys.readouterr() == ("", "")

    def test_none_in_a_pipe(self, synced: Path, shell: Command) -> None:
        """Standard error stays empty in a pipe, also where colour is forced."""
        done = shell("sync", FORCE_COLOR="1", TTY_COMPATIBLE="1")
        assert (done.code, done.err) == (0, "")
        assert "\x1b" not in done.out


def test_help_has_no_color(watch: Watch) -> None:
    """Help is plain text on a terminal, too."""
    done = watch("--help", is_out_watched=True, NO_COLOR="1")
    assert done.code == 0
    assert "Commands:" in done.shown
    assert not COLOUR.search(done.shown)


def test_broken_pipe(synced: Path) -> None:
    """A reader that goes away is nobody's fault: the code is what it would have been."""
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "cxm_core.cli", "measure", "nps", "--fail-under", "90"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SRC)},
    )
    os.close(writing)
    _, said = process.communicate()
    assert (process.returncode, said) == (5, "nps does not reach 90.\n")


def test_letters_that_the_terminal_lacks(synced: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the output's encoding lacks a letter, it is written as its code."""
    text = (synced / "cxm.toml").read_text(encoding="utf-8")
    (synced / "cxm.toml").write_text(text.replace("Net Promoter", "Zufriedenheit Ł"), "utf-8")
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "argv", ["cxm", "run"])
    with pytest.raises(SystemExit, match="0"):
        main()
    terminal.seek(0)
    assert "Zufriedenheit \\u0141 Score\n" in terminal.read()
