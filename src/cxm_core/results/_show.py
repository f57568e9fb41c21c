"""A result as text and HTML: the only place that rounds and writes percent signs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from html import escape

from attrs import evolve, frozen

from ._ticks import TIME_STEPS, Tick

#: Unit of a result -> factor on screen, decimals at least, sign after the number, word.
_UNITS = {
    "points": (1.0, 1, "", "points"),
    "share": (100.0, 1, "%", ""),
    "scale points": (1.0, 2, "", "scale points"),
    "relative change": (100.0, 1, "%", ""),
    "ratio": (1.0, 2, "", ""),
}
#: What a time that is kept in seconds is read in -> how many seconds that is.
#: Open time has no days: one of them is as long as the desk is open.
TIMES = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3_600.0,
    "days": 86_400.0,
    "open seconds": 1.0,
    "open minutes": 60.0,
    "open hours": 3_600.0,
}
# Of each unit of time, up to how many seconds each of them suits.
_MOST = {
    "seconds": {"seconds": 90.0, "minutes": 5_400.0, "hours": 172_800.0, "days": math.inf},
    "open seconds": {"open seconds": 90.0, "open minutes": 5_400.0, "open hours": math.inf},
}
_OTHER = (1.0, 2, "", "")
_MOST_DECIMALS = 8
# A table is as wide as its longest label.
_MOST_LETTERS = 200
# Control characters, line separators, bidirectional overrides, half surrogates, no characters.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """`text` on one line, without what could steer a terminal or turn the reading direction."""
    return _HIDDEN.sub("\ufffd", text)


def safe(text: str) -> str:
    """`text` for HTML and SVG."""
    return escape(clean(text))


def label_text(label: object) -> str:
    """A group's label as a reader sees it."""
    text = "(missing)" if label is None else clean(str(label))
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}\u2026"


