"""A history of contacts has the matters and the figures that were planted."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev

import pytest
from attrs import evolve

from cxm_connectors.simulation import (
    ContactChannel,
    ContactHistory,
    ContactPlan,
    ContactTruth,
    SimContact,
    contact_history,
)
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Channel

ALL_TOLD = timedelta(days=60)
DAY = timedelta(days=1)
TWO = ContactPlan(
    channels=(
        ContactChannel(name="email", resolves=0.5, authenticates=0.0, transfers=0.2),
        ContactChannel(name="phone", resolves=0.5, authenticates=1.0, transfers=0.4),
    ),
    differs=0.0,
    most=2,
    switches=1.0,
    explains_again=0.25,
)


def matters(history: ContactHistory) -> list[list[SimContact]]:
    """Contacts of each matter, in order."""
    found: defaultdict[int, list[SimContact]] = defaultdict(list)
    for contact in history.contacts:
        found[contact.issue].append(contact)
    return list(found.values())


@pytest.fixture(scope="module")
def large() -> ContactHistory:
    """Nine thousand matters, each told to its end."""
    return contact_history(customers=5_000, seed=11, settled_for=ALL_TOLD)


class TestByHand:
    """Plans of which the figures can be worked out on paper."""

    def test_two_contacts_at_most(self) -> None:
        """Half of the matters take two contacts, and the second is on the other channel."""
        truth = ContactTruth(plan=TWO)
        assert truth.first_contact_resolution() == 0.5
        assert truth.per_issue("contacts") == 1.5
        assert truth.per_issue("switches") == truth.per_issue("repeats") == 0.5
        assert truth.per_issue("re_explanations") == 0.125
        assert truth.repeat_rate() == pytest.approx(1 / 3)
        assert truth.one_touch(channel="phone") == pytest.approx(0.5 * 0.6)

    def test_figures_follow_the_channel_of_each_contact(self) -> None:
        """A matter that began by e-mail is handed on 0.2 times, and 0.4 times if it goes on."""
        truth = ContactTruth(plan=TWO)
        assert truth.per_issue("transfers", channel="email") == pytest.approx(0.2 + 0.5 * 0.4)
        assert truth.per_issue("authentications") == pytest.approx((0.5 + 1) / 2)

    def test_nobody_proves_twice_who_it_is(self) -> None:
        """Who is asked on one of two channels only, and changes to the other, is asked once."""
        assert ContactTruth(plan=TWO).per_issue("re_authentications") == pytest.approx(0)
        stays = evolve(TWO, switches=0.0)
        again = ContactTruth(plan=stays).per_issue("re_authentications", channel="phone")
        assert again == pytest.approx(0.5)

    def test_a_window_hides_who_comes_later(self) -> None:
        """Before anybody may come again all is settled, and from the latest day on all is seen."""
        truth = ContactTruth(plan=TWO)
        assert truth.first_contact_resolution(within=timedelta(minutes=30)) == 1
        assert truth.first_contact_resolution(within=timedelta(days=10)) == 0.5
        assert 0.5 < truth.first_contact_resolution(within=timedelta(days=2)) < 0.75

    def test_a_bot_contains_what_nobody_else_sees(self) -> None:
        """Matters that a bot hands on, or that come again, are not contained."""
        bot = ContactChannel(name="app", actor="bot", resolves=0.6, transfers=0.5)
        plan = evolve(TWO, channels=(*TWO.channels, bot))
        assert ContactTruth(plan=plan).containment() == pytest.approx(0.3)
        with pytest.raises(UsageError, match="bot or self-service"):
            ContactTruth(plan=TWO).containment()

    @pytest.mark.parametrize(
        "wrong", [{"channels": TWO.channels[:1]}, {"most": 0}, {"most": 10}, {"differs": 0.6}]
    )
    def test_plans_that_nobody_can_follow(self, wrong: dict[str, object]) -> None:
        """One channel leaves nothing to change to, and a share does not go beyond 0 or 1."""
        with pytest.raises(UsageError):
            evolve(TWO, **wrong)  # type: ignore[arg-type]  # keywords of one class

    def test_unknown_names(self) -> None:
        """A figure or a channel that the plan does not know is refused by name."""
        truth = ContactTruth(plan=TWO)
        with pytest.raises(UsageError, match="'joy'"):
            truth.per_issue("joy")
        with pytest.raises(UsageError, match="'fax'"):
            truth.first_contact_resolution(channel="fax")


class TestByLaw:
    """Histories of some size."""

    def test_the_same_arguments_give_the_same_history(self) -> None:
        """Chance comes from the seed alone."""
        assert contact_history(customers=40, seed=3) == contact_history(customers=40, seed=3)
        assert contact_history(customers=40, seed=3) != contact_history(customers=40, seed=4)

    def test_contacts_are_in_order_and_within_the_log(self) -> None:
        """No contact lies before the begin or at the end or later, and keys are unique."""
        history = contact_history(customers=300, seed=2)
        stamps = [contact.at for contact in history.contacts]
        assert stamps == sorted(stamps)
        assert history.begin <= stamps[0]
        assert stamps[-1] < history.until
        assert len({contact.key for contact in history.contacts}) == len(stamps)

    def test_a_log_is_cut_off_as_any_log(self) -> None:
        """Without quiet days at the end some matters are not settled yet; with sixty all are."""
        cut = matters(contact_history(customers=300, seed=2))
        told = matters(contact_history(customers=300, seed=2, settled_for=ALL_TOLD))
        assert not all(of[-1].settles for of in cut)
        assert all(of[-1].settles for of in told)
        assert all(not one.settles for of in (*cut, *told) for one in of[:-1])

    def test_a_matter_is_one_customers_and_goes_forward(self, large: ContactHistory) -> None:
        """All contacts of a matter are of one customer, an hour to ten days apart."""
        plan = large.plan
        for of in matters(large):
            assert len({one.customer for one in of}) == 1
            assert len(of) <= plan.most
            gaps = [later.at - one.at for one, later in pairwise(of)]
            assert all(plan.soonest - timedelta(seconds=1) <= gap <= plan.latest for gap in gaps)

    def test_words_are_said_again_only_where_planted(self, large: ContactHistory) -> None:
        """Two of the first sentences stand in a new explanation, and not in any other repeat."""
        for of in matters(large)[:800]:
            told = of[0].text.replace("?", ".").split(". ")
            for one in of[1:]:
                said = sum(sentence.strip(".") in one.text.replace("?", ".") for sentence in told)
                assert (said >= 2) is one.explains_again

    def test_replies_name_the_message_before(self, large: ContactHistory) -> None:
        """Only an e-mail answers an e-mail, and it is the one before of the same matter."""
        answered = 0
        for of in matters(large):
            for before, one in pairwise(of):
                if one.reply_to is not None:
                    answered += 1
                    assert one.reply_to == before.key
                    assert before.channel == one.channel == "email"
        assert answered > 100

    def test_a_table_says_what_a_log_says(self) -> None:
        """Columns are equally long, channels are ours, and truth that no system notes is absent."""
        history = contact_history(customers=100, seed=5)
        table = history.columns()
        assert {len(column) for column in table.values()} == {len(history.contacts)}
        assert set(table["channel"]) <= set(Channel)
        assert not {"explains_again", "settles", "key"} & set(table)
        assert None in table["active_s"]

    def test_no_repr_shows_what_was_said(self) -> None:
        """Even made-up words stay out of logs."""
        history = contact_history(customers=20)
        assert history.contacts[0].text not in repr((history, history.contacts))

    @pytest.mark.parametrize(
        ("name", "figure"),
        [
            ("contacts", len),
            ("switches", lambda of: sum(a.channel != b.channel for a, b in pairwise(of))),
            ("transfers", lambda of: sum(one.transfers for one in of)),
            ("re_explanations", lambda of: sum(one.explains_again for one in of)),
            ("re_authentications", lambda of: max(sum(o.authentications for o in of) - 1, 0)),
            ("escalations", lambda of: sum(one.is_escalated for one in of)),
            ("wait_s", lambda of: sum(one.wait_s for one in of)),
            ("handle_s", lambda of: sum(one.handle_s for one in of)),
            ("active_s", lambda of: sum(one.active_s or 0 for one in of)),
        ],
    )
    def test_means_are_those_of_the_plan(
        self, large: ContactHistory, name: str, figure: object
    ) -> None:
        """Each mean per matter lies within four standard errors of its parameter."""
        near(large, figure, large.truth.per_issue(name))

    def test_shares_are_those_of_the_plan(self, large: ContactHistory) -> None:
        """First contact resolution at any window, one touch and escalation lie near theirs."""
        truth = large.truth
        near(large, lambda of: len(of) == 1, truth.first_contact_resolution())
        near(
            large,
            lambda of: len(of) == 1 or of[1].at - of[0].at > 2 * DAY,
            truth.first_contact_resolution(within=2 * DAY),
        )
        near(large, lambda of: len(of) == 1 and not of[0].transfers, truth.one_touch())
        near(large, lambda of: any(one.is_escalated for one in of), truth.escalation_rate())

    def test_repeats_within_a_window(self, large: ContactHistory) -> None:
        """The share of contacts that are followed by another within a day is that of the plan."""
        followed = [
            later.at - one.at <= DAY for of in matters(large) for one, later in pairwise(of)
        ]
        share = sum(followed) / len(large.contacts)
        assert share == pytest.approx(large.truth.repeat_rate(within=DAY), abs=0.012)

    def test_channels_differ_as_planted(self, large: ContactHistory) -> None:
        """A call settles more than a bot, and e-mail as much as the web."""
        truth = large.truth
        resolved = {
            way.name: truth.first_contact_resolution(channel=way.name)
            for way in large.plan.channels
        }
        assert resolved["email"] == pytest.approx(resolved["web"])
        assert resolved["phone"] > resolved["chat"] > resolved["app"]
        assert truth.satisfaction(channel="phone") == pytest.approx(0.86)

    def test_ease_falls_with_what_a_customer_went_through(self, large: ContactHistory) -> None:
        """Who came once finds it easier than who came three times or more."""
        answered = [(len(of), of[-1].ease) for of in matters(large) if of[-1].ease]
        once = fmean(ease for count, ease in answered if count == 1)
        often = fmean(ease for count, ease in answered if count >= 3)
        assert once - often > 1.5


def near(history: ContactHistory, figure: object, expected: float) -> None:
    """The mean of a figure over matters, with customers as clusters, is near what is expected."""
    sums: defaultdict[int, list[float]] = defaultdict(list)
    for of in matters(history):
        sums[of[0].customer].append(float(figure(of)))  # type: ignore[operator]  # of a matter
    values = [value for of in sums.values() for value in of]
    spread = [sum(value - expected for value in of) for of in sums.values()]
    error = stdev(spread) * sqrt(len(spread)) / len(values)
    assert abs(fmean(values) - expected) < 4 * error
