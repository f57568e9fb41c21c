"""What follows upon what, and several results side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Matrix, Panel, Receipt

RECEIPT = Receipt(engine="flow", method="wilson", confidence_level=0.95, counted="cases")
COUNTS = [[1, 3], [0, 4]]


def matrix(**more: Any) -> Matrix:
    """From cart and pay to pay and end."""
    return Matrix(
        **{
            "metric": "flow",
            "rows": ["cart", "pay"],
            "columns": ["pay", "end"],
            "counts": COUNTS,
            "value": [[0.25, 0.75], [0, 1]],
            "low": [[0.05, 0.3], [0, 0.5]],
            "high": [[0.7, 0.95], [0.5, 1]],
            "figures": {"wait_s": [[60, 30], [np.nan, 5]]},
            "n": 4,
            "confidence_level": 0.95,
            "method": "wilson",
            "receipt": RECEIPT,
        }
        | more
    )


class TestMatrix:
    def test_one_step(self) -> None:
        """A step has its share of what leaves the row, and n is all that leaves it."""
        step = matrix()["cart", "end"]
        assert (step.value, step.low, step.n, step.group) == (0.75, 0.3, 4, ("cart", "end"))

    def test_the_commonest_comes_first(self) -> None:
        """Steps are told by how often they occur; those that never do are not."""
        told = matrix().to_dict()["steps"]
        assert [(one["from"], one["to"], one["count"]) for one in told] == [
            ("pay", "end", 4),
            ("cart", "end", 3),
            ("cart", "pay", 1),
        ]
        assert told[0]["wait_s"] == 5.0

    def test_the_grid_leaves_out_what_is_rare(self) -> None:
        """A grid has room for twenty of each, and counts the others."""
        n = 25
        square = np.arange(n * n).reshape(n, n)
        shares = {name: np.full((n, n), 1 / n) for name in ("value", "low", "high")}
        names = [f"step {i}" for i in range(n)]
        text = matrix(rows=names, columns=names, counts=square, figures={}, **shares).svg("grid")
        assert "and 5 rarer ones" in text
        assert text.count("<rect") == 400

    @pytest.mark.parametrize("key", ["cart", ("cart", "cart"), ("cart",), None])
    def test_a_step_that_is_not_there(self, key: Any) -> None:
        """A step is named by a row and a column."""
        with pytest.raises(UsageError):
            matrix()[key]

    def test_arrays_must_fit(self) -> None:
        """Every array has all rows and columns."""
        with pytest.raises(UsageError, match="not all 2 by 2"):
            matrix(low=[[0.1, 0.2]])


class TestLimits:
    def test_a_limit_without_a_value_has_its_unit(self) -> None:
        """Where nothing is reached, the limit says itself what it is in."""
        at = [datetime(2026, 1, 1, tzinfo=UTC)] * 40
        solved = [t + timedelta(hours=9) if i < 9 else None for i, t in enumerate(at)]
        until = datetime(2026, 1, 9, tzinfo=UTC)
        data = {"occurred_at": at, "solved_at": solved}
        curve = cx.resolution_curve(data, until=until)
        quarter = next(line for line in curve.summary().splitlines() if line.startswith("25%"))
        assert quarter.split() == ["25%", "of", "all", "no", "value", "9.0", "hours", "or", "more"]
        found = cx.resolution_time(data, until=until, q=0.25)
        assert "no value, 95% interval 9.0 hours or more" in found.summary()
        assert "9.0 hours or more" in found.svg()


class TestPanel:
    def test_parts_by_name(self) -> None:
        """A part is asked for by its name, and keeps its own unit."""
        panel = Panel(
            metric="visit",
            parts={"loyalty": cx.nps([10, 3] * 40), "easy": cx.csat([5, 1] * 40, scale="1-5")},
            receipt=RECEIPT,
        )
        assert (panel.names, panel["easy"].unit, "wait" in panel) == (
            ("loyalty", "easy"),
            "share",
            False,
        )

    def test_a_part_that_is_not_there_has_a_near_miss(self) -> None:
        """A misspelt part is answered with the right one."""
        panel = Panel(metric="visit", parts={"loyalty": cx.nps([10, 3])}, receipt=RECEIPT)
        with pytest.raises(UsageError, match="did you mean 'loyalty'"):
            panel["loyalt"]

    def test_no_part_is_no_panel(self) -> None:
        """A panel shows something."""
        with pytest.raises(UsageError, match="no part"):
            Panel(metric="visit", parts={}, receipt=RECEIPT)

    def test_the_sentence_tells_what_holds_for_all(self) -> None:
        """What is to be known of every part stands behind their sentences."""
        caveat = Caveat.of("strangers")
        parts = {"loyalty": cx.nps([10, 3] * 40)}
        panel = Panel(metric="visit", parts=parts, receipt=RECEIPT, own_caveats=[caveat])
        assert str(panel) == f"visit: {parts['loyalty']} {caveat.message}"

    def test_its_frame_stands_one_below_the_other(self) -> None:
        """Each part has its rows, named; a column that a part lacks is missing there."""
        panel = Panel(
            metric="visit", parts={"steps": matrix(), "nps": cx.nps([10, 3])}, receipt=RECEIPT
        )
        frame = panel.to_frame("pyarrow")
        assert frame.column("part").to_pylist() == ["steps"] * 3 + ["nps"]
        assert frame.column("count").to_pylist() == [4, 3, 1, None]
