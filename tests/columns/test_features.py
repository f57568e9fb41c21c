"""Columns as features of a regression."""

from __future__ import annotations

import numpy as np
import pytest

from cxm_core.columns import read_features, read_numbers
from cxm_core.errors import UsageError

TABLE = {
    "spend": [10.0, None, 30.0, 20.0],
    "plan": ["a", "b", "a", None],
    "same": [1, 1, 1, 1],
    "name": [f"x{i}" for i in range(4)],
}


def test_numbers_are_standardised_and_gaps_are_told() -> None:
    """A missing number is the mean, and a feature of its own says so."""
    features, of = read_features(TABLE, ["spend"], what="known")
    assert of == ("spend", "spend")
    assert features[:, 0].tolist() == pytest.approx([-np.sqrt(1.5), 0.0, np.sqrt(1.5), 0.0])
    assert features[:, 1].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_groups_are_compared_with_the_largest() -> None:
    """One feature for every other group, the missing one among them."""
    features, of = read_features(TABLE, ["plan"], what="known")
    assert of == ("plan", "plan")
    assert features.tolist() == [[0, 0], [1, 0], [0, 0], [0, 1]]


def test_a_column_without_variety_has_no_feature() -> None:
    """What is the same for everybody explains nothing."""
    features, of = read_features(TABLE, ["same", "plan"], what="known")
    assert features.shape == (4, 2)
    assert of == ("plan", "plan")


def test_names_are_no_groups() -> None:
    """A column of names is refused, by count and without repeating one."""
    many = {"name": [f"person {i}" for i in range(60)]}
    with pytest.raises(UsageError, match="60 different labels") as caught:
        read_features(many, ["name"], what="known")
    assert "person" not in str(caught.value)


def test_numbers_of_a_table_or_of_their_own() -> None:
    """A name is looked up; a sequence is taken as it is."""
    assert read_numbers(TABLE, "spend", what="weights=")[0] == 10.0
    assert read_numbers(TABLE, [1, 2], what="weights=").tolist() == [1.0, 2.0]
    with pytest.raises(UsageError, match="no table"):
        read_numbers([1, 2], "spend", what="the sample")
