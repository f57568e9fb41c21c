"""The size of a population, in each form in which it is given."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_core.columns import Design, read_answers
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

TABLE = {"score": [1, 2, 3, 4], "stratum": ["a", "a", "b", None], "size": [10, 10, 20, 5]}


def sizes(population: Any, strata: Any = "stratum") -> Any:
    """What the answers know of the population."""
    design = Design(strata=strata, population=population)
    return read_answers(TABLE, "score", scale=Scale.named("1-5"), design=design).population


def test_a_column_says_it_in_every_row() -> None:
    """Each stratum has its size, the one without a label as well."""
    assert sizes("size") == {"a": 10.0, "b": 20.0, None: 5.0}
    assert sizes(TABLE["size"]) == sizes("size")


def test_numbers_and_mappings_are_taken() -> None:
    """A number, or one for each stratum."""
    assert sizes(100, strata=None) == 100.0
    assert sizes({"a": 10, "b": 20}) == {"a": 10.0, "b": 20.0}
    assert sizes(None) is None


@pytest.mark.parametrize("population", [0, -1, float("nan"), float("inf"), True, {"a": 0}])
def test_a_size_is_above_zero(population: Any) -> None:
    """What is no size is refused, with how many are wrong."""
    with pytest.raises(UsageError, match="1 of 1 sizes"):
        sizes(population)


def test_a_column_has_one_size_a_stratum() -> None:
    """Two sizes in one stratum are one too many."""
    with pytest.raises(UsageError, match="3 different sizes"):
        sizes("size", strata=None)
