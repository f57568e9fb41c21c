"""The interval of a change, by each of its methods."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import CHANGE_METHODS, RELATIVE_METHODS, Estimate, change_interval
from cxm_core.stats import DIFFERENCE_METHODS, koopman, mover_ratio, welch


def share(x: int, n: int) -> Estimate:
    """Share of x of n at the top."""
    return cx.csat([5] * x + [1] * (n - x), scale="1-5")


@pytest.mark.parametrize("method", DIFFERENCE_METHODS)
def test_shares_are_counted_again(method: str) -> None:
    """A method of two shares gets their counts."""
    wanted = DIFFERENCE_METHODS[method]((56, 70), (48, 80))
    found = change_interval(share(48, 80), share(56, 70), method=method)
    assert found == pytest.approx((float(wanted.low), float(wanted.high)))


def test_welch_has_n_less_one_below() -> None:
    """The variance of a mean has n - 1 below it, and the same degrees of freedom."""
    sides = [5, 4, 1, 2, 5], [3, 3, 4, 5]
    before, after = (cx.mean_score(x, scale="1-5") for x in sides)
    parts = [(np.mean(x), np.std(x, ddof=1) / np.sqrt(len(x)), len(x) - 1) for x in sides]
    wanted = welch(parts[1], parts[0])
    found = change_interval(before, after, method="welch")
    assert found == pytest.approx((float(wanted.low), float(wanted.high)))


def test_welch_of_a_design_has_its_degrees_of_freedom() -> None:
    """With clusters, the degrees of freedom are clusters less one."""
    before, after = (
        cx.nps([10, 3, 9, 8, 10, 2, 7, 9], clusters=[1, 1, 2, 2, 3, 3, 4, 4]),
        cx.nps([10, 9] * 4, clusters=[1, 1, 2, 2, 3, 3, 4, 4]),
    )
    one, two = ((s.value, s.standard_error, 3) for s in (after, before))
    wanted = welch(one, two)  # type: ignore[arg-type]  # all are there
    found = change_interval(before, after, method="welch")
    assert found == pytest.approx((float(wanted.low), float(wanted.high)))


def test_welch_of_ratios_and_of_t() -> None:
    """An error that has n - 1 below it already is taken as it is, with its degrees of freedom."""
    before, after = (cx.ratio(x, [1, 2] * 5) for x in ([1, 2, 0, 3, 1] * 2, [2, 2, 1, 3, 4] * 2))
    one, two = ((s.value, s.standard_error, 9) for s in (after, before))
    wanted = welch(one, two)  # type: ignore[arg-type]  # all are there
    assert change_interval(before, after, method="welch") == pytest.approx(
        (float(wanted.low), float(wanted.high))
    )
    plain, same = (
        [cx.mean_score(x, scale="1-5", method=m) for x in ([5, 4, 1, 2], [3, 3, 4])]
        for m in ("pseudo_t", "t")
    )
    assert change_interval(*plain, method="welch") == pytest.approx(
        change_interval(*same, method="welch")
    )


def test_relative_changes_are_ratios_less_one() -> None:
    """Koopman's limits, and those of MOVER, moved by one."""
    before, after = share(48, 80), share(56, 70)
    wanted = koopman((56, 70), (48, 80))
    found = change_interval(before, after, method="koopman")
    assert found == pytest.approx((float(wanted.low) - 1, float(wanted.high) - 1))
    sides = ((s.value, s.low, s.high) for s in (after, before))
    wanted = mover_ratio(*sides)  # type: ignore[arg-type]  # all are there
    found = change_interval(before, after, method="mover_ratio")
    assert found == pytest.approx((float(wanted.low) - 1, float(wanted.high) - 1))


@pytest.mark.parametrize(
    "sides",
    [
        (cx.nps([10, 3, 8] * 20), cx.nps([10, 9, 8] * 20)),
        (share(48, 80), share(56, 70)),
        (cx.mean_score([1, 5, 4] * 20, scale="1-5"), cx.mean_score([5, 5, 4] * 20, scale="1-5")),
    ],
)
def test_bootstrap_comes_near(sides: tuple[Estimate, Estimate]) -> None:
    """Ten thousand resamples of either side lie about where the plain formula does."""
    low, high = change_interval(*sides, method="bootstrap", seed=7)
    wanted = change_interval(*sides, method="welch")
    width = wanted.high - wanted.low
    assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=0.1 * width)
    assert change_interval(*sides, method="bootstrap", seed=7) == (low, high)


def test_refusals() -> None:
    """An unknown method, a bootstrap without a seed, counts of what has none: each says why."""
    nps, plain = cx.nps([10, 3] * 20), cx.mean_score([1, 5] * 20, scale="1-5", method="t")
    with pytest.raises(UsageError, match="did you mean 'mover'"):
        change_interval(nps, nps, method="movre")
    with pytest.raises(UsageError, match="draws"):
        change_interval(nps, nps, method="bootstrap")
    with pytest.raises(UsageError, match="compares two shares, and nps is none"):
        change_interval(nps, nps, method="newcombe")
    with pytest.raises(UsageError, match="does not keep the shares"):
        change_interval(plain, plain, method="bootstrap", seed=1)
    with pytest.raises(UsageError, match="one does not keep them"):
        change_interval(nps, evolve(nps, recipe=None), method="welch")


@pytest.mark.parametrize("method", [*CHANGE_METHODS, *RELATIVE_METHODS])
def test_nobody_on_one_side(method: str) -> None:
    """Without answers on one side no method finds limits, and none fails."""
    nobody = cx.csat([None], scale="1-5")
    assert change_interval(nobody, share(5, 9), method=method, seed=1) == (None, None)
