"""Identifiers: what a source calls a customer.

Equal identifiers are taken for one customer later, so nothing here may make two people equal:
no dot and no plus sign is removed from an e-mail address, no country code is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean

# Spelled out with the characters themselves, so that an SQL engine (RE2) reads the same classes.
BLANKS = " \t\n\r\f\v\u00a0\u2007\u2009\u200b\u202f\u3000\ufeff"
PHONE_SEPARATORS = "[" + BLANKS + ".()\\[\\]\\-\u2010-\u2015]"
E164 = r"\+[1-9][0-9]{6,14}"
#: Column that a store makes up when it counts: whose record it is, without saying who that is.
CUSTOMER_KEY = "@customer"


class IdentifierKind(StrEnum):
    """What sort of thing identifies the customer."""

    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"
    DEVICE = "device"
    EXTERNAL = "external"


_put = object.__setattr__
_KINDS = {kind.value: kind for kind in IdentifierKind}


def _kind(kind: str) -> IdentifierKind:
    if kind not in _KINDS:
        raise UsageError(
            "An identifier has an unknown kind.", hint=did_you_mean(str(kind), list(_KINDS))
        )
    return _KINDS[kind]


def _hidden(_value: object) -> str:
    return "<hidden>"


@frozen(order=True)
class Identifier:
    """One name by which a source knows a customer; its value never shows in a `repr`.

    Parameters
    ----------
    kind : {"email", "phone", "account", "device", "external"}
        What sort of thing it is.
    value : str
        The normalised value; `Identifier.of` makes it from a raw one.

    Raises
    ------
    UsageError
        The kind is unknown, or there is no value.

    Examples
    --------
    >>> Identifier.of("email", " Ann@Example.com ")
    Identifier(kind=<IdentifierKind.EMAIL: 'email'>, value=<hidden>)
    >>> Identifier.of("email", " Ann@Example.com ").text
    'email:ann@example.com'
    """

    kind: IdentifierKind = field(converter=_kind)
    value: str = field(repr=_hidden)

    def __attrs_post_init__(self) -> None:
        _check_value(self.kind, self.value)

    @classmethod
    def of(cls, kind: str, raw: str) -> Identifier:
        """Identifier from what a source wrote.

        Parameters
        ----------
        kind : str
            Kind of identifier.
        raw : str
            As the source wrote it. An e-mail address loses blanks around it and its capitals; a
            phone number becomes E.164 where it is one when blanks, dots, hyphens and brackets are
            left out and `00` in front means `+`; all else only loses the blanks around it.

        Returns
        -------
        Identifier
            Normalised, so that two ways of writing the same compare equal.

        Raises
        ------
        UsageError
            The kind is unknown, or nothing is left of the value.

        Examples
        --------
        >>> Identifier.of("phone", "0049 (30) 901820").value
        '+4930901820'
        """
        known = _kind(kind)
        _check_value(known, raw)
        return _made(known, _normalised(known, raw.strip(BLANKS)))

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """Identifier that `text` stands for.

        Parameters
        ----------
        text : str
            Kind and value with a colon between them, as the property `text` gives it.

        Returns
        -------
        Identifier
            With the value as it stands.

        Raises
        ------
        UsageError
            There is no colon, the kind is unknown, or there is no value.

        Examples
        --------
        >>> Identifier.parse("account:4711").kind
        <IdentifierKind.ACCOUNT: 'account'>
        """
        kind, _, value = text.partition(":")
        return cls(_kind(kind), value)

    @property
    def text(self) -> str:
        """Kind and value as one text."""
        # A kind is a text; to be formatted it would first be asked for its name.
        return self.kind + ":" + self.value


def _made(kind: IdentifierKind, value: str) -> Identifier:
    # Both parts have been checked before; a bulk read makes millions of these.
    identifier = Identifier.__new__(Identifier)
    _put(identifier, "kind", kind)
    _put(identifier, "value", value)
    return identifier


def identifier_maker(kind: str) -> Callable[[str], Identifier]:
    """What makes identifiers of one kind, for bulk: it does what `Identifier.of` does, unchecked.

    Parameters
    ----------
    kind : str
        Kind of identifier.

    Returns
    -------
    callable
        Takes a text with something visible in it and no blank around it.

    Raises
    ------
    UsageError
        The kind is unknown.

    Examples
    --------
    >>> identifier_maker("email")("Ann@Example.com") == Identifier.of("email", "Ann@Example.com")
    True
    """
    known = _kind(kind)
    if known is IdentifierKind.EMAIL:
        return lambda text: _made(known, text.lower())
    if known is IdentifierKind.PHONE:
        return lambda text: _made(known, _phone(text))
    return lambda text: _made(known, text)


def _check_value(kind: IdentifierKind, value: object) -> None:
    if not isinstance(value, str):
        raise UsageError(
            f"The value of an identifier of kind {kind} is not a text.", hint="str(id)"
        )
    if not value.strip(BLANKS):
        raise UsageError(f"An identifier of kind {kind} has no value.", hint="leave it out")


def _normalised(kind: IdentifierKind, value: str) -> str:
    if kind is IdentifierKind.EMAIL:
        return value.lower()
    if kind is IdentifierKind.PHONE:
        return _phone(value)
    return value


def _phone(value: str) -> str:
    bare = re.sub(PHONE_SEPARATORS, "", value)
    number = "+" + bare[2:] if bare.startswith("00") else bare
    return number if re.fullmatch(E164, number) else value
