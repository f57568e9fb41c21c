"""The quantile of a time and the curve that it is read from say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.results import Curve

OPENED = datetime(2026, 11, 2, 9, tzinfo=UTC)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=40), st.sampled_from([0.1, 0.25, 0.5, 0.75])
)
def test_a_quantile_is_that_of_its_curve(hours: list[int], q: float) -> None:
    """Value and limits, also where a share is just reached, with tickets that are still open."""
    solved = [OPENED + timedelta(hours=hour) if hour < 20 else None for hour in hours]
    table = {"occurred_at": [OPENED] * len(hours), "solved_at": solved}
    until = OPENED + timedelta(hours=20)
    curve = cx.resolution_curve(table, until=until)
    assert isinstance(curve, Curve)
    told, read = cx.resolution_time(table, q=q, until=until), curve.quantile(q)
    assert (told.value, told.low, told.high) == (read.value, read.low, read.high)
