"""Differences and ratios of two shares."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import confint_proportions_2indep

from cxm_core.errors import UsageError
from cxm_core.stats import (
    DIFFERENCE_METHODS,
    Limits,
    agresti_caffo,
    koopman,
    mee,
    miettinen_nurminen,
)

METHOD = pytest.mark.parametrize("method", DIFFERENCE_METHODS.values(), ids=DIFFERENCE_METHODS)
COUNT = st.integers(1, 300)
SHARE = st.floats(0, 1)


def likely(counts: tuple[int, int, int, int], of: Callable[[float], float]) -> tuple[float, float]:
    """Shares with the first a function of the second, by maximising the likelihood."""
    x, n, y, m = counts

    def surprise(second: float) -> float:
        first = of(second)
        if not (0 <= first <= 1):
            return 1e300
        law = np.clip([first, second], 1e-300, 1 - 1e-16)
        seen = x * np.log(law[0]) + (n - x) * np.log1p(-law[0])
        return -float(seen + y * np.log(law[1]) + (m - y) * np.log1p(-law[1]))

    grid = np.linspace(1e-9, 1 - 1e-9, 4001)
    best = grid[np.argmin([surprise(p) for p in grid])]
    found = optimize.minimize_scalar(
        surprise,
        bounds=(max(best - 3e-4, 0), min(best + 3e-4, 1)),
        method="bounded",
        options={"xatol": 1e-13},
    )
    return of(found.x), float(found.x)


class TestByHand:
    @METHOD
    def test_nobody_on_one_side(self, method: Callable[..., Limits]) -> None:
        """Of nobody there are no limits, and no warning."""
        low, high = method(([3.0, 0.0], [10.0, 0.0]), (2.0, 10.0))
        assert np.isfinite([low[0], high[0]]).all()
        assert np.isnan([low[1], high[1]]).all()

    def test_all_against_nobody(self) -> None:
        """The whole difference reaches the end of the range, and leaves room below."""
        low, high = miettinen_nurminen((10, 10), (0, 10))
        assert float(high) == 1.0
        assert 0.5 < float(low) < 0.8

    def test_ratio_to_nothing(self) -> None:
        """Where nobody counts below, the ratio has a lower limit and no upper one."""
        low, high = koopman((5, 10), (0, 10))
        assert float(low) > 1.0
        assert np.isnan(high)

    def test_ratio_of_nothing(self) -> None:
        """Nobody above is a ratio of zero; nobody on either side is no ratio."""
        assert float(koopman((0, 10), (5, 10)).low) == 0.0
        assert np.isnan(koopman((0, 10), (0, 10))).all()

    def test_more_than_all(self) -> None:
        """A count above its n is refused."""
        with pytest.raises(UsageError, match="below zero or above n"):
            mee((11, 10), (1, 10))


class TestByLaw:
    @METHOD
    @given(COUNT, COUNT, SHARE, SHARE)
    def test_the_other_way_round(
        self, method: Callable[..., Limits], n: int, m: int, p: float, q: float
    ) -> None:
        """Turned round, the limits change sides and sign; they hold the difference."""
        a, b = (round(p * n), n), (round(q * m), m)
        one, two = method(a, b), method(b, a)
        assert float(one.low) == pytest.approx(-float(two.high), abs=1e-9)
        assert -1.0 <= one.low <= one.high <= 1.0
        if method is not agresti_caffo:
            assert one.low - 1e-9 <= a[0] / n - b[0] / m <= one.high + 1e-9

    @given(COUNT, COUNT, SHARE, SHARE)
    def test_no_score_interval_is_a_point(self, n: int, m: int, p: float, q: float) -> None:
        """However alike the answers, the limits keep a distance."""
        low, high = miettinen_nurminen((round(p * n), n), (round(q * m), m))
        if n + m > 2:
            assert high - low > 1e-3

    @given(COUNT, COUNT, st.integers(1, 300), st.integers(1, 300))
    def test_a_ratio_turned_round(self, n: int, m: int, x: int, y: int) -> None:
        """The ratio of b to a has the reciprocal limits."""
        a, b = (min(x, n), n), (min(y, m), m)
        one, two = koopman(a, b), koopman(b, a)
        if n + m > 2:
            assert float(one.low) * float(two.high) == pytest.approx(1.0, rel=1e-9)
            assert one.low <= (a[0] / n) / (b[0] / m) * (1 + 1e-9)

    @given(st.lists(st.tuples(COUNT, COUNT, SHARE, SHARE), min_size=2, max_size=5))
    def test_groups_do_not_matter_to_each_other(
        self, rows: list[tuple[int, int, float, float]]
    ) -> None:
        """Many at once are the same as one by one."""
        n, m, p, q = (np.array(part) for part in zip(*rows, strict=True))
        x, y = np.rint(p * n), np.rint(q * m)
        together = miettinen_nurminen((x, n), (y, m))
        for i in range(len(rows)):
            alone = miettinen_nurminen((x[i], n[i]), (y[i], m[i]))
            assert float(alone.low) == pytest.approx(float(together.low[i]), abs=1e-9, nan_ok=True)


class TestByReference:
    @pytest.mark.parametrize(
        "counts", [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (7, 25, 2, 25)]
    )
    def test_difference_by_search(self, counts: tuple[int, int, int, int]) -> None:
        """At each limit, with shares found by search, the statistic is z."""
        x, n, y, m = counts
        for method, factor in ((mee, 1.0), (miettinen_nurminen, (n + m) / (n + m - 1))):
            for limit in method((x, n), (y, m)):
                trial = float(limit)
                one, two = likely(counts, lambda p, t=trial: p + t)
                variance = factor * (one * (1 - one) / n + two * (1 - two) / m)
                statistic = (x / n - y / m - trial) / np.sqrt(variance)
                assert abs(statistic) == pytest.approx(scipy_stats.norm.ppf(0.975), abs=2e-4)

    @settings(max_examples=25)
    @given(st.integers(2, 80), st.integers(2, 80), SHARE, SHARE)
    def test_difference_of_any_shares_by_search(self, n: int, m: int, p: float, q: float) -> None:
        """The same wherever a limit is no end of the range; statsmodels has no right one."""
        counts = (round(p * n), n, round(q * m), m)
        x, _, y, _ = counts
        for limit in miettinen_nurminen((x, n), (y, m)):
            trial = float(limit)
            if abs(trial) < 1 - 1e-6:
                one, two = likely(counts, lambda p, t=trial: p + t)
                spread = (one * (1 - one) / n + two * (1 - two) / m) * (n + m) / (n + m - 1)
                statistic = (x / n - y / m - trial) / np.sqrt(spread)
                assert abs(statistic) == pytest.approx(scipy_stats.norm.ppf(0.975), abs=1e-2)

    @pytest.mark.parametrize("counts", [(24, 73, 53, 65), (9, 10, 3, 10), (5, 56, 1, 29)])
    def test_ratio_by_search(self, counts: tuple[int, int, int, int]) -> None:
        """The same for the ratio."""
        x, n, y, m = counts
        for limit in koopman((x, n), (y, m)):
            trial = float(limit)
            one, two = likely(counts, lambda p, t=trial: p * t)
            variance = one * (1 - one) / n + trial**2 * two * (1 - two) / m
            variance *= (n + m) / (n + m - 1)
            statistic = (x / n - trial * y / m) / np.sqrt(variance)
            assert abs(statistic) == pytest.approx(scipy_stats.norm.ppf(0.975), abs=2e-4)

    def test_newcombe_table(self) -> None:
        """Newcombe 1998, table II: Mee and Miettinen-Nurminen for (a) 56/70 against 48/80."""
        assert [float(x) for x in miettinen_nurminen((56, 70), (48, 80))] == pytest.approx(
            (0.0528, 0.3382), abs=5e-5
        )
        assert [float(x) for x in mee((5, 56), (0, 29))] == pytest.approx(
            (-0.0313, 0.1926), abs=5e-5
        )

    @given(COUNT, COUNT, SHARE, SHARE)
    def test_statsmodels_agresti_caffo(self, n: int, m: int, p: float, q: float) -> None:
        """Statsmodels has the same formula, without the ends of the range."""
        x, y = round(p * n), round(q * m)
        wanted = confint_proportions_2indep(x, n, y, m, method="agresti-caffo")
        found = [float(limit) for limit in agresti_caffo((x, n), (y, m))]
        assert found == pytest.approx(np.clip(wanted, -1, 1), abs=1e-9)

    @given(st.integers(5, 200), st.integers(5, 200), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
    def test_statsmodels_ratio(self, n: int, m: int, p: float, q: float) -> None:
        """Where nobody is at an end, statsmodels finds the same limits of the ratio."""
        x, y = min(max(round(p * n), 1), n - 1), min(max(round(q * m), 1), m - 1)
        wanted = confint_proportions_2indep(x, n, y, m, compare="ratio", method="score")
        found = [float(limit) for limit in koopman((x, n), (y, m))]
        assert found == pytest.approx(wanted, rel=1e-4)
