"""Scales know their levels, which of them are good, and a text that brings them back."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.testing import scales
from cxm_core.vocabulary import MAX_LEVELS, SCALE_NAMES, Scale


class TestByHand:
    @pytest.mark.parametrize(
        ("name", "low", "high", "top", "bottom"),
        [
            ("0-10", 0, 10, (9, 10), (0, 1)),
            ("1-5", 1, 5, (4, 5), (1, 2)),
            ("1-7", 1, 7, (6, 7), (1, 2)),
            ("1-10", 1, 10, (9, 10), (1, 2)),
            ("stars", 1, 5, (4, 5), (1, 2)),
            ("thumbs", 0, 1, (1,), (0,)),
            ("good/bad", 0, 1, (1,), (0,)),
            ("1-5 reversed", 1, 5, (1, 2), (4, 5)),
            ("0-10 reversed", 0, 10, (0, 1), (9, 10)),
            ("thumbs reversed", 0, 1, (0,), (1,)),
        ],
    )
    def test_named(
        self, name: str, low: int, high: int, top: tuple[int, ...], bottom: tuple[int, ...]
    ) -> None:
        """A well-known name brings its range and its good and bad levels."""
        scale = Scale.named(name)
        assert (scale.low, scale.high, scale.top, scale.bottom) == (low, high, top, bottom)
        assert scale.code == scale.name == name

    def test_every_base_has_its_reverse(self) -> None:
        """Each name stands once plain and once reversed."""
        assert len(SCALE_NAMES) == 14
        assert sum(name.endswith(" reversed") for name in SCALE_NAMES) == 7

    @pytest.mark.parametrize(
        ("high", "top", "bottom"),
        [(2, (2,), (1,)), (3, (3,), (1,)), (4, (3, 4), (1, 2)), (9, (8, 9), (1, 2))],
    )
    def test_default_top_and_bottom(
        self, high: int, top: tuple[int, ...], bottom: tuple[int, ...]
    ) -> None:
        """Two best and two worst levels by default, one each where there are fewer than four."""
        scale = Scale(1, high)
        assert (scale.top, scale.bottom) == (top, bottom)

    def test_given_top_leaves_the_rest_for_bottom(self) -> None:
        """A wide top takes its levels away from the default bottom, and the other way round."""
        assert Scale(1, 5, top=(2, 3, 4, 5)).bottom == (1,)
        assert Scale(1, 5, bottom=(1, 2, 3, 4)).top == (5,)

    def test_code_of_an_own_scale(self) -> None:
        """A scale without a known name is written out in full."""
        assert Scale(1, 4, top=(4,), bottom=(1,)).code == "1-4 top=4 bottom=1"
        assert Scale(-2, 2, direction="descending", labels={-2: 'very "good"'}).code == (
            r'-2-2 reversed top=-2,-1 bottom=1,2 labels=[[-2,"very \"good\""]]'
        )

    @pytest.mark.parametrize(
        ("code", "scale"),
        [
            ("1-4", Scale(1, 4)),
            ("1-4 reversed", Scale(1, 4, direction="descending")),
            ("1-4 bottom=1", Scale(1, 4, bottom=(1,))),
            ("-5--1 top=-1", Scale(-5, -1, top=(-1,))),
            ("1-5 top=5", Scale(1, 5, top=(5,))),
            ("1-5", Scale.named("1-5")),
        ],
    )
    def test_short_codes(self, code: str, scale: Scale) -> None:
        """What a person leaves out of a code has its default."""
        assert Scale.parse(code) == scale

    def test_parse_takes_a_scale(self) -> None:
        """A scale given to parse comes back as it is."""
        scale = Scale(1, 4)
        assert Scale.parse(scale) is scale

    def test_name_is_part_of_equality(self) -> None:
        """Two scales that differ in the name alone are not equal."""
        assert Scale(1, 5) != Scale.named("1-5")
        assert Scale(1, 5, name="1-5") == Scale.named("1-5")

    def test_a_known_name_with_another_top_keeps_its_top(self) -> None:
        """A scale that only borrows a known name is not taken for the known one."""
        scale = Scale(1, 5, top=(5,), name="1-5")
        assert Scale.parse(scale.code) == scale != Scale.named("1-5")

    def test_reversed_moves_labels_and_top_along(self) -> None:
        """The reverse of a scale says the same with the numbers turned round."""
        turned = Scale(1, 4, top=(4,), bottom=(1, 2), labels={1: "no", 4: "yes"}).reversed()
        assert (turned.top, turned.bottom, turned.direction) == ((1,), (3, 4), "descending")
        assert turned.labels == ((1, "yes"), (4, "no"))

    @pytest.mark.parametrize("value", [1, 5, np.int64(3)])
    def test_contains_whole_numbers(self, value: object) -> None:
        """A whole number from low to high is on the scale, NumPy's too."""
        assert Scale.named("1-5").contains(value)

    @pytest.mark.parametrize("value", [0, 6, True, 3.0, "3", None, np.float64(3.0)])
    def test_contains_nothing_else(self, value: object) -> None:
        """Numbers off the scale, truth values, fractions, text and nothing are not on it."""
        assert not Scale.named("1-5").contains(value)

    def test_whole_numbers_of_numpy(self) -> None:
        """A scale made from NumPy's numbers is the same scale, and has the same code."""
        one, five = np.int64(1), np.int64(5)
        scale = Scale(one, five, top=(five,), labels={one: "no"})
        assert scale == Scale(1, 5, top=(5,), labels={1: "no"})
        assert Scale.parse(scale.code) == scale

    def test_label(self) -> None:
        """A level without a word is told by its number."""
        scale = Scale(1, 4, labels={1: "no"})
        assert [scale.label(level) for level in (1, 2)] == ["no", "2"]
        with pytest.raises(UsageError, match="not on the scale"):
            scale.label(9)


