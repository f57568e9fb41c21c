"""Sequences that are looked at daily for a year, and charts that are looked at daily for a year."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.stats import (
    ASYMPTOTIC_START,
    SEQUENCE_METHODS,
    detect_change,
    mid_p,
    score_interval,
)

pytestmark = pytest.mark.slow

SEED, RUNS = 20261122, int(os.environ.get("CXM_RUNS", "10000"))
DAYS, LEVEL, BAR = 365, 0.95, 0.05
LEVELS = (-1.0, 0.0, 1.0)
# Shares of minus, neutral and plus.
MIXES = {"typical": (0.20, 0.35, 0.45), "extreme": (0.01, 0.09, 0.90)}
RATES = (3, 30)


def told(text: str) -> None:
    """Print what was measured."""
    sys.stdout.write(f"{text}, {RUNS:,} runs, seed={SEED}\n")


def allowed(rate: float, runs: int = RUNS) -> float:
    """A rate, and three standard errors of its simulation."""
    return rate + 3 * np.sqrt(rate * (1 - rate) / runs)


def years(mix: str, rows: int) -> np.ndarray:
    """Counts of each day of many years (runs, days, levels)."""
    rng = np.random.default_rng([SEED, rows, len(mix)])
    return rng.multinomial(rows, MIXES[mix], size=(RUNS, DAYS))


def ever_missed(method: str, counts: np.ndarray, truth: float, levels: tuple[float, ...]) -> float:
    """Share of years in which some look missed; a look without limits cannot."""
    missed = 0
    for year in counts:
        low, high = SEQUENCE_METHODS[method](year, levels)
        missed += bool(((truth < low) | (truth > high)).any())
    return missed / len(counts)


@pytest.mark.parametrize("rows", RATES)
@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("method", ["betting", "empirical_bernstein"])
def test_daily_looks_rarely_ever_miss(method: str, mix: str, rows: int) -> None:
    """Of years with a look every day, at most one in twenty ever misses."""
    truth = MIXES[mix][2] - MIXES[mix][0]
    missed = ever_missed(method, years(mix, rows), truth, LEVELS)
    told(f"{method}, {mix}, {rows} answers a day, {DAYS} looks: ever missed {missed:.4f}")
    assert missed <= BAR


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_daily_looks_at_a_share(share: float) -> None:
    """The same for the mixture of likelihood ratios of a share, at three answers a day."""
    hits = np.random.default_rng([SEED, 7]).binomial(3, share, size=(RUNS, DAYS))
    missed = ever_missed("bernoulli", np.stack([3 - hits, hits], axis=-1), share, (0.0, 1.0))
    told(f"bernoulli, share {share}, 3 answers a day, {DAYS} looks: ever missed {missed:.4f}")
    assert missed <= BAR


@pytest.mark.parametrize("rows", RATES)
@pytest.mark.parametrize("mix", MIXES)
def test_asymptotic_rate(mix: str, rows: int) -> None:
    """From its first look on, the asymptotic sequence misses about as often as it says."""
    truth = MIXES[mix][2] - MIXES[mix][0]
    missed = ever_missed("asymptotic", years(mix, rows), truth, LEVELS)
    told(
        f"asymptotic from {ASYMPTOTIC_START} answers on, {mix}, {rows} answers a day, "
        f"{DAYS} looks: ever missed {missed:.4f}"
    )
    assert missed <= allowed(BAR)


@pytest.mark.parametrize("mix", MIXES)
def test_a_year_of_looks_at_an_unchanging_process(mix: str) -> None:
    """An interval for one look raises false alarms all year; the sequence hardly ever does."""
    counts, truth = years(mix, 3)[: max(RUNS // 10, 50)], MIXES[mix][2] - MIXES[mix][0]
    total = counts.cumsum(axis=1)
    low, high = score_interval(total[..., 2], total[..., 0], total.sum(axis=-1))
    fixed = (truth < low) | (truth > high)
    alarms = fixed & ~np.pad(fixed, ((0, 0), (1, 0)))[:, :-1]
    anytime = ever_missed("betting", counts, truth, LEVELS)
    ever = float(fixed.any(axis=1).mean())
    sys.stdout.write(
        f"unchanging {mix}, 3 answers a day, {DAYS} looks: the interval for one look ever alarms "
        f"in {ever:.3f} of years, {alarms.sum(axis=1).mean():.2f} times a year; "
        f"the sequence in {anytime:.4f}; {len(counts):,} years, seed={SEED}\n"
    )
    assert ever > 0.2
    assert anytime <= allowed(BAR, len(counts))


def test_weekly_flags_at_an_unchanging_process() -> None:
    """Each week against the one before, at one look each: some two or three alarms a year."""
    rng = np.random.default_rng([SEED, 52])
    counts = rng.multinomial(60, MIXES["typical"], size=(max(RUNS // 10, 50), 52))
    n = counts.sum(axis=-1)
    share = counts / n[..., None]
    value = share[..., 2] - share[..., 0]
    variance = (share[..., 2] + share[..., 0] - value**2) / n
    z = np.diff(value, axis=1) / np.sqrt(variance[:, 1:] + variance[:, :-1])
    flags = (np.abs(z) > 1.96).sum(axis=1)
    evidence = [
        detect_change(year, LEVELS, known=(0.25, 0.25), average_run_length=520).alarm
        for year in counts
    ]
    found = float(np.mean([alarm is not None for alarm in evidence]))
    sys.stdout.write(
        f"unchanging typical, 60 answers a week: week against week flags {flags.mean():.2f} times "
        f"a year; a detector with a run of 520 weeks alarms in {found:.4f} of years; "
        f"{len(counts):,} years, seed={SEED}\n"
    )
    assert 2.0 < flags.mean() < 3.2
    # A mean run of ten years: an alarm within the first is rarer than one in ten.
    assert found <= allowed(0.1, len(counts))


@pytest.mark.parametrize("mix", MIXES)
def test_run_length_without_a_change(mix: str) -> None:
    """The mean time to a false alarm is at least what was asked for."""
    wanted, runs = 100, max(RUNS // 50, 50)
    truth = MIXES[mix][2] - MIXES[mix][0]
    rng = np.random.default_rng([SEED, 9, len(mix)])
    lengths = []
    for _ in range(runs):
        counts = rng.multinomial(3, MIXES[mix], size=40 * wanted)
        known = (truth, truth)
        alarm = detect_change(counts, LEVELS, known=known, average_run_length=wanted).alarm
        lengths.append(40 * wanted if alarm is None else alarm + 1)
    mean, error = np.mean(lengths), np.std(lengths) / np.sqrt(runs)
    sys.stdout.write(
        f"detector, {mix}, 3 answers a look, asked for {wanted} looks: mean run at least "
        f"{mean:.0f} (standard error {error:.0f}), {runs:,} runs, seed={SEED}\n"
    )
    assert mean >= wanted - 3 * error


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_looks_at_a_share(share: float) -> None:
    """A share's interval for one look, looked at daily, misses in a year far too often."""
    hits = np.random.default_rng([SEED, 7]).binomial(3, share, size=(max(RUNS // 10, 50), DAYS))
    n = 3.0 * np.arange(1, DAYS + 1)
    low, high = mid_p(hits.cumsum(axis=1), np.broadcast_to(n, hits.shape))
    ever = float(((share < low) | (share > high)).any(axis=1).mean())
    sys.stdout.write(
        f"mid-P of a share of {share}, 3 answers a day, {DAYS} looks: ever missed {ever:.3f}, "
        f"{len(hits):,} years, seed={SEED}\n"
    )
    assert ever > 0.15


@pytest.mark.parametrize("mix", MIXES)
def test_verdicts_against_an_estimated_baseline(mix: str) -> None:
    """Of years without a change, few are called changed, though the baseline is a sample, too."""
    runs = max(RUNS // 20, 50)
    rng = np.random.default_rng([SEED, 11, len(mix)])
    days = np.repeat(np.arange(DAYS), 3)
    by_sequence = by_detector = 0
    for _ in range(runs):
        before, scores = (rng.choice([3, 8, 10], p=MIXES[mix], size=n) for n in (400, 3 * DAYS))
        found = cx.track(scores, days, metric="nps", baseline=cx.nps(before))
        by_sequence += found.changed_at is not None
        by_detector += found.alarm_at is not None
    told_ = f"sequence {by_sequence / runs:.4f}, detector {by_detector / runs:.4f}"
    sys.stdout.write(
        f"unchanging {mix}, baseline of 400 answers, {DAYS} looks of three answers: called changed "
        f"by the {told_}; {runs:,} years, seed={SEED}\n"
    )
    assert by_sequence / runs <= allowed(BAR, runs)
    assert by_detector / runs <= allowed(BAR / 2 + DAYS / 10_000, runs)


@pytest.mark.parametrize("fall", [10, 20])
def test_how_soon_a_fall_is_noticed(fall: int) -> None:
    """After half a year of calm, the detector notices a fall well before the sequence does."""
    rng = np.random.default_rng([SEED, 13, fall])
    calm, part = MIXES["typical"], fall / 200
    worse = (calm[0] + part, calm[1], calm[2] - part)
    by_detector, by_sequence = [], []
    for _ in range(60):
        days = [rng.multinomial(20, mix, size=n) for mix, n in ((calm, 180), (worse, 400))]
        counts = np.concatenate(days)
        alarm = detect_change(counts, LEVELS, known=(0.25, 0.25), average_run_length=1e4).alarm
        out = SEQUENCE_METHODS["betting"](counts, LEVELS).high < 0.25
        by_detector.append(len(counts) if alarm is None else alarm - 180)
        by_sequence.append(int(out.argmax()) - 180 if out.any() else len(counts))
    soon, late = np.median(by_detector), np.median(by_sequence)
    sys.stdout.write(
        f"a fall of {fall} points after 180 days, 20 answers a day: median days to notice, "
        f"detector {soon:.0f}, sequence {late:.0f}; 60 runs, seed={SEED}\n"
    )
    assert soon < 0.75 * late
