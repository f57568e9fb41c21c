"""Why a metric moved: mix and rate."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import definition
from cxm_core.errors import UsageError

BEFORE = [10, 10, 9, 3] * 25 + [9, 7, 5, 3] * 25
AFTER = [10, 10, 9, 3] * 12 + [10, 3] + [9, 7, 5, 3] * 37 + [9, 3]
SHOPS = ["a"] * 100 + ["b"] * 100, ["a"] * 50 + ["b"] * 150
rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10)), min_size=1, max_size=30)
DESIGN = {"weights": "WEIGHT", "strata": "STRATA", "clusters": "RUNID"}


class TestByHand:
    def test_only_the_mix_moved(self) -> None:
        """Shops that answer as before, in other numbers: each rate is nought."""
        found = cx.decompose(
            [10, 10, 3, 3], [10, 3, 3, 3], metric="nps", by=(list("aabb"), list("abbb"))
        )
        assert (found.start, found.end) == (0, -50)
        values = [step.value for step in found.steps]
        # The overall score is -25 in the middle: a lies 125 above it, b 75 below.
        assert values == pytest.approx([-31.25, -18.75, 0, 0], abs=1e-12)

    def test_what_a_step_tells(self) -> None:
        """A step has its interval, and says in words what was before and after."""
        found = cx.decompose(BEFORE, AFTER, metric="nps", by=SHOPS)
        step = found["mix: a"]
        assert step.low is not None
        assert step.low < step.value < step.high
        assert step.note == "share of answers 50.0% before, 25.0% after"
        assert found["rate: b"].note == "nps -25.00 before, -24.67 after"
        told = dict(found.receipt.parameters)
        assert float(told["mix"]) + float(told["rate"]) == pytest.approx(found.gap, abs=1e-4)

    def test_many_groups_share_a_step(self) -> None:
        """Groups that move least stand together, and nothing is lost."""
        by = [i % 30 for i in range(300)]
        found = cx.decompose(
            [10, 9, 8, 3, 0] * 60, [10, 9, 8, 8, 0] * 60, metric="nps", by=(by, by[::-1])
        )
        assert len(found.steps) == 26
        assert found["rate: 18 other groups"].low is None
        assert sum(s.value for s in found.steps) == pytest.approx(found.gap)

    def test_a_group_that_agrees_has_no_doubt_to_show(self) -> None:
        """Forty alike on both sides prove nothing: their step of no width is told."""
        groups = ["a"] * 40 + ["b"] * 40
        found = cx.decompose([10] * 40 + [3, 9] * 20, [10] * 40 + [9, 3] * 20, metric="nps",
            by=(groups, groups))  # fmt: skip
        assert found["rate: a"].low == found["rate: a"].high == 0.0
        (caveat,) = found.caveats
        assert caveat.code == "unanimous_groups"
        assert caveat.message.startswith("In 1 of the groups")

    def test_a_group_on_one_side(self) -> None:
        """A new shop is told by a caveat, and its step is mix."""
        found = cx.decompose([10, 3] * 40, [10, 3] * 40 + [10] * 20, metric="nps",
            by=(["a"] * 80, ["a"] * 80 + ["new"] * 20))  # fmt: skip
        assert "one_side_only" in [caveat.code for caveat in found.caveats]
        assert found["mix: new"].note.endswith("0.0% before, 20.0% after")
        assert found["rate: new"].note == "nps none before, 100.00 after"

    def test_tallies_and_tables(self) -> None:
        """Sequences, tables and tallies give the same steps."""
        wanted = cx.decompose(BEFORE, AFTER, metric="nps", by=SHOPS)
        tables = [{"s": s, "shop": by} for s, by in zip((BEFORE, AFTER), SHOPS, strict=True)]
        tallies = [
            cx.tally(s, scale="0-10", by={"shop": by})
            for s, by in zip((BEFORE, AFTER), SHOPS, strict=True)
        ]
        for sides, column in ((tables, "s"), (tallies, None)):
            made = cx.decompose(*sides, metric="nps", by="shop", column=column)
            assert made.steps == wanted.steps

    @pytest.mark.parametrize("metric", ["nps", "csat", "mean_score"])
    def test_breakdowns(self, metric: str) -> None:
        """Breakdowns of simple samples give the steps that their answers give."""
        rng = np.random.default_rng(13)
        scale = None if metric == "nps" else "1-5"
        sides = [rng.integers(1, 6, n).tolist() for n in (80, 120)]
        by = [["abc"[i % 3] for i in range(80)], ["abcd"[i % 4] for i in range(120)]]
        wanted = cx.decompose(*sides, metric=metric, scale=scale, by=tuple(by))
        options = {} if scale is None else {"scale": scale}
        made = [getattr(cx, metric)(s, by=b, **options) for s, b in zip(sides, by, strict=True)]
        found = cx.decompose(*made)
        for one, other in zip(found.steps, wanted.steps, strict=True):
            assert (one.name, one.note) == (other.name, other.note)
            assert (one.value, one.low, one.high) == pytest.approx(
                (other.value, other.low, other.high)
            )
        assert found.receipt.parameters == wanted.receipt.parameters

    def test_breakdowns_that_do_not_fit(self) -> None:
        """A weighted breakdown, two metrics and two groupings are refused."""
        plain = cx.nps([10, 3], by=["a", "b"])
        with pytest.raises(UsageError, match="does not keep"):
            cx.decompose(plain, cx.nps([10, 3], by=["a", "b"], weights=[1.0, 2.0]))
        with pytest.raises(UsageError, match="differ in their metric"):
            cx.decompose(plain, cx.csat([5, 3], scale="1-5", by=["a", "b"]))
        with pytest.raises(UsageError, match="differ in their axes"):
            cx.decompose(plain, cx.nps([10, 3], by={"shop": ["a", "b"]}))
        with pytest.raises(UsageError, match="No metric is named"):
            cx.decompose([10, 3], [10, 3], by=(["a", "b"], ["a", "b"]))

    def test_shares_and_definitions(self) -> None:
        """Any metric is split; a share is told in percent, a definition by its name."""
        found = cx.decompose([5, 1] * 10, [5, 5] * 10, metric="csat", scale="1-5",
            by=(["a", "b"] * 10, ["a", "b"] * 10))  # fmt: skip
        assert found["rate: b"].note == "csat 0.0% before, 100.0% after"
        easy = definition("net_easy")
        made = cx.decompose([1, 7] * 10, [1, 1] * 10, metric=easy, by=(["a"] * 20, ["a"] * 20))
        assert made.receipt.definition == "net_easy"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"by": "shop"}, "must be a pair"),
            ({"by": SHOPS[0]}, "must be a pair"),
            ({"by": SHOPS, "design": {"weight": SHOPS}}, "no part 'weight'"),
            ({"by": SHOPS, "confidence_level": 95}, "between 0 and 1"),
            ({"by": SHOPS, "metric": "npss"}, "did you mean 'nps'"),
            ({"by": (SHOPS[0][:5], SHOPS[1])}, "5"),
        ],
    )
    def test_what_is_refused(self, options: Any, message: str) -> None:
        """Wrong input is an error with a cure."""
        with pytest.raises(UsageError, match=message):
            cx.decompose(BEFORE, AFTER, **{"metric": "nps", **options})

    def test_nobody_answered(self) -> None:
        """A side without answers has nothing to be split."""
        with pytest.raises(UsageError, match=r"(?i)nobody answered before|no groups"):
            cx.decompose([None, None], [10, 9], metric="nps", by=(["a", "b"], ["a", "b"]))


class TestByLaw:
    @settings(max_examples=25)
    @given(rows, rows)
    def test_steps_add_up_and_turn(self, one: Any, other: Any) -> None:
        """Steps are the change, and turning the sides turns each of them."""
        (by, before), (by_after, after) = (list(zip(*r, strict=True)) for r in (one, other))
        found = cx.decompose(list(before), list(after), metric="nps", by=(list(by), list(by_after)))
        wanted = cx.nps(list(after)).value - cx.nps(list(before)).value
        assert found.gap == pytest.approx(wanted, abs=1e-9)
        assert sum(step.value for step in found.steps) == pytest.approx(wanted, abs=1e-9)
        back = cx.decompose(list(after), list(before), metric="nps", by=(list(by_after), list(by)))
        for step in found.steps:
            assert back[step.name].value == pytest.approx(-step.value, abs=1e-9)


@cache
def _wave(folder: Path, year: int) -> dict[str, list[Any]]:
    with gzip.open(folder / f"sfo_{year}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    names = ("NETPRO", "WEIGHT", "STRATA", "RUNID")
    return {name: [_cell(row[name]) for row in table] for name in names}


def _cell(text: str) -> float | int | None:
    if not text.strip():
        return None
    return float(text) if "." in text else int(text)


class TestByReference:
    def test_airport_over_strata(self, sfo: Path) -> None:
        """2017 against 2018 over the strata, weighted and clustered: it is the third that fell."""
        waves = [_wave(sfo, year) for year in (2017, 2018)]
        found = cx.decompose(*waves, column="NETPRO", metric="nps", by="STRATA", missing=(11,),
            design=DESIGN)  # fmt: skip
        assert (found.start, found.end) == pytest.approx((40.398436, 35.113632), abs=5e-7)
        steps = {step.name: round(step.value, 2) for step in found.steps}
        assert steps == {
            "mix: 1": -0.16, "mix: 2": -0.01, "mix: 3": -0.05,
            "rate: 1": -0.5, "rate: 2": -0.02, "rate: 3": -4.55,
        }  # fmt: skip
        third = found["rate: 3"]
        assert third.high is not None
        assert third.high < 0
        assert all(found[f"rate: {k}"].high > 0 for k in (1, 2))  # type: ignore[operator]  # both have limits

    def test_airport_by_hand(self, sfo: Path) -> None:
        """The midpoint formula on weighted sums of the file gives the same steps."""
        sums = []
        for year in (2017, 2018):
            wave, parts = _wave(sfo, year), {}
            for score, weight, stratum in zip(
                wave["NETPRO"], wave["WEIGHT"], wave["STRATA"], strict=True
            ):
                if score is not None and score != 11:
                    above, below = parts.get(stratum, (0.0, 0.0))
                    parts[stratum] = (above + weight * ((score > 8) - (score < 7)), below + weight)
            sums.append(parts)
        totals = [[sum(x[i] for x in parts.values()) for i in (0, 1)] for parts in sums]
        middle = sum(above / below for above, below in totals) / 2
        waves = [_wave(sfo, year) for year in (2017, 2018)]
        found = cx.decompose(*waves, column="NETPRO", metric="nps", by="STRATA", missing=(11,),
            design={"weights": "WEIGHT"})  # fmt: skip
        for stratum in (1, 2, 3):
            y = [parts[stratum][0] / parts[stratum][1] for parts in sums]
            w = [parts[stratum][1] / total[1] for parts, total in zip(sums, totals, strict=True)]
            mix = 100 * (w[1] - w[0]) * (sum(y) / 2 - middle)
            rate = 100 * (y[1] - y[0]) * sum(w) / 2
            assert found[f"mix: {stratum}"].value == pytest.approx(mix, abs=1e-9)
            assert found[f"rate: {stratum}"].value == pytest.approx(rate, abs=1e-9)
