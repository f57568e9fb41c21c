"""Figures whose doubt is found by leaving one part of the customers out after the other."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.results import Breakdown, Caveat, Estimate, Receipt, Recipe

from ._issues import Issues

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_METHOD: Final = "t"
_SMALL_N: Final = 30


def left_out_error(again: ArrayLike) -> tuple[Floats, int]:
    """Standard error of figures from those without each part, and its degrees of freedom."""
    figures = np.asarray(again, dtype=np.float64)
    n = len(figures)
    squares = ((figures - figures.mean(axis=0)) ** 2).sum(axis=0)
    return np.sqrt((n - 1) / n * squares), n - 1


@frozen(kw_only=True, eq=False)
class Figure:
    """A figure, or one for each name, and what it is without each part of the customers."""

    metric: str
    value: Floats = field(converter=np.atleast_1d)
    again: Floats
    n: int
    names: tuple[str, ...] = ()

    @classmethod
    def mean(cls, metric: str, values: Floats, fold: Ints) -> Figure:
        """Mean of a number of each issue."""
        again = [values[fold != part].mean() for part in np.unique(fold)]
        return cls(metric=metric, value=values.mean(), again=np.array(again), n=values.size)

    @property
    def labels(self) -> tuple[tuple[str, ...], ...]:
        """Labels of the groups."""
        return tuple((name,) for name in self.names) if self.names else ((),)


@frozen(kw_only=True)
class Teller:
    """Turns figures and what they are without each part into results."""

    issues: Issues
    rule: tuple[tuple[str, str], ...]
    unit: str
    confidence_level: float

    def estimate(self, figure: Figure) -> Estimate:
        """Result of one figure."""
        return self.breakdown(figure)[()]

    def breakdown(self, figure: Figure) -> Breakdown:
        """Result of a figure for each name."""
        recipe = _recipe(figure)
        limits = recipe.interval(self.confidence_level)
        caveats = (Caveat.of("small_n"),) if figure.n < _SMALL_N else ()
        size = figure.value.size
        return Breakdown(
            metric=figure.metric,
            axes=("burden",) if figure.names else (),
            labels=figure.labels,
            value=figure.value,
            low=limits.low,
            high=limits.high,
            confidence_level=self.confidence_level,
            method=f"{_METHOD}, jackknife by customers",
            standard_error=recipe.inputs["standard_error"],
            n=np.full(size, figure.n),
            n_all=figure.n,
            effective_n=np.full(size, float(figure.n)),
            unit=self.unit,
            group_caveats=(caveats,) * size,
            receipt=self._receipt(figure.metric, figure.n),
            recipe=recipe,
        )

    def _receipt(self, metric: str, n: int) -> Receipt:
        return Receipt(
            engine=metric,
            method=_METHOD,
            confidence_level=self.confidence_level,
            parameters=self.rule,
            design=("clusters",),
            steps=(*self.issues.steps, ("issues", len(self.issues)), ("counted", n)),
            exclusions=self.issues.exclusions,
            counted="issues",
        )


def _recipe(figure: Figure) -> Recipe:
    error, df = left_out_error(figure.again)
    size = figure.value.size
    inputs: dict[str, Any] = {
        "value": figure.value,
        "standard_error": np.atleast_1d(error),
        "df": np.full(size, float(df)),
        "n": np.full(size, float(figure.n)),
    }
    # A weight is never negative, and neither is its limit.
    constants = {"least": np.zeros(1)} if figure.names else {}
    return Recipe(method=_METHOD, inputs=inputs, constants=constants)
