"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.report._words import (
    Numbers,
    clock,
    day,
    group_label,
    numbers_of,
    numbers_of_change,
    percent,
    stretch,
    verdict,
)
from cxm_core.results import Comparison
from cxm_core.vocabulary import Window
from report.sample import change, points, share

ZONE = "America/Los_Angeles"


def moved(value: float | None, low: float | None, high: float | None) -> Comparison:
    """A change in points with the given limits."""
    made = change(points("2017", 40.0, 1.0, 900), points("2018", 35.0, 1.0, 900))
    return evolve(made, value=value, low=low, high=high)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("points", 39.839767, "39.8"),
        ("points", -8.858635, "\u22128.9"),
        ("points", -0.04, "0.0"),
        ("share", 0.820685, "82.1%"),
        ("scale points", 4.0041, "4.00"),
        ("seconds", 86400.0, "86,400.0\u202fs"),
        ("parcels", 86400.0, "86,400.00"),
    ],
)
def test_a_value_is_rounded_for_its_unit(unit: str, value: float, shown: str) -> None:
    """Points with one decimal, shares in percent, a real minus, never a minus nought."""
    assert numbers_of([evolve(points("2018", 0.0, 0.0, 1), unit=unit)]).value(value) == shown


def test_a_narrow_interval_shows_more_digits() -> None:
    """A share of a very large sample is not rounded away."""
    made = evolve(share(50, 100), value=0.41237, low=0.41201, high=0.41273)
    assert numbers_of([made]).to(made.low, made.high) == "41.20 to 41.27%"


def test_all_rows_of_one_chart_have_the_same_digits() -> None:
    """The middle interval decides for all."""
    made = [share(50, 100), share(5000, 10_000), share(500_000, 1_000_000)]
    assert {numbers_of(made).value(e.value) for e in made} == {"50.0%"}


def test_limits_that_are_not_reached_are_said_in_words() -> None:
    """A missing limit is no number."""
    show = Numbers("share", 1)
    assert show.to(None, 0.5) == "up to 50.0%"
    assert show.to(0.25, None) == "25.0% or more"
    assert show.to(None, None) == "no interval"
    assert show.between(0.25, 0.5) == "between 25.0% and 50.0%"
    assert show.between(None, 0.5) == "up to 50.0%"
    assert show.change_to(-0.5, None) == "\u221250.0 or more"


def test_a_change_has_its_sign() -> None:
    """Plus, minus, or neither for nought."""
    show = Numbers("points", 1)
    assert [show.change(x) for x in (1.26, -1.26, 0.0, -0.01, None)] == [
        "+1.3",
        "\u22121.3",
        "0.0",
        "0.0",
        "\u2013",
    ]


def test_a_limit_beside_nought_never_looks_like_nought() -> None:
    """Where the sign decides, enough digits are shown to see it."""
    made = moved(-5.284803, -10.5486, -0.0207)
    assert numbers_of_change(made).change_to(made.low, made.high) == "\u221210.55 to \u22120.02"
    exact = moved(1.0, 0.0, 2.0)
    assert numbers_of_change(exact).change_to(exact.low, exact.high) == "0.0 to +2.0"


def test_ticks_are_short() -> None:
    """Round numbers at an axis carry no needless digits."""
    assert [Numbers("share", 1).tick(x) for x in (0.0, 0.05, 0.1)] == ["0%", "5%", "10%"]
    assert [Numbers("points", 1).change_tick(x) for x in (-5.0, 0.0, 2.5)] == [
        "\u22125",
        "0",
        "+2.5",
    ]


@pytest.mark.parametrize(
    ("limits", "better", "tone", "sentence"),
    [
        (
            (-8.858635, -12.710, -5.007),
            "higher",
            "worse",
            "Fell by 8.9 points since 2017 (between 5.0 and 12.7).",
        ),
        (
            (-8.858635, -12.710, -5.007),
            "lower",
            "better",
            "Fell by 8.9 points since 2017 (between 5.0 and 12.7).",
        ),
        (
            (3.0, 0.5, 5.5),
            "higher",
            "better",
            "Rose by 3.0 points since 2017 (between 0.5 and 5.5).",
        ),
        ((3.0, 0.5, 5.5), "lower", "worse", "Rose by 3.0 points since 2017 (between 0.5 and 5.5)."),
        (
            (-1.2, -3.0, 0.6),
            "higher",
            "unclear",
            "\u22121.2 points since 2017; \u22123.0 to +0.6 is in keeping with the answers.",
        ),
        (
            (0.0, 0.0, 0.0),
            "lower",
            "unclear",
            "0.0 points since 2017; 0.0 to 0.0 is in keeping with the answers.",
        ),
        ((None, None, None), "higher", "unclear", "There is nothing to compare since 2017."),
        ((3.0, 0.5, None), "higher", "better", "Rose by 3.0 points since 2017 (0.5 or more)."),
        ((-3.0, None, -0.5), "higher", "worse", "Fell by 3.0 points since 2017 (0.5 or more)."),
    ],
)
def test_a_verdict_by_hand(
    limits: tuple[float | None, float | None, float | None], better: str, tone: str, sentence: str
) -> None:
    """The sentence follows from the interval, the tone from which way is good."""
    said = verdict(moved(*limits), better, since="2017")  # type: ignore[arg-type]  # a word
    assert (said.tone, said.sentence) == (tone, sentence)


@given(
    st.floats(-100, 100), st.floats(0, 50), st.floats(0, 50), st.sampled_from(["higher", "lower"])
)
def test_only_an_interval_without_nought_has_a_direction(
    value: float, down: float, up: float, better: str
) -> None:
    """Better or worse is said exactly when nought lies outside the interval."""
    low, high = value - down, value + up
    said = verdict(moved(value, low, high), better)  # type: ignore[arg-type]  # a word
    assert (said.tone == "unclear") == (low <= 0 <= high)
    if said.tone == "unclear":
        assert said.heading == "No clear change."
    else:
        assert said.sentence.startswith("Rose" if value > 0 else "Fell")


def test_the_change_of_a_share_is_told_in_percentage_points() -> None:
    """A difference of two shares is no percentage."""
    said = verdict(change(share(2206, 2688), share(2059, 2625)), "higher")
    assert said.sentence == "Fell by 3.6 percentage points (between 1.5 and 5.8)."


def test_groups_have_names() -> None:
    """Several labels are joined, and those without one are named."""
    assert group_label(("North", "2018")) == "North \u00b7 2018"
    assert group_label(None) == "(missing)"
    assert group_label((None, True)) == "(missing) \u00b7 True"


def test_instants_are_told_in_the_zone() -> None:
    """A date may be another one there."""
    at = datetime(2018, 5, 4, 3, 30, tzinfo=UTC)
    assert day(at, ZONE) == "3 May 2018"
    assert clock(at, ZONE) == "3 May 2018, 20:30"


def test_a_window_shows_both_ends() -> None:
    """Whole days without times, others with them; the end is not in it."""
    whole = Window.parse("2018", zone=ZONE)
    assert stretch(whole, ZONE) == "2018: 1 January 2018 until before 1 January 2019"
    assert stretch(whole, "UTC") == "2018: 1 January 2018, 08:00 until before 1 January 2019, 08:00"


def test_a_level_is_a_percentage() -> None:
    """No needless digits."""
    assert [percent(0.95), percent(0.999)] == ["95%", "99.9%"]
