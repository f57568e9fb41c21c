"""Rows of the vendor, one by one, and the records that they become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

import pytest

from cxm_connectors.hubspot import HubSpotConfig, Survey
from cxm_connectors.hubspot._history import ticket_events
from cxm_connectors.hubspot._mapping import (
    account,
    customer,
    deal,
    gone,
    merged,
    moment,
    owner,
    primary,
    ticket,
)
from cxm_connectors.hubspot._stages import Stages
from cxm_connectors.hubspot._surveys import asked_by, question, response, withdrawn
from cxm_core.errors import SchemaChanged, UsageError

AT = "2026-07-01T09:30:00.000Z"


def row(**properties: str | None) -> dict[str, Any]:
    """A row with these properties."""
    return {
        "id": "17",
        "properties": properties,
        "createdAt": "2026-06-01T08:00:00.000Z",
        "updatedAt": AT,
        "archived": False,
    }


def only(records: Any) -> Any:
    """The one record of several."""
    (one,) = records
    return one


class TestTimes:
    """Times as the vendor writes them."""

    def test_iso_stays_text_and_milliseconds_become_an_instant(self) -> None:
        """Objects of v3 have ISO, older properties have milliseconds."""
        assert moment(AT) == AT
        assert moment("1572480000000") == datetime(2019, 10, 31, tzinfo=UTC)
        assert moment(None) is None

    def test_a_number_beyond_all_times_is_refused(self) -> None:
        """It is not cut to some other time."""
        with pytest.raises(UsageError):
            moment("9" * 17)


class TestCustomer:
    """Contacts."""

    def test_holds_who_it_is(self) -> None:
        """Names, all addresses, and the vendor's own id among the identifiers."""
        made = customer(
            row(
                email="Ann@Example.com",
                hs_additional_emails="a@b.co;c@d.co",
                firstname="Ann",
                lastname="Lee",
                phone="+49 30 901820",
                createdate="2026-05-01T00:00:00.000Z",
                hubspot_owner_id="5",
            ),
            attributes={"plan": "pro"},
            segment="gold",
        )
        one = only(made)
        assert [name.text for name in one.customer] == [
            "email:a@b.co",
            "email:ann@example.com",
            "email:c@d.co",
            "external:17",
            "phone:+4930901820",
        ]
        assert (one.name, one.segment, one.attributes) == (
            "Ann Lee",
            "gold",
            {"plan": "pro", "owner": "5"},
        )
        assert one.occurred_at == datetime(2026, 5, 1, tzinfo=UTC)
        assert one.recorded_at == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)

    def test_memberships_tell_the_primary_company_by_its_type(self) -> None:
        """Labels may be renamed; type 1 is the primary company."""
        linked = {
            "companies": [
                {"id": "8", "types": [279], "label": None},
                {"id": "9", "types": [1, 279], "label": "Boss"},
            ]
        }
        made = customer({**row(), "linked": linked}, attributes={})
        found = [one for one in made if one.record_kind == "membership"]
        assert [(m.native_id, m.account, m.is_primary, m.role) for m in found] == [
            ("17-8", "8", False, None),
            ("17-9", "9", True, "Boss"),
        ]

    def test_whom_it_replaced_is_deleted(self) -> None:
        """Each id, at the time of the last change."""
        found = list(merged(row(hs_merged_object_ids="3;4"), "contacts"))
        assert [(one.kind, one.native_id) for one in found] == [
            ("customer", "3"),
            ("customer", "4"),
        ]
        assert all(one.recorded_at == datetime(2026, 7, 1, 9, 30, tzinfo=UTC) for one in found)

    def test_the_archive_is_a_deletion_at_its_time(self) -> None:
        """By the stamp of the archive, since that of the last change stands still."""
        archived = {**row(), "archived": True, "archivedAt": "2026-08-01T00:00:00Z"}
        one = only(gone(archived, "companies"))
        assert (one.kind, one.native_id) == ("account", "17")
        assert one.recorded_at == one.occurred_at == datetime(2026, 8, 1, tzinfo=UTC)

    def test_the_oldest_object_counts_where_none_is_primary(self) -> None:
        """Ids are compared as numbers."""
        linked = {"contacts": [{"id": "10", "types": [16]}, {"id": "9", "types": [16]}]}
        assert primary(linked, "contacts") == "9"
        assert primary(None, "contacts") is None


