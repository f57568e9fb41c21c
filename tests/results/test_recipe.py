"""Recipes: intervals made again from what they were made from."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from cxm_core.errors import UsageError
from cxm_core.results import Recipe
from cxm_core.stats import BALANCE_METHODS, SHARE_METHODS, pseudo_t, t_interval

DESIGN = {
    "n": [100.0],
    "answers": [100.0],
    "design_effect": [2.0],
    "design_df": [9.0],
}


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_shares_are_made_by_their_method(method: str) -> None:
    """A share's recipe gives what the method gives for the counts, to the bit."""
    recipe = Recipe(method=method, inputs={"share": [81 / 263], "n": [263]})
    assert np.array_equal(
        recipe.interval(0.9), SHARE_METHODS[method]([81], [263], confidence_level=0.9)
    )


@pytest.mark.parametrize("method", BALANCE_METHODS)
def test_balances_are_made_by_their_method(method: str) -> None:
    """A balance's recipe gives what the method gives for the counts, times the factor."""
    inputs = {"plus": [9 / 32], "minus": [3 / 32], "n": [32]}
    made = Recipe(method=method, inputs=inputs, factor=100.0).interval(0.95)
    wanted = BALANCE_METHODS[method]([9], [3], [32], confidence_level=0.95)
    assert np.array_equal(made, [100 * wanted.low, 100 * wanted.high])


def test_means_are_made_by_their_method() -> None:
    """A mean's recipe gives what the method gives for the shares of the levels."""
    shares = [[0.1, 0.2, 0.7]]
    made = Recipe(
        method="pseudo_t",
        inputs={"level_shares": shares, "n": [50]},
        constants={"levels": [1, 2, 3]},
    ).interval(0.95)
    assert np.array_equal(made, pseudo_t(shares, [1, 2, 3], [50]))


def test_t_is_made_from_value_and_error() -> None:
    """Student's interval needs the value, its error and the degrees of freedom."""
    inputs = {"value": [3.0], "standard_error": [0.5], "df": [9], "n": [10]}
    made = Recipe(method="t", inputs=inputs).interval(0.95)
    assert np.array_equal(made, t_interval([3.0], [0.5], [9]))


def test_few_clusters_cost_more_at_higher_levels() -> None:
    """The effective number of answers of a design falls as the level rises."""
    recipe = Recipe(method="mid_p", inputs={"share": [0.5], **DESIGN})
    sizes = [recipe.sizes(level).item() for level in (0.5, 0.9, 0.99)]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) < 50


def test_a_design_never_counts_more_than_its_answers() -> None:
    """Clusters that spread well do not make answers out of nothing."""
    inputs = {"share": [0.5], **DESIGN, "design_effect": [0.1]}
    assert Recipe(method="mid_p", inputs=inputs).sizes(0.95).item() == 100


def test_groups_can_be_picked() -> None:
    """The recipe of one group makes that group's interval."""
    recipe = Recipe(method="mid_p", inputs={"share": [0.1, 0.5, 0.9], "n": [10, 20, 30]})
    whole, part = recipe.interval(0.95), recipe.select(1).interval(0.95)
    assert np.array_equal(part, [whole.low[1:2], whole.high[1:2]])


def test_unknown_methods_have_a_near_miss() -> None:
    """A misspelt method is answered with the right one."""
    with pytest.raises(UsageError, match="did you mean 'wilson'"):
        Recipe(method="wilsn", inputs={})


def test_equal_by_value_and_locked() -> None:
    """Recipes are equal by value, also after a pickle, and their arrays cannot be changed."""
    recipe = Recipe(method="mid_p", inputs={"share": [np.nan], "n": [0]})
    assert recipe == pickle.loads(pickle.dumps(recipe)) == copy.deepcopy(recipe)
    assert recipe != Recipe(method="mid_p", inputs={"share": [0.5], "n": [0]})
    with pytest.raises(ValueError, match="read-only"):
        recipe.inputs["n"][0] = 1
