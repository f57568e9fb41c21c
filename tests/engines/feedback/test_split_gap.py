"""Splitting a gap over the changes that lead from one figure to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.engines.feedback import ReceiptStep, split_gap
from cxm_core.errors import UsageError

numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))


def _changes(*names: str, is_implied: bool = False) -> list[ReceiptStep]:
    return [
        ReceiptStep(name=name, note=f"{name}?", take=lambda one, _: one, is_implied=is_implied)
        for name in names
    ]


class TestByHand:
    """Two changes, split on paper."""

    def test_two_changes(self) -> None:
        """Each gets the mean of what it adds first and last."""
        steps = split_gap(_changes("x", "y"), [1, 3, 2, 8], (1, 8))
        assert [(step.name, step.value) for step in steps] == [("x", 4.0), ("y", 3.0)]

    def test_a_mixture_without_a_figure(self) -> None:
        """Changes of which a mixture has none become one step."""
        (step,) = split_gap(_changes("x", "y"), [1, None, 2, 8], (1, 8))
        assert (step.name, step.value, step.note) == ("x and y", 7.0, "x?; y?")

    def test_what_is_not_reproduced(self) -> None:
        """What the measured values lack of the figures at both ends is a step of its own."""
        steps = split_gap(_changes("x"), [1, 5], (0, 8))
        assert [(step.name, step.value) for step in steps] == [
            ("x", 4.0),
            ("not told by the receipts", 4.0),
        ]

    def test_an_implied_change_that_does_nothing(self) -> None:
        """A change that comes by itself is told only where it moves something."""
        assert split_gap(_changes("x", is_implied=True), [2, 2], (2, 2)) == []
        assert [step.name for step in split_gap(_changes("x"), [2, 2], (2, 2))] == ["x"]

    def test_an_end_without_a_figure(self) -> None:
        """Where one of the two figures cannot be measured again, nothing can be split."""
        with pytest.raises(UsageError, match="no value when it is measured again"):
            split_gap(_changes("x"), [None, 2], (1, 2))


class TestByLaw:
    """What holds for any values."""

    @given(values=st.lists(numbers, min_size=8, max_size=8), ends=st.tuples(numbers, numbers))
    def test_steps_add_up(self, values: list[float], ends: tuple[float, float]) -> None:
        """Steps always add up to the gap between the two figures."""
        steps = split_gap(_changes("x", "y", "z"), values, ends)
        assert sum(step.value for step in steps) == pytest.approx(ends[1] - ends[0], abs=1e-3)
