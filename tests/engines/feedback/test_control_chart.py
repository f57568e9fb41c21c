"""Control charts of a metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import xmr_chart

SCORES = [10, 9, 9, 8, 7, 10, 9, 3]
WEEKS = [f"2026-W{week:02}" for week in range(1, 31)]


def steady(**options: Any) -> Any:
    """Thirty weeks, all alike but for the last, in which all answers are poor."""
    at = [week for week in WEEKS for _ in SCORES]
    return cx.control_chart(SCORES * 29 + [3] * 8, at, metric="nps", baseline=29, **options)


class TestByHand:
    def test_a_point_that_stands_out(self) -> None:
        """The one week that is unlike the others is the one signal."""
        made = steady(kind="p")
        assert [point.at for point in made.signals] == ["2026-W30"]
        assert made.signals[0].signals == ("beyond_limits",)
        assert made.centre == 50.0

    def test_limits_of_a_p_chart(self) -> None:
        """Three sampling errors, and never beyond the scale."""
        made = steady(kind="p")
        error = np.sqrt((5 / 8 + 1 / 8 - 0.25) / 8)
        assert made.points[0].low == pytest.approx(50 - 300 * error)
        assert made.points[0].high == 100.0

    def test_individual_values(self) -> None:
        """The chart of individual values is the one of the values themselves."""
        at = [week for week in WEEKS[:10] for _ in range(4)]
        rng = np.random.default_rng(1)
        scores = rng.integers(1, 6, 40)
        made = cx.control_chart(scores, at, metric="mean_score", scale="1-5")
        wanted = xmr_chart(scores.reshape(10, 4).mean(axis=1))
        assert made.kind == "xmr"
        assert [point.low for point in made.points] == pytest.approx(
            np.maximum(wanted.low, 1.0).tolist()
        )

    def test_sizes_that_differ(self) -> None:
        """Points of very different size have limits of their own."""
        at = ["a"] * 10 + ["b"] * 40 + ["c"] * 10
        scores = [5] * 6 + [1] * 4 + [5, 4, 2, 5, 1] * 8 + [5] * 5 + [2] * 5
        made = cx.control_chart(scores, at, metric="csat", scale="1-5")
        assert made.kind == "laney"
        narrow, wide = (p.high - p.low for p in (made.points[1], made.points[0]))
        assert narrow < wide

    def test_a_known_centre(self) -> None:
        """A target takes the place of the baseline's mean."""
        assert steady(kind="p", target=40.0).centre == 40.0

    @pytest.mark.parametrize("kind", ["ewma", "cusum"])
    def test_small_lasting_shifts(self, kind: str) -> None:
        """A shift that no single point shows is found by what adds up."""
        rng = np.random.default_rng(5)
        at = np.repeat(np.arange(80), 10)
        calm = rng.choice([3, 8, 10], p=(0.2, 0.35, 0.45), size=400)
        worse = rng.choice([3, 8, 10], p=(0.33, 0.35, 0.32), size=400)
        made = cx.control_chart(
            np.concatenate([calm, worse]), at, metric="nps", baseline=40, kind=kind
        )
        first = made.signals[0].at
        assert isinstance(first, int)
        assert 40 <= first < 70
        assert made.rules == "limits"

    def test_all_alike(self) -> None:
        """Answers that never differ have limits without width and no signal; METRIC-03."""
        made = cx.control_chart([10] * 20, list(range(10)) * 2, metric="nps")
        assert made.kind == "xmr"
        assert made.signals == ()

    def test_few_points_are_told(self) -> None:
        """Limits from few points would move with more of them."""
        assert [
            caveat.code for caveat in cx.control_chart([10, 3], [1, 2], metric="nps").caveats
        ] == ["few_points"]
        assert steady().caveats == ()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"kind": "xbar"}, "no chart 'xbar'"),
            ({"rules": "nelson"}, "no rules 'nelson'"),
        ],
    )
    def test_what_is_refused(self, options: dict[str, str], said: str) -> None:
        """Kinds and rules that are not there are answered with those that are."""
        with pytest.raises(UsageError, match=said):
            steady(**options)

    def test_too_few_points(self) -> None:
        """One point, or none, sets no limits; METRIC-01 and METRIC-02."""
        for data, at in (([10], ["a"]), ([None], ["a"])):
            with pytest.raises(UsageError, match="sets no limits"):
                cx.control_chart(data, at, metric="nps")
        with pytest.raises(UsageError, match="baseline of 1 of 2"):
            cx.control_chart([10, 3], ["a", "b"], metric="nps", baseline=1)
        with pytest.raises(UsageError, match="error is nought"):
            cx.control_chart([10, 10, 3], ["a", "b", "c"], metric="nps", baseline=2, kind="p")


class TestByLaw:
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10)), min_size=4, max_size=60))
    def test_rows_of_any_order(self, rows: list[tuple[int, int]]) -> None:
        """Periods say when, not the order of the rows."""
        assume(len({at for at, _ in rows}) > 1)
        made = [
            cx.control_chart([s for _, s in order], [a for a, _ in order], metric="nps", kind="xmr")
            for order in (rows, sorted(rows, key=lambda row: row[1]))
        ]
        assert made[0] == made[1]

    @given(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=6), min_size=2, max_size=12))
    def test_values_are_those_of_the_metric(self, weeks: list[list[int]]) -> None:
        """Each point is the metric of its period, and lies where its answers are."""
        at = [place for place, week in enumerate(weeks) for _ in week]
        flat = [score for week in weeks for score in week]
        made = cx.control_chart(flat, at, metric="mean_score", scale="1-5", kind="xmr")
        wanted = cx.mean_score(flat, scale="1-5", by=at)
        assert [p.value for p in made.points] == pytest.approx(wanted.value.tolist())
        assert [p.n for p in made.points] == wanted.n.tolist()


class TestByReference:
    def test_p_chart_of_a_textbook(self) -> None:
        """Montgomery 2013, example 7.1: 347 of 1,500 cans, limits 0.0524 and 0.4102."""
        failed = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22]
        failed += [8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
        assert sum(failed) == 347
        data = [int(i < count) for count in failed for i in range(50)]
        at = [place for place in range(30) for _ in range(50)]
        made = cx.control_chart(
            data, at, metric="top_box", scale="thumbs", kind="p", rules="limits"
        )
        assert made.centre == pytest.approx(0.2313, abs=5e-5)
        assert made.points[0].low == pytest.approx(0.0524, abs=5e-5)
        assert made.points[0].high == pytest.approx(0.4102, abs=5e-5)
        # The book finds samples 15 and 23 beyond the limits.
        assert [point.at for point in made.signals] == [14, 22]