class TestAccountAndOwner:
    """Companies and owners."""

    def test_company(self) -> None:
        """Its identifiers are those of an account."""
        one = only(account(row(name="Acme", domain="acme.com"), attributes={}))
        assert one.name == "Acme"
        assert [name.text for name in one.customer] == ["account:17"]
        assert one.attributes == {"domain": "acme.com"}

    def test_owner(self) -> None:
        """The primary team, and whether the owner is still there."""
        teams = [{"name": "A"}, {"name": "B", "primary": True}]
        one = owner({"id": "5", "firstName": "Jo", "archived": True, "teams": teams})
        assert (one.name, one.team, one.is_active) == ("Jo", "B", False)
        assert owner({"id": "5", "email": "jo@example.com"}).team is None


class TestTicket:
    """Tickets."""

    def test_holds_how_it_stands(self) -> None:
        """Words of the vendor become ours; the first word stays beside them."""
        one = only(
            ticket(
                row(
                    subject="Printer",
                    source_type="FORM",
                    hs_ticket_priority="URGENT",
                    hs_pipeline_stage="4",
                    closed_date=AT,
                ),
                attributes={},
                status="closed",
            )
        )
        assert (one.channel, one.priority, one.status) == ("web", "urgent", "closed")
        assert one.closed_at == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
        assert one.attributes["source_type"] == "FORM"

    def test_a_reopened_ticket_is_not_closed(self) -> None:
        """The vendor's stamp of an earlier end does not count while the ticket is open."""
        assert only(ticket(row(closed_date=AT), attributes={}, status="open")).closed_at is None

    def test_unknown_words_become_other(self) -> None:
        """And are kept as they are in the attributes."""
        one = only(
            ticket(row(source_type="PIGEON", hs_ticket_priority="X"), attributes={}, status=None)
        )
        assert (one.channel, one.priority) == ("other", "other")

    def test_history_becomes_events(self) -> None:
        """In the order of time; stages of one meaning are one; a return is a reopening."""
        stages = ["4", "9", "4", "3", "1"]
        history = {
            "hs_pipeline_stage": [
                {"value": value, "timestamp": f"2026-07-0{5 - i}T00:00:00Z", "sourceType": "CRM_UI"}
                for i, value in enumerate(stages)
            ],
            "hubspot_owner_id": [
                {"value": "", "timestamp": "2026-07-03T00:00:00Z"},
                {"value": "5", "timestamp": "2026-07-02T00:00:00Z"},
            ],
        }
        status = {"1": "new", "3": "open", "9": "open", "4": "closed"}.get
        found = list(
            ticket_events(
                {**row(), "propertiesWithHistory": history}, status_of=lambda s: status(s or "")
            )
        )
        assert [(one.event, one.old, one.new) for one in found] == [
            ("created", None, "new"),
            ("status", "new", "open"),
            ("status", "open", "closed"),
            ("reopening", "closed", "open"),
            ("status", "open", "closed"),
            ("assignment", None, "5"),
            ("assignment", "5", None),
        ]
        assert found[0].actor == "human"
        assert len({one.native_id for one in found}) == 7


