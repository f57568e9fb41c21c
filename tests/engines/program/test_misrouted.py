"""Contacts in channels where their matter does not belong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_connectors.simulation import contact_history
from cxm_core.errors import UsageError
from cxm_core.program import ChannelRule, Program

FRAUD = ChannelRule(name="fraud", reasons="fraud", channels="phone")
DEATH = ChannelRule(name="bereavement", reasons=["death", "estate"], channels=["phone", "in_store"])


def _log(pairs: list[tuple[Any, Any]]) -> dict[str, list[Any]]:
    return {
        "customer": [f"p{n}" for n in range(len(pairs))],
        "reason": [reason for reason, _ in pairs],
        "channel": [channel for _, channel in pairs],
    }


class TestByHand:
    """Four kinds of contacts, judged by eye."""

    def test_only_what_a_rule_speaks_of_counts(self) -> None:
        """Contacts of other reasons, or without a channel, are left out and counted."""
        log = _log([("fraud", "phone")] * 6 + [("fraud", "chat")] * 2 + [("billing", "chat")] * 5)
        log = {
            name: [*values, *more]
            for (name, values), more in zip(
                log.items(), (["a", "b"], ["fraud", None], [None, "chat"]), strict=True
            )
        }
        found = cx.misrouted(log, FRAUD)
        assert (found.value, found.n, found.unit) == (0.25, 8, "share")
        assert found.receipt.exclusions == (("no rule, or no channel", 7),)
        assert found.receipt.counted == "contacts"

    def test_by_rule(self) -> None:
        """Each rule has its own share, under its name."""
        log = _log(
            [("fraud", "chat"), ("death", "phone"), ("estate", "In-Store"), ("death", "sms")]
        )
        found = cx.misrouted(log, [FRAUD, DEATH], by="rule")
        assert found["fraud"].value == 1.0
        assert found["bereavement"].value == pytest.approx(1 / 3)

    def test_rules_of_a_program(self) -> None:
        """A program brings its rules along, and they stand in the receipt."""
        program = Program(name="x", zone="UTC", channel_rules=(FRAUD, DEATH))
        found = cx.misrouted(_log([("fraud", "chat")]), program)
        told = dict(found.receipt.parameters)
        assert told["rules"] == "fraud in phone; bereavement in phone, in_store"

    def test_by_a_column(self) -> None:
        """Any column of the contacts makes groups."""
        log = _log([("fraud", "chat"), ("fraud", "phone")] * 20) | {"team": ["a", "b"] * 20}
        found = cx.misrouted(log, FRAUD, by="team")
        assert (found["a"].value, found["b"].value) == (1.0, 0.0)

    def test_one_customer_is_one_cluster(self) -> None:
        """Twenty contacts of one customer say less than one contact each of twenty."""
        log = _log([("fraud", "chat"), ("fraud", "phone")] * 40)
        apart = cx.misrouted(log, FRAUD)
        log["customer"] = [f"p{n // 20 % 2 + 2 * (n % 2)}" for n in range(80)]
        together = cx.misrouted(log, FRAUD)
        assert together.value == apart.value
        assert together.effective_n < apart.effective_n  # type: ignore[operator]  # both are known

    def test_nothing_that_a_rule_speaks_of(self) -> None:
        """Without such a contact there is no figure, and a caveat."""
        found = cx.misrouted(_log([("billing", "chat")]), FRAUD)
        assert (found.value, found.n) == (None, 0)
        assert [caveat.code for caveat in found.caveats] == ["nothing_counted"]

    @pytest.mark.parametrize(
        ("rules", "message"),
        [
            ([], "no channel rule"),
            (Program(name="x", zone="UTC"), "no channel rule"),
            ([FRAUD, FRAUD], "one reason twice"),
        ],
    )
    def test_rules_that_cannot_be_meant(self, rules: Any, message: str) -> None:
        """No rule, or two for one reason, are refused."""
        with pytest.raises(UsageError, match=message):
            cx.misrouted(_log([("fraud", "chat")]), rules)

    def test_a_column_that_is_not_there(self) -> None:
        """The error names the column and the nearest one."""
        with pytest.raises(UsageError, match="no column 'channl'") as caught:
            cx.misrouted(_log([("fraud", "chat")]), FRAUD, channel="channl")
        assert "did you mean 'channel'" in str(caught.value)


class TestByLaw:
    """What holds for any log."""

    @given(
        pairs=st.lists(
            st.tuples(
                st.sampled_from(["fraud", "death", "billing", None]),
                st.sampled_from(["phone", "chat", "in_store", "?", None]),
            ),
            min_size=1,
            max_size=40,
        ),
        order=st.randoms(use_true_random=False),
    )
    def test_order_changes_nothing(self, pairs: list[tuple[Any, Any]], order: Any) -> None:
        """The order of arrival changes no figure; the count is that of the rule, one by one."""
        log, turned = _log(pairs), list(pairs)
        order.shuffle(turned)
        found, other = (cx.misrouted(t, [FRAUD, DEATH], customer=None) for t in (log, _log(turned)))
        wrong = [
            not rule.allows(channel)
            for reason, channel in pairs
            for rule in (FRAUD, DEATH)
            if reason in rule.reasons and channel is not None
        ]
        assert found == other
        assert found.n == len(wrong)
        assert found.value == (pytest.approx(sum(wrong) / len(wrong)) if wrong else None)


class TestByReference:
    """Against what was planted."""

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_planted_channels_are_found(self, seed: int) -> None:
        """The interval holds the share that the plan says."""
        history = contact_history(customers=800, seed=seed)
        rules = [
            ChannelRule(name="defect", reasons="defect", channels=["phone", "chat"]),
            ChannelRule(name="billing", reasons="billing", channels="email"),
        ]
        found = cx.misrouted(history.columns(), rules)
        truth = history.truth.misrouted({"defect": ["phone", "chat"], "billing": ["email"]})
        assert (found.low or 0.0) - 0.01 < truth < (found.high or 1.0) + 0.01
