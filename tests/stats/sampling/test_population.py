"""Finite populations: what was drawn of them does not vary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Tally, linear_ratio

SHARE = (0, 1), (1, 1)
Y = np.array([0, 1, 1, 0, 1, 1, 1, 0])


def sample(*, strata: list[object] | None = None, clusters: list[int] | None = None) -> Tally:
    """Eight answers under a design."""
    axes = [] if strata is None else [CodedAxis.of("@s", strata, role="stratum")]
    axes += [] if clusters is None else [CodedAxis.of("@c", clusters, role="cluster")]
    return Tally.from_codes(levels=(0, 1), level_codes=Y, axes=axes)


class TestByHand:
    def test_a_simple_sample(self) -> None:
        """Eight of ten: a fifth of the variance is left, and each answer is worth five."""
        endless, known = (linear_ratio(sample(), *SHARE, population=n) for n in (None, 10))
        assert known.standard_error[0] ** 2 == pytest.approx(endless.standard_error[0] ** 2 / 5)
        assert known.effective_n[0] == pytest.approx(40)
        assert known.population_left[0] == pytest.approx(0.2)
        assert known.value[0] == endless.value[0]

    def test_each_stratum_has_its_own_share(self) -> None:
        """A stratum of which all were drawn adds no error."""
        strata: list[object] = ["a"] * 4 + ["b"] * 4
        found = linear_ratio(sample(strata=strata), *SHARE, population={"a": 4, "b": 40})
        residuals = Y[4:] - Y.mean()
        spread = ((residuals - residuals.mean()) ** 2).sum() * 4 / 3 * 0.9
        assert found.standard_error[0] ** 2 == pytest.approx(spread / 64)

    def test_clusters_are_what_is_drawn(self) -> None:
        """With clusters the population counts clusters."""
        clusters = [0, 0, 1, 1, 2, 2, 3, 3]
        endless, known = (
            linear_ratio(sample(clusters=clusters), *SHARE, population=n) for n in (None, 8)
        )
        assert known.standard_error[0] ** 2 == pytest.approx(endless.standard_error[0] ** 2 / 2)

    def test_a_census_has_no_error(self) -> None:
        """Who asked everybody knows, and the effective number has no end to speak of."""
        found = linear_ratio(sample(clusters=list(range(8))), *SHARE, population=8)
        assert found.standard_error[0] == pytest.approx(0)
        assert found.effective_n[0] > 1e9


class TestByLaw:
    @given(st.floats(8, 1e6), st.floats(1.0, 100.0))
    def test_a_larger_population_leaves_more_error(self, size: float, times: float) -> None:
        """The error grows with the population, up to that of an endless one."""
        errors = [
            linear_ratio(sample(), *SHARE, population=n).standard_error[0]
            for n in (size, size * times, None)
        ]
        assert errors == sorted(errors)


class TestByReference:
    def test_cochran(self) -> None:
        """Variance of a share of a simple sample, with n below the line (Cochran, section 3.2)."""
        found = linear_ratio(sample(), *SHARE, population=100)
        p = Y.mean()
        assert found.standard_error[0] ** 2 == pytest.approx(p * (1 - p) / 8 * (1 - 8 / 100))


@pytest.mark.parametrize(
    ("strata", "population", "match"),
    [
        (None, 7, "1 of 1 populations are smaller"),
        (None, np.nan, "smaller"),
        (None, {"a": 10}, "no strata"),
        (["a"] * 4 + ["b"] * 4, 100, "2 strata"),
        (["a"] * 4 + ["b"] * 4, {"a": 10}, "1 of 2 strata have no size"),
        (["a"] * 4 + ["b"] * 4, {"a": 10, "b": 3}, "1 of 2 populations"),
    ],
)
def test_refusals(strata: list[object] | None, population: object, match: str) -> None:
    """A population that cannot be is an error, with its counts."""
    with pytest.raises(UsageError, match=match):
        linear_ratio(sample(strata=strata), *SHARE, population=population)  # type: ignore[arg-type]  # on purpose
