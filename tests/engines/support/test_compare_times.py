"""Whether one group takes longer than another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = 3600.0
# Freireich and others, 1963.
TREATED = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
SEEN = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def frame(hours: list[float], seen: list[bool], **more: Any) -> dict[str, Any]:
    """Tickets that were watched for some hours until the cut, solved or not."""
    cut = BEGIN + timedelta(hours=100)
    opened = [cut - timedelta(hours=h) for h in hours]
    return {"occurred_at": opened, "solved_at": [cut if s else None for s in seen], **more}


CUT = BEGIN + timedelta(hours=100, microseconds=1)


class TestByHand:
    def test_ten_hours_later(self) -> None:
        """A group that takes ten hours more has a median ten hours later."""
        data = frame(
            [*range(1, 41), *range(11, 51)], [True] * 80, channel=["chat"] * 40 + ["mail"] * 40
        )
        found = cx.compare_times(data, by="channel", against="chat", until=CUT)
        assert found.groups == ("mail",)
        assert found["mail"].value == 10 * HOUR
        assert found.low[0] < 10 * HOUR < found.high[0]
        assert found.unit == "seconds"

    def test_means(self) -> None:
        """Within a longest time the means are compared."""
        data = frame([1, 3, 5, 7] * 10, [True] * 40, channel=["a", "a", "b", "b"] * 10)
        found = cx.compare_times(data, by="channel", against="a", within="10h", until=CUT)
        assert found["b"].value == pytest.approx(4 * HOUR)

    def test_the_largest_group_is_the_usual_one(self) -> None:
        """Without a word the others are compared with the largest group, and adjusted."""
        data = frame([1, 2, 3, 4, 5, 6, 7], [True] * 7, g=["a", "a", "a", "b", "b", "c", "c"])
        found = cx.compare_times(data, by="g", until=CUT)
        assert found.groups == ("b", "c")
        assert (found.figures["p_adjusted"] >= found.figures["p_value"]).all()
        assert dict(found.receipt.parameters)["against"] == "a"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"by": "one"}, "cannot be compared"),
            ({"by": ["g", "one"]}, "cannot be compared"),
            ({"by": "g", "against": "x"}, "no group 'x'"),
            ({"by": "g", "metric": "peace"}, "no time 'peace'"),
        ],
    )
    def test_wrong_calls(self, options: dict[str, Any], message: str) -> None:
        """What cannot be compared is refused."""
        data = frame([1, 2], [True] * 2, g=["a", "b"], one=["a", "a"])
        with pytest.raises(UsageError, match=message):
            cx.compare_times(data, **options)


class TestByReference:
    @pytest.mark.oracle
    def test_remission(self) -> None:
        """Chi-squared 16.79, as the textbooks have it; p by lifelines."""
        statistics = pytest.importorskip(
            "lifelines.statistics", reason="lifelines runs in `nox -s oracles`"
        )
        hours, seen = [*TREATED, *PLACEBO], [*map(bool, SEEN), *[True] * len(PLACEBO)]
        arm = ["drug"] * len(TREATED) + ["placebo"] * len(PLACEBO)
        found = cx.compare_times(
            frame([float(h) for h in hours], seen, arm=arm), by="arm", against="placebo", until=CUT
        )
        test = statistics.logrank_test(TREATED, PLACEBO, SEEN, np.ones(len(PLACEBO)))
        assert found.figures["p_value"][0] == pytest.approx(test.p_value, rel=1e-9)
        assert "chi-squared 16.79, df 1" in dict(found.receipt.parameters)["log-rank"]
        assert found["drug"].value == pytest.approx((23 - 8) * HOUR)
