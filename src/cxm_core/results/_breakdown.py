"""One metric over groups, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from attrs import Factory, cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._estimate import NUMBERS, Estimate, Label, bar, codes_of, left_out, window_of
from ._frames import Column, label_column
from ._plain import finite, plain
from ._receipts import Receipt
from ._recipe import IntervalRecipe
from ._sentences import breakdown_sentence
from ._shape import MOST_ROWS, SCHEMA_VERSION, ConfidenceInterval, Shape
from ._show import (
    Format,
    axis_of,
    clean,
    how_many,
    label_text,
    percent,
    strip,
    text_table,
)
from ._sides import is_period
from ._svg import Bar, caterpillar
from ._svg_line import Course, Point, line_picture
from ._svg_marks import Picture
from ._svg_slope import Slope, side_of, slope_picture
from ._ticks import Tick

_TAKEN = ("metric", *(name for name, _ in NUMBERS), "caveats")

# Further figures that are not in the unit of the metric.
_PURE = ("shrinkage", "p_value", "p_adjusted")
# Engines whose values are drawn towards a common one.
_POOLED = ("pool",)
# Engines whose values are differences.
_DIFFERENCES = ("against_rest", "compare_times")

_same = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array([np.nan if v is None else v for v in np.asarray(values, dtype=object)], float)
    array[~np.isfinite(array)] = np.nan
    array.flags.writeable = False
    return array


def _counts(values: ArrayLike) -> NDArray[np.int64]:
    array = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


def _same_figures(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


def _figures(figures: Mapping[str, ArrayLike]) -> Mapping[str, NDArray[np.float64]]:
    return {name: _numbers(values) for name, values in figures.items()}


def _key(labels: Sequence[Label]) -> tuple[tuple[bool, Label], ...]:
    """Key of a group; 1 and True stay two labels."""
    return tuple((isinstance(label, bool), label) for label in labels)


@frozen(kw_only=True, repr=False)
class Breakdown(Shape):
    """One metric over groups: an estimate for each, kept as arrays.

    Parameters
    ----------
    metric : str
        What was measured.
    axes : tuple of str
        What it was broken down by.
    labels : tuple of tuples
        One label an axis for each group; None is the group of those without one.
    value, low, high, standard_error, effective_n : float64 arrays (groups,)
        As in `Estimate`; NaN where there is none.
    n : int64 array (groups,)
        Answers in each group.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval by itself.
    method : str
        Name of the intervals' method.
    unit : str
        Such as ``points``, ``share`` or ``scale points``.
    group_caveats : tuple of tuples of Caveat
        Caveats of each group.
    receipt : Receipt
        Definition, filters, denominators and method.
    recipe : IntervalRecipe or None
        Numbers from which the intervals can be made again.
    figures : mapping of str to float64 array (groups,)
        Further figures of each group that an engine tells, such as ``shrinkage``. A name with
        ``n_`` in front is a count, and one with ``_s`` behind a time in seconds.
    left_out : mapping of int to tuple of (str, int), or None
        Place of a group -> how many rows of it were left out, by reason; nothing for a group from
        which none were. None where that is known of all groups together only.
    n_all : int or None
        What the groups are about in all. The sum of `n`, where each answer is in one group; given
        where groups share what they count, as the stages of a funnel share cases; None where no
        one number holds for all groups, as for windows of different lengths.

    Examples
    --------
    >>> import cxm_core as cx
    >>> b = cx.nps([10, 9, 8, 3] * 20, by=["North", "North", "South", "South"] * 20)
    >>> b.groups, len(b)
    (('North', 'South'), 2)
    >>> b["South"].value
    -50.0
    """

    metric: str
    axes: tuple[str, ...]
    labels: tuple[tuple[Label, ...], ...]
    value: NDArray[np.float64] = field(converter=_numbers, eq=_same)
    low: NDArray[np.float64] = field(converter=_numbers, eq=_same)
    high: NDArray[np.float64] = field(converter=_numbers, eq=_same)
    confidence_level: float
    method: str
    standard_error: NDArray[np.float64] = field(converter=_numbers, eq=_same)
    n: NDArray[np.int64] = field(converter=_counts, eq=_same)
    effective_n: NDArray[np.float64] = field(converter=_numbers, eq=_same)
    unit: str
    group_caveats: tuple[tuple[Caveat, ...], ...]
    receipt: Receipt
    recipe: IntervalRecipe | None = None
    figures: Mapping[str, NDArray[np.float64]] = field(
        factory=dict, converter=_figures, eq=cmp_using(eq=_same_figures)
    )
    left_out: Mapping[int, tuple[tuple[str, int], ...]] | None = None
    n_all: int | None = Factory(lambda made: int(made.n.sum()), takes_self=True)

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable
    __iter__ = None  # so that fields can be added, and b["North"] stays the one way in

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def groups(self) -> tuple[Any, ...]:
        """Groups in order: labels, or tuples of them where there are several axes."""
        return tuple(g[0] for g in self.labels) if len(self.axes) == 1 else self.labels

    @property
    def n_told(self) -> str:
        """What the groups are about in all, as text; from the least to the most if that differs."""
        if self.n_all is not None or not len(self):
            return f"{self.n_all or 0:,}"
        ends = int(self.n.min()), int(self.n.max())
        return " to ".join(f"{n:,}" for n in dict.fromkeys(ends))

    @property
    def is_pooled(self) -> bool:
        """Whether each group is drawn towards the common value of all."""
        return self.receipt.engine in _POOLED

    @property
    def is_difference(self) -> bool:
        """Whether the values are differences, which are told with their sign."""
        return self.receipt.engine in _DIFFERENCES

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """Each caveat that some group has, once, with the number of groups."""
        counts = Counter(caveat.code for group in self.group_caveats for caveat in group)
        if len(self) == 1:
            return self.group_caveats[0]
        return tuple(self._shared(code, count) for code, count in sorted(counts.items()))

    def _shared(self, code: str, count: int) -> Caveat:
        caveat = Caveat.of(code)
        where = "all" if count == len(self) else f"{count:,} of {len(self):,}"
        return evolve(caveat, message=f"{caveat.message} (In {where} groups.)")

    def __contains__(self, key: object) -> bool:
        return self._place_of(key) is not None

    def __getitem__(self, key: object) -> Estimate:
        place = self._place_of(key)
        if place is None:
            self._refuse(key)
        return self._estimate(place)

    def _place_of(self, key: object) -> int | None:
        labels = key if isinstance(key, tuple) else (key,)
        named = [label.item() if isinstance(label, np.generic) else label for label in labels]
        try:
            return self._places.get(_key(named))
        except TypeError:  # a label that cannot be one
            return None

    @cached_property
    def _places(self) -> dict[tuple[tuple[bool, Label], ...], int]:
        return {_key(labels): place for place, labels in enumerate(self.labels)}

    def _refuse(self, key: object) -> NoReturn:
        given = len(key) if isinstance(key, tuple) else 1
        axes = ", ".join(self.axes)
        if given != len(self.axes):
            raise UsageError(
                f"Groups are named by one label for each of {axes}; {given} are given.",
                hint=".groups lists them",
            )
        raise UsageError(
            f"None of the {len(self)} groups by {axes} has this label.", hint=".groups lists them"
        )

    def _estimate(self, place: int) -> Estimate:
        return Estimate(
            metric=self.metric,
            value=self.value[place],
            low=self.low[place],
            high=self.high[place],
            confidence_level=self.confidence_level,
            method=self.method,
            standard_error=self.standard_error[place],
            n=self.n[place],
            effective_n=self.effective_n[place],
            unit=self.unit,
            caveats=self.group_caveats[place],
            receipt=self._receipt_of(place),
            axes=self.axes,
            group=self.labels[place],
            recipe=None if self.recipe is None else self.recipe.select(place),
        )

    def _receipt_of(self, place: int) -> Receipt:
        """Receipt of one group, with its own counts where they are known."""
        if self.left_out is None or not self.labels[place]:
            return evolve(self.receipt, counts_are_own=not self.labels[place])
        lost = self.left_out.get(place, ())
        n = int(self.n[place])
        steps = {"rows": n + sum(count for _, count in lost), "answered": n}
        own = tuple((name, steps[name]) for name, _ in self.receipt.steps if name in steps)
        return evolve(self.receipt, steps=own, exclusions=lost)

    def __repr__(self) -> str:
        codes = " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        facts = [how_many(len(self), "groups"), self._reach()]
        facts += [f"{percent(self.confidence_level)} intervals", f"n={self.n_told}"]
        return f"Breakdown({self._title()}: {', '.join(facts)}{' ' * bool(codes)}{codes})"

    def _reach(self) -> str:
        """From the least to the greatest value."""
        show, known = self._format(), [float(v) for v in self.value if np.isfinite(v)]
        if not known:
            return "no values"
        if min(known) == max(known):
            return f"all {show.value(known[0])}"
        return f"values {show.interval(min(known), max(known))} {show.word}".rstrip()

    def __str__(self) -> str:
        """One sentence: how far the groups reach, each end with its own interval."""
        return breakdown_sentence(self, self._name(), self._format())

    def _title(self) -> str:
        return f"{self._name()} by {', '.join(map(clean, self.axes))}"

    def _name(self) -> str:
        return f"{'pooled ' * self.is_pooled}{self.metric}"

    def _format(self) -> Format:
        widths = [finite(w) for w in self.high - self.low]
        values = [finite(v) for v in self.value]
        return Format.fitting(self.unit, widths, values=values, is_change=self._has_zero())

    def _has_zero(self) -> bool:
        return self.is_difference

    def summary(self) -> str:
        """The result as text for a terminal.

        Returns
        -------
        str
            One row a group with its interval drawn beside it; the first 40 groups of many.

        Examples
        --------
        >>> import cxm_core as cx
        >>> b = cx.nps([10, 9, 8, 3] * 20, by=["North", "North", "South", "South"] * 20)
        >>> print(b.summary().splitlines()[0])
        nps by group, points, 95% intervals, method score
        """
        headers, rows = self._cells()
        axis = axis_of([finite(v) for part in (self.low, self.high) for v in part])
        shown = [
            [*row[:-1], strip((finite(v), finite(lo), finite(hi)), axis), row[-1]]
            for row, v, lo, hi in zip(
                rows[:MOST_ROWS], self.value, self.low, self.high, strict=False
            )
        ]
        hidden = len(rows) - len(shown)
        lines = [
            self._heading(),
            text_table([*headers[:-1], "", headers[-1]], shown, left=len(self.axes)),
            *([f"... and {hidden:,} more groups"] if hidden else []),
            *window_of(self.receipt),
            *left_out(self.receipt),
            *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
        ]
        return "\n".join(lines)

    def _heading(self) -> str:
        level = percent(self.confidence_level)
        unit = self._format().shown_in or self.unit
        return f"{self._title()}, {unit}, {level} intervals, method {self.method}"

    def confidence_interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """The intervals at another level, from the same counts and by the same method.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        ConfidenceInterval
            Arrays ``low`` and ``high`` in `unit`; NaN for a limit that is not reached.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or the result was made without its recipe.

        Examples
        --------
        >>> import cxm_core as cx
        >>> b = cx.nps([10, 9, 8, 3] * 20, by=["North", "North", "South", "South"] * 20)
        >>> b.confidence_interval(0.9).low.round(1).tolist()
        [87.3, -62.6]
        """
        if self.recipe is None:
            raise UsageError(
                "This result does not keep what its intervals were made from.",
                hint=f"it has the {percent(self.confidence_level)} ones in .low and .high",
            )
        low, high = self.recipe.interval(confidence_level)
        return ConfidenceInterval(_numbers(low), _numbers(high))

    def at_level(self, confidence_level: float) -> Breakdown:
        """The same groups with their intervals at another level.

        Parameters
        ----------
        confidence_level : float in (0, 1)
            Nominal coverage.

        Returns
        -------
        Breakdown
            Equal in all but the intervals, their level and the receipt's level.

        Raises
        ------
        UsageError
            The level is not in (0, 1), or the result was made without its recipe.

        Examples
        --------
        >>> import cxm_core as cx
        >>> b = cx.nps([10, 9, 8, 3] * 20, by=["North", "North", "South", "South"] * 20)
        >>> b.at_level(0.9)["North"]
        Estimate(nps group=North 100.0 points, 90% interval 87.3 to 100.0, n=40)
        """
        low, high = self.confidence_interval(confidence_level)
        sizes = self.recipe.sizes(confidence_level) if self.recipe else self.effective_n
        return evolve(
            self,
            low=low,
            high=high,
            effective_n=sizes,
            confidence_level=confidence_level,
            receipt=evolve(self.receipt, confidence_level=confidence_level),
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a group under ``groups``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> b = cx.nps([10, 9, 8, 3], by=["North", "North", "South", "South"])
        >>> [group["value"] for group in b.to_dict()["groups"]]
        [100.0, -50.0]
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "breakdown",
            "metric": self.metric,
            "axes": list(self.axes),
            "confidence_level": self.confidence_level,
            "method": self.method,
            "unit": self.unit,
            "n_all": self.n_all,
            "groups": [self._group(i) for i in range(len(self))],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _group(self, place: int) -> dict[str, Any]:
        names = ("value", "low", "high", "standard_error", "n", "effective_n")
        return {
            "labels": list(self.labels[place]),
            **{name: plain(getattr(self, name)[place]) for name in names},
            **{name: plain(values[place]) for name, values in self.figures.items()},
            "caveats": [caveat.code for caveat in self.group_caveats[place]],
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        by = [
            label_column(axis, [group[i] for group in self.labels], (*_TAKEN, *self.figures))
            for i, axis in enumerate(self.axes)
        ]
        return [
            Column(name="metric", type="text", values=(self.metric,) * len(self)),
            *by,
            *(Column(name=n, type=t, values=self._values(n)) for n, t in NUMBERS),
            *(
                Column(name=n, type="number", values=tuple(plain(v) for v in values))
                for n, values in self.figures.items()
            ),
            Column(name="caveats", type="text", values=tuple(map(codes_of, self.group_caveats))),
        ]

    def _values(self, name: str) -> tuple[Any, ...]:
        values = getattr(self, name)
        if isinstance(values, np.ndarray):
            return tuple(plain(v) for v in values)
        return (values,) * len(self)

    def _tick(self) -> Tick | None:
        return self._format().tick if np.isfinite(self.value).any() else None

    def _pictures(self) -> dict[str, Picture]:
        several = {"caterpillar": self._caterpillar} if len(self) > 1 else {}
        if several and self._is_over_time():
            several["line"] = self._line
        slope = {"slope": self._slope} if self._pairs() else {}
        return {**super()._pictures(), **several, **slope}

    def _is_over_time(self) -> bool:
        """Whether the groups are years or calendar periods, so that a line has a meaning."""
        labels = [label for group in self.labels for label in group if label is not None]
        return len(self.axes) == 1 and all(map(is_period, labels))

    def _caterpillar(self) -> str:
        return caterpillar(self._title(), str(self), self._bars(), tick=self._format().tick)

    def _line(self) -> str:
        points = [
            Point(label=bar.label, value=bar.value, low=bar.low, high=bar.high)
            for bar in self._bars()
        ]
        course = Course(points=points)
        return line_picture(self._title(), str(self), course, tick=self._format().tick)

    def _slope(self) -> str:
        bars = self._bars()
        ends = list(dict.fromkeys(label[-1] for label in self.labels))
        slopes = [
            Slope(label=name, before=side_of(bars[first]), after=side_of(bars[last]))
            for name, first, last in self._pairs()
        ]
        heads = (label_text(ends[0]), label_text(ends[1]))
        return slope_picture(self._title(), str(self), slopes, heads=heads)

    def _pairs(self) -> list[tuple[str, int, int]]:
        """Groups that have a value at both of two labels of the last axis, with their places."""
        ends = list(dict.fromkeys(label[-1] for label in self.labels))
        if len(ends) != 2:
            return []
        known = {key: place for place, key in enumerate(self.labels) if self._has_value(place)}
        heads = dict.fromkeys(label[:-1] for label in self.labels)
        return [
            (", ".join(map(label_text, head)), known[*head, ends[0]], known[*head, ends[1]])
            for head in heads
            if (*head, ends[0]) in known and (*head, ends[1]) in known
        ]

    def _has_value(self, place: int) -> bool:
        return bool(np.isfinite(self.value[place]))

    def _bars(self) -> list[Bar]:
        show = self._format()
        estimates = (self._estimate(i) for i in range(len(self)))
        return [bar(", ".join(map(label_text, e.group)), e, show) for e in estimates]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        further = [*self.figures]
        headers = [*map(clean, self.axes), "value", "low", "high", "n", *further, "caveats"]
        rows = [
            [
                *map(label_text, self.labels[i]),
                *(show.number(finite(getattr(self, x)[i])) for x in ("value", "low", "high")),
                f"{self.n[i]:,}",
                *(self._further(name, i, show) for name in further),
                codes_of(self.group_caveats[i]),
            ]
            for i in range(len(self))
        ]
        return headers, rows

    def _further(self, name: str, place: int, show: Format) -> str:
        number = finite(self.figures[name][place])
        if number is not None and name.startswith("n_"):
            return f"{number:,.0f}"
        if name.endswith("_s"):
            return Format.fitting("seconds", (), values=(number,)).value(number)
        if number is None or name not in _PURE:
            return show.of_values.number(number)
        return f"{number:.3f}" if number >= 0.001 or number == 0 else "< 0.001"
