"""Estimate: one number with its doubt."""

from __future__ import annotations

import math

import pytest

from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Estimate, Receipt, Recipe

RECEIPT = Receipt(
    engine="csat", method="wilson", confidence_level=0.95, exclusions={"missing": 3, "code 6": 1}
)
RECIPE = Recipe(method="wilson", inputs={"share": [0.5], "n": [100]})


def _estimate(**changes: object) -> Estimate:
    facts: dict[str, object] = {
        "metric": "csat",
        "value": 0.5,
        "low": 0.4038315,
        "high": 0.5961685,
        "confidence_level": 0.95,
        "method": "wilson",
        "standard_error": 0.05,
        "n": 100,
        "effective_n": 100,
        "unit": "share",
        "receipt": RECEIPT,
        "recipe": RECIPE,
    }
    return Estimate(**{**facts, **changes})  # type: ignore[arg-type]  # facts of every type


def test_repr_has_value_interval_n_and_caveats() -> None:
    """The line that a prompt shows holds all that matters."""
    made = _estimate(caveats=[Caveat.of("small_n")])
    assert repr(made) == "Estimate(csat 50.0%, 95% interval 40.4% to 59.6%, n=100 [small_n])"


def test_the_group_is_named() -> None:
    """An estimate of one group says which, and which axis it is from."""
    made = _estimate(axes=("region", "week"), group=("North", None))
    assert repr(made).startswith("Estimate(csat region=North week=(missing) 50.0%")
    assert made.to_dict()["group"] == [
        {"axis": "region", "label": "North"},
        {"axis": "week", "label": None},
    ]


def test_summary_says_who_is_left_out() -> None:
    """What was excluded stands in the summary, with its reason."""
    assert "left out: 3 missing, 1 code 6" in _estimate().summary().splitlines()


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_none(nothing: float | None) -> None:
    """A limit that is not reached is None, and null in JSON."""
    made = _estimate(high=nothing)
    assert made.high is None
    assert made.to_dict()["high"] is None
    assert "40.4% or more" in repr(made)


def test_without_a_recipe_there_is_no_other_level() -> None:
    """A result that does not know how it was made says so instead of guessing."""
    with pytest.raises(UsageError, match="does not keep"):
        _estimate(recipe=None).confidence_interval(0.9)


def test_another_level_changes_interval_and_receipt_only() -> None:
    """The value stays, the interval and the level move, and the receipt says so."""
    made = _estimate().at_level(0.5)
    assert (made.value, made.n, made.confidence_level) == (0.5, 100, 0.5)
    assert made.receipt.confidence_level == 0.5
    assert made.low is not None
    assert 0.4038 < made.low < 0.5


def test_it_can_be_hashed() -> None:
    """Equal estimates are one key."""
    assert len({_estimate(), _estimate()}) == 1
