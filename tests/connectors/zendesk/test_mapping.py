"""Rows of Zendesk as our records, by hand."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.zendesk._mapping import channel_of, priority_of, status_of
from cxm_connectors.zendesk._mapping_feedback import (
    legacy_question,
    offered_at,
    questions_of,
    rating_of,
    scale_of,
    survey_response_of,
)
from cxm_connectors.zendesk._mapping_history import history_of, metric_event_of
from cxm_connectors.zendesk._mapping_people import account_of, user_of
from cxm_connectors.zendesk._mapping_tickets import joined_tickets, ticket_of
from cxm_core.errors import UsageError
from cxm_core.records import Customer, Deletion, Staff, Ticket
from cxm_core.vocabulary import Channel, Scale

AT, LATER = "2026-05-04T09:00:00Z", "2026-05-04T10:00:00Z"
ROW: dict[str, Any] = {
    "id": 7,
    "created_at": AT,
    "updated_at": LATER,
    "generated_timestamp": 1_777_890_000,
    "status": "hold",
    "priority": "high",
    "subject": "Tent",
    "description": "It leaks",
    "requester_id": 11,
    "assignee_id": 22,
    "organization_id": 33,
    "group_id": 44,
    "via": {"channel": "native_messaging"},
    "tags": ["repair"],
    "custom_fields": [{"id": 1, "value": "defect"}, {"id": 2, "value": ["a", "b"]}],
    "metric_set": {
        "reopens": 1,
        "solved_at": LATER,
        "reply_time_in_minutes": {"calendar": 12, "business": 5},
    },
}
PEOPLE = {"22"}


def _update(**child: Any) -> dict[str, Any]:
    """One update with one child, as the export has it."""
    return {
        "id": 1,
        "ticket_id": 7,
        "created_at": AT,
        "updater_id": 22,
        "via": "Web form",
        "child_events": [{"id": 5, "via": "Web form", **child}],
    }


def _one(row: dict[str, Any], staff: set[str] | None = PEOPLE) -> Any:
    (found,) = history_of(row, staff)
    return found


class TestTickets:
    """Tickets as they stand."""

    def test_a_ticket_in_our_words(self) -> None:
        """Status, priority, channel, moments and counts are told as we tell them."""
        ticket = ticket_of(ROW, {})
        assert isinstance(ticket, Ticket)
        assert (ticket.status, ticket.priority, ticket.channel) == ("on_hold", "high", "chat")
        assert (ticket.owner, ticket.account, ticket.team) == ("22", "33", "44")
        assert ticket.attributes["first_reply_minutes"] == 12
        assert ticket.solved_at == datetime(2026, 5, 4, 10, tzinfo=UTC)

    def test_the_stamp_is_the_exports_own(self) -> None:
        """`generated_timestamp` decides which version is newer, not `updated_at`."""
        assert ticket_of(ROW, {}).recorded_at == datetime.fromtimestamp(1_777_890_000, UTC)

    @pytest.mark.parametrize("status", ["deleted", "scrubbed"])
    def test_a_removed_ticket_is_a_deletion(self, status: str) -> None:
        """A tombstone of the export takes the ticket away."""
        gone = ticket_of({**ROW, "status": status}, {})
        assert isinstance(gone, Deletion)
        assert (gone.kind, gone.native_id) == ("ticket", "7")

    def test_a_merged_ticket_is_merged_and_not_closed(self) -> None:
        """Only a tag tells a merged ticket from a closed one."""
        row = {**ROW, "status": "closed", "tags": ["closed_by_merge"]}
        assert ticket_of(row, {}).status == "merged"

    def test_own_fields_go_where_the_configuration_says(self) -> None:
        """A field of the organisation's own fills a field of ours, or becomes an attribute."""
        ticket = ticket_of(ROW, {"reason": 1, "parts": 2, "absent": 3})
        assert (ticket.reason, ticket.attributes["parts"]) == ("defect", "a, b")
        assert "absent" not in ticket.attributes

    def test_an_unknown_channel_is_other_and_its_word_is_kept(self) -> None:
        """A word that is new to us is never lost."""
        ticket = ticket_of({**ROW, "via": {"channel": "carrier_pigeon"}}, {})
        assert (ticket.channel, ticket.attributes["channel"]) == (Channel.OTHER, "carrier_pigeon")

    def test_a_follow_up_names_the_ticket_before(self) -> None:
        """A follow-up of a closed ticket is not a new matter."""
        source = {"from": {"ticket_id": 3}, "to": {}, "rel": "follow_up"}
        row = {**ROW, "via": {"channel": "web", "source": source}}
        assert ticket_of(row, {}).attributes["follow_up_of"] == 3

    def test_sideloads_are_joined_whatever_type_ids_have(self) -> None:
        """Metrics and groups stand beside the rows, and are found by their ids."""
        bare = {name: value for name, value in ROW.items() if name != "metric_set"}
        data = {
            "tickets": [{**bare, "id": "7"}],
            "metric_sets": [{"ticket_id": 7, "reopens": 4}],
            "groups": [{"id": 44, "name": "Repair"}],
        }
        (row,) = joined_tickets(data)
        ticket = ticket_of(row, {})
        assert (ticket.team, ticket.attributes["reopens"]) == ("Repair", 4)

    def test_a_row_is_left_as_it_was(self) -> None:
        """A mapping changes nothing that it is given."""
        before = deepcopy(ROW)
        ticket_of(ROW, {"reason": 1})
        assert before == ROW

    @given(st.text(max_size=20))
    def test_any_word_has_a_meaning(self, word: str) -> None:
        """Whatever Zendesk may write some day, it is one of our words."""
        ours = {"new", "open", "pending", "on_hold", "solved", "closed"}
        assert status_of(word) in {None, "other", *ours}
        assert priority_of(word) in {None, "low", "normal", "high", "urgent", "other"}
        assert channel_of({"channel": word}) in {None, *Channel}


