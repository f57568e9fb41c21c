"""Money is exact, and currencies never mix."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import money
from cxm_core.vocabulary import Money, minor_digits


class TestByHand:
    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("12.34", "EUR", 1234),
            ("-0.05", "EUR", -5),
            ("+7", "USD", 700),
            (" 12.3 ", "EUR", 1230),
            ("12.3400", "EUR", 1234),
            (Decimal("0.1"), "EUR", 10),
            (Decimal("1E+3"), "EUR", 100_000),
            (1200, "JPY", 1200),
            ("1200.0", "JPY", 1200),
            ("1.234", "KWD", 1234),
            ("0.0001", "CLF", 1),
            ("123456789012345678901234567890.12", "EUR", 12345678901234567890123456789012),
        ],
    )
    def test_of(self, amount: str | int | Decimal, currency: str, minor: int) -> None:
        """An amount becomes whole minor units, exactly."""
        assert Money.of(amount, currency) == Money(minor, currency)

    @pytest.mark.parametrize(
        ("minor", "currency", "text"),
        [
            (1234, "EUR", "12.34 EUR"),
            (-5, "EUR", "-0.05 EUR"),
            (0, "EUR", "0.00 EUR"),
            (1234, "JPY", "1234 JPY"),
            (-1, "TND", "-0.001 TND"),
        ],
    )
    def test_text(self, minor: int, currency: str, text: str) -> None:
        """Money is written with the digits of its currency."""
        assert str(Money(minor, currency)) == text

    def test_minor_digits(self) -> None:
        """Currencies have two digits, but for the exceptions of ISO 4217."""
        codes = {0: "JPY KRW VND CLP ISK UGX XAF XOF XPF", 3: "BHD IQD JOD KWD LYD OMR TND"}
        for digits, group in codes.items():
            assert {minor_digits(code) for code in group.split()} == {digits}
        assert minor_digits("HUF") == 2

    def test_order(self) -> None:
        """Amounts of one currency compare."""
        assert sorted([Money(2, "EUR"), Money(1, "EUR")])[0] == Money(1, "EUR")
        assert Money(2, "EUR") >= Money(2, "EUR") > Money(1, "EUR")
        assert Money(1, "EUR") != Money(1, "USD")


class TestRefused:
    @pytest.mark.parametrize(
        "amount",
        [
            *("", "12,34", "1.234,50", "1 000", "1_000", "1e3", "nan", ".5", "5.", "--5", "\u0661"),
            *("9" * 5000, Decimal("NaN"), Decimal("1E+999999"), 12.34, True, None),
        ],
    )
    def test_what_is_no_amount(self, amount: object) -> None:
        """Floats, grouped figures and other notations are refused, not guessed."""
        with pytest.raises(UsageError, match="plain decimal number"):
            Money.of(amount, "EUR")  # type: ignore[arg-type]  # the wrong call is the test

    def test_too_many_digits(self) -> None:
        """A fraction of the smallest coin is not rounded away."""
        with pytest.raises(UsageError, match="3 decimals, and EUR has 2"):
            Money.of("12.345", "EUR")

    @pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R", None, "EUR\n"])
    def test_what_is_no_currency(self, currency: object) -> None:
        """A currency is three capital letters."""
        with pytest.raises(UsageError, match="ISO 4217"):
            Money(1, currency)  # type: ignore[arg-type]  # the wrong call is the test

    @pytest.mark.parametrize("minor", [1.0, True, "1", None])
    def test_minor_units_are_whole(self, minor: object) -> None:
        """Minor units are whole numbers."""
        with pytest.raises(UsageError, match="whole number"):
            Money(minor, "EUR")  # type: ignore[arg-type]  # the wrong call is the test

    def test_mixed_currencies(self) -> None:
        """Two currencies neither add up nor compare."""
        one, other = Money(1, "EUR"), Money(1, "USD")
        for mix in (lambda: one + other, lambda: one - other, lambda: one < other):
            with pytest.raises(UsageError, match="EUR and USD"):
                mix()

    def test_bare_numbers(self) -> None:
        """A number without a currency is no money."""
        with pytest.raises(TypeError):
            Money(1, "EUR") + 1  # type: ignore[operator]  # the wrong call is the test


class TestByLaw:
    @given(money())
    def test_text_round_trips(self, amount: Money) -> None:
        """What is printed reads back as the same money."""
        figures, currency = str(amount).split()
        assert Money.of(figures, currency) == amount

    @given(st.integers(), st.integers())
    def test_addition(self, one: int, other: int) -> None:
        """Adding and taking away is exact, whatever the size."""
        a, b = Money(one, "EUR"), Money(other, "EUR")
        assert a + b == b + a == Money(one + other, "EUR")
        assert a + b - b == a
        assert a - b == -(b - a)
