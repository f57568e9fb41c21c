"""Hypothesis strategies for the vocabulary: any value that the library must be able to bear."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from cxm_core.vocabulary import (
    SCALE_NAMES,
    Direction,
    Identifier,
    IdentifierKind,
    Money,
    Scale,
    Window,
)

# Stands in every personal field. E-mail addresses are kept in small letters, so a search for it
# does not tell capitals from small letters.
PERSONAL_MARKER = "CANARY-PII"

_ZONES = ("UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe")
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "KRW", "KWD", "TND")
_FIRST, _LAST = datetime(1990, 1, 1), datetime(2100, 1, 1)
_LOCAL_PART = "abcdefghijklmnopqrstuvwxyz0123456789.+_"


@st.composite
def _own_scales(draw: st.DrawFn) -> Scale:
    low = draw(st.integers(-20, 20))
    levels = list(range(low, low + draw(st.integers(2, 21))))
    direction: Direction = draw(st.sampled_from(get_args(Direction)))
    worst_first = levels if direction == "ascending" else levels[::-1]
    n_bad = draw(st.integers(1, len(levels) - 1))
    n_good = draw(st.integers(1, len(levels) - n_bad))
    return Scale(
        levels[0],
        levels[-1],
        direction=direction,
        top=worst_first[-n_good:],
        bottom=worst_first[:n_bad],
        labels=draw(st.dictionaries(st.sampled_from(levels), st.text(max_size=20), max_size=5)),
        name=draw(st.none() | st.text(max_size=20).map(str.strip).filter(bool)),
    )


def scales() -> st.SearchStrategy[Scale]:
    """Scales: the named ones, and others with labels of any text.

    Returns
    -------
    SearchStrategy
        Of `Scale`.
    """
    return st.sampled_from(SCALE_NAMES).map(Scale.named) | _own_scales()


def identifiers() -> st.SearchStrategy[Identifier]:
    """Identifiers of every kind, whose values carry `PERSONAL_MARKER`.

    Returns
    -------
    SearchStrategy
        Of `Identifier`; e-mail addresses carry the marker in small letters, phones are none that
        E.164 knows.
    """
    return st.sampled_from(list(IdentifierKind)).flatmap(
        lambda kind: _values(kind).map(lambda raw: Identifier.of(kind, raw))
    )


def _values(kind: IdentifierKind) -> st.SearchStrategy[str]:
    if kind is IdentifierKind.EMAIL:
        rest = st.text(_LOCAL_PART, min_size=1, max_size=12)
        return rest.map(lambda part: f"{PERSONAL_MARKER}-{part}@example.com")
    if kind is IdentifierKind.PHONE:
        return st.text("0123456789 -", max_size=12).map(lambda part: f"{part} {PERSONAL_MARKER}")
    return st.text(max_size=12).map(lambda part: f"{PERSONAL_MARKER}-{part}")


def aware_datetimes() -> st.SearchStrategy[datetime]:
    """Instants from 1990 to 2100 in zones with odd offsets and odd changes of the clock.

    Returns
    -------
    SearchStrategy
        Of aware `datetime`, in UTC or another zone.
    """
    zones = st.sampled_from(_ZONES).map(ZoneInfo) | st.just(UTC)
    return st.datetimes(_FIRST, _LAST, timezones=zones, allow_imaginary=False)


def windows() -> st.SearchStrategy[Window]:
    """Windows of any length, also empty ones.

    Returns
    -------
    SearchStrategy
        Of `Window`.
    """
    ends = st.tuples(aware_datetimes(), aware_datetimes())
    return ends.map(lambda pair: sorted(at.astimezone(UTC) for at in pair)).map(
        lambda pair: Window(pair[0], pair[1])
    )


def money() -> st.SearchStrategy[Money]:
    """Amounts, also negative ones, in currencies with no, two and three digits.

    Returns
    -------
    SearchStrategy
        Of `Money`.
    """
    return st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(_CURRENCIES))