class TestRefused:
    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            ({"low": 5, "high": 1}, "no two levels"),
            ({"low": 1, "high": 1}, "no two levels"),
            ({"low": 1.0, "high": 5}, "whole numbers"),
            ({"low": False, "high": 5}, "whole numbers"),
            ({"low": 0, "high": 10**12}, "whole numbers"),
            ({"low": 0, "high": MAX_LEVELS}, "at most"),
            ({"low": 1, "high": 5, "top": (6,)}, "top names 6"),
            ({"low": 1, "high": 5, "bottom": (True,)}, "bottom names True"),
            ({"low": 1, "high": 5, "top": ()}, "no level"),
            ({"low": 1, "high": 5, "top": 5}, "no list of levels"),
            ({"low": 1, "high": 5, "top": (1, "2")}, "no list of levels"),
            ({"low": 1, "high": 5, "top": (4.0,)}, "top names 4.0"),
            ({"low": 1, "high": 5, "top": (1, 2, 3, 4, 5)}, "not all better"),
            ({"low": 1, "high": 5, "top": (1,), "bottom": (5,)}, "not all better"),
            ({"low": 1, "high": 5, "top": (4, 5), "direction": "descending"}, "not all better"),
            ({"low": 1, "high": 5, "direction": "upwards"}, "direction"),
            ({"low": 1, "high": 5, "labels": {9: "x"}}, "labels names 9"),
            ({"low": 1, "high": 5, "labels": [(1, "x"), (1, "y")]}, "two labels"),
            ({"low": 1, "high": 5, "labels": [(1, 2)]}, "are texts"),
            ({"low": 1, "high": 5, "labels": [1, 2]}, "not pairs"),
            ({"low": 1, "high": 5, "labels": {1: "\ud800"}}, "are texts"),
            ({"low": 1, "high": 5, "name": ""}, "name"),
            ({"low": 1, "high": 5, "name": " x"}, "name"),
        ],
    )
    def test_contradictions(self, arguments: dict[str, object], what: str) -> None:
        """A scale that contradicts itself cannot be made."""
        with pytest.raises(UsageError, match=what):
            Scale(**arguments)

    def test_unknown_name(self) -> None:
        """An unknown name is answered with the nearest known one."""
        with pytest.raises(UsageError, match="did you mean 'thumbs'"):
            Scale.named("thumb")

    @pytest.mark.parametrize(
        "code",
        [
            *("", "five", "1-4 up", "5-1", "1-99999999999999", "1-5 top=", "1-5 top=9"),
            *("1-5 name=null", "1-5 labels=[[1]]", "1-5 labels=[x]"),
            "1-5 labels=" + "[" * 100_000 + "]",
        ],
    )
    def test_what_is_no_code(self, code: str) -> None:
        """Text that is no code is refused, however odd it is."""
        with pytest.raises(UsageError):
            Scale.parse(code)


class TestByLaw:
    @given(scales())
    def test_code_round_trips(self, scale: Scale) -> None:
        """A scale's code is one line of ASCII that brings the very same scale back."""
        assert Scale.parse(scale.code) == scale
        assert scale.code.isascii()
        assert len(scale.code.splitlines()) == 1

    @given(scales())
    def test_reversing_twice_changes_nothing(self, scale: Scale) -> None:
        """Reversing twice gives the same scale again."""
        assert scale.reversed().reversed() == scale

    @given(scales())
    def test_top_and_bottom_are_apart(self, scale: Scale) -> None:
        """Top and bottom are levels of the scale, and no level is both."""
        assert set(scale.top) | set(scale.bottom) <= set(scale.levels)
        assert not set(scale.top) & set(scale.bottom)

    @given(scales(), st.integers(-50, 50))
    def test_contains_is_being_a_level(self, scale: Scale, value: int) -> None:
        """A whole number is on the scale just when it is one of its levels."""
        assert scale.contains(value) == (value in scale.levels)

    @given(scales())
    def test_value_semantics(self, scale: Scale) -> None:
        """Equal scales hash alike, and a pickled scale comes back equal."""
        again = pickle.loads(pickle.dumps(scale))
        assert (again, hash(again)) == (scale, hash(scale))
