"""Rows that were set aside: known again, bounded, and told without anybody's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from cxm_core.records import Problem, Reason
from cxm_core.store import Origin, QuarantineEntry, quarantine_entry
from cxm_core.store._quarantine import RAW_LIMIT, digest, renamed

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PROBLEM = Problem(Reason.OUT_OF_RANGE, "occurred_at", "The year is 3026.")
ORIGIN = {"kind": "note", "source": "files:a", "stream": "rows", "name": "a.csv", "mapping": "m"}


def entry(raw: object = "x", position: int | None = 7, **changed: str) -> QuarantineEntry:
    """Entry of a row."""
    origin = Origin(**{**ORIGIN, **changed})
    return quarantine_entry(origin, PROBLEM, raw, position=position, record_id="r", now=NOW)  # type: ignore[arg-type]


def hashed(*parts: str) -> str:
    """Digest of parts, written down once more."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]


class TestEntry:
    def test_every_field(self) -> None:
        """An entry says what, where, why and when."""
        found = entry({"é": 1})
        text = '{"é": 1}'
        assert found == QuarantineEntry(
            entry_id=hashed("files:a", hashed("note", "rows", "m", text)),
            fingerprint=hashed("note", "rows", "m", text),
            kind="note",
            source="files:a",
            stream="rows",
            reason="out_of_range",
            field="occurred_at",
            position="a.csv:7",
            message="The year is 3026.",
            raw=text,
            is_cut=False,
            record_id="r",
            first_seen_at=NOW,
            last_seen_at=NOW,
            seen=1,
        )
        assert found.row == {"é": 1}

    def test_what_is_left_out(self) -> None:
        """Without mapping, raw form, position and record an entry is still one."""
        origin = Origin(kind="note", source="files:a", stream="rows", name="a.csv")
        found = quarantine_entry(origin, PROBLEM, now=NOW)
        assert (found.position, found.record_id, found.raw) == ("a.csv", None, '""')
        assert found.fingerprint == hashed("note", "rows", "", '""')
        assert found.row is None

    @pytest.mark.parametrize("name", ["kind", "source", "stream", "mapping"])
    def test_what_tells_rows_apart(self, name: str) -> None:
        """The same row of another kind, source, stream or mapping is another entry."""
        assert entry(**{name: "other"}).entry_id != entry().entry_id
        same = entry(**{name: "other"}).fingerprint == entry().fingerprint
        assert same == (name == "source")

    def test_where_it_stood_does_not_matter(self) -> None:
        """A row that moves to another line or file is the same row."""
        moved = entry(position=8, name="b.csv")
        assert (moved.entry_id, moved.position) == (entry().entry_id, "b.csv:8")

    def test_the_first_row_has_a_number_too(self) -> None:
        """Number 0 is a number."""
        assert entry(position=0).position == "a.csv:0"

    def test_a_name_on_one_line(self) -> None:
        """Signs that do not show in a file's name are told as question marks."""
        assert entry(name="a\n\x1bb é.csv").position == "a??b é.csv:7"

    def test_what_json_cannot_say(self) -> None:
        """A value that JSON does not know is kept as Python spells it."""
        assert entry({"at": NOW}).row == {"at": "2026-11-21 00:00:00+00:00"}

    def test_words_are_not_shown(self) -> None:
        """No repr shows the row."""
        assert "canary" not in repr(entry("canary"))


class TestHalves:
    def test_half_a_character(self) -> None:
        """Half a character is spelled out, since no file can hold it, and comes back as it was."""
        found = entry({"a": "\ud800é\udfff"})
        assert found.raw == '{"a": "\\ud800é\\udfff"}'
        assert found.row == {"a": "\ud800é\udfff"}

    def test_half_a_character_in_a_part(self) -> None:
        """A part with half a character in it has a digest too."""
        assert digest("a\ud800", "b") == hashed("a?", "b")


class TestLength:
    def test_the_longest_row_that_is_kept(self) -> None:
        """A row of just the limit is whole; with one character more it is cut."""
        whole, cut = entry("x" * (RAW_LIMIT - 2)), entry("x" * (RAW_LIMIT - 1))
        assert (len(whole.raw), whole.is_cut) == (RAW_LIMIT, False)
        assert cut.is_cut
        assert cut.row is None

    @pytest.mark.parametrize("sign", ["x", '"', "\\", "é", "\x01"])
    def test_a_cut_row_is_bounded(self, sign: str) -> None:
        """Of a row that is too long there is a long beginning, as one JSON text."""
        found = entry({"said": sign * 9_000})
        assert RAW_LIMIT // 3 < len(found.raw) <= RAW_LIMIT
        text = json.loads(found.raw)
        assert json.dumps({"said": sign * 9_000}, ensure_ascii=False).startswith(text)

    @pytest.mark.parametrize("sign", ["x", "é"])
    def test_no_more_is_cut_than_must(self, sign: str) -> None:
        """Text that needs no escapes but its quotes fills three quarters of the limit, or more."""
        found = entry(sign * 9_000)
        assert len(json.loads(found.raw)) == RAW_LIMIT * 3 // 4

    def test_rows_with_one_beginning_are_told_apart(self) -> None:
        """Two long rows that begin alike are two entries."""
        assert entry("x" * 9_000).entry_id != entry("x" * 9_001).entry_id


class TestAgain:
    def test_seen_again(self) -> None:
        """A row that is served again keeps its first moment, and is counted."""
        later = NOW + timedelta(1)
        origin = Origin(**{**ORIGIN, "name": "b.csv"})
        second = quarantine_entry(origin, PROBLEM, "x", position=9, now=later)
        twice = entry().seen_again(second)
        assert (twice.seen, twice.position, twice.record_id) == (2, "b.csv:9", None)
        assert (twice.first_seen_at, twice.last_seen_at) == (NOW, later)
        assert twice.seen_again(twice).seen == 4

    def test_renamed(self) -> None:
        """Under another name of its source a row is what that source would serve itself."""
        moved, served = renamed(entry(), "files:b"), entry(source="files:b")
        assert (moved.entry_id, moved.source) == (served.entry_id, "files:b")
        assert (moved.record_id, moved.raw) == (None, served.raw)
