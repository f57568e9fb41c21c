"""Why two numbers of one metric differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import Measure
from cxm_core.errors import UsageError
from cxm_core.results import Estimate, Receipt, Waterfall
from cxm_core.vocabulary import Window

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WEEKS = [Window.parse(label, zone="UTC", now=MONDAY) for label in ("2026-W45", "2026-W46")]


class Answers:
    """Answers in arrays: when they were given, when they became known, blank ones included."""

    def __init__(self, rows: int = 3000, *, seed: int = 4) -> None:
        rng = np.random.default_rng(seed)
        self.score = rng.choice([10.0, 9, 8, 6, 3], size=rows)
        hours = rng.integers(0, 14 * 24, size=rows)
        second_week = hours >= 7 * 24
        self.score[second_week] = np.minimum(self.score[second_week], 9)
        self.score[rng.random(rows) < 0.2] = np.nan
        delay = np.where(np.isin(self.score, [3.0, 6.0]), rng.integers(0, 400, size=rows), 1)
        start = np.datetime64(MONDAY.replace(tzinfo=None), "h")
        self.given_at = start + hours
        self.known_at = self.given_at + delay

    def measure(self, receipt: Receipt) -> Estimate:
        """What a user writes: the number that a receipt describes."""
        keep = np.ones(len(self.score), dtype=bool)
        if receipt.window is not None:
            start, end = (_naive(at) for at in (receipt.window.start, receipt.window.end))
            keep &= (self.given_at >= start) & (self.given_at < end)
        if receipt.as_of is not None:
            keep &= self.known_at <= _naive(receipt.as_of)
        score = self.score[keep]
        counts_blanks = "missing" not in dict(receipt.exclusions)
        return cx.nps(np.nan_to_num(score, nan=7.0) if counts_blanks else score)

    def result(self, **facts: Any) -> Estimate:
        """A result with its receipt filled in."""
        exclusions = facts.pop("exclusions", (("missing", 1),))
        asked = Receipt(engine="nps", method="score", confidence_level=0.95, **facts)
        made = self.measure(attrs.evolve(asked, exclusions=exclusions))
        return made.with_receipt(**facts)


def _naive(at: datetime) -> np.datetime64:
    return np.datetime64(at.replace(tzinfo=None), "h")


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Two weeks of answers, some of which became known late and some of which are blank."""
    return Answers()


def _adds_up(fall: Waterfall) -> bool:
    return fsum(step.value for step in fall.steps) == pytest.approx(fall.gap, abs=1e-12)


class TestByHand:
    """One planted difference at a time: it is named, and the whole gap is its size."""

    def test_blank_answers_in_the_denominator(self) -> None:
        """Blanks that count below the line halve this score; nothing else is blamed."""
        rows = [10, 9, 9, 3, None, None, None, None] * 25
        ours = cx.nps(rows)
        theirs = cx.nps([8 if row is None else row for row in rows])
        fall = cx.explain_difference(ours, theirs)
        assert [(step.name, step.value) for step in fall.steps] == [("blank answers", -25.0)]
        assert "100 missing" in fall.steps[0].note

    def test_late_data(self, answers: Answers) -> None:
        """What became known later is named as such, with both instants."""
        early, late = (answers.result(as_of=MONDAY + timedelta(days=d)) for d in (7, 21))
        (step,) = cx.explain_difference(early, late).steps
        assert step.name == "late data"
        assert step.note == (
            "known at 2026-11-09 00:00:00 UTC before, known at 2026-11-23 00:00:00 UTC after"
        )
        assert step.value == pytest.approx((late.value or 0) - (early.value or 0))

    def test_another_window(self, answers: Answers) -> None:
        """Two windows are named by what people call them."""
        first, second = (answers.result(window=week) for week in WEEKS)
        (step,) = cx.explain_difference(first, second).steps
        assert (step.name, step.note) == ("window", "2026-W45 before, 2026-W46 after")

    def test_groups_of_a_breakdown(self) -> None:
        """Two groups differ by the filter on their axis."""
        made = cx.nps([10, 9, 3, 3], by={"region": ["North", "North", "South", "South"]})
        (step,) = cx.explain_difference(made["North"], made["South"]).steps
        assert (step.name, step.value) == ("filter on region", -200.0)

    def test_another_definition(self) -> None:
        """Another set of levels on the same answers is another definition."""
        two = cx.csat([5, 4, 3, 1] * 10, scale="1-5")
        one = cx.csat([5, 4, 3, 1] * 10, scale="1-5", top=(5,))
        (step,) = cx.explain_difference(two, one).steps
        assert (step.name, step.value) == ("definition", -0.25)
        assert step.note == "csat, scale 1-5, top 4 5 before, csat, scale 1-5, top 5 after"

    def test_weights(self) -> None:
        """An unweighted number and a weighted one differ by that."""
        rows = [10, 3] * 30
        fall = cx.explain_difference(cx.nps(rows), cx.nps(rows, weights=[3.0, 1.0] * 30))
        assert [step.name for step in fall.steps] == ["weights and design"]
        assert fall.steps[0].note == "nothing before, weights after"

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            (cx.nps([10, 3] * 20 + [None]), cx.nps([10, 9, 3] * 20), "blank answers"),
            (
                cx.csat([1, 5] * 30, scale="1-5"),
                cx.csat([1, 5, 4] * 30, scale="1-5", top=[5]),
                "definition",
            ),
            (
                cx.nps([10, 3] * 20),
                cx.nps([10, 9, 3] * 20, weights=[1, 1, 2] * 20),
                "weights and design",
            ),
        ],
    )
    def test_other_rows_are_never_put_down_to_one_step(
        self, before: Estimate, after: Estimate, said: str
    ) -> None:
        """Where the rows are others, nothing shows that the one difference is the whole gap."""
        (step,) = cx.explain_difference(before, after).steps
        assert step.name == f"{said} and other answers"
        assert step.value == pytest.approx((after.value or 0.0) - (before.value or 0.0))

    def test_one_step_is_measured_where_it_can_be(self, answers: Answers) -> None:
        """What the one step does not make up is told as such."""
        before, after = answers.result(), answers.result(filters=(("region", "North"),))
        whole = (after.value or 0.0) - (before.value or 0.0)
        fall = cx.explain_difference(
            before,
            after,
            measure=lambda receipt: (before.value or 0.0) + (1.0 if receipt.filters else 0.0),
        )
        sizes = {step.name: step.value for step in fall.steps}
        expected = {"filter on region": 1.0, "not told by the receipts": whole - 1.0}
        assert sizes == pytest.approx(expected)

    def test_the_same_recipe_over_other_answers(self) -> None:
        """Receipts that are alike leave the answers themselves."""
        (step,) = cx.explain_difference(cx.nps([10, 9, 3]), cx.nps([10, 9, 9])).steps
        assert step.name == "other answers"

    def test_nothing_to_explain(self) -> None:
        """The same number made the same way has no step."""
        assert cx.explain_difference(cx.nps([10, 3]), cx.nps([10, 3])).steps == ()

    def test_the_method_moves_nothing(self) -> None:
        """Another interval of the same answers is no reason for another figure."""
        rows = [10, 9, 3] * 20
        fall = cx.explain_difference(cx.nps(rows), cx.nps(rows, method="wald"))
        assert fall.steps == ()