class TestStages:
    """What stages mean."""

    PIPELINES: ClassVar[dict[str, Any]] = {
        "results": [
            {"id": "0", "stages": [{"id": "2", "metadata": {"ticketState": "OPEN"}}]},
            {
                "id": "77",
                "stages": [
                    {"id": "a", "displayOrder": 1, "metadata": {"ticketState": "OPEN"}},
                    {"id": "b", "displayOrder": 0, "metadata": {"ticketState": "OPEN"}},
                    {"id": "c", "displayOrder": 2, "metadata": {"isClosed": "true"}},
                ],
            },
        ]
    }

    def test_the_user_goes_before_the_vendor(self) -> None:
        """And the vendor is not asked then."""
        stages = Stages({"1": "pending"}, lambda: pytest.fail("asked"))
        assert stages.status("1") == "pending"
        assert stages.status(None) is None

    def test_pipelines_tell_what_is_open_and_what_closed(self) -> None:
        """The first stage of a pipeline is new; the vendor's own has words of its own."""
        stages = Stages({}, lambda: self.PIPELINES)
        assert [stages.status(key) for key in "2abc"] == ["pending", "open", "new", "solved"]

    def test_a_stage_that_is_gone_is_asked_for_once(self) -> None:
        """A new stage may have been made since; one that is not there is other."""
        asked = []
        stages = Stages({}, lambda: asked.append(1) or self.PIPELINES)
        assert [stages.status("zzz") for _ in range(3)] == ["other"] * 3
        assert len(asked) == 1

    @pytest.mark.parametrize("answer", [{}, [], {"results": [{"id": "0"}]}, {"results": None}])
    def test_pipelines_of_another_shape_are_an_error(self, answer: Any) -> None:
        """Every ticket would otherwise be of an unknown status."""
        with pytest.raises(SchemaChanged):
            Stages({}, lambda: answer).status("1")


class TestDeal:
    """Deals."""

    def test_an_open_deal_has_an_expected_day(self) -> None:
        """Its closing date is a hope."""
        one = only(
            deal(
                row(amount="1200.50", deal_currency_code="EUR", closedate=AT, hs_is_closed="false"),
                attributes={},
                currency=None,
            )
        )
        assert (one.expected_on, one.closed_at, one.is_won) == (date(2026, 7, 1), None, None)
        assert str(one.amount) == "1200.50 EUR"

    def test_a_lost_deal_tells_why(self) -> None:
        """And when."""
        values = {
            "hs_is_closed": "true",
            "hs_is_closed_won": "false",
            "closed_lost_reason": "price",
        }
        one = only(deal(row(closedate=AT, **values), attributes={}, currency=None))
        assert (one.is_won, one.reason) == (False, "price")
        assert one.closed_at == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)

    def test_a_deal_that_was_entered_late_is_kept(self) -> None:
        """Entered after its end, it was opened by its end at the latest."""
        one = only(
            deal(
                row(closedate="2020-01-01T00:00:00Z", createdate=AT, hs_is_closed="true"),
                attributes={},
                currency=None,
            )
        )
        assert one.occurred_at == one.closed_at == datetime(2020, 1, 1, tzinfo=UTC)

    def test_the_accounts_currency_stands_in(self) -> None:
        """Without one the amount is no money, and the row is set aside."""
        assert str(only(deal(row(amount="5"), attributes={}, currency="JPY")).amount) == "5 JPY"
        with pytest.raises(UsageError):
            list(deal(row(amount="5"), attributes={}, currency=None))


def answered(survey: Survey | None = None, **properties: str | None) -> list[Any]:
    """Responses of a submission."""
    of = {"hs_survey_id": "5", "hs_survey_name": "After support", **properties}
    asked = asked_by(of, survey)
    given = row(**of)
    return [
        record for one in asked for record in response(given, one, attributes={}, survey=survey)
    ]


