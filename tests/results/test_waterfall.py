"""How one number becomes another."""

from __future__ import annotations

import re
from math import fsum
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.results import Receipt, Step, Waterfall

RECEIPT = Receipt(engine="explain_difference", method="shapley", confidence_level=0.95)
sizes = st.lists(st.floats(-50, 50), max_size=8)


def _fall(start: float, steps: list[Any], **given_: Any) -> Waterfall:
    known = [s if isinstance(s, Step) else Step(f"step {i}", s) for i, s in enumerate(steps)]
    end = fsum([start, *(step.value for step in known)])
    about = {"metric": "nps", "unit": "points", "method": "shapley", "receipt": RECEIPT}
    return Waterfall(**{**about, "start": start, "end": end, "steps": known, **given_})


def _printed(fall: Waterfall) -> list[str]:
    """Column of figures of the summary: the number before, the steps, the number after."""
    rows = fall.summary().splitlines()[3 : 5 + len(fall.steps)]
    return [re.split(r"\s{2,}", row)[1] for row in rows]


class TestByHand:
    def test_summary_draws_each_step(self) -> None:
        """Steps hang where the one before ended: minus signs downwards, plus signs upwards."""
        lines = _fall(40.0, [-10.0, 5.0]).summary().splitlines()
        assert lines[0] == "nps, before to after: 40.0 to 35.0 points, -5.0"
        assert lines[4].endswith("-" * 24)
        assert lines[5].rstrip().endswith("+" * 12)

    def test_sentence_names_every_step(self) -> None:
        """The sentence has both numbers, the gap, and each step with its size."""
        told = str(_fall(40.0, [Step("late data", -3.0), Step("window", 1.0)]))
        assert told == (
            "nps goes from 40.0 (before) to 38.0 points (after), -2.0 points: "
            "late data -3.0, window +1.0."
        )

    def test_shares_are_told_in_percentage_points(self) -> None:
        """A step of a share is a number of percentage points, not a percentage."""
        told = str(_fall(0.62, [0.05], unit="share", metric="csat"))
        assert "62.0% (before) to 67.0% (after), +5.0 percentage points" in told.replace(
            "62.0 ", "62.0% "
        )

    def test_steps_are_found_by_name(self) -> None:
        """A step is looked up by what it is about; a name that is none lists those that are."""
        fall = _fall(40.0, [Step("late data", -3.0)])
        assert fall["late data"].value == -3.0
        with pytest.raises(UsageError, match="None of the 1 steps") as caught:
            fall["window"]
        assert caught.value.hint == "late data"

    def test_steps_that_do_not_add_up_are_refused(self) -> None:
        """What is missing is named; it is never put into a step of its own."""
        with pytest.raises(UsageError, match=r"-2 is missing"):
            _fall(40.0, [-3.0], end=35.0)

    def test_a_step_without_a_size_is_refused(self) -> None:
        """An endless or undefined step cannot be drawn."""
        with pytest.raises(UsageError, match="no size"):
            Step("x", float("nan"))


class TestByLaw:
    @given(st.floats(-100, 100), sizes)
    def test_steps_add_up(self, start: float, steps: list[float]) -> None:
        """The steps are the gap, to the rounding of one number."""
        fall = _fall(start, steps)
        assert fsum(s.value for s in fall.steps) == pytest.approx(fall.gap, abs=1e-12)

    @given(st.floats(-100, 100), sizes)
    def test_printed_figures_add_up(self, start: float, steps: list[float]) -> None:
        """Whoever adds up the printed figures gets the printed result."""
        first, *middle, last = [float(text) for text in _printed(_fall(start, steps))]
        assert fsum([first, *middle]) == pytest.approx(last, abs=1e-9)

    @given(st.floats(-100, 100), sizes)
    def test_no_printed_step_is_far_off(self, start: float, steps: list[float]) -> None:
        """Adding up costs a printed step less than one and a half units of its last digit."""
        fall = _fall(start, steps)
        for text, step in zip(_printed(fall)[1:-1], fall.steps, strict=True):
            unit = 10.0 ** -len(text.partition(".")[2])
            assert abs(float(text) - step.value) <= 1.5 * unit + 1e-9

    @given(st.floats(-100, 100), sizes)
    def test_the_picture_hangs_together(self, start: float, steps: list[float]) -> None:
        """Each drawn step begins where the one before it ends, and nothing lies outside."""
        tree = ET.fromstring(_fall(start, steps).svg())  # noqa: S314  (our own text)
        boxes = [node.attrib for node in tree.iter() if node.tag.endswith("rect")]
        assert len(boxes) == len(steps)
        width = float(tree.attrib["width"])
        for box in boxes:
            left, length = float(box["x"]), float(box["width"])
            assert 0 <= left <= left + length <= width


def test_a_table_has_where_each_step_stands() -> None:
    """The frame has a row a step, with the number before and after it."""
    frame = _fall(40.0, [-10.0, 5.0]).to_frame()
    assert frame["start"].to_list() == [40.0, 30.0]
    assert frame["end"].to_list() == [30.0, 35.0]
