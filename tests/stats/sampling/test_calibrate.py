"""Raking: known totals are met, whatever the start; trimming holds its limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import rake

rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.floats(0.2, 5.0)), min_size=4, max_size=40
)


def crossed(found: list[tuple[int, int, float]]) -> tuple[list[np.ndarray], np.ndarray]:
    """Codes of two margins and weights, with a row added for each combination."""
    every = [(a, b, 1.0) for a in range(3) for b in range(2)]
    columns = list(zip(*(found + every), strict=True))
    return [np.array(columns[0]), np.array(columns[1])], np.array(columns[2])


class TestByHand:
    def test_one_margin_is_a_proportion(self) -> None:
        """With one margin, each category's weights are its total, split by the start."""
        found = rake([[0, 0, 1]], [[30.0, 10.0]], weights=[1.0, 2.0, 7.0])
        assert found.weights.tolist() == [10.0, 20.0, 10.0]
        assert (found.rounds, found.trimmed, found.is_converged) == (1, 0, True)

    def test_a_limit_cuts_and_spreads_the_rest(self) -> None:
        """What is cut above the limit goes to the others of the category."""
        found = rake([[0, 0, 0, 1]], [[30.0, 10.0]], weights=[8.0, 1.0, 1.0, 5.0], max_weight=1.5)
        assert found.weights.round(6).tolist() == [15.0, 7.5, 7.5, 10.0]
        assert found.trimmed == 1
        assert found.is_converged

    def test_a_limit_that_cannot_hold_leaves_a_gap(self) -> None:
        """A category of one row that needs more than the limit is told, not passed over."""
        found = rake([[0, 1, 1, 1]], [[30.0, 10.0]], max_weight=1.5, max_rounds=50)
        assert not found.is_converged
        # The row gets 15 of 40, and the other category 25 in place of 10.
        assert found.gap == pytest.approx(1.5)
        assert found.weights.max() == pytest.approx(15.0)

    @pytest.mark.parametrize("most", [1.2, 1.5, 1.9])
    def test_a_limit_holds_even_if_the_margins_do_not(self, most: float) -> None:
        """Half of the rows stand for nearly all: they get the limit, the others what is left."""
        found = rake([[0] * 50 + [1] * 50], [[1.0, 30.0]], max_weight=most)
        mean = found.weights.mean()
        assert mean == pytest.approx(31 / 100)
        assert found.weights[-1] == pytest.approx(most * mean)
        assert found.weights[0] == pytest.approx((2 - most) * mean)
        assert not found.is_converged

    def test_contradicting_margins_are_told(self) -> None:
        """Where an empty combination keeps two margins apart, the gap says so."""
        found = rake([[0, 0, 1], [0, 0, 1]], [[10.0, 30.0], [30.0, 10.0]], max_rounds=50)
        assert not found.is_converged
        assert found.gap > 0.5


class TestByLaw:
    @given(rows, st.tuples(*[st.floats(0.5, 5.0)] * 2), st.floats(0.5, 5.0))
    def test_totals_are_met(
        self, found: list[tuple[int, int, float]], first: tuple[float, float], second: float
    ) -> None:
        """Every category ends with the total that was asked for."""
        codes, base = crossed(found)
        wanted = [np.array([*first, 1.0]), np.array([second, 1.0])]
        totals = [part / part.sum() * 100 for part in wanted]
        raked = rake(codes, totals, weights=base)
        assert raked.is_converged
        for code, total in zip(codes, totals, strict=True):
            assert np.bincount(code, weights=raked.weights) == pytest.approx(total, rel=1e-6)

    @given(rows, st.floats(0.01, 100.0))
    def test_the_scale_of_the_start_is_no_matter(
        self, found: list[tuple[int, int, float]], times: float
    ) -> None:
        """Weights in other units give the same result."""
        codes, base = crossed(found)
        totals = [np.array([50.0, 30.0, 20.0]), np.array([60.0, 40.0])]
        one, other = (rake(codes, totals, weights=w) for w in (base, base * times))
        assert other.weights == pytest.approx(one.weights, rel=1e-6)

    @given(rows)
    def test_rows_of_one_combination_grow_alike(self, found: list[tuple[int, int, float]]) -> None:
        """Without a limit the factor depends on the categories alone."""
        codes, base = crossed(found)
        totals = [np.array([50.0, 30.0, 20.0]), np.array([60.0, 40.0])]
        factors = rake(codes, totals, weights=base).weights / base
        cell = codes[0] * 2 + codes[1]
        for place in range(6):
            assert np.ptp(factors[cell == place]) <= 1e-9 * factors.max()


class TestByReference:
    def test_deming_and_stephan(self) -> None:
        """Iterative proportional fitting of a two-way table by hand to convergence."""
        table = np.array([[10.0, 20.0], [30.0, 5.0], [15.0, 20.0]])
        codes = [np.repeat(range(3), 2), np.tile(range(2), 3)]
        totals = [np.array([40.0, 35.0, 25.0]), np.array([45.0, 55.0])]
        for _ in range(500):
            table *= (totals[0] / table.sum(axis=1))[:, None]
            table *= (totals[1] / table.sum(axis=0))[None, :]
        start = [10.0, 20.0, 30.0, 5.0, 15.0, 20.0]
        assert rake(codes, totals, weights=start).weights == pytest.approx(table.ravel())


@pytest.mark.parametrize(
    ("codes", "totals", "weights", "match"),
    [
        ([], [], None, "0 margins"),
        ([[0, 1]], [[1.0, 1.0], [2.0]], None, "1 margins in the sample and 2"),
        ([[0, 1]], [[1.0, 0.0]], None, "not above zero"),
        ([[0, 1]], [[1.0, np.inf]], None, "not above zero"),
        ([[0, 2]], [[1.0, 1.0]], None, "no total"),
        ([[0, 0]], [[1.0, 1.0]], None, "1 of 2 categories"),
        ([[0, 1], [0, 1]], [[1.0, 1.0], [2.0, 1.0]], None, "different totals"),
        ([[0, 1]], [[1.0, 1.0]], [1.0, 0.0], "1 of 2 weights"),
        ([[0, 1]], [[1.0, 1.0]], [1.0, np.nan], "1 of 2 weights"),
        ([[0, 1]], [[1.0, 1.0]], [1.0], "differ in length"),
        ([[]], [[]], None, "no rows"),
    ],
)
def test_refusals(codes: list, totals: list, weights: list | None, match: str) -> None:
    """What cannot be raked is an error that says why."""
    with pytest.raises(UsageError, match=match):
        rake(codes, totals, weights=weights)


def test_a_limit_below_the_mean_is_refused() -> None:
    """No weighting has all weights below their mean."""
    with pytest.raises(UsageError, match="above 1"):
        rake([[0, 1]], [[1.0, 1.0]], max_weight=0.9)
