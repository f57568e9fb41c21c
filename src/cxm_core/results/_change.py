"""The interval of a change, from the two figures that it lies between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import DIFFERENCE_METHODS, koopman, mover, mover_ratio, welch

from ._estimate import Estimate
from ._plain import finite
from ._recipe import Recipe, freedom_in
from ._shape import ConfidenceInterval

_RESAMPLES = 10_000
_SHARES = tuple(DIFFERENCE_METHODS)

#: Methods for the difference of two figures that do not depend on each other; the first is usual.
CHANGE_METHODS = ("mover", *_SHARES, "welch", "bootstrap")
#: Methods for their ratio less one.
RELATIVE_METHODS = ("koopman", "mover_ratio")


class _Pair(NamedTuple):
    """The later figure first, as differences are written."""

    after: Estimate
    before: Estimate
    level: float
    seed: int | None

    def recipes(self, method: str) -> tuple[Recipe, Recipe]:
        after, before = self.after.recipe, self.before.recipe
        if not (isinstance(after, Recipe) and isinstance(before, Recipe)):
            raise UsageError(
                f"{method} needs the counts behind both figures, and one does not keep them.",
                hint="method='mover' needs the two intervals only",
            )
        return after, before


def change_interval(
    before: Estimate, after: Estimate, *, method: str = "mover", seed: int | None = None
) -> ConfidenceInterval:
    """Interval of after minus before, for sides that do not depend on each other.

    Parameters
    ----------
    before, after : Estimate
        Of one metric, at one confidence level.
    method : str
        One of `CHANGE_METHODS`, or of `RELATIVE_METHODS` for the change as a part of before.
    seed : int or None
        Where "bootstrap" begins to draw.

    Returns
    -------
    ConfidenceInterval
        None for a limit that needs one which is not reached.

    Raises
    ------
    UsageError
        There is no such method, or it does not go with the metric.

    Examples
    --------
    >>> import cxm_core as cx
    >>> low, high = change_interval(cx.nps([10, 9, 8, 3] * 50), cx.nps([10, 8, 8, 3] * 50))
    >>> round(low, 1), round(high, 1)
    (-39.8, -9.6)
    """
    if method not in _WAYS:
        raise UsageError(
            f"There is no method {method!r} for a change.", hint=did_you_mean(str(method), _WAYS)
        )
    low, high = _WAYS[method](_Pair(after, before, before.confidence_level, seed), method)
    return ConfidenceInterval(finite(float(low)), finite(float(high)))


_Limits = tuple[float, float]


def _mover(pair: _Pair, _: str) -> _Limits:
    low, high = mover(_three(pair.after), _three(pair.before))
    return float(low), float(high)


def _mover_ratio(pair: _Pair, _: str) -> _Limits:
    low, high = mover_ratio(_three(pair.after), _three(pair.before))
    return float(low) - 1.0, float(high) - 1.0


def _of_shares(pair: _Pair, method: str) -> _Limits:
    low, high = DIFFERENCE_METHODS[method](*_counted(pair, method), confidence_level=pair.level)
    return float(low), float(high)


def _koopman(pair: _Pair, method: str) -> _Limits:
    low, high = koopman(*_counted(pair, method), confidence_level=pair.level)
    return float(low) - 1.0, float(high) - 1.0


def _welch(pair: _Pair, method: str) -> _Limits:
    sides = zip((pair.after, pair.before), pair.recipes(method), strict=True)
    low, high = welch(*(_student(*side) for side in sides), confidence_level=pair.level)
    return float(low), float(high)


def _bootstrap(pair: _Pair, method: str) -> _Limits:
    if pair.seed is None:
        raise UsageError("A bootstrap of a change draws.", hint="rng=7, or a generator")
    rng = np.random.default_rng(pair.seed)
    after, before = (_drawn(recipe, pair.level, rng) for recipe in pair.recipes(method))
    tails = (1.0 - pair.level) / 2.0, (1.0 + pair.level) / 2.0
    low, high = np.quantile(after - before, tails)
    return float(low), float(high)


_WAYS: Mapping[str, Callable[[_Pair, str], _Limits]] = MappingProxyType(
    {
        "mover": _mover,
        **dict.fromkeys(_SHARES, _of_shares),
        "welch": _welch,
        "bootstrap": _bootstrap,
        "koopman": _koopman,
        "mover_ratio": _mover_ratio,
    }
)


def _three(side: Estimate) -> tuple[float, float, float]:
    value, low, high = (float("nan") if x is None else x for x in (side.value, side.low, side.high))
    return value, low, high


def _counted(pair: _Pair, method: str) -> list[tuple[float, float]]:
    """How many count, of how many, on either side."""
    sides = []
    for recipe in pair.recipes(method):
        if "share" not in recipe.inputs:
            raise UsageError(
                f"{method} compares two shares, and {pair.after.metric} is none, "
                "or has an interval that keeps no counts.",
                hint="method='mover' goes with every metric",
            )
        n = float(recipe.sizes(pair.level)[0])
        sides.append((float(recipe.inputs["share"][0]) * n, n))
    return sides


def _student(side: Estimate, recipe: Recipe) -> tuple[float, float, float]:
    """Value, its error with n - 1 below it, and the degrees of freedom."""
    value, error = (np.nan if x is None else x for x in (side.value, side.standard_error))
    if "df" in recipe.inputs:
        told = recipe.inputs.get("standard_error")
        own = error if told is None else recipe.factor * float(told[0])
        return value, own, float(recipe.inputs["df"][0])
    if "design_df" in recipe.inputs:
        return value, error, float(freedom_in(recipe.inputs)[0])
    few = max(side.n - 1.0, 0.0)
    return value, error * np.sqrt(side.n / few) if few else np.nan, few


def _drawn(recipe: Recipe, level: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Figures of resamples from the shares that were seen."""
    shares, values = _levels(recipe)
    n = recipe.sizes(level)[0]
    if not n >= 0.5:
        return np.full(_RESAMPLES, np.nan)
    counts = rng.multinomial(round(float(n)), shares / shares.sum(), _RESAMPLES)
    return np.asarray(recipe.factor * (counts @ values) / counts.sum(axis=1))


def _levels(recipe: Recipe) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    given = recipe.inputs
    if "share" in given:
        share = given["share"][0]
        return np.array([1.0 - share, share]), np.array([0.0, 1.0])
    if "plus" in given:
        plus, minus = given["plus"][0], given["minus"][0]
        shares = np.array([minus, max(1.0 - plus - minus, 0.0), plus])
        return shares, np.array([-1.0, 0.0, 1.0])
    if "level_shares" in given:
        return given["level_shares"][0], recipe.constants["levels"]
    raise UsageError(
        "A figure does not keep the shares of its levels, and nothing can be drawn.",
        hint="method='mover', or measure both sides by another method",
    )
