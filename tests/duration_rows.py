"""Durations that several tests share: a published table, and rows that Hypothesis draws."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from cxm_core.stats import DurationTally

# Miller 1981, Survival Analysis, page 49: weeks of remission, with and without further treatment.
AML_TIME = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
AML_SEEN = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
AML_GROUP = [0] * 11 + [1] * 12
# Clusters and weights that nobody published: they make the figures of R's `survival` below.
AML_CLUSTER = [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5, 6, 6, 7, 7, 8, 9, 9, 9, 10, 10, 10]
AML_WEIGHT = np.array([1, 2, 1, 3, 1, 2, 2, 1, 1, 3, 1, 2, 1, 1, 2, 1, 3, 1, 2, 1, 2, 1, 1]) / 2


class Rows(NamedTuple):
    """Rows to be counted."""

    durations: np.ndarray
    ends: np.ndarray
    entry: np.ndarray
    cluster: np.ndarray
    weights: np.ndarray

    def tally(self, *names: str) -> DurationTally:
        """Tally with the columns that are named."""
        columns = {name: getattr(self, name) for name in names}
        return DurationTally.of(self.durations, event_observed=self.ends, **columns)

    def part(self, chosen: np.ndarray) -> Rows:
        """Some of the rows, in the order in which they are chosen."""
        return Rows(*(column[chosen] for column in self))


@st.composite
def rows(draw: st.DrawFn, *, least: int = 1, most: int = 40, causes: int = 2) -> Rows:
    """Rows with many ties, some that end at once, and some that were not watched from the start."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(least, most))
    span = draw(st.sampled_from([3, 20, 10_000]))
    durations = rng.integers(0, span, n)
    if draw(st.booleans()):
        durations = durations / 8.0
    late = rng.random(n) < 0.4
    entry = np.where(late, np.floor(durations * rng.random(n)), 0)
    entry = np.where(entry < durations, entry, 0)
    ends = rng.integers(0, causes + 1, n)
    return Rows(durations, ends, entry, rng.integers(0, 6, n), rng.integers(1, 5, n) / 2.0)
