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


def test_looks_become_a_line() -> None:
    """Both bands and the value of every look, a rule for the baseline, rings where it is out."""
    days = [f"2026-11-{day:02}" for day in range(1, 21) for _ in range(20)]
    scores = [10, 9, 8, 3] * 50 + [3] * 200
    made = cx.track(scores, days, metric="nps", baseline=25.0)
    chart = made.chart().to_dict(validate=True)
    rows = chart["data"]["values"]
    last = made.looks[-1]
    assert [rows[-1][name] for name in ("value", "low", "high", "outer_low", "outer_high")] == [
        last.running, last.fixed_low, last.fixed_high, last.low, last.high,
    ]  # fmt: skip
    assert rows[-1]["flagged"] is True
    marks = [layer["mark"]["type"] for layer in chart["layer"]]
    assert marks == ["area", "area", "line", "point", "rule"]


def test_a_control_chart_is_a_line() -> None:
    """One band, the centre, and a ring around each signal."""
    weeks = [f"2026-W{week:02}" for week in range(1, 31) for _ in range(8)]
    scores = [10, 9, 9, 8, 7, 10, 9, 3] * 29 + [3] * 8
    made = cx.control_chart(scores, weeks, metric="nps", baseline=29, kind="p")
    chart = made.chart().to_dict(validate=True)
    rows = chart["data"]["values"]
    assert [row["label"] for row in rows if row["flagged"]] == ["2026-W30"]


def test_a_year_without_a_look() -> None:
    """Nothing to see is a chart all the same."""
    made = cx.track([], [], metric="nps")
    assert made.chart().to_dict(validate=True)["layer"]
