"""Where dots and bars stand."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.report._charts import Chart, Mark, axis_of, draw, layouts_of

NUMBERS = st.floats(-1e6, 1e6)


def mark(value: float | None, low: float | None, high: float | None, label: str = "a") -> Mark:
    """Row with the given numbers."""
    return Mark(label=label, value=value, low=low, high=high, figure="f", span="s")


def chart(*marks: Mark, **given_: object) -> Chart:
    """Chart of the given rows."""
    return evolve(Chart(title="t", about="a", marks=marks, tick=str), **given_)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted), min_size=1, max_size=5))
def test_every_number_lies_on_the_plot_in_order(rows: list[list[float]]) -> None:
    """Low is left of the value, the value left of high, and none is off the plot."""
    for drawn in draw(chart(*(mark(v, low, high) for low, v, high in rows))):
        for row in drawn.rows:
            assert row.value is not None
            assert 0 <= row.low <= row.value <= row.high <= 100


@given(NUMBERS, st.floats(1e-6, 1e6))
def test_an_axis_has_a_few_round_ticks(low: float, width: float) -> None:
    """At least two ticks and not many, in order, all on the plot."""
    axis = axis_of(chart(mark(low + width / 2, low, low + width)), 4)
    assert 2 <= len(axis.ticks) <= 12
    assert list(axis.ticks) == sorted(set(axis.ticks))
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)


def test_ticks_by_hand() -> None:
    """Round on screen: a share is ticked in whole percent."""
    made = axis_of(chart(mark(0.05, 0.02, 0.11), factor=100.0, is_from_zero=True), 4)
    assert made.low == 0.0
    assert [round(tick, 9) for tick in made.ticks] == [0.0, 0.05, 0.1]


def test_the_reference_is_always_on_the_plot() -> None:
    """No change is seen even if the change is far from it."""
    wide, narrow = draw(chart(mark(-8.9, -12.7, -5.0), reference=0.0))
    for drawn in (wide, narrow):
        assert drawn.reference is not None
        assert drawn.rows[0].high < drawn.reference < 100


def test_a_limit_that_is_not_reached_runs_to_the_end() -> None:
    """An open interval has no end on the plot."""
    (row,) = draw(chart(mark(5.0, 3.0, None)))[0].rows
    assert row.high == 100
    assert row.low > 0


def test_a_row_without_a_figure_is_drawn_without_a_dot() -> None:
    """Nobody answered: the label stays, the dot is not invented."""
    drawn = draw(chart(mark(None, None, None), mark(3.0, 2.0, 4.0)))[0]
    assert [row.value is None for row in drawn.rows] == [True, False]


@pytest.mark.parametrize("value", [0.0, 7.0, -7.0, 1e-12, 1e12])
def test_one_number_without_width_stands_in_the_middle(value: float) -> None:
    """An interval of no width still has an axis."""
    (row,) = draw(chart(mark(value, value, value)))[0].rows
    assert row.value == pytest.approx(50)


def test_rows_do_not_overlap() -> None:
    """Each row has its own height, and the picture holds them all with the axis."""
    made = chart(*(mark(float(i), i - 1.0, i + 1.0) for i in range(7)))
    for drawn in draw(made):
        tops = [row.top for row in drawn.rows]
        assert tops == sorted(set(tops))
        assert drawn.height >= tops[-1] + drawn.layout.row + 20


def test_long_labels_get_more_room() -> None:
    """Group names that are sentences take width from the plot."""
    short, long = chart(mark(1, 0, 2)), chart(mark(1, 0, 2, label="Information on screens"))
    assert layouts_of(long)[0].room > layouts_of(short)[0].room
    assert layouts_of(long)[0].plot_width < layouts_of(short)[0].plot_width


def test_printed_columns_do_not_run_into_the_plot() -> None:
    """In every layout the figure ends right of the plot."""
    for heads in ((), (("a",), ("b",), ("c",))):
        for layout in layouts_of(chart(mark(1, 0, 2, label="x" * 30), heads=heads)):
            assert layout.plot_left + layout.plot_width < layout.value
