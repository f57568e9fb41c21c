"""An order of groups, with the doubt about every place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import ArrayLike, NDArray

from ._breakdown import Breakdown
from ._caveats import Caveat
from ._estimate import codes_of
from ._frames import Column, label_column
from ._plain import as_tuple, finite, plain
from ._receipts import Receipt
from ._shape import MOST_ROWS, SCHEMA_VERSION, Shape
from ._show import clean, label_text, percent, strip, text_table
from ._svg import Bar
from ._svg_marks import Picture
from ._ticks import WHOLE, Tick

_TAKEN = (
    *("metric", "place", "first_place", "last_place", "is_placed", "chance_first", "chance_last"),
    *("value", "low", "high", "n", "unit", "caveats"),
)
_same = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def _places(values: ArrayLike) -> NDArray[np.int64]:
    array = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


class Places(NamedTuple):
    """First and last place that a group may hold.

    Attributes
    ----------
    first, last : int
        From 1 for the highest value.
    """

    first: int
    last: int


@frozen(kw_only=True, repr=False)
class Ranking(Shape):
    """An order of groups, with the doubt about every place, and no order where there is none.

    Parameters
    ----------
    groups_pooled : Breakdown
        The groups as they were ranked: drawn towards their common value.
    place : float64 array (groups,)
        Mean place, from 1 for the highest value; NaN for a group without answers.
    first_place, last_place : int64 array (groups,)
        First and last place that are compatible with the data; 0 for a group without answers.
    chance_first, chance_last : float64 array (groups,)
        Chance of the highest and of the lowest value.
    confidence_level : float in (0, 1)
        Nominal coverage of each group's places.
    method : str
        How the places were found.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        How the ranking was made.

    Examples
    --------
    >>> import cxm_core as cx
    >>> scores = [10, 9, 10, 3] * 50 + [10, 8, 8, 3] * 50 + [7, 9, 2, 3] * 50
    >>> shops = ["a"] * 200 + ["b"] * 200 + ["c"] * 200
    >>> ranking = cx.rank(cx.nps(scores, by=shops))
    >>> ranking.order, ranking["b"]
    (('a', 'b', 'c'), Places(first=2, last=2))
    """

    groups_pooled: Breakdown
    place: NDArray[np.float64] = field(converter=_floats, eq=_same)
    first_place: NDArray[np.int64] = field(converter=_places, eq=_same)
    last_place: NDArray[np.int64] = field(converter=_places, eq=_same)
    chance_first: NDArray[np.float64] = field(converter=_floats, eq=_same)
    chance_last: NDArray[np.float64] = field(converter=_floats, eq=_same)
    confidence_level: float
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable
    __iter__ = None  # so that fields can be added

    def __len__(self) -> int:
        return len(self.groups_pooled)

    @property
    def metric(self) -> str:
        """What was ranked by."""
        return self.groups_pooled.metric

    @property
    def unit(self) -> str:
        """Unit of the metric."""
        return self.groups_pooled.unit

    @property
    def groups(self) -> tuple[Any, ...]:
        """Groups in the order of the breakdown, whatever their place."""
        return self.groups_pooled.groups

    @property
    def is_placed(self) -> NDArray[np.bool_]:
        """Whether each group's places span at most half of all; else its place is not known."""
        known = self.first_place > 0
        reach = self.last_place - self.first_place + 1
        return np.asarray(known & (reach <= known.sum() / 2))

    @property
    def order(self) -> tuple[Any, ...] | None:
        """Groups whose place is known, the highest first; None if that holds for none of them."""
        at = [place for place in self._sorted() if self.is_placed[place]]
        return tuple(self.groups[place] for place in at) if at else None

    @property
    def best(self) -> Any | None:
        """The group that has the highest value with the level's chance; None if none has it."""
        return self._certain(self.chance_first)

    @property
    def worst(self) -> Any | None:
        """The group that has the lowest value with the level's chance; None if none has it."""
        return self._certain(self.chance_last)

    def _certain(self, chance: NDArray[np.float64]) -> Any | None:
        sure = np.flatnonzero(chance >= self.confidence_level)
        return self.groups[int(sure[0])] if sure.size else None

    def __getitem__(self, key: object) -> Places:
        # The breakdown refuses a label that none of the groups has.
        labels = self.groups_pooled[key].group
        at = self.groups_pooled.labels.index(labels)
        return Places(int(self.first_place[at]), int(self.last_place[at]))

    def _sorted(self) -> list[int]:
        known = np.where(np.isfinite(self.place), self.place, np.inf)
        return [int(place) for place in np.argsort(known, kind="stable")]

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        n = self.groups_pooled.n_told
        return f"Ranking({self._title()}: {self._placed()}, n={n}{codes})"

    def _placed(self) -> str:
        """How many groups have a place that is sure."""
        count = int(self.is_placed.sum())
        have = "has" if count == 1 else "have"
        at = percent(self.confidence_level)
        return f"{count} of {len(self)} groups {have} a place at {at}"

    def __str__(self) -> str:
        """One sentence: who leads, or that nobody can be said to."""
        told = [f"{self._title()}: {self._leader()}"]
        return " ".join([f"{told[0]}.", *(caveat.message for caveat in self.caveats)])

    def _leader(self) -> str:
        if self.order is None:
            return f"the {len(self)} groups cannot be put in an order"
        ends = [
            f"{label_text(self._label(group))} is {word}"
            for group, word in ((self.best, "highest"), (self.worst, "lowest"))
            if group is not None
        ]
        sure = " and ".join(ends) or "no group is surely the highest or the lowest"
        return f"{sure}, and {self._placed()}"

    @staticmethod
    def _label(group: Any) -> str:
        return ", ".join(map(label_text, group)) if isinstance(group, tuple) else label_text(group)

    def _title(self) -> str:
        return f"rank of {self.metric} by {', '.join(map(clean, self.groups_pooled.axes))}"

    def summary(self) -> str:
        """The ranking as text for a terminal.

        Returns
        -------
        str
            One row a group, by mean place, with the places that it may hold drawn beside it.

        Examples
        --------
        >>> import cxm_core as cx
        >>> shops = ["a"] * 200 + ["b"] * 200 + ["c"] * 200
        >>> scores = [10, 9, 10, 3] * 50 + [10, 8, 8, 3] * 50 + [7, 9, 2, 3] * 50
        >>> print(cx.rank(cx.nps(scores, by=shops)).summary().splitlines()[0])
        rank of nps by group, 95% places, method posterior draws
        """
        headers, rows = self._cells()
        axis = (1.0, float(max(self.last_place.max(initial=1), 1)))
        at = self._sorted()[:MOST_ROWS]
        drawn = [self._strip(place, axis) for place in at]
        shown = [[*row, strip_] for row, strip_ in zip(rows, drawn, strict=False)]
        hidden = len(rows) - len(shown)
        return "\n".join(
            [
                f"{self._title()}, {percent(self.confidence_level)} places, method {self.method}",
                text_table([*headers, ""], shown, left=len(self.groups_pooled.axes)),
                *([f"... and {hidden:,} more groups"] if hidden else []),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def _strip(self, place: int, axis: tuple[float, float]) -> str:
        limits = float(self.first_place[place]), float(self.last_place[place])
        return strip((finite(self.place[place]), *limits), axis)

    def to_dict(self) -> dict[str, Any]:
        """The ranking as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a group under ``groups``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> ranking = cx.rank(cx.nps([10, 3, 9, 2, 10, 8] * 20, by=["a", "b", "c"] * 40))
        >>> list(ranking.to_dict()["groups"][0])[:3]
        ['labels', 'place', 'first_place']
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "ranking",
            "metric": self.metric,
            "unit": self.unit,
            "axes": list(self.groups_pooled.axes),
            "confidence_level": self.confidence_level,
            "method": self.method,
            "groups": [self._group(place) for place in self._sorted()],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _group(self, at: int) -> dict[str, Any]:
        names = ("place", "first_place", "last_place", "is_placed", "chance_first", "chance_last")
        pooled = self.groups_pooled
        return {
            "labels": list(pooled.labels[at]),
            **{name: plain(getattr(self, name)[at].item()) for name in names},
            **{name: plain(getattr(pooled, name)[at]) for name in ("value", "low", "high", "n")},
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        pooled, at = self.groups_pooled, self._sorted()
        groups = [self._group(place) for place in at]
        labels = [
            label_column(axis, [pooled.labels[place][i] for place in at], _TAKEN)
            for i, axis in enumerate(pooled.axes)
        ]
        numbers: list[Column] = [
            Column(name=name, type=_type(name), values=tuple(group[name] for group in groups))
            for name in (*_TAKEN[1:7], *_TAKEN[7:11])
        ]
        return [
            Column(name="metric", type="text", values=(self.metric,) * len(at)),
            *labels,
            *numbers,
            Column(name="unit", type="text", values=(self.unit,) * len(at)),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * len(at)),
        ]

    def _tick(self) -> Tick | None:
        return WHOLE if np.isfinite(self.place).any() else None

    def _pictures(self) -> dict[str, Picture]:
        return {**super()._pictures(), "caterpillar": lambda: self.groups_pooled.svg("caterpillar")}

    def _bars(self) -> list[Bar]:
        return [
            Bar(
                label=", ".join(map(label_text, self.groups_pooled.labels[at])),
                value=finite(self.place[at]),
                low=float(self.first_place[at]) or None,
                high=float(self.last_place[at]) or None,
                text=self._told(at),
            )
            for at in self._sorted()
        ]

    def _told(self, at: int) -> str:
        first, last = self.first_place[at], self.last_place[at]
        if not first:
            return "no answers"
        places = f"place {first}" if first == last else f"places {first} to {last}"
        return places if self.is_placed[at] else f"{places}: not placed"

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        pooled = self.groups_pooled
        show = pooled._format()  # noqa: SLF001  (the groups' own way of writing their numbers)
        headers = [*map(clean, pooled.axes), "places", "first", "last", "value", "n"]
        rows = [
            [
                *map(label_text, pooled.labels[at]),
                self._told(at).removeprefix("places ").removeprefix("place "),
                *(_chance(c[at]) for c in (self.chance_first, self.chance_last)),
                show.number(finite(pooled.value[at])),
                f"{pooled.n[at]:,}",
            ]
            for at in self._sorted()
        ]
        return headers, rows


def _type(name: str) -> Any:
    known = {"is_placed": "boolean", "first_place": "integer", "last_place": "integer"}
    return {**known, "n": "integer"}.get(name, "number")


def _chance(value: float) -> str:
    return "-" if not np.isfinite(value) else f"{100 * value:.0f}%"
