"""Round numbers on axes, in the unit in which they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.results._show import TIMES, Format
from cxm_core.results._ticks import PLAIN, TIME_STEPS, WHOLE, Tick
from results.pictures import texts

HOUR, DAY = 3_600.0, 86_400.0
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def of(until: float, unit: str = "seconds") -> Tick:
    """Ticks of an axis of time from nought to an end."""
    return Format.fitting(unit, [], values=[until]).tick


@pytest.mark.parametrize(
    ("until", "word", "wanted"),
    [
        (60.0, "seconds", "0 10 20 30 40 50 60"),
        (2_400.0, "minutes", "0 10 20 30 40"),
        (DAY, "hours", "0 6 12 18 24"),
        (2 * DAY, "hours", "0 12 24 36 48"),
        (3 * DAY, "days", "0 0.5 1 1.5 2 2.5 3"),
        (8 * DAY, "days", "0 2 4 6 8"),
        (30 * DAY, "days", "0 7 14 21 28"),
        (700 * DAY, "days", "0 100 200 300 400 500 600 700"),
    ],
)
def test_times_are_round_in_their_unit(until: float, word: str, wanted: str) -> None:
    """A day has 0, 6, 12, 18 and 24 hours on its axis, and no 27.8."""
    tick = of(until)
    assert tick.word == word
    assert " ".join(tick(number) for number in tick.between(0.0, until, 6)) == wanted


def test_open_hours_have_no_days() -> None:
    """A hundred open hours are told in hours, however long they are."""
    tick = of(100 * HOUR, "open seconds")
    found = [tick(number) for number in tick.between(0.0, 100 * HOUR, 4)]
    assert (tick.word, found) == ("open hours", ["0", "24", "48", "72", "96"])


def test_between_places_there_is_nothing() -> None:
    """Places of a ranking are whole; a share and other numbers have steps of ten."""
    assert WHOLE.between(1.0, 3.0, 4) == (1.0, 2.0, 3.0)
    assert PLAIN.between(1.0, 3.0, 4) == (1.0, 1.5, 2.0, 2.5, 3.0)


@given(
    st.floats(0.0, 1e7),
    st.floats(1e-3, 1e7),
    st.integers(2, 8),
    st.sampled_from([*TIME_STEPS, "points"]),
)
def test_round_numbers_lie_on_the_axis(low: float, span: float, about: int, word: str) -> None:
    """They lie within its ends, evenly, and are about as many as were asked for."""
    tick = Tick(PLAIN.write, unit=TIMES.get(word, 1.0), steps=TIME_STEPS.get(word, ()))
    found = tick.between(low, low + span, about)
    slack = 1e-6 * (low + span)
    assert all(low - slack <= number <= low + span + slack for number in found)
    assert about / 2.5 - 1 <= len(found) <= about / 0.7 + 1


def test_a_picture_of_hours_has_round_hours() -> None:
    """The intervals of times are seen over 18 and 24 hours, and not over 16.6667."""
    opened = [START + timedelta(hours=place) for place in range(120)]
    hours = [6 + place % 40 for place in range(120)]
    solved = [at + timedelta(hours=h) for at, h in zip(opened, hours, strict=True)]
    table = {"occurred_at": opened, "solved_at": solved, "channel": ["chat", "mail"] * 60}
    words = texts(cx.resolution_time(table, by="channel").svg())
    assert "24" in words
    assert not [
        word for word in words if word.count(".") == 1 and len(word) > 5 and " " not in word
    ]
    assert {"0", "12", "24", "hours"} <= set(texts(cx.resolution_curve(table).svg()))
