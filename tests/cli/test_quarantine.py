"""Rows that were set aside: counted, listed without anyone's words, and read again."""

from __future__ import annotations

from pathlib import Path

from cli.shops import ANSWERS, PROGRAM, Command


def test_counts(synced: Path, cxm: Command) -> None:
    """For people: how many rows, of which source, for which reason, at which field."""
    head, row = cxm("quarantine").out.splitlines()
    assert head.split() == ["source", "stream", "kind", "field", "reason", "rows"]
    assert row.split() == ["files:shops", "rows", "response", "score_value", "out_of_scale", "1"]


def test_nothing(synced: Path, cxm: Command) -> None:
    """An empty quarantine says so; in JSON it is an empty list."""
    assert cxm("quarantine", "--reason", "bad_row").out == "Nothing is in quarantine.\n"
    assert cxm("quarantine", "--reason", "bad_row", "--json").json == []


def test_filters(synced: Path, cxm: Command) -> None:
    """--source and --reason keep what they name."""
    words = ["--source", "files:shops", "--reason", "out_of_scale", "--json"]
    assert len(cxm("quarantine", *words).json) == 1


def test_json_hides_the_row(synced: Path, cxm: Command) -> None:
    """Without --raw, nothing of the row but its place is told."""
    done = cxm("quarantine", "--json")
    (entry,) = done.json
    assert entry["position"] == "answers.csv:7"
    assert (entry["reason"], entry["field"], entry["seen"]) == ("out_of_scale", "score_value", 1)
    assert entry["first_seen_at"].endswith("+00:00")
    assert "raw" not in entry
    assert "MARKER" not in done.out
    assert "joe@" not in done.out


def test_raw(synced: Path, cxm: Command) -> None:
    """With --raw, the row stands there by column, as it was served."""
    (entry,) = cxm("quarantine", "--json", "--raw").json
    assert entry["raw"]["score"] == "12"
    assert entry["raw"]["comment"] == "MARKER-SECRET-WORDS"


def test_replay(synced: Path, cxm: Command) -> None:
    """After the mapping was mended, the row is kept, counted, and gone from quarantine."""
    mended = PROGRAM.replace('missing = { "99"', 'missing = { "12" = "no_answer", "99"')
    (synced / "cxm.toml").write_text(mended, encoding="utf-8")
    receipt = cxm("quarantine", "replay", "files:shops", "--json").json
    assert (receipt["served"], receipt["applied"], receipt["quarantined"]) == (1, 1, 0)
    assert cxm("quarantine", "--json").json == []


def test_replay_without_a_cure(synced: Path, cxm: Command) -> None:
    """A row that is still none stays, and the receipt says why."""
    done = cxm("quarantine", "replay", "files:shops")
    assert done.code == 0
    assert "quarantined 1" in done.out
    assert "out_of_scale" in cxm("quarantine").out


def test_no_word_of_a_customer_in_any_text(synced: Path, cxm: Command) -> None:
    """Whatever is typed, no text repeats a row that was set aside."""
    (synced / "answers.csv").write_text(ANSWERS + "8,MARKER@x.y,oops,x,y,MARKER\n", "utf-8")
    for words in (["sync"], ["run"], ["check"], ["quarantine"], ["sources"]):
        done = cxm(*words)
        assert "MARKER" not in done.out + done.err
