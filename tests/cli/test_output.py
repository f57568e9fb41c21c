"""Where output goes, and in which form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.shops import ANSWERS, PROGRAM, Command
from cxm_core.cli._output import emit, grid, progress, say

STEERING = "\x1b[2Jnorth\r\n\u202e"
LISTINGS = [
    ["sync"],
    ["run"],
    ["check"],
    ["measure", "nps"],
    ["measure", "nps", "--by", "shop", "--every", "month"],
    ["report"],
    ["connectors"],
    ["sources"],
    ["quarantine"],
    ["quarantine", "--raw"],
    ["quarantine", "replay", "files:shops"],
    ["init", "--out", "new.toml"],
    ["init", "--from", "answers.csv", "--out", "new.toml"],
    ["sources", "rename", "files:shops", "files:stores"],
]


@pytest.mark.parametrize("words", LISTINGS, ids=" ".join)
def test_json_is_pure(synced: Path, cxm: Command, words: list[str]) -> None:
    """With --json, standard output is one document in one line, and nothing else."""
    done = cxm(*words, "--json")
    assert done.code == 0, done.err
    assert done.out.count("\n") == 1
    assert done.out.isascii()
    json.loads(done.out, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "words", [words for words in LISTINGS if words[-1] != "--raw"], ids=" ".join
)
def test_text_never_steers_the_terminal(
    shop: Path, cxm: Command, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escapes in cells, in names of files and in notes reach no terminal."""
    hostile = "an\x1b[31mswers.csv"
    (shop / "answers.csv").rename(shop / hostile)
    with (shop / hostile).open("a", encoding="utf-8") as file:
        file.write('7,\x1b[2J,2026-04-05,5,"\x1b[31m\u202enorth\x9b",\x1b]0;owned\x07\n')
    toml_name = hostile.replace("\x1b", "\\u001b")
    program = PROGRAM.replace('"answers.csv"', f'"{toml_name}", "gone\\u001b[1m.csv"')
    (shop / "cxm.toml").write_text(program, encoding="utf-8")
    (shop / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    assert cxm("sync").code == 3
    done = cxm(*words)
    assert not {*"\x1b\x07\x9b\r\u202e"} & {*done.out, *done.err}
    assert done.out


def test_labels_are_exact_in_json(shop: Path, cxm: Command) -> None:
    """JSON carries a label as it stands in the data; its escapes are JSON's own."""
    hostile = ANSWERS.replace("north", "n\u202eorth")
    (shop / "answers.csv").write_text(hostile, encoding="utf-8")
    cxm("sync")
    done = cxm("measure", "nps", "--by", "shop", "--json")
    labels = {row["labels"][0] for row in done.json["groups"]}
    assert labels == {"n\u202eorth", "south"}
    assert "\u202e" not in done.out


class TestEmit:
    """Results go to standard output."""

    def test_text_and_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Text loses what steers a terminal; JSON keeps it, escaped."""
        emit([STEERING], STEERING, as_json=False)
        text, _ = capsys.readouterr()
        assert "\x1b" not in text
        assert text.count("\n") == 2
        emit([STEERING], STEERING, as_json=True)
        document, err = capsys.readouterr()
        assert json.loads(document) == [STEERING]
        assert err == ""

    def test_no_number_that_json_lacks(self) -> None:
        """A number that is none would not be JSON, and is a fault of ours."""
        with pytest.raises(ValueError, match="JSON"):
            emit(float("nan"), "", as_json=True)

    def test_say_goes_to_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What is no result goes to standard error, and steers nothing either."""
        say(STEERING)
        out, err = capsys.readouterr()
        assert out == ""
        assert "\x1b" not in err


class TestGrid:
    """Rows for people."""

    def test_columns_are_aligned(self) -> None:
        """Each column is as wide as its widest cell on a screen, wide letters counted twice."""
        shown = grid(("name", "what"), [("日本", "x"), ("abc", "y")])
        assert shown.splitlines() == ["name  what", "日本  x", "abc   y"]

    def test_a_cell_stays_in_its_row(self) -> None:
        """A line end in a cell starts no row, and no line has blanks at its end."""
        shown = grid(("a", "b"), [("x\ny", "")])
        assert shown.splitlines() == ["a    b", "x\N{REPLACEMENT CHARACTER}y"]


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no person looks, work leaves no trace."""
    with progress("pulling") as advance:
        advance("files:shops rows", 3)
    assert capsys.readouterr() == ("", "")
