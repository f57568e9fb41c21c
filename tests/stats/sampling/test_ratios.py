"""Ratios of weighted counts, with their error under the design of the sample."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, RatioEstimate, Role, Tally, linear_ratio, merge

BALANCE = (-1, 0, 1), (1, 1, 1)

# Thirty answers (cluster, stratum, weight, value) whose figures were found with R survey 4.1.
THIRTY = [
    (1, "A", 1.2, 1), (1, "A", 1.2, 1), (2, "A", 0.8, 0), (3, "A", 1.5, -1), (3, "A", 1.5, -1),
    (3, "A", 1.5, -1), (4, "A", 1.0, 1), (5, "A", 2.0, 0), (6, "A", 0.7, 1), (6, "A", 0.7, 1),
    (7, "A", 1.1, -1), (8, "A", 0.9, 1), (9, "B", 3.0, 1), (10, "B", 2.5, 0), (10, "B", 2.5, 0),
    (11, "B", 1.8, 1), (12, "B", 2.2, -1), (13, "B", 2.7, 1), (13, "B", 2.7, 1),
    (14, "B", 3.1, -1), (15, "B", 1.9, 1), (16, "B", 2.4, 1), (17, "B", 2.0, 0), (17, "B", 2.0, -1),
    (18, "B", 2.6, 1), (19, "B", 1.7, 1), (20, "B", 2.8, 0), (20, "B", 2.8, 1), (21, "B", 2.1, -1),
    (22, "B", 2.3, 1),
]  # fmt: skip
Answer = tuple[object, object, float, int]


def balance_of(
    answers: list[Answer], *, design: str = "", is_weighted: bool = True, by: str = ""
) -> RatioEstimate:
    """Balance of the answers; `design` and `by` name columns of `THIRTY` by their first letter."""
    column = {"c": 0, "s": 1}
    role: dict[str, Role] = {"c": "cluster", "s": "stratum"}
    axes = [CodedAxis.of(f"by {name}", [a[column[name]] for a in answers]) for name in by]
    axes += [
        CodedAxis.of(f"@{name}", [a[column[name]] for a in answers], role=role[name])
        for name in design
    ]
    tally = Tally.from_codes(
        levels=(-1, 0, 1),
        level_codes=np.array([a[3] + 1 for a in answers], np.int64),
        axes=axes,
        weights=np.array([a[2] for a in answers]) if is_weighted else None,
    )
    return linear_ratio(tally, *BALANCE)


def by_loop(answers: list[Answer], group: object) -> tuple[float, float, int]:
    """Value, variance and degrees of freedom of one stratum's answers, in plain steps."""
    inside = [a for a in answers if a[1] == group]
    total = sum(w for _, _, w, _ in inside)
    value = sum(w * y for _, _, w, y in inside) / total
    clusters: dict[object, dict[object, float]] = defaultdict(dict)
    for cluster, stratum, w, y in answers:
        seen = clusters[stratum]
        seen[cluster] = seen.get(cluster, 0.0) + (w * (y - value) if stratum == group else 0.0)
    variance = 0.0
    for totals in clusters.values():
        m = len(totals)
        mean = sum(totals.values()) / m if m > 1 else 0.0
        variance += m / max(m - 1, 1) * sum((t - mean) ** 2 for t in totals.values())
    return value, variance / total**2, len(clusters[group]) - 1


