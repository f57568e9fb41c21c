"""What is known of a figure before it is measured."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from numbers import Real
from typing import Any

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Estimate

from ._engine import Engine

_SIDES = ("promoters", "detractors")
_HALF = 0.5


def expected_of(engine: Engine, expected: Any) -> tuple[float, float | None]:
    """Expected figure, and what it tells about the spread of a single answer."""
    if isinstance(expected, Mapping):
        return _balance(engine, expected)
    if isinstance(expected, Estimate):
        return _measured(engine, expected)
    if expected is None:
        return (_HALF if engine.family == "share" else 0.0), None
    if isinstance(expected, bool) or not isinstance(expected, Real):
        raise UsageError(
            f"expected= is of the type {type(expected).__name__}.",
            hint="a number, an earlier result, or shares of promoters and detractors",
        )
    value = float(expected) / engine.factor
    if engine.family == "share":
        if not 0 < value < 1:
            raise UsageError(f"A share of {value:g} is none to plan with.", hint="between 0 and 1")
        return value, sqrt(value * (1.0 - value))
    if engine.family == "balance" and not -1 < value < 1:
        raise UsageError(f"{engine.name} lies between -100 and 100, and {expected!r} does not.")
    return value, None


def _balance(engine: Engine, expected: Mapping[str, float]) -> tuple[float, float]:
    if engine.family != "balance" or set(expected) != set(_SIDES):
        odd = [name for name in expected if name not in _SIDES]
        raise UsageError(
            f"expected= of {engine.name} is no such mapping.",
            hint=did_you_mean(odd[0], _SIDES) if odd else 'for NPS: {"promoters", "detractors"}',
        )
    plus, minus = (float(expected[side]) for side in _SIDES)
    if min(plus, minus) < 0 or not 0 < plus + minus <= 1:
        raise UsageError(f"Shares of {plus:g} and {minus:g} are none.", hint="0.45 and 0.2")
    return plus - minus, sqrt(plus + minus - (plus - minus) ** 2)


def _measured(engine: Engine, result: Estimate) -> tuple[float, float]:
    value, error, size = result.value, result.standard_error, result.effective_n
    if value is None or error is None or not size:
        raise UsageError("The earlier result has no figure with an error.", hint="spread=")
    if result.unit != engine.unit:
        raise UsageError(f"The earlier result is in {result.unit}, and {engine.name} is not.")
    share = value / engine.factor
    if engine.family == "share":
        # A share of nought or one tells nothing of the next sample but by its interval.
        share = min(max(share, 0.5 / size), 1.0 - 0.5 / size)
        return share, sqrt(share * (1.0 - share))
    return share, max(error * sqrt(size), 1e-12) / engine.factor