class TestHistory:
    """What happened to tickets."""

    def test_a_change_of_status(self) -> None:
        """Before and after are told in our words."""
        told = _one(_update(event_type="Change", status="hold", previous_value="open"))
        assert (told.event, told.old, told.new, told.status) == (
            "status", "open", "on_hold", "on_hold",
        )  # fmt: skip
        assert (told.actor, told.staff, told.native_id) == ("human", "22", "5")

    def test_an_audit_tells_the_same(self) -> None:
        """The list of audits has another shape and the same meaning."""
        change = {"type": "Change", "field_name": "status", "value": "hold"}
        child = {"id": 5, **change, "previous_value": "open"}
        audit = {**_update(), "author_id": 22, "events": [child]}
        del audit["child_events"], audit["updater_id"]
        exported = _one(_update(event_type="Change", status="hold", previous_value="open"))
        assert _one(audit) == exported

    @pytest.mark.parametrize("old", ["solved", "closed"])
    def test_back_from_solved_is_a_reopening(self, old: str) -> None:
        """A ticket that comes back is not just another change."""
        told = _one(_update(event_type="Change", status="open", previous_value=old))
        assert told.event == "reopening"

    def test_the_beginning_is_one_event(self) -> None:
        """What a ticket began with is told by the ticket, but for its status."""
        row = _update(event_type="Create", status="new")
        row["child_events"].append({"id": 6, "event_type": "Create", "subject": "Tent"})
        assert _one(row).event == "created"

    def test_several_fields_in_one_child_have_ids_of_their_own(self) -> None:
        """No two events of one child share an id."""
        row = _update(event_type="Change", status="open", previous_value=None, priority="low")
        assert [one.native_id for one in history_of(row, PEOPLE)] == ["5", "5:priority"]

    def test_what_another_field_held_is_not_told(self) -> None:
        """A subject or a field of the organisation's own may be the customer's words."""
        told = _one(_update(event_type="Change", subject="New", previous_value="Old"))
        assert (told.event, told.old, told.new) == ("other", None, None)
        assert told.attributes == {"field": "subject"}

    @pytest.mark.parametrize(
        ("author", "via", "public", "staff", "actor"),
        [
            (22, "web", True, PEOPLE, "human"),
            (11, "email", True, PEOPLE, "customer"),
            (11, "email", False, PEOPLE, "human"),
            (-1, "web", True, PEOPLE, "bot"),
            (22, "rule", True, PEOPLE, "bot"),
            (11, "email", True, None, None),
        ],
    )
    def test_who_wrote_a_comment(
        self, author: int, via: str, public: bool, staff: set[str] | None, actor: str | None
    ) -> None:
        """Staff, customers and machines are told apart, and nobody is guessed."""
        child = {"event_type": "Comment", "author_id": author, "public": public, "body": "Hi"}
        told = _one(_update(**child, via={"channel": via}), staff)
        assert (told.event, told.actor, told.text) == ("comment", actor, "Hi")
        assert bool(told.customer) == (actor == "customer")
        assert (told.staff is not None) == (actor == "human")

    def test_a_merge_is_told_of_the_ticket_that_was_taken_in(self) -> None:
        """The ticket that goes on tells which ones it took in."""
        source = {"from": {"ticket_ids": [3, 4]}, "to": {}, "rel": "merge"}
        via = {"channel": "web", "source": source}
        child = {"event_type": "Comment", "author_id": 22, "public": False, "body": "x", "via": via}
        _, *merges = history_of(_update(**child), PEOPLE)
        assert [(one.native_id, one.ticket, one.new) for one in merges] == [
            ("merge:3:7", "3", "7"),
            ("merge:4:7", "4", "7"),
        ]

    def test_a_rewritten_comment_replaces_the_old_words(self) -> None:
        """After a redaction the comment is told anew, stamped with the redaction."""
        row = _update(event_type="CommentRedactionEvent", comment_id=9) | {"created_at": LATER}
        now = {"id": 9, "author_id": 11, "body": "▇▇", "public": True, "created_at": AT}
        told = _one(row | {"rewritten": [now]})
        assert (told.native_id, told.text) == ("9", "▇▇")
        assert told.recorded_at == datetime(2026, 5, 4, 10, tzinfo=UTC)
        assert told.occurred_at == datetime(2026, 5, 4, 9, tzinfo=UTC)

    def test_a_redacted_comment_that_cannot_be_read_is_taken_away(self) -> None:
        """The old words do not stay because the new ones cannot be had."""
        row = _update(event_type="CommentRedactionEvent", comment_id=9)
        told = _one(row | {"rewritten": None})
        assert isinstance(told, Deletion)
        assert (told.kind, told.native_id) == ("ticket_event", "9")

    def test_a_notification_is_nothing(self) -> None:
        """What only the system did is no event of the customer's."""
        assert not list(history_of(_update(event_type="Notification", body="Dear"), PEOPLE))

    def test_a_tick_of_a_promise(self) -> None:
        """Metric events carry metric, tick and target, under ids of their own."""
        sla = {"target": 60, "policy": {"title": "Gold"}}
        row = {"id": 5, "ticket_id": 7, "time": AT, "metric": "reply_time", "type": "apply_sla"}
        told = metric_event_of({**row, "sla": sla})
        assert (told.native_id, told.because) == ("metric:5", "Gold")
        assert told.attributes == {
            "metric": "reply_time",
            "tick": "apply_sla",
            "target_minutes": 60,
        }
        assert isinstance(metric_event_of({**row, "deleted": True}), Deletion)


