"""Identifiers are normalised, but never so far that two people become one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import PERSONAL_MARKER, identifiers
from cxm_core.vocabulary import E164, Identifier, IdentifierKind


class TestByHand:
    @pytest.mark.parametrize(
        ("kind", "raw", "value"),
        [
            ("email", " Ann.Lee+x@Example.COM\n", "ann.lee+x@example.com"),
            ("phone", "+49 (30) 901-820", "+4930901820"),
            ("phone", "0049.30.901820", "+4930901820"),
            ("phone", "+49\u00a030\u2011901820", "+4930901820"),
            ("phone", "[+1] 415 555 2671", "+14155552671"),
            ("phone", " 030 901820 ", "030 901820"),
            ("phone", "+0 123 456 789", "+0 123 456 789"),
            ("phone", "+49 30", "+49 30"),
            ("phone", "+1234567890123456", "+1234567890123456"),
            ("phone", "+49 30 901820 ext. 7", "+49 30 901820 ext. 7"),
            ("phone", "+\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None),
            ("account", " A-17 ", "A-17"),
            ("device", "AB:CD", "AB:CD"),
            ("external", "x", "x"),
        ],
    )
    def test_normal_form(self, kind: str, raw: str, value: str | None) -> None:
        """Each kind has its own normal form; a phone that is not E.164 stays as it was written."""
        assert Identifier.of(kind, raw).value == (raw if value is None else value)

    def test_different_people_stay_different(self) -> None:
        """Dots and plus signs of an e-mail address are kept, and so is a phone's missing prefix."""
        mails = ["ann.lee@x.com", "annlee@x.com", "annlee+1@x.com"]
        phones = ["030 901820", "+4930901820", "+130901820"]
        assert len({Identifier.of("email", mail) for mail in mails}) == 3
        assert len({Identifier.of("phone", phone) for phone in phones}) == 3

    def test_text(self) -> None:
        """Kind and value stand in one text, which is read back."""
        device = Identifier.of("device", "AB:CD")
        assert device.text == "device:AB:CD"
        assert Identifier.parse(device.text) == device

    def test_they_sort(self) -> None:
        """Identifiers have an order, by kind and then by value."""
        phone, mail = Identifier.of("phone", "1"), Identifier.of("email", "b@x.com")
        assert sorted([phone, mail, Identifier.of("email", "a@x.com")])[1:] == [mail, phone]


class TestRefused:
    def test_unknown_kind(self) -> None:
        """An unknown kind is answered with the nearest known one."""
        with pytest.raises(UsageError, match="did you mean 'email'"):
            Identifier.of("e-mail", "ann@example.com")

    @pytest.mark.parametrize("raw", ["", " \t", "\u00a0"])
    def test_empty_value(self, raw: str) -> None:
        """Nothing identifies nobody."""
        with pytest.raises(UsageError, match="has no value"):
            Identifier.of("email", raw)

    @pytest.mark.parametrize("raw", [4711, None, b"x"])
    def test_value_that_is_no_text(self, raw: object) -> None:
        """A number is not made into text behind the caller's back."""
        with pytest.raises(UsageError, match="not a text"):
            Identifier.of("account", raw)  # type: ignore[arg-type]  # the wrong call is the test

    def test_text_without_a_colon(self) -> None:
        """A text that names no kind is refused, and not repeated."""
        with pytest.raises(UsageError) as caught:
            Identifier.parse(PERSONAL_MARKER)
        assert PERSONAL_MARKER not in str(caught.value)


class TestByLaw:
    @given(st.sampled_from(IdentifierKind), st.text(min_size=1).filter(lambda raw: raw.strip()))
    def test_normalising_twice_changes_nothing(self, kind: IdentifierKind, raw: str) -> None:
        """What has its normal form keeps it."""
        try:
            once = Identifier.of(kind, raw)
        except UsageError:
            return
        assert Identifier.of(kind, once.value) == once

    @given(st.from_regex(E164, fullmatch=True), st.text(" .-()[]", min_size=1, max_size=9))
    def test_separators_do_not_matter(self, number: str, separators: str) -> None:
        """An E.164 number is the same number with separators between any of its digits."""
        spaced = re.sub(r"(?<=\d)", separators, number)
        assert Identifier.of("phone", spaced).value == number
        assert Identifier.of("phone", "00" + spaced[1:]).value == number

    @given(identifiers())
    def test_value_never_shows(self, identifier: Identifier) -> None:
        """The repr of an identifier does not tell who it is."""
        assert PERSONAL_MARKER in identifier.text.upper()
        assert PERSONAL_MARKER not in repr(identifier).upper()

    @given(identifiers())
    def test_text_round_trips(self, identifier: Identifier) -> None:
        """The text of an identifier brings it back."""
        assert Identifier.parse(identifier.text) == identifier