class TestSubmissions:
    """Survey submissions."""

    @pytest.mark.parametrize(
        ("kind", "value", "levels", "is_top"),
        [
            ("NPS", "9", (0, 10), True),
            ("NPS", "8", (0, 10), False),
            ("CSAT", "2", (0, 2), True),
            ("CSAT", "1", (0, 2), False),
            ("CES", "6", (1, 7), True),
            ("CES", "5", (1, 7), False),
        ],
    )
    def test_own_surveys_have_their_own_scales(
        self, kind: str, value: str, levels: tuple[int, int], is_top: bool
    ) -> None:
        """The same number is good on one scale and not on another."""
        one = only(answered(hs_survey_type=kind, hs_value=value, hs_content="Thanks"))
        assert (one.score.scale.low, one.score.scale.high) == levels
        assert (one.score.is_top, one.verbatim) == (is_top, "Thanks")

    def test_a_custom_survey_needs_a_declared_scale(self) -> None:
        """Nothing is guessed from the values."""
        with pytest.raises(UsageError, match="no scale that is known"):
            answered(hs_survey_type="CUSTOM", hs_value="4")
        one = only(answered(Survey(scale="1-5"), hs_survey_type="CUSTOM", hs_value="4"))
        assert one.score.is_top

    def test_a_declared_scale_goes_before_the_vendors(self) -> None:
        """An account may have changed its survey, and its version with it."""
        survey = Survey(scale="1-5", version=2)
        one = only(answered(survey, hs_survey_type="CSAT", hs_value="5"))
        assert (one.score.value, one.question_version) == (5, 2)

    @pytest.mark.parametrize("value", ["11", "7.5", "many"])
    def test_what_is_no_level_is_refused(self, value: str) -> None:
        """Off the scale, a fraction, or a word."""
        with pytest.raises((UsageError, ValueError)):
            answered(hs_survey_type="NPS", hs_value=value)

    def test_whole_numbers_may_have_a_point(self) -> None:
        """As some accounts have them."""
        assert only(answered(hs_survey_type="NPS", hs_value="9.0")).score.value == 9

    def test_a_missing_answer_is_a_response(self) -> None:
        """It says so, and keeps the words."""
        one = only(answered(hs_survey_type="CUSTOM", hs_content="Hello"))
        assert (one.score, one.no_answer, one.verbatim) == (None, "no_answer", "Hello")

    def test_further_questions_are_responses_of_their_own(self) -> None:
        """On a scale, in words, or a choice; what was not answered is none."""
        survey = Survey.model_validate(
            {
                "scale": "1-5",
                "questions": {
                    "q_ease": {"scale": "1-7", "measures": "effort"},
                    "q_why": {"form": "open"},
                    "q_team": {"form": "choice"},
                    "q_none": {"form": "open"},
                },
            }
        )
        given = {"hs_value": "4", "q_ease": "6", "q_why": "Fast", "q_team": "B"}
        found = answered(survey, hs_survey_type="CUSTOM", **given)
        assert [one.native_id for one in found] == ["17", "17:q_ease", "17:q_why", "17:q_team"]
        assert [one.question for one in found] == ["5", "5:q_ease", "5:q_why", "5:q_team"]
        assert found[1].score.is_top
        assert found[2].verbatim == "Fast"
        assert found[3].attributes["answer"] == "B"
        assert [one.native_id for one in withdrawn(row(), survey.questions)][:2] == [
            "17",
            "17:q_ease",
        ]

    def test_questions_carry_scale_and_version(self) -> None:
        """What is measured is known for the vendor's own surveys."""
        of = {"hs_survey_id": "5", "hs_survey_name": "Loyalty", "hs_survey_type": "NPS"}
        one = question(of, asked_by(of, None)[0], None)
        assert (one.native_id, one.measures, one.form) == ("5", "recommendation", "scale")
        assert one.scale is not None
        assert one.scale.top == (9, 10)

    def test_belongs_to_who_answered_and_the_ticket(self) -> None:
        """The submission's own word, else its association."""
        one = only(
            answered(hs_survey_type="NPS", hs_value="9", hs_contact_id="3", hs_ticket_id="4")
        )
        assert [name.text for name in one.customer] == ["external:3"]
        assert one.attributes["ticket"] == "4"


class TestConfig:
    """What a user may set."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"api_version": "v1"},
            {"surveys": {"5": {"scale": "9-1"}}},
            {"properties": {"cats": ["x"]}},
            {"stages": {"1": "forgotten"}},
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        """Before any call is made."""
        with pytest.raises(ValueError, match="validation error"):
            HubSpotConfig.model_validate(wrong)
