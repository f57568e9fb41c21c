"""From numbers to results: caveats, receipts and recipes."""

from __future__ import annotations

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.results import CAVEATS

MANY = [10, 3] * 40


def _spread(clusters: int) -> list[int]:
    """Clusters that have nothing to do with the answers."""
    return [i * 11 // 7 % clusters for i in range(80)]


def _codes(**design: object) -> list[str]:
    return [caveat.code for caveat in cx.nps(MANY, **design).caveats]


@pytest.mark.parametrize(
    ("design", "codes"),
    [
        ({}, []),
        ({"clusters": list(range(80))}, []),
        ({"clusters": _spread(16)}, []),
        ({"clusters": _spread(14)}, ["few_clusters"]),
        ({"strata": ["a"] * 79 + ["b"]}, ["lonely_strata"]),
        ({"weights": [1.0] * 72 + [60.0] * 8}, ["design_effect"]),
        ({"clusters": [*range(78), None, None]}, ["unclustered"]),
    ],
)
def test_odd_samples_are_told(design: dict[str, object], codes: list[str]) -> None:
    """Each oddity of a sample has its caveat, and a plain sample has none."""
    assert _codes(**design) == codes


def test_every_caveat_is_documented() -> None:
    """What the engines say is in the list of caveats."""
    made = cx.nps([10, None, 3], by=["a", "b", "a"], clusters=[1, 2, 1])
    assert {caveat.code for caveat in made.caveats} <= set(CAVEATS)


def test_effective_n_of_a_plain_sample_is_n() -> None:
    """A simple sample is worth its answers."""
    assert cx.nps(MANY).effective_n == 80


def test_effective_n_of_equal_weights_is_about_n() -> None:
    """Weights that are all alike cost nothing."""
    made = cx.nps(MANY, weights=[2.0] * 80)
    assert made.effective_n == pytest.approx(80, rel=0.02)


def test_all_alike_in_clusters_counts_the_clusters() -> None:
    """Where all agree, five answers each of twenty customers are worth twenty."""
    made = cx.nps([10] * 100, clusters=[i // 5 for i in range(100)])
    assert made.effective_n == pytest.approx(20)
    assert made.low < 100 == made.high


def test_arrays_and_scalars_agree() -> None:
    """A breakdown into one group has the numbers of the whole."""
    whole, one = cx.nps(MANY), cx.nps(MANY, by=["a"] * 80)
    assert np.array_equal(
        [whole.value, whole.low, whole.high], [one.value[0], one.low[0], one.high[0]]
    )


def test_answers_without_any_weight() -> None:
    """There is no figure, and the reason is the weights."""
    made = cx.nps(MANY, weights=[0.0] * 80)
    assert (made.value, made.low, made.high) == (None, None, None)
    assert [caveat.code for caveat in made.caveats] == ["no_weight"]


@pytest.mark.parametrize("method", ["wald", "bootstrap"])
def test_an_interval_without_width(method: str) -> None:
    """Where all answers agree, what these methods say has no width, and it is told; METRIC-03."""
    codes = [caveat.code for caveat in cx.nps([10] * 40, method=method).caveats]
    assert codes == ["no_spread"]
    assert cx.nps([10] * 40).caveats == ()
