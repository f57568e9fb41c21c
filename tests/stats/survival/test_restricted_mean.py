"""Mean time up to a horizon, and the time between two times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import (
    DurationTally,
    TimeLimits,
    kaplan_meier,
    restricted_mean,
    time_difference,
)
from duration_rows import AML_CLUSTER, AML_SEEN, AML_TIME, Rows, rows


def area(data: Rows, weights: np.ndarray, until: float) -> float:
    """Area under the curve of Kaplan and Meier, added up step by step."""
    tally = DurationTally.of(
        data.durations, event_observed=data.ends, entry=data.entry, weights=weights
    )
    curve = kaplan_meier(tally)
    edges = np.concatenate([[0.0], np.minimum(curve.times, until), [until]])
    return float((np.append(1.0, curve.value) * np.diff(edges)).sum())


class TestByHand:
    def test_area(self) -> None:
        """One from 0 to 2, a half from 2 to 5."""
        tally = DurationTally.of([2, 6], event_observed=[True, True])
        assert restricted_mean(tally, until=5).value == 2 + 1.5

    def test_last(self) -> None:
        """Without a horizon, the last time that anybody was watched."""
        found = restricted_mean(DurationTally.of([2, 6], event_observed=[True, False]))
        assert (found.value, found.until) == (2 + 2.0, 6)

    def test_beyond_the_last(self) -> None:
        """Beyond the last time that anybody was watched nothing is known, unless all is over."""
        tally = DurationTally.of([2, 6], event_observed=[True, False])
        assert np.isnan(restricted_mean(tally, until=7).value)
        assert restricted_mean(DurationTally.of([2, 6]), until=100).value == 4

    def test_horizon_of_zero(self) -> None:
        """A horizon lies ahead."""
        with pytest.raises(UsageError, match="above zero"):
            restricted_mean(DurationTally.of([2, 6]), until=0)

    def test_one_cluster(self) -> None:
        """One cluster has no error."""
        tally = DurationTally.of([2, 6, 7], cluster=[1, 1, 1])
        assert np.isnan(restricted_mean(tally).standard_error)

    def test_difference_of_open_limits(self) -> None:
        """A limit that rests on one that is not reached is not reached."""
        open_end = TimeLimits(10.0, 7.0, np.nan)
        value, low, high = time_difference(open_end, TimeLimits(4.0, 3.0, 8.0))
        assert (value, low) == (6.0, 1.0)
        assert np.isnan(high)
        assert np.isnan(time_difference(TimeLimits(np.nan, 5.0, np.nan), open_end)).all()


class TestByLaw:
    @given(rows(), st.integers(1, 30))
    def test_without_open_ends(self, data: Rows, until: int) -> None:
        """Where all ends were seen, it is the mean of what is cut at the horizon."""
        found = restricted_mean(DurationTally.of(data.durations), until=until)
        cut = np.minimum(data.durations, until)
        assert found.value == pytest.approx(cut.mean(), abs=1e-9)
        assert found.standard_error == pytest.approx(cut.std() / np.sqrt(cut.size), abs=1e-9)

    @given(rows(least=6, causes=1), st.floats(0.1, 1.0))
    def test_error_is_a_derivative(self, data: Rows, part: float) -> None:
        """The variance is the sum of squares of what a little more of each cluster changes."""
        tally = data.tally("entry", "cluster", "weights")
        until = tally.last * part
        if until <= 0:
            return
        found = restricted_mean(tally, until=until)
        variance = 0.0
        for code in np.unique(data.cluster):
            step = 1e-5 * data.weights * (data.cluster == code)
            sides = [area(data, data.weights + d, until) for d in (step, -step)]
            variance += ((sides[0] - sides[1]) / 2e-5) ** 2
        if found.df > 0:
            variance *= (found.df + 1) / found.df
            assert found.standard_error**2 == pytest.approx(variance, rel=1e-4, abs=1e-9)

    @given(rows(causes=1))
    def test_rows_of_their_own(self, data: Rows) -> None:
        """Clusters of one row each give the error of rows, but for the cluster that is taken."""
        n = data.durations.size
        if n < 2 or data.durations.max() <= 0:
            return
        plain = restricted_mean(data.tally())
        own = DurationTally.of(data.durations, event_observed=data.ends, cluster=np.arange(n))
        found = restricted_mean(own).standard_error
        assert found == pytest.approx(plain.standard_error * np.sqrt(n / (n - 1)), abs=1e-9)


class TestByReference:
    """R 4.2.2, survival 3.5-3: summary(survfit(...), rmean = until)$table."""

    @pytest.mark.parametrize(
        ("until", "value", "error"),
        [(60, 28.0, 3.61867489746213), (40, 25.2394755003451, 2.6984025410624)],
    )
    def test_r(self, until: int, value: float, error: float) -> None:
        """R's restricted mean and its error."""
        found = restricted_mean(DurationTally.of(AML_TIME, event_observed=AML_SEEN), until=until)
        assert found.value == pytest.approx(value, rel=1e-13)
        assert found.standard_error == pytest.approx(error, rel=1e-13)

    def test_clusters_count(self) -> None:
        """Clusters change the error and its degrees of freedom, not the value."""
        tally = DurationTally.of(AML_TIME, event_observed=AML_SEEN, cluster=AML_CLUSTER)
        found = restricted_mean(tally, until=60)
        assert found.value == pytest.approx(28.0)
        assert found.df == 9


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
class TestByLifelines:
    @pytest.mark.parametrize("seed", range(6))
    def test_value(self, seed: int) -> None:
        """The area that lifelines finds, to 1e-9."""
        lifelines = pytest.importorskip("lifelines", reason="lifelines runs in `nox -s oracles`")
        utils = pytest.importorskip("lifelines.utils")
        rng = np.random.default_rng(seed)
        durations, seen = np.ceil(rng.exponential(10.0, 150)), rng.random(150) < 0.7
        fitted = lifelines.KaplanMeierFitter().fit(durations, seen)
        wanted = utils.restricted_mean_survival_time(fitted, t=12.5)
        tally = DurationTally.of(durations, event_observed=seen)
        assert restricted_mean(tally, until=12.5).value == pytest.approx(wanted, abs=1e-9)
