"""Tests whether groups take equally long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import LOG_RANK_WEIGHTS, DurationTally, log_rank
from duration_rows import AML_GROUP, AML_SEEN, AML_TIME, Rows, rows

AML = DurationTally.of_groups(AML_GROUP, 2, AML_TIME, event_observed=AML_SEEN)


def grouped(data: Rows, *names: str, groups: int = 3) -> tuple[DurationTally, ...]:
    """Rows dealt out to groups."""
    columns = {name: getattr(data, name) for name in names}
    code = np.arange(data.durations.size) % groups
    return DurationTally.of_groups(
        code, groups, data.durations, event_observed=data.ends, **columns
    )


class TestByHand:
    def test_two_against_two(self) -> None:
        """1 and 3 against 2 and 4: expected in the first 1/2 + 1/3 + 1/2."""
        found = log_rank([DurationTally.of([1, 3]), DurationTally.of([2, 4])])
        expected = 1 / 2 + 1 / 3 + 1 / 2
        spread = 1 / 4 + 2 / 9 + 1 / 4
        assert found.expected[0] == pytest.approx(expected)
        assert found.statistic == pytest.approx((2 - expected) ** 2 / spread)

    def test_nothing_ended(self) -> None:
        """Where nothing ended there is nothing to compare."""
        found = log_rank([DurationTally.of([1, 3], event_observed=[0, 0])] * 2)
        assert (found.df, np.isnan(found.statistic), np.isnan(found.p_value)) == (0, True, True)

    def test_a_group_without_rows(self) -> None:
        """A group without rows takes nothing from the test, and no degree of freedom."""
        with_empty = log_rank([*AML, DurationTally.of([])])
        assert with_empty.df == 1
        assert with_empty.statistic == pytest.approx(log_rank(AML).statistic)

    def test_refusals(self) -> None:
        """One group, an unknown weighting, a negative power, and unlike columns are refused."""
        with pytest.raises(UsageError, match="1 groups"):
            log_rank(AML[:1])
        with pytest.raises(UsageError, match="no weighting"):
            log_rank(AML, weighting="gehan")
        with pytest.raises(UsageError, match="negative"):
            log_rank(AML, weighting="fleming-harrington", powers=(-1.0, 0.0))
        with pytest.raises(UsageError, match="Only some"):
            log_rank([AML[0], DurationTally.of([1], cluster=[1])])


class TestByLaw:
    @given(rows(least=6), st.sampled_from(LOG_RANK_WEIGHTS))
    def test_what_is_observed_is_expected(self, data: Rows, weighting: str) -> None:
        """Over all groups, as many ends are expected as were seen."""
        found = log_rank(grouped(data, "entry"), weighting=weighting)
        assert found.observed.sum() == pytest.approx(found.expected.sum(), abs=1e-9)

    @given(rows(least=6), st.sampled_from(LOG_RANK_WEIGHTS), st.sampled_from([(), ("cluster",)]))
    def test_order_of_groups(self, data: Rows, weighting: str, names: tuple[str, ...]) -> None:
        """Groups in another order give the same statistic."""
        one, two, three = grouped(data, *names)
        found = log_rank([one, two, three], weighting=weighting)
        turned = log_rank([three, one, two], weighting=weighting)
        assert found.df == turned.df
        if found.df == 2:
            assert turned.statistic == pytest.approx(found.statistic, rel=1e-6)

    @given(rows(least=6))
    def test_powers_of_zero(self, data: Rows) -> None:
        """Fleming and Harrington's powers of zero weigh all times alike."""
        groups = grouped(data)
        assert log_rank(groups, weighting="fleming-harrington")[:3] == pytest.approx(
            log_rank(groups)[:3], nan_ok=True
        )

    @given(rows(least=8))
    def test_twice_the_rows_of_each_cluster(self, data: Rows) -> None:
        """To count each row twice within its cluster leaves the robust test as it was."""
        one = grouped(data, "cluster", groups=2)
        found = log_rank(one)
        twice = log_rank([tally + tally for tally in one])
        assert twice[:3] == pytest.approx(found[:3], nan_ok=True, rel=1e-6)

    def test_rows_of_their_own(self) -> None:
        """In many rows, the robust test and the plain one say the same."""
        rng = np.random.default_rng(1)
        times, seen = rng.exponential(1.0, 4000), rng.random(4000) < 0.7
        code = rng.integers(0, 2, 4000)
        plain, robust = (
            DurationTally.of_groups(code, 2, times, event_observed=seen, **columns)
            for columns in ({}, {"cluster": np.arange(4000)})
        )
        assert log_rank(robust).statistic == pytest.approx(log_rank(plain).statistic, rel=0.05)


class TestByReference:
    """R 4.2.2, survival 3.5-3."""

    def test_r(self) -> None:
        """survdiff(Surv(time, status) ~ x, data = aml)."""
        found = log_rank(AML)
        assert found.statistic == pytest.approx(3.3963886989776, rel=1e-12)
        np.testing.assert_allclose(found.expected, [10.6893359923, 7.3106640077], atol=1e-10)
        assert found.p_value == pytest.approx(0.065339322, abs=1e-9)

    def test_r_score_of_cox(self) -> None:
        """Without ties, the score test of R's coxph is the log-rank test; with ties it is near."""
        assert log_rank(AML).statistic == pytest.approx(3.4167343955173028, rel=0.01)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
class TestByLifelines:
    @pytest.mark.parametrize("weighting", LOG_RANK_WEIGHTS)
    @pytest.mark.parametrize("seed", range(3))
    def test_random(self, weighting: str, seed: int) -> None:
        """The statistic and p-value of lifelines for three groups, to 1e-9."""
        statistics = pytest.importorskip(
            "lifelines.statistics", reason="lifelines runs in `nox -s oracles`"
        )
        rng = np.random.default_rng(seed)
        group = rng.integers(0, 3, 150)
        times = np.ceil(rng.exponential(10.0 + 3 * group))
        seen = rng.random(150) < 0.7
        tallies = DurationTally.of_groups(group, 3, times, event_observed=seen)
        found = log_rank(tallies, weighting=weighting, powers=(0.5, 1.0))
        asked = {} if weighting == "log-rank" else {"weightings": weighting}
        if weighting == "fleming-harrington":
            asked |= {"p": 0.5, "q": 1.0}
        wanted = statistics.multivariate_logrank_test(times, group, seen, **asked)
        assert found.statistic == pytest.approx(wanted.test_statistic, rel=1e-9)
        assert found.p_value == pytest.approx(wanted.p_value, rel=1e-9, abs=1e-12)
