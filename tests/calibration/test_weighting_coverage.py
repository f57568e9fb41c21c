"""Intervals of raked samples, and of large parts of a population, really cover."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from cxm_core.errors import UsageError
from cxm_core.stats import (
    CodedAxis,
    RatioEstimate,
    Tally,
    linear_ratio,
    rake,
    score_interval,
)

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, int(os.environ.get("CXM_RUNS", "2000"))
BALANCE = (-1, 0, 1), (1, 1, 1)
# Shares of minus, neutral and plus where nothing is known of a row.
MIXES = {"typical": (0.20, 0.35, 0.45), "extreme": (0.01, 0.09, 0.90)}
# Shares of the categories in the population, how they answer, and how much more they turn up.
FIRST, SECOND = np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.4])
TASTES = np.array([-1.0, 0.3, 1.5]), np.array([-0.5, 0.8])
TURNOUT = np.array([0.0, 0.8, 1.2]), np.array([0.0, 0.7])


class Survey(NamedTuple):
    """Whom a survey reaches, and how they answer."""

    mix: str
    strength: float
    n: int
    repeats: int

    @property
    def tastes(self) -> np.ndarray:
        """How far each combination of categories lies from the mix."""
        return self.strength * (TASTES[0][:, None] + TASTES[1]).ravel()

    @property
    def cuts(self) -> np.ndarray:
        """Where a latent normal answer becomes neutral, and plus."""
        return np.asarray(ndtri(np.cumsum(MIXES[self.mix])[:2]))

    @property
    def truth(self) -> float:
        """Balance of the whole population."""
        weights = (FIRST[:, None] * SECOND).ravel()
        low, high = (ndtr(cut - self.tastes) for cut in self.cuts)
        return float((weights * (1 - high - low)).sum())

    def drawn(self, rng: np.random.Generator) -> tuple[RatioEstimate, RatioEstimate]:
        """A raked sample: with its margins, and as if the weights had fallen from the sky."""
        reach = FIRST[:, None] * SECOND * np.exp(TURNOUT[0][:, None] + TURNOUT[1])
        units = self.n // self.repeats
        cell = np.repeat(rng.choice(6, units, p=(reach / reach.sum()).ravel()), self.repeats)
        shared = np.repeat(rng.standard_normal(units), self.repeats)
        own = rng.standard_normal(units * self.repeats)
        half = np.sqrt(0.5) if self.repeats > 1 else 0.0
        latent = self.tastes[cell] + half * shared + np.sqrt(1 - half**2) * own
        level_codes = np.digitize(latent, self.cuts)
        codes = [cell // 2, cell % 2]
        weights, *_, is_converged = rake(codes, [FIRST * self.n, SECOND * self.n])
        if not is_converged:
            raise UsageError("Empty combinations keep the margins apart.")
        fit, place = np.unique(weights, return_inverse=True)
        margins = [CodedAxis.of(f"@m{i}", code, role="margin") for i, code in enumerate(codes)]
        factor = CodedAxis(name="@fit", labels=[w.hex() for w in fit], codes=place, role="fit")
        cluster = CodedAxis.of(
            "@c", np.arange(units * self.repeats) // self.repeats, role="cluster"
        )
        design = [cluster] if self.repeats > 1 else []
        found = [
            linear_ratio(
                Tally.from_codes(
                    levels=(-1, 0, 1), level_codes=level_codes, axes=axes, weights=weights
                ),
                *BALANCE,
            )
            for axes in ([*margins, factor, *design], design)
        ]
        return found[0], found[1]


def covers(found: RatioEstimate, truth: float) -> tuple[bool, float]:
    """Whether the score interval at the effective number holds the truth, and its width."""
    n = found.effective_n
    low, high = score_interval(found.level_shares[:, 2] * n, found.level_shares[:, 0] * n, n)
    return bool(low[0] <= truth <= high[0]), float(high[0] - low[0])


@pytest.mark.parametrize("n", [60, 120])
@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("strength", [0.0, 0.6])
@pytest.mark.parametrize("mix", MIXES)
def test_raked_samples_cover(mix: str, strength: float, repeats: int, n: int) -> None:
    """Raked to two margins, clusters or not: at least 0.90 less three standard errors."""
    survey = Survey(mix, strength, n, repeats)
    rng = np.random.default_rng([SEED, n, repeats, int(10 * strength), len(mix)])
    known, naive, errors, values = [], [], [], []
    while len(known) < RUNS:
        try:
            knowing, plain = survey.drawn(rng)
        except UsageError:  # nobody in a category: a user is told, and merges it
            continue
        known.append(covers(knowing, survey.truth))
        naive.append(covers(plain, survey.truth))
        errors.append(knowing.standard_error[0])
        values.append(knowing.value[0])
    (covered, width), (without, wide) = (np.mean(found, axis=0) for found in (known, naive))
    sys.stdout.write(
        f"raked, n={n}, {repeats} answers a cluster, {mix}, strength {strength}, {RUNS} runs, "
        f"seed={SEED}: {covered:.3f}, width {100 * width:.0f} points; weights alone "
        f"{without:.3f}, {100 * wide:.0f} points; standard error over spread "
        f"{np.mean(errors) / np.std(values):.3f}\n"
    )
    assert covered >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)


@pytest.mark.parametrize("drawn", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("mix", MIXES)
def test_parts_of_a_population_cover(mix: str, drawn: float) -> None:
    """Drawn without replacement out of 100: at least 0.90 less three standard errors."""
    rng = np.random.default_rng([SEED, int(100 * drawn), len(mix)])
    counts = np.rint(100 * np.array(MIXES[mix])).astype(int)
    people, size = np.repeat([0, 1, 2], counts), int(100 * drawn)
    truth = (counts[2] - counts[0]) / 100
    found = []
    for _ in range(RUNS):
        tally = Tally.from_codes(
            levels=(-1, 0, 1), level_codes=rng.choice(people, size, replace=False)
        )
        known, endless = (linear_ratio(tally, *BALANCE, population=n) for n in (100, None))
        found.append((*covers(known, truth), *covers(endless, truth)))
    covered, width, without, wide = np.mean(found, axis=0)
    sys.stdout.write(
        f"{size} of 100, {mix}, {RUNS} runs, seed={SEED}: {covered:.3f}, width {100 * width:.0f} "
        f"points; as if endless {without:.3f}, {100 * wide:.0f} points\n"
    )
    assert covered >= 0.90 - 3 * np.sqrt(0.90 * 0.10 / RUNS)
