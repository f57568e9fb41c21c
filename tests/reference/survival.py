"""Reference cases of times until something ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from cxm_core.stats import DurationTally, TimeCurve, kaplan_meier, log_rank, proportional_hazards

Found = Mapping[str, Any]


def curve(given: Mapping[str, Any]) -> TimeCurve:
    """Kaplan and Meier's curve of a case's times."""
    return kaplan_meier(DurationTally.of(given["time"], event_observed=given["event"]))


def steps(given: Mapping[str, Any], _: Mapping[str, Any]) -> Found:
    """Shares at the times at which something ended."""
    found = curve(given)
    return {"time": found.times, "survival": found.value}


def median(given: Mapping[str, Any], _: Mapping[str, Any]) -> Found:
    """Median with its limits on the scale that the case names."""
    found = curve(given)
    value, low, high = found.quantile(0.5, method=given["transform"])
    return {
        "n": found.n, "events": found.events.sum(), "median": value, "lower": low, "upper": high,
    }  # fmt: skip


def two_groups(given: Mapping[str, Any], _: Mapping[str, Any]) -> Found:
    """Log-rank test of two groups."""
    found = log_rank(
        [
            DurationTally.of(given[f"time_{side}"], event_observed=given[f"event_{side}"])
            for side in "ab"
        ]
    )
    expected_a, expected_b = found.expected
    return {"chi2": found.statistic, "expected_a": expected_a, "expected_b": expected_b}


def lung(_: Mapping[str, Any], __: Mapping[str, Any]) -> Found:
    """Cox's slope of a column of two values, and the log-rank test of the two."""
    datasets = pytest.importorskip(
        "lifelines.datasets", reason="the case is on data of lifelines: `nox -s oracles`"
    )
    data = datasets.load_lung()
    seen, sex = data["status"].to_numpy() > 0, data["sex"].to_numpy()
    found = proportional_hazards(data["time"], sex, event_observed=seen)
    code = (sex == sex.max()).astype(np.int64)
    tallies = DurationTally.of_groups(code, 2, data["time"], event_observed=seen)
    return {
        "coef": found.slopes[0], "se": found.standard_errors[0],
        "chi2": log_rank(tallies).statistic,
    }  # fmt: skip


HOW = {
    "km-freireich": steps,
    "km-median-loglog": median,
    "logrank-freireich": two_groups,
    "km-aml-median": median,
    "cox-lung-sex": lung,
}
