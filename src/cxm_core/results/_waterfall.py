"""How one number becomes another: steps that add up to the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum
from typing import Any

from attrs import evolve, field, frozen

from cxm_core.errors import UsageError

from ._altair import waterfall_chart
from ._caveats import Caveat
from ._estimate import codes_of, width
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._plot import draw_waterfall
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, axis_of, label_text, percent, strip, text_table
from ._svg import Bar
from ._svg_marks import Picture
from ._svg_waterfall import Fall, waterfall_picture

_TOLERANCE = 1e-9


def _number(value: Any) -> float:
    number = finite(value)
    if number is None:
        raise UsageError("A step of a waterfall has no size.", hint="leave out what is not known")
    return number


@frozen
class Step:
    """One step of a waterfall: what happened, and by how much it moved the number.

    Parameters
    ----------
    name : str
        What the step is about.
    value : float
        How far it moves the number, in the waterfall's unit.
    low, high : float or None
        Interval of `value`; None where it is plain arithmetic.
    note : str
        What was before and what is after, in a few words.
    """

    name: str
    value: float = field(converter=_number)
    low: float | None = field(default=None, converter=finite)
    high: float | None = field(default=None, converter=finite)
    note: str = ""


@frozen(kw_only=True, repr=False)
class Waterfall(Shape):
    """How one number becomes another: steps that add up to the gap between them.

    Parameters
    ----------
    metric : str
        What was measured.
    unit : str
        Unit of the numbers and of the steps.
    start, end : float
        The number before and the number after, in `unit`.
    steps : tuple of Step
        In the order to show; together they are `end` less `start`.
    confidence_level : float in (0, 1) or None
        Nominal coverage of the steps' intervals; None where they have none.
    method : str
        How the gap was split.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        How the split was made.
    labels : tuple of (str, str)
        What the two numbers are called.

    Raises
    ------
    UsageError
        The steps do not add up to the gap, or a number is none.

    Notes
    -----
    A difference below one part in a thousand million is rounding; the largest step takes it.

    Examples
    --------
    >>> from cxm_core.results import Receipt, Step, Waterfall
    >>> receipt = Receipt(engine="explain_difference", method="shapley", confidence_level=0.95)
    >>> steps = [Step("blank answers", -5.0), Step("late data", 2.0)]
    >>> Waterfall(
    ...     metric="nps", unit="points", start=41.0, end=38.0, steps=steps, method="shapley",
    ...     receipt=receipt,
    ... )
    Waterfall(nps 41.0 to 38.0 points, -3.0 in 2 steps, largest 'blank answers' -5.0)
    """

    metric: str
    unit: str
    start: float = field(converter=_number)
    end: float = field(converter=_number)
    steps: tuple[Step, ...] = field(converter=as_tuple)
    confidence_level: float | None = None
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt
    labels: tuple[str, str] = ("before", "after")

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "steps", _closed(self.steps, self.start, self.end))

    @property
    def gap(self) -> float:
        """The number after less the number before."""
        return self.end - self.start

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise UsageError(
            f"None of the {len(self.steps)} steps has this name.",
            hint="; ".join(label_text(step.name) for step in self.steps[:8]) or None,
        )

    __iter__ = None  # so that fields can be added

    @property
    def _largest(self) -> Step | None:
        return max(self.steps, key=lambda step: abs(step.value), default=None)

    def __repr__(self) -> str:
        show, codes = self._change(), " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        top = self._largest
        largest = f", largest {label_text(top.name)!r} {show.number(top.value)}" if top else ""
        count = f"{len(self.steps)} step{'s' * (len(self.steps) != 1)}"
        return (
            f"Waterfall({self.metric} {self._ends()[0]} to "
            f"{self._ends(word=True)[1]}, {self._gap_text()} in {count}{largest}"
            f"{' ' * bool(codes)}{codes})"
        )

    def __str__(self) -> str:
        """One sentence: both numbers, and what each step did."""
        word = self._change().word
        moved = f"{self._gap_text()} {word}".rstrip()
        head = (
            f"{self.metric} goes from {self._ends()[0]} ({self.labels[0]}) to "
            f"{self._ends(word=True)[1]} ({self.labels[1]}), {moved}"
        )
        parts = [
            f"{label_text(step.name)} {text}"
            for step, text in zip(self.steps, self._figures(), strict=True)
        ]
        return f"{head}: {', '.join(parts)}." if parts else f"{head}."

    def _title(self) -> str:
        return f"{self.metric}, {self.labels[0]} to {self.labels[1]}"

    def _sizes(self) -> list[float | None]:
        widths = [width(step.low, step.high) for step in self.steps]
        return [abs(s.value) if w is None else w for s, w in zip(self.steps, widths, strict=True)]

    def _format(self) -> Format:
        return Format.fitting(self.unit, self._sizes(), values=(self.start, self.end))

    def _change(self) -> Format:
        ends = (self.start, self.end)
        return Format.fitting(self.unit, self._sizes(), values=ends, is_change=True)

    def _ends(self, *, word: bool = False) -> tuple[str, str]:
        """Both numbers as printed: rounded like the steps, so that the figures add up."""
        show = self._format()
        write = show.value if word else show.number
        return write(show.rounded(self.start)), write(show.rounded(self.end))

    def _gap_text(self) -> str:
        return self._change().number(self._format().rounded_gap(self.start, self.end))

    def _figures(self) -> list[str]:
        """Every step as it is printed: rounded so that the printed numbers add up, too."""
        show = self._format()
        gap = show.rounded_gap(self.start, self.end)
        sizes = show.adding_up([step.value for step in self.steps], gap)
        return [self._change().number(size) for size in sizes]

    def summary(self) -> str:
        """The waterfall as text for a terminal.

        Returns
        -------
        str
            One row a step, drawn where it moves the number; the printed figures add up.

        Examples
        --------
        >>> from cxm_core.results import Receipt, Step, Waterfall
        >>> receipt = Receipt(engine="explain_difference", method="shapley", confidence_level=0.95)
        >>> steps = [Step("blank answers", -5.0), Step("late data", 2.0)]
        >>> fall = Waterfall(
        ...     metric="nps", unit="points", start=41.0, end=38.0, steps=steps, method="shapley",
        ...     receipt=receipt,
        ... )
        >>> print(fall.summary())
        nps, before to after: 41.0 to 38.0 points, -3.0
        step           points
        -------------  ------  ------------------------
        before           41.0                         o
        blank answers    -5.0  ------------------------
        late data        +2.0  ++++++++++
        after            38.0           o
        method shapley
        """
        head = f"{self._ends()[0]} to {self._ends(word=True)[1]}, {self._gap_text()}"
        headers, rows = self._table()
        return "\n".join(
            [
                f"{self._title()}: {head}",
                text_table(headers, rows, left=1),
                f"method {self.method}",
                *(f"{label_text(s.name)}: {label_text(s.note)}" for s in self.steps if s.note),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def _table(self) -> tuple[list[str], list[list[str]]]:
        headers, cells = self._cells()
        levels = self._levels()
        axis = axis_of(levels)
        drawn = [
            strip((levels[0], levels[0], levels[0]), axis),
            *(_stretch(a, b, axis) for a, b in pairwise(levels)),
            strip((levels[-1], levels[-1], levels[-1]), axis),
        ]
        rows = [[*row, picture] for row, picture in zip(cells, drawn, strict=True)]
        return [*headers, ""], rows

    def _levels(self) -> list[float]:
        """The number before, and after each step."""
        values = [step.value for step in self.steps]
        return [self.start + fsum(values[:i]) for i in range(len(values))] + [self.end]

    def to_dict(self) -> dict[str, Any]:
        """The waterfall as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a step under ``steps``.

        Examples
        --------
        >>> from cxm_core.results import Receipt, Step, Waterfall
        >>> receipt = Receipt(engine="explain_difference", method="shapley", confidence_level=0.95)
        >>> fall = Waterfall(
        ...     metric="nps", unit="points", start=41.0, end=38.0, method="shapley",
        ...     steps=[Step("late data", -3.0)], receipt=receipt,
        ... )
        >>> fall.to_dict()["steps"][0]["value"]
        -3.0
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "waterfall",
            "metric": self.metric,
            "unit": self.unit,
            "start": self.start,
            "end": self.end,
            "labels": list(self.labels),
            "confidence_level": self.confidence_level,
            "method": self.method,
            "steps": [plain(step) for step in self.steps],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        levels, rows = self._levels(), len(self.steps)
        return [
            Column(name="metric", type="text", values=(self.metric,) * rows),
            Column(name="step", type="text", values=[label_text(s.name) for s in self.steps]),
            Column(name="value", type="number", values=[s.value for s in self.steps]),
            Column(name="low", type="number", values=[s.low for s in self.steps]),
            Column(name="high", type="number", values=[s.high for s in self.steps]),
            Column(name="start", type="number", values=levels[:-1]),
            Column(name="end", type="number", values=levels[1:]),
            Column(name="unit", type="text", values=(self.unit,) * rows),
            Column(name="note", type="text", values=[label_text(s.note) for s in self.steps]),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * rows),
        ]

    def _has_zero(self) -> bool:
        return True

    def _bars(self) -> list[Bar]:
        return [
            Bar(
                label=label_text(step.name),
                value=step.value,
                low=step.value if step.low is None else step.low,
                high=step.value if step.high is None else step.high,
                text=self._text(step, figure),
            )
            for step, figure in zip(self.steps, self._figures(), strict=True)
        ]

    def _text(self, step: Step, figure: str) -> str:
        limits = self._limits(step)
        return f"{figure} ({limits})" if limits else figure

    def _drawn(self, axes: Any) -> Any:
        return draw_waterfall(axes, self._falls(), self._title())

    def _charted(self) -> Any:
        return waterfall_chart(self._falls(), self._title())

    def _limits(self, step: Step) -> str:
        if step.low is None and step.high is None:
            return ""
        return self._change().interval(step.low, step.high)

    def _falls(self) -> list[Fall]:
        levels = self._levels()
        bars = self._bars()
        first, last = self.labels
        return [
            Fall(label=first, start=levels[0], end=levels[0], text=self._ends(word=True)[0]),
            *(
                Fall(label=bar.label, start=a, end=b, text=bar.text, is_step=True)
                for bar, a, b in zip(bars, levels, levels[1:], strict=False)
            ),
            Fall(label=last, start=levels[-1], end=levels[-1], text=self._ends(word=True)[1]),
        ]

    def _pictures(self) -> dict[str, Picture]:
        return {"waterfall": self._picture}

    def _picture(self) -> str:
        tick = self._format().tick
        return waterfall_picture(self._title(), str(self), self._falls(), tick=tick)

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        has_limits = any(step.low is not None or step.high is not None for step in self.steps)
        level = "" if self.confidence_level is None else f"{percent(self.confidence_level)} "
        unit = self._change().shown_in or self.unit
        headers = ["step", unit, *([f"{level}interval"] if has_limits else [])]
        blank = [""] * has_limits
        body = [
            [
                label_text(step.name),
                figure,
                *([self._limits(step)] if has_limits else []),
            ]
            for step, figure in zip(self.steps, self._figures(), strict=True)
        ]
        before, after = self._ends()
        rows = [[self.labels[0], before, *blank], *body, [self.labels[1], after, *blank]]
        return headers, rows


def _closed(steps: Sequence[Step], start: float, end: float) -> tuple[Step, ...]:
    """Steps that add up to the gap, rounding included; refused where more than that is missing."""
    missing = fsum([end, -start, *(-step.value for step in steps)])
    scale = max(1.0, abs(start), abs(end), *(abs(step.value) for step in steps))
    if abs(missing) > _TOLERANCE * scale:
        raise UsageError(
            f"The {len(steps)} steps of the waterfall do not add up to the gap: "
            f"{missing:g} is missing."
        )
    if not missing or not steps:
        return tuple(steps)
    at = max(range(len(steps)), key=lambda place: abs(steps[place].value))
    closed = evolve(steps[at], value=steps[at].value + missing)
    return (*steps[:at], closed, *steps[at + 1 :])


def _stretch(start: float, end: float, axis: tuple[float, float]) -> str:
    """Step as a strip of 24 characters: plus signs upwards, minus signs downwards."""
    low, high = min(start, end), max(start, end)
    drawn = strip((low, low, high), axis).replace("o", "-")
    if start == end:
        return drawn.replace("-", "|")
    return drawn.replace("-", "+") if end > start else drawn
