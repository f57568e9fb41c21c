"""Fill a simulated HubSpot account with its part of a synthetic company's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from cxm_connectors.simulation import (
    Company,
    SimAccount,
    SimCustomer,
    SimDeal,
    SimForm,
    SimQuestion,
    SimStaff,
    SimSubmission,
    SimTicket,
)
from cxm_core.vocabulary import Money

from ._portal import Portal, stamp

# Types that HubSpot defines itself (developer docs, Associations, seen 2026-11).
CONTACT_COMPANY_PRIMARY = 1
TICKET_CONTACT = 16
TICKET_COMPANY_PRIMARY = 26
DEAL_CONTACT = 3
DEAL_COMPANY_PRIMARY = 5
FEEDBACK_CONTACT = 98
FEEDBACK_TICKET = 97

_STAGES = {"new": "1", "pending": "2", "on_hold": "2", "open": "3", "solved": "4", "closed": "4"}
_PRIORITIES = {"low": "LOW", "normal": "MEDIUM", "high": "HIGH", "urgent": "URGENT"}
_SOURCES = {"email": "EMAIL", "chat": "CHAT", "web": "FORM", "phone": "PHONE"}
_DEAL_STAGES = {
    "qualified": "qualifiedtobuy",
    "offer": "presentationscheduled",
    "negotiation": "contractsent",
    "won": "closedwon",
    "lost": "closedlost",
}
# HubSpot's own surveys have fixed scales (knowledge base, Survey response properties, seen
# 2026-11); whatever else a company asks is a custom survey.
_OWN_SCALES = {
    ("recommendation", 0, 10): "NPS",
    ("satisfaction", 0, 2): "CSAT",
    ("effort", 1, 7): "CES",
}


class Population:
    """Moves a company's records into an account, and remembers under which ids."""

    def __init__(self, portal: Portal, company: Company) -> None:
        self.portal, self.company = portal, company
        self.ids: dict[tuple[str, int], str] = {}
        self._forms = {form.key: form for form in company.forms if form.tool == "crm"}

    def settle(self) -> None:
        """Fill the account."""
        company = self.company
        steps: tuple[tuple[Callable[[Any], None], Iterable[Any]], ...] = (
            (self._owner, company.staff),
            (self._company, company.accounts),
            (self._contact, company.customers),
            (self._ticket, [one for one in company.tickets if one.desk == "sales"]),
            (self._deal, company.deals),
            (self._feedback, company.submissions),
            (self._depart, company.customers),
        )
        for make, ones in steps:
            for one in ones:
                make(one)
        self.portal.news.clear()

    def _owner(self, staff: SimStaff) -> None:
        given, _, family = staff.name.partition(" ")
        self.portal.owners[1000 + staff.key] = {
            "id": str(1000 + staff.key),
            "email": staff.email,
            "type": "PERSON",
            "firstName": given,
            "lastName": family,
            "userId": 500 + staff.key,
            "createdAt": stamp(staff.created_at),
            "updatedAt": stamp(staff.created_at),
            "archived": not staff.is_active,
            "teams": [{"id": "1", "name": staff.team, "primary": True}],
        }

    def _company(self, account: SimAccount) -> None:
        values = {
            "name": account.name,
            "domain": account.domain,
            "industry": account.industry,
            "country": account.country,
            "segment": account.segment,
            "hubspot_owner_id": _owner_id(account.owner),
        }
        self._put("companies", account.key, values, account.created_at, account.changed_at)

    def _contact(self, customer: SimCustomer) -> None:
        values = {
            "email": customer.email,
            "firstname": customer.given_name,
            "lastname": customer.family_name,
            "phone": customer.phone,
            "hs_language": customer.language,
            "country": customer.country,
            "segment": customer.segment,
            "lifecyclestage": "customer",
            "associatedcompanyid": self.ids.get(("companies", customer.account or 0)),
        }
        self._put("contacts", customer.key, values, customer.created_at, customer.changed_at)
        self._link("contacts", customer.key, "companies", customer.account, CONTACT_COMPANY_PRIMARY)

    def _depart(self, customer: SimCustomer) -> None:
        number = self.ids["contacts", customer.key]
        winner = self.ids.get(("contacts", customer.merged_into or 0))
        if winner is not None:
            self.portal.merge("contacts", winner, number, at=customer.changed_at)
        elif customer.deleted_at is not None:
            self.portal.archive("contacts", number, at=customer.deleted_at)

    def _ticket(self, ticket: SimTicket) -> None:
        values = {
            "subject": ticket.subject,
            "content": ticket.text,
            "hs_ticket_category": None if ticket.reason == "other" else ticket.reason,
            "hs_ticket_priority": _PRIORITIES.get(ticket.priority),
            "source_type": _SOURCES.get(ticket.channel),
            "hs_pipeline": "0",
            "hs_pipeline_stage": _STAGES.get(ticket.status, "3"),
            "hubspot_owner_id": _owner_id(ticket.owner),
            "first_agent_reply_date": _first_reply(ticket),
            "closed_date": stamp(ticket.solved_at) if ticket.solved_at else None,
        }
        self._put("tickets", ticket.key, values, ticket.opened_at, ticket.changed_at)
        self._tell_history(ticket)
        self._link("tickets", ticket.key, "contacts", ticket.customer, TICKET_CONTACT)
        self._link("tickets", ticket.key, "companies", ticket.account, TICKET_COMPANY_PRIMARY)
        if ticket.deleted_at is not None:
            self.portal.archive("tickets", self.ids["tickets", ticket.key], at=ticket.deleted_at)

    def _tell_history(self, ticket: SimTicket) -> None:
        number = int(self.ids["tickets", ticket.key])
        for name in ("hs_pipeline_stage", "hubspot_owner_id"):
            self.portal.history.pop(("tickets", number, name), None)
        stage = ("tickets", number, "hs_pipeline_stage")
        owner = ("tickets", number, "hubspot_owner_id")
        for event in ticket.events:
            if event.kind in ("created", "status"):
                self.portal.remember(stage, _STAGES.get(event.new or "new", "3"), event.at)
            elif event.kind == "assignment":
                self.portal.remember(owner, _owner_id(int(event.new or 0)) or "", event.at)

    def _deal(self, deal: SimDeal) -> None:
        values = {
            "dealname": deal.name,
            "pipeline": "default",
            "dealstage": _DEAL_STAGES.get(deal.stage, deal.stage),
            "amount": str(Money(deal.amount_minor, deal.currency)).partition(" ")[0],
            "deal_currency_code": deal.currency,
            "closedate": stamp(deal.closed_at) if deal.closed_at else None,
            "hs_is_closed": "true" if deal.closed_at else "false",
            "hs_is_closed_won": "true" if deal.is_won else "false",
            "hubspot_owner_id": _owner_id(deal.owner),
        }
        self._put("deals", deal.key, values, deal.opened_at, deal.changed_at)
        self._link("deals", deal.key, "contacts", deal.customer, DEAL_CONTACT)
        self._link("deals", deal.key, "companies", deal.account, DEAL_COMPANY_PRIMARY)

    def _feedback(self, submission: SimSubmission) -> None:
        form = self._forms.get(submission.form)
        if form is None or submission.state != "completed":
            return
        form = form.at_version(submission.form_version)
        number = self.ids.get(("contacts", submission.customer or 0))
        at = submission.submitted_at or submission.changed_at
        values = {
            "hs_survey_id": str(form.key),
            "hs_survey_name": form.title,
            "hs_survey_type": survey_type(form),
            "hs_survey_channel": submission.channel.upper(),
            "hs_submission_timestamp": stamp(at),
            "hs_contact_id": number,
            "segment": submission.hidden.get("segment"),
            **submission.hidden,
            **_answers(form, submission.answers),
        }
        self._put("feedback_submissions", submission.key, values, at, submission.changed_at)
        self._link(
            "feedback_submissions",
            submission.key,
            "contacts",
            submission.customer,
            FEEDBACK_CONTACT,
        )

    def _put(
        self,
        kind: str,
        key: int,
        values: Mapping[str, str | None],
        created_at: datetime,
        updated_at: datetime,
    ) -> None:
        known = {name: value for name, value in values.items() if value}
        self.ids[kind, key] = self.portal.add(
            kind, known, created_at=created_at, updated_at=max(created_at, updated_at)
        )

    def _link(self, kind: str, key: int, other: str, to: int | None, type_id: int) -> None:
        target = self.ids.get((other, to or 0))
        if target is not None:
            self.portal.associate((kind, self.ids[kind, key]), (other, target), type_id=type_id)


