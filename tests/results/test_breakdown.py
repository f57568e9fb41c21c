"""Breakdown: one metric over groups."""

from __future__ import annotations

import pickle
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown

SCORES = [10, 9, 3, 8, 10, 10, 0, 7]
REGION = ["North", "North", "South", "South", None, None, 1, True]
WEEK = ["a", "b"] * 4


@pytest.fixture
def regions() -> Breakdown:
    """Groups of text, of a number, of a truth value, and without a label."""
    made = cx.nps(SCORES, by={"region": REGION})
    assert isinstance(made, Breakdown)
    return made


def test_groups_come_by_label(regions: Breakdown) -> None:
    """A group is had by its label, and is an estimate that knows its place."""
    north = regions["North"]
    assert (north.value, north.n) == (100.0, 2)
    assert (north.axes, north.group) == (("region",), ("North",))


def test_the_missing_are_a_group(regions: Breakdown) -> None:
    """Rows without a label are a group of their own, the last one."""
    assert regions.groups[-1] is None
    assert regions[None].n == 2


def test_one_and_true_are_two_groups(regions: Breakdown) -> None:
    """A number and a truth value are different labels, though Python finds them equal."""
    assert regions[1].value == -100.0
    assert regions[True].value == 0.0


def test_numpy_labels_find_their_group() -> None:
    """A NumPy scalar names the same group as the plain value."""
    made = cx.nps([10, 0], by={"store": np.array([3, 4])})
    assert made[np.int64(3)] == made[3]


def test_two_axes_take_two_labels() -> None:
    """With two axes a group is named by a pair, and `groups` lists pairs."""
    made = cx.nps(SCORES, by={"region": REGION, "week": WEEK})
    assert ("North", "b") in made.groups
    assert made["North", "b"].n == 1
    with pytest.raises(UsageError, match="one label for each of region, week; 1 are given"):
        made["North"]


@pytest.mark.parametrize("key", ["Nrth", ("North", "a"), ["North"], {}, 2, 1.5, slice(None)])
def test_unknown_groups_are_refused(regions: Breakdown, key: object) -> None:
    """A key that is no group is an error that repeats no label."""
    assert key not in regions
    with pytest.raises(UsageError) as caught:
        regions[key]
    assert "North" not in str(caught.value)


def test_membership_and_length(regions: Breakdown) -> None:
    """`in` asks for groups and `len` counts them."""
    assert "North" in regions
    assert None in regions
    assert len(regions) == len(regions.groups) == 5


def test_arrays_are_locked(regions: Breakdown) -> None:
    """Nobody can write into a result's arrays."""
    for name in ("value", "low", "high", "standard_error", "n", "effective_n"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(regions, name)[0] = 0


def test_caveats_are_told_once_with_their_number() -> None:
    """A caveat of several groups stands there once and says how many they are."""
    made = cx.nps([10] * 40 + [9] * 3, by=["many"] * 40 + ["few"] * 3)
    assert [caveat.code for caveat in made.caveats] == ["small_n"]
    assert "(In 1 of 2 groups.)" in made.caveats[0].message
    assert [caveat.code for caveat in made["few"].caveats] == ["small_n"]
    assert made["many"].caveats == ()


def test_single_groups_are_marked() -> None:
    """A breakdown into one group says that there is nothing to compare."""
    made = cx.nps([10, 9, 3], by=["a", "a", "a"])
    assert "one_group_only" in [caveat.code for caveat in made.caveats]


def test_axes_named_like_a_column_are_renamed() -> None:
    """An axis called n does not hide the column n of the frame."""
    frame = cx.nps([10, 9, 3], by={"n": ["a", "a", "b"]}).to_frame("pyarrow")
    assert frame["by_n"].to_pylist() == ["a", "b"]
    assert frame["n"].to_pylist() == [2, 1]


def test_label_columns_keep_their_type() -> None:
    """Numbers stay numbers in a frame; a mixture becomes text."""
    frame = cx.nps([10, 9, 3], by={"a": [1, 2, None], "b": [1, "x", True]}).to_frame("pyarrow")
    assert frame["a"].to_pylist() == [1, 2, None]
    assert frame["b"].to_pylist() == ["1", "x", "True"]


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_half_a_surrogate_pair_in_a_label_leaves_as_the_replacement_sign(
    backend: Literal["pandas", "polars", "pyarrow"],
) -> None:
    """A label that UTF-8 cannot hold stops neither JSON nor a frame nor Arrow."""
    made = cx.nps([10, 9, 3], by={"shop": ["cut \ud83d", "cut \ud83d", "west"]})
    assert "cut \ufffd" in made.to_json().encode().decode()
    assert len(made.to_frame(backend)["shop"]) == 2
    assert pa.table(made)["shop"].to_pylist() == ["cut \ufffd", "west"]


def test_looking_up_changes_nothing(regions: Breakdown) -> None:
    """What a look-up keeps for the next one is no part of the value."""
    twin = pickle.loads(pickle.dumps(regions))
    assert regions["North"] == twin["North"]
    assert regions == twin


def test_each_group_makes_its_own_interval(regions: Breakdown) -> None:
    """The interval of a group at another level is that of the breakdown."""
    whole = regions.confidence_interval(0.8)
    for place, group in enumerate(regions.groups):
        assert regions[group].confidence_interval(0.8) == (whole.low[place], whole.high[place])


def test_a_very_long_label_does_not_widen_every_row() -> None:
    """A label of a million letters is cut where it is shown, and whole where it is data."""
    label = "W" * 1_000_000
    made = cx.nps([10, 9, 3], by={"shop": [label, label, "west"]})
    assert len(str(made)) < 5_000
    assert len(made.svg()) < 5_000
    assert made.groups[0] == label


def test_further_figures_travel(regions: Breakdown) -> None:
    """Figures that an engine adds stand in table, dict and frame, and count in equality."""
    made = evolve(regions, figures={"shrinkage": [0.5, np.nan, 0.0001, 1, 0]})
    assert made != regions
    assert made == evolve(regions, figures={"shrinkage": [0.5, np.nan, 0.0001, 1, 0]})
    assert [group["shrinkage"] for group in made.to_dict()["groups"]] == [0.5, None, 0.0001, 1, 0]
    assert "0.500" in made.summary()
    assert "< 0.001" in made.summary()
    assert made.to_frame("polars")["shrinkage"].to_list() == [0.5, None, 0.0001, 1, 0]
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_figure_in_the_unit_is_written_so(regions: Breakdown) -> None:
    """A figure that is a value has the metric's decimals."""
    made = evolve(regions, figures={"measured": [12.345] * len(regions)})
    assert "12.3" in made.summary()
