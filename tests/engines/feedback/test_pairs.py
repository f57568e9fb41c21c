"""The change of the same people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Comparison
from cxm_core.stats import CodedAxis, Tally, linear_ratio, pseudo_t, score_interval

PAIRS = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=50)


def matched(pairs: list[tuple[int, int]], **options: Any) -> Comparison:
    """NPS of both, row by row."""
    before, after = (list(side) for side in zip(*pairs, strict=True))
    return cx.compare(before, after, metric="nps", paired=True, **options)


class TestByHand:
    def test_a_share_is_gained_less_lost(self) -> None:
        """Of ten, three were gained and one was lost: the score interval of that balance."""
        before = [1] * 6 + [5] * 4
        after = [5] * 3 + [1] * 3 + [1] + [5] * 3
        made = cx.compare(before, after, metric="csat", scale="1-5", paired=True)
        wanted = score_interval(3, 1, 10)
        assert made.value == pytest.approx(0.2)
        assert (made.low, made.high) == pytest.approx((float(wanted.low), float(wanted.high)))
        assert made.method == "paired score"

    def test_by_identifier(self) -> None:
        """People are found by their identifiers; who answered once is counted and told."""
        made = cx.compare(
            [10, 3, 8, 9], [8, 10, 3], metric="nps", paired=(["a", "b", "c", "d"], ["c", "a", "x"])
        )
        assert (made.before.n, made.after.n) == (2, 2)
        assert made.value == 0.0
        assert made.receipt.steps == (("rows", 7), ("pairs", 2))
        assert made.receipt.exclusions == (("answered only once", 3),)
        assert "unmatched" in [caveat.code for caveat in made.caveats]

    def test_one_and_true_are_two_people(self) -> None:
        """Identifiers of different types are different."""
        made = cx.compare([10, 3], [9, 0], metric="nps", paired=(["1", "2"], [1, 2]))
        assert made.value is None

    def test_missing_answers_and_identifiers(self) -> None:
        """A row without an answer or an identifier is nobody's."""
        made = cx.compare(
            [10, None, 3, 2],
            [9, 9, 9, 9],
            metric="nps",
            paired=(["a", "b", None, "d"], list("abcd")),
        )
        assert made.receipt.steps == (("rows", 8), ("pairs", 2))
        assert made.receipt.exclusions == (
            ("no answer", 1),
            ("no identifier", 1),
            ("answered only once", 2),
        )

    def test_answers_without_an_identifier_are_told(self) -> None:
        """Three answers of nobody known are counted, and the reader is told."""
        made = cx.compare(
            [6, 8, 9, 7],
            [9, 8, 10],
            metric="nps",
            paired=(["a", None, None, "b"], ["a", None, "c"]),
        )
        assert made.receipt.steps == (("rows", 7), ("pairs", 1))
        assert made.receipt.exclusions == (("no identifier", 3), ("answered only once", 2))
        assert "3 answers have no identifier" in str(made)

    def test_what_does_not_apply_is_no_answer(self) -> None:
        """Who says that it did not apply is not counted among those who answered."""
        codes = {6: "not_applicable"}
        made = cx.compare(
            [5, 6, 1, 4], [5, 5, 6, 1], metric="csat", scale="1-5", missing=codes, paired=True
        )
        assert made.receipt.steps == (("rows", 8), ("pairs", 2))
        assert made.receipt.exclusions == (("no answer", 2), ("answered only once", 2))
        assert made.value == -0.5

    def test_another_level(self) -> None:
        """The interval can be made again at another level."""
        made = matched([(3, 9), (9, 9), (8, 10), (10, 2)] * 10)
        narrow = matched([(3, 9), (9, 9), (8, 10), (10, 2)] * 10, confidence_level=0.8)
        assert made.confidence_interval(0.8) == (narrow.low, narrow.high)
        assert narrow.high < made.high

    def test_clusters_widen(self) -> None:
        """People of one house who change together say less than people on their own."""
        before, after = [8] * 40, ([10] * 4 + [8] * 4) * 5
        houses = [i // 4 for i in range(40)]
        plain, clustered = (
            cx.compare(before, after, metric="nps", paired=True, clusters=c) for c in (None, houses)
        )
        assert clustered.high - clustered.low > 1.5 * (plain.high - plain.low)


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"paired": True}, "2 rows before and 3 after"),
            ({"paired": (["a", "a"], ["a", "b", "c"])}, "1 of 2 answers before are further ones"),
            ({"paired": "id"}, "neither side"),
            ({"paired": np.array([1, 2])}, "neither side"),
            ({"paired": (["a", "b"], list("abc")), "metric": None}, "name of a metric"),
            ({"paired": (["a", "b"], list("abc")), "relative": True}, "relative change of pairs"),
            ({"paired": (["a", "b"], list("abc")), "method": "welch"}, "no interval method"),
            ({"clusters": [1, 2]}, "goes with paired="),
        ],
    )
    def test_refusals(self, options: dict[str, Any], message: str) -> None:
        """What is no pair is refused, and the error says what would be one."""
        with pytest.raises(UsageError, match=message):
            cx.compare([10, 9], [3, 9, 8], **{"metric": "nps", **options})


