"""Shares in the top and in the bottom levels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import cxm_core as cx
from cxm_core.engines import usage
from cxm_core.errors import UsageError

CODES = {0: "no_answer", 6: "not_applicable"}
coded = st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=60)


TOP: Any = cx.top_box
BOTTOM: Any = cx.bottom_box


class TestByHand:
    def test_top_and_bottom(self) -> None:
        """One of four is at the top, two are at the bottom."""
        data = [5, 3, 2, 1]
        assert cx.top_box(data, scale="1-5").value == 0.25
        assert cx.bottom_box(data, scale="1-5").value == 0.5

    def test_levels_can_be_named(self) -> None:
        """The lowest level alone, or three at the top."""
        data = [5, 3, 2, 1]
        assert cx.bottom_box(data, scale="1-5", bottom=(1,)).value == 0.25
        assert cx.top_box(data, scale="1-5", top=(3, 4, 5)).value == 0.5

    @pytest.mark.parametrize(
        ("scale", "top", "bottom"),
        [("1-5", (4, 5), (1, 2)), ("1-5 reversed", (1, 2), (4, 5)), ("thumbs", (1,), (0,))],
    )
    def test_a_number_is_no_list_of_levels(self, scale: str, top: Any, bottom: Any) -> None:
        """Two may be meant for level 2 or for the top two: neither is guessed."""
        for engine, name, levels in ((TOP, "top", top), (BOTTOM, "bottom", bottom)):
            with pytest.raises(UsageError, match="no list of levels") as told:
                engine([1], scale=scale, **{name: 2})
            assert f"{name}={levels!r}" in str(told.value.hint)

    @pytest.mark.parametrize(
        ("scale", "top", "bottom"),
        [("1-5", (1, 5), (2, 5)), ("1-5 reversed", (1, 5), (1, 4)), ("0-10", range(11), [10])],
    )
    def test_the_other_end_counts_never(self, scale: str, top: Any, bottom: Any) -> None:
        """The worst level is at no top, and the best at no bottom."""
        with pytest.raises(UsageError, match="the worst level"):
            TOP([1], scale=scale, top=top)
        with pytest.raises(UsageError, match="the best level"):
            BOTTOM([1], scale=scale, bottom=bottom)

    def test_of_those_who_answered(self) -> None:
        """Who did not use it is left out, and the receipt says how many those are."""
        made = cx.bottom_box([1, 2, 5, 6, 0, None], scale="1-5", missing=CODES)
        assert (made.metric, made.value, made.n) == ("bottom_box", pytest.approx(2 / 3), 3)
        assert made.receipt.steps == (("rows", 6), ("answered", 3))
        assert made.receipt.exclusions == (
            ("missing", 1),
            ("no_answer", 1),
            ("not_applicable", 1),
        )

    def test_of_all_who_were_asked(self) -> None:
        """Who did not use it stands below the line, who did not answer does not."""
        made = cx.bottom_box([1, 2, 5, 6, 0, None], scale="1-5", missing=CODES, of="asked")
        assert (made.metric, made.value, made.n) == ("bottom_box_of_asked", 0.5, 4)
        assert made.receipt.exclusions == (("missing", 1), ("no_answer", 1))

    def test_reversed_scales(self) -> None:
        """Where small is good, large is the bottom."""
        assert cx.bottom_box([5, 4, 1], scale="1-5 reversed").value == pytest.approx(2 / 3)

    @pytest.mark.parametrize("of", ["askd", "", None])
    def test_unknown_denominators(self, of: Any) -> None:
        """A share of anything else is refused."""
        with pytest.raises(UsageError, match=r"There is no of=|'of' is None"):
            cx.bottom_box([1], scale="1-5", of=of)


class TestByLaw:
    @given(coded)
    def test_reach_is_share_times_usage(self, data: list[int | None]) -> None:
        """The share of all asked is the share of users times the share who used it."""
        asked = cx.bottom_box(data, scale="1-5", missing=CODES, of="asked")
        answered = cx.bottom_box(data, scale="1-5", missing=CODES)
        used = usage(data, scale="1-5", missing=CODES)
        if answered.value is not None:
            assert asked.value == pytest.approx(answered.value * used.value, abs=1e-12)
            assert asked.n == used.n

    @given(coded)
    def test_top_bottom_and_middle_are_all(self, data: list[int | None]) -> None:
        """Top, bottom and middle make the whole."""
        parts = [
            cx.top_box(data, scale="1-5", missing=CODES),
            cx.bottom_box(data, scale="1-5", missing=CODES),
            cx.top_box(data, scale="1-5", top=(3,), missing=CODES),
        ]
        if parts[0].n:
            assert sum(part.value for part in parts) == pytest.approx(1.0)

    @given(coded)
    def test_bottom_is_top_of_the_turned_scale(self, data: list[int | None]) -> None:
        """The bottom of a scale is the top of the same scale reversed."""
        bottom = cx.bottom_box(data, scale="1-5", missing=CODES)
        top = cx.top_box(data, scale="1-5 reversed", missing=CODES)
        assert (bottom.value, bottom.low, bottom.high) == (top.value, top.low, top.high)

    @given(coded, coded)
    def test_tallies_carry_the_not_applicable(
        self, one: list[int | None], other: list[int | None]
    ) -> None:
        """A merged tally gives both shares, that of users and that of all asked."""
        merged = cx.tally(one, scale="1-5", missing=CODES) + cx.tally(
            other, scale="1-5", missing=CODES
        )
        for of in ("answered", "asked"):
            made = cx.bottom_box(merged, scale="1-5", of=of)  # type: ignore[arg-type]  # one of two
            pooled = cx.bottom_box(one + other, scale="1-5", missing=CODES, of=of)  # type: ignore[arg-type]  # one of two
            assert (made.value, made.low, made.high) == (pooled.value, pooled.low, pooled.high)


class TestByReference:
    @pytest.mark.parametrize(("x", "n"), [(1, 9), (3, 11), (57, 80)])
    def test_jeffreys_interval(self, x: int, n: int) -> None:
        """Quantiles of the beta distribution, from SciPy."""
        made = cx.top_box([5] * x + [1] * (n - x), scale="1-5", method="jeffreys")
        wanted = beta.ppf([0.025, 0.975], x + 0.5, n - x + 0.5)
        assert (made.low, made.high) == pytest.approx(tuple(wanted), abs=1e-9)
