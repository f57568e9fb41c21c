"""Money: whole minor units of one currency, never a float."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import total_ordering
from typing import NoReturn

from attrs import evolve, frozen

from cxm_core.errors import UsageError

CURRENCY = r"[A-Z]{3}"

# ISO 4217 table A.1, column "minor unit"; a currency that is not here has two digits.
# https://www.six-group.com/en/products-services/financial-information/data-standards.html
_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}
_AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,30})(?:\.(?P<part>[0-9]{1,30}))?")


def minor_digits(currency: str) -> int:
    """Digits behind the point of a currency.

    Parameters
    ----------
    currency : str
        ISO 4217 alphabetic code.

    Returns
    -------
    int
        2 for most, 0 for the yen and others, 3 for the dinars and others, 4 for two units of
        account.

    Raises
    ------
    UsageError
        `currency` is not three capital letters.

    Notes
    -----
    The digits are those of the table of active codes of ISO 4217.

    Examples
    --------
    >>> minor_digits("EUR"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    if not re.fullmatch(CURRENCY, str(currency)):
        raise UsageError(
            "A currency is not an ISO 4217 code.", hint="three capital letters, such as 'EUR'"
        )
    return _DIGITS.get(currency, 2)


@total_ordering
@frozen
class Money:
    """An exact amount of one currency.

    Parameters
    ----------
    amount_minor : int
        In the smallest unit of the currency: cents, yen, fils.
    currency : str
        ISO 4217 alphabetic code.

    Raises
    ------
    UsageError
        The amount is no whole number, or the currency is not three capital letters.

    Examples
    --------
    >>> str(Money(1234, "EUR") + Money.of("0.66", "EUR"))
    '13.00 EUR'
    """

    amount_minor: int
    currency: str

    def __attrs_post_init__(self) -> None:
        minor_digits(self.currency)
        if not _is_whole(self.amount_minor):
            raise UsageError(
                "An amount of money is not a whole number of minor units.",
                hint="Money.of('12.34', 'EUR')",
            )

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Money from an amount as people write it.

        Parameters
        ----------
        amount : str, int or Decimal
            In whole units with a decimal point: `12.34`.
        currency : str
            ISO 4217 alphabetic code.

        Returns
        -------
        Money
            The exact amount; nothing is rounded.

        Raises
        ------
        UsageError
            The amount is a float or no plain number, or has more digits than the currency.

        Examples
        --------
        >>> Money.of("12.34", "EUR").amount_minor, Money.of(1200, "JPY").amount_minor
        (1234, 1200)
        """
        digits = minor_digits(currency)
        match = _AMOUNT.fullmatch(_plain(amount))
        if match is None:
            _refuse_amount()
        part = (match["part"] or "").rstrip("0")
        if len(part) > digits:
            raise UsageError(
                f"An amount has {len(part)} decimals, and {currency} has {digits}.",
                hint="round it first, by the rule of your books",
            )
        minor = int(match["whole"] + part.ljust(digits, "0"))
        return cls(-minor if match["sign"] == "-" else minor, currency)

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return evolve(self, amount_minor=self.amount_minor + _same(self, other))

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return evolve(self, amount_minor=self.amount_minor - _same(self, other))

    def __neg__(self) -> Money:
        return evolve(self, amount_minor=-self.amount_minor)

    def __lt__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount_minor < _same(self, other)

    def __str__(self) -> str:
        digits = minor_digits(self.currency)
        figures = str(abs(self.amount_minor)).rjust(digits + 1, "0")
        split = len(figures) - digits
        point = "." if digits else ""
        sign = "-" if self.amount_minor < 0 else ""
        return f"{sign}{figures[:split]}{point}{figures[split:]} {self.currency}"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _same(one: Money, other: Money) -> int:
    if one.currency != other.currency:
        raise UsageError(
            f"{one.currency} and {other.currency} do not add up or compare.",
            hint="convert one of them first, at a rate that you choose",
        )
    return other.amount_minor


def _plain(amount: str | int | Decimal) -> str:
    if isinstance(amount, Decimal):
        return f"{amount:f}" if amount.is_finite() and abs(amount.adjusted()) <= 30 else ""
    # A float would print as a plain number, yet is none: 0.1 + 0.2.
    return str(amount).strip() if type(amount) in (int, str) else ""


def _refuse_amount() -> NoReturn:
    raise UsageError(
        "An amount of money is not a plain decimal number.",
        hint="a text with a decimal point, such as '1234.50'; no float, no grouping",
    )
