"""P24: a secret is in no output, in no form; a person is only where people are kept."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability.canary import PERSON, SECRET, files_with, forms, found, leaks
from reliability.canary_stand import Sinks, lay_out, through

#: Sinks whose purpose is to hold what customers said, and nothing else may.
PERSONAL = {
    *("answers.csv", "planted_vault_lower.py", "proposed.toml"),
    *("report.html", "report.md", "quotes.csv", "quotes.parquet"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sinks]]:
    """The shop after its life, with all that came out of it."""
    folder, site = tmp_path_factory.mktemp("canary"), tmp_path_factory.mktemp("canary-site")
    program = lay_out(folder, site)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(site))
        patch.setenv("VAULT_TOKEN", SECRET)
        yield folder, through(folder, program)
    for name in [name for name in sys.modules if name.startswith("planted_")]:
        del sys.modules[name]


def test_there_are_enough_sinks_and_encodings(shop: tuple[Path, Sinks]) -> None:
    """At least 40 sinks, of which most hold something, and 5 encodings."""
    _, sinks = shop
    assert len(forms(SECRET)) >= 5
    assert sum(len(output) > 3 for output in sinks.outputs.values()) >= 40


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"x{SECRET}y",
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}@".encode()).decode(),
        base64.b64encode(f"ab{SECRET}cd".encode()).decode(),
        SECRET.encode().hex(),
        repr(SECRET.encode()),
        ascii(SECRET),
        SECRET[:5] + "\n    " + SECRET[5:],
        SECRET[:5] + '"\n "' + SECRET[5:],
    ],
)
def test_the_scan_finds_every_form(text: str) -> None:
    """A canary that was planted is found, however it was written."""
    assert found(text.encode(), SECRET)
    assert not found(text.encode(), PERSON)


def test_a_secret_is_in_no_sink(shop: tuple[Path, Sinks]) -> None:
    """Not in a repr, an error, a pickle, a log, a command's output, in any of the forms."""
    _, sinks = shop
    assert leaks(sinks.outputs, SECRET) == {}


def test_a_secret_is_in_no_file(shop: tuple[Path, Sinks]) -> None:
    """Neither store nor report nor anything else that was written holds it."""
    folder, _ = shop
    assert files_with(folder, SECRET) == []


def test_a_person_is_in_no_sink(shop: tuple[Path, Sinks]) -> None:
    """What a customer said, and by what name they are known, is in no output but those for it."""
    _, sinks = shop
    # Only who asks for the variables of every frame sees the arguments of the call that failed.
    told = {name: out for name, out in sinks.outputs.items() if not name.startswith("locals")}
    assert leaks(told, PERSON) == {}


def test_a_person_is_only_in_files_for_it(shop: tuple[Path, Sinks]) -> None:
    """Store, journal, report and export hold people's words; nothing else that was written does."""
    folder, _ = shop
    store = [path for path in folder.rglob("*") if "store" in path.relative_to(folder).parts]
    elsewhere = {path.name for path in files_with(folder, PERSON) if path not in store}
    assert elsewhere <= PERSONAL
    assert {"report.html", "quotes.csv"} <= elsewhere


def test_nothing_is_left_behind(shop: tuple[Path, Sinks]) -> None:
    """No draft, part or scratch folder stands beside what was written."""
    folder, _ = shop
    names = [path.name for path in folder.rglob("*")]
    assert [n for n in names if n.startswith(".") or n.endswith((".part", ".tmp"))] == []


def test_the_scan_finds_a_file(tmp_path: Path) -> None:
    """A canary is found in a file's bytes, across a border of the pieces read, and in its name."""
    (tmp_path / "plain.bin").write_bytes(b"\0" * 5_000_000 + PERSON.encode())
    (tmp_path / "edge.bin").write_bytes(b"\0" * ((1 << 22) - 5) + PERSON.encode() + b"\0" * 99)
    (tmp_path / "zQ7person").mkdir()
    (tmp_path / "clean.txt").write_text("nothing")
    assert [path.name for path in files_with(tmp_path, PERSON)] == ["edge.bin", "plain.bin"]
    assert [path.name for path in files_with(tmp_path, "zQ7person")][-1] == "zQ7person"
