"""Shares of those whose words mention a thing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import TextRule
from cxm_core.vocabulary import Scale

pytest.importorskip("re2", reason="text rules need the extra `text`")

TOLD = ["Long queue", "Queueing again", "Lovely staff", None]


class TestByHand:
    """Small numbers."""

    def test_share_of_those_who_wrote(self) -> None:
        """Two of the three who wrote something; nothing written is counted as left out."""
        result = cx.mentions(TOLD, "queue")
        assert (result.value, result.n) == (pytest.approx(2 / 3), 3)
        assert dict(result.receipt.exclusions) == {"missing": 1}
        assert result.receipt.engine == "mentions"

    def test_groups(self) -> None:
        """Each group has its own share."""
        found = cx.mentions(TOLD[:3], "queue", by={"hall": ["A", "A", "B"]})
        assert [found["A"].value, found["B"].value] == [1.0, 0.0]

    def test_rule_of_a_program(self) -> None:
        """A rule counts as its pattern does."""
        rule = TextRule(name="queue", pattern="queue", unless="again")
        assert cx.mentions(TOLD, rule).value == pytest.approx(1 / 3)

    def test_change(self) -> None:
        """Two shares compare as any other."""
        change = cx.compare(
            cx.mentions(TOLD[2:3] * 50, "queue"), cx.mentions(TOLD[:1] * 50, "queue")
        )
        assert change.value == 1.0

    def test_pattern_that_is_none(self) -> None:
        """A pattern that RE2 does not take is refused before a text is read."""
        with pytest.raises(ConfigurationError):
            cx.mentions(TOLD, "(?=x)")

    def test_lengths_differ(self) -> None:
        """Groups of another length are refused."""
        with pytest.raises(UsageError):
            cx.mentions(TOLD, "queue", by={"hall": ["A"]})


class TestByLaw:
    """Whatever was written."""

    @given(st.lists(st.sampled_from(TOLD), min_size=1))
    def test_order_does_not_matter(self, texts: list[str | None]) -> None:
        """The same texts in another order give the same share."""
        assert cx.mentions(texts, "queue").to_dict() == cx.mentions(texts[::-1], "queue").to_dict()

    @given(st.lists(st.sampled_from(TOLD), min_size=1))
    def test_a_series_is_read_like_a_list(self, texts: list[str | None]) -> None:
        """Missing texts of a library are missing texts."""
        series = pd.Series(texts, dtype="string")
        assert cx.mentions(series, "queue").n == cx.mentions(texts, "queue").n


class TestByReference:
    """Beside `top_box` on flags that are made with Python's own search."""

    def test_same_as_top_box_on_flags(self) -> None:
        """Value and interval are those of the share of flags."""
        rng = np.random.default_rng(3)
        texts = ["queue" if flag else "staff" for flag in rng.random(200) < 0.3]
        flags = [1 if "queue" in text else 0 for text in texts]
        wanted = cx.top_box(flags, scale=Scale(low=0, high=1), top=(1,))
        found = cx.mentions(texts, "queue")
        assert (found.value, found.low, found.high) == (wanted.value, wanted.low, wanted.high)
