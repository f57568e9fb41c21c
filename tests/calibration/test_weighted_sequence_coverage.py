"""Weighted sequences that are looked at daily for a year."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from attrs import frozen

import cxm_core as cx
from cxm_core.stats import (
    ASYMPTOTIC_START,
    kish,
    normal_mixture_bound,
    weighted_betting_sequence,
)

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, int(os.environ.get("CXM_RUNS", "10000"))
DAYS, BAR = 365, 0.05
LEVELS = np.array([-1.0, 0.0, 1.0])
STAKES = 2.0 ** -(np.arange(20) / 2)
# Shares of minus, neutral and plus.
MIXES = {"typical": (0.20, 0.35, 0.45), "extreme": (0.01, 0.09, 0.90)}
BLOCK = 250


@frozen
class Weights:
    """Weights as shares of the greatest, drawn with or without regard to the answers."""

    kind: str

    def of(self, answers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One weight for each answer."""
        if self.kind == "few rare heavy":
            return np.where(rng.random(answers.shape) < 0.05, 1.0, 0.1)
        if self.kind == "lognormal, cut at 5":
            return np.minimum(rng.lognormal(sigma=0.8, size=answers.shape), 5.0) / 5.0
        # Who is unhappy answers more often, and weighs less for it.
        return np.array([0.25, 0.5, 1.0])[(answers + 1).astype(np.int64)]

    def truth(self, mix: tuple[float, ...]) -> float:
        """Weighted mean of all who could answer."""
        told = np.array([0.25, 0.5, 1.0] if self.kind == "by the answer" else [1.0, 1.0, 1.0])
        return float((mix * told) @ LEVELS / (mix @ told))


KINDS = [Weights(kind) for kind in ("lognormal, cut at 5", "by the answer", "few rare heavy")]
parts = pytest.mark.parametrize(
    ("weights", "mix", "rows"),
    [(weights, mix, rows) for weights in KINDS for mix in MIXES for rows in (3, 30)],
    ids=lambda part: part.kind if isinstance(part, Weights) else str(part),
)


def told(text: str, runs: int = RUNS) -> None:
    """Print what was measured."""
    sys.stdout.write(f"{text}, {runs:,} runs, seed={SEED}\n")