class TestPeople:
    """Users and organisations."""

    USER: dict[str, Any] = {  # noqa: RUF012
        "id": 11,
        "role": "end-user",
        "active": True,
        "created_at": AT,
        "updated_at": LATER,
        "name": "Ann",
        "email": "Ann@Example.com",
        "external_id": "C-9",
        "user_fields": {"tier": "gold", "colour": "red"},
    }

    def test_an_end_user_is_a_customer(self) -> None:
        """All names that a source has for a person are identifiers."""
        found = user_of(self.USER, {"segment": "tier", "colour": "colour"})
        assert isinstance(found, Customer)
        assert [one.text for one in found.customer] == [
            "email:ann@example.com",
            "external:C-9",
            "external:user:11",
        ]
        assert (found.segment, found.attributes) == ("gold", {"colour": "red"})

    @pytest.mark.parametrize("role", ["agent", "admin"])
    def test_agents_are_staff(self, role: str) -> None:
        """Staff are no customers, and stay known when they leave."""
        found = user_of({**self.USER, "role": role, "active": False}, {})
        assert isinstance(found, Staff)
        assert found.is_active is False

    def test_an_inactive_user_is_gone(self) -> None:
        """Deleted and merged users are served once more, not active."""
        found = user_of({**self.USER, "active": False}, {})
        assert isinstance(found, Deletion)
        assert found.kind == "customer"

    def test_an_organisation_is_an_account(self) -> None:
        """Domains and fields of its own come along; a deleted one is gone."""
        row = {"id": 3, "name": "Acme", "created_at": AT, "updated_at": LATER}
        row |= {"domain_names": ["a.example", "b.example"], "organization_fields": {"branch": "x"}}
        found = account_of(row, {"industry": "branch"})
        assert (found.industry, found.attributes["domains"]) == ("x", "a.example, b.example")
        assert isinstance(account_of({**row, "deleted_at": LATER}, {}), Deletion)


QUESTION: dict[str, Any] = {
    "id": "Q1",
    "type": "rating_scale_emoji",
    "sub_type": "customer_satisfaction",
    "headline": {"type": "static", "value": "How was it?"},
    "options": [
        {"rating": 1, "label": {"type": "static", "value": "Bad"}},
        {"rating": 3, "label": {"type": "dynamic", "key": "dc", "value": "So so"}},
        {"rating": 5, "label": {"type": "static", "value": "Good"}},
    ],
}
CLOSED = {"id": "Q2", "type": "closed_ended", "options": [{"id": "o1", "label": {"value": "Slow"}}]}


