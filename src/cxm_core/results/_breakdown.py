"""One metric over groups, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._estimate import NUMBERS, Estimate, Label, bar, codes_of, left_out
from ._frames import Column, label_column
from ._plain import finite, plain
from ._receipts import Receipt
from ._recipe import Recipe
from ._shape import MOST_ROWS, SCHEMA_VERSION, ConfidenceInterval, Shape
from ._show import Format, axis_of, clean, label_text, percent, strip, text_table
from ._svg import Bar

_TAKEN = ("metric", *(name for name, _ in NUMBERS), "caveats")

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
    recipe : Recipe or None
        Numbers from which the intervals can be made again.

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
    recipe: Recipe | None = None

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable
    __iter__ = None  # so that fields can be added, and b["North"] stays the one way in

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def groups(self) -> tuple[Any, ...]:
        """Groups in order: labels, or tuples of them where there are several axes."""
        return tuple(g[0] for g in self.labels) if len(self.axes) == 1 else self.labels

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
            receipt=self.receipt,
            axes=self.axes,
            group=self.labels[place],
            recipe=None if self.recipe is None else self.recipe.select(place),
        )

    def __repr__(self) -> str:
        codes = " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        show = self._format()
        low, high = axis_of([finite(v) for v in self.value])
        return (
            f"Breakdown({self._title()}: {len(self)} groups, "
            f"values {show.interval(low, high)} {show.word}".rstrip()
            + f", {percent(self.confidence_level)} intervals, n={self.n.sum():,}"
            + f"{' ' * bool(codes)}{codes})"
        )

    def _title(self) -> str:
        return f"{self.metric} by {', '.join(map(clean, self.axes))}"

    def _format(self) -> Format:
        widths = [finite(w) for w in self.high - self.low]
        return Format.fitting(self.unit, widths)

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
            *left_out(self.receipt),
            *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
        ]
        return "\n".join(lines)

    def _heading(self) -> str:
        level = percent(self.confidence_level)
        return f"{self._title()}, {self.unit}, {level} intervals, method {self.method}"

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
            "groups": [self._group(i) for i in range(len(self))],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _group(self, place: int) -> dict[str, Any]:
        names = ("value", "low", "high", "standard_error", "n", "effective_n")
        return {
            "labels": list(self.labels[place]),
            **{name: plain(getattr(self, name)[place]) for name in names},
            "caveats": [caveat.code for caveat in self.group_caveats[place]],
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        by = [
            label_column(axis, [group[i] for group in self.labels], _TAKEN)
            for i, axis in enumerate(self.axes)
        ]
        return [
            Column(name="metric", type="text", values=(self.metric,) * len(self)),
            *by,
            *(Column(name=n, type=t, values=self._values(n)) for n, t in NUMBERS),
            Column(name="caveats", type="text", values=tuple(map(codes_of, self.group_caveats))),
        ]

    def _values(self, name: str) -> tuple[Any, ...]:
        values = getattr(self, name)
        if isinstance(values, np.ndarray):
            return tuple(plain(v) for v in values)
        return (values,) * len(self)

    def _bars(self) -> list[Bar]:
        show = self._format()
        estimates = (self._estimate(i) for i in range(len(self)))
        return [bar(", ".join(map(label_text, e.group)), e, show) for e in estimates]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        headers = [*map(clean, self.axes), "value", "low", "high", "n", "caveats"]
        rows = [
            [
                *map(label_text, self.labels[i]),
                *(show.number(finite(getattr(self, x)[i])) for x in ("value", "low", "high")),
                f"{self.n[i]:,}",
                codes_of(self.group_caveats[i]),
            ]
            for i in range(len(self))
        ]
        return headers, rows
