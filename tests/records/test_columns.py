"""Many records in columns say what each says in its row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.records import (
    KINDS,
    Note,
    Record,
    Response,
    flags_of,
    page_flags,
    row_hash,
    row_hashes,
    to_columns,
    to_row,
)
from cxm_core.testing import records

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)


def pages(kind: str) -> st.SearchStrategy[list[Record]]:
    """Pages of records of one kind."""
    return st.lists(records(kind), min_size=1, max_size=5)


class TestByHand:
    def test_columns(self) -> None:
        """A column in which nobody says anything is left out; a gap in a column is null."""
        notes = [
            Note(native_id="1", occurred_at=AT, text="a", customer=[("email", "a@b.c")]),
            Note(native_id="2", occurred_at=AT, text="b"),
        ]
        columns = to_columns(notes)
        assert list(columns["native_id"]) == ["1", "2"]
        assert list(columns["customer"]) == ['["email:a@b.c"]', None]
        assert "stream" not in columns

    def test_numbers_that_are_equal(self) -> None:
        """A truth value, a whole number and a fraction that are equal are told apart."""
        one, two = (
            Response(native_id="1", occurred_at=AT, weight=weight, question_version=1)
            for weight in (1.0, -0.0)
        )
        assert row_hashes(to_columns([one, two])) == [row_hash(to_row(r)) for r in (one, two)]


class TestByLaw:
    @pytest.mark.parametrize("kind", KINDS)
    @settings(max_examples=20)
    @given(data=st.data())
    def test_columns_are_rows(self, kind: str, data: st.DataObject) -> None:
        """Columns hold what the rows hold, and have the rows' fingerprints."""
        page = data.draw(pages(kind))
        columns, rows = to_columns(page), [to_row(record) for record in page]
        for name in rows[0]:
            cells = columns.get(name, [None] * len(page))
            assert list(cells) == [row[name] for row in rows], name
            assert list(map(type, cells)) == [type(row[name]) for row in rows], name
        assert columns.keys() <= rows[0].keys()
        assert row_hashes(columns) == [row_hash(row) for row in rows]

    @pytest.mark.parametrize("kind", ["note", "response", "ticket"])
    @settings(max_examples=20)
    @given(data=st.data(), ahead=st.integers(-600, 600))
    def test_flags_of_a_page(self, kind: str, data: st.DataObject, ahead: int) -> None:
        """A page has the flags of its records, in their order."""
        page = data.draw(pages(kind))
        stamps = [one.recorded_at for one in page if one.recorded_at is not None]
        now = (max(stamps) if stamps else AT) + timedelta(seconds=ahead)
        expected = [flag for one in page for flag in flags_of(kind, one.__dict__, now=now)]
        assert list(page_flags(page, now=now)) == expected

    @given(st.lists(st.sampled_from(["plain", "a\x07b", "Tür", "\ufffd", None]), min_size=1))
    def test_flags_of_odd_texts(self, texts: list[str | None]) -> None:
        """A text that cannot be kept as it was is told, wherever on the page it stands."""
        page = [Response(native_id="1", occurred_at=AT, verbatim=text) for text in texts]
        expected = [f for one in page for f in flags_of("response", one.__dict__, now=AT)]
        assert list(page_flags(page, now=AT)) == expected
        assert len(expected) == sum(text in ("a\x07b", "\ufffd") for text in texts)
