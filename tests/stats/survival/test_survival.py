"""Kaplan and Meier's curve, its limits and its quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import (
    CURVE_METHODS,
    DurationTally,
    TimeCurve,
    cumulative_incidence,
    kaplan_meier,
)
from duration_rows import AML_CLUSTER, AML_SEEN, AML_TIME, AML_WEIGHT, Rows, rows

AML = DurationTally.of(AML_TIME, event_observed=AML_SEEN)
# R 4.2.2, survival 3.5-3: summary(survfit(Surv(time, status) ~ 1, data = aml)), with
# conf.type = "log-log", "log" and "plain", and with cluster = and weights =, robust = TRUE.
AML_STEPS = [5, 8, 9, 12, 13, 18, 23, 27, 30, 31, 33, 34, 43, 45, 48]
AML_ERROR = [
    0.05875338475584141, 0.07903419644751181, 0.08600614870379830, 0.09156053715170007,
    0.09594387554215139, 0.10114267517528461, 0.10725064174012229, 0.10840178078868302,
    0.10951806997765715, 0.10885880149486436, 0.10639097288755056, 0.10198337609049186,
    0.09536743848643442, 0.08603520840857511, 0.07266180050352830,
]  # fmt: skip
AML_CLUSTER_ERROR = [
    0.05777204835514603, 0.09782494542862467, 0.09818955699977734, 0.11802261836512641,
    0.12978936781680053, 0.13281392215899149, 0.14487933414977353, 0.15175199738967235,
    0.17185313034336699, 0.14667313762324644, 0.11955298898909275, 0.10098371071427879,
    0.07951481518610054, 0.08380406135551045, 0.06990572117621778,
]  # fmt: skip
AML_WEIGHT_ERROR = [
    0.05982799992277817, 0.08124967025363077, 0.08467990690320337, 0.08794942499243831,
    0.09764995073800231, 0.11651613926390621, 0.11801892928473334, 0.11970122847089644,
    0.12026226596913261, 0.11991793488122866, 0.11478319715755436, 0.11261455692936283,
    0.11030280252205239, 0.10783873045050449, 0.04697496718435499,
]  # fmt: skip
AML_LIMITS = {
    "log-log": [
        (0.694947537532058734, 0.9775156699007135), (0.006955966798536458, 0.2867603679809181),
    ],
    "log": [(0.80485479778295776, 1.0), (0.01483460825484722, 0.4623274065652936)],
    "plain": [(0.79788896016959576, 1.0), (0.0, 0.2252302470283978)],
}  # fmt: skip


def numbered(data: Rows) -> DurationTally:
    """Rows of which each is a cluster of its own."""
    return DurationTally.of(
        data.durations, event_observed=data.ends, cluster=np.arange(data.durations.size)
    )


def by_rows(data: Rows, weights: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The share that has not ended, as its definition says: one factor a time."""
    share, found = 1.0, []
    for time in times:
        is_watched = ((data.entry < time) | (data.entry <= 0)) & (data.durations >= time)
        ended = is_watched & (data.durations == time) & (data.ends > 0)
        share *= 1.0 - weights[ended].sum() / weights[is_watched].sum()
        found.append(share)
    return np.array(found)


