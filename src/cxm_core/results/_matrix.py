"""What follows upon what: counts of steps from one thing to another, each with its share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._estimate import Estimate, Label, bar, codes_of
from ._frames import Column, label_column
from ._plain import as_tuple, finite, plain
from ._receipts import Receipt
from ._shape import MOST_ROWS, SCHEMA_VERSION, Shape
from ._show import Format, how_many, label_text, percent, text_table
from ._svg import Bar
from ._svg_grid import grid_picture
from ._svg_marks import Picture

_SHARES = ("value", "low", "high")
_TAKEN = ("metric", "count", *_SHARES, "n", "caveats")
_same = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def _counts(values: ArrayLike) -> NDArray[np.int64]:
    array = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


def _figures(figures: Mapping[str, ArrayLike]) -> Mapping[str, NDArray[np.float64]]:
    return {name: _floats(values) for name, values in figures.items()}


def _equal(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


@frozen(kw_only=True, repr=False)
class Matrix(Shape):
    """Steps from one thing to the next: how often, and which share of all that leave it.

    Parameters
    ----------
    metric : str
        What was counted.
    rows, columns : tuple of labels
        What is left, and what follows; None for what has no name.
    counts : int64 array (rows, columns)
        How often the column follows upon the row.
    value, low, high : float64 arrays (rows, columns)
        Share of all steps that leave the row, from 0 to 1, and its interval; NaN where none does.
    figures : mapping of str to float64 array (rows, columns)
        Further figures of each step, such as ``wait_s``, the median wait in seconds.
    n : int
        Of how many cases the steps are.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval by itself.
    method : str
        Name of the intervals' method.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        How it was made.

    Examples
    --------
    >>> receipt = Receipt(engine="flow", method="wilson", confidence_level=0.95)
    >>> matrix = Matrix(
    ...     metric="flow", rows=["cart"], columns=["cart", "pay"], counts=[[1, 3]],
    ...     value=[[0.25, 0.75]], low=[[0.05, 0.3]], high=[[0.7, 0.95]], n=3,
    ...     confidence_level=0.95, method="wilson", receipt=receipt,
    ... )
    >>> matrix["cart", "pay"].value, matrix.count("cart", "pay")
    (0.75, 3)
    """

    metric: str
    rows: tuple[Label, ...] = field(converter=as_tuple)
    columns: tuple[Label, ...] = field(converter=as_tuple)
    counts: NDArray[np.int64] = field(converter=_counts, eq=_same)
    value: NDArray[np.float64] = field(converter=_floats, eq=_same)
    low: NDArray[np.float64] = field(converter=_floats, eq=_same)
    high: NDArray[np.float64] = field(converter=_floats, eq=_same)
    figures: Mapping[str, NDArray[np.float64]] = field(
        factory=dict, converter=_figures, eq=cmp_using(eq=_equal)
    )
    n: int = field(converter=int)
    confidence_level: float
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable
    __iter__ = None  # so that fields can be added

    def __attrs_post_init__(self) -> None:
        size = (len(self.rows), len(self.columns))
        arrays = [self.counts, *(getattr(self, name) for name in _SHARES), *self.figures.values()]
        if any(array.shape != size for array in arrays):
            raise UsageError(f"The arrays of a matrix are not all {size[0]} by {size[1]}.")

    def __len__(self) -> int:
        return int(np.count_nonzero(self.counts))

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return "share"

    def __getitem__(self, key: tuple[Label, Label]) -> Estimate:
        return self._estimate(*self._place(key))

    def count(self, before: Label, after: Label) -> int:
        """How often one thing follows upon another.

        Parameters
        ----------
        before, after : labels
            One of `rows`, one of `columns`.

        Returns
        -------
        int
            Steps.

        Raises
        ------
        UsageError
            There is no such row or column.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime
        >>> at = [datetime(2026, 11, 2, hour, tzinfo=UTC) for hour in (9, 10, 11)]
        >>> log = {"case": ["x", "x", "x"], "activity": ["cart", "pay", "pay"], "occurred_at": at}
        >>> cx.flow(log).count("cart", "pay")
        1
        """
        return int(self.counts[self._place((before, after))])

    def _place(self, key: object) -> tuple[int, int]:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise UsageError("A step is named by what is left and what follows.", hint="m[a, b]")
        if key[0] not in self.rows or key[1] not in self.columns:
            raise UsageError(
                "The matrix has no step of these names.", hint=".rows and .columns list them"
            )
        return self.rows.index(key[0]), self.columns.index(key[1])

    def _estimate(self, i: int, j: int) -> Estimate:
        value, low, high = (finite(getattr(self, name)[i, j]) for name in _SHARES)
        return Estimate(
            metric=self.metric,
            value=value,
            low=low,
            high=high,
            confidence_level=self.confidence_level,
            method=self.method,
            n=int(self.counts[i].sum()),
            unit=self.unit,
            caveats=self.caveats,
            receipt=self.receipt,
            axes=("from", "to"),
            group=(self.rows[i], self.columns[j]),
        )

    def _steps(self) -> list[tuple[int, int]]:
        """Places of all steps that occur, the commonest first."""
        places = np.argwhere(self.counts > 0)
        order = np.lexsort((*places.T[::-1], -self.counts[tuple(places.T)]))
        return [(int(i), int(j)) for i, j in places[order]]

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        size = f"{len(self.rows)} by {len(self.columns)}, {how_many(len(self), 'kinds of step')}"
        return f"Matrix({self.metric}: {size}, n={self.n:,}{codes})"

    def __str__(self) -> str:
        """One sentence: how many steps, the commonest, and the caveats."""
        notes = "".join(f" {caveat.message}" for caveat in self.caveats)
        steps = how_many(int(self.counts.sum()), "steps")
        total = f"{steps} of {how_many(self.n, self.receipt.counted)}"
        return f"{self.metric} has {total}{self._commonest()}.{notes}"

    def _commonest(self) -> str:
        if not len(self):
            return ""
        i, j = self._steps()[0]
        ends = f"from {label_text(self.rows[i])} to {label_text(self.columns[j])}"
        return f"; the commonest goes {ends}, {how_many(int(self.counts[i, j]), 'times')}"

    def _format(self) -> Format:
        wide = [finite(w) for w in (self.high - self.low).ravel()]
        return Format.fitting(self.unit, wide)

    def summary(self) -> str:
        """The steps as text for a terminal.

        Returns
        -------
        str
            One row a kind of step, the commonest first; the first 40 of many.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime
        >>> at = [datetime(2026, 11, 2, hour, tzinfo=UTC) for hour in (9, 10, 11)]
        >>> log = {"case": ["x", "x", "x"], "activity": ["cart", "pay", "pay"], "occurred_at": at}
        >>> cx.flow(log).summary().splitlines()[1].split()
        ['from', 'to', 'count', 'share', '95%', 'interval']
        """
        headers, rows = self._cells()
        hidden = len(rows) - MOST_ROWS
        level = percent(self.confidence_level)
        return "\n".join(
            [
                f"{self.metric}, share of what leaves, {level} intervals, method {self.method}",
                text_table(headers, rows[:MOST_ROWS], left=2),
                *([f"... and {hidden:,} more kinds of step"] if hidden > 0 else []),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The matrix as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a kind of step under ``steps``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime
        >>> at = [datetime(2026, 11, 2, hour, tzinfo=UTC) for hour in (9, 10, 11)]
        >>> log = {"case": ["x", "x", "x"], "activity": ["cart", "pay", "pay"], "occurred_at": at}
        >>> cx.flow(log).to_dict()["steps"][0]["count"]
        1
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "matrix",
            "metric": self.metric,
            "unit": self.unit,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "n": self.n,
            "confidence_level": self.confidence_level,
            "method": self.method,
            "steps": [self._step(i, j) for i, j in self._steps()],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _step(self, i: int, j: int) -> dict[str, Any]:
        return {
            "from": self.rows[i],
            "to": self.columns[j],
            "count": int(self.counts[i, j]),
            **{name: plain(getattr(self, name)[i, j]) for name in _SHARES},
            **{name: plain(values[i, j]) for name, values in self.figures.items()},
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _title(self) -> str:
        return f"{self.metric}: what follows upon what"

    def _columns(self) -> list[Column]:
        steps = self._steps()
        arrays = {name: getattr(self, name) for name in _SHARES} | dict(self.figures)
        counts = tuple(int(self.counts[at]) for at in steps)
        return [
            Column(name="metric", type="text", values=(self.metric,) * len(steps)),
            label_column("from", [self.rows[i] for i, _ in steps], _TAKEN),
            label_column("to", [self.columns[j] for _, j in steps], _TAKEN),
            Column(name="count", type="integer", values=counts),
            *(
                Column(name=name, type="number", values=tuple(finite(a[at]) for at in steps))
                for name, a in arrays.items()
            ),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * len(steps)),
        ]

    def _bars(self) -> list[Bar]:
        show = self._format()
        return [bar(self._named(i, j), self._estimate(i, j), show) for i, j in self._steps()]

    def _named(self, i: int, j: int) -> str:
        return f"{label_text(self.rows[i])} \u2192 {label_text(self.columns[j])}"

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        told = [
            [
                label_text(self.rows[i]),
                label_text(self.columns[j]),
                f"{int(self.counts[i, j]):,}",
                show.value(finite(self.value[i, j])),
                show.interval(finite(self.low[i, j]), finite(self.high[i, j])),
            ]
            for i, j in self._steps()
        ]
        return ["from", "to", "count", "share", f"{percent(self.confidence_level)} interval"], told

    def _pictures(self) -> dict[str, Picture]:
        return {**super()._pictures(), "grid": self._grid}

    def _grid(self) -> str:
        heads = ([label_text(row) for row in self.rows], [label_text(one) for one in self.columns])
        return grid_picture((self._title(), str(self)), heads, self.counts.tolist())
