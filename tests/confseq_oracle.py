"""Run by an interpreter that has confseq: reads rows from 0 to 1, tells what confseq makes of them.

confseq needs a compiler, Boost and a NumPy older than 2: `nox -s confseq` gives it an environment
of its own.

    python tests/confseq_oracle.py < series.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from confseq import betting, betting_strategies, boundaries, predmix

ALPHA, BREAKS = 0.05, 1_000


def hedged(rows: np.ndarray) -> list[list[float]]:
    """Hedged bets, without a running intersection."""
    found = betting.hedged_cs(rows, alpha=ALPHA, breaks=BREAKS, running_intersection=False)
    return [end.tolist() for end in found]


def bernstein(rows: np.ndarray) -> list[list[float]]:
    """Empirical Bernstein with the mean of theorem 2, which starts at a half."""
    return [
        _lower_bernstein(rows).tolist(),
        (1.0 - _lower_bernstein(1.0 - rows)).tolist(),
    ]


def _lower_bernstein(rows: np.ndarray) -> np.ndarray:
    t = np.arange(1, len(rows) + 1)
    means = (0.5 + rows.cumsum()) / (t + 1)
    before = np.concatenate([[0.5], means[:-1]])
    return predmix.predmix_lower_cs(
        rows,
        v=(rows - before) ** 2,
        lambdas_fn=lambda x: betting_strategies.lambda_predmix_eb(
            x, truncation=0.5, alpha=ALPHA / 2
        ),
        psi_fn=lambda stakes: -np.log(1 - stakes) - stakes,
        alpha=ALPHA / 2,
    )


def wealth(rows: np.ndarray, stakes: list[float], trial: float) -> float:
    """What one unit becomes that is spread evenly over constant bets on higher rows."""
    bets = [lambda x, m, stake=stake: np.repeat(stake / m, len(x)) for stake in stakes]
    found = betting.diversified_betting_mart(rows, trial, bets, theta=1, trunc_scale=1)
    return float(found[-1])


def shares(hits: int, n: int) -> list[float]:
    """Limits of a share that are tightest at a hundred rows."""
    return list(boundaries.bernoulli_confidence_interval(hits, n, ALPHA, 100.0, ALPHA))


def bounds(variances: list[float]) -> dict[str, list[float]]:
    """Bounds of a centred sum."""
    v = np.asarray(variances)
    return {
        "normal": boundaries.normal_mixture_bound(v, ALPHA, 100.0, ALPHA, False).tolist(),
        "stitched": boundaries.poly_stitching_bound(v, ALPHA, 10.0, 3.0).tolist(),
    }


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer all that was asked."""
    series = [np.asarray(rows, dtype=np.float64) for rows in asked["series"]]
    trials = zip(series, asked["trials"], strict=True)
    return {
        "hedged": [hedged(rows) for rows in series],
        "bernstein": [bernstein(rows) for rows in series],
        "wealth": [wealth(rows, asked["stakes"], trial) for rows, trial in trials],
        "shares": [shares(*given) for given in asked["shares"]],
        "bounds": bounds(asked["variances"]),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))) + "\n")