class TestByHand:
    def test_three_ends_out_of_five(self) -> None:
        """Of five, two end at 1; one is lost sight of at 2; one of the last two ends at 3."""
        curve = kaplan_meier(DurationTally.of([1, 1, 2, 3, 4], event_observed=[1, 1, 0, 1, 0]))
        assert curve.value.tolist() == pytest.approx([3 / 5, 3 / 5 * 1 / 2])
        assert curve.at_risk.tolist() == [5, 2]
        assert curve.events.tolist() == [2, 1]
        assert curve.variance[0] == pytest.approx(0.6 * 0.4 / 5)

    def test_at(self) -> None:
        """A share counts from its time on, and nobody knows it after the last was watched."""
        curve = kaplan_meier(DurationTally.of([2, 4], event_observed=[True, False]))
        np.testing.assert_array_equal(
            curve.at([-1, 0, 1.9, 2, 4, 4.1]), [np.nan, 1, 1, 0.5, 0.5, np.nan]
        )

    def test_all_are_over(self) -> None:
        """When nobody is left, the share is zero for ever."""
        curve = kaplan_meier(DurationTally.of([2, 4]))
        assert curve.at([4, 1e9]).tolist() == [0, 0]
        assert curve.limits().low[-1] == 0
        assert curve.limits().high[-1] == curve.limits().high[0]

    def test_nobody_ended_yet(self) -> None:
        """Before the first end, the low limit is that of none out of those watched."""
        tally = DurationTally.of([5] * 20, event_observed=[1] + [0] * 19)
        low, high = kaplan_meier(tally).limits_at(3)
        assert float(low) == pytest.approx(0.025 ** (1 / 20))
        assert float(high) == 1.0

    def test_nothing_ever_ended(self) -> None:
        """Where nothing ended there are no steps, no limits and no quantile."""
        curve = kaplan_meier(DurationTally.of([5, 6], event_observed=[0, 0]))
        assert curve.at(4) == 1.0
        assert np.isnan(curve.limits_at(4)).all()
        assert np.isnan(curve.quantile(0.5)).all()

    def test_no_rows(self) -> None:
        """No rows make a curve that knows nothing."""
        curve = kaplan_meier(DurationTally.of([]))
        assert np.isnan(curve.at([0.0, 1.0])).all()
        assert repr(curve) == "TimeCurve(survival, n=0, steps=0, last=nan)"

    def test_halfway(self) -> None:
        """A median that is just reached lies halfway to the next end, as that of numbers does."""
        assert kaplan_meier(DurationTally.of([1, 2, 4, 9])).quantile(0.5).value == 3.0
        assert kaplan_meier(DurationTally.of([1, 2, 4])).quantile(0.5).value == 2.0
        open_end = DurationTally.of([1, 2, 4, 9], event_observed=[1, 1, 0, 0])
        assert kaplan_meier(open_end).quantile(0.5).value == 2.0

    def test_one_cluster(self) -> None:
        """One cluster has no spread, and so no limits."""
        curve = kaplan_meier(DurationTally.of([1, 2, 3], cluster=[7, 7, 7]))
        assert np.isnan(curve.limits().low[0])

    @pytest.mark.parametrize("q", [0.0, 1.0, 5])
    def test_impossible_quantile(self, q: float) -> None:
        """A quantile is a share between none and all."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            kaplan_meier(AML).quantile(q)

    def test_unknown_method(self) -> None:
        """A method that there is not is refused with one that there is."""
        with pytest.raises(UsageError, match="log-log"):
            kaplan_meier(AML).limits(method="loglog")


class TestByLaw:
    @given(rows(causes=1))
    def test_definition(self, data: Rows) -> None:
        """With late entries and weights, the share is the product that defines it."""
        curve = kaplan_meier(data.tally("entry", "weights"))
        wanted = by_rows(data, data.weights, curve.times)
        np.testing.assert_allclose(curve.value, wanted, atol=1e-12)

    @given(rows())
    def test_without_open_ends(self, data: Rows) -> None:
        """Where all ends were seen, the share is the plain share of what takes longer."""
        curve = kaplan_meier(DurationTally.of(data.durations))
        wanted = (data.durations[:, None] > curve.times).mean(axis=0)
        np.testing.assert_allclose(curve.value, wanted, atol=1e-12)
        np.testing.assert_allclose(
            curve.variance, wanted * (1 - wanted) / data.durations.size, atol=1e-12
        )

    @given(rows(), st.sampled_from(CURVE_METHODS))
    def test_bounds(self, data: Rows, method: str) -> None:
        """The share never rises, and lies between its limits within 0 and 1."""
        curve = kaplan_meier(data.tally("cluster"))
        low, high = curve.limits(method=method)
        assert (np.diff(curve.value) <= 0).all()
        known = ~np.isnan(low + high)
        assert (low[known] >= 0).all()
        assert (high[known] <= 1).all()
        assert (low <= curve.value + 1e-12)[known].all()
        assert (curve.value <= high + 1e-12)[known].all()

    @given(rows(causes=1))
    def test_rows_of_their_own(self, data: Rows) -> None:
        """Clusters of one row each, and weights of one, give Greenwood's variance."""
        wanted = kaplan_meier(data.tally()).variance
        ones = DurationTally.of(
            data.durations, event_observed=data.ends, weights=np.ones(data.durations.size)
        )
        for tally in (numbered(data), ones):
            np.testing.assert_allclose(kaplan_meier(tally).variance, wanted, atol=1e-12)

    @given(rows(least=6, causes=1))
    def test_variance_is_a_derivative(self, data: Rows) -> None:
        """The variance is the sum of squares of what a little more of each cluster changes."""
        curve = kaplan_meier(data.tally("entry", "cluster", "weights"))
        variance = np.zeros(curve.times.size)
        for code in np.unique(data.cluster):
            step = 1e-5 * data.weights * (data.cluster == code)
            sides = [by_rows(data, data.weights + d, curve.times) for d in (step, -step)]
            variance += ((sides[0] - sides[1]) / 2e-5) ** 2
        left = curve.value > 1e-9
        np.testing.assert_allclose(curve.variance[left], variance[left], atol=1e-7)

    @given(rows())
    def test_twice_the_rows_of_each_cluster(self, data: Rows) -> None:
        """To count each row twice within its cluster changes nothing at all."""
        twice = np.repeat(np.arange(data.durations.size), 2)
        one, two = (kaplan_meier(part.tally("cluster")) for part in (data, data.part(twice)))
        np.testing.assert_allclose(one.value, two.value, atol=1e-12)
        np.testing.assert_allclose(one.variance, two.variance, atol=1e-12)

    @given(rows(), st.floats(0.01, 0.99))
    def test_quantile_and_share(self, data: Rows, q: float) -> None:
        """By its quantile a share of at least `q` has ended, and less just before."""
        curve = kaplan_meier(data.tally())
        value, low, high = curve.quantile(q)
        if not np.isnan(value):
            assert curve.at(value) <= 1 - q + 1e-9
            assert not low > value
            assert not high < value

    @given(rows(), st.floats(0.5, 2.0))
    def test_unit_of_time(self, data: Rows, factor: float) -> None:
        """In another unit, the share is the same and times change with the unit."""
        one = kaplan_meier(data.tally())
        two = kaplan_meier(DurationTally.of(data.durations * factor, event_observed=data.ends))
        np.testing.assert_allclose(two.value, one.value)
        np.testing.assert_allclose(two.quantile(0.5), np.array(one.quantile(0.5)) * factor)

    @given(
        rows(most=200),
        st.floats(0.02, 0.98),
        st.sampled_from([("weights",), (), ("cluster",)]),
        st.sampled_from(CURVE_METHODS),
        st.floats(0.5, 0.9999),
    )
    def test_a_part_says_the_same_of_its_share(
        self, data: Rows, q: float, names: tuple[str, ...], method: str, level: float
    ) -> None:
        """The steps around a share give its time and limits at every lower level, to the bit."""
        tally = data.tally(*names)
        find = cumulative_incidence if tally.n_causes > 1 else kaplan_meier
        whole = find(tally)
        part = whole.around(q, confidence_level=0.9999, method=method)
        found, wanted = (
            one.quantile(q, confidence_level=level, method=method) for one in (part, whole)
        )
        assert np.array_equal(found, wanted, equal_nan=True)