class TestByHand:
    @pytest.mark.parametrize("clusters", [False, True])
    def test_no_more_than_the_weights_allow(self, *, clusters: bool) -> None:
        """One light dissenter does not make ten heavy answers and a thousand light ones many."""
        heavy = np.r_[np.ones(1000), np.full(10, 1000.0)]
        found = linear_ratio(
            Tally.from_codes(
                levels=(0, 1),
                level_codes=np.r_[0, np.ones(1009, np.int64)],
                axes=[CodedAxis.of("@c", range(1010), role="cluster")] if clusters else [],
                weights=heavy,
            ),
            (0, 1),
            (1, 1),
        )
        assert found.effective_n[0] == pytest.approx(11_000**2 / 10_001_000, rel=1e-9)

    def test_multinomial(self) -> None:
        """Two minus, three neutral, five plus: 0.3, variance (0.7 - 0.09) / 10."""
        found = balance_of([(i, "A", 1.0, y) for i, y in enumerate([-1] * 2 + [0] * 3 + [1] * 5)],
                           is_weighted=False)  # fmt: skip
        assert found.value.tolist() == [0.3]
        assert found.standard_error[0] == pytest.approx(np.sqrt(0.61 / 10), abs=1e-15)
        assert (found.n[0], found.effective_n[0], found.df[0]) == (10, 10.0, 9)
        assert found.design_effect[0] == pytest.approx(1.0)
        assert found.method == "multinomial"

    def test_weights(self) -> None:
        """Weights 1, 2, 3 on -1, 0, 1: value 1/3, residuals -4/3, -1/3, 2/3."""
        found = balance_of([(1, "A", 1.0, -1), (2, "A", 2.0, 0), (3, "A", 3.0, 1)])
        squares = (16 / 9) * 1 + (1 / 9) * 4 + (4 / 9) * 9
        assert found.value[0] == pytest.approx(1 / 3)
        assert found.standard_error[0] == pytest.approx(np.sqrt(squares * 3 / 2) / 6)
        assert found.level_shares[0] == pytest.approx([1 / 6, 1 / 3, 1 / 2])
        assert found.sum_weights[0] == 6.0

    def test_effective_number_never_exceeds_the_answers(self) -> None:
        """Clusters in which plus and minus balance tell more than their answers, but not here."""
        answers: list[Answer] = [(c, "A", 1.0, y) for c in range(9) for y in (-1, 1)]
        answers.append((9, "A", 1.0, 1))
        found = balance_of(answers, design="c", is_weighted=False)
        assert found.standard_error[0] < 0.06
        assert found.effective_n[0] == 19.0

    def test_reach_leaves_levels_out(self) -> None:
        """A level with zero below is no part of the answer, though it is in the tally."""
        tally = Tally.from_codes(levels=(1, 2, "other"), level_codes=np.array([0, 1, 1, 2]))
        mean = linear_ratio(tally, (1, 2, 0), (1, 1, 0))
        reach = linear_ratio(tally, (1, 1, 0), (1, 1, 1))
        assert mean.value[0] == pytest.approx(5 / 3)
        assert mean.n[0] == 3
        assert mean.level_shares[0] == pytest.approx([1 / 3, 2 / 3, 0])
        assert reach.value[0] == 0.75
        assert reach.n[0] == 4

    def test_empty(self) -> None:
        """Of nobody there is no value, and no warning."""
        for design in ("", "c", "sc"):
            for is_weighted in (False, True):
                found = balance_of([], design=design, is_weighted=is_weighted)
                assert found.n.tolist() == [0]
                assert np.isnan(found.value).all()
                assert np.isnan(found.standard_error).all()
                assert np.isnan(found.effective_n).all()

    def test_group_without_answers(self) -> None:
        """A group whose every answer has another level has no value; the others are as ever."""
        axis = CodedAxis.of("by", ["a", "a", "b"])
        tally = Tally.from_codes(
            levels=(0, 1, "other"), level_codes=np.array([0, 1, 2]), axes=[axis]
        )
        found = linear_ratio(tally, (0, 1, 0), (1, 1, 0))
        assert found.groups == (("a",), ("b",))
        assert found.n.tolist() == [2, 0]
        assert found.value[0] == 0.5
        assert np.isnan([found.value[1], found.effective_n[1], found.standard_error[1]]).all()

    @pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (0.1, 0.2, 0.7), (3.3, 1e-9, 7.1)])
    @pytest.mark.parametrize("design", ["", "c", "sc"])
    def test_all_agree(self, weights: tuple[float, ...], design: str) -> None:
        """Where all agree the error is zero exactly, and the effective number is Kish's."""
        answers: list[Answer] = [(i, "A", w, 1) for i, w in enumerate(weights)]
        found = balance_of(answers, design=design)
        assert found.standard_error[0] == 0.0
        kish = sum(weights) ** 2 / sum(w * w for w in weights)
        assert found.effective_n[0] == pytest.approx(kish)

    def test_all_agree_on_a_level_that_rounds(self) -> None:
        """Rounding of a mean is not taken for a difference between answers."""
        tally = Tally.from_codes(
            levels=range(1, 8), level_codes=np.full(50, 6), weights=np.full(50, 0.1) / 3
        )
        found = linear_ratio(tally, np.arange(1, 8), np.ones(7))
        assert found.value[0] == pytest.approx(7)
        assert found.standard_error[0] == 0.0
        assert found.effective_n[0] == pytest.approx(50)

    def test_clusters_that_agree(self) -> None:
        """Where every cluster has the same mix, the effective number is Kish's of the clusters."""
        answers: list[Answer] = [(c, "A", 1.0, y) for c in range(6) for y in (-1, 0, 1)]
        found = balance_of(answers, design="c")
        assert found.standard_error[0] == 0.0
        assert found.effective_n[0] == 6.0

    def test_one_cluster(self) -> None:
        """One cluster leaves no freedom: a value, and no error."""
        found = balance_of([(1, "A", 1.0, y) for y in (-1, 1, 1)], design="c")
        assert found.value[0] == pytest.approx(1 / 3)
        assert found.df[0] == 0
        assert np.isnan([found.standard_error[0], found.effective_n[0]]).all()

    def test_weights_of_zero(self) -> None:
        """If nobody has any weight there is no value, and no warning."""
        found = balance_of([(1, "A", 0.0, 1), (2, "A", 0.0, -1)], design="c")
        assert found.n[0] == 2
        assert np.isnan([found.value[0], found.standard_error[0], found.effective_n[0]]).all()

    def test_stratum_of_one_cluster(self) -> None:
        """A lonely cluster adds its residual squared: 0.36, beside 2/1 of 2 * 0.3**2."""
        answers: list[Answer] = [(1, "A", 1.0, 1), (2, "A", 1.0, 1), (3, "A", 1.0, 0),
                                 (4, "A", 1.0, 1), (5, "B", 1.0, 0)]  # fmt: skip
        found = balance_of(answers, design="sc")
        value = 3 / 5
        totals = np.array([1, 1, 0, 1]) - value
        variance = (4 / 3 * ((totals - totals.mean()) ** 2).sum() + value**2) / 25
        assert found.standard_error[0] == pytest.approx(np.sqrt(variance))
        assert found.lonely_strata.tolist() == [1]
        assert found.df[0] == 3

    def test_answers_without_cluster(self) -> None:
        """They count in the value and not in the error; their number is told."""
        answers = [(c, "A", 1.0, y) for c in range(20) for y in (1, c % 2)]
        found = balance_of([*answers, (None, "A", 1.0, 1)], design="c")
        without = balance_of(answers, design="c")
        assert found.unclustered.tolist() == [1]
        assert found.n_clusters.tolist() == [20]
        assert found.value[0] == pytest.approx(31 / 41)
        totals = np.array([1 + c % 2 for c in range(20)]) - 2 * 31 / 41
        variance = 20 / 19 * ((totals - totals.mean()) ** 2).sum() / 41**2
        assert found.standard_error[0] == pytest.approx(np.sqrt(variance))
        assert without.unclustered.tolist() == [0]

    def test_too_many_answers_without_cluster(self) -> None:
        """Above one in twenty the error would describe too few, and is refused."""
        answers: list[Answer] = [(c, "A", 1.0, c % 2) for c in range(18)]
        with pytest.raises(UsageError, match="1 of 19 answers have no cluster") as caught:
            balance_of([*answers, (None, "A", 1.0, 1)], design="c")
        assert caught.value.hint

    @pytest.mark.parametrize(
        ("numerator", "denominator"),
        [((1, 1), (1, 1)), ((1, 0, 0), (0, 1, 1)), ((np.nan, 0, 0), (1, 1, 1))],
    )
    def test_coefficients_that_do_not_fit(
        self, numerator: tuple[float, ...], denominator: tuple[float, ...]
    ) -> None:
        """One finite number a level, and nothing above that is not below."""
        tally = Tally.from_codes(levels=(-1, 0, 1), level_codes=np.array([0]))
        with pytest.raises(UsageError):
            linear_ratio(tally, numerator, denominator)

    def test_level_is_checked(self) -> None:
        """A level of confidence of 95 is refused also where it is not needed."""
        tally = Tally.from_codes(levels=(-1, 0, 1), level_codes=np.array([0]))
        with pytest.raises(UsageError):
            linear_ratio(tally, *BALANCE, confidence_level=95)

    def test_arrays_are_read_only(self) -> None:
        """Nobody can change an estimate by accident."""
        found = balance_of(THIRTY, design="sc")
        with pytest.raises(ValueError, match="read-only"):
            found.value[0] = 1.0


ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from(["A", "B", "C"]),
        st.floats(0.01, 100),
        st.integers(-1, 1),
    ),
    min_size=1,
    max_size=40,
)


