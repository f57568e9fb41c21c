"""Confidence sequences beside those of confseq, the package of the papers' authors."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxm_core.stats import (
    bernoulli_sequence,
    betting_sequence,
    empirical_bernstein_sequence,
    hedged_sequence,
    normal_mixture_bound,
    stitched_bound,
)

SCRIPT = Path(__file__).resolve().parents[1] / "confseq_oracle.py"
VALUES = np.array([0.0, 0.5, 1.0])
STAKES = (2.0 ** -(np.arange(20) / 2)).tolist()
SHARES = [(3, 10), (0, 20), (20, 20), (57, 60), (700, 1_000), (9_990, 10_000)]
VARIANCES = [1.0, 10.0, 25.0, 100.0, 1e4, 1e6]
# A mix of answers of each kind: typical, extreme, and at an end.
MIXES = [(0.2, 0.35, 0.45), (0.01, 0.09, 0.9), (0.0, 0.0, 1.0), (0.5, 0.0, 0.5)]


def draws() -> list[np.ndarray]:
    """Twelve series of rows from 0 to 1, of ten to two hundred each."""
    rng = np.random.default_rng(20261122)
    return [
        rng.choice(VALUES, p=mix, size=n) for mix in MIXES for n in rng.integers(10, 200, size=3)
    ]


def counts_of(rows: np.ndarray) -> np.ndarray:
    """One look a row."""
    return np.asarray(rows[:, None] == VALUES, dtype=np.int64)


def lower_limit(rows: np.ndarray) -> float:
    """Limit of the whole series by bets; where there is none, a trial below the mean."""
    low = betting_sequence(counts_of(rows).sum(axis=0), VALUES).low[0]
    return float(low) or float(rows.mean()) / 2 or 0.25


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    """What confseq makes of the same rows."""
    python = os.environ.get("CXM_CONFSEQ")
    if not python:
        pytest.skip("CXM_CONFSEQ names no interpreter with confseq; `nox -s confseq` makes one")
    asked = {
        "series": [rows.tolist() for rows in draws()],
        "trials": [lower_limit(rows) for rows in draws()],
        "stakes": STAKES,
        "shares": SHARES,
        "variances": VARIANCES,
    }
    run = subprocess.run(
        [python, "-W", "ignore", str(SCRIPT)],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_hedged_bets(theirs: dict[str, Any]) -> None:
    """Both limits after each row, to one step of the grid of 1,000 means."""
    for rows, wanted in zip(draws(), theirs["hedged"], strict=True):
        found = hedged_sequence(counts_of(rows), VALUES)
        # Theirs take one more step outwards from the last mean that stands; ours end at the first
        # that is out, which is the same place but for rounding of the grid.
        assert np.abs(np.array(found) - wanted).max() <= 1.001e-3


def test_empirical_bernstein(theirs: dict[str, Any]) -> None:
    """Both limits after each row, by the mean of the paper's theorem, to 1e-9."""
    # Their shortcut `predmix_empbern_twosided_cs` starts the mean at 0 and not at a half, so that
    # its first rows differ; the oracle calls its parts with the paper's mean.
    for rows, wanted in zip(draws(), theirs["bernstein"], strict=True):
        found = empirical_bernstein_sequence(counts_of(rows), VALUES)
        assert np.abs(np.array(found) - np.clip(wanted, 0.0, 1.0)).max() <= 1e-9


def test_mixture_of_bets(theirs: dict[str, Any]) -> None:
    """At our lower limit their mixture of the same bets has made forty out of one."""
    for rows, wealth in zip(draws(), theirs["wealth"], strict=True):
        low = betting_sequence(counts_of(rows).sum(axis=0), VALUES).low[0]
        if low > 0:
            assert wealth == pytest.approx(40.0, rel=1e-6)
        else:
            assert wealth < 40.0


def test_shares(theirs: dict[str, Any]) -> None:
    """Limits of a share by the beta-binomial mixture, to 1e-6."""
    for (hits, n), wanted in zip(SHARES, theirs["shares"], strict=True):
        low, high = bernoulli_sequence([[n - hits, hits]], [0, 1], best_at=100.0)
        assert (float(low[0]), float(high[0])) == pytest.approx(wanted, abs=1e-6)


def test_bounds(theirs: dict[str, Any]) -> None:
    """Bounds of a centred sum by the normal mixture and by stitching, to 1e-9."""
    normal = normal_mixture_bound(VARIANCES, best_at=100.0)
    stitched = stitched_bound(VARIANCES, start=10.0, scale=3.0)
    assert normal == pytest.approx(theirs["bounds"]["normal"], rel=1e-9)
    assert stitched == pytest.approx(theirs["bounds"]["stitched"], rel=1e-9)
