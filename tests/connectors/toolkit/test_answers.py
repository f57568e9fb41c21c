"""A page that is read quickly is the page that is read at leisure."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_connectors.toolkit import Answer
from cxm_core.errors import TruncatedAnswer

AT = datetime(2026, 11, 21, tzinfo=UTC)
_TEXTS = st.text() | st.text(st.characters(categories=("Cs", "Lu")), max_size=3)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=15,
)
_CHANGES = st.sampled_from(list(b'{}[]",:\\.-+eE0179ntfu\x00\xff\xc3 \n'))


def quickly(body: bytes) -> str:
    """What an answer makes of a body; nothing where it is no whole JSON."""
    try:
        return repr(Answer(status=200, headers={}, body=body, url="", received_at=AT).data)
    except TruncatedAnswer:
        return "nothing"


def at_leisure(body: bytes) -> str:
    """What the standard library makes of it."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        return repr(json.loads(body.decode("utf-8-sig"), parse_constant=refuse))
    except (ValueError, RecursionError):
        return "nothing"


class TestByHand:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"a":1,"b":2,"a":3}',
            b"[-0, -0.0, 1e400, 1E5, 0.1e1, 1.0, 12345678901234567890123, 2e-324]",
            b'["\\ud800", "\\ud83d\\ude00", "\\u0000", "\\/"]',
            b"\xef\xbb\xbf[1]",
            b"[NaN]",
            b"[-Infinity]",
            b"[1,]",
            b"[01]",
            b"[1] [2]",
            b'["\xff"]',
            b'["\xed\xa0\x80"]',
            b'["\x01"]',
            b'"\x7f"',
            b"",
            b" ",
            b"[" * 300 + b"]" * 300,
            b"[" * 100_000 + b"]" * 100_000,
            b"[" + b"1" * 4_301 + b"]",
            b"[" + b"1" * 4_300 + b"]",
            b"[-" + b"1" * 5_000 + b"]",
        ],
    )
    def test_odd_bodies(self, body: bytes) -> None:
        """What is odd is read, or refused, as the standard library has it."""
        assert quickly(body) == at_leisure(body)


class TestByLaw:
    @given(_JSON, st.booleans())
    def test_json(self, value: object, is_ascii: bool) -> None:
        """All that JSON can say is read alike, numbers and types included."""
        body = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
        assert quickly(body) == at_leisure(body)

    @given(_JSON, st.data())
    @example({"a": [1.5e300, -2]}, None)
    def test_damaged_json(self, value: object, data: st.DataObject | None) -> None:
        """What is damaged is refused by both, or means the same to both."""
        body = bytearray(json.dumps(value).encode())
        for _ in range(0 if data is None else data.draw(st.integers(1, 3))):
            assert data is not None
            place = data.draw(st.integers(0, len(body) - 1))
            body[place : place + data.draw(st.integers(0, 2))] = [data.draw(_CHANGES)]
        assert quickly(bytes(body)) == at_leisure(bytes(body))

    @given(
        st.from_regex(
            r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
        )
    )
    def test_numbers(self, text: str) -> None:
        """Every number is read to the same value and type."""
        assert quickly(f"[{text}]".encode()) == at_leisure(f"[{text}]".encode())

    @given(st.binary(max_size=40))
    def test_any_bytes(self, body: bytes) -> None:
        """Bytes that are no JSON are refused by both."""
        assert quickly(body) == at_leisure(body)
