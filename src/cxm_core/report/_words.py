"""Numbers as people read them: rounded to what the interval allows, with a real minus sign."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Literal, Protocol

from attrs import evolve, frozen

from cxm_core.results import TIMES, Comparison, Completeness, Estimate, shown_in
from cxm_core.vocabulary import Window, zone_of

from ._better import Better

__all__ = [
    "Numbers",
    "Verdict",
    "clock",
    "day",
    "group_label",
    "numbers_like",
    "numbers_of",
    "numbers_of_change",
    "percent",
    "stretch",
    "verdict",
    "verdict_word",
]

NONE = "\u2013"
_MINUS = "\u2212"
_MOST_DECIMALS = 8
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@frozen
class _Unit:
    """How a unit is written: factor, decimals at least, sign after a number, words."""

    factor: float = 1.0
    decimals: int = 2
    sign: str = ""
    word: str = ""
    change_word: str = ""
    change_sign: str = ""


_UNITS = {
    "points": _Unit(1.0, 1, "", "points", "points"),
    "share": _Unit(100.0, 1, "%", "", "percentage points"),
    "scale points": _Unit(1.0, 2, "", "scale points", "scale points"),
}

# A time has its sign in every cell, for the next one may be told in another unit.
_SIGNS = {
    "seconds": "\u202fs",
    "minutes": "\u202fmin",
    "hours": "\u202fh",
    "days": "\u202fd",
    "open seconds": "\u202fopen\u202fs",
    "open minutes": "\u202fopen\u202fmin",
    "open hours": "\u202fopen\u202fh",
}


def _style(unit: str, shown: str) -> _Unit:
    if unit in ("seconds", "open seconds") and shown:
        return _Unit(1.0 / TIMES[shown], 1, _SIGNS[shown], shown, shown, _SIGNS[shown])
    return _UNITS.get(unit) or _Unit(word=unit, change_word=unit)


class _Figure(Protocol):
    """What has a value and two limits."""

    @property
    def value(self) -> float | None:
        """The figure."""

    @property
    def low(self) -> float | None:
        """Its lower limit."""

    @property
    def high(self) -> float | None:
        """Its upper limit."""


@frozen
class Numbers:
    """How all numbers of one figure are written: the same unit, the same decimals."""

    unit: str
    decimals: int
    shown_in: str = ""

    @property
    def _unit(self) -> _Unit:
        return _style(self.unit, self.shown_in)

    @property
    def word(self) -> str:
        """Word after a value; empty where the sign says it."""
        return self._unit.word

    @property
    def change_word(self) -> str:
        """Word after a difference of two values."""
        return self._unit.change_word

    def bare(self, value: float) -> str:
        """Digits only, with a real minus sign and never a minus nought."""
        return f"{value * self._unit.factor:z,.{self.decimals}f}".replace("-", _MINUS)

    def value(self, value: float | None) -> str:
        """A value with its sign, such as ``39.8`` or ``82.1%``; a dash for none."""
        return NONE if value is None else self.bare(value) + self._unit.sign

    def large(self, value: float | None) -> str:
        """A value before its word, or with its sign where it has none; a dash for none."""
        return self.bare(value) if self.word and value is not None else self.value(value)

    def change(self, value: float | None) -> str:
        """A difference with plus or minus in front; a dash for none."""
        return NONE if value is None else self._signed(value) + self._unit.change_sign

    def _signed(self, value: float) -> str:
        text = self.bare(value)
        return text if text.startswith(_MINUS) or not text.strip("0.") else f"+{text}"

    def tick(self, value: float) -> str:
        """A round number at an axis."""
        text = f"{round(value * self._unit.factor, 9) + 0.0:,.9g}".replace("-", _MINUS)
        return text + self._unit.sign

    def change_tick(self, value: float) -> str:
        """A round difference at an axis."""
        text = f"{round(value * self._unit.factor, 9) + 0.0:+,.9g}".replace("-", _MINUS)
        return "0" if text == "+0" else text + self._unit.change_sign

    @property
    def bare_change(self) -> bool:
        """Whether a difference has no sign of its own, so that its column names the unit."""
        return bool(self.change_word) and not self._unit.change_sign

    @property
    def factor(self) -> float:
        """From a value to its number on screen."""
        return self._unit.factor

    def to(self, low: float | None, high: float | None) -> str:
        """Both limits of a value, short: ``37.2 to 42.4``, ``80.6 to 83.5%``."""
        first = NONE if low is None else self.bare(low)
        return _limits(low, high, first if high is not None else self.value(low), self.value(high))

    def change_to(self, low: float | None, high: float | None) -> str:
        """Both limits of a difference, short."""
        first = NONE if low is None else self._signed(low)
        first = first if high is not None else self.change(low)
        return _limits(low, high, first, self.change(high))

    def between(self, low: float | None, high: float | None) -> str:
        """Both limits of a value in words: ``between 37.2 and 42.4``."""
        if low is None or high is None:
            return self.to(low, high)
        if self._unit.change_sign:
            return f"between {self.bare(low)} and {self.bare(high)} {self.word}"
        return f"between {self.value(low)} and {self.value(high)}"


def _limits(low: float | None, high: float | None, low_text: str, high_text: str) -> str:
    if low is None:
        return "no interval" if high is None else f"up to {high_text}"
    return f"{low_text} or more" if high is None else f"{low_text} to {high_text}"


def numbers_of(results: Iterable[Estimate | Comparison]) -> Numbers:
    """Way to write results of one unit, as fine as the middle one of their intervals allows."""
    known = list(results)
    unit = known[0].unit if known else ""
    return _numbers(unit, shown_in(unit, [*map(_size, known)]), known)


def _numbers(unit: str, shown: str, known: Sequence[_Figure]) -> Numbers:
    style = _style(unit, shown)
    halves = sorted(
        style.factor * (r.high - r.low) / 2
        for r in known
        if r.low is not None and r.high is not None and r.high > r.low
    )
    needed = -math.floor(math.log10(halves[len(halves) // 2])) if halves else 0
    return Numbers(unit, min(max(style.decimals, needed), _MOST_DECIMALS), shown)


def _size(result: _Figure) -> float | None:
    """How large a figure is; where it is not reached, how large its limit is."""
    sizes = (result.value, result.low, result.high)
    return next((size for size in sizes if size is not None), None)


@frozen
class _Bare:
    """Numbers of a figure without the figure."""

    value: float | None
    low: float | None
    high: float | None


def numbers_like(
    unit: str, value: float | None, low: float | None = None, high: float | None = None
) -> Numbers:
    """Way to write one figure of which only the numbers are at hand."""
    return _numbers(unit, shown_in(unit, [value]), [_Bare(value, low, high)])


def numbers_of_change(change: Comparison) -> Numbers:
    """Way to write a change: a limit beside nought never looks like nought."""
    sides = (change.before.value, change.after.value)
    show = _numbers(change.unit, shown_in(change.unit, sides), [change])
    near = [abs(limit) for limit in (change.low, change.high) if limit]
    while any(not show.bare(x).strip("0.") for x in near) and show.decimals < _MOST_DECIMALS:
        show = evolve(show, decimals=show.decimals + 1)
    return show


def percent(share: float) -> str:
    """A confidence level as ``95%``."""
    return f"{100 * share:.6g}%"


#: Whether a known value lies within an interval, in a word.
WITHIN: Mapping[bool | None, str] = {True: "yes", False: "no", None: "\u2013"}

Tone = Literal["better", "worse", "unclear"]

_HEADINGS: Mapping[Tone, str] = {
    "better": "Better.",
    "worse": "Worse.",
    "unclear": "No clear {}.",
}
# What is said of figures one after the other, and of groups side by side.
_SINCE = {"change": "since", "difference": "against"}
_VERBS = {"change": ("Rose", "Fell"), "difference": ("Higher", "Lower")}


@frozen(kw_only=True)
class Verdict:
    """A change in words, and whether it is good news."""

    tone: Tone
    sign: str
    sentence: str
    word: str = "change"

    @property
    def heading(self) -> str:
        """The same in a word or two."""
        return _HEADINGS[self.tone].format(self.word)


def verdict(
    change: Comparison, better: Better, *, since: str = "", counted: str = "answers"
) -> Verdict:
    """What may be said of a change: only an interval without nought tells its direction."""
    tail = f" {_SINCE[change.change_word]} {since}" if since else ""
    if change.value is None:
        nothing = f"There is nothing to compare{tail}."
        return Verdict(tone="unclear", sign="?", sentence=nothing, word=change.change_word)
    if change.low is not None and change.low > 0:
        return _moved(change, tail, is_good=better == "higher")
    if change.high is not None and change.high < 0:
        return _moved(change, tail, is_good=better == "lower")
    show = numbers_of_change(change)
    amount = f"{show.change(change.value)} {show.change_word}".rstrip()
    span = show.change_to(change.low, change.high)
    sentence = f"{amount}{tail}; {span} is in keeping with the {counted}."
    return Verdict(tone="unclear", sign="\u2248", sentence=sentence, word=change.change_word)


def _moved(change: Comparison, tail: str, *, is_good: bool) -> Verdict:
    show = numbers_of_change(change)
    value = change.value or 0.0
    limits = (change.low, change.high) if value > 0 else (_flip(change.high), _flip(change.low))
    up, down = _VERBS[change.change_word]
    verb, sign = (up, "\u25b2") if value > 0 else (down, "\u25bc")
    amount = f"{show.bare(abs(value))} {show.change_word}".rstrip()
    sentence = f"{verb} by {amount}{tail} ({_plain_between(show, *limits)})."
    return Verdict(tone="better" if is_good else "worse", sign=sign, sentence=sentence)


def _flip(value: float | None) -> float | None:
    return None if value is None else -value


def _plain_between(show: Numbers, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return _limits(low, high, show.bare(low or 0.0), show.bare(high or 0.0))
    return f"between {show.bare(low)} and {show.bare(high)}"


def verdict_word(verdict: Completeness) -> str:
    """What is known of a sync's completeness, as a reader would say it."""
    return "completeness not known" if verdict == "unknown" else verdict


def group_label(label: object) -> str:
    """A group's label, or what to call the group of those without one."""
    if isinstance(label, tuple):
        return " \u00b7 ".join(group_label(part) for part in label)
    return "(missing)" if label is None else str(label)


def day(at: datetime, zone: str) -> str:
    """Date of an instant, such as ``3 May 2018``."""
    local = at.astimezone(zone_of(zone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def clock(at: datetime, zone: str) -> str:
    """Date and time of an instant in `zone`, which the page names once."""
    return f"{day(at, zone)}, {at.astimezone(zone_of(zone)):%H:%M}"


def stretch(window: Window, zone: str) -> str:
    """A window's label and both ends, the end not in it; without times where both are midnight."""
    ends = [at.astimezone(zone_of(zone)) for at in (window.start, window.end)]
    write = day if all(end.time() == time() for end in ends) else clock
    return f"{window.label}: {write(ends[0], zone)} until before {write(ends[1], zone)}"
