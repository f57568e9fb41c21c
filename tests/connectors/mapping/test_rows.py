"""Single rows of another tool, and the records that a user's words make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cxm_connectors.mapping import Presence, Rows, TableConfig, digest
from cxm_core.plugins import Rejected
from cxm_core.records import Customer, Note, Response

ROW = {"id": "id", "occurred_at": "at", "customer": {"external": "who.id"}}
NPS = {"id": "recommend", "scale": "0-10", "column": "score"}
LATER = {"id": "easy", "scale": "1-7", "column": "easy", "optional": True}


def rows(*questions: dict[str, Any], **more: Any) -> Rows:
    """Reader of rows with these questions."""
    return Rows(TableConfig.model_validate({"row": ROW, "questions": list(questions), **more}))


def test_nested_and_foreign_values() -> None:
    """A path leads into an object; a time and a decimal stand for what JSON would say."""
    row = {"id": 7, "at": datetime(2026, 11, 5, tzinfo=UTC), "who": {"id": 3}, "score": Decimal(9)}
    (response,) = rows(NPS).read(row)
    assert isinstance(response, Response)
    assert [one.text for one in response.customer] == ["external:3"]
    assert response.score is not None
    assert response.score.value == 9


def test_optional_question_follows_its_column() -> None:
    """A question that a row has no column for is left out of that row alone."""
    reader = rows(NPS, LATER)
    row = {"id": 7, "at": "2026-11-05T09:00Z", "score": 9}
    assert len(list(reader.read(row))) == 1
    assert len(list(reader.read({**row, "easy": 5}))) == 2
    assert reader.kinds == ("question", "response")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": 7, "at": "yesterday", "score": 9}, "bad_datetime"),
        ({"at": "2026-11-05T09:00Z", "score": 9}, "missing_field"),
        ({"id": 7, "at": "2026-11-05T09:00Z", "score": float("nan")}, "bad_row"),
        ({"id": 7, "at": "2026-11-05T09:00Z", "score": object()}, "bad_row"),
    ],
)
def test_bad_row_says_why(row: dict[str, Any], reason: str) -> None:
    """A row that is no record is given back with its reason."""
    (rejected,) = rows(NPS).read(row)
    assert isinstance(rejected, Rejected)
    assert rejected.problem.reason == reason
    assert set(rejected.raw) == set(row)


def test_digest_knows_a_row_again() -> None:
    """The order of keys does not matter, a value does."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


class TestPresence:
    def test_what_is_not_served_any_more_is_gone(self) -> None:
        """Only records of the former pass are gone, each by its kind and id."""
        now = Presence()
        now.add([Customer(native_id="1"), "no record"])
        before = (("customer", "1"), ("note", "1"), ("customer", "2"))
        gone = [(one.kind, one.native_id) for one in now.gone(before)]
        assert gone == [("note", "1"), ("customer", "2")]
        assert now.ids == (("customer", "1"),)

    def test_too_many_are_told_and_take_nothing_away(self) -> None:
        """Where not all can be remembered, nothing is taken for gone."""
        now = Presence(most=2)
        at = "2026-11-05T09:00Z"
        now.add(Note(native_id=str(number), occurred_at=at, text="Hm") for number in range(3))
        now.add([Customer(native_id="1")])
        assert now.gap is not None
        assert "more than 2 records" in now.gap
        assert (now.ids, list(now.gone((("note", "9"),)))) == ((), [])
