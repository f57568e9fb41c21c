"""Intervals about journeys really cover, with customers who come several times and go late."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import cxm_core as cx

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS, TAKES = 60, 3
SEEDS = 1_000


def shop(seed: int) -> dict[str, Any]:
    """Two hundred customers with one to four visits, each with a leaning of their own to pay.

    A third of those who pay do so after hours, two thirds after days; the log ends at day 60.
    """
    rng = np.random.default_rng(seed)
    visits = rng.integers(1, 5, 200)
    customer = np.repeat(np.arange(200), visits)
    leaning = rng.beta(2, 3, 200)[customer]
    begun = rng.uniform(0, DAYS, customer.size)
    quick = rng.random(customer.size) < 1 / 3
    lasts = np.where(quick, rng.uniform(0, 0.2, customer.size), rng.uniform(1, 6, customer.size))
    pays = (rng.random(customer.size) < leaning) & (begun + lasts < DAYS)
    case = np.arange(customer.size)
    day = np.append(begun, (begun + lasts)[pays])
    return {
        "case": np.append(case, case[pays]),
        "customer": np.append(customer, customer[pays]),
        "activity": np.array(["cart"] * case.size + ["paid"] * int(pays.sum()), object),
        "occurred_at": np.datetime64("2026-01-01", "us") + (day * 86_400e6).astype("m8[us]"),
    }


def share_by(days: float) -> float:
    """True share that has paid so many days after the cart."""
    return 0.4 * (min(days / 0.2, 1) / 3 + 2 / 3 * min(max((days - 1) / 5, 0), 1))


def told(name: str, covered: list[bool]) -> None:
    """Write how often the truth was in the interval."""
    sys.stdout.write(f"{name}: {np.mean(covered):.3f} of {len(covered)}\n")


def test_funnel_covers() -> None:
    """The share within three days is in the interval in at least 93 of 100 logs."""
    end = START + timedelta(days=DAYS)
    covered = []
    for seed in range(SEEDS):
        found = cx.funnel(shop(seed), ["cart", "paid"], within="3d", until=end)["paid"]
        covered.append(found.low <= share_by(TAKES) <= found.high)
    told("funnel within three days", covered)
    assert np.mean(covered) >= 0.93


def test_counting_only_early_ones_would_not_cover() -> None:
    """Counting unfinished cases as not there is too low in most logs: the censoring is needed."""
    covered = []
    for seed in range(60):
        found = cx.funnel(shop(seed), ["cart", "paid"])["paid"]
        covered.append(found.low <= share_by(6) <= found.high)
    told("funnel without an end", covered)
    assert np.mean(covered) < 0.93


def test_time_to_value_covers() -> None:
    """The share that is there after a day and after four is in the band as often as it says."""
    end = START + timedelta(days=DAYS)
    for days in (1, 4):
        covered = []
        for seed in range(SEEDS):
            curve = cx.time_to_value(shop(seed), start="cart", goal="paid", until=end)
            found = curve.at(days * 86_400)
            covered.append(found.low <= share_by(days) <= found.high)
        told(f"time to value after {days} days", covered)
        assert np.mean(covered) >= 0.93
