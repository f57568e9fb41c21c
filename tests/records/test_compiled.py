"""The fast way through a mapping: never another verdict than the long way's."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.records import (
    KINDS,
    Cell,
    Problem,
    Record,
    Response,
    RowMapping,
    read_row,
    scale_constants,
)
from cxm_core.records._compiled import compiled
from cxm_core.records._reading import _checked, _refused
from cxm_core.records._texts import lookup_of
from cxm_core.testing import source_rows

MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="{id}/q"),
        "occurred_at": Cell(template="{at}"),
        "recorded_at": Cell(template="{day} {clock}", format="%d.%m.%Y %H:%M", zone="UTC"),
        "score_value": Cell(template="{score}", missing={"11": "refused", "": "no_answer"}),
        "channel": Cell(template="{channel}", missing={"-": "no_answer"}),
        "verbatim": Cell(template="{said}"),
        "weight": Cell(template="{weight}"),
    },
    constants=(("question", "q"), *scale_constants("0-10")),
    attributes={"region": Cell(template="{region}"), "both": Cell(template="{region}-{day}")},
    customer={"email": Cell(template="{mail}"), "phone": Cell(template="{phone}")},
)
GOOD = {
    "id": "1",
    "at": "2026-11-05T09:00:00Z",
    "day": "5.11.2026",
    "clock": "9:30",
    "score": "9",
    "channel": "Web",
    "said": "Fine",
    "weight": "1.5",
    "region": "north",
    "mail": "Ann@Example.com ",
    "phone": "0049 30 901820",
}
ALIASES = (("said", ("words", "comment")),)
ODD = st.sampled_from(
    [
        None, "", " ", "\u200b", " x ", "a\x00b", "a\nb", "\ud800", "\u00fc\u3000", "x" * 513, "11",
        "99", "9.0", "1e999", "nan", "true", "2026-11-05T24:00:00Z", "2026-W45-4T09:00Z",
        "2026-02-30T09:00:00Z", "1899-12-31T23:59:59Z", "2200-12-31T23:59:59Z",
        "20261105T090000.1Z",
        "2026-11-05T09:00:00+01:00", "pigeon", "web ", "-", "\u0663", "31.02.2026", "+49 30 1",
    ]
)  # fmt: skip


def long_way(mapping: RowMapping, row: dict[str, str | None], aliases: Any = ()) -> Any:
    """What the long way makes of a row."""
    return _checked(mapping, lookup_of(row, dict(aliases)))


def parts(outcome: Record | Problem) -> object:
    """All of a record, types included."""
    if isinstance(outcome, Problem):
        return outcome
    return {name: (type(value), value) for name, value in outcome.__dict__.items()}


class TestByHand:
    """Rows and mappings."""

    def test_a_plain_row_is_read_at_once(self) -> None:
        """All of such a row is beyond doubt."""
        quick = compiled(MAPPING, {})
        assert quick is not None
        record = quick.read(GOOD)
        assert parts(record) == parts(long_way(MAPPING, dict(GOOD)))  # type: ignore[arg-type]  # a record
        assert quick.doubts(GOOD) == frozenset()

    def test_a_record_is_whole(self) -> None:
        """It can be copied, pickled, stamped and shown like any other."""
        record = read_row(MAPPING, GOOD)
        assert isinstance(record, Response)
        assert pickle.loads(pickle.dumps(record)) == record
        assert record.model_copy() == record
        assert Response.model_validate(record.model_dump()).score == record.score
        stamped = record.stamped(source="files:a", known_at=datetime(2026, 11, 21, tzinfo=UTC))
        assert (stamped.source, record.source) == ("files:a", None)
        assert "Fine" not in repr(record)

    def test_records_share_nothing_that_changes(self) -> None:
        """What is done to the attributes of one record is not done to another."""
        first, second = (read_row(MAPPING, GOOD) for _ in range(2))
        assert isinstance(first, Response)
        assert isinstance(second, Response)
        assert first.attributes == second.attributes
        assert first.attributes is not second.attributes

    @pytest.mark.parametrize("field", ["score", "at", "weight", "channel", "id"])
    def test_a_wrong_text_is_wrong_each_time(self, field: str) -> None:
        """What was remembered of a text is its reason, not its row."""
        rows = [{**GOOD, field: "\x07"}, {**GOOD, field: "\x07", "id": "2"}]
        told = [read_row(MAPPING, row) for row in rows]
        assert told == [long_way(MAPPING, row) for row in rows]  # type: ignore[arg-type]  # texts


class TestByLaw:
    """Both ways, one verdict."""

    @given(changes=st.dictionaries(st.sampled_from(sorted(GOOD)), ODD, max_size=4))
    def test_odd_rows(self, changes: dict[str, str | None]) -> None:
        """Whatever a row holds, once or twice."""
        row = {**GOOD, **changes}
        expected = parts(long_way(MAPPING, row))
        assert parts(read_row(MAPPING, row)) == expected
        assert parts(read_row(MAPPING, row)) == expected

    @given(changes=st.dictionaries(st.sampled_from(["words", "comment", "said"]), ODD))
    def test_other_names(self, changes: dict[str, str | None]) -> None:
        """Aliases are looked for in their order."""
        row: dict[str, str | None] = {**GOOD, **changes}
        expected = parts(long_way(MAPPING, row, ALIASES))
        assert parts(read_row(MAPPING, row, aliases=ALIASES)) == expected

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_every_kind(self, kind: str) -> None:
        """Every kind of record has its fast way, and no other verdict there."""

        @settings(max_examples=8)
        @given(pair=source_rows(kind))
        def check(pair: tuple[RowMapping, dict[str, str | None]]) -> None:
            mapping, row = pair
            assert parts(read_row(mapping, row)) == parts(long_way(mapping, row))

        check()

    @given(changes=st.dictionaries(st.sampled_from(sorted(GOOD)), ODD, min_size=1, max_size=3))
    def test_a_short_refusal_is_the_long_one(self, changes: dict[str, str | None]) -> None:
        """Where only some fields are looked at, the first problem is still the first of all."""
        row = {**GOOD, **changes}
        quick = compiled(MAPPING, {})
        assert quick is not None
        problem = _refused(MAPPING, row, quick.doubts(row), {})
        assert problem is None or problem == long_way(MAPPING, row)