def years(
    runs: int, mix: str, rows: int, weights: Weights, start: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Answers and weights of some years (runs, days * rows)."""
    rng = np.random.default_rng([SEED, start, rows, len(mix), len(weights.kind)])
    answers = rng.choice(LEVELS, p=MIXES[mix], size=(runs, DAYS * rows))
    return answers, weights.of(answers, rng)


def ruled_out(answers: np.ndarray, shares: np.ndarray, truth: float) -> np.ndarray:
    """Whether bets against the true mean have made forty of one at the end of each day."""
    values, trial = (answers + 1) / 2, (truth + 1) / 2
    out = np.zeros((len(answers), DAYS), dtype=np.bool_)
    for x, m in ((values, trial), (1 - values, 1 - trial)):
        wealth = np.zeros((len(answers), DAYS))
        for stake in STAKES:
            growth = np.log(np.maximum(1 + stake * shares * (x / m - 1), 1e-300))
            grown = growth.reshape(len(answers), DAYS, -1).sum(axis=2).cumsum(axis=1)
            wealth += np.exp(np.minimum(grown, 700.0)) / STAKES.size
        out |= wealth > 40
    return out


@parts
def test_daily_looks_rarely_ever_miss(weights: Weights, mix: str, rows: int) -> None:
    """Of years with a look every day at weighted answers, at most one in twenty ever misses."""
    truth, missed, runs = weights.truth(MIXES[mix]), 0, RUNS if rows == 3 else max(RUNS // 10, 50)
    for start in range(0, runs, BLOCK):
        answers, shares = years(min(BLOCK, runs - start), mix, rows, weights, start)
        missed += int(ruled_out(answers, shares, truth).any(axis=1).sum())
    told(
        f"betting, {mix}, weights {weights.kind}, {rows} answers a day, {DAYS} looks: "
        f"ever missed {missed / runs:.4f}",
        runs,
    )
    assert missed / runs <= BAR


def test_limits_are_those_bets() -> None:
    """A look misses where, and only where, the bets against the truth have made forty of one."""
    weights, found = KINDS[1], []
    answers, shares = years(40, "extreme", 3, weights)
    # A mean beside the true one is ruled out in some years and not in others.
    trial = weights.truth(MIXES["extreme"]) - 0.015
    cells = [(level, share) for level in LEVELS for share in (0.25, 0.5, 1.0)]
    for row, share in zip(answers, shares, strict=True):
        counts = np.stack([(row == x) & (share == w) for x, w in cells], axis=1)
        looks = counts.reshape(DAYS, -1, len(cells)).sum(axis=1)
        low, high = weighted_betting_sequence(looks, *zip(*cells, strict=True))
        found.append((trial < low) | (trial > high))
    wanted = ruled_out(answers, shares, trial)
    assert np.array_equal(np.array(found), wanted)
    assert 0 < wanted.any(axis=1).sum() < len(wanted)


@parts
def test_asymptotic_rate(weights: Weights, mix: str, rows: int) -> None:
    """From its first look on, the asymptotic sequence misses about as often as it says."""
    truth, runs = weights.truth(MIXES[mix]), RUNS if rows == 3 else max(RUNS // 10, 50)
    missed = looked = 0
    for start in range(0, runs, BLOCK):
        x, w = years(min(BLOCK, runs - start), mix, rows, weights, start)
        sums = [w, w * w, w * x, w * w * x, w * w * x * x]
        w1, w2, wx, w2x, w2x2 = (
            part.reshape(len(x), DAYS, -1).sum(axis=2).cumsum(axis=1) for part in sums
        )
        mean, n = wx / w1, kish(w1, w2)
        gaps = w2x2 - 2 * mean * w2x + mean**2 * w2
        half = np.sqrt(np.maximum(gaps, 0) * n) / w1 * normal_mixture_bound(n, best_at=1_000) / n
        seen = n >= ASYMPTOTIC_START
        looked += int(seen.any(axis=1).sum())
        missed += int((seen & (np.abs(mean - truth) > half)).any(axis=1).sum())
    told(
        f"asymptotic from {ASYMPTOTIC_START} effective answers on, {mix}, weights {weights.kind}, "
        f"{rows} answers a day, {DAYS} looks: ever missed {missed / max(looked, 1):.4f} of "
        f"{looked:,} years that got there",
        runs,
    )
    rate = max(missed / max(looked, 1), BAR)
    assert rate <= BAR + 3 * np.sqrt(BAR * (1 - BAR) / max(looked, 1))


def test_verdicts_of_weighted_years() -> None:
    """Of years without a change, few are called changed, weights and answers hanging together."""
    runs, weights = max(RUNS // 50, 50), KINDS[1]
    answers, shares = years(runs, "typical", 3, weights)
    days = np.repeat(np.arange(DAYS), 3)
    scores = np.array([3, 8, 10])[(answers + 1).astype(np.int64)]
    known = 100 * weights.truth(MIXES["typical"])
    found = [
        cx.track(s, days, metric="nps", baseline=known, weights=w, max_weight=1.0)
        for s, w in zip(scores, shares, strict=True)
    ]
    by_sequence = sum(year.changed_at is not None for year in found) / runs
    by_detector = sum(year.alarm_at is not None for year in found) / runs
    told(
        f"unchanging typical, weights {weights.kind}, {DAYS} looks of three answers: called "
        f"changed by the sequence {by_sequence:.4f}, detector {by_detector:.4f}",
        runs,
    )
    assert by_sequence <= BAR + 3 * np.sqrt(BAR * (1 - BAR) / runs)
    assert by_detector <= DAYS / 10_000 + 3 * np.sqrt(0.04 / runs)
