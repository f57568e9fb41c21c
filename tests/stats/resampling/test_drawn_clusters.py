"""Bootstrap of whole clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import bootstrap, cluster_bootstrap, keyed_replicates

TOTALS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 9)).map(lambda t: (t[0], min(t))),
    min_size=2,
    max_size=30,
)


def share(sums: np.ndarray) -> np.ndarray:
    """Ratio of the second sum to the first."""
    return sums[..., 1] / sums[..., 0]


class TestByHand:
    def test_one_row_a_cluster(self) -> None:
        """Clusters of one row are rows: both bootstraps are one, draw by draw."""
        counts = [30, 70]
        totals = np.repeat([[1, 0], [1, 1]], counts, axis=0)
        for method in ("percentile", "bca"):
            found = cluster_bootstrap(totals, share, method=method, draws=(500, 7))
            wanted = bootstrap(counts, lambda p: p[..., 1], method=method, n_resamples=500, rng=7)
            assert [float(x) for x in found] == pytest.approx([float(x) for x in wanted], abs=1e-12)

    def test_a_stratum_of_one_never_varies(self) -> None:
        """A single cluster is in every resample, and has no influence."""
        found = cluster_bootstrap([[1, 1], [2, 0]], share, strata=[1, 2], draws=(50, 1))
        assert [float(x) for x in found] == pytest.approx([1 / 3, 1 / 3])

    def test_a_single_cluster(self) -> None:
        """One cluster tells nothing of how clusters differ."""
        assert np.isnan(cluster_bootstrap([[1, 1]], share)).all()

    def test_draws_by_key_are_poisson(self) -> None:
        """Counts of a key have the mean one and the variance one, and are told apart by seed."""
        draws = keyed_replicates([[1]], [17], n_resamples=40_000, seed=3)[:, 0]
        assert draws.mean() == pytest.approx(1.0, abs=0.02)
        assert draws.var() == pytest.approx(1.0, abs=0.04)
        other = keyed_replicates([[1]], [17], n_resamples=40_000, seed=4)[:, 0]
        assert abs(np.corrcoef(draws, other)[0, 1]) < 0.02
        neighbour = keyed_replicates([[1]], [18], n_resamples=40_000, seed=3)[:, 0]
        assert abs(np.corrcoef(draws, neighbour)[0, 1]) < 0.02

    def test_what_is_refused(self) -> None:
        """Totals that are no table, strata and keys that do not fit."""
        with pytest.raises(UsageError, match="table of finite numbers"):
            cluster_bootstrap([[1.0, np.nan]], share)
        with pytest.raises(UsageError, match="1 strata do not fit 2 clusters"):
            cluster_bootstrap([[1, 1], [1, 0]], share, strata=[1])
        with pytest.raises(UsageError, match="1 keys do not fit 2 clusters"):
            keyed_replicates([[1], [1]], [1])


class TestByLaw:
    @given(TOTALS, st.randoms())
    def test_order_does_not_matter(self, totals: list[tuple[int, int]], random: object) -> None:
        """The same seed gives the same limits in any order of the clusters; METRIC-12."""
        first = cluster_bootstrap(totals, share, draws=(50, 3))
        random.shuffle(totals)  # type: ignore[attr-defined]  # Hypothesis gives a Random
        again = cluster_bootstrap(totals, share, draws=(50, 3))
        assert [float(x) for x in first] == [float(x) for x in again]

    @given(TOTALS, st.integers(0, 29))
    def test_parts_add_up(self, totals: list[tuple[int, int]], cut: int) -> None:
        """Keyed sums of parts are those of the whole, to the bit; METRIC-12."""
        keys = np.arange(len(totals)) + 1_000
        table = np.array(totals)
        whole = keyed_replicates(table, keys, n_resamples=20, seed=9)
        parts = [
            keyed_replicates(table[part], keys[part], n_resamples=20, seed=9)
            for part in (slice(0, cut), slice(cut, None))
        ]
        assert np.array_equal(parts[0] + parts[1], whole)

    @given(TOTALS)
    def test_strata_narrow_or_do_nothing(self, totals: list[tuple[int, int]]) -> None:
        """Limits of strata are numbers that a ratio of these clusters can have."""
        strata = np.arange(len(totals)) % 2
        low, high = cluster_bootstrap(totals, share, strata=strata, draws=(50, 3))
        assert 0.0 <= low <= high <= 1.0


class TestByReference:
    def test_linearised_error(self) -> None:
        """The spread of resamples agrees with the linearised error of the ratio."""
        rng = np.random.default_rng(5)
        size = rng.integers(1, 6, 400)
        totals = np.column_stack([size, rng.binomial(size, rng.beta(2, 2, 400))])
        ratio = totals[:, 1].sum() / totals[:, 0].sum()
        residual = totals[:, 1] - ratio * totals[:, 0]
        error = np.sqrt(400 / 399 * (residual**2).sum()) / totals[:, 0].sum()
        low, high = cluster_bootstrap(totals, share, draws=(4_000, 1))
        assert float(high - low) / (2 * 1.96) == pytest.approx(error, rel=0.06)
        keyed = share(keyed_replicates(totals, np.arange(400), n_resamples=4_000, seed=1))
        assert keyed.std() == pytest.approx(error, rel=0.06)
