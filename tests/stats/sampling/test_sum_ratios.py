"""Ratios of sums."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Tally, fieller, linear_ratio, sum_ratio, t_interval

ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 3), st.integers(0, 2)),
    min_size=3,
    max_size=40,
)


class TestByHand:
    def test_four_rows(self) -> None:
        """Residuals 2, -1, 0 and -1: six times four thirds over six squared."""
        found = sum_ratio([3, 0, 2, 1], [1, 1, 2, 2])
        assert found.value.item() == 1.0
        assert found.standard_error.item() == pytest.approx(np.sqrt(6 * 4 / 3) / 6)
        assert (found.n.item(), found.df.item(), found.is_simple) == (4, 3, True)

    def test_nothing_below(self) -> None:
        """Divided by nothing there is no ratio; of one row there is no error."""
        assert np.isnan(sum_ratio([1.0, 2.0], [0.0, 0.0]).value).all()
        assert np.isnan(sum_ratio([1.0], [2.0]).standard_error).all()

    def test_no_rows(self) -> None:
        """Of no rows there is no ratio, and no warning."""
        assert np.isnan(sum_ratio([], []).value).all()

    @pytest.mark.parametrize(
        ("above", "weights"), [([1.0, np.inf], None), ([1.0, np.nan], None), ([1.0, 1.0], [1, -1])]
    )
    def test_refusals(self, above: list[float], weights: list[float] | None) -> None:
        """Missing and endless numbers and negative weights are refused."""
        with pytest.raises(UsageError, match="2 rows have a number"):
            sum_ratio(above, [1.0, 1.0], weights=weights)

    def test_lengths(self) -> None:
        """Rows have to match."""
        with pytest.raises(UsageError, match="1 below"):
            sum_ratio([1.0, 2.0], [1.0])

    @pytest.mark.parametrize("tiny", [1e-170, 1e-308])
    def test_tiny_weights(self, tiny: float) -> None:
        """Weights whose squares are too small for a float weigh like any others."""
        above, below, weights = [3, 0, 2, 1], [1, 1, 2, 2], np.array([1.0, 2.0, 4.0, 1.0])
        one, two = (sum_ratio(above, below, weights=weights * factor) for factor in (1.0, tiny))
        assert two.standard_error.item() == pytest.approx(one.standard_error.item())
        assert two.spread_both.item() == pytest.approx(one.spread_both.item())

    def test_below_near_zero(self) -> None:
        """Where the sum below cannot be told from zero, the ratio has no limits."""
        assert np.isnan(fieller((5.0, 1.0), (1.0, 1.0), 30)).all()


class TestByLaw:
    @given(ROWS)
    def test_order_does_not_matter(self, rows: list[tuple[int, int, int, int]]) -> None:
        """Rows in another order give the same ratio and error."""
        y, x, g, c = (np.array(part) for part in zip(*rows, strict=True))
        turned = slice(None, None, -1)

        def measured(part: slice) -> tuple[np.ndarray, np.ndarray]:
            axes = [
                CodedAxis.of("group", g[part].tolist()),
                CodedAxis.of("@cluster", c[part].tolist(), role="cluster"),
            ]
            found = sum_ratio(y[part], x[part], axes=axes)
            return found.value, found.standard_error

        np.testing.assert_allclose(measured(slice(None)), measured(turned), atol=1e-12)

    @given(ROWS, st.floats(0.1, 100))
    def test_the_scale_of_weights_says_nothing(
        self, rows: list[tuple[int, int, int, int]], factor: float
    ) -> None:
        """All weights multiplied leave everything as it was."""
        y, x, g, _ = (np.array(part) for part in zip(*rows, strict=True))
        w = g + 1.0
        one, two = (sum_ratio(y, x, weights=w * f) for f in (1.0, factor))
        np.testing.assert_allclose(one.value, two.value, rtol=1e-9)
        np.testing.assert_allclose(one.standard_error, two.standard_error, rtol=1e-6, atol=1e-9)

    @given(ROWS)
    def test_fieller_of_a_known_number(self, rows: list[tuple[int, int, int, int]]) -> None:
        """With ones below, Fieller's limits are Student's around the mean."""
        y = np.array([row[0] for row in rows])
        found = sum_ratio(y, np.ones(len(y)))
        limits = fieller(
            (found.above, found.spread_above),
            (found.below, found.spread_below),
            found.df,
            covariance=found.spread_both,
        )
        wanted = t_interval(y.mean(), y.std(ddof=1) / np.sqrt(len(y)), len(y) - 1)
        np.testing.assert_allclose(np.ravel(limits), np.ravel(wanted), atol=1e-9)


class TestByReference:
    @given(ROWS, st.sampled_from([0.8, 0.95, 0.99]))
    def test_fieller_by_student(self, rows: list[tuple[int, int, int, int]], level: float) -> None:
        """At each limit, SciPy's t test of what is above less that many times below says so."""
        y, x, *_ = (np.array(part, dtype=np.float64) for part in zip(*rows, strict=True))
        found = sum_ratio(y, x)
        low, high = fieller(
            (found.above, found.spread_above),
            (found.below, found.spread_below),
            found.df,
            covariance=found.spread_both,
            confidence_level=level,
        )
        # Rows on one line through nought have no error; a sum that may be nought no finite limits.
        assume(float(np.std(y - found.value.item() * x)) > 1e-6 and np.isfinite([low, high]).all())
        for limit in (low.item(), high.item()):
            assert scipy_stats.ttest_1samp(y - limit * x, 0.0).pvalue == pytest.approx(
                1 - level, rel=1e-6
            )

    @given(ROWS)
    def test_the_ratio_of_counts(self, rows: list[tuple[int, int, int, int]]) -> None:
        """A mean of levels, clustered and stratified, has the error that a tally gives it."""
        y, _, g, c = (np.array(part) for part in zip(*rows, strict=True))
        axes = [
            CodedAxis.of("@stratum", g.tolist(), role="stratum"),
            CodedAxis.of("@cluster", c.tolist(), role="cluster"),
        ]
        ours = sum_ratio(y, np.ones(len(y)), axes=axes)
        tally = Tally.from_codes(levels=tuple(range(10)), level_codes=y, axes=axes)
        theirs = linear_ratio(tally, np.arange(10.0), np.ones(10))
        np.testing.assert_allclose(ours.value, theirs.value)
        np.testing.assert_allclose(ours.standard_error, theirs.standard_error, atol=1e-9)
        assert ours.df.tolist() == theirs.df.tolist()

    def test_r_survey(self, shared: Path) -> None:
        """R survey 4.1, svyratio: tested pupils per enrolled one, districts drawn as clusters."""
        data = json.loads((shared / "cases" / "statistics.json").read_text())["data"]["apiclus1"]
        column = {name: [row[name] for row in data] for name in data[0]}
        found = sum_ratio(
            column["api.stu"],
            column["enroll"],
            axes=[CodedAxis.of("@cluster", map(str, column["dnum"]), role="cluster")],
            weights=column["pw"],
            population=757,
        )
        assert found.value.item() == pytest.approx(0.8497087417245, abs=1e-12)
        assert found.standard_error.item() == pytest.approx(0.008386297169391, abs=1e-9)
