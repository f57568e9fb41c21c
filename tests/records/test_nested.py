"""An object of JSON as a row of texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import flat_texts, value_text

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))


class TestByHand:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, None),
            ("", ""),
            (" a ", " a "),
            (False, "false"),
            (-7, "-7"),
            (1.50, "1.5"),
            (17.0, "17"),
            (-0.0, "0"),
            (2.0**53, str(2**53)),
            (2.0**53 + 2, f"{2**53 + 2}.0"),
            (1e21, "1e+21"),
            ({"b": "é", "a": [1, None]}, '{"a":[1,null],"b":"é"}'),
            ([], "[]"),
        ],
    )
    def test_value(self, value: object, text: str | None) -> None:
        """A text stays as it is, null is nothing, a whole number has no fraction."""
        assert value_text(value) == text

    def test_row(self) -> None:
        """What is within another stands under the path that leads to it, and so does the other."""
        assert flat_texts({"a": 1, "b": {"c": [True, {"d": "x"}]}}) == {
            "a": "1",
            "b": '{"c":[true,{"d":"x"}]}',
            "b.c": '[true,{"d":"x"}]',
            "b.c.0": "true",
            "b.c.1": '{"d":"x"}',
            "b.c.1.d": "x",
        }

    def test_a_key_with_a_dot_in_it(self) -> None:
        """A key that has a dot comes before a nested one, wherever it stands."""
        assert flat_texts({"b.c": "flat", "b": {"c": "nested"}})["b.c"] == "flat"
        assert flat_texts({"b": {"c": "nested"}, "b.c": None})["b.c"] is None

    def test_what_is_not_finite(self) -> None:
        """A number that JSON does not know has no text."""
        with pytest.raises(ValueError, match="JSON"):
            value_text([float("nan")])


class TestByLaw:
    @given(row=st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
    def test_a_row_of_texts_stays_as_it_is(self, row: dict[str, Any]) -> None:
        """What is flat is not changed by being flattened once more."""
        once = flat_texts(row)
        assert flat_texts(once) == once
        assert {name: once[name] for name in row} == {n: value_text(v) for n, v in row.items()}
