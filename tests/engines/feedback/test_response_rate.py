"""Response rates by the standard definitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

COUNTS = {"complete": 60, "partial": 10, "refusal": 30, "unknown_eligibility": 50, "other": 0}


class TestByHand:
    @pytest.mark.parametrize(
        ("definition", "value"),
        [("RR1", 60 / 150), ("RR2", 70 / 150), ("RR5", 0.6), ("RR6", 0.7)],
    )
    def test_definitions(self, definition: Any, value: float) -> None:
        """What stands above and below the line."""
        assert cx.response_rate(COUNTS, definition=definition).value == pytest.approx(value)

    def test_estimated_eligibility(self) -> None:
        """RR3 and RR4 count as many of the unknown as are eligible among the known."""
        counts = {**COUNTS, "not_eligible": 100}
        found = cx.response_rate(counts, definition="RR4")
        assert found.value == pytest.approx(70 / (100 + 0.5 * 50))
        assert ("eligible_share", "0.5") in found.receipt.parameters
        given_share = cx.response_rate(counts, definition="RR3", eligible_share=0.2)
        assert given_share.value == pytest.approx(60 / 110)

    def test_groups(self) -> None:
        """A rate for each group."""
        outcomes = ["complete", "refusal", "complete", "non_contact"]
        found = cx.response_rate(outcomes, by=["web", "web", "mail", "mail"])
        assert found["web"].value == 0.5
        assert len(found) == 2
        assert [c.code for c in found["mail"].caveats] == ["small_n"]

    def test_nobody(self) -> None:
        """Without anybody eligible there is no rate."""
        found = cx.response_rate({"not_eligible": 5})
        assert found.value is None
        assert [c.code for c in found.caveats] == ["no_answers"]
        assert cx.response_rate([]).value is None


class TestByLaw:
    @given(st.lists(st.sampled_from(["complete", "partial", "refusal"]), min_size=1, max_size=60))
    def test_a_list_is_its_counts(self, outcomes: list[str]) -> None:
        """Invitations one by one and their counts give one rate."""
        counts = {word: outcomes.count(word) for word in outcomes}
        one, other = cx.response_rate(outcomes), cx.response_rate(counts)
        assert (one.value, one.low, one.high, one.n) == (
            other.value,
            other.low,
            other.high,
            other.n,
        )

    @given(st.sampled_from(["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]))
    def test_the_order_of_the_definitions(self, definition: Any) -> None:
        """RR1 is the lowest and RR6 the highest."""
        least, most = (cx.response_rate(COUNTS, definition=d).value for d in ("RR1", "RR6"))
        found = cx.response_rate(COUNTS, definition=definition).value
        assert least is not None
        assert most is not None
        assert least <= found <= most  # type: ignore[operator]  # a number, as the two are


class TestByReference:
    def test_interval_is_that_of_a_share(self) -> None:
        """The interval of 70 of 150."""
        found = cx.response_rate(COUNTS, method="wilson")
        share = cx.top_box([1] * 70 + [0] * 80, scale="thumbs", method="wilson")
        assert (found.low, found.high) == pytest.approx((share.low, share.high))


@pytest.mark.parametrize(
    ("outcomes", "options", "match"),
    [
        (["complete", "Refused by Ann"], {}, "1 of the outcomes are no outcome"),
        ({"completed": 3}, {}, "no outcome 'completed'"),
        ({"complete": -3}, {}, "negative"),
        (COUNTS, {"definition": "RR7"}, "RR7"),
        (COUNTS, {"method": "wald"}, "no interval method"),
        (COUNTS, {"by": ["a"]}, "no groups"),
        (COUNTS, {"definition": "RR3", "eligible_share": 2.0}, "outside 0 to 1"),
        (COUNTS, {"confidence_level": 95}, "0 and 1"),
    ],
)
def test_refusals(outcomes: Any, options: Any, match: str) -> None:
    """Unknown words and impossible numbers, without repeating a cell."""
    with pytest.raises(UsageError, match=match) as caught:
        cx.response_rate(outcomes, **options)
    assert "Ann" not in str(caught.value)
