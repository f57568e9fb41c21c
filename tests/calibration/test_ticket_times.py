"""Intervals of times of tickets cover what they say, whatever is open at the cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import cxm_core as cx

CUT = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 86_400.0


def tickets(rng: np.random.Generator, n: int) -> dict[str, list[object]]:
    """Tickets of the last thirty days, their times skew; a fifth ends in another way."""
    age = rng.uniform(0, 30 * DAY, n)
    solved = rng.lognormal(np.log(2 * DAY), 1.2, n)
    other = np.where(rng.random(n) < 0.2, rng.exponential(4 * DAY, n), np.inf)
    first = np.minimum(solved, other)
    is_seen = first < age
    opened = [CUT - timedelta(seconds=float(a)) for a in age]
    ends = [
        at + timedelta(seconds=float(f)) if seen else None
        for at, f, seen in zip(opened, first, is_seen, strict=True)
    ]
    is_solved = (solved <= other).tolist()
    return {
        "occurred_at": opened,
        "solved_at": [e if s else None for e, s in zip(ends, is_solved, strict=True)],
        "closed_at": [None if s else e for e, s in zip(ends, is_solved, strict=True)],
    }


def true_quantile(q: float) -> float:
    """Time by which a share of all tickets is solved, from two million of them."""
    rng = np.random.default_rng(5)
    n = 2_000_000
    solved = rng.lognormal(np.log(2 * DAY), 1.2, n)
    other = np.where(rng.random(n) < 0.2, rng.exponential(4 * DAY, n), np.inf)
    return float(np.sort(np.where(solved <= other, solved, np.inf))[int(q * n)])


@pytest.mark.slow
@pytest.mark.parametrize(("q", "n"), [(0.5, 120), (0.5, 600), (0.7, 600)])
def test_quantiles_cover(q: float, n: int) -> None:
    """Of 600 intervals of 95 % each at least 93 % and at most 97.5 % cover the true time."""
    truth, rng = true_quantile(q), np.random.default_rng(17)
    hits = 0
    for _ in range(600):
        found = cx.resolution_time(tickets(rng, n), q=q, until=CUT)
        low = -np.inf if found.low is None else found.low
        high = np.inf if found.high is None else found.high
        hits += low <= truth <= high
    assert 0.93 <= hits / 600 <= 0.975


def lives(rng: np.random.Generator, n: int) -> tuple[dict[str, list[object]], np.ndarray]:
    """A log of tickets that wait for us first and for the customer then; and their true waits."""
    age = rng.uniform(0, 300.0, n)
    lasts = rng.lognormal(np.log(48), 1, n)
    waits = rng.uniform(0, 1, n) * lasts
    log: dict[str, list[object]] = {"ticket": [], "occurred_at": [], "status": []}
    for ticket, (a, wait, last) in enumerate(zip(age, waits, lasts, strict=True)):
        for hour, status in ((0.0, "open"), (wait, "pending"), (last, "solved")):
            if hour < a:
                log["ticket"].append(ticket)
                log["occurred_at"].append(CUT - timedelta(hours=float(a - hour)))
                log["status"].append(status)
    return log, waits


@pytest.mark.slow
def test_waits_cover() -> None:
    """The median wait is covered, at little cost, with a quarter of the tickets open."""
    rng = np.random.default_rng(29)
    truth = float(np.median(lives(np.random.default_rng(5), 200_000)[1])) * 3600.0
    hits, values = 0, []
    for _ in range(300):
        found = cx.requester_wait(cx.tickets(lives(rng, 250)[0], until=CUT))
        hits += (found.low or 0.0) <= truth <= (found.high or np.inf)
        values.append(found.value or np.nan)
    assert 0.93 <= hits / 300 <= 0.995
    assert abs(np.mean(values) / truth - 1.0) < 0.03


@pytest.mark.slow
def test_kept_promises_cover() -> None:
    """The share that is kept is covered, though young tickets cannot be judged yet."""
    rng, draws = np.random.default_rng(23), np.random.default_rng(5)
    solved = draws.lognormal(np.log(2 * DAY), 1.2, 2_000_000)
    truth = float((solved <= 3 * DAY).mean())
    hits = 0
    for _ in range(600):
        age = rng.uniform(0, 30 * DAY, 250)
        took = rng.lognormal(np.log(2 * DAY), 1.2, 250)
        opened = [CUT - timedelta(seconds=float(a)) for a in age]
        ends = [
            at + timedelta(seconds=float(t)) if t < a else None
            for at, t, a in zip(opened, took, age, strict=True)
        ]
        data = {"occurred_at": opened, "solved_at": ends}
        found = cx.sla_attainment(data, target="3d", until=CUT)
        hits += (found.low or 0.0) <= truth <= (found.high or 1.0)
    assert 0.93 <= hits / 600 <= 0.975
