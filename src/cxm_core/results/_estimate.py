"""One number with its doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, field, frozen

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._frames import Column, label_column
from ._plain import as_tuple, finite, plain
from ._receipts import Receipt
from ._recipe import IntervalRecipe
from ._sentences import estimate_sentence
from ._shape import SCHEMA_VERSION, ConfidenceInterval, Shape
from ._show import Format, clean, effective, label_text, percent
from ._svg import Bar
from ._ticks import Tick

Label = str | int | bool | None

#: Column of a result's frame -> its type, in order.
NUMBERS: tuple[tuple[str, Any], ...] = (
    ("value", "number"),
    ("low", "number"),
    ("high", "number"),
    ("confidence_level", "number"),
    ("method", "text"),
    ("standard_error", "number"),
    ("n", "integer"),
    ("effective_n", "number"),
    ("unit", "text"),
)
_TAKEN = ("metric", *(name for name, _ in NUMBERS), "caveats")


@frozen(kw_only=True, repr=False)
class Estimate(Shape):
    """One metric: its value, its interval, and how it came about.

    Parameters
    ----------
    metric : str
        What was measured.
    value : float or None
        In `unit`; None if there is nothing to measure.
    low, high : float or None
        Limits of the interval, in `unit`; None for a limit that is not reached.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Name of the interval's method.
    standard_error : float or None
        In `unit`.
    n : int
        Answers in the figure.
    effective_n : float or None
        Simple random answers that would say as much.
    unit : str
        Such as ``points``, ``share`` or ``scale points``.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        Definition, filters, denominators and method.
    axes, group : tuple
        What the figure was broken down by, and which group this is; empty for all.
    recipe : IntervalRecipe or None
        Numbers from which the interval can be made again.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.nps([10, 9, 9, 8, 7, 3] * 20)
    Estimate(nps 33.3 points, 95% interval 19.3 to 45.9, n=120)
    """

    metric: str
    value: float | None = field(converter=finite)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    confidence_level: float
    method: str
    standard_error: float | None = field(default=None, converter=finite)
    n: int = field(converter=int)
    effective_n: float | None = field(default=None, converter=finite)
    unit: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt
    axes: tuple[str, ...] = ()
    group: tuple[Label, ...] = ()
    recipe: IntervalRecipe | None = field(default=None, hash=False)

    def __repr__(self) -> str:
        codes = " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        return f"Estimate({self._sentence()}, n={self.n:,}{' ' * bool(codes)}{codes})"

    def __str__(self) -> str:
        """One sentence to act on: the figure, how sure it is, and the caveats."""
        return estimate_sentence(self, self._format())

    def _format(self) -> Format:
        known = [self.value, self.low, self.high]
        return Format.fitting(self.unit, [width(self.low, self.high)], values=known)

    def _sentence(self) -> str:
        show = self._format()
        return (
            f"{self._title()} {show.value(self.value)}, "
            f"{percent(self.confidence_level)} interval "
            f"{show.limits(self.value, self.low, self.high)}"
        )

    def _title(self) -> str:
        return " ".join([self.metric, *self._place()])

    def _place(self) -> list[str]:
        named = zip(self.axes, self.group, strict=True)
        return [f"{clean(axis)}={label_text(label)}" for axis, label in named]

    def summary(self) -> str:
        """The result as text for a terminal.

        Returns
        -------
        str
            The figure with its interval, what it rests on, who was left out, and the caveats.

        Examples
        --------
        >>> import cxm_core as cx
        >>> print(cx.nps([10, 9, 9, 8, 7, 3, None] * 20).summary())
        nps 33.3 points, 95% interval 19.3 to 45.9
        n 120, effective n 120, standard error 6.8, method score
        left out: 20 missing
        """
        show = self._format()
        facts = (
            f"n {self.n:,}",
            f"effective n {effective(self.effective_n)}",
            f"standard error {show.number(self.standard_error)}",
            f"method {self.method}",
        )
        lines = [
            self._sentence(),
            ", ".join(facts),
            *window_of(self.receipt),
            *left_out(self.receipt, of="" if self.receipt.counts_are_own else " of all groups"),
            *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
        ]
        return "\n".join(lines)

    def confidence_interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """The interval at another level, from the same counts and by the same method.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        ConfidenceInterval
            ``low`` and ``high`` in `unit`; None for a limit that is not reached.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or the result was made without its recipe.

        Examples
        --------
        >>> import cxm_core as cx
        >>> low, high = cx.nps([10, 9, 8, 3] * 25).confidence_interval(0.9)
        >>> round(low, 1), round(high, 1)
        (10.9, 38.0)
        """
        if self.recipe is None:
            raise UsageError(
                "This result does not keep what its interval was made from.",
                hint=f"it has the {percent(self.confidence_level)} interval in .low and .high",
            )
        low, high = self.recipe.interval(confidence_level)
        return ConfidenceInterval(finite(low[0]), finite(high[0]))

    def at_level(self, confidence_level: float) -> Estimate:
        """The same estimate with its interval at another level.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        Estimate
            Equal in all but the interval, its level and the receipt's level.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or the result was made without its recipe.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3] * 25).at_level(0.9)
        Estimate(nps 25.0 points, 90% interval 10.9 to 38.0, n=100)
        """
        low, high = self.confidence_interval(confidence_level)
        sizes = self.recipe.sizes(confidence_level) if self.recipe else [self.effective_n]
        return evolve(
            self,
            low=low,
            high=high,
            effective_n=sizes[0],
            confidence_level=confidence_level,
            receipt=evolve(self.receipt, confidence_level=confidence_level),
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; a number that is not there is None.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).to_dict()["value"]
        25.0
        """
        named = zip(self.axes, self.group, strict=True)
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "estimate",
            "metric": self.metric,
            "group": [{"axis": axis, "label": label} for axis, label in named],
            **{name: plain(getattr(self, name)) for name, _ in NUMBERS},
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        groups = [label_column(a, [g], _TAKEN) for a, g in zip(self.axes, self.group, strict=True)]
        return [
            Column(name="metric", type="text", values=(self.metric,)),
            *groups,
            *(Column(name=n, type=t, values=(getattr(self, n),)) for n, t in NUMBERS),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),)),
        ]

    def _tick(self) -> Tick | None:
        return None if self.value is None else self._format().tick

    def _bars(self) -> list[Bar]:
        return [bar(self._title(), self, self._format())]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        row = [
            show.value(self.value),
            show.limits(self.value, self.low, self.high),
            f"{self.n:,}",
            self.method,
            codes_of(self.caveats),
        ]
        return ["value", f"{percent(self.confidence_level)} interval", "n", "method", "caveats"], [
            row
        ]


def width(low: float | None, high: float | None) -> float | None:
    """Width of an interval that has both limits."""
    return None if low is None or high is None else high - low


def codes_of(caveats: Sequence[Caveat]) -> str:
    """Codes of the caveats in one cell."""
    return " ".join(caveat.code for caveat in caveats)


def window_of(receipt: Receipt) -> list[str]:
    """Line that says which time a figure is about; no line if about all there is."""
    return [] if receipt.window is None else [f"window: {label_text(receipt.window.told)}"]


def left_out(receipt: Receipt, *, of: str = "") -> list[str]:
    """Line that says who is not in the figure; no line if all are."""
    if not receipt.exclusions:
        return []
    return [
        f"left out{of}: " + ", ".join(f"{count:,} {reason}" for reason, count in receipt.exclusions)
    ]


def bar(label: str, estimate: Any, show: Format) -> Bar:
    """Row of a picture for one estimate or comparison."""
    low, high = estimate.low, estimate.high
    text = f"{show.value(estimate.value)} ({show.limits(estimate.value, low, high)})"
    return Bar(label=label, value=estimate.value, low=low, high=high, text=text)
