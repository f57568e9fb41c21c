"""Whether what was known before a transfer is still known after it."""

from __future__ import annotations

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import told

ROWS = (
    *(("a", 0, "chat"), ("a", 1, "phone"), ("a", 2, "phone")),
    *(("b", 0, "chat"), ("b", 1, "phone")),
    *(("c", 0, "chat"), ("c", 1, "phone"), ("c", 2, "chat")),
    *(("d", 0, "chat"), ("d", 1, "chat")),
)
MORE = {
    "order": ["A7", " a7 ", None, "B2", None, "C1", None, "C1", "D1", None],
    "product": [None, "tent", None, "bag", "boot", None, None, None, "tarp", "tarp"],
    "team": ["x", "x", "y", "x", None, "x", "x", "x", "x", "y"],
    "size": [1, 1, 1, None, None, 3, 3, 4, 1, 1],
}


def made() -> cx.Issues:
    """Four issues, of which three change the channel."""
    return cx.issues(told(*ROWS, **MORE))


class TestByHand:
    def test_across_channels(self) -> None:
        """Kept, lost and changed are told apart, for what was known before."""
        found = cx.hand_over(made(), ["order", "product", "size"])
        assert found.groups == ("order", "product", "size")
        order, product, size = (found[name] for name in found.groups)
        assert (order.value, order.n) == (0.5, 4)
        assert (product.value, product.n) == (0.0, 1)
        assert (size.value, size.n) == (pytest.approx(2 / 3), 3)
        assert found.figures["lost"].tolist() == pytest.approx([0.5, 0, 0])
        assert found.figures["changed"].tolist() == pytest.approx([0, 1, 1 / 3])

    def test_what_was_known_long_before(self) -> None:
        """A field lost by one and found again by the next was still known before it."""
        found = cx.hand_over(made(), ["order"])
        assert found["order"].n == 4

    def test_across_teams(self) -> None:
        """Any column can say that there was a transfer; a team that is not known says nothing."""
        found = cx.hand_over(made(), ["order"], across=("team",))
        assert (found["order"].value, found["order"].n) == (0.0, 2)
        assert ("across", "team") in found.receipt.parameters

    def test_nothing_was_known(self) -> None:
        """Where nothing was known before any transfer, there is nothing to hand over."""
        data = told(("a", 0, "chat"), ("a", 1, "phone"), order=[None, "A7"])
        with pytest.raises(UsageError, match="known before any of 1 transfers"):
            cx.hand_over(cx.issues(data), ["order"])

    def test_names(self) -> None:
        """A name in place of a list of names, and a column that is not there, are refused."""
        for fields, across in (("order", ("channel",)), (["order"], "channel"), ([], ("channel",))):
            with pytest.raises(UsageError, match=r"list of (names|them)"):
                cx.hand_over(made(), fields, across=across)
        with pytest.raises(UsageError, match="'ordre'"):
            cx.hand_over(made(), ["ordre"])
        with pytest.raises(UsageError, match="Issues are needed"):
            cx.hand_over(told(*ROWS), ["order"])  # type: ignore[arg-type]  # that is the point

    def test_no_words_in_the_receipt(self) -> None:
        """The result tells shares, and nothing of what the fields held."""
        assert "A7" not in cx.hand_over(made(), ["order"]).to_json()
