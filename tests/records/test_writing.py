"""JSON that is written quickly is the JSON that is written at leisure, byte for byte."""

from __future__ import annotations

import json
from hashlib import md5

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_core.records import canonical_json, raw_hash
from cxm_core.records._writing import compact_json, has_small_number, texts_json

_TEXTS = st.text() | st.text(st.characters(categories=("Cs", "Lu")), max_size=3)
_NUMBERS = st.integers() | st.floats() | st.floats(-1e-3, 1e-3)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)
_ROWS = st.dictionaries(_TEXTS, _JSON, max_size=6)


def plainly(row: object) -> bytes:
    """UTF-8 of a row's JSON as the standard library writes it."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


class TestByHand:
    @pytest.mark.parametrize(
        "number", [1e16, 1e15, 1e22, 1.5e300, 1e-4, 1e-5, 5.5e-05, 1e-7, -2e-300, -0.0, 10**40]
    )
    def test_numbers(self, number: float) -> None:
        """Numbers are spelled as Python does, where the quick writer has ways of its own, too."""
        row = {"a": number, "b": [number], "c": {"d": number}}
        assert compact_json(row) == plainly(row)

    @pytest.mark.parametrize("text", ["1e-5 is small", "a-0.00001", "cafe-1e-3", "3e-mail"])
    def test_texts_that_look_like_numbers(self, text: str) -> None:
        """What looks like a small number within a text changes nothing."""
        assert compact_json({"a": text, text: [text]}) == plainly({"a": text, text: [text]})

    def test_a_deep_row(self) -> None:
        """A row that is too deep for the quick writer is written at leisure."""
        row: dict[str, object] = {}
        for _ in range(400):
            row = {"a": [row]}
        assert compact_json(row) == plainly(row)

    def test_half_a_character(self) -> None:
        """Half a character is hashed as UTF-8 would write it if it could."""
        assert compact_json({"a": "x\ud800"}) == b'{"a":"x\xed\xa0\x80"}'

    def test_what_is_no_row(self) -> None:
        """A text or a number stands for itself."""
        assert [compact_json(one) for one in ("é", 1e-5, None)] == [
            '"é"'.encode(),
            b"1e-05",
            b"null",
        ]

    def test_what_json_cannot_say(self) -> None:
        """A number that is not finite has no canonical form."""
        with pytest.raises(ValueError, match="JSON"):
            texts_json({"a": float("nan")})


class TestByLaw:
    @given(_ROWS)
    @example({"a": {"b": 4.9e-324}})
    @example({"\ud800": 1})
    def test_rows(self, row: dict[str, object]) -> None:
        """Every row that JSON can say has one text, and so one hash."""
        assert compact_json(row) == plainly(row)
        assert raw_hash(row) == md5(plainly(row), usedforsecurity=False).hexdigest()

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_every_number(self, number: float) -> None:
        """Every finite number is spelled as Python spells it."""
        assert compact_json({"a": number}) == plainly({"a": number})

    @given(st.floats(-1e-4, 1e-4, exclude_min=True, exclude_max=True).filter(bool))
    def test_small_numbers_are_seen(self, number: float) -> None:
        """No small number is let through by the quick looks."""
        for text in (f"[{number!r}]", f'{{"a":{number!r}}}', f"[1,{number!r}]"):
            assert has_small_number(text.encode())

    @given(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])))
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])),
            st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"])),
        )
    )  # fmt: skip
    def test_canonical(self, value: object) -> None:
        """Texts in a list or by name have the canonical form."""
        assert texts_json(value) == canonical_json(value)
