"""Charts of Altair, where it is installed."""

from __future__ import annotations

from typing import Any

import pytest

import cxm_core as cx
from cxm_core.results import Receipt, Step, Waterfall

altair = pytest.importorskip("altair", reason="the extra 'charts' is not installed")


def _values(chart: Any) -> list[dict[str, Any]]:
    return list(chart.to_dict()["data"]["values"])


def test_groups_become_rows() -> None:
    """Each group is a row with its value and limits, in the order of the result."""
    made = cx.nps([10, 9, 3, 8] * 20, by=["North", "South"] * 40)
    rows = _values(made.chart())
    assert [row["label"] for row in rows] == ["North", "South"]
    assert [row["value"] for row in rows] == made.value.tolist()
    assert [row["low"] for row in rows] == made.low.tolist()


def test_a_chart_is_valid() -> None:
    """Altair itself checks the chart against Vega-Lite's schema."""
    made = cx.compare([10, 9, 3] * 30, [10, 8, 3] * 30, metric="nps").chart()
    assert {layer["mark"]["type"] for layer in made.to_dict(validate=True)["layer"]} == {
        "rule",
        "point",
    }


def test_a_waterfall_hangs_its_bars() -> None:
    """Each step runs from where the one before it ended."""
    fall = Waterfall(
        metric="nps",
        unit="points",
        start=40.0,
        end=37.0,
        steps=[Step("late data", -4.0), Step("window", 1.0)],
        method="shapley",
        receipt=Receipt(engine="x", method="shapley", confidence_level=0.95),
    )
    rows = _values(fall.chart())
    assert [(row["start"], row["end"]) for row in rows if row["step"]] == [(40, 36), (36, 37)]
