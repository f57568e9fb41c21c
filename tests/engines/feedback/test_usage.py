"""Share of those asked to whom a question applied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import cxm_core as cx
from cxm_core.engines import usage

CODES = {0: "no_answer", 6: "not_applicable"}
coded = st.lists(st.integers(0, 6), max_size=60)


class TestByHand:
    def test_users_of_all_asked(self) -> None:
        """Three rated it, one did not use it, one did not answer: three of four used it."""
        made = usage([1, 2, 5, 6, 0], scale="1-5", missing=CODES)
        assert (made.metric, made.value, made.n) == ("usage", 0.75, 4)

    def test_groups(self) -> None:
        """Usage differs by group."""
        made = usage([1, 6, 6, 6], scale="1-5", missing=CODES, by=["a", "a", "b", "b"])
        assert made.value.tolist() == [0.5, 0.0]

    def test_without_such_a_code_all_use_it(self) -> None:
        """Where no code means "does not apply", everyone who answered used it."""
        assert usage([1, 5], scale="1-5").value == 1.0


class TestByLaw:
    @given(coded)
    def test_the_answers_do_not_matter(self, data: list[int]) -> None:
        """How it was rated changes nothing about who used it."""
        flat = [min(x, 1) if x < 6 else x for x in data]
        made, plain = (usage(x, scale="1-5", missing=CODES) for x in (data, flat))
        assert (made.value, made.low, made.high) == (plain.value, plain.low, plain.high)

    @given(coded)
    def test_a_tally_gives_the_same(self, data: list[int]) -> None:
        """Counted first or not."""
        counted = cx.tally(data, scale="1-5", missing=CODES)
        assert usage(counted, scale="1-5").value == usage(data, scale="1-5", missing=CODES).value


class TestByReference:
    def test_the_exact_interval(self) -> None:
        """SciPy's exact interval of 30 users among 40 asked."""
        made = usage([5] * 30 + [6] * 10, scale="1-5", missing=CODES, method="clopper_pearson")
        wanted = binomtest(30, 40).proportion_ci(method="exact")
        assert (made.low, made.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
