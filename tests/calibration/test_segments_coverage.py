"""Pooling, ranking, differences from the rest, decompositions and plans do what they say."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.stats import mid_p, mover, score_interval

pytestmark = pytest.mark.slow

SEED = 20261122
RUNS = int(os.environ.get("CXM_RUNS", "1000"))
LEVELS = np.array([3, 8, 10])
# Shares of minus, neutral and plus, and how alike groups are: the larger, the more.
CLOUDS = {
    "typical, groups differ": ((0.20, 0.35, 0.45), 20),
    "typical, groups alike": ((0.20, 0.35, 0.45), 200),
    "near the top": ((0.02, 0.08, 0.90), 30),
}


def told(what: str, figure: float, runs: int) -> None:
    """Print what was measured, with its runs."""
    sys.stdout.write(f"{what}: {figure:.4f} ({runs} runs, seed {SEED})\n")


def answered(rng: np.random.Generator, shares: Any, sizes: Any) -> tuple[Any, Any]:
    """Scores and groups of a sample with these shares in each group."""
    counts = np.array([rng.multinomial(n, p) for n, p in zip(sizes, shares, strict=True)])
    by = np.repeat(np.arange(len(sizes)), counts.sum(axis=1))
    scores = np.concatenate([np.repeat(LEVELS, row) for row in counts])
    return scores, by


@pytest.mark.parametrize("groups", [6, 40, 300])
@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("metric", ["nps", "top_box"])
def test_pooled_intervals_cover(cloud: str, groups: int, metric: str) -> None:
    """Over groups, at least 0.90 of pooled intervals hold the truth, and errors are smaller."""
    shares, alike = CLOUDS[cloud]
    runs = max(RUNS * 6 // groups, 5)
    rng = np.random.default_rng([SEED, groups, len(cloud), len(metric)])
    held, own, pooled_error, own_error = [], [], [], []
    for _ in range(runs):
        truth = rng.dirichlet(np.array(shares) * alike, groups)
        sizes = np.exp(rng.uniform(np.log(3), np.log(100), groups)).astype(int)
        scores, by = answered(rng, truth, sizes)
        wanted = 100 * (truth[:, 2] - truth[:, 0]) if metric == "nps" else truth[:, 2]
        if metric == "nps":
            made = cx.nps(scores, by=by)
        else:
            made = cx.top_box(scores, scale="0-10", top=(10,), by=by)
        pooled = cx.pool(made)
        held.append(((pooled.low <= wanted) & (wanted <= pooled.high)).mean())
        own.append(((made.low <= wanted) & (wanted <= made.high)).mean())
        pooled_error.append(np.abs(pooled.value - wanted).mean())
        own_error.append(np.abs(made.value - wanted).mean())
    name = f"{metric}, {cloud}, {groups} groups"
    told(f"pooled intervals, {name}", np.mean(held), runs)
    told(f"own intervals, {name}", np.mean(own), runs)
    told(f"error of pooled over own, {name}", np.mean(pooled_error) / np.mean(own_error), runs)
    error = np.std(held) / np.sqrt(runs)
    assert np.mean(held) >= 0.90 - 3 * error
    assert np.mean(pooled_error) < np.mean(own_error)


@pytest.mark.parametrize("groups", [5, 20])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_places_cover(cloud: str, groups: int) -> None:
    """At least 0.93 of the places hold the true one, and the best is the best as often."""
    shares, alike = CLOUDS[cloud]
    runs = max(RUNS // 4, 20)
    rng = np.random.default_rng([SEED, groups, len(cloud)])
    held, named, right = [], 0, 0
    for _ in range(runs):
        truth = rng.dirichlet(np.array(shares) * alike, groups)
        scores, by = answered(rng, truth, rng.integers(20, 300, groups))
        found = cx.rank(cx.nps(scores, by=by), n_resamples=500)
        value = truth[:, 2] - truth[:, 0]
        true = (-value).argsort().argsort() + 1
        held.append(((found.first_place <= true) & (true <= found.last_place)).mean())
        if found.best is not None:
            named, right = named + 1, right + int(true[found.best] == 1)
    told(f"places, {cloud}, {groups} groups", np.mean(held), runs)
    told(f"best named, {cloud}, {groups} groups", named / runs, runs)
    told(f"best right, {cloud}, {groups} groups", right / max(named, 1), named)
    assert np.mean(held) >= 0.93 - 3 * np.std(held) / np.sqrt(runs)
    assert right >= named * 0.95 - 3 * np.sqrt(max(named, 1) * 0.05) - 1


@pytest.mark.parametrize("groups", [3, 12, 60])
def test_false_claims_are_rare(groups: int) -> None:
    """Of alike groups, one look in twenty at most claims any, with Holm or intervals for all."""
    rng = np.random.default_rng([SEED, groups])
    claims = {"holm": 0, "simultaneous": 0, "none": 0}
    for _ in range(RUNS):
        sizes = rng.integers(15, 120, groups)
        scores, by = answered(rng, [(0.15, 0.25, 0.60)] * groups, sizes)
        for adjust in claims:
            found = cx.against_rest(scores, metric="nps", by=by, adjust=adjust)
            if adjust == "simultaneous":
                claims[adjust] += bool(((found.low > 0) | (found.high < 0)).any())
            else:
                claims[adjust] += bool((found.figures["p_adjusted"] < 0.05).any())
    for adjust, count in claims.items():
        told(f"any false claim, {adjust}, {groups} groups", count / RUNS, RUNS)
    bar = 0.055 + 3 * np.sqrt(0.055 * 0.945 / RUNS)
    assert claims["holm"] / RUNS <= bar
    assert claims["simultaneous"] / RUNS <= bar


def test_false_discoveries_are_few() -> None:
    """With one group in ten truly different, at most 5 % of what "bh" claims is false.

    As many groups lie above as below, or else the rest of the alike ones would differ from them.
    """
    rng = np.random.default_rng([SEED, 1])
    runs, shares = max(RUNS // 5, 20), []
    for _ in range(runs):
        odd = [(0.50, 0.25, 0.25)] * 5 + [(0.05, 0.15, 0.80)] * 5
        truth = [(0.25, 0.25, 0.50)] * 90 + odd
        scores, by = answered(rng, truth, rng.integers(30, 120, 100))
        found = cx.against_rest(scores, metric="nps", by=by, adjust="bh")
        claimed = found.figures["p_adjusted"] < 0.05
        shares.append(claimed[:90].sum() / max(claimed.sum(), 1))
    told("false discoveries of bh, 100 groups", np.mean(shares), runs)
    assert np.mean(shares) <= 0.05 + 3 * np.std(shares) / np.sqrt(runs)


@pytest.mark.parametrize("size", [60, 300])
@pytest.mark.parametrize("clustered", [False, True])
def test_steps_cover(size: int, clustered: bool) -> None:
    """Intervals of mix and rate hold the truth at least 0.90 of the time."""
    rng = np.random.default_rng([SEED, size, clustered])
    parts = np.array([[0.5, 0.3, 0.2], [0.35, 0.35, 0.3]])
    plus = np.array([[0.6, 0.4, 0.5], [0.65, 0.4, 0.3]])
    value = 2 * plus - 1
    middle = (parts * value).sum(axis=1).mean()
    mix = (parts[1] - parts[0]) * (value.mean(axis=0) - middle)
    rate = (value[1] - value[0]) * parts.mean(axis=0)
    truth = {f"mix: {g}": mix[g] for g in range(3)} | {f"rate: {g}": rate[g] for g in range(3)}
    held = dict.fromkeys(truth, 0)
    for _ in range(RUNS):
        sides, groups, units = [], [], []
        for i in (0, 1):
            unit = np.arange(size) // 2 if clustered else np.arange(size)
            by = rng.choice(3, p=parts[i], size=unit.max() + 1)[unit]
            # Two answers of one unit are alike half of the time.
            draws = rng.random(size)
            if clustered:
                same = rng.random(size) < 0.5
                draws = np.where(same, draws[unit * 2], draws)
            sides.append(np.where(draws < plus[i][by], 10, 3))
            groups.append(by)
            units.append(unit)
        design = {"clusters": tuple(units)} if clustered else None
        found = cx.decompose(*sides, metric="nps", by=tuple(groups), design=design)
        for step in found.steps:
            held[step.name] += step.low <= 100 * truth[step.name] <= step.high
    for name, count in held.items():
        told(f"{name}, {size} answers, clustered {clustered}", count / RUNS, RUNS)
    assert min(held.values()) / RUNS >= 0.90 - 3 * np.sqrt(0.09 / RUNS)


@pytest.mark.parametrize("metric", ["nps", "csat"])
def test_plans_have_their_power(metric: str) -> None:
    """Planned comparisons show the difference as often as the power says, within two points."""
    rng = np.random.default_rng([SEED, len(metric)])
    runs = 20 * RUNS
    if metric == "nps":
        n = cx.plan("nps", difference=12, expected={"promoters": 0.45, "detractors": 0.20}).n
        counts = [
            rng.multinomial(n, p, runs).T for p in ((0.2, 0.35, 0.45), (0.1772, 0.2756, 0.5472))
        ]
        sides = [((p - m) / n, *score_interval(p, m, n)) for m, _, p in counts]
    else:
        n = cx.plan("csat", difference=0.1, expected=0.7).n
        counts = [rng.binomial(n, p, runs) for p in (0.7, 0.6)]
        sides = [(x / n, *mid_p(x, n)) for x in counts]
    low, high = mover(sides[1], sides[0])
    shown = float(((low > 0) | (high < 0)).mean())
    told(f"power of a plan for 0.8, {metric}, n={n}", shown, runs)
    assert abs(shown - 0.8) < 0.02 + 3 * np.sqrt(0.16 / runs)