class TestByLaw:
    @given(ANSWERS)
    def test_plain_loop(self, answers: list[Answer]) -> None:
        """Value, variance and freedom of each group are those of the textbook's loop."""
        found = balance_of(answers, design="sc", by="s")
        for i, (group,) in enumerate(found.groups):
            value, variance, df = by_loop(answers, group)
            assert found.value[i] == pytest.approx(value, abs=1e-9)
            assert found.df[i] == df
            if df:
                assert found.standard_error[i] ** 2 == pytest.approx(variance, rel=1e-6, abs=1e-14)
            else:
                assert np.isnan(found.standard_error[i])

    @given(ANSWERS, st.floats(1e-3, 1e3))
    def test_scale_of_weights_does_not_matter(self, answers: list[Answer], factor: float) -> None:
        """All weights times anything give the same value, error and effective number."""
        scaled = [(c, s, w * factor, y) for c, s, w, y in answers]
        for design in ("", "c", "sc"):
            one, two = balance_of(answers, design=design), balance_of(scaled, design=design)
            for name in ("value", "standard_error", "effective_n", "level_shares"):
                np.testing.assert_allclose(
                    getattr(one, name), getattr(two, name), rtol=1e-6, atol=1e-9
                )

    @given(ANSWERS)
    def test_own_cluster_is_no_cluster(self, answers: list[Answer]) -> None:
        """Clusters of one answer each are the same as none."""
        alone = [(i, s, w, y) for i, (_, s, w, y) in enumerate(answers)]
        one, two = balance_of(alone, design="c"), balance_of(alone)
        for name in ("value", "standard_error", "df", "n_clusters", "effective_n"):
            np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-6, atol=1e-9)

    @given(ANSWERS)
    def test_equal_weights_are_none(self, answers: list[Answer]) -> None:
        """Weights of one leave the value as it is, and widen the error by n / (n - 1) at most."""
        ones = [(c, s, 1.0, y) for c, s, _, y in answers]
        weighted, plain = balance_of(ones), balance_of(ones, is_weighted=False)
        n = len(answers)
        assert weighted.value[0] == plain.value[0]
        if n > 1:
            expected = plain.standard_error[0] * np.sqrt(n / (n - 1))
            assert weighted.standard_error[0] == pytest.approx(expected, abs=1e-12)

    @given(ANSWERS, ANSWERS)
    def test_merged_is_pooled(self, one: list[Answer], two: list[Answer]) -> None:
        """Estimates of a merged tally are those of all answers, to the bit if unweighted."""
        tallies = [
            Tally.from_codes(
                levels=(-1, 0, 1),
                level_codes=np.array([a[3] + 1 for a in part]),
                axes=[
                    CodedAxis.of("by", [a[1] for a in part]),
                    CodedAxis.of("@cluster", [a[0] for a in part], role="cluster"),
                ],
            )
            for part in (one, two, one + two)
        ]
        merged = linear_ratio(merge(tallies[:2]), *BALANCE)
        pooled = linear_ratio(tallies[2], *BALANCE)
        for name in ("value", "standard_error", "effective_n", "df"):
            np.testing.assert_array_equal(getattr(merged, name), getattr(pooled, name))

    @given(ANSWERS)
    def test_repeated_clusters_do_not_help(self, answers: list[Answer]) -> None:
        """Giving every answer thrice changes neither the value nor the clustered error."""
        one, three = (balance_of(a, design="c") for a in (answers, answers * 3))
        np.testing.assert_allclose(one.value, three.value, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(one.standard_error, three.standard_error, rtol=1e-6, atol=1e-9)

    @given(ANSWERS)
    def test_effective_number_in_range(self, answers: list[Answer]) -> None:
        """An effective number is above zero and at most the answers, or not known."""
        for design in ("", "c", "s", "sc"):
            found = balance_of(answers, design=design, by="s")
            known = ~np.isnan(found.effective_n)
            assert np.array_equal(known, found.df > 0)
            assert np.all(found.effective_n[known] > 0)
            assert np.all(found.effective_n[known] <= found.n[known])


class TestByReference:
    def test_weights_only(self) -> None:
        """R survey 4.1, svymean with weights: 0.2552447552448, SE 0.1651875374515."""
        found = balance_of(THIRTY)
        assert found.value[0] == pytest.approx(0.2552447552448, abs=1e-12)
        assert found.standard_error[0] == pytest.approx(0.1651875374515, abs=1e-12)
        # R's design effect compares with a sample without replacement out of sum(w) with n - 1.
        total = found.sum_weights[0]
        of_r = found.design_effect[0] / ((1 - 30 / total) * 30 / 29)
        assert of_r == pytest.approx(2.328813240088, abs=1e-9)

    def test_clustered(self) -> None:
        """R survey 4.1, svymean with clusters: SE 0.1945411501488 with 21 degrees of freedom."""
        found = balance_of(THIRTY, design="c")
        assert found.standard_error[0] == pytest.approx(0.1945411501488, abs=1e-12)
        assert (found.df[0], found.n_clusters[0]) == (21, 22)

    def test_ratio_of_clusters(self) -> None:
        """R survey 4.1, svyratio on totals of clusters: SE 0.202265824708."""
        found = balance_of(THIRTY, design="c", is_weighted=False)
        assert found.value[0] == pytest.approx(0.2666666666667, abs=1e-12)
        assert found.standard_error[0] == pytest.approx(0.202265824708, abs=1e-11)

    def test_strata_by_group(self) -> None:
        """R survey 4.1, svyby over strata with clusters: SE 0.4232360356247, 0.2119400144213."""
        found = balance_of(THIRTY, design="sc", by="s")
        assert found.value == pytest.approx([0.00709219858156, 0.3364269141531], abs=1e-12)
        assert found.standard_error == pytest.approx([0.4232360356247, 0.2119400144213], abs=1e-11)
        assert found.standard_error @ found.standard_error == pytest.approx(0.4733363619713**2)

    def test_variance_of_shares(self) -> None:
        """R survey 4.1, vcov of two shares: variance of each, and of their difference."""
        axes = [
            CodedAxis.of("@s", [a[1] for a in THIRTY], role="stratum"),
            CodedAxis.of("@c", [a[0] for a in THIRTY], role="cluster"),
        ]
        tally = Tally.from_codes(
            levels=(-1, 0, 1),
            level_codes=np.array([a[3] + 1 for a in THIRTY]),
            axes=axes,
            weights=np.array([a[2] for a in THIRTY]),
        )
        variance = [
            linear_ratio(tally, c, (1, 1, 1)).standard_error[0] ** 2
            for c in ((0, 0, 1), (1, 0, 0), (-1, 0, 1))
        ]
        plus, minus, covariance = 0.01336011380513, 0.01061689845393, -0.007449760464853
        expected = [plus, minus, plus + minus - 2 * covariance]
        assert variance == pytest.approx(expected, abs=1e-13)

    def test_effective_number(self) -> None:
        """Korn and Graubard's number as R's svyciprop(method="beta") has it: 17.9667."""
        found = balance_of([(c, s, w, int(y > 0)) for c, s, w, y in THIRTY], design="sc")
        assert found.effective_n[0] == pytest.approx(17.966742642, abs=1e-8)

    def test_statsmodels_clusters(self) -> None:
        """A mean with clusters has the robust error of statsmodels' regression on a constant."""
        rng = np.random.default_rng(20261121)
        cluster = rng.integers(0, 25, 300)
        values = np.clip(rng.normal(size=300) + rng.normal(size=25)[cluster], -2, 2).round() + 2
        fit = sm.OLS(values, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
        axis = CodedAxis.of("@cluster", cluster, role="cluster")
        tally = Tally.from_codes(levels=range(5), level_codes=values.astype(int), axes=[axis])
        found = linear_ratio(tally, range(5), np.ones(5))
        assert found.value[0] == pytest.approx(fit.params[0])
        assert found.standard_error[0] == pytest.approx(fit.bse[0], rel=1e-10)

    def test_statsmodels_weights(self) -> None:
        """A weighted mean has the HC1 error of statsmodels' weighted regression."""
        rng = np.random.default_rng(7)
        values, weights = rng.integers(0, 5, 200), rng.lognormal(size=200)
        fit = sm.WLS(values, np.ones(200), weights=weights).fit(cov_type="HC1")
        tally = Tally.from_codes(levels=range(5), level_codes=values, weights=weights)
        found = linear_ratio(tally, range(5), np.ones(5))
        assert found.value[0] == pytest.approx(fit.params[0])
        assert found.standard_error[0] == pytest.approx(fit.bse[0], rel=1e-10)

    @pytest.mark.parametrize(
        ("year", "n", "plain", "error", "designed", "design_error", "unclustered"),
        [
            (2017, 2746, 39.839767, 1.334137, 40.398436, 1.524684, 0),
            (2018, 2650, 30.981132, 1.442203, 35.113632, 2.208824, 12),
        ],
    )
    def test_airport(
        self,
        sfo: Path,
        year: int,
        n: int,
        plain: float,
        error: float,
        designed: float,
        design_error: float,
        unclustered: int,
    ) -> None:
        """San Francisco airport: the recommendation balance, plain and by the design, in points."""
        with gzip.open(sfo / f"sfo_{year}.csv.gz", "rt", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        answers = [row["NETPRO"] for row in rows]
        codes = np.array([-1 if a in {"", "11"} else int(a) for a in answers])
        balance = [-1] * 7 + [0] * 2 + [1] * 2, [1] * 11
        tally = Tally.from_codes(levels=range(11), level_codes=codes)
        found = linear_ratio(tally, *balance)
        assert found.n[0] == n
        assert found.value[0] * 100 == pytest.approx(plain, abs=5e-7)
        assert found.standard_error[0] * 100 == pytest.approx(error, abs=5e-7)
        axes = [
            CodedAxis.of("@stratum", [row["STRATA"] for row in rows], role="stratum"),
            CodedAxis.of("@cluster", [row["RUNID"] or None for row in rows], role="cluster"),
        ]
        weights = np.array([float(row["WEIGHT"]) for row in rows])
        tally = Tally.from_codes(levels=range(11), level_codes=codes, axes=axes, weights=weights)
        found = linear_ratio(tally, *balance)
        assert found.value[0] * 100 == pytest.approx(designed, abs=5e-7)
        assert found.standard_error[0] * 100 == pytest.approx(design_error, abs=5e-7)
        assert found.unclustered[0] == unclustered

    def test_schools(self, shared: Path) -> None:
        """The documented example of R survey: mean score of schools in sampled districts."""
        schools = json.loads((shared / "cases" / "statistics.json").read_text())["data"]["apiclus1"]
        score = np.array([school["api00"] for school in schools])
        levels, codes = np.unique(score, return_inverse=True)
        axis = CodedAxis.of("@cluster", [school["dnum"] for school in schools], role="cluster")
        tally = Tally.from_codes(
            levels=levels.tolist(),
            level_codes=codes,
            axes=[axis],
            weights=np.array([school["pw"] for school in schools]),
        )
        found = linear_ratio(tally, levels, np.ones(len(levels)))
        # R's figure leaves out the part of the population that was seen: 15 of 757 districts.
        error = found.standard_error[0] * np.sqrt(1 - 15 / 757)
        assert found.value[0] == pytest.approx(644.169399, abs=1e-4)
        assert error == pytest.approx(23.5422, abs=1e-4)
        assert found.df[0] == 14

    def test_strata_of_schools(self, shared: Path) -> None:
        """The documented stratified example of R survey, with its finite population."""
        data = json.loads((shared / "cases" / "statistics.json").read_text())["data"]["apistrat"]
        score = np.array([school["api00"] for school in data])
        levels, codes = np.unique(score, return_inverse=True)
        variance, weight = 0.0, 0.0
        axis = CodedAxis.of("@stratum", [school["stype"] for school in data], role="stratum")
        tally = Tally.from_codes(
            levels=levels.tolist(),
            level_codes=codes,
            axes=[axis],
            weights=np.array([school["pw"] for school in data]),
        )
        whole = linear_ratio(tally, levels, np.ones(len(levels)))
        assert whole.value[0] == pytest.approx(662.2874, abs=1e-4)
        for stype in "EHM":
            part = [school for school in data if school["stype"] == stype]
            alone = linear_ratio(tally.select(**{"@stratum": stype}), levels, np.ones(len(levels)))
            size = part[0]["fpc"]
            variance += (alone.standard_error[0] * size) ** 2 * (1 - len(part) / size)
            weight += size
        assert np.sqrt(variance) / weight == pytest.approx(9.4089, abs=1e-3)
