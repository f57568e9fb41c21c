"""Roots of many groups at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from cxm_core.stats import BALANCE_METHODS, SHARE_METHODS, Limits
from cxm_core.stats._roots import NEAR, find_roots

Floats = np.ndarray

roots = st.floats(0.001, 0.999)
SHAPES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "line": lambda x, root: x - root,
    "cube": lambda x, root: (x - root) ** 3,
    "bounded": lambda x, root: np.arctan(1e6 * (x - root)),
    "step": lambda x, root: np.where(x < root, -1.0, 1.0),
    "steep at an end": lambda x, root: np.log(root) - np.log(np.maximum(x, 1e-300)),
}


def unit(size: int) -> tuple[Floats, Floats]:
    """Brackets from nought to one."""
    return np.zeros(size), np.ones(size)


class TestByHand:
    def test_roots_of_squares(self) -> None:
        """The square root of two lies between one and two."""
        found = find_roots(lambda x, a: x * x - a, (np.ones(2), np.full(2, 2.0)), np.array([2, 3]))
        np.testing.assert_allclose(found, np.sqrt([2, 3]), rtol=1e-15, atol=0)

    def test_first_step_is_to_the_middle(self) -> None:
        """Two points have no parabola; the third is the middle, and if it is the root, the last."""
        tried: list[float] = []

        def excess(x: Floats) -> Floats:
            tried.extend(x)
            return x - 0.5

        assert find_roots(excess, unit(1)).tolist() == [0.5]
        assert tried == [0.0, 1.0, 0.5]

    def test_the_end_is_the_root(self) -> None:
        """An end at which the function is zero is the root."""
        for root in (0.0, 1.0):
            assert find_roots(lambda x: x - root, unit(3)).tolist() == [root] * 3  # noqa: B023

    def test_no_change_of_sign_has_no_root(self) -> None:
        """Without a change of sign there is no number, for that group alone."""
        found = find_roots(lambda x, a: x - a, unit(3), np.array([2.0, 0.25, -1.0]))
        np.testing.assert_array_equal(found, [np.nan, 0.25, np.nan])

    @pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
    def test_no_number_has_no_root(self, where: float) -> None:
        """A function that is not a number at an end, or at a step, has no root."""
        found = find_roots(lambda x: np.where(x == where, np.nan, x - 0.3), unit(2))
        assert np.isnan(found).all()

    def test_infinity_at_an_end(self) -> None:
        """A function without bound at an end is no obstacle."""
        found = find_roots(lambda x: np.log(x) - np.log1p(-x), unit(1))
        assert found.tolist() == [0.5]

    def test_nothing_to_find(self) -> None:
        """No group, no root, and the function is asked for none."""
        assert find_roots(lambda x: x, unit(0)).shape == (0,)

    def test_arguments_stay(self) -> None:
        """Neither ends nor operands are changed."""
        low, high, a = np.zeros(3), np.ones(3), np.array([0.1, 0.2, 0.9])
        find_roots(lambda x, a: x - a, (low, high), a)
        assert (low.tolist(), high.tolist(), a.tolist()) == ([0] * 3, [1] * 3, [0.1, 0.2, 0.9])


class TestByLaw:
    @given(st.lists(roots, min_size=1, max_size=40), st.sampled_from(sorted(SHAPES)))
    def test_each_has_the_root_that_it_has_alone(self, at: list[float], shape: str) -> None:
        """To the bit, whoever else is there."""
        function, many = SHAPES[shape], np.array(at)
        together = find_roots(function, unit(many.size), many)
        alone = [find_roots(function, unit(1), many[i : i + 1])[0] for i in range(many.size)]
        assert together.tolist() == alone

    @given(roots, st.sampled_from(sorted(SHAPES)))
    def test_roots_are_near(self, root: float, shape: str) -> None:
        """Within the tolerance of the place where the sign changes, where rounding lets it be."""
        found = find_roots(SHAPES[shape], unit(1), np.array([root]))[0]
        # The cube is zero to the last digit well beside its root.
        near = 1e-100 if shape == "cube" else 0.0
        assert abs(found - root) <= 2 * NEAR + 1e-15 * root or abs(found - root) ** 3 <= near

    @given(roots, st.sampled_from(sorted(SHAPES)))
    def test_order_of_ends_does_not_matter(self, root: float, shape: str) -> None:
        """From the upper end to the lower one the root is the same, within the tolerance."""
        low, high = unit(1)
        there = find_roots(SHAPES[shape], (low, high), np.array([root]))
        back = find_roots(SHAPES[shape], (high, low), np.array([root]))
        np.testing.assert_allclose(there, back, rtol=0, atol=4 * NEAR)

    @given(roots, st.sampled_from(sorted(SHAPES)))
    def test_steps_are_few(self, root: float, shape: str) -> None:
        """Never many more than halving alone, and a tenth of it for a line."""
        steps = 0

        def counted(x: Floats, at: Floats) -> Floats:
            nonlocal steps
            steps += 1
            return SHAPES[shape](x, at)

        find_roots(counted, unit(1), np.array([root]))
        assert steps <= (6 if shape == "line" else 150)

    @pytest.mark.parametrize(
        ("method", "sides"),
        [*((m, 1) for m in SHARE_METHODS.values()), *((m, 2) for m in BALANCE_METHODS.values())],
    )
    def test_limits_alone_and_among_others(self, method: Callable[..., Limits], sides: int) -> None:
        """A group has the same limits to the bit, alone and among many others."""
        rng = np.random.default_rng(20261122)
        n = rng.integers(1, 400, 300)
        plus = rng.binomial(n, 0.5)
        counts = (plus, rng.binomial(n - plus, 0.4))[:sides]
        many = method(*counts, n)
        for i in range(0, 300, 20):
            alone = method(*(part[i] for part in counts), n[i])
            assert (many.low[i], many.high[i]) == alone


class TestByReference:
    @given(st.lists(roots, min_size=1, max_size=20), st.sampled_from(["line", "bounded", "step"]))
    def test_equal_to_scipy(self, at: list[float], shape: str) -> None:
        """The roots of SciPy's elementwise and scalar finders."""
        function, many = SHAPES[shape], np.array(at)
        found = find_roots(function, unit(many.size), many)
        near = {"xatol": NEAR}
        theirs = find_root(function, unit(many.size), args=(many,), tolerances=near).x
        np.testing.assert_allclose(found, theirs, rtol=1e-15, atol=2 * NEAR)
        scalar = [brentq(function, 0, 1, args=(root,), xtol=NEAR, rtol=1e-15) for root in at]
        np.testing.assert_allclose(found, scalar, rtol=1e-15, atol=2 * NEAR)

    def test_limits_are_those_of_scipy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every method has the limits that SciPy's finder gives it."""
        rng = np.random.default_rng(20261122)
        n = np.concatenate([np.arange(1, 400), rng.integers(400, 10**6, 100)])
        plus = rng.binomial(n, rng.random(n.size))
        minus = rng.binomial(n - plus, rng.random(n.size))
        ours = {**_share_limits(plus, n), **_balance_limits(plus, minus, n)}

        def theirs(function: object, bracket: object, *operands: Floats) -> Floats:
            return np.asarray(
                find_root(function, bracket, args=operands, tolerances={"xatol": NEAR}).x
            )

        for room in ("_multinomial", "_skew", "_likelihood", "_shares"):
            monkeypatch.setattr(f"cxm_core.stats.intervals.{room}.find_roots", theirs)
        for name, limits in {
            **_share_limits(plus, n),
            **_balance_limits(plus, minus, n),
        }.items():
            np.testing.assert_allclose(ours[name], limits, rtol=1e-12, atol=4 * NEAR)


def _share_limits(x: Floats, n: Floats) -> dict[str, Limits]:
    return {name: find(x, n) for name, find in SHARE_METHODS.items()}


def _balance_limits(plus: Floats, minus: Floats, n: Floats) -> dict[str, Limits]:
    rooted = ("score", "skew_score", "likelihood")
    return {f"balance {name}": BALANCE_METHODS[name](plus, minus, n) for name in rooted}
