"""How two numbers of one metric differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from ._caveats import Caveat
from ._change import change_interval
from ._estimate import Estimate, bar, codes_of, width
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._receipts import Receipt
from ._recipe import IntervalRecipe
from ._sentences import comparison_sentence
from ._shape import SCHEMA_VERSION, ConfidenceInterval, Shape
from ._show import Format, percent
from ._sides import SideNames, are_groups, side_names, told_of
from ._svg import Bar
from ._svg_marks import Picture
from ._svg_slope import Slope, side_of, slope_picture
from ._ticks import Tick

_NUMBERS: tuple[tuple[str, Any], ...] = (
    ("value", "number"),
    ("low", "number"),
    ("high", "number"),
    ("confidence_level", "number"),
    ("method", "text"),
    ("standard_error", "number"),
    ("unit", "text"),
)


@frozen(kw_only=True, repr=False)
class Comparison(Shape):
    """The change of one metric: after minus before, with its own interval.

    Parameters
    ----------
    metric : str
        What was measured.
    value : float or None
        After minus before, in `unit`.
    low, high : float or None
        Limits of the interval of the change.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Name of the interval's method.
    standard_error : float or None
        In `unit`.
    unit : str
        Unit of the metric.
    before, after : Estimate
        What was compared.
    caveats : tuple of Caveat
        Those of both sides.
    receipt : Receipt
        How the two were compared; each side has a receipt of its own.
    recipe : IntervalRecipe or None
        What the interval of the change was made from, where the same people answered twice.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.compare([10, 9, 8, 3] * 50, [10, 8, 8, 3] * 50, metric="nps")
    Comparison(nps -25.0 points, 95% interval -39.8 to -9.6, n=200 and 200)
    """

    metric: str
    value: float | None = field(converter=finite)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    confidence_level: float
    method: str
    standard_error: float | None = field(default=None, converter=finite)
    unit: str
    before: Estimate
    after: Estimate
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt
    recipe: IntervalRecipe | None = field(default=None, hash=False)

    @property
    def n(self) -> int:
        """Answers on both sides together."""
        return self.before.n + self.after.n

    @property
    def effective_n(self) -> float | None:
        """Answers of two simple samples that both sides together are worth."""
        known = (self.before.effective_n, self.after.effective_n)
        return None if None in known else sum(worth for worth in known if worth is not None)

    @property
    def side_names(self) -> SideNames | None:
        """What the two sides are called by their groups or windows; None if nothing names both."""
        return side_names(self.before, self.after)

    @property
    def change_word(self) -> str:
        """``change``, or ``difference`` of groups, of which none came before the other."""
        return "difference" if are_groups(self.before, self.after) else "change"

    def __repr__(self) -> str:
        codes = " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        return (
            f"Comparison({self._sentence()}, n={self.before.n:,} and {self.after.n:,}"
            f"{' ' * bool(codes)}{codes})"
        )

    def __str__(self) -> str:
        """One sentence to act on: how far it moved, from where to where, and how sure that is."""
        return comparison_sentence(self, self._format())

    def _title(self) -> str:
        names = f", {self.side_names[1]} less {self.side_names[0]}" if self.side_names else ""
        is_change = self.change_word == "change"
        return f"{self.change_word} of {self.metric}{'' if is_change else names}"

    def _format(self) -> Format:
        widths = [width(self.low, self.high)]
        return Format.fitting(self.unit, widths, values=[self.value], is_change=True)

    def _sentence(self) -> str:
        show = self._format()
        return (
            f"{self.metric} {show.value(self.value)}, {percent(self.confidence_level)} "
            f"interval {show.limits(self.value, self.low, self.high)}"
        )

    def summary(self) -> str:
        """The result as text for a terminal.

        Returns
        -------
        str
            The change with its interval, the two figures, and the caveats.

        Examples
        --------
        >>> import cxm_core as cx
        >>> print(cx.compare([10, 9, 8, 3] * 50, [10, 8, 8, 3] * 50, metric="nps").summary())
        change of nps -25.0 points, 95% interval -39.8 to -9.6
        before: nps 25.0 points, 95% interval 13.2 to 36.0, n=200
        after: nps 0.0 points, 95% interval -9.8 to 9.8, n=200
        standard error 7.7, method mover
        """
        show = self._format()
        lines = [
            f"{self.change_word} of {self._sentence()}",
            *(f"{name}: {_inner(side)}" for name, side in self._named_sides()),
            f"standard error {_unsigned(show, self.standard_error)}, method {self.method}",
            *(
                f"{caveat.code}{f' ({side})' if side else ''}: {caveat.message}"
                for side, caveat in told_of(self)
            ),
        ]
        return "\n".join(lines)

    def _named_sides(self) -> tuple[tuple[str, Estimate], ...]:
        if self.change_word == "change":
            return self._sides()
        first, second = self._heads()
        return ((first, self.before), (second, self.after))

    def _sides(self) -> tuple[tuple[str, Estimate], ...]:
        return (("before", self.before), ("after", self.after))

    def confidence_interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """The interval of the change at another level, from the same counts.

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
            The level is not in (0, 1), or a side was made without its recipe.

        Examples
        --------
        >>> import cxm_core as cx
        >>> change = cx.compare([10, 9, 8, 3] * 50, [10, 8, 8, 3] * 50, metric="nps")
        >>> low, high = change.confidence_interval(0.8)
        >>> round(low, 1), round(high, 1)
        (-34.7, -15.0)
        """
        if self.recipe is not None:
            low, high = self.recipe.interval(confidence_level)
            return ConfidenceInterval(finite(low[0]), finite(high[0]))
        before, after = (side.at_level(confidence_level) for _, side in self._sides())
        return change_interval(before, after, method=self.method, seed=self.receipt.seed)

    def to_dict(self) -> dict[str, Any]:
        """The result as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; both estimates in full.

        Examples
        --------
        >>> import cxm_core as cx
        >>> change = cx.compare([10, 9, 8, 3], [10, 8, 8, 3], metric="nps")
        >>> change.to_dict()["value"]
        -25.0
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "comparison",
            "metric": self.metric,
            **{name: plain(getattr(self, name)) for name, _ in _NUMBERS},
            "sides": plain(self.side_names),
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        sides: list[Column] = [
            column
            for name, side in self._sides()
            for column in (
                Column(name=name, type="number", values=(side.value,)),
                Column(name=f"n_{name}", type="integer", values=(side.n,)),
            )
        ]
        return [
            Column(name="metric", type="text", values=(self.metric,)),
            *(Column(name=n, type=t, values=(getattr(self, n),)) for n, t in _NUMBERS),
            *sides,
            Column(name="caveats", type="text", values=(codes_of(self.caveats),)),
        ]

    def _has_zero(self) -> bool:
        return True

    def _tick(self) -> Tick | None:
        show = self._format()
        return None if self.value is None else show.of_values.tick

    def _pictures(self) -> dict[str, Picture]:
        sides = [side for _, side in self._sides()]
        known = [side for side in sides if side.value is not None]
        slope = {"slope": self._slope} if len(known) == len(sides) else {}
        return {**super()._pictures(), **slope}

    def _slope(self) -> str:
        before, after = (side_of(bar) for bar in self._bars()[:2])
        slope = Slope(label="", before=before, after=after)
        return slope_picture(self._title(), str(self), [slope], heads=self._heads())

    def _heads(self) -> SideNames:
        return self.side_names or ("before", "after")

    def _bars(self) -> list[Bar]:
        show = self._format()
        is_alike = self.before.unit == self.unit
        plain_show = show.of_values if is_alike else self.before._format()  # noqa: SLF001  (another of our shapes)
        named = zip(self._heads(), (self.before, self.after), strict=True)
        sides = [bar(name, side, plain_show) for name, side in named]
        return [*sides, bar(self.change_word, self, show)]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        rows = [[b.label, b.text, n] for b, n in zip(self._bars(), self._counts(), strict=True)]
        return ["side", f"value ({percent(self.confidence_level)} interval)", "n"], rows

    def _counts(self) -> tuple[str, str, str]:
        return (f"{self.before.n:,}", f"{self.after.n:,}", f"{self.n:,}")


def _inner(side: Estimate) -> str:
    return repr(side).removeprefix("Estimate(").removesuffix(")")


def _unsigned(show: Format, number: float | None) -> str:
    return show.of_values.number(number)
