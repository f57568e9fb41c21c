"""Outcomes by the way that cases take, and the moments where effort goes along with them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import adjust_p, least_squares
from journey_logs import log_of, turned


def planted(seed: int, n: int = 400) -> tuple[dict[str, list[Any]], dict[int, bool]]:
    """Cases whose form costs outcomes each time that it is filled in again; home does not."""
    rng = np.random.default_rng(seed)
    ways = [
        "h" * rng.integers(1, 3) + "f" * rng.integers(1, 4) + "p" * rng.integers(1, 3)
        for _ in range(n)
    ]
    bad = {i: bool(rng.random() < 0.1 + 0.3 * (way.count("f") - 1)) for i, way in enumerate(ways)}
    return log_of(ways), bad


class TestByHand:
    def test_shares(self) -> None:
        """Each activity has the share of its cases that ended well, beside that of the others."""
        log = log_of(["ab"] * 20 + ["ac"] * 20)
        well = {case: case < 15 or case >= 35 for case in range(40)}
        found = cx.outcome_by_path(log, outcome=well)
        assert found.groups == ("b", "c")  # all cases go through a
        assert found.value.tolist() == [0.75, 0.25]
        assert found.figures["rest"].tolist() == [0.25, 0.75]
        assert found.figures["difference"].tolist() == [0.5, -0.5]
        p = found.figures["p_value"]
        assert p[0] == pytest.approx(p[1])
        assert found.figures["p_adjusted"] == pytest.approx(adjust_p(p))
        assert ("tests", "2") in found.receipt.parameters

    def test_whole_ways(self) -> None:
        """Ways that fewer than five cases take are not looked at."""
        log = log_of(["ab"] * 6 + ["ac"] * 6 + ["a"] * 4)
        found = cx.outcome_by_path(log, outcome={i: i < 6 for i in range(16)}, path="way")
        assert found.groups == ("a > b", "a > c")
        assert found.value.tolist() == [1, 0]

    def test_cases_are_counted_once(self) -> None:
        """Cases stand in several activities, and take one way."""
        log = log_of(["ab"] * 6 + ["bc"] * 6 + ["ca"] * 6 + ["d"] * 2)
        well = {i: i % 2 == 0 for i in range(20)}
        through = cx.outcome_by_path(log, outcome=well)
        assert (through.n.sum(), through.n_all) == (36, 18)
        ways = cx.outcome_by_path(log, outcome=well, path="way")
        assert ways.n.sum() == ways.n_all == 18
        bad, log = planted(3)[1], planted(3)[0]
        moments = cx.moments_that_matter(log, outcome=bad)
        assert moments.groups_pooled.n_all == 400

    def test_a_column(self) -> None:
        """A column counts with its value at the case's first event; a missing one is left out."""
        log = log_of(["ab", "b", "a"] * 10)
        case = np.array(log["case"])
        log["kept"] = [None if c == 2 else bool(c % 3) for c in case]
        found = cx.outcome_by_path(log, outcome="kept")
        assert found["a"].n == 19
        assert found.receipt.exclusions == (("outcome is not known", 1),)

    def test_what_is_wrong(self) -> None:
        """Outcomes that are no yes or no, ways that all take, or a way to adjust that is none."""
        log = log_of(["ab"] * 10 + ["a"] * 10)
        yes = dict.fromkeys(range(20), True)
        wrong: list[dict[str, Any]] = [
            {"outcome": dict.fromkeys(range(20), 7)},
            {"outcome": {}},
            {"outcome": yes, "adjust": "hope"},
            {"outcome": yes, "path": "road"},
            {"outcome": dict.fromkeys(range(4), True)},
        ]
        for asked in wrong:
            with pytest.raises(UsageError):
                cx.outcome_by_path(log, **asked)

    def test_moments(self) -> None:
        """The moment is volume times effort times slope, and the planted one comes first."""
        log, bad = planted(1)
        found = cx.moments_that_matter(log, outcome=bad)
        figures = found.groups_pooled.figures
        place = found.groups.index("f")
        visits = np.array([0] * 400)
        for case, activity in zip(log["case"], log["activity"], strict=True):
            visits[case] += activity == "f"
        line = least_squares(
            np.array([bad[i] for i in range(400)], float), visits - 1.0, clusters=np.arange(400)
        )
        assert figures["slope"][place] == pytest.approx(line.coefficients[1])
        assert figures["measured"][place] == pytest.approx(
            (visits - 1).sum() * line.coefficients[1]
        )
        assert found.best == "f"

    def test_moments_without_a_second_visit(self) -> None:
        """Where nobody comes again there is no slope, and without any there is no order."""
        with pytest.raises(UsageError, match="0 of 2 touchpoints"):
            cx.moments_that_matter(log_of(["ab"] * 30), outcome={i: i < 9 for i in range(30)})


class TestByLaw:
    def test_order_of_arrival(self) -> None:
        """Rows in another order give the same outcomes and the same moments."""
        log, bad = planted(2)
        other = turned(log, Random(1))
        asked: dict[str, Any] = {"outcome": bad, "path": "way", "most": 3}
        assert cx.outcome_by_path(log, **asked) == cx.outcome_by_path(other, **asked)
        one, two = (cx.moments_that_matter(of, outcome=bad) for of in (log, other))
        assert one.first_place.tolist() == two.first_place.tolist()
        assert one.groups_pooled.value == pytest.approx(two.groups_pooled.value)


class TestByReference:
    @pytest.mark.slow
    def test_false_claims_are_rare(self) -> None:
        """Where no way matters, few in a hundred logs name one that does."""
        claims = 0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            ways = ["".join(rng.choice(list("abcdef"), 3)) for _ in range(150)]
            chance = {i: bool(rng.random() < 0.4) for i in range(150)}
            found = cx.outcome_by_path(log_of(ways), outcome=chance, most=6)
            claims += bool((found.figures["p_adjusted"] < 0.05).any())
        assert claims <= 5
