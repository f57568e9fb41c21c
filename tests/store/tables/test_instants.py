"""The clocks of a zone, as steps that SQL can follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cxm_core.store.tables._instants import Step, offset_steps
from cxm_core.vocabulary import to_utc

HOUR = timedelta(hours=1)


class TestByHand:
    """Known changes of clocks."""

    def test_berlin_in_2026(self) -> None:
        """Clocks go forward in March and back in October; both hours mean the later reading."""
        steps = offset_steps("Europe/Berlin", datetime(2026, 2, 1), datetime(2026, 12, 1))
        assert steps == [
            Step(datetime(2026, 1, 1), HOUR),
            Step(datetime(2026, 3, 29, 3), 2 * HOUR),
            Step(datetime(2026, 10, 25, 2), HOUR),
        ]

    def test_a_zone_without_changes_has_one_step(self) -> None:
        """Where clocks never change, one offset holds for centuries."""
        assert len(offset_steps("Asia/Kolkata", datetime(1950, 1, 1), datetime(2200, 1, 1))) == 1

    def test_a_change_at_the_turn_of_a_year(self) -> None:
        """A day that a zone left out at the end of a year is left out once."""
        steps = offset_steps("Pacific/Apia", datetime(2011, 12, 1), datetime(2012, 1, 31))
        assert [step.start for step in steps[1:]] == sorted({step.start for step in steps[1:]})
        assert steps[-1].offset == 14 * HOUR

    def test_no_times_have_a_step_too(self) -> None:
        """A column without any time is no special case."""
        assert offset_steps("Europe/Berlin", None, None) == [Step(datetime.min, timedelta(0))]


class TestByLaw:
    """Steps are the rule of the vocabulary."""

    @pytest.mark.parametrize(
        "zone", ["Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe", "America/Vancouver"]
    )
    def test_steps_say_what_the_vocabulary_says(self, zone: str) -> None:
        """Around each change, every quarter of an hour means the same instant."""
        steps = offset_steps(zone, datetime(2015, 1, 1), datetime(2030, 12, 31))
        assert len(steps) > 3
        for step, after in pairwise([*steps, Step(datetime(2031, 1, 1), HOUR)]):
            for minutes in range(0, 300, 15):
                local = step.start + timedelta(minutes=minutes)
                if local < after.start:
                    assert (local - step.offset).replace(tzinfo=UTC) == to_utc(local, zone)
