"""Designed samples beside svy, the survey package that follows samplics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxm_core.stats import (
    CodedAxis,
    Role,
    SumRatio,
    Tally,
    clopper_pearson,
    jackknife,
    linear_ratio,
    rake,
    rao_wu,
    sum_ratio,
)

svy = pytest.importorskip("svy", reason="svy runs in `nox -s oracles`")
polars = pytest.importorskip("polars")

pytestmark = pytest.mark.oracle

ROLES: dict[str, Role] = {"stratum": "stratum", "psu": "cluster", "group": "by"}
DESIGNS = [(), ("stratum",), ("psu",), ("stratum", "psu")]
LEVELS = (-1, 0, 1)
few = settings(max_examples=25)
seeds = st.integers(0, 10**6)
designs = st.sampled_from(DESIGNS)


@frozen
class Sample:
    """Answers with a weight, a stratum, a cluster within it, a group and a second number."""

    columns: dict[str, np.ndarray]

    @classmethod
    def of(cls, seed: int) -> Sample:
        """Draw some sixty answers of three strata, in clusters of which none is alone."""
        rng = np.random.default_rng(seed)
        n = int(rng.integers(40, 90))
        place = np.arange(n)
        stratum = place % 3
        psu = 10 * stratum + np.where(place < 6, place // 3, rng.integers(0, 8, n))
        found = {
            "score": rng.choice([-1.0, 0.0, 1.0], p=[0.2, 0.3, 0.5], size=n),
            "size": rng.uniform(1.0, 9.0, n).round(3),
            "weight": rng.lognormal(sigma=0.6, size=n).round(4),
            "stratum": stratum.astype(str),
            "psu": psu.astype(str),
            "group": rng.integers(0, 2, n).astype(str),
            "population": np.array([15.0, 20.0, 40.0])[stratum],
        }
        return cls(found)

    def axes(self, names: tuple[str, ...]) -> list[CodedAxis]:
        """Columns as the axes of a tally."""
        return [CodedAxis.of(name, list(self.columns[name]), role=ROLES[name]) for name in names]

    def tally(self, names: tuple[str, ...]) -> Tally:
        """Answers counted by some of the columns."""
        return Tally.from_codes(
            levels=LEVELS,
            level_codes=self.columns["score"].astype(np.int64) + 1,
            axes=self.axes(names),
            weights=self.columns["weight"],
        )

    def ratio(self, names: tuple[str, ...]) -> SumRatio:
        """Scores over sizes."""
        score, size = self.columns["score"], self.columns["size"]
        return sum_ratio(score, size, axes=self.axes(names), weights=self.columns["weight"])

    def theirs(self, names: tuple[str, ...], **more: str) -> Any:
        """Return the same design for svy."""
        design = svy.Design(wgt="weight", **{name: name for name in names}, **more)
        table = polars.DataFrame({**self.columns, "top": (self.columns["score"] > 0).astype(float)})
        return svy.Sample(data=table, design=design)

    def mean(self, weights: np.ndarray) -> float:
        """Mean score by other weights."""
        return float(np.average(self.columns["score"], weights=weights))


def close(found: float, wanted: float) -> None:
    """Equal but for rounding."""
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-11)


class TestByReference:
    @few
    @given(seeds, designs)
    def test_mean(self, seed: int, design: tuple[str, ...]) -> None:
        """A weighted balance, its linearised error, its degrees of freedom and design effect."""
        sample = Sample.of(seed)
        found = linear_ratio(sample.tally(design), LEVELS, (1, 1, 1))
        wanted = sample.theirs(design).estimation.mean("score", deff="wr").estimates[0]
        close(found.value[0], wanted.est)
        close(found.standard_error[0], wanted.se)
        assert found.df[0] == wanted.df
        # Theirs divides the variance of a simple sample by n - 1, ours by n.
        n = len(sample.columns["score"])
        close(found.design_effect[0] * (n - 1) / n, wanted.deff)

    @few
    @given(seeds, designs)
    def test_domains(self, seed: int, design: tuple[str, ...]) -> None:
        """Each group's balance counts the clusters of its strata that hold none of its answers."""
        sample = Sample.of(seed)
        found = linear_ratio(sample.tally((*design, "group")), LEVELS, (1, 1, 1))
        theirs = sample.theirs(design).estimation.mean("score", by="group").estimates
        wanted = {line.by_level[0]: line for line in theirs}
        for place, (label,) in enumerate(found.groups):
            close(found.value[place], wanted[label].est)
            close(found.standard_error[place], wanted[label].se)

    @few
    @given(seeds, designs)
    def test_ratio(self, seed: int, design: tuple[str, ...]) -> None:
        """A ratio of two sums and its linearised error."""
        sample = Sample.of(seed)
        found = sample.ratio(design)
        wanted = sample.theirs(design).estimation.ratio("score", "size").estimates[0]
        close(found.value.item(), wanted.est)
        close(found.standard_error.item(), wanted.se)

    @few
    @given(seeds)
    def test_finite_population(self, seed: int) -> None:
        """Clusters from strata of 15, 20 and 40."""
        sample = Sample.of(seed)
        sizes = {"0": 15, "1": 20, "2": 40}
        tally = sample.tally(("stratum", "psu"))
        found = linear_ratio(tally, LEVELS, (1, 1, 1), population=sizes)
        theirs = sample.theirs(("stratum", "psu"), pop_size="population")
        close(found.standard_error[0], theirs.estimation.mean("score").estimates[0].se)

    @few
    @given(seeds, designs)
    def test_effective_number(self, seed: int, design: tuple[str, ...]) -> None:
        """Korn and Graubard's exact interval of a share, wherever the design costs answers."""
        sample = Sample.of(seed)
        found = linear_ratio(sample.tally(design), (0, 0, 1), (1, 1, 1))
        # Their number may exceed the answers, or what the weights allow; ours stops there.
        assume(found.effective_n[0] < found.most_n[0] - 1e-6)
        # Nor does it ask how unequal the clusters are.
        assume(found.freedom[0] == found.df[0])
        hits = found.value[0] * found.effective_n[0]
        limits = clopper_pearson(hits, found.effective_n[0])
        theirs = sample.theirs(design).estimation.prop("top", ci_method="korn-graubard").estimates
        wanted = theirs[-1]
        close(float(limits.low), wanted.lci)
        close(float(limits.high), wanted.uci)

    @few
    @given(seeds)
    def test_jackknife(self, seed: int) -> None:
        """Leaving out one cluster of a stratum at a time, around the whole sample's value."""
        sample = Sample.of(seed)
        weight = sample.columns["weight"]
        drawn = jackknife(sample.columns["psu"], strata=sample.columns["stratum"])
        values = [sample.mean(weight * drawn.factors(place)) for place in range(len(drawn))]
        replicated = sample.theirs(("stratum", "psu")).weighting.create_jk_wgts()
        wanted = replicated.estimation.mean(
            "score", method="replication", variance_center="estimate"
        ).estimates[0]
        close(float(drawn.variance(values, sample.mean(weight))), wanted.se**2)

    def test_rao_wu(self) -> None:
        """Draws of their own, 4,000 each: both variances within a tenth of each other."""
        sample = Sample.of(7)
        weight = sample.columns["weight"]
        drawn = rao_wu(
            sample.columns["psu"],
            strata=sample.columns["stratum"],
            n_resamples=4_000,
            rng=np.random.default_rng(7),
        )
        values = [sample.mean(weight * drawn.factors(place)) for place in range(len(drawn))]
        theirs = sample.theirs(("stratum", "psu")).weighting.create_bs_wgts(4_000, rstate=7)
        wanted = theirs.estimation.mean(
            "score", method="replication", variance_center="estimate"
        ).estimates[0]
        found = float(drawn.variance(values, sample.mean(weight)))
        assert found == pytest.approx(wanted.se**2, rel=0.1)

    @few
    @given(seeds)
    def test_raking(self, seed: int) -> None:
        """Weights of two margins, to 1e-7 of the largest."""
        sample = Sample.of(seed)
        controls = {
            "stratum": {"0": 50.0, "1": 70.0, "2": 80.0},
            "group": {"0": 90.0, "1": 110.0},
        }
        codes = [sample.columns[name].astype(np.int64) for name in controls]
        totals = [list(of.values()) for of in controls.values()]
        found = rake(codes, totals, weights=sample.columns["weight"])
        assume(found.is_converged)
        theirs = sample.theirs(()).weighting.rake(controls=controls, tol=1e-11, max_iter=5_000)
        gap = np.abs(found.weights - theirs.data["rk_wgt"].to_numpy()).max()
        assert gap <= 1e-7 * found.weights.max()

    @few
    @given(seeds)
    def test_post_stratification(self, seed: int) -> None:
        """One margin, which is met in one round."""
        sample = Sample.of(seed)
        controls = {"0": 90.0, "1": 110.0}
        codes = sample.columns["group"].astype(np.int64)
        found = rake([codes], [list(controls.values())], weights=sample.columns["weight"])
        theirs = sample.theirs(()).weighting.poststratify(controls=controls, cells="group")
        assert found.weights == pytest.approx(theirs.data["ps_wgt"].to_numpy(), rel=1e-9)