def _answer(kind: str, question: str, **values: Any) -> dict[str, Any]:
    told = {"created_at": AT, "updated_at": LATER, "question": {"id": question}}
    return {"type": kind, **told, **values}


def _survey_row(*answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "01ARYZ6S41TSV4RRFFQ69G5FAV",  # example of github.com/ulid/javascript: 1469918176385
        "answers": list(answers),
        "responder_id": 11,
        "subject_zrns": ["zen:ticket:7"],
        "survey": {"id": "S1", "version": 3, "state": "enabled"},
    }


class TestFeedback:
    """Legacy ratings and surveys."""

    RATING = {"id": 5, "ticket_id": 7, "requester_id": 11, "created_at": AT, "updated_at": LATER}  # noqa: RUF012

    def test_a_rating_is_on_its_scale(self) -> None:
        """Good and bad are the two levels of their own scale, never of another."""
        invitation, response = rating_of({**self.RATING, "score": "good", "comment": "Nice"})
        assert response.score.scale == legacy_question().scale == Scale.named("good/bad")
        assert (response.score.value, response.verbatim) == (1, "Nice")
        assert (invitation.outcome, response.invitation) == ("complete", "5")

    def test_an_offer_is_no_answer(self) -> None:
        """Who was asked and said nothing is an invitation; who was not asked is nothing."""
        (invitation,) = rating_of({**self.RATING, "score": "offered"})
        assert invitation.outcome is None
        assert rating_of({**self.RATING, "score": "unoffered"}) == ()

    def test_a_scale_is_what_the_customer_saw(self) -> None:
        """Three faces are rated 1, 3 and 5: the scale runs from 1 to 5, with three labels."""
        scale = scale_of(QUESTION)
        assert (scale.low, scale.high) == (1, 5)
        assert scale.labels == ((1, "Bad"), (3, "So so"), (5, "Good"))

    def test_a_survey_response_is_rating_comment_and_reason(self) -> None:
        """The comment stands with the rating it explains, and the reason beside it."""
        row = _survey_row(
            _answer("rating_scale", "Q1", rating=1, rating_category="bad"),
            _answer("closed_ended", "Q2", selections=[{"option_id": "o1"}]),
            _answer("open_ended", "Q3", value="Too slow"),
        )
        invitation, response = survey_response_of(row, {"Q1": QUESTION, "Q2": CLOSED})
        assert (response.score.value, response.verbatim) == (1, "Too slow")
        assert (response.question, response.question_version) == ("Q1", 3)
        assert response.attributes == {"ticket": "7", "reason": "Slow", "rating_category": "bad"}
        assert (invitation.survey, invitation.outcome) == ("S1", "complete")
        assert invitation.occurred_at == datetime(2016, 7, 30, 22, 36, 16, 385000, tzinfo=UTC)

    def test_what_was_skipped_makes_it_partial(self) -> None:
        """A survey of which something was left out is partial; its rating counts."""
        row = _survey_row(_answer("rating_scale", "Q1", rating=5), _answer("skipped", "Q3"))
        invitation, response = survey_response_of(row, {"Q1": QUESTION})
        assert (invitation.outcome, response.verbatim) == ("partial", None)

    def test_words_without_a_rating_are_a_response(self) -> None:
        """Nothing that a customer wrote is lost for want of a number."""
        row = _survey_row(_answer("open_ended", "Q3", value="Hello"))
        _, response = survey_response_of(row, {})
        assert (response.question, response.score, response.verbatim) == ("Q3", None, "Hello")

    def test_a_number_without_a_scale_is_refused(self) -> None:
        """A rating whose options nobody tells is set aside, never guessed."""
        row = _survey_row(_answer("rating_scale", "Q1", rating=4))
        with pytest.raises(UsageError, match="no scale") as caught:
            list(survey_response_of(row, {}))
        assert caught.value.context["reason"] == "bad_scale"

    @pytest.mark.parametrize("name", ["7", "not-a-ulid!", "", None])
    def test_an_id_that_is_no_ulid_tells_no_moment(self, name: str | None) -> None:
        """The moment of an offer is read only where it stands."""
        assert offered_at({"id": name}) is None

    def test_questions_carry_scale_and_version(self) -> None:
        """Each question of a survey is told with the version under which it stands."""
        survey = {"id": "S1", "version": 3, "updated_at": LATER, "questions": [QUESTION, CLOSED]}
        rating, closed = questions_of(survey, "en-us")
        assert (rating.version, rating.form, rating.measures) == (3, "scale", "satisfaction")
        assert (closed.form, closed.attributes) == ("choice", {"choices": "Slow"})
