"""Lists and mappings in records: what pages of vendors hold, and the canonical form."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from cxm_core.errors import UsageError
from cxm_core.records import (
    Customer,
    FollowUpEvent,
    Note,
    Order,
    RatingSummary,
    Reason,
    Record,
    ResearchSession,
)
from cxm_core.records._lists import (
    _any_attributes,
    _any_identifier,
    _identifier,
    read_attributes,
)
from cxm_core.vocabulary import Identifier, IdentifierKind

AT = "2026-01-01T10:00:00Z"


def reason_of(cls: type[Record], **values: object) -> str:
    """Reason why there is no such record."""
    with pytest.raises(UsageError) as caught:
        cls(native_id="1", **values)
    return str(caught.value.context["reason"])


@pytest.mark.parametrize(
    "given",
    [
        [("email", "A@b.c"), ("external", "7")],
        (["external", 7], ["email", " a@b.c "]),
        {"email": "a@b.c", "external": "7"},
        ["external:7", "email:a@b.c", "email:A@B.C"],
        [Identifier.of("external", "7"), ("email", "a@b.c"), ("phone", None), ("phone", " ")],
    ],
)
def test_identifiers(given: object) -> None:
    """Pairs, mappings, texts and identifiers give the same customer, sorted and each once."""
    customer = Customer(native_id="1", customer=given).customer
    assert customer == (Identifier.of("email", "a@b.c"), Identifier.of("external", "7"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("a@b.c", Reason.WRONG_TYPE),
        ([5], Reason.WRONG_TYPE),
        ([("email",)], Reason.WRONG_TYPE),
        ([("email", True)], Reason.WRONG_TYPE),
        ([("email", 1.5)], Reason.WRONG_TYPE),
        ([("fax", "1")], Reason.UNKNOWN_LEVEL),
        ([("external", "x" * 513)], Reason.TOO_LARGE),
        ([("external", 10**18)], Reason.TOO_LARGE),
        ([("external", "a\x00b")], Reason.BAD_PATTERN),
        ([("external", "a\tb")], Reason.BAD_PATTERN),
        ([("external", "a\ud800b")], Reason.BAD_ENCODING),
    ],
)
def test_bad_identifiers(given: object, reason: Reason) -> None:
    """What is no identifier is refused with its reason."""
    assert reason_of(Customer, customer=given) == reason


def test_attributes() -> None:
    """Attributes are plain values; nothing visible is no attribute; free text is cleaned."""
    given = {"a": "x\x00", "b": 1, "c": 0.5, "d": False, "e": None, "f": "\u200b"}
    customer = Customer(native_id="1", attributes=given)
    assert customer.attributes == {"a": "x\ufffd", "b": 1, "c": 0.5, "d": False}
    assert given["a"] == "x\x00"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([("a", 1)], Reason.WRONG_TYPE),
        ({1: "a"}, Reason.WRONG_TYPE),
        ({"a": [1]}, Reason.WRONG_TYPE),
        ({"": 1}, Reason.BAD_PATTERN),
        ({"a\n": 1}, Reason.BAD_PATTERN),
        ({"x" * 1_001: 1}, Reason.TOO_LARGE),
        ({"a": "x" * 1_000_001}, Reason.TOO_LARGE),
        ({"a": 10**18}, Reason.OUT_OF_RANGE),
        ({"a": math.nan}, Reason.NON_FINITE),
        ({"a": -math.inf}, Reason.NON_FINITE),
    ],
)
def test_bad_attributes(given: object, reason: Reason) -> None:
    """What is no plain value is refused with its reason."""
    assert reason_of(Customer, attributes=given) == reason


def test_texts() -> None:
    """Lists of texts keep their order and lose what shows nothing."""
    session = ResearchSession(
        native_id="1", occurred_at=AT, codes=["b", "", "a", "b"], quotes=("x\x07",)
    )
    assert session.codes == ("b", "a", "b")
    assert session.quotes == ("x\ufffd",)
    assert (
        FollowUpEvent(
            native_id="1", occurred_at=AT, follow_up="f", step="opened", evidence=None
        ).evidence
        == ()
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("abc", Reason.WRONG_TYPE),
        ({"a": "b"}, Reason.WRONG_TYPE),
        ([1], Reason.WRONG_TYPE),
        (["x" * 1_001], Reason.TOO_LARGE),
    ],
)
def test_bad_texts(given: object, reason: Reason) -> None:
    """What is no list of short texts is refused with its reason."""
    assert reason_of(Customer, tags=given) == reason


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"5": 1}, Reason.WRONG_TYPE),
        ([5], Reason.WRONG_TYPE),
        ([(5, True)], Reason.WRONG_TYPE),
        ([(5, -1)], Reason.OUT_OF_RANGE),
        ([(5, 1), (5, 2)], Reason.BAD_ROW),
        ({6: 1}, Reason.OUT_OF_SCALE),
    ],
)
def test_bad_counts(given: object, reason: Reason) -> None:
    """A histogram counts each level of its scale at most once, with whole numbers."""
    assert reason_of(RatingSummary, occurred_at=AT, scale="stars", counts=given) == reason


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (5, Reason.WRONG_TYPE),
        ({"quantity": -1}, Reason.OUT_OF_RANGE),
        ({"price": 5}, Reason.WRONG_TYPE),
        ({"price": {"amount_minor": 10**18, "currency": "EUR"}}, Reason.OUT_OF_RANGE),
        ({"price": {"amount_minor": 1.5, "currency": "EUR"}}, Reason.WRONG_TYPE),
        ({"name": "x" * 1_001}, Reason.TOO_LARGE),
    ],
)
def test_bad_items(item: object, reason: Reason) -> None:
    """A line of an order that cannot be is refused with its reason."""
    assert reason_of(Order, occurred_at=AT, items=[item]) == reason


class TestQuickWays:
    """What is read at a glance is read as it would be at leisure."""

    @given(
        st.sampled_from([*IdentifierKind, "fax", "Email"]),
        st.text(st.characters(max_codepoint=0x17F), max_size=6)
        | st.sampled_from(["a@b.c ", " A@B.c", "0049 30 901820", "+49 (30) 90-1820", "x" * 513]),
    )
    def test_identifiers(self, kind: str, value: str) -> None:
        """An identifier is the same by either way, or refused for the same reason."""
        assert _told(lambda: _identifier((str(kind), value))) == _told(
            lambda: _any_identifier(kind, value)
        )

    @given(
        st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["region", " a", "x" * 1_001]),
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
            max_size=3,
        )
    )
    def test_attributes(self, value: dict[object, object]) -> None:
        """Attributes are the same by either way, types and order included."""
        assert _told(lambda: read_attributes(value)) == _told(lambda: _any_attributes(value))

    def test_attributes_are_a_copy(self) -> None:
        """A record keeps its attributes, whatever becomes of the mapping that it was given."""
        given_ = {"region": "north"}
        note = Note(native_id="1", occurred_at=AT, text="a", attributes=given_)
        given_["region"] = "south"
        assert note.attributes == {"region": "north"}


def _told(read: Callable[[], object]) -> object:
    """What a reader gives, or why it refuses."""
    try:
        found = read()
    except PydanticCustomError as error:
        return error.type
    return found if isinstance(found, Identifier) or found is None else repr(found)
