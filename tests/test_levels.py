"""Intervals at another level: every function gives what the same call at that level gives."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Comparison, Curve, Estimate, Panel, Ranking, Verdict
from every_call import Call, every_call

CALLS = every_call()
LEVELS = (0.8, 0.99)
MANY = 200_000
Interval = Estimate | Breakdown | Comparison


def _parts(result: Any) -> Iterator[Interval]:
    """Everything in a result that has an interval of its own; figures of curves have none."""
    if isinstance(result, Interval):
        yield result
    elif isinstance(result, Panel):
        for part in result.parts.values():
            yield from _parts(part)
    elif isinstance(result, Ranking):
        yield result.groups_pooled
    elif isinstance(result, Verdict):
        yield from _parts(result.comparison)
    else:
        assert isinstance(result, Curve)


@cache
def _made(name: str, level: float) -> tuple[Interval, ...]:
    return tuple(_parts(CALLS[name](level)))


def _limits(low: Any, high: Any) -> np.ndarray:
    return np.array([np.atleast_1d(np.asarray(end, float)) for end in (low, high)])


def _same(made: Interval, wanted: Interval) -> None:
    """The interval at the level of another result is the interval of that result."""
    found = _limits(*made.confidence_interval(wanted.confidence_level))
    np.testing.assert_allclose(found, _limits(wanted.low, wanted.high), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", CALLS)
def test_another_level_is_that_of_another_call(name: str, level: float) -> None:
    """What a result says at 0.8 and 0.99 is what the function says at these levels."""
    for made, wanted in zip(_made(name, 0.95), _made(name, level), strict=True):
        _same(made, wanted)


@pytest.mark.parametrize("name", CALLS)
def test_a_lower_level_lies_within_a_higher_one(name: str) -> None:
    """The interval at 0.8 lies within that at 0.95, and that within the one at 0.99."""
    for made in _made(name, 0.95):
        ends = [_limits(*made.confidence_interval(level)) for level in (0.8, 0.95, 0.99)]
        for inner, outer in pairwise(ends):
            known = np.isfinite(outer)
            assert np.all(inner[0][known[0]] >= outer[0][known[0]] - 1e-9)
            assert np.all(inner[1][known[1]] <= outer[1][known[1]] + 1e-9)


@pytest.mark.parametrize("name", CALLS)
def test_a_group_keeps_what_its_interval_was_made_from(name: str) -> None:
    """One group of a breakdown has the interval of its row at another level."""
    for made in _made(name, 0.95):
        if isinstance(made, Breakdown):
            rows = _limits(*made.confidence_interval(0.8))
            ones = [made[label].confidence_interval(0.8) for label in made.groups]
            groups = np.array([_limits(*one)[:, 0] for one in ones]).T
            np.testing.assert_allclose(groups, rows, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_a_result_that_was_stored_still_has_all_levels(name: str) -> None:
    """A pickled result is equal, and gives the same interval at another level."""
    for made in _made(name, 0.95):
        again = pickle.loads(pickle.dumps(made))
        assert again == made
        found, wanted = (_limits(*one.confidence_interval(0.8)) for one in (again, made))
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", CALLS)
def test_at_level_is_the_other_call(name: str) -> None:
    """A result at another level has the level, limits and worth that the call at it has."""
    for made, wanted in zip(_made(name, 0.95), _made(name, 0.8), strict=True):
        if not isinstance(made, Comparison):
            told = made.at_level(0.8)
            assert told.confidence_level == told.receipt.confidence_level == 0.8
            worth, known = (np.asarray(one.effective_n, float) for one in (told, wanted))
            np.testing.assert_allclose(worth, known, rtol=1e-9)


def _durations() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    opened = np.full(MANY, np.datetime64("2026-01-01T00:00:00", "us"))
    lasted = (rng.exponential(1e12, MANY)).astype("timedelta64[us]")
    return {"occurred_at": opened, "solved_at": opened + lasted}


BIG: dict[str, Call] = {
    "quantile": lambda level: cx.quantile(np.arange(float(MANY)), confidence_level=level),
    "resolution_time": lambda level: cx.resolution_time(_durations(), confidence_level=level),
}


@pytest.mark.parametrize("name", BIG)
def test_results_of_many_rows_are_small(name: str) -> None:
    """Of 200,000 numbers some two thousand are kept, with which every usual level is made."""
    made = BIG[name](0.95)
    assert len(pickle.dumps(made)) < MANY
    _same(made, BIG[name](0.8))


@pytest.mark.parametrize("name", BIG)
def test_levels_beyond_what_is_kept_are_refused(name: str) -> None:
    """A level that nobody asks for is refused with its cure, and given where it was asked for."""
    with pytest.raises(UsageError, match=r"confidence_level=0\.99999999"):
        BIG[name](0.95).confidence_interval(0.99999999)
    assert BIG[name](0.99999999).confidence_interval(0.99999999).low is not None


def test_a_pooled_breakdown_is_ranked_at_another_level() -> None:
    """The groups of a ranking have the intervals of the level that is asked for."""
    pooled = cx.pool(CALLS["nps by shop"](0.95))
    asked = cx.rank(pooled, confidence_level=0.8).groups_pooled
    _same(pooled, asked)
    assert asked.confidence_level == 0.8