@frozen
class Format:
    """How the numbers of one result are written: all with the same decimals."""

    unit: str
    decimals: int
    is_change: bool = False
    shown_in: str = ""

    @classmethod
    def fitting(
        cls,
        unit: str,
        widths: Sequence[float | None],
        *,
        values: Sequence[float | None] = (),
        is_change: bool = False,
    ) -> Format:
        """Decimals enough that an interval of the median width shows two digits."""
        shown = shown_in(unit, values, widths)
        factor, least, _, _ = _style_of(unit, shown)
        known = sorted(factor * width for width in widths if width)
        if not known:
            return cls(unit, least, is_change, shown)
        needed = 1 - math.floor(math.log10(known[len(known) // 2] / 2))
        return cls(unit, min(max(least, needed), _MOST_DECIMALS), is_change, shown)

    @property
    def of_values(self) -> Format:
        """The same for numbers that are no changes."""
        return evolve(self, is_change=False)

    @property
    def _style(self) -> tuple[float, int, str, str]:
        return _style_of(self.unit, self.shown_in)

    def number(self, value: float | None) -> str:
        """`value` without its word; a dash for none."""
        if value is None:
            return "-"
        factor, _, sign, _ = self._style
        if self.is_change and self.unit == "share":
            sign = ""
        shown = value * factor + 0.0
        flag = "+" if self.is_change and shown else ""
        return f"{shown:{flag},.{self._decimals(shown)}f}{sign}"

    def _decimals(self, shown: float) -> int:
        """More decimals for a number that would look like nought, or would lose its sign."""
        if shown == 0 or abs(shown) >= 0.5 * 10.0**-self.decimals:
            return self.decimals
        return min(math.ceil(-math.log10(abs(shown))), 2 * _MOST_DECIMALS)

    @property
    def word(self) -> str:
        """Word of the unit, if it needs one."""
        if self.unit == "share":
            return "percentage points" if self.is_change else ""
        return self._style[3]

    def value(self, value: float | None) -> str:
        """`value` with its word."""
        if value is None:
            return "no value"
        return f"{self.number(value)} {self.word}".rstrip()

    def interval(self, low: float | None, high: float | None) -> str:
        """Both limits; one that is not reached is said in words."""
        return _between(self.number, self.number, low, high)

    def limits(self, value: float | None, low: float | None, high: float | None) -> str:
        """Both limits beside a value; with the word of the unit where no value has it."""
        last = self.number if value is not None else self.value
        return _between(self.number, last, low, high)

    @property
    def tick(self) -> Tick:
        """Writer of the numbers of an axis, which are round in the unit that is shown."""
        factor = self._style[0]
        steps = TIME_STEPS.get(self.shown_in.removeprefix("open "), ())
        word = self.shown_in if steps else ""
        return Tick(self._on_axis, unit=1.0 / factor, steps=steps, word=word)

    def _on_axis(self, value: float) -> str:
        """A round number, as short as it can be."""
        factor, _, sign, _ = self._style
        is_points = self.is_change and self.unit == "share"
        return f"{value * factor + 0.0:.6g}{'' if is_points else sign}"

    def rounded(self, value: float) -> float:
        """`value` as it is printed."""
        factor = self._style[0]
        return round(value * factor, self.decimals) / factor

    def rounded_gap(self, start: float, end: float) -> float:
        """Printed `end` less printed `start`."""
        return self.rounded(self.rounded(end) - self.rounded(start))

    def adding_up(self, parts: Sequence[float], total: float) -> list[float]:
        """Parts rounded so that, as printed, they add up to a total that is rounded.

        Where rounding each by itself misses the total, those that lie nearest to the other side
        are rounded there.
        """
        unit = self._style[0] * 10.0**self.decimals
        exact = [part * unit for part in parts]
        whole = [round(part) for part in exact]
        missing = round(total * unit) - sum(whole)
        sign = 1 if missing > 0 else -1
        order = sorted(range(len(parts)), key=lambda i: sign * (whole[i] - exact[i]))
        for place in order[: abs(missing)]:
            whole[place] += sign
        return [part / unit for part in whole]


def _between(
    number: Callable[[float], str],
    last: Callable[[float], str],
    low: float | None,
    high: float | None,
) -> str:
    if low is None:
        return "none" if high is None else f"up to {last(high)}"
    return f"{last(low)} or more" if high is None else f"{number(low)} to {last(high)}"


def _style_of(unit: str, shown: str) -> tuple[float, int, str, str]:
    if unit in _MOST and shown:
        return 1.0 / TIMES[shown], 1, "", shown
    return _UNITS.get(unit, (*_OTHER[:3], unit))


def shown_in(unit: str, *figures: Sequence[float | None]) -> str:
    """What people read a time in, by the usual size of its figures; another unit stays.

    Parameters
    ----------
    unit : str
        Unit of a result.
    *figures : sequences of float or None
        Sizes in that unit: values, widths of intervals.

    Returns
    -------
    str
        ``seconds``, ``minutes``, ``hours`` or ``days`` for ``seconds``; the same but for days,
        with ``open`` in front, for ``open seconds``; else `unit`.

    Examples
    --------
    >>> shown_in("seconds", [79_560.0]), shown_in("points", [40.0])
    ('hours', 'points')
    >>> shown_in("open seconds", [795_600.0])
    'open hours'
    """
    if unit not in _MOST:
        return unit
    usual = max((_middle(sizes) for sizes in figures), default=0.0)
    return next(word for word, most in _MOST[unit].items() if usual <= most)


def _middle(figures: Sequence[float | None]) -> float:
    sizes = sorted(abs(size) for size in figures if size is not None and math.isfinite(size))
    return sizes[len(sizes) // 2] if sizes else 0.0


def percent(share: float) -> str:
    """A share such as a confidence level, as ``95%``."""
    return f"{100 * share:.6g}%"


def how_many(n: int, words: str) -> str:
    """A count with the words for what was counted, the first of them in the plural."""
    return f"{n:,} {words_for(n, words)}"


def words_for(n: int, words: str) -> str:
    """Words for so many things; of words in the plural, the first is what is counted."""
    first, *rest = words.split(" ")
    return " ".join([first.removesuffix("s") if n == 1 else first, *rest])


def effective(n: float | None) -> str:
    """Effective number of answers, in whole answers."""
    return "-" if n is None else f"{n:,.0f}"


def text_table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Aligned columns: the first `left` ones and the last to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]

    last = len(headers) - 1

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if i < left or i == last else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(headers), rule, *map(line, rows)])


def html_table(
    caption: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> str:
    """Small table without script or style, and notes below; every text is escaped."""
    head = "".join(f'<th scope="col">{safe(cell)}</th>' for cell in headers)
    body = "".join(
        "<tr>" + "".join(f"<td>{safe(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{safe(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + "".join(f"<p>{safe(note)}</p>" for note in notes)
    )


def strip(
    numbers: tuple[float | None, float | None, float | None], axis: tuple[float, float]
) -> str:
    """Value, low and high as a strip of 24 characters over `axis`, such as ``----o----``."""
    value, low, high = numbers
    if value is None:
        return ""
    start, end = axis

    def cell(at: float) -> int:
        return round(23 * (at - start) / (end - start)) if end > start else 0

    first = cell(start if low is None else low)
    last = cell(end if high is None else high)
    cells = [" "] * first + ["-"] * (last - first + 1)
    cells[min(max(cell(value), first), last)] = "o"
    return "".join(cells).ljust(24)


def axis_of(numbers: Sequence[float | None]) -> tuple[float, float]:
    """Range of the numbers that are there."""
    known = [number for number in numbers if number is not None]
    return (min(known), max(known)) if known else (0.0, 0.0)
