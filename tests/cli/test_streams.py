"""The operating system says no: one message and one hint, whatever the command."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shops import SRC, Command, Done
from cxm_core.cli._failures import of_system

pytestmark = pytest.mark.skipif(os.name == "nt", reason="another shell")


def typed(line: str) -> Done:
    """What a shell makes of a line, with `cxm` in it."""
    command = f'cxm() {{ {shlex.quote(sys.executable)} -m cxm_core.cli "$@"; }}; {line}'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(SRC)},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def assert_told(done: Done) -> None:
    """One message and one hint, and nothing of Python's."""
    assert "Traceback" not in done.err
    assert "Exception ignored" not in done.err
    assert (done.err.count("Error: "), done.err.count("\nHint: ")) == (1, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("words", ["measure nps --json", "measure nps", "--help", "--version"])
def test_a_full_output(synced: Path, words: str) -> None:
    """What cannot be printed ends with 1, and Python's end does not try it again."""
    done = typed(f"cxm {words} > /dev/full")
    assert_told(done)
    assert done.code == 1
    assert "No space left on device" in done.err


def test_a_closed_output(synced: Path) -> None:
    """A supervisor that closes standard output is told that nothing could be printed."""
    done = typed("cxm measure nps >&-")
    assert_told(done)
    assert done.code == 1


@pytest.mark.parametrize(("words", "code"), [("measure nps", 0), ("measure nsp", 2), ("run", 0)])
def test_a_closed_standard_error(synced: Path, words: str, code: int) -> None:
    """Without standard error, the result and the exit code are what they would be with it."""
    assert typed(f"cxm {words} 2>&-").code == code


def test_a_reader_that_has_gone(synced: Path) -> None:
    """A pipe that nobody reads any more is no failure."""
    done = typed("{ cxm measure nps; echo $? >&2; } | true")
    assert done.err.strip() == "0"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["report", "-o", "."], 2),
        (["run", "-o", "."], 2),
        (["report", "-o", "answers.csv/page.html"], 4),
        (["connectors", "new", "acme", "-o", "answers.csv"], 2),
        (["store", "export", "answers.csv"], 4),
    ],
)
def test_a_place_of_another_kind(synced: Path, cxm: Command, words: list[str], code: int) -> None:
    """A folder where a file is due, or a file where a folder is."""
    done = cxm(*words)
    assert_told(done)
    assert done.code == code


def test_what_nobody_nearer_had_words_for() -> None:
    """The last resort names the file and the system's reason, but not the way to the file."""
    error = of_system(OSError(errno.EROFS, "Read-only file system", "/till/ann/cxm.toml"))
    assert error.message == "The operating system refuses: 'cxm.toml': Read-only file system."
    assert "till" not in str(error)
    assert of_system(OSError("odd")).message == "The operating system refuses: OSError."
