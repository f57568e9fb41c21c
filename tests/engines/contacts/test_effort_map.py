"""From what customers went through to how easy they say it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import day, told


def planted(*, weight: float = 1.0, seed: int = 1) -> dict[str, list[Any]]:
    """Issues of 120 customers; each repeat costs so many points of seven, and chance one."""
    rng = np.random.default_rng(seed)
    rows, ease, wait = [], [], []
    for who in range(120):
        n = int(rng.integers(1, 5))
        rows += [(who, float(place), "chat") for place in range(n)]
        answer = round(6.5 - weight * (n - 1) + rng.normal(0, 0.5))
        ease += [None] * (n - 1) + [min(max(answer, 1), 7) if who % 2 else None]
        wait += [int(rng.integers(0, 7_200))] * n
    return told(*rows, ease=ease, wait_s=wait)


def fitted(data: dict[str, list[Any]], **setting: Any) -> Any:
    """Map and issues."""
    issues = cx.issues(data, until=day(60))
    return cx.effort_map(issues, "ease", scale="1-7", **setting), issues


class TestByHand:
    def test_planted_weight(self) -> None:
        """The weight of a repeat is found again, and what costs nothing weighs little."""
        found, _ = fitted(planted())
        weights = found.panel["weights"]
        assert found.burdens == ("repeats", "switches", "wait")
        assert weights["repeats"].low < 1.0 < weights["repeats"].high
        assert weights["switches"].value == 0.0
        assert weights["wait"].low == 0.0

    def test_better_than_the_mean(self) -> None:
        """The error on customers who were left out is that of chance, and below the mean's."""
        panel = fitted(planted())[0].panel
        assert panel["error"].value < 0.6 < panel["error_of_mean"].value
        assert panel["gain"].value == pytest.approx(
            panel["error_of_mean"].value - panel["error"].value
        )
        assert panel["gain"].low > 0
        assert not panel.caveats

    def test_no_better_than_the_mean(self) -> None:
        """Where nothing follows from the burdens, the reader is told not to use the map."""
        panel = fitted(planted(weight=0.0))[0].panel
        assert "useless_map" in [caveat.code for caveat in panel.caveats]

    def test_expected(self) -> None:
        """Every issue gets an answer to expect, the burdened ones a worse one."""
        found, issues = fitted(planted())
        expected = found.expected(issues)
        contacts = issues.column("contacts").values
        assert expected.size == len(issues)
        assert np.all((expected >= 1) & (expected <= 7))
        assert expected[contacts == 4].mean() < expected[contacts == 1].mean() - 2
        assert found.panel["expected"].value == pytest.approx(expected.mean())
        assert found.panel["expected"].n == len(issues)

    def test_reversed_scale(self) -> None:
        """On a scale where low is good the map is the mirror image."""
        data = planted()
        mirrored = data | {"ease": [None if one is None else 8 - one for one in data["ease"]]}
        issues = cx.issues(mirrored, until=day(60))
        there = fitted(data)[0].panel
        back = cx.effort_map(issues, "ease", scale="1-7 reversed").panel
        assert back["weights"].value == pytest.approx(there["weights"].value)
        assert back["expected"].value == pytest.approx(8 - there["expected"].value)

    def test_answers_of_issues(self) -> None:
        """Answers may be a sequence, one for each issue; the last answer of an issue counts."""
        data = planted()
        found, issues = fitted(data)
        column = issues.contacts.column("ease")
        answers = [None] * len(issues)
        for row in np.flatnonzero(~column.is_missing):
            number = int(issues.contacts.column("issue").values[row])
            answers[number] = int(column.values[row])
        same = cx.effort_map(issues, answers, scale="1-7")
        assert same.panel["error"].value == found.panel["error"].value
        with pytest.raises(UsageError, match="3 answers and 120 issues"):
            cx.effort_map(issues, [5, 6, 7], scale="1-7")

    def test_chosen_burdens(self) -> None:
        """Only the burdens that are named are taken."""
        found, _ = fitted(planted(), burdens_of=("wait",))
        assert found.panel["weights"].groups == ("wait",)

    def test_the_same_every_time(self) -> None:
        """Customers are dealt to folds by their number, so that nothing is left to chance."""
        one, two = (fitted(planted())[0].panel.to_json() for _ in range(2))
        assert one == two

    def test_nobody_answered(self) -> None:
        """Without answers there is no index; the error leads to the raw counts."""
        data = planted() | {"ease": [None] * len(planted()["ease"])}
        with pytest.raises(UsageError, match=r"0 issues have an answer") as caught:
            fitted(data)
        assert "cx.effort" in str(caught.value)

    @pytest.mark.parametrize(
        ("setting", "message"),
        [
            ({"burdens_of": ("repeat",)}, "'repeat'"),
            ({"burdens_of": ("transfers",)}, "'transfers'"),
            ({"burdens_of": ("handling",)}, "'handling'"),
            ({"folds": 1}, "1 folds"),
            ({"confidence_level": 2}, "2"),
        ],
    )
    def test_refused(self, setting: dict[str, Any], message: str) -> None:
        """A burden that is not recorded, and a setting out of range, are said by their name."""
        with pytest.raises(UsageError, match=message):
            fitted(planted(), **setting)

    def test_off_the_scale(self) -> None:
        """An answer off the scale is refused, as everywhere."""
        with pytest.raises(UsageError, match="not on the scale"):
            cx.effort_map(cx.issues(planted(), until=day(60)), "ease", scale="1-5")
