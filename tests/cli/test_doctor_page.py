"""What the page about `cxm doctor` shows is what the command prints for the same damage."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from random import Random

import pytest

from cli.shops import SRC, Command
from cli.test_doctor import HOLDS
from cli.test_store import ENVIRONMENT, digests
from reliability.damage import PARTS, damage, flip
from reliability.damage_child import ended, python

pytest.importorskip("duckdb")

PAGE = SRC.parent / "docs" / "how-to" / "what-doctor-says.md"
PROGRAM = 'name = "Shop"\nzone = "Europe/Vienna"\n'
MAKE = """
import sys
from pathlib import Path
from reliability.damage_stand import make
make(Path(sys.argv[1]))
"""
BROKEN = "import no_such_package_of_ours\n"
VARYING = {r"[\d,]+ bytes": "N bytes", r"\b[0-9a-f]{16}-": "W-", r"Process \d+": "Process P"}
BLOCK = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
Damage = Callable[[Path], AbstractContextManager[object]]


def wound(part: str, name: str, seed: int) -> Damage:
    """Damage to one file, as the campaign of tests/reliability does it."""
    return lambda folder: nullcontext(damage(folder, part, name, seed))


def with_journal_flipped(folder: Path) -> AbstractContextManager[object]:
    """Turn one bit over in the longer of the journal's files, whose names are random."""
    target = max(folder.glob(PARTS["journal"]), key=lambda one: one.stat().st_size)
    target.write_bytes(flip(bytearray(target.read_bytes()), Random(1)))
    return nullcontext()


def without_file(folder: Path) -> AbstractContextManager[object]:
    """Lose the main file alone."""
    (folder / "cxm.duckdb").unlink()
    return nullcontext()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Let another process have the store."""
    words = [sys.executable, "-c", HOLDS, str(folder / "cxm.toml")]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, env=ENVIRONMENT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield
        other.communicate()


def with_plugin(folder: Path) -> AbstractContextManager[object]:
    """Install a connector whose own import fails."""
    info = folder / "plugins" / "acme_cx-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "plugins" / "acme_cx.py").write_text(BROKEN, encoding="utf-8")
    (info / "METADATA").write_text("Name: acme-cx\nVersion: 1.0\n", encoding="utf-8")
    entry = "[cxm.connectors]\nacme = acme_cx:Connector\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")
    return nullcontext()


CASES: Mapping[str, Damage] = {
    "Nothing is wrong": lambda _folder: nullcontext(),
    "The log ends too early": wound("log", "cut", 1),
    "The log cannot be read": wound("log", "flip", 1),
    "A byte of the file has changed": wound("file", "flip", 2),
    "The file has lost its end": wound("file", "cut", 1),
    "A part of the journal cannot be read": with_journal_flipped,
    "The file is not there": without_file,
    "Another process has the store": held,
    "A plugin is broken": with_plugin,
}


def shown() -> dict[str, str]:
    """Output that the page shows under each heading."""
    text = PAGE.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    found = {one.split("\n", 1)[0]: BLOCK.search(one) for one in sections}
    return {heading: block[1] for heading, block in found.items() if block}


def plain(text: str) -> str:
    """The same text without sizes, random names and process ids."""
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text)
    return text.strip()


def printed(out: str) -> str:
    """What doctor said of the program and the store, which comes after the versions."""
    return out[out.index("program: ") :]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store half in its file and half in its log, whose process ended without closing it."""
    folder = tmp_path_factory.mktemp("template")
    assert ended(python(MAKE, str(folder / "cxm.duckdb"))) == 0
    (folder / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
    return folder


@pytest.fixture
def shop(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, made the current folder."""
    folder = tmp_path / "shop"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    return folder


class TestPage:
    """Every output on the page."""

    def test_every_section_is_here(self) -> None:
        """Each output that the page shows is compared with a real one."""
        assert list(shown()) == list(CASES)

    @pytest.mark.parametrize("heading", CASES)
    def test_is_what_is_printed(self, heading: str, shop: Path, shell: Command) -> None:
        """The same damage gives the same words and the exit code, and no file is changed."""
        with CASES[heading](shop):
            before = digests(shop)
            done = shell("doctor", PYTHONPATH=f"{SRC}{os.pathsep}{shop / 'plugins'}")
            assert digests(shop) == before
        assert done.code == (0 if heading == "Nothing is wrong" else 3), done.err
        assert plain(printed(done.out)) == plain(shown()[heading])
