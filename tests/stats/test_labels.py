"""Labels of an axis, and codes in their place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Tally

LABELS = st.one_of(st.text(max_size=3), st.integers(-3, 3), st.booleans(), st.none())


class TestByHand:
    def test_order_of_types(self) -> None:
        """Booleans come first, then integers, then text, and the missing one last."""
        axis = CodedAxis.of("by", ["b", None, 2, "a", True, 1, False])
        tally = Tally.from_codes(levels=(0,), level_codes=np.zeros(7, np.int64), axes=[axis])
        assert [repr(label) for (label,) in tally.groups] == [
            "False", "True", "1", "2", "'a'", "'b'", "None",
        ]  # fmt: skip

    def test_true_is_not_one(self) -> None:
        """The labels 1 and True are two groups."""
        axis = CodedAxis.of("by", [1, True, 1])
        tally = Tally.from_codes(levels=(0,), level_codes=np.zeros(3, np.int64), axes=[axis])
        assert tally.n[:, 0].tolist() == [1, 2]

    def test_code_below_zero_is_missing(self) -> None:
        """A code of -1 and the label None are the same group."""
        axis = CodedAxis(name="by", labels=("a", None), codes=np.array([-1, 0, 1]))
        tally = Tally.from_codes(levels=(0,), level_codes=np.zeros(3, np.int64), axes=[axis])
        assert tally.groups == (("a",), (None,))
        assert tally.n[:, 0].tolist() == [1, 2]

    def test_label_given_twice_is_one_group(self) -> None:
        """Two codes of one label are one group."""
        axis = CodedAxis(name="by", labels=("a", "b", "a"), codes=np.array([0, 1, 2]))
        tally = Tally.from_codes(levels=(0,), level_codes=np.zeros(3, np.int64), axes=[axis])
        assert tally.n[:, 0].tolist() == [2, 1]

    def test_numpy_labels_become_plain(self) -> None:
        """Labels leave as plain Python values, whatever array they came in."""
        for values in (np.array([1, 2]), np.array(["a", "b"]), np.array([True, False])):
            axis = CodedAxis.of("by", values)
            assert {type(label) for label in axis.labels} <= {int, str, bool}
        mixed = CodedAxis.of("by", [np.int64(3), np.str_("a"), np.bool_(True)])
        assert {type(label) for label in mixed.labels} <= {int, str, bool}

    @pytest.mark.parametrize("codes", [[0, 2], [-2, 0], [[0, 1]], [0.5, 1.0]])
    def test_impossible_codes_are_refused(self, codes: list[object]) -> None:
        """A code must be the place of a label, or -1."""
        with pytest.raises(UsageError):
            CodedAxis(name="by", labels=("a", "b"), codes=np.array(codes))

    def test_other_types_are_refused_without_repeating_them(self) -> None:
        """A label of another type is an error that names the type and not the value."""
        with pytest.raises(UsageError, match="float") as caught:
            CodedAxis.of("by", ["a", 0.123456])
        assert "0.123456" not in str(caught.value)


class TestByLaw:
    @given(st.lists(LABELS, max_size=30))
    def test_codes_give_the_values_back(self, values: list[object]) -> None:
        """Label by code is the value that was coded, to its type."""
        axis = CodedAxis.of("by", values)
        back = [axis.labels[code] for code in axis.codes.tolist()]
        assert list(map(repr, back)) == list(map(repr, values))

    @given(st.lists(LABELS, min_size=1, max_size=20))
    def test_order_of_rows_does_not_order_groups(self, values: list[object]) -> None:
        """Groups stand in one order, whatever the order of the rows."""
        one, two = (
            Tally.from_codes(
                levels=(0,), level_codes=np.zeros(len(v), np.int64), axes=[CodedAxis.of("by", v)]
            )
            for v in (values, values[::-1])
        )
        assert one == two
        assert one.to_json() == two.to_json()
