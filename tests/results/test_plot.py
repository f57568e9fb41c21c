"""Plots on a library that the user has."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.results import Receipt, Step, Waterfall
from cxm_core.results._plot import draw_line
from cxm_core.results._svg_line import Course, Level, Point


class Recorder:
    """Stands for matplotlib's axes."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: self.calls.append((name, args, options))


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Axes that a stand-in for matplotlib hands out."""
    made = Recorder()
    pyplot = ModuleType("matplotlib.pyplot")
    pyplot.subplots = lambda: (None, made)  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "matplotlib", ModuleType("matplotlib"))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    return made


def test_new_axes_are_made(axes: Recorder) -> None:
    """Without axes a new figure is made and its axes are returned."""
    assert cx.nps([10, 9, 3]).plot() is axes


def test_the_interval_is_a_line_and_the_value_a_dot(axes: Recorder) -> None:
    """Each group is a line from limit to limit with a dot at its value."""
    made = cx.nps([10, 9, 3] * 10)
    made.plot()
    line, dot = (args for name, args, _ in axes.calls if name == "plot")
    assert line[0] == [made.low, made.high]
    assert dot[0] == [made.value]


def test_the_first_group_stands_on_top(axes: Recorder) -> None:
    """The vertical axis runs downwards."""
    cx.nps([10, 9], by=["a", "b"]).plot()
    bottom, top = next(args for name, args, _ in axes.calls if name == "set_ylim")
    assert bottom > top


def test_a_waterfall_hangs_its_bars() -> None:
    """Each step is a bar from where the one before it ended, inside the frame."""
    made = Recorder()
    Waterfall(
        metric="nps",
        unit="points",
        start=40.0,
        end=37.0,
        steps=[Step("late data", -4.0), Step("window", 1.0)],
        method="shapley",
        receipt=Receipt(engine="x", method="shapley", confidence_level=0.95),
    ).plot(made)
    drawn = [(args[1], options["left"]) for name, args, options in made.calls if name == "barh"]
    assert drawn == [(-4.0, 40.0), (1.0, 36.0)]
    low, high = next(args for name, args, _ in made.calls if name == "set_xlim")
    assert low < 36.0
    assert high > 40.0


def test_a_line_has_its_bands_levels_and_flags() -> None:
    """Both bands, the line, the points that stand out and every level are drawn."""
    points = [
        Point(label=str(i), value=float(i), low=i - 1.0, high=i + 1.0, flagged=i == 3)
        for i in range(20)
    ]
    made = Recorder()
    draw_line(made, Course(points=points, levels=[Level(value=4.0, text="baseline")]), "nps")
    names = [name for name, _, _ in made.calls]
    assert names.count("fill_between") == 2
    assert names.count("axhline") == 1
    flagged = [args for name, args, _ in made.calls if name == "plot"][1]
    assert flagged[:2] == ([3], [3.0])
    ticks = next(args for name, args, _ in made.calls if name == "set_xticks")
    assert len(ticks[0]) <= 8


def test_times_have_round_numbers_in_their_unit(axes: Recorder) -> None:
    """An axis of seconds is labelled in hours, and says so; another is left to the library."""
    opened = [datetime(2026, 3, 2, tzinfo=UTC)] * 40
    solved = [at + timedelta(hours=hours) for hours, at in enumerate(opened, start=1)]
    cx.resolution_curve({"occurred_at": opened, "solved_at": solved}).plot()
    cx.nps([10, 9, 3]).plot()
    told = [(name, args) for name, args, _ in axes.calls if name in ("set_xticks", "set_xlabel")]
    hours = [0, 6, 12, 18, 24, 30, 36]
    ticks = ([3_600.0 * hour for hour in hours], list(map(str, hours)))
    assert told == [
        ("set_xticks", ticks),
        ("set_xlabel", ("time, hours",)),
        ("set_xlabel", ("nps",)),
    ]
