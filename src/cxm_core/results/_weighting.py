"""Weights that were fitted to what is known of everybody, and how well they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from cxm_core.stats import FIT, CodedAxis, Label

from ._caveats import Caveat
from ._estimate import codes_of
from ._frames import Column
from ._plain import as_tuple, plain
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import clean, how_many, label_text, percent, text_table
from ._svg import Bar

Floats = NDArray[np.float64]


def _locked(values: Any) -> NDArray[Any]:
    array = np.array(values)
    array.flags.writeable = False
    return array


_SAME = cmp_using(eq=np.array_equal)


def _typed(labels: Sequence[Label]) -> object:
    """What equality of labels means: 1 and True are two."""
    return tuple((type(label), label) for label in labels)


@frozen(kw_only=True)
class Margin:
    """One margin: its categories, and what they are in the sample and in the population.

    Parameters
    ----------
    name : str
        What the categories are of, such as ``region``.
    labels : tuple of str, int, bool or None
        The categories.
    codes : int64 array (rows,)
        Place of each row's category in `labels`.
    sample : float64 array (categories,)
        Shares in the sample as it came.
    population : float64 array (categories,)
        Shares that were asked for.
    weighted : float64 array (categories,)
        Shares in the sample as it is weighted.
    """

    name: str
    labels: tuple[Label, ...] = field(converter=as_tuple, eq=_typed)
    codes: NDArray[np.int64] = field(converter=_locked, eq=_SAME, repr=False)
    sample: Floats = field(converter=_locked, eq=_SAME, repr=False)
    population: Floats = field(converter=_locked, eq=_SAME, repr=False)
    weighted: Floats = field(converter=_locked, eq=_SAME, repr=False)

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, never a key

    def __len__(self) -> int:
        return len(self.labels)


@frozen(kw_only=True, repr=False)
class Weighting(Shape):
    """Weights for the rows of a sample, and what they were fitted to.

    Give it as ``weights=``: the interval then knows that the weights were fitted, which makes it
    shorter where the margins explain the answers.

    Parameters
    ----------
    weights : float64 array (rows,)
        One weight a row.
    factors : float64 array (rows,)
        By how much each weight grew when it was fitted.
    margins : tuple of Margin
        What the weights were fitted to; none if they were made otherwise.
    method : str
        How they were made, such as ``raking``.
    rounds : int
        Rounds that it took.
    gap : float
        Largest distance of a weighted category from its total, as a share of that total.
    trimmed : int
        Rows whose weight was cut.
    population : float or None
        How many the population holds; None if only shares are known.
    caveats : tuple of Caveat
        What to know before using them.
    receipt : Receipt
        How the weights were made.

    Examples
    --------
    >>> import cxm_core as cx
    >>> sample = {"region": ["N", "N", "N", "S"] * 30, "score": [10, 9, 8, 3] * 30}
    >>> weighting = cx.weigh(sample, {"region": {"N": 500, "S": 500}}, margins="region")
    >>> weighting
    Weighting(weights to region, n=120, effective n 90, largest 2.0 times the mean)
    >>> cx.nps(sample, "score", weights=weighting).value.__round__(1)
    -16.7
    """

    weights: Floats = field(converter=_locked, eq=_SAME, repr=False)
    factors: Floats = field(converter=_locked, eq=_SAME, repr=False)
    margins: tuple[Margin, ...] = field(default=(), converter=as_tuple)
    method: str
    rounds: int = 0
    gap: float = 0.0
    trimmed: int = 0
    population: float | None = None
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, never a key

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def metric(self) -> str:
        """What it is: weights, and to what."""
        names = ", ".join(clean(margin.name) for margin in self.margins)
        return f"weights to {names}" if names else "weights"

    @property
    def effective_n(self) -> float:
        """Rows of equal weight that would be as sure, by the weights alone."""
        total, squares = float(self.weights.sum()), float((self.weights**2).sum())
        return total**2 / squares if squares > 0 else 0.0

    @property
    def design_effect(self) -> float:
        """By how much unequal weights swell a variance (Kish): rows over effective rows."""
        counted = int(np.count_nonzero(self.weights))
        return counted / self.effective_n if counted else 1.0

    @property
    def largest(self) -> float:
        """Largest weight as a multiple of the mean of those above zero."""
        used = self.weights[self.weights > 0]
        return float(used.max() / used.mean()) if used.size else 0.0

    @property
    def axes(self) -> tuple[CodedAxis, ...]:
        """The margins, and the factor of each row, as a tally needs them for its error."""
        if not self.margins:
            return ()
        margins = [
            CodedAxis(name=f"@margin {m.name}", labels=m.labels, codes=m.codes, role="margin")
            for m in self.margins
        ]
        distinct, codes = np.unique(self.factors, return_inverse=True)
        labels = [float(factor).hex() for factor in distinct]
        return (*margins, CodedAxis(name=FIT, labels=labels, codes=codes, role="fit"))

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        return f"Weighting({self.metric}, {self._facts()}{codes})"

    def __str__(self) -> str:
        """One sentence: to what the sample was weighted, what it costs, and what is left over."""
        told = (
            f"The {self.metric} of {how_many(len(self), 'rows')}, by {self.method}, "
            f"leave an effective n of {self.effective_n:,.0f}, "
            f"and the largest is {self.largest:.1f} times the mean"
        )
        fit = f"; no category is more than {_share(self.gap)} off its total" * bool(self.margins)
        notes = "".join(f" {caveat.message}" for caveat in self.caveats)
        return f"{told}{fit}.{notes}"

    def _facts(self) -> str:
        return (
            f"n={len(self):,}, effective n {self.effective_n:,.0f}, "
            f"largest {self.largest:.1f} times the mean"
        )

    def summary(self) -> str:
        """The weighting as text for a terminal.

        Returns
        -------
        str
            A row for each category: its share in the sample, in the population, and as weighted.

        Examples
        --------
        >>> import cxm_core as cx
        >>> sample = {"region": ["N", "N", "N", "S"] * 30}
        >>> print(cx.weigh(sample, {"region": {"N": 500, "S": 500}}, margins="region").summary())
        weights to region: n=120, effective n 90, largest 2.0 times the mean
        category  sample  population  weighted
        --------  ------  ----------  --------
        region=N   75.0%       50.0%  50.0%
        region=S   25.0%       50.0%  50.0%
        method post-stratification, 1 round, gap 0%, 0 weights cut
        """
        headers, rows = self._cells()
        how = f"method {self.method}, {self.rounds} round{'s' * (self.rounds != 1)}"
        return "\n".join(
            [
                f"{self.metric}: {self._facts()}",
                *([text_table(headers, rows, left=1)] if rows else []),
                f"{how}, gap {_share(self.gap)}, {how_many(self.trimmed, 'weights')} cut",
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The weighting as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; the weights in the order of the rows.

        Examples
        --------
        >>> import cxm_core as cx
        >>> sample = {"region": ["N", "N", "N", "S"] * 30}
        >>> weighting = cx.weigh(sample, {"region": {"N": 500, "S": 500}}, margins="region")
        >>> round(weighting.to_dict()["effective_n"], 6)
        90.0
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "weighting",
            "metric": self.metric,
            "method": self.method,
            "n": len(self),
            "effective_n": self.effective_n,
            "design_effect": self.design_effect,
            "largest": self.largest,
            "rounds": self.rounds,
            "gap": plain(self.gap),
            "trimmed": self.trimmed,
            "population": plain(self.population),
            "margins": [
                {
                    "name": margin.name,
                    "categories": [
                        {"label": plain(label), "sample": s, "population": p, "weighted": w}
                        for label, s, p, w in _categories(margin)
                    ],
                }
                for margin in self.margins
            ],
            "weights": self.weights.tolist(),
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _title(self) -> str:
        return self.metric

    def _rows(self) -> list[tuple[str, Label, float, float, float]]:
        return [(m.name, *category) for m in self.margins for category in _categories(m)]

    def _columns(self) -> list[Column]:
        rows = self._rows()
        shares = zip(*([row[2:] for row in rows] or [(0.0, 0.0, 0.0)]), strict=True)
        return [
            Column(name="margin", type="text", values=[clean(row[0]) for row in rows]),
            Column(name="category", type="text", values=[label_text(row[1]) for row in rows]),
            *(
                Column(name=name, type="number", values=values[: len(rows)])
                for name, values in zip(("sample", "population", "weighted"), shares, strict=True)
            ),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * len(rows)),
        ]

    def _bars(self) -> list[Bar]:
        return [
            Bar(
                label=f"{clean(name)}={label_text(label)}",
                value=weighted,
                low=min(sample, weighted),
                high=max(sample, weighted),
                text=f"{_share(sample)} to {_share(weighted)}",
            )
            for name, label, sample, _, weighted in self._rows()
        ]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        return ["category", "sample", "population", "weighted"], [
            [f"{clean(name)}={label_text(label)}", *(f"{100 * share:.1f}%" for share in shares)]
            for name, label, *shares in self._rows()
        ]


def _categories(margin: Margin) -> list[tuple[Label, float, float, float]]:
    shares = (margin.sample, margin.population, margin.weighted)
    return list(zip(margin.labels, *(array.tolist() for array in shares), strict=True))


def _share(share: float) -> str:
    return "0%" if share < 5e-7 else f"{percent(float(f'{share:.3g}'))}"
