"""Rules between columns, and the order of what is told, on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.records import (
    Counted,
    Note,
    Ordered,
    Reason,
    Response,
    Scaled,
    Together,
    Within,
    describe,
)
from cxm_core.records._check import check_columns, first_problem
from cxm_core.records._rules import broken_at
from cxm_core.vocabulary import Scale

WITHIN, ORDERED = Within("v", "low", "high"), Ordered("a", "b")
SCALED = Scaled("code", "low", "high")
COUNTED = Counted("counts", "scale")
STARS = Scale.named("1-5")


class TestByHand:
    @pytest.mark.parametrize(
        ("rule", "values", "expected"),
        [
            (WITHIN, {"v": 1, "low": 1, "high": 5}, None),
            (WITHIN, {"v": 5, "low": 1, "high": 5}, None),
            (WITHIN, {"v": 0, "low": 1, "high": 5}, "v"),
            (WITHIN, {"v": 6, "low": 1, "high": 5}, "v"),
            (WITHIN, {"v": None, "low": 1, "high": 5}, None),
            (WITHIN, {"v": 9, "low": None, "high": 5}, None),
            (WITHIN, {"v": 9, "low": 1, "high": None}, None),
            (ORDERED, {"a": 1, "b": 2}, None),
            (ORDERED, {"a": 2, "b": 2}, None),
            (ORDERED, {"a": 3, "b": 2}, "b"),
            (ORDERED, {"a": None, "b": 2}, None),
            (ORDERED, {"a": 3, "b": None}, None),
            (ORDERED, {"a": None, "b": None}, None),
            (Together(("a", "b")), {"a": 1, "b": 2}, None),
            (Together(("a", "b")), {"a": None, "b": None}, None),
            (Together(("a", "b")), {"a": 1, "b": None}, "b"),
            (Together(("a", "b", "c")), {"a": None, "b": None, "c": 1}, "a"),
            (SCALED, {"code": None, "low": 3, "high": 4}, None),
            (SCALED, {"code": "1-5", "low": 1, "high": 5}, None),
            (SCALED, {"code": "1-5", "low": None, "high": None}, None),
            (SCALED, {"code": "1-5", "low": 0, "high": 5}, "code"),
            (SCALED, {"code": "1-5", "low": 1, "high": 7}, "code"),
            (SCALED, {"code": "nonsense", "low": 1, "high": 5}, "code"),
            (Scaled("code"), {"code": "1-5"}, None),
            (COUNTED, {"counts": [(1, 9), (5, 1)], "scale": STARS}, None),
            (COUNTED, {"counts": [(1, 9), (6, 1)], "scale": STARS}, "counts"),
            (COUNTED, {"counts": [(6, 1)], "scale": None}, None),
        ],
    )
    def test_rules(self, rule: Any, values: dict[str, Any], expected: str | None) -> None:
        """A rule is broken at one column, and nowhere where what it needs is null."""
        assert broken_at(rule, values.get) == expected

    def test_columns_alone(self) -> None:
        """Only these columns are judged, each once, in the order of the description."""
        found = check_columns("response", {"weight": -1.0, "channel": 7, "verbatim": "x"})
        told = [(one.field, one.reason) for one in found]
        assert sorted(told) == [("channel", Reason.WRONG_TYPE), ("weight", Reason.OUT_OF_RANGE)]
        names = list(describe(Response).names)
        assert [names.index(str(name)) for name, _ in told] == sorted(
            names.index(str(name)) for name, _ in told
        )
        assert check_columns("response", {"weight": 1.0}) == []
        assert [one.field for one in check_columns("note", {"native_id": ""})] == ["native_id"]

    def test_the_first_of_some_columns(self) -> None:
        """Of some columns the first problem in the order of checks is told, or none."""
        row = {"native_id": "", "text": "x", "occurred_at": 7}
        for columns, expected in (
            ({"native_id", "occurred_at"}, ("native_id", Reason.MISSING_FIELD)),
            ({"occurred_at"}, ("occurred_at", Reason.WRONG_TYPE)),
        ):
            found = first_problem(Note, row, {}, columns=columns)
            assert found is not None
            assert (found.field, found.reason) == expected
        assert first_problem(Note, row, {}, columns={"text"}) is None
        failed = {"recorded_at": Reason.BAD_DATETIME}
        found = first_problem(Note, row, failed, columns={"recorded_at"})
        assert found is not None
        assert found.reason is Reason.BAD_DATETIME


@pytest.mark.parametrize(
    ("field", "value", "message", "hint"),
    [
        ("weight", -1.0, "weight is below 0.", None),
        ("occurred_at", datetime(1800, 1, 1, tzinfo=UTC), "is outside 1900", "times are between"),
    ],
)
def test_a_number_below_its_range_is_told_as_such(
    field: str, value: object, message: str, hint: str | None
) -> None:
    """A number without an upper end is below its lower one, and nothing is said of times."""
    at = datetime(2026, 11, 2, tzinfo=UTC)
    given = {"native_id": "1", "customer": [("email", "a@b.example")], "occurred_at": at}
    with pytest.raises(UsageError) as caught:
        Response(**{**given, field: value})
    assert message in caught.value.message
    assert caught.value.hint is None if hint is None else hint in str(caught.value.hint)
