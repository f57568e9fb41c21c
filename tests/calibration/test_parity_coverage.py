"""Channels that differ by the whole margin are called alike no more often than is stated."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import cxm_core as cx

SEED = 20261122
RUNS = int(os.environ.get("CXM_RUNS", "20000")) // 40
FEW = 25
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = np.timedelta64(1, "h").astype("timedelta64[us]")
Rng = np.random.Generator


def medians(rng: Rng, n: int) -> Any:
    """Times of a heavy tail, three hours apart, the youngest of them still open."""
    spread = rng.lognormal(np.log(10), 0.7, 2 * n) + np.repeat([0.0, 3.0], n)
    opened = np.datetime64("2026-01-01", "us") + rng.uniform(0, 240, 2 * n) * HOUR
    table = {
        "opened_at": opened,
        "solved_at": opened + spread * HOUR,
        "channel": np.repeat(["chat", "phone"], n),
        "customer": np.arange(2 * n),
    }
    until = BEGIN + timedelta(hours=245)
    return cx.channel_parity(table, margins={"resolution_time": "3h"}, until=until, against="chat")[
        "resolution_time: phone"
    ]


def contacts(rng: Rng, n: int) -> Any:
    """Numbers of contacts of which one channel takes 0.3 more."""
    table = {
        "contacts": 1 + np.concatenate([rng.poisson(1.0, n), rng.poisson(1.3, n)]),
        "channel": np.repeat(["chat", "phone"], n),
        "customer": np.arange(2 * n),
    }
    found = cx.channel_parity(table, margins={"contacts": 0.3}, against="chat")
    return found["contacts: phone"]


def satisfaction(rng: Rng, n: int) -> Any:
    """Shares of satisfied customers of which one channel has a tenth less."""
    table = {
        "score": np.where(rng.random(2 * n) < np.repeat([0.8, 0.7], n), 5, 2),
        "channel": np.repeat(["chat", "phone"], n),
        "customer": np.arange(2 * n),
    }
    found = cx.channel_parity(table, margins={"csat": 0.1}, scale="1-5", against="chat")
    return found["csat: phone"]


EACH = pytest.mark.parametrize("make", [medians, contacts, satisfaction])


def wrong(make: Callable[[Rng, int], Any], n: int, runs: int) -> tuple[int, int]:
    """How often sides at the margin are called alike, and how often apart."""
    rng = np.random.default_rng(SEED)
    said = [make(rng, n).decision for _ in range(runs)]
    return said.count("equivalent"), said.count("different")


@EACH
def test_few_runs(make: Callable[[Rng, int], Any]) -> None:
    """At one in twenty, six wrong verdicts of a kind in 25 runs would be a miracle."""
    assert max(wrong(make, 150, FEW)) <= 5


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("n", [100, 300, 1_000])
def test_many_runs(make: Callable[[Rng, int], Any], n: int) -> None:
    """At the margin one run in twenty says alike; three standard errors are let pass."""
    alike, apart = wrong(make, n, RUNS)
    told = f"alike {alike / RUNS:.4f}, apart {apart / RUNS:.4f}"
    sys.stdout.write(f"{make.__name__}, n={n}: {told} ({RUNS:,} runs, seed {SEED})\n")
    assert max(alike, apart) <= RUNS * 0.05 + 3 * np.sqrt(RUNS * 0.05 * 0.95)
