"""Looking again and again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import betting_sequence, score_interval

SCORES = [10, 9, 9, 8, 7, 3, 0, 10]
DAYS = [f"2026-11-{day:02}" for day in range(1, 31)]
FEW = settings(max_examples=8)
ROWS = st.lists(st.tuples(st.sampled_from(DAYS[:6]), st.integers(0, 10)), min_size=2)
LEVELS = (-100.0, 0.0, 100.0)
WEIGHTED: dict[str, Any] = {"weights": [1.0, 0.5, 2.0] * 8, "max_weight": 2.0}


def spread(scores: list[int], looks: int) -> tuple[list[int], list[str]]:
    """These answers on each of some days."""
    return scores * looks, [day for day in DAYS[:looks] for _ in scores]


def wrong(**options: Any) -> Any:
    """A call with something wrong in it."""
    data, at = spread(SCORES, 3)
    return cx.track(**({"data": data, "at": at, "metric": "nps"} | options))


class TestByHand:
    def test_both_intervals_of_a_look(self) -> None:
        """The one is the sequence of what was counted so far, the other the usual interval."""
        made = cx.track(*spread(SCORES, 10), metric="nps")
        low, high = betting_sequence([[2, 2, 4]] * 10, LEVELS)
        one = score_interval(40, 20, 80)
        last = made.looks[-1]
        assert (last.low, last.high) == (float(low[-1]), float(high[-1]))
        assert last.fixed_low == pytest.approx(100 * float(one.low))
        assert last.fixed_high == pytest.approx(100 * float(one.high))
        assert (last.n, last.total, last.value, last.running) == (8, 80, 25.0, 25.0)
        assert (made.method, made.fixed_method) == ("betting", "score")

    def test_changed_against_a_target(self) -> None:
        """A value far from a target that is known is a change, at a look that is named."""
        made = cx.track(*spread([10] * 9 + [3], 10), metric="nps", baseline=20.0)
        assert made.verdict == "CHANGED"
        assert made.changed_at == "2026-11-03"
        assert made.value == pytest.approx(60.0)
        assert made.more is None

    def test_same_within_a_margin(self) -> None:
        """Limits within the margin on both sides say that nothing that matters has changed."""
        made = cx.track(*spread(SCORES * 20, 10), metric="nps", baseline=25.0, margin=15.0)
        assert made.verdict == "SAME WITHIN"
        assert made.low is not None
        assert made.high is not None
        assert -15 <= made.low < 0 < made.high <= 15

    def test_keep_watching_tells_how_long(self) -> None:
        """With as many more answers as it says, there is about a verdict."""
        first = cx.track(*spread(SCORES, 20), metric="nps", baseline=25.0, margin=20.0)
        assert first.verdict == "KEEP WATCHING"
        assert first.more is not None
        looks = 20 + -(-first.more // 8)
        at = [f"{day:04}" for day in range(looks) for _ in SCORES]
        later = cx.track(SCORES * looks, at, metric="nps", baseline=25.0, margin=20.0)
        assert later.verdict == "SAME WITHIN"

    def test_an_estimated_baseline_takes_half_of_the_error(self) -> None:
        """The sequence and the baseline each hold at 97.5 %, and their distances add up."""
        before = cx.nps(SCORES * 100)
        made = cx.track(*spread(SCORES, 20), metric="nps", baseline=before)
        low, high = betting_sequence([[2, 2, 4]] * 20, LEVELS, confidence_level=0.975)
        wide = before.confidence_interval(0.975)
        assert made.low == pytest.approx(float(low[-1]) - wide.high)
        assert made.high == pytest.approx(float(high[-1]) - wide.low)
        usual = cx.compare(before, cx.nps(SCORES * 20))
        assert (made.fixed_low, made.fixed_high) == pytest.approx((usual.low, usual.high))

    def test_a_tally_is_a_baseline(self) -> None:
        """Counts of last year are as good as their result."""
        counts = cx.tally(SCORES * 100, scale="0-10")
        at = spread(SCORES, 5)
        assert cx.track(*at, metric="nps", baseline=counts) == cx.track(
            *at, metric="nps", baseline=cx.nps(counts)
        )

    def test_the_detector_dates_a_late_change(self) -> None:
        """A fall after a long calm is noticed, dated, and told from what all looks say."""
        calm, worse = [10, 9, 9, 10, 8], [10, 3, 8, 7, 2]
        days = [f"day {day:03}" for day in range(240) for _ in calm]
        made = cx.track(calm * 200 + worse * 40, days, metric="nps", baseline=80.0)
        assert made.verdict == "CHANGED"
        assert made.since == "day 200"
        assert made.alarm_at is not None
        assert "day 200" < str(made.alarm_at) < "day 225"

    def test_without_a_baseline(self) -> None:
        """Looks that no single value fits differ; those that one fits do not."""
        up, down = [10] * 8, [3] * 8
        at = [f"{day:03}" for day in range(60) for _ in up]
        assert cx.track(up * 30 + down * 30, at, metric="nps").verdict == "CHANGED"
        calm = cx.track(SCORES * 60, at, metric="nps")
        assert calm.verdict == "KEEP WATCHING"
        assert (calm.more, calm.average_run_length) == (None, None)
        assert cx.track(SCORES * 60, at, metric="nps", margin=25.0).verdict == "SAME WITHIN"

    def test_shares_and_means(self) -> None:
        """Each metric is watched in its unit, by the method that fits."""
        at = [day for day in DAYS for _ in range(4)]
        share = cx.track([5, 4, 2, 5] * 30, at, metric="csat", scale="1-5", baseline=0.75)
        mean = cx.track([5, 4, 2, 5] * 30, at, metric="mean_score", scale="1-5", baseline=4.0)
        assert (share.unit, share.method, share.fixed_method) == ("share", "bernoulli", "mid_p")
        assert (mean.unit, mean.method, mean.fixed_method) == (
            "scale points",
            "betting",
            "pseudo_t",
        )
        assert share.value == mean.value == 0.0
        top = cx.track([5, 4, 2, 5] * 30, at, metric="top_box", scale="1-5", top=(5,))
        assert top.value == 0.5

    def test_an_alarm_that_may_be_chance(self) -> None:
        """With looks as many as its mean run, what the detector alone says has a caveat."""
        calm, worse = [10, 9, 9, 10, 8], [10, 3, 8, 7, 2]
        days = [f"day {day:03}" for day in range(215) for _ in calm]
        answers, base = calm * 200 + worse * 15, cx.nps(calm * 60)
        told = {"data": answers, "at": days, "metric": "nps", "baseline": base}
        rare = cx.track(**told, average_run_length=10_000)  # type: ignore[arg-type]  # mixed
        often = cx.track(**told, average_run_length=1_000)  # type: ignore[arg-type]  # mixed
        assert (rare.verdict, rare.changed_at) == ("CHANGED", None)
        assert rare.caveats == ()
        assert [caveat.code for caveat in often.caveats] == ["chance_alarm"]

    def test_definitions(self) -> None:
        """A metric as somebody defined it is watched under its name, against its own results."""
        easy = cx.definition("net_easy")
        answers, at = [1, 1, 2, 2, 4, 7] * 30, [day for day in DAYS for _ in range(6)]
        made = cx.track(answers, at, metric=easy, baseline=easy(answers * 5))
        assert (made.metric, made.receipt.definition) == ("net_easy", "net_easy")
        assert made.receipt.definition_hash == easy.definition_hash
        assert made.value == 0.0
        with pytest.raises(UsageError, match="its own scale"):
            cx.track(answers, at, metric=easy, scale="1-7")
        assert cx.control_chart(answers, at, metric=easy).metric == "net_easy"

    def test_nobody(self) -> None:
        """No answers: no value, no limits, a verdict that says so; METRIC-01."""
        made = cx.track([None, None], ["a", "b"], metric="nps", baseline=20.0)
        assert (made.value, made.low, made.high, made.n) == (None, None, None, 0)
        assert made.verdict == "KEEP WATCHING"
        assert [caveat.code for caveat in made.caveats] == ["no_answers"]

    def test_a_single_answer(self) -> None:
        """One answer hardly says a thing, and the caveat says so; METRIC-02."""
        made = cx.track([10], ["a"], metric="nps", baseline=20.0)
        assert made.verdict == "KEEP WATCHING"
        assert "small_n" in [caveat.code for caveat in made.caveats]
        assert made.looks[0].low < made.looks[0].fixed_low  # type: ignore[operator]  # both are there

    def test_answers_without_a_time(self) -> None:
        """They are in no look, and are counted; METRIC-13."""
        made = cx.track([10, 9, 3, None], ["a", None, "b", "b"], metric="nps")
        assert made.n == 2
        assert made.receipt.exclusions == (("missing", 1), ("no time", 1))
        assert made.receipt.steps == (("rows", 4), ("watched", 2))

    def test_asymptotic_tells_what_it_is(self) -> None:
        """It has no limits before its start, and a caveat."""
        made = cx.track(*spread(SCORES * 5, 20), metric="nps", method="asymptotic", baseline=25)
        assert made.looks[11].low is None
        assert made.looks[12].low is not None
        assert [caveat.code for caveat in made.caveats] == ["long_run_only"]

    def test_a_baseline_that_is_less_sure_than_the_margin(self) -> None:
        """No number of answers will settle what the baseline leaves open."""
        made = cx.track(*spread(SCORES, 20), metric="nps", baseline=cx.nps(SCORES * 4), margin=2.0)
        assert made.more is None
        assert "unsure_baseline" in [caveat.code for caveat in made.caveats]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"metric": "npz"}, "no metric 'npz'"),
            ({"metric": "csat"}, "needs the scale"),
            ({"method": "beting"}, "cannot be watched by 'beting'"),
            ({"method": "bernoulli"}, "cannot be watched by 'bernoulli'"),
            ({"method": "asymptotic"}, "24 answers are too few"),
            ({"baseline": "last year"}, "A str is no baseline"),
            ({"baseline": cx.nps([None])}, "baseline has no interval"),
            ({"baseline": cx.csat([5, 4], scale="1-5")}, "another metric: csat"),
            ({"baseline": 20.0, "margin": 0.0}, "margin of 0.0"),
            ({"top": (9, 10)}, "no use for top="),
            ({"at": [0.5, 1.5, 2.5] * 8}, "3 of 3 times are fractions"),
            ({"at": ["a"]}, "has the length 1"),
            ({"data": [11] * 24}, "11"),
            ({"confidence_level": 95}, "between 0 and 1"),
            ({"average_run_length": 0, "baseline": 20.0}, "run length"),
            ({"weights": [1.0] * 24}, "go together"),
            ({"max_weight": 2.0}, "go together"),
            (WEIGHTED | {"max_weight": 0.0}, "above zero"),
            (WEIGHTED | {"max_weight": 1.0}, "8 of 24 answers have a weight above max_weight=1"),
            (WEIGHTED | {"weights": [-1.0] * 24}, "24 of 24 answers have a weight below zero"),
            (WEIGHTED | {"weights": ["heavy"] * 24}, "no weight that is a number"),
            (WEIGHTED | {"weights": [float("inf")] * 24}, "no weight that is a number"),
            (WEIGHTED | {"weights": [1.0, None] * 12}, "12 of 24 answers have no weight"),
            (WEIGHTED | {"weights": [1.0]}, "has the length 1"),
            (WEIGHTED | {"method": "hedged"}, "Weighted nps cannot be watched by 'hedged'"),
            (WEIGHTED | {"method": "asymptotic"}, "19 effective answers are too few"),
        ],
    )
    def test_what_is_refused(self, options: dict[str, Any], said: str) -> None:
        """Each thing that is wrong with a call is named."""
        with pytest.raises(UsageError, match=said):
            wrong(**options)

    def test_a_weighting_is_refused(self) -> None:
        """Weights that were fitted to all answers know later ones, and no look may."""
        table = {"score": SCORES * 3, "region": ["n", "s"] * 12}
        weighting = cx.weigh(table, {"region": {"n": 40, "s": 60}}, margins="region")
        with pytest.raises(UsageError, match="fitted to all answers at once"):
            wrong(weights=weighting, max_weight=2.0)

    def test_a_weighted_look(self) -> None:
        """The value is the weighted one; both intervals know the weights, and so does the rest."""
        data, at = spread(SCORES, 12)
        weights = [2.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5] * 12
        made = cx.track(data, at, metric="nps", weights=weights, max_weight=4.0, baseline=0.0)
        once = cx.nps(data, weights=weights)
        last = made.looks[-1]
        assert last.running == pytest.approx(once.value)
        assert (last.fixed_low, last.fixed_high) == pytest.approx((once.low, once.high))
        assert (last.low < once.low, last.high > once.high) == (True, True)
        assert made.fixed_method == "score, design effective n"
        assert ("max_weight", "4") in made.receipt.parameters
        assert "weights" in made.receipt.design

    def test_a_table_with_weights(self) -> None:
        """Columns are named, as everywhere; an answer that is missing needs no weight."""
        data, at = spread(SCORES, 3)
        table = pd.DataFrame({"score": data, "day": at, "w": [1.0, 0.5] * 12})
        made = cx.track(table, "day", column="score", metric="nps", weights="w", max_weight=1)
        listed = cx.track(data, at, metric="nps", weights=[1.0, 0.5] * 12, max_weight=1)
        assert (made.value, made.low, made.high) == (listed.value, listed.low, listed.high)
        more = cx.track(
            [*data, None], [*at, at[0]], metric="nps", weights=[*[1.0, 0.5] * 12, None],
            max_weight=1,
        )  # fmt: skip
        assert (more.value, more.low) == (listed.value, listed.low)

    def test_a_tally_does_not_tell_weights(self) -> None:
        """A bet needs the weight of each answer, which sums do not tell."""
        counts = cx.tally(SCORES, scale="0-10", by={"day": ["a", "b"] * 4})
        with pytest.raises(UsageError, match="does not tell the weight"):
            cx.track(counts, "day", metric="nps", weights=[1.0] * 8, max_weight=1.0)

    def test_designed_samples_are_refused(self) -> None:
        """Weights and clusters break the promise, so that a tally with them is refused."""
        at, data = ["a", "b"] * 4, SCORES
        for design in ({"weights": [1.0] * 8}, {"clusters": [1, 1, 2, 2] * 2}):
            counts = cx.tally(data, scale="0-10", by={"day": at}, **design)
            with pytest.raises(UsageError, match="look by look"):
                cx.track(counts, "day", metric="nps")
        with pytest.raises(UsageError, match="one of its axes"):
            cx.track(cx.tally(data, scale="0-10", by={"day": at}), at, metric="nps")


class TestByLaw:
    @FEW
    @given(st.lists(st.sampled_from([3, 8, 10]), min_size=4, max_size=40), st.floats(0.1, 9.0))
    def test_weights_that_are_all_the_greatest(self, scores: list[int], weight: float) -> None:
        """Then the limits are those without weights."""
        at = [i // 4 for i in range(len(scores))]
        plain = cx.track(scores, at, metric="nps", baseline=10.0)
        same = cx.track(
            scores, at, metric="nps", baseline=10.0, weights=[weight] * len(scores),
            max_weight=weight,
        )  # fmt: skip
        assert same.verdict == plain.verdict
        assert (same.value, same.low, same.high) == pytest.approx(
            (plain.value, plain.low, plain.high), abs=1e-6
        )
        assert same.looks[-1].evidence == pytest.approx(plain.looks[-1].evidence)

    @FEW
    @given(ROWS)
    def test_rows_of_any_order(self, rows: list[tuple[str, int]]) -> None:
        """Times say when, not the order of the rows, though it be by score; METRIC-04."""
        made = [
            cx.track([s for _, s in order], [d for d, _ in order], metric="nps", baseline=10.0)
            for order in (rows, rows[::-1], sorted(rows, key=lambda row: row[1]))
        ]
        assert made[0] == made[1] == made[2]

    @FEW
    @given(ROWS)
    def test_all_ways_in_meet(self, rows: list[tuple[str, int]]) -> None:
        """Lists, a frame and a merged tally give the same looks; METRIC-05."""
        days, scores = [d for d, _ in rows], [s for _, s in rows]
        wanted = cx.track(scores, days, metric="nps").looks
        frame = pd.DataFrame({"day": days, "score": scores})
        assert cx.track(frame, "day", column="score", metric="nps").looks == wanted
        cut = len(rows) // 2
        parts = [
            cx.tally(scores[part], scale="0-10", by={"day": days[part]})
            for part in (slice(0, cut), slice(cut, None))
        ]
        assert cx.track(parts[1] + parts[0], "day", metric="nps").looks == wanted

    @FEW
    @given(st.lists(st.integers(0, 10), min_size=1, max_size=40))
    def test_a_later_look_changes_no_earlier_one(self, scores: list[int]) -> None:
        """What was said after a look stands."""
        days = [f"{day:03}" for day in range(len(scores))]
        whole = cx.track(scores, days, metric="nps", baseline=0.0)
        start = cx.track(scores[:-1] or [None], days[:-1] or ["0"], metric="nps", baseline=0.0)
        for one, other in zip(start.looks, whole.looks, strict=False):
            assert (one.at, one.n, one.running) == (other.at, other.n, other.running)
            assert one.low == pytest.approx(other.low, abs=1e-6)
            assert one.evidence == pytest.approx(other.evidence, rel=1e-9)

    @FEW
    @given(st.lists(st.integers(0, 10), min_size=8, max_size=60), st.floats(-90, 90))
    def test_a_change_stays_one(self, scores: list[int], known: float) -> None:
        """A verdict of change is not taken back by a look that is less clear."""
        days = [f"{day:03}" for day in range(len(scores))]
        start = cx.track(scores[:-4], days[:-4], metric="nps", baseline=known)
        if start.verdict == "CHANGED":
            later = cx.track(scores, days, metric="nps", baseline=known)
            assert later.verdict == "CHANGED"
            assert (later.changed_at, later.alarm_at) == (start.changed_at, start.alarm_at) or (
                start.changed_at is None or start.alarm_at is None
            )

    def test_times_of_any_kind(self) -> None:
        """Dates, instants, whole numbers and periods all have an order."""
        start = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        instants = [start + dt.timedelta(hours=8 * step) for step in range(16)]
        kinds: list[Any] = [
            [at.date() for at in instants],
            instants,
            list(range(16)),
            np.array([at.replace(tzinfo=None) for at in instants], dtype="datetime64[us]"),
            cx.day(instants, tz="UTC"),
        ]
        for at in kinds:
            made = cx.track(SCORES * 2, at, metric="nps")
            assert made.n == 16
            labels = [look.at for look in made.looks]
            assert labels == sorted(labels)  # type: ignore[type-var]  # of one kind


class TestByReference:
    def test_a_year_without_a_change(self) -> None:
        """Of 20 quarters without a change, looked at daily, none or one is called changed."""
        rng = np.random.default_rng(7)
        days = np.repeat(np.arange(90), 3)
        called = 0
        for _ in range(20):
            scores = rng.choice([3, 8, 10], p=(0.2, 0.35, 0.45), size=270)
            called += cx.track(scores, days, metric="nps", baseline=25.0).verdict == "CHANGED"
        assert called <= 2