class TestSeveralSteps:
    """Three planted differences at once."""

    @pytest.fixture
    def fall(self, answers: Answers) -> Waterfall:
        """Blanks counted, another window and late data, together."""
        ours = answers.result(window=WEEKS[0], as_of=MONDAY + timedelta(days=8))
        theirs = answers.result(window=WEEKS[1], as_of=MONDAY + timedelta(days=40), exclusions=())
        return cx.explain_difference(ours, theirs, measure=answers.measure)

    def test_each_is_named_with_its_size(self, fall: Waterfall) -> None:
        """Every planted difference is found, none is nought, and no other one is blamed."""
        assert {step.name for step in fall.steps} == {"blank answers", "window", "late data"}
        assert all(abs(step.value) > 0.1 for step in fall.steps)

    def test_the_sizes_add_up(self, fall: Waterfall) -> None:
        """The steps are the gap, exactly."""
        assert _adds_up(fall)
        assert fall.method == "shapley"

    def test_the_size_of_a_step_is_its_mean_over_all_orders(self, answers: Answers) -> None:
        """Two steps: half of what each adds first, and half of what it adds last."""
        ours = answers.result(window=WEEKS[0])
        theirs = answers.result(window=WEEKS[1], exclusions=())
        fall = cx.explain_difference(ours, theirs, measure=answers.measure)
        facts = [{"window": w, "exclusions": e} for w in WEEKS for e in ((("missing", 1),), ())]
        a, blanks, window, both = (answers.result(**fact).value or 0.0 for fact in facts)
        assert fall["window"].value == pytest.approx(((window - a) + (both - blanks)) / 2)
        assert fall["blank answers"].value == pytest.approx(((blanks - a) + (both - window)) / 2)

    def test_backwards_is_the_opposite(self, answers: Answers, fall: Waterfall) -> None:
        """Explaining the other way round turns every sign and nothing else."""
        ours = answers.result(window=WEEKS[0], as_of=MONDAY + timedelta(days=8))
        theirs = answers.result(window=WEEKS[1], as_of=MONDAY + timedelta(days=40), exclusions=())
        back = cx.explain_difference(theirs, ours, measure=answers.measure)
        there = sorted(step.value for step in fall.steps)
        assert sorted(-step.value for step in back.steps) == pytest.approx(there)

    def test_receipts_alone_are_measured(self, answers: Answers) -> None:
        """Receipts without results are enough where they can be measured."""
        base = Receipt(engine="nps", method="score", confidence_level=0.95)
        first, second = (attrs.evolve(base, window=week) for week in WEEKS)
        fall = cx.explain_difference(first, second, measure=answers.measure)
        assert (fall.unit, fall.steps[0].name) == ("points", "window")

    def test_what_cannot_be_measured_again_is_a_step(self, answers: Answers) -> None:
        """A number that its own recipe does not give any more is told, not hidden."""
        ours = answers.result(window=WEEKS[0])
        theirs = answers.result(window=WEEKS[1], exclusions=())
        wrong = attrs.evolve(theirs, value=(theirs.value or 0.0) + 5.0)
        fall = cx.explain_difference(ours, wrong, measure=answers.measure)
        assert fall["not told by the receipts"].value == pytest.approx(5.0)
        assert _adds_up(fall)

    @given(st.lists(st.floats(-100, 100), min_size=16, max_size=16))
    def test_any_measure_adds_up(self, table: list[float]) -> None:
        """Whatever the mixtures give, the steps add up to the gap."""
        base = Receipt(engine="nps", method="score", confidence_level=0.95)
        other = attrs.evolve(
            base,
            window=WEEKS[0],
            as_of=MONDAY,
            design=("weights",),
            filters=(("channel", "phone"),),
        )

        def measure(receipt: Receipt) -> float:
            parts = (receipt.window, receipt.as_of, receipt.design, receipt.filters)
            return table[sum(1 << i for i, part in enumerate(parts) if part)]

        assert _adds_up(cx.explain_difference(base, other, measure=measure))

    @given(st.lists(st.floats(-9, 9) | st.none(), min_size=6, max_size=6))
    def test_mixtures_without_a_value_join_their_steps(self, middle: list[float | None]) -> None:
        """Steps are joined as far as mixtures have no value; what is left still adds up."""
        base = Receipt(engine="nps", method="score", confidence_level=0.95)
        other = attrs.evolve(base, window=WEEKS[0], as_of=MONDAY, design=("weights",))
        table = [1.0, *(float("nan") if v is None else v for v in middle), 8.0]

        def measure(receipt: Receipt) -> float:
            parts = (receipt.window, receipt.as_of, receipt.design)
            return table[sum(1 << i for i, part in enumerate(parts) if part)]

        fall = cx.explain_difference(base, other, measure=measure)
        assert _adds_up(fall)
        assert len(fall.steps) == 3 or None in middle

    def test_many_filters_become_one_step(self) -> None:
        """No more than eight steps are split: two to the eighth mixtures are measured at most."""
        base = Receipt(engine="nps", method="score", confidence_level=0.95)
        other = attrs.evolve(
            base, window=WEEKS[0], filters=tuple((f"field {i}", "x") for i in range(9))
        )
        seen: list[Receipt] = []

        def measure(receipt: Receipt) -> float:
            seen.append(receipt)
            return float(len(receipt.filters))

        fall = cx.explain_difference(base, other, measure=measure)
        assert [step.name for step in fall.steps] == ["window", "filters"]
        assert len(seen) <= 2 + 256


