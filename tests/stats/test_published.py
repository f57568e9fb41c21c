"""Figures that books and R print, held against the functions that an analyst would take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.stats import (
    Limits,
    adjust_p,
    clopper_pearson,
    ewma_chart,
    jackknife,
    mid_p,
    miettinen_nurminen,
    n_for_difference,
    n_for_means,
    newcombe,
    poisson_rate,
    rake,
    wilson,
    xmr_chart,
)

Pair = tuple[int, int]
# Benjamini and Hochberg 1995, section 3.2: fifteen tests of a trial of thrombolysis.
P = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262)
P15 = (*P, 0.5719, 0.6528, 0.7590, 1.0000)


def numbers(limits: Limits) -> list[float]:
    """Both limits as plain numbers."""
    return [float(end) for end in limits]


class TestByReference:
    @pytest.mark.parametrize(
        ("counts", "method", "wanted"),
        [
            ((81, 263), wilson, (0.2553, 0.3662)),
            ((81, 263), clopper_pearson, (0.2527, 0.3676)),
            ((81, 263), mid_p, (0.2544, 0.3658)),
            ((15, 148), wilson, (0.0624, 0.1605)),
            ((15, 148), clopper_pearson, (0.0578, 0.1617)),
            ((15, 148), mid_p, (0.0601, 0.1581)),
            ((0, 20), wilson, (0.0, 0.1611)),
            ((0, 20), clopper_pearson, (0.0, 0.1684)),
            ((0, 20), mid_p, (0.0, 0.1391)),
            ((1, 29), wilson, (0.0061, 0.1718)),
            ((1, 29), clopper_pearson, (0.0009, 0.1776)),
            ((1, 29), mid_p, (0.0017, 0.1585)),
        ],
    )
    def test_newcombe_single(
        self, counts: Pair, method: Callable[..., Limits], wanted: tuple[float, float]
    ) -> None:
        """Newcombe 1998, Statistics in Medicine 17:857-872, table I, to the printed digits."""
        assert numbers(method(*counts)) == pytest.approx(wanted, abs=6e-5)

    @pytest.mark.parametrize(
        ("a", "b", "method", "wanted"),
        [
            ((56, 70), (48, 80), newcombe, (0.0524, 0.3339)),
            ((9, 10), (3, 10), newcombe, (0.1705, 0.8090)),
            ((9, 10), (3, 10), miettinen_nurminen, (0.1700, 0.8406)),
            ((6, 7), (2, 7), newcombe, (0.0582, 0.8062)),
            ((5, 56), (0, 29), newcombe, (-0.0381, 0.1926)),
            ((5, 56), (0, 29), miettinen_nurminen, (-0.0326, 0.1933)),
            ((0, 10), (0, 20), newcombe, (-0.1611, 0.2775)),
            ((0, 10), (0, 20), miettinen_nurminen, (-0.1658, 0.2844)),
            ((0, 10), (0, 10), newcombe, (-0.2775, 0.2775)),
            ((10, 10), (0, 20), newcombe, (0.6791, 1.0)),
            ((10, 10), (0, 20), miettinen_nurminen, (0.7156, 1.0)),
            ((10, 10), (0, 10), newcombe, (0.6075, 1.0)),
        ],
    )
    def test_newcombe_difference(
        self, a: Pair, b: Pair, method: Callable[..., Limits], wanted: tuple[float, float]
    ) -> None:
        """Newcombe 1998, Statistics in Medicine 17:873-890, table II, methods 6 and 10."""
        assert numbers(method(a, b)) == pytest.approx(wanted, abs=6e-5)

    @pytest.mark.parametrize(("effect", "n"), [(0.2, 393), (0.5, 64), (0.8, 26)])
    def test_cohen(self, effect: float, n: int) -> None:
        """Cohen 1988, table 2.4.1: answers on each side for a power of 0.80, two-sided 5 %."""
        assert round(n_for_means(effect, 1.0)) == n

    def test_r_power(self) -> None:
        """R 4.2: power.prop.test and power.t.test, the examples of their help pages."""
        shares = n_for_difference(0.25, (0.25, 0.1875), under_null=0.625 * 0.375, power=0.9)
        assert shares == pytest.approx(76.7069301, rel=1e-7)
        assert n_for_means(1.0, 1.0, power=0.9) == pytest.approx(22.0210978, rel=1e-6)
        made = cx.plan("csat", difference=0.25, expected=0.5, n=50)
        assert made.power == pytest.approx(0.740165901, abs=1e-6)

    def test_benjamini_and_hochberg(self) -> None:
        """Their trial: four are found by the false discovery rate, and three by Holm."""
        assert (adjust_p(P15, method="bh") <= 0.05).sum() == 4
        assert (adjust_p(P15, method="holm") <= 0.05).sum() == 3
        assert adjust_p(P15, method="bh")[:4].tolist() == pytest.approx(
            [0.0015, 0.003, 0.0095, 0.035625]
        )

    def test_counts(self) -> None:
        """R 4.2: poisson.test(10, 100) and binom.test(7, 20)."""
        assert numbers(poisson_rate(10, 100)) == pytest.approx((0.0479538870, 0.1839035604))
        assert numbers(clopper_pearson(7, 20)) == pytest.approx((0.1539092048, 0.5921885345))

    def test_montgomery_individuals(self) -> None:
        """Montgomery, Statistical Quality Control, 6th edition, example 6.5: costs of loans."""
        costs = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306]
        costs += [294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
        chart = xmr_chart(costs)
        limits = (float(chart.low[0]), float(chart.high[0]))
        assert float(np.mean(costs)) == 300.5
        assert limits == pytest.approx((279.78, 321.22), abs=0.005)

    def test_montgomery_ewma(self) -> None:
        """The same, example 9.2: mean 10, weight 0.1 and width 2.7 settle at 9.38 and 10.62."""
        values = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34]
        values += [9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84]
        values += [10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52]
        chart = ewma_chart(values, np.ones(30), target=10.0, weight=0.1, width=2.7)
        assert float(chart.values[0]) == pytest.approx(9.945)
        assert (float(chart.low[-1]), float(chart.high[-1])) == pytest.approx(
            (9.38, 10.62), abs=0.005
        )

    def test_law_school(self) -> None:
        """Efron 1982, table 3.1 and chapter 3: the jackknife's error of a correlation is 0.142."""
        lsat = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
        gpa = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76]
        gpa += [2.88, 2.96]
        drawn = jackknife(range(15))

        def correlation(weights: np.ndarray) -> float:
            spread = np.cov(lsat, gpa, aweights=weights)
            return float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))

        values = np.array([correlation(drawn.factors(place)) for place in range(15)])
        assert correlation(np.ones(15)) == pytest.approx(0.776, abs=5e-4)
        assert np.sqrt(drawn.variance(values, values.mean())) == pytest.approx(0.142, abs=1e-3)

    def test_deming_and_stephan(self) -> None:
        """One table raked by hand to the margins 30, 70 and 60, 40: sums are met, odds are kept."""
        table = np.array([[10.0, 20.0], [30.0, 40.0]])
        rows, columns = np.repeat([0, 1], 2), np.tile([0, 1], 2)
        found = rake([rows, columns], [[30, 70], [60, 40]], weights=table.ravel())
        cells = found.weights.reshape(2, 2)
        odds = [t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0]) for t in (cells, table)]
        assert odds[0] == pytest.approx(odds[1], rel=1e-9)
        assert cells.sum(axis=1).tolist() == pytest.approx([30, 70])
        assert cells.sum(axis=0).tolist() == pytest.approx([60, 40])
