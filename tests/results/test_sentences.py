"""Sentences that an executive can read and a statistician would sign."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.results import CAVEATS, Caveat, Receipt
from cxm_core.results._show import how_many
from cxm_core.vocabulary import Window

AT = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
HAPPY, SAD = [10, 9, 9, 8, 7, 3] * 60, [10, 8, 8, 5, 3, 3] * 60


def test_an_estimate_is_told_with_its_doubt() -> None:
    """Figure, unit, interval with level, answers and method stand in one sentence."""
    made = cx.nps(HAPPY, method="wald")
    low, high = made.low, made.high
    assert str(made) == (
        f"nps is 33.3 points (95% confidence interval {low:.1f} to {high:.1f}, 360 answers, "
        "method wald)."
    )


def test_weights_cost_answers() -> None:
    """Where the design costs precision, the answers are told at what they are worth."""
    told = str(cx.nps(HAPPY, weights=[1.0, 5.0] * 180))
    assert "360 answers worth " in told
    assert "of a simple sample" in told


def test_a_caveat_is_never_left_out() -> None:
    """Who reads the sentence alone is warned as well."""
    assert str(cx.nps([10, 9, 3])).endswith("read the interval, not the figure.")
    assert str(cx.nps([None])) == "nps has no value. Nobody answered: there is no figure."


def test_a_clear_fall_is_called_one() -> None:
    """An interval below nought says that it fell, and by more than chance explains."""
    told = str(cx.compare(HAPPY, SAD, metric="nps"))
    assert told.startswith("nps fell by ")
    assert "it fell by more than chance explains at this level" in told


def test_a_change_within_chance_is_left_open() -> None:
    """An interval that holds nought says that the direction is open, whatever the figure did."""
    told = str(cx.compare(HAPPY, [*HAPPY, 10], metric="nps"))
    assert told.startswith("nps rose by ")
    assert "the data leave open which way it moved" in told


def test_a_breakdown_tells_how_far_it_reaches() -> None:
    """The lowest and the highest group are named, each with an interval of its own."""
    told = str(cx.nps(HAPPY + SAD, by=["North"] * 360 + ["South"] * 360))
    assert told.startswith("nps by group goes from ")
    assert " in South (" in told
    assert " in North (" in told
    assert "each with its own 95% confidence interval" in told


def test_a_group_is_named() -> None:
    """One group of a breakdown says which it is."""
    assert str(cx.nps(HAPPY, by={"region": ["North"] * 360})["North"]).startswith(
        "nps for region North is 33.3 points"
    )


def test_groups_are_not_told_as_before_and_after() -> None:
    """Of two groups none came first: the one is higher or lower than the other."""
    groups = cx.nps(HAPPY + SAD, by={"region": ["North"] * 360 + ["South"] * 360})
    found = cx.compare(groups["North"], groups["South"])
    told = str(found)
    assert told.startswith("nps is lower by ")
    assert "points (South, 360 answers) against 33.3 points (North, 360 answers)" in told
    assert "it is lower by more than chance explains at this level" in told
    assert found.summary().startswith("difference of nps ")
    assert "before" not in told + found.summary() + found.svg() + found.svg("slope")
    assert found.title == "difference of nps, South less North"


def test_periods_come_one_after_the_other() -> None:
    """Two weeks of one breakdown are told as a change from the one to the other."""
    weeks = cx.nps(HAPPY + SAD, by={"week": ["2026-W01"] * 360 + ["2026-W02"] * 360})
    told = str(cx.compare(weeks["2026-W01"], weeks["2026-W02"]))
    assert told.startswith("nps fell by ")
    assert "from 33.3 points (2026-W01, 360 answers) to " in told


def test_a_caveat_of_one_side_names_it() -> None:
    """What holds for one side alone is not told of both, nor of their difference."""
    one = cx.compare(HAPPY, [10, 9, 3], metric="nps")
    assert "After: Fewer than 30 in all" in str(one)
    assert "small_n (after): " in one.summary()
    both = cx.compare([10, 3], [10, 9, 3], metric="nps")
    assert " Fewer than 30 in all" in str(both)
    assert "After: Fewer" not in str(both)
    groups = cx.nps([*HAPPY, 10, 9, 3], by=["North"] * 360 + ["South"] * 3)
    verdict = cx.equivalent(groups["North"], groups["South"], margin=5)
    assert "South: Fewer than 30 in all" in str(verdict)


def test_groups_that_tie() -> None:
    """Where all groups have one value, no two ends of a reach are made up."""
    told = str(cx.nps([10, 9] * 40, by=["a", "b"] * 40))
    assert told.startswith("nps by group is 100.0 points in a (")
    assert "and the same in all groups (2 groups and 80 answers" in told


def test_a_group_does_not_take_the_counts_of_all_for_its_own() -> None:
    """A group tells who was left out of it, or that only those of all groups are known."""
    scores, shops = [10, 3, None] * 40, ["North", "North", "South"] * 40
    groups, times = (engine(scores, by=shops) for engine in (cx.nps, cx.quantile))
    assert "left out" not in groups["North"].summary()
    assert "left out: 40 missing" in groups["South"].summary()
    assert groups["South"].receipt.steps == (("rows", 40), ("answered", 0))
    assert "left out of all groups: 40 missing" in times["North"].summary()
    assert "left out: 40 missing" in cx.nps(scores).summary()


# A count of one, and what follows it in the plural.
ONE_OF_MANY = re.compile(r"(?<![\d,.])1 (?!(?:is|was)\b)(?:more )?[a-z]+s\b(?! (?:of|from|to))")
COUNTED = st.sampled_from(["answers", "tickets", "pairs of contacts", "cases"])


@pytest.mark.parametrize("code", CAVEATS)
@given(count=st.integers(0, 2))
def test_a_caveat_of_one_thing_is_in_the_singular(code: str, count: int) -> None:
    """One is never told as many, and every caveat that counts has a sentence for one."""
    told = Caveat.of(code, count=count).message
    if "{some}" in CAVEATS[code]:
        assert re.search(rf"\b{count}\b", told)
        assert not re.search(r"(?<![\d,.])1 (are|have|were|[a-z]+ (are|have|were))\b", told)
        assert not ONE_OF_MANY.search(told)


@given(n=st.integers(0, 2), words=COUNTED)
def test_words_agree_with_their_number(n: int, words: str) -> None:
    """The first word is what is counted, and only of one thing without its last letter."""
    first, _, rest = words.partition(" ")
    wanted = f"{n} {first.removesuffix('s') if n == 1 else first} {rest}".strip()
    assert how_many(n, words) == wanted


@given(n=st.integers(0, 2), groups=st.booleans())
def test_sentences_about_one_are_in_the_singular(n: int, groups: bool) -> None:
    """No sentence of a result speaks of one answer, group, row or point in the plural."""
    scores = [5, 1][:n]
    by = {"shop": ["a"] * n} if groups else None
    results = [cx.csat(scores, scale="1-5", by=by), cx.quantile(scores, by=by)]
    if n and not groups:
        results.append(cx.flow({"case": scores, "activity": scores, "occurred_at": AT[:n]}))
    for result in results:
        for told in (str(result), repr(result), result.summary()):
            assert not ONE_OF_MANY.search(told), told


def test_a_breakdown_without_groups_has_no_values() -> None:
    """Where there is no group nothing is said of values, least of all that they are nought."""
    nobody = cx.csat([], scale="1-5", by={"shop": []})
    told = "Breakdown(csat by shop: 0 groups, no values, 95% intervals, n=0)"
    assert repr(nobody) == told


def test_a_window_that_is_counted_back_is_told_with_its_dates() -> None:
    """The last twelve weeks are whole ones: their first day, and the day before which they end."""
    now = datetime(2026, 4, 15, 9, tzinfo=UTC)
    window = Window.parse("last 12 weeks", zone="Europe/Vienna", now=now)
    told = "last 12 weeks (2026-01-19 until before 2026-04-13)"
    made = cx.nps(HAPPY).with_receipt(window=window)
    groups = cx.nps(HAPPY, by={"shop": ["a", "b", "b"] * 120}).with_receipt(window=window)
    assert str(made).startswith(f"nps in the {told} is 33.3 points (")
    assert str(groups).startswith(f"nps by shop in the {told} goes from ")
    assert f"window: {told}" in made.summary()
    assert f"window: {told}" in groups.summary()
    change = cx.compare(cx.nps(SAD).with_receipt(window=Window.parse("2025", zone="UTC")), made)
    assert f"({told}, 360 answers)" in str(change)
    receipt = Receipt.from_dict(made.receipt.to_dict())
    assert receipt == made.receipt
    assert receipt.window is not None
    assert receipt.window.told == told


def test_a_window_that_names_its_dates_is_told_by_its_name() -> None:
    """Nothing is added to a month, a week or two dates."""
    for name in ("2026-11", "2026-W46", "2026-11-01/2026-11-08"):
        window = Window.parse(name, zone="UTC")
        assert str(cx.nps(HAPPY).with_receipt(window=window)).startswith(f"nps in {name} is ")
        assert "dates" not in cx.nps(HAPPY).with_receipt(window=window).receipt.to_dict()["window"]


def test_a_quantile_is_told_by_its_name() -> None:
    """Nobody takes a median for a mean, or the 0.9 quantile for a median."""
    numbers = list(range(1, 101))
    assert str(cx.quantile(numbers)).startswith("median is 50.50 units (")
    assert str(cx.quantile(numbers, q=0.9)).startswith("0.9 quantile is 90.50 units (")
    assert str(cx.quantile(numbers, by={"shop": ["a", "b"] * 50})).startswith("median by shop goes")
    opened = [datetime(2026, 3, 2, tzinfo=UTC)] * 40
    solved = [at + timedelta(hours=hours) for hours, at in enumerate(opened, start=1)]
    table = {"occurred_at": opened, "solved_at": solved}
    assert str(cx.resolution_time(table)).startswith("resolution_time, median, is 20.5 hours (")
    assert str(cx.resolution_time(table, q=0.9)).startswith("resolution_time, 0.9 quantile, is ")


def test_a_ratio_has_no_unit() -> None:
    """A ratio is not told as so many ratios, and groups of one value not as a reach."""
    assert str(cx.ratio([1, 2, 3] * 20, [1, 1, 1] * 20)).startswith("ratio is 2.00 (95% ")
    told = repr(cx.nps([10, 3] * 40, by={"shop": ["a", "a", "b", "b"] * 20}))
    assert told.startswith("Breakdown(nps by shop: 2 groups, all 0.0 points, 95% intervals")
