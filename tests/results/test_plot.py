"""Plots on a library that the user has."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

import cxm_core as cx


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