PEOPLE = st.dictionaries(st.integers(0, 30), st.integers(0, 10) | st.none(), max_size=20)
NAMELESS = st.lists(st.integers(0, 10) | st.none(), max_size=5)


class TestByLaw:
    @given(PEOPLE, PEOPLE, NAMELESS, NAMELESS)
    def test_no_row_is_forgotten(
        self, one: dict[int, Any], two: dict[int, Any], more: list[Any], others: list[Any]
    ) -> None:
        """Both rows of each pair and the rows left out are all rows."""
        made: Any = cx.compare(
            [*one.values(), *more],
            [*two.values(), *others],
            metric="nps",
            paired=([*one, *[None] * len(more)], [*two, *[None] * len(others)]),
        )
        steps = dict(made.receipt.steps)
        lost = sum(count for _, count in made.receipt.exclusions)
        assert steps["rows"] == len(one) + len(two) + len(more) + len(others)
        assert steps["rows"] == 2 * steps["pairs"] + lost

    @given(PAIRS)
    def test_after_less_before(self, pairs: list[tuple[int, int]]) -> None:
        """The change is that of the two figures, and its interval holds it."""
        made = matched(pairs)
        assert made.value == pytest.approx(made.after.value - made.before.value, abs=1e-9)
        assert made.low <= made.value + 1e-9
        assert made.value - 1e-9 <= made.high

    @given(PAIRS)
    def test_rows_and_identifiers_meet(self, pairs: list[tuple[int, int]]) -> None:
        """Row by row, and by identifiers in any order, the change is the same."""
        before, after = (list(side) for side in zip(*pairs, strict=True))
        names = [f"p{i}" for i in range(len(pairs))]
        turned = cx.compare(before, after[::-1], metric="nps", paired=(names, names[::-1]))
        straight = matched(pairs)
        assert (turned.low, turned.high) == (straight.low, straight.high)

    @given(PAIRS)
    def test_the_other_way_round(self, pairs: list[tuple[int, int]]) -> None:
        """After and before changed, the limits change sides and sign."""
        one, two = matched(pairs), matched([(b, a) for a, b in pairs])
        assert (one.low, one.high) == pytest.approx((-two.high, -two.low), abs=1e-9)


class TestByReference:
    def test_the_mean_of_the_changes(self) -> None:
        """The numbers are those of a plain sample of changes from -2 to 2."""
        rng = np.random.default_rng(7)
        pairs = [tuple(row) for row in rng.integers(0, 11, (60, 2)).tolist()]
        signs = [[(x >= 9) - (x <= 6) for x in row] for row in pairs]
        change = np.array([b - a for a, b in signs])
        made = matched(pairs)
        assert made.value == pytest.approx(100 * change.mean())
        assert made.standard_error == pytest.approx(100 * change.std() / np.sqrt(60))
        shares = [(change == k).mean() for k in range(-2, 3)]
        wanted = pseudo_t(shares, range(-2, 3), 60)
        assert (made.low, made.high) == pytest.approx(
            (100 * float(wanted.low), 100 * float(wanted.high))
        )

    def test_the_error_of_clusters(self) -> None:
        """With clusters it is the linearised error of the same changes."""
        rng = np.random.default_rng(8)
        before, after = rng.integers(0, 11, (2, 90))
        houses = rng.integers(0, 20, 90)
        made = cx.compare(before, after, metric="nps", paired=True, clusters=houses)
        signs = [(x >= 9).astype(int) - (x <= 6) for x in (before, after)]
        tally = Tally.from_codes(
            levels=(-2, -1, 0, 1, 2),
            level_codes=signs[1] - signs[0] + 2,
            axes=[CodedAxis.of("@cluster", houses, role="cluster")],
        )
        wanted = linear_ratio(tally, range(-2, 3), np.ones(5)).standard_error[0]
        assert made.standard_error == pytest.approx(100 * wanted)
