"""Metrics as somebody defined them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import DEFINITIONS, MetricDefinition
from cxm_core.errors import UsageError

EVERY = [one for versions in DEFINITIONS.values() for one in versions]


def _levels(one: MetricDefinition) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from(one.scale.levels), min_size=1, max_size=40)


class TestByHand:
    @pytest.mark.parametrize(
        ("name", "version", "answers", "value"),
        [
            ("nps", None, [10, 9, 8, 6], 25.0),
            ("csat_top_1", None, [5, 4, 3, 1], 0.25),
            ("csat_top_2", None, [5, 4, 3, 1], 0.5),
            ("csat_mean", None, [5, 4, 3, 1], 3.25),
            ("csat_net", None, [5, 4, 3, 1], 25.0),
            ("ces_mean", 1, [1, 2, 5, 4], 3.0),
            ("ces_mean", 2, [1, 2, 5, 7], 3.75),
            ("ces_easy_7", None, [5, 6, 4, 1], 0.5),
            ("ces_easy_5", None, [5, 4, 3, 1], 0.5),
            ("ces_net", None, [7, 6, 5, 1], 50.0),
            ("net_easy", None, [1, 2, 3, 7], 25.0),
            ("fft_score", None, [5, 5, 4, 3], 25.0),
        ],
    )
    def test_value(self, name: str, version: int | None, answers: list[int], value: float) -> None:
        """Each definition counts as its source says."""
        assert cx.definition(name, version=version)(answers).value == value

    def test_friends_and_family_counts_who_does_not_know(self) -> None:
        """A "don't know" lies below the line of both shares, and above neither."""
        answers = [5, 4, 4, 3, 2, 6, 6, 6, None, None]
        parts = [
            cx.definition(name)(answers, missing={6: "not_applicable"})
            for name in ("fft_positive", "fft_negative")
        ]
        assert [part.value for part in parts] == [3 / 8, 1 / 8]
        assert [part.n for part in parts] == [8, 8]

    def test_the_newest_version_is_the_usual_one(self) -> None:
        """Without a version the newest counts, and the receipt says which it was."""
        made = cx.definition("ces_mean")([7, 6])
        assert (made.receipt.definition, made.receipt.version) == ("ces_mean", 2)
        assert made.metric == "ces_mean"

    @pytest.mark.parametrize(("name", "version"), [("net_eazy", None), ("ces_mean", 3)])
    def test_what_is_not_there_is_refused(self, name: str, version: int | None) -> None:
        """An unknown name has a near miss, an unknown version the known ones."""
        with pytest.raises(UsageError, match=r"no definition|no version") as caught:
            cx.definition(name, version=version)
        assert "net_easy" in str(caught.value) or "1, 2" in str(caught.value)


class TestByLaw:
    @pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.name} {one.version}")
    def test_every_definition_tells_its_source(self, one: MetricDefinition) -> None:
        """Nobody has to believe us: each names who defined it, and what is asked."""
        assert one.source
        assert one.question
        assert one.title

    def test_one_meaning_has_one_hash(self) -> None:
        """Versions of one name with another scale differ in their hash."""
        old, new = DEFINITIONS["ces_mean"]
        assert old.definition_hash != new.definition_hash

    @given(st.data())
    def test_easy_less_difficult_is_the_net(self, data: st.DataObject) -> None:
        """Good less bad is the share of the good less the share of the bad, in points."""
        one = data.draw(st.sampled_from([d for d in EVERY if d.engine.name == "net_box"]))
        answers = data.draw(_levels(one))
        top = cx.top_box(answers, scale=one.scale).value
        bottom = cx.bottom_box(answers, scale=one.scale).value
        assert top is not None
        assert bottom is not None
        assert one(answers).value == pytest.approx(100 * (top - bottom), abs=1e-9)

    @given(_levels(cx.definition("csat_top_2")))
    def test_a_definition_is_its_engine(self, answers: list[int]) -> None:
        """The definition and the function it stands on give the same numbers."""
        named, plain = cx.definition("csat_top_2")(answers), cx.csat(answers, scale="1-5")
        assert (named.value, named.low, named.high) == (plain.value, plain.low, plain.high)


class TestByReference:
    def test_friends_and_family_as_published(self) -> None:
        """A table of counts gives the shares that the published formula gives."""
        counts = {5: 612, 4: 201, 3: 44, 2: 28, 1: 40, 6: 19}
        answers = [level for level, n in counts.items() for _ in range(n)]
        made = cx.definition("fft_positive", version=1)(answers, missing={6: "not_applicable"})
        assert made.value == pytest.approx((612 + 201) / 944)

    def test_first_friends_and_family_score(self) -> None:
        """The score of 2013: extremely likely less neither, unlikely and extremely unlikely."""
        counts = {5: 612, 4: 201, 3: 44, 2: 28, 1: 40}
        answers = [level for level, n in counts.items() for _ in range(n)]
        made = cx.definition("fft_score")(answers)
        assert made.value == pytest.approx(100 * (612 - 44 - 28 - 40) / 925)


class TestMixingScales:
    def test_results_on_two_scales_are_not_compared(self) -> None:
        """The error says which scale each side has."""
        old, new = cx.definition("ces_mean", version=1), cx.definition("ces_mean")
        with pytest.raises(UsageError, match="1-5 reversed before, scale 1-7 after"):
            cx.compare(old([1, 2] * 20), new([6, 7] * 20))

    def test_a_value_of_another_scale_is_named(self) -> None:
        """An answer that the definition's scale does not have is named with the scale."""
        with pytest.raises(UsageError, match=r"7.*1-5"):
            cx.definition("csat_top_2")([5, 4, 7])

    def test_a_definition_is_a_metric(self) -> None:
        """What can be called can be compared by."""
        made = cx.compare([1] * 40, [7] * 40, metric=cx.definition("net_easy"))
        assert made.value == -200.0
        assert made.metric == "net_easy"

    def test_missing_codes_reach_a_definition(self) -> None:
        """Codes that mean no answer are told to `compare` as for any metric."""
        sides = [1, 2, 9] * 20, [6, 7, 9] * 20
        made = cx.compare(*sides, metric=cx.definition("net_easy"), missing=(9,))
        assert (made.before.n, made.value) == (40, -200.0)

    def test_a_definition_has_its_own_scale(self) -> None:
        """Another scale beside a definition is refused."""
        with pytest.raises(UsageError, match="scale of its own"):
            cx.compare([1] * 9, [2] * 9, metric=cx.definition("net_easy"), scale="1-5")

    def test_tallies_of_two_scales_are_not_added(self) -> None:
        """The error says which levels each tally has."""
        with pytest.raises(UsageError, match=r"levels.*1 to 5.*1 to 7"):
            cx.tally([5, 4], scale="1-5") + cx.tally([5, 4], scale="1-7")
