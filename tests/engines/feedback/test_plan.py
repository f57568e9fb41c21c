"""How many answers a question takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

TYPICAL = {"promoters": 0.45, "detractors": 0.20}


class TestByHand:
    def test_the_interval_is_as_wide_as_planned(self) -> None:
        """Answers as expected, in the planned number, give an interval of the planned width."""
        n = cx.plan("csat", half_width=0.05, expected=0.8).n
        made = cx.csat([5] * round(0.8 * n) + [1] * (n - round(0.8 * n)), scale="1-5")
        assert (made.high - made.low) / 2 == pytest.approx(0.05, rel=0.01)

    def test_an_earlier_result_tells_the_spread(self) -> None:
        """A result, its shares and its spread give one plan; without any the largest is taken."""
        earlier = cx.nps([10] * 45 + [8] * 35 + [3] * 20)
        plans = [
            cx.plan("nps", difference=5, expected=earlier),
            cx.plan("nps", difference=5, expected=TYPICAL),
            cx.plan("nps", difference=5, spread=100 * np.sqrt(0.65 - 0.25**2)),
        ]
        assert {plan.n for plan in plans} == {3689}
        guess = cx.plan("nps", difference=5)
        assert guess.n == 6280
        assert [caveat.code for caveat in guess.caveats] == ["guessed_spread"]

    def test_turned_round(self) -> None:
        """What a number of answers shows takes that number of answers."""
        target = cx.plan("csat", n=500, expected=0.7).target
        assert cx.plan("csat", difference=target, expected=0.7).n in (500, 501)
        power = cx.plan("nps", n=900, difference=5, expected=TYPICAL).power
        assert cx.plan("nps", difference=5, expected=TYPICAL, power=power).n in (900, 901)
        margin = cx.plan("nps", n=2000, margin=6, expected=TYPICAL)
        assert 0.5 < margin.power < 1

    def test_design_and_pairs(self) -> None:
        """A design effect multiplies the answers; like answers of one customer save some."""
        plain = cx.plan("nps", difference=5, expected=TYPICAL)
        double = cx.plan("nps", difference=5, expected=TYPICAL, design_effect=2)
        assert double.n == pytest.approx(2 * plain.n, abs=1)
        paired = cx.plan("nps", difference=5, expected=TYPICAL, correlation=0.5)
        assert (paired.sides, paired.n) == (1, pytest.approx(plain.n / 2, abs=1))

    def test_clusters_and_weights(self) -> None:
        """Three answers a customer that hang together by a quarter cost half; weights a tenth."""
        simple = cx.plan("nps", difference=5, expected=TYPICAL)
        both = cx.plan(
            "nps", difference=5, expected=TYPICAL, icc=0.25, cluster_size=3, design_effect=1.1
        )
        assert both.design_effect == pytest.approx(1.65)
        assert both.n == pytest.approx(1.65 * simple.n, rel=1e-3)
        alone = cx.plan("nps", difference=5, expected=TYPICAL, icc=0.25, cluster_size=1)
        assert alone.n == simple.n

    def test_duration(self) -> None:
        """Traffic turns answers into whole days, for both sides together."""
        plan = cx.plan("nps", difference=5, expected=TYPICAL)
        assert plan.total == 2 * plan.n
        assert plan.duration(per_day=100) == int(np.ceil(plan.total / 100))
        assert plan.duration(per_day=100, response_rate=0.5) == int(np.ceil(plan.total / 50))
        with pytest.raises(UsageError, match="never ends"):
            plan.duration(per_day=0)

    def test_scenarios(self) -> None:
        """A plan says what becomes of it if answers differ a tenth less or more."""
        plan = cx.plan("mean_score", half_width=0.1, spread=1.0)
        assert [s.n for s in plan.scenarios] == sorted(s.n for s in plan.scenarios)
        assert plan.scenarios[1].n == plan.n == 387
        assert "a tenth less or more" in str(plan)
        assert plan.to_frame("pandas")["n"].tolist() == [s.n for s in plan.scenarios]
        assert plan.to_dict()["spread"] == plan.spread == 1.0

    @pytest.mark.parametrize(
        ("metric", "options", "message"),
        [
            ("nps", {}, "asked for nothing"),
            ("nps", {"half_width": 5, "n": 100}, "half_width and n"),
            ("nps", {"half_width": -5}, "above zero"),
            ("npss", {"half_width": 5}, "did you mean 'nps'"),
            ("nps", {"half_width": 5, "expected": 120}, "between -100 and 100"),
            ("nps", {"half_width": 5, "expected": {"promoter": 0.5}}, "no such mapping"),
            ("nps", {"half_width": 5, "expected": {"promoters": 1, "detractors": 1}}, "are none"),
            ("csat", {"half_width": 0.05, "expected": 80}, "share of 80"),
            ("csat", {"half_width": 0.05, "spread": 0.4}, "follows from it"),
            ("csat", {"difference": 0.9, "expected": 0.5}, "No share lies"),
            ("mean_score", {"half_width": 0.1}, "no largest spread"),
            ("mean_score", {"half_width": 0.1, "spread": 0}, "do not differ"),
            ("nps", {"half_width": 5, "correlation": 0.5}, "no place here"),
            ("nps", {"difference": 5, "correlation": 1.5}, "no place here"),
            ("nps", {"difference": 5, "power": 80}, "power is 80"),
            ("nps", {"difference": 5, "design_effect": 0}, "is none"),
            ("nps", {"difference": 5, "design_effect": float("nan")}, "is none"),
            ("nps", {"difference": 5, "icc": 0.2}, "go together"),
            ("nps", {"difference": 5, "cluster_size": 3}, "go together"),
            ("nps", {"difference": 5, "icc": 1.2, "cluster_size": 3}, "no such design"),
            ("nps", {"difference": 5, "icc": 0.2, "cluster_size": 0.5}, "no such design"),
            ("nps", {"margin": 5, "difference": 5}, "no room"),
            ("nps", {"n": 1}, "no difference at all"),
            ("nps", {"half_width": 5, "expected": "30"}, "type str"),
            ("nps", {"half_width": float("inf")}, "above zero"),
            ("nps", {"half_width": 1e-4}, "More than 1,000,000,000"),
            ("nps", {"difference": 1e-6}, "More than 1,000,000,000"),
            ("nps", {"difference": 250}, "as wide as all"),
            ("nps", {"half_width": 5, "expected": cx.nps([None])}, "no figure"),
            ("csat", {"half_width": 0.05, "expected": cx.nps([10, 3])}, "in points"),
        ],
    )
    def test_what_cannot_be_planned(self, metric: str, options: Any, message: str) -> None:
        """Impossible plans are refused, with the reason."""
        with pytest.raises(UsageError, match=message):
            cx.plan(metric, **options)

    @pytest.mark.parametrize(("family", "meant"), [("share", "csat"), ("mean", "mean_score")])
    def test_a_family_is_no_metric(self, family: str, meant: str) -> None:
        """Who plans a share or a mean is told which metrics are one."""
        with pytest.raises(UsageError, match="no metric") as told:
            cx.plan(family, half_width=0.05)
        assert repr(meant) in str(told.value.hint)


class TestByLaw:
    @settings(max_examples=15)
    @given(st.sampled_from(["nps", "csat"]), st.floats(0.05, 0.3), st.floats(1.05, 2))
    def test_less_takes_more(self, metric: str, target: float, times: float) -> None:
        """A narrower interval, a smaller difference and a smaller margin never take fewer."""
        unit = 100 if metric == "nps" else 1
        for goal in ("half_width", "difference", "margin"):
            wide = cx.plan(metric, **{goal: unit * target})
            near = cx.plan(metric, **{goal: unit * target / times})
            assert near.n >= wide.n


class TestByReference:
    def test_the_power_is_reached(self) -> None:
        """Of 400 planned comparisons of NPS, about four in five show the difference."""
        before, after = (0.20, 0.35, 0.45), (0.15, 0.35, 0.50)
        plan = cx.plan("nps", difference=10, expected=TYPICAL)
        rng = np.random.default_rng(12)
        from cxm_core.stats import mover, score_interval  # noqa: PLC0415

        sides = [rng.multinomial(plan.n, shares, 400).T for shares in (before, after)]
        one, other = (
            ((plus - minus) / plan.n, *score_interval(plus, minus, plan.n))
            for minus, _, plus in sides
        )
        shown = float((mover(other, one).low > 0).mean())
        assert shown == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 400) + 0.02)
