"""Cox's regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import proportional_hazards
from duration_rows import AML_CLUSTER, AML_GROUP, AML_SEEN, AML_TIME, Rows, rows

TREATED = 1 - np.array(AML_GROUP)


def likelihood(data: Rows, x: np.ndarray, slope: float) -> float:
    """Efron's partial likelihood, end by end."""
    risk, total = np.exp(x * slope), 0.0
    for time in np.unique(data.durations[data.ends > 0]):
        came = (data.entry < time) | (data.entry <= 0)
        watched = risk[came & (data.durations >= time)].sum()
        ended = (data.durations == time) & (data.ends > 0)
        total += (x[ended] * slope).sum()
        for place in range(ended.sum()):
            total -= np.log(watched - place / ended.sum() * risk[ended].sum())
    return float(total)


class TestByHand:
    def test_first_of_two(self) -> None:
        """Three pairs of which the one with the column ends first twice."""
        found = proportional_hazards([1, 2, 1, 2, 2, 1], [1, 0, 1, 0, 1, 0])
        assert found.slopes[0] > 0
        assert found.is_converged

    def test_without_a_doubt(self) -> None:
        """A column that tells who ends first has a slope without end, and this is said."""
        found = proportional_hazards([1, 2, 3, 10, 11, 12], [1, 1, 1, 0, 0, 0])
        assert not found.is_converged
        assert np.isnan(found.standard_errors).all()

    @pytest.mark.parametrize(
        ("covariates", "seen", "said"),
        [
            ([1.0, 1.0], [1, 1], "same in all rows"),
            ([1.0, np.nan], [1, 1], "1 of 2 rows"),
            ([1.0, 2.0], [0, 0], "Nothing ended"),
            ([1.0, 2.0, 3.0], [1, 1], "2 and 3 rows"),
        ],
    )
    def test_refusals(self, covariates: list[float], seen: list[int], said: str) -> None:
        """What tells nothing apart is refused."""
        with pytest.raises(UsageError, match=said):
            proportional_hazards([1, 2], covariates, event_observed=seen)


class TestByLaw:
    @given(rows(least=8, causes=1), st.integers(0, 99))
    def test_likelihood(self, data: Rows, seed: int) -> None:
        """Its likelihood is Efron's, and no slope nearby has a higher one."""
        x = np.random.default_rng(seed).normal(size=data.durations.size)
        if not data.ends.any():
            return
        found = proportional_hazards(data.durations, x, event_observed=data.ends, entry=data.entry)
        if found.is_converged:
            best = likelihood(data, x, float(found.slopes[0]))
            assert found.log_likelihood == pytest.approx(best, abs=1e-6)
            for step in (-1e-3, 1e-3):
                assert likelihood(data, x, float(found.slopes[0]) + step) <= best + 1e-9

    def test_scale(self) -> None:
        """A column in another unit has its slope and error in that unit."""
        one = proportional_hazards(AML_TIME, TREATED, event_observed=AML_SEEN)
        ten = proportional_hazards(AML_TIME, 10 * TREATED + 7, event_observed=AML_SEEN)
        assert ten.slopes * 10 == pytest.approx(one.slopes)
        assert ten.standard_errors * 10 == pytest.approx(one.standard_errors)

    def test_clusters_of_twins(self) -> None:
        """Twins in a cluster count for little more than one."""
        rng = np.random.default_rng(5)
        x = rng.normal(size=300)
        times = rng.exponential(np.exp(-0.5 * x))
        alone = proportional_hazards(times, x, cluster=np.arange(300))
        twins = proportional_hazards(
            np.tile(times, 2), np.tile(x, 2), cluster=np.tile(np.arange(300), 2)
        )
        assert twins.standard_errors == pytest.approx(alone.standard_errors, rel=0.02)


class TestByReference:
    """R 4.2.2, survival 3.5-3: coxph(Surv(time, status) ~ I(x == "Maintained"), data = aml)."""

    def test_r(self) -> None:
        """Slope, error and likelihoods."""
        found = proportional_hazards(AML_TIME, TREATED, event_observed=AML_SEEN)
        assert found.slopes[0] == pytest.approx(-0.9155325750147175, rel=1e-9)
        assert found.standard_errors[0] == pytest.approx(0.5119342751720054, rel=1e-9)
        assert found.log_likelihood == pytest.approx(-41.0326155964583847, rel=1e-12)
        assert found.log_likelihood_at_zero == pytest.approx(-42.7248392627602200, rel=1e-12)

    def test_r_clusters(self) -> None:
        """The robust error, which R gives without a correction for few clusters."""
        found = proportional_hazards(
            AML_TIME, TREATED, event_observed=AML_SEEN, cluster=AML_CLUSTER
        )
        wanted = 0.5812865821598044 * np.sqrt(10 / 9)
        assert found.standard_errors[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
class TestByLifelines:
    @pytest.mark.parametrize("seed", range(3))
    def test_random(self, seed: int) -> None:
        """Two columns, ties and open ends, as near as lifelines goes."""
        lifelines = pytest.importorskip("lifelines", reason="lifelines runs in `nox -s oracles`")
        pandas = pytest.importorskip("pandas")
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(200, 2))
        times = np.ceil(rng.exponential(10 * np.exp(-x[:, 0] / 2)))
        seen = rng.random(200) < 0.7
        frame = pandas.DataFrame({"a": x[:, 0], "b": x[:, 1], "time": times, "seen": seen})
        wanted = lifelines.CoxPHFitter().fit(
            frame, "time", "seen", fit_options={"precision": 1e-11}
        )
        found = proportional_hazards(times, x, event_observed=seen)
        np.testing.assert_allclose(found.slopes, wanted.params_, atol=1e-5)
        np.testing.assert_allclose(found.standard_errors, wanted.standard_errors_, atol=1e-5)
