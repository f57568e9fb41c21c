"""What befalls a metric: nothing to measure, hardly anything, odd weights, data in pieces."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

METRICS: dict[str, Callable[..., Any]] = {
    "nps": cx.nps,
    "csat": lambda data, **options: cx.csat(data, scale="0-10", **options),
    "ces": lambda data, **options: cx.ces(data, scale="0-10", **options),
    "top_box": lambda data, **options: cx.top_box(data, scale="0-10", **options),
    "mean_score": lambda data, **options: cx.mean_score(data, scale="0-10", **options),
}
EACH = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
ENDS = {"points": (-100, 100), "share": (0, 1), "scale points": (0, 10)}
scores = st.lists(st.integers(0, 10), min_size=1, max_size=120)


@EACH
@pytest.mark.parametrize("data", [[], np.array([], np.int8), [None, None], [np.nan]])
def test_metric_01_nothing_to_measure(metric: Callable[..., Any], data: Any) -> None:
    """No row, or none with an answer: n is 0, no value, no limits, and a caveat says so."""
    found = metric(data)
    assert (found.n, found.value, found.low, found.high) == (0, None, None, None)
    assert "no_answers" in [caveat.code for caveat in found.caveats]


@EACH
@pytest.mark.parametrize("answer", range(11))
def test_metric_02_one_answer(metric: Callable[..., Any], answer: int) -> None:
    """One answer has a value and limits that are far apart."""
    found = metric([answer])
    low, high = ENDS[found.unit]
    assert low <= found.low <= found.value <= found.high <= high
    assert found.high - found.low > (high - low) / 2
    assert "small_n" in [caveat.code for caveat in found.caveats]


@EACH
@pytest.mark.parametrize("answer", [0, 10])
@pytest.mark.parametrize("n", [2, 12, 1_000])
def test_metric_03_all_the_same(metric: Callable[..., Any], answer: int, n: int) -> None:
    """Where all agree, the interval stays on the scale and is not without width."""
    found = metric([answer] * n)
    low, high = ENDS[found.unit]
    assert low <= found.low <= found.value <= found.high <= high
    assert found.low < found.high


@given(scores, st.lists(st.integers(0, 999), min_size=120, max_size=120))
def test_metric_04_any_partition(data: list[int], places: list[int]) -> None:
    """Tallies of up to 1,000 parts add up to that of the whole, to the bit."""
    parts = {
        place: [d for d, p in zip(data, places, strict=False) if p == place] for place in places
    }
    pieces = [cx.tally(part, scale="0-10") for part in parts.values()]
    assert reduce(add, pieces) == cx.tally(data, scale="0-10")


@EACH
@pytest.mark.parametrize("parts", [1, 7, 1_000])
def test_metric_04_metrics_of_any_partition(metric: Callable[..., Any], parts: int) -> None:
    """A metric of weighted parts is that of the whole to 1e-12, of parts without weights exact."""
    rng = np.random.default_rng(20261122)
    data, place = rng.integers(0, 11, 3_000), rng.integers(0, parts, 3_000)
    weights = rng.uniform(1e-3, 1e3, 3_000)
    for used in (None, weights):
        pieces = [
            cx.tally(data[chosen], scale="0-10", weights=None if used is None else used[chosen])
            for chosen in (place == number for number in range(parts))
        ]
        whole, merged = metric(data, weights=used), metric(reduce(add, pieces))
        exact = 0.0 if used is None else 1e-12
        for name in ("value", "low", "high", "standard_error", "effective_n"):
            wanted = getattr(whole, name)
            assert getattr(merged, name) == pytest.approx(wanted, rel=exact, abs=0)


@settings(max_examples=200)
@given(scores, st.randoms(use_true_random=False))
def test_metric_05_any_order_of_merging(data: list[int], random: Any) -> None:
    """Whichever two are merged first, counts are the same to the bit and sums to 1e-12."""
    weights = [random.uniform(1e-6, 1e6) for _ in data]
    pairs = zip(data, weights, strict=True)
    pieces = [cx.tally([score], scale="0-10", weights=[weight]) for score, weight in pairs]
    while len(pieces) > 1:
        one = pieces.pop(random.randrange(len(pieces)))
        place = random.randrange(len(pieces))
        pieces[place] = one + pieces[place]
    whole = cx.tally(data, scale="0-10", weights=weights)
    assert np.array_equal(pieces[0].n, whole.n)
    np.testing.assert_allclose(pieces[0].w, whole.w, rtol=1e-12)
    np.testing.assert_allclose(pieces[0].w2, whole.w2, rtol=1e-12)


@EACH
@pytest.mark.parametrize("weight", [np.nan, -1.0, np.inf, -np.inf, None])
def test_metric_09_weights_that_are_none(metric: Callable[..., Any], weight: Any) -> None:
    """A weight that is missing, negative or endless is refused, and how many there are is told."""
    with pytest.raises(UsageError, match="1 of 3 answers have"):
        metric([9, 8, 3], weights=[1.0, weight, 2.0])


@EACH
def test_metric_09_weights_of_nought(metric: Callable[..., Any]) -> None:
    """A weight of nought takes an answer out of the value; nothing but noughts leave no value."""
    assert (
        metric([9, 8, 3], weights=[1.0, 0.0, 2.0]).value == metric([9, 3], weights=[1.0, 2.0]).value
    )
    assert metric([9, 8, 3], weights=[0.0, 0.0, 0.0]).value is None


def test_metric_12_bootstrap_with_a_seed() -> None:
    """One seed gives one interval, however the answers were split and ordered."""
    rng = np.random.default_rng(20261122)
    data = rng.integers(0, 11, 400)
    parts = [cx.tally(part, scale="0-10") for part in np.array_split(rng.permutation(data), 7)]
    whole = cx.nps(data, method="bootstrap", rng=np.random.default_rng(7))
    split = cx.nps(reduce(add, parts), method="bootstrap", rng=np.random.default_rng(7))
    assert (whole.value, whole.low, whole.high) == (split.value, split.low, split.high)
    assert whole.low < whole.value < whole.high


@EACH
def test_metric_13_a_filter_that_leaves_nothing(metric: Callable[..., Any]) -> None:
    """Groups in which nobody answered have no value and say so; all are the whole."""
    found = metric([9, 8, None], by=["North", "North", "South"])
    assert (found.groups, found.n.tolist()) == (("North", "South"), [2, 0])
    assert found["South"].value is None
    assert [caveat.code for caveat in found["South"].caveats] == ["no_answers"]
    assert found.receipt.exclusions == (("missing", 1),)
    nobody = metric([None, None], by=["North", "South"])
    assert (nobody.n.tolist(), nobody.receipt.exclusions) == ([0, 0], (("missing", 2),))
    everybody = metric([9, 8, 3], by=["all"] * 3)
    assert everybody["all"].value == metric([9, 8, 3]).value


ANSWERS = [10, 9, 3, 7, 8, 2] * 6
ODD: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "no_answers": ([None] * 3, {}),
    "no_weight": (ANSWERS, {"weights": [0.0] * 36}),
    "small_n": ([9], {}),
    "few_clusters": (ANSWERS, {"clusters": ["a"] * 36}),
    "lonely_strata": (
        ANSWERS,
        {"strata": ["a"] * 30 + ["b"] * 6, "clusters": [*range(30), *["z"] * 6]},
    ),
}
CALLED: dict[str, Callable[..., Any]] = {
    **METRICS,
    "quantile": cx.quantile,
    "ratio": lambda data, **options: cx.ratio(data, [1.0] * len(data), **options),
}


@pytest.mark.parametrize("code", ODD)
@pytest.mark.parametrize("name", CALLED)
def test_docstrings_say_what_is_a_caveat(name: str, code: str) -> None:
    """Data that are too few bring a caveat, and the docstring names it."""
    data, options = ODD[code]
    assert code in [caveat.code for caveat in CALLED[name](data, **options).caveats]
    assert f"``{code}``" in (getattr(cx, name).__doc__ or "")


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize(
    ("data", "options"),
    [
        (ANSWERS, {"weights": [-1.0] * 36}),
        (ANSWERS, {"weights": [np.inf] * 36}),
        (ANSWERS, {"clusters": [None] * 3 + ["a"] * 33}),
        (["much"] * 3, {}),
    ],
    ids=["a weight is negative", "endless", "one", "no number"],
)
def test_docstrings_say_what_is_refused(
    name: str, data: list[Any], options: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """Data that mean nothing are an error with a hint, and the docstring names it."""
    with pytest.raises(UsageError) as caught:
        CALLED[name](data, **options)
    assert caught.value.hint
    raises = (getattr(cx, name).__doc__ or "").partition("Raises")[2].partition("Notes")[0]
    assert request.node.callspec.id.partition("-")[0] in " ".join(raises.split())