def _first_reply(ticket: SimTicket) -> str | None:
    said = (e for e in ticket.events if e.kind == "comment" and e.actor == "staff" and e.is_public)
    first = next(said, None)
    return stamp(first.at) if first else None


def survey_type(form: SimForm) -> str:
    """Type under which the vendor files a survey."""
    main = _main(form)
    if main is None or main.scale is None:
        return "CUSTOM"
    key = (main.measures or "", main.scale.low, main.scale.high)
    return _OWN_SCALES.get(key, "CUSTOM")


def surveys_of(company: Company) -> dict[str, dict[str, object]]:
    """What a user would declare of the company's surveys, since the vendor does not tell it."""
    return {str(form.key): _declared(form) for form in company.forms if form.tool == "crm"}


def _declared(form: SimForm) -> dict[str, object]:
    main = _main(form)
    if main is None:
        return {}
    told: dict[str, object] = {"text": main.text, "version": form.version}
    if main.scale is None or survey_type(form) != "CUSTOM":
        return told
    return {**told, "scale": main.scale.code, "measures": main.measures or "other"}


def _main(form: SimForm) -> SimQuestion | None:
    return next((question for question in form.questions if question.form == "scale"), None)


def _answers(form: SimForm, answers: Mapping[str, int | str | tuple[str, ...]]) -> dict[str, str]:
    """The first number is the value, the first free text its comment, the rest has other names."""
    main = _main(form)
    words = next((question for question in form.questions if question.form == "open"), None)
    own = {one.key: name for one, name in ((main, "hs_value"), (words, "hs_content")) if one}
    return {own.get(key, f"q_{key}"): _text(answer) for key, answer in answers.items()}


def _text(answer: int | str | tuple[str, ...]) -> str:
    return ";".join(answer) if isinstance(answer, tuple) else str(answer)


def _owner_id(key: int | None) -> str | None:
    return None if key is None else str(1000 + key)