class TestByReference:
    def test_r(self) -> None:
        """R's standard errors, to the last digit that it prints."""
        curve = kaplan_meier(AML)
        assert curve.times.tolist() == AML_STEPS
        np.testing.assert_allclose(np.sqrt(curve.variance), AML_ERROR, rtol=1e-13)

    @pytest.mark.parametrize("method", AML_LIMITS)
    def test_r_limits(self, method: str) -> None:
        """R's limits on each scale, at the first step and the last."""
        low, high = kaplan_meier(AML).limits(method=method)
        found = [(low[0], high[0]), (low[-1], high[-1])]
        np.testing.assert_allclose(found, AML_LIMITS[method], rtol=1e-12, atol=1e-15)

    def test_r_clusters(self) -> None:
        """R's robust errors with clusters."""
        tally = DurationTally.of(AML_TIME, event_observed=AML_SEEN, cluster=AML_CLUSTER)
        error = np.sqrt(kaplan_meier(tally).variance)
        np.testing.assert_allclose(error, AML_CLUSTER_ERROR, rtol=1e-12)

    def test_r_weights(self) -> None:
        """R's robust errors with weights."""
        tally = DurationTally.of(AML_TIME, event_observed=AML_SEEN, weights=AML_WEIGHT)
        error = np.sqrt(kaplan_meier(tally).variance)
        np.testing.assert_allclose(error, AML_WEIGHT_ERROR, rtol=1e-12)

    def test_r_late_entries(self) -> None:
        """R's survfit(Surv(entry, time, event)): ten rows of which eight came late."""
        tally = DurationTally.of(
            [5, 8, 8, 12, 15, 15, 20, 22, 30, 30],
            event_observed=[1, 1, 0, 1, 1, 0, 1, 0, 0, 1],
            entry=[0, 2, 4, 0, 6, 10, 0, 9, 12, 3],
        )
        curve = kaplan_meier(tally)
        assert curve.at_risk.tolist() == [6, 6, 6, 6, 4, 2]
        error = [
            0.152145154862546, 0.179304784546640, 0.183002179407892, 0.176093929239058,
            0.168357446515347, 0.153096367418985,
        ]  # fmt: skip
        np.testing.assert_allclose(np.sqrt(curve.variance), error, rtol=1e-13)
        assert curve.value[-1] == pytest.approx(0.180844907407407)

    @pytest.mark.parametrize(
        ("method", "wanted"),
        [("log-log", (27, 13, 34)), ("log", (27, 18, 45)), ("plain", (27, 18, 34))],
    )
    def test_r_median(self, method: str, wanted: tuple[float, float, float]) -> None:
        """R's median with its limits on each scale."""
        assert kaplan_meier(AML).quantile(0.5, method=method) == wanted


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
class TestByLifelines:
    """Random and real data, to 1e-9."""

    @staticmethod
    def compare(durations: Any, seen: Any, entry: Any = None) -> None:
        """Curve, log-log limits and quantiles are those of lifelines."""
        lifelines = pytest.importorskip("lifelines", reason="lifelines runs in `nox -s oracles`")
        utils = pytest.importorskip("lifelines.utils")
        fitted = lifelines.KaplanMeierFitter().fit(durations, seen, entry=entry)
        curve = kaplan_meier(DurationTally.of(durations, event_observed=seen, entry=entry))
        wanted = fitted.survival_function_at_times(curve.times).to_numpy()
        np.testing.assert_allclose(curve.value, wanted, atol=1e-9)
        TestByLifelines.compare_limits(curve, fitted)
        for q in (0.1, 0.5, 0.9):
            # lifelines takes the first time where a share is just reached; we go halfway.
            if np.abs(curve.value - (1 - q)).min(initial=1.0) > 1e-9:
                found = np.nan_to_num(curve.quantile(q).value, nan=np.inf)
                assert found == pytest.approx(fitted.percentile(1 - q), abs=1e-9)
        table = utils.qth_survival_times(0.5, fitted.confidence_interval_)
        low, high = (np.nan_to_num(end, nan=np.inf) for end in curve.quantile(0.5)[1:])
        assert [low, high] == pytest.approx(table.to_numpy().ravel().tolist(), abs=1e-9)

    @staticmethod
    def compare_limits(curve: TimeCurve, fitted: Any) -> None:
        """Limits wherever the share has a width."""
        inside = (curve.value > 1e-9) & (curve.value < 1 - 1e-9)
        wanted = fitted.confidence_interval_.loc[curve.times[inside]].to_numpy()
        low, high = curve.limits()
        np.testing.assert_allclose(np.column_stack([low, high])[inside], wanted, atol=1e-9)

    @pytest.mark.parametrize("seed", range(12))
    def test_random(self, seed: int) -> None:
        """Times with ties and without, a third of them open."""
        rng = np.random.default_rng(seed)
        durations = rng.exponential(10.0, 200) + 0.1
        durations = durations if seed % 2 else np.ceil(durations)
        self.compare(durations, rng.random(200) < 0.66)

    @pytest.mark.parametrize("seed", range(4))
    def test_late_entries(self, seed: int) -> None:
        """Rows that came under observation late."""
        rng = np.random.default_rng(seed)
        durations = rng.exponential(10.0, 200) + 1.0
        entry = np.where(rng.random(200) < 0.5, durations * rng.random(200) * 0.5, 0.0)
        self.compare(durations, rng.random(200) < 0.66, entry)

    @pytest.mark.parametrize(
        ("name", "time", "event"),
        [("lung", "time", "status"), ("waltons", "T", "E"), ("rossi", "week", "arrest")],
    )
    def test_real(self, name: str, time: str, event: str) -> None:
        """Data that lifelines brings along."""
        datasets = pytest.importorskip("lifelines.datasets")
        data = getattr(datasets, f"load_{name}")()
        self.compare(data[time].to_numpy(), data[event].to_numpy() > 0)