class TestRefusals:
    """What cannot be explained is said, with the cure."""

    def test_several_steps_need_a_measure(self, answers: Answers) -> None:
        """Without a way to measure a mixture the steps are named, and none is guessed."""
        ours = answers.result(window=WEEKS[0])
        theirs = answers.result(window=WEEKS[1], exclusions=())
        with pytest.raises(UsageError, match="2 steps: blank answers, window") as caught:
            cx.explain_difference(ours, theirs)
        assert "measure=" in (caught.value.hint or "")

    def test_a_receipt_alone_has_no_number(self) -> None:
        """A receipt without a way to measure it is an error."""
        receipt = Receipt(engine="nps", method="score", confidence_level=0.95)
        with pytest.raises(UsageError, match="no number"):
            cx.explain_difference(receipt, receipt)

    @pytest.mark.parametrize(
        ("a", "b", "said"),
        [
            (cx.nps([10]), cx.csat([5], scale="1-5"), "unit: points of nps .* share of csat"),
            (cx.nps([10]), cx.nps([None]), "no value"),
            (cx.nps([10]), cx.nps([10], by=["a"]), "1 groups"),
            (cx.nps([10]), 33.0, "float"),
        ],
    )
    def test_what_is_no_pair_is_refused(self, a: Any, b: Any, said: str) -> None:
        """Different units, no value, a breakdown, or a bare number."""
        with pytest.raises(UsageError, match=said):
            cx.explain_difference(a, b)

    def test_numbers_that_are_gone_are_named(self, answers: Answers) -> None:
        """A number that has no value when it is measured again cannot be explained."""
        ours = answers.result(window=WEEKS[0])
        theirs = answers.result(window=WEEKS[1], as_of=MONDAY + timedelta(days=10))
        measure: Measure = lambda receipt: float("nan")  # noqa: E731
        with pytest.raises(UsageError, match="no value when it is measured again"):
            cx.explain_difference(ours, theirs, measure=measure)


def test_no_argument_is_changed(answers: Answers) -> None:
    """Explaining leaves both results as they were."""
    sides = [answers.result(window=week) for week in WEEKS]
    before = [side.to_dict() for side in sides]
    for a, b in pairwise(sides):
        cx.explain_difference(a, b)
    assert [side.to_dict() for side in sides] == before
