"""The synthetic company: its history holds together, whatever its size and seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cxm_connectors.simulation import (
    Company,
    SimCustomer,
    SimForm,
    SimTicket,
    SimTicketEvent,
)
from cxm_core.errors import UsageError
from cxm_core.records import Question, Response, Score

SIZES = [(0, 0), (1, 0), (60, 1), (400, 0)]


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]} of seed {size[1]}")
def company(request: pytest.FixtureRequest) -> Company:
    """A company of some size."""
    customers, seed = request.param
    return Company.made(customers=customers, seed=seed)


def stamps(company: Company) -> list[datetime]:
    """Every stamp of its history."""
    parts = (
        company.accounts,
        company.customers,
        company.orders,
        company.deals,
        company.ratings,
        company.forms,
        company.invitations,
        company.submissions,
        [event for ticket in company.tickets for event in ticket.events],
    )
    found = [getattr(one, name) for part in parts for one in part for name in dir(one)]
    return [stamp for stamp in found if isinstance(stamp, datetime)]


def test_the_same_arguments_give_the_same_company(company: Company) -> None:
    """Chance comes from the seed alone; another seed is another company."""
    customers = len(company.customers)
    again = Company.made(customers=customers, seed=1)
    assert again == Company.made(customers=customers, seed=1)
    assert customers < 2 or again != Company.made(customers=customers, seed=2)


def test_nothing_happens_after_now(company: Company) -> None:
    """No stamp is later than the end of the history, but for a promise; all are whole seconds."""
    late = {stamp for stamp in stamps(company) if stamp > company.now}
    assert late <= {order.promised_at for order in company.orders}
    assert {stamp.microsecond for stamp in stamps(company)} <= {0}
    assert {stamp.utcoffset() for stamp in stamps(company)} <= {timedelta()}


def test_keys_count_from_one(company: Company) -> None:
    """Keys are unique within their class and begin at 1."""
    for name in ("staff", "accounts", "customers", "orders", "deals", "tickets", "ratings"):
        keys = [one.key for one in getattr(company, name)]
        assert keys == list(range(1, len(keys) + 1)), name
    assert len({one.key for one in company.submissions}) == len(company.submissions)


def test_references_lead_somewhere(company: Company) -> None:
    """Whatever names a customer, an account, a ticket or a form names one that is there."""
    customers, forms = set(company.customer_by_key), set(company.form_by_key)
    tickets = {ticket.key for ticket in company.tickets}
    accounts = {account.key for account in company.accounts} | {None}
    parts = (company.orders, company.deals, company.tickets, company.ratings, company.invitations)
    assert {one.customer for part in parts for one in part} <= customers
    assert {one.account for one in (*company.customers, *company.orders)} <= accounts
    assert {rating.ticket for rating in company.ratings} <= tickets
    assert {one.form for one in (*company.invitations, *company.submissions)} <= forms
    assert {ticket.merged_into for ticket in company.tickets} <= tickets | {None}


def test_events_tell_a_ticket_from_its_opening_on(company: Company) -> None:
    """Events are in order, begin with the opening, and each status follows from the one before."""
    for ticket in company.tickets:
        assert [ticket.events[0].kind, ticket.events[0].at] == ["created", ticket.opened_at]
        assert all(one.at <= other.at for one, other in pairwise(ticket.events))
        turns = [event for event in ticket.events if event.kind == "status"]
        assert [turn.old for turn in turns] == ["new", *(turn.new for turn in turns)][:-1]


def test_event_keys_follow_time(company: Company) -> None:
    """Over all tickets, a later event has a larger key."""
    events = sorted(
        (event for ticket in company.tickets for event in ticket.events), key=lambda one: one.key
    )
    assert all(one.at <= other.at for one, other in pairwise(events))
    assert [event.key for event in events] == list(range(1, len(events) + 1))


def test_answers_fit_their_questions(company: Company) -> None:
    """Every answer is one that the version of the form that was seen could take."""
    for submission in company.submissions:
        form = company.form_by_key[submission.form].at_version(submission.form_version)
        questions = {question.key: question for question in form.questions}
        assert set(submission.answers) <= set(questions)
        for key, given in submission.answers.items():
            scale = questions[key].scale
            if scale:
                assert isinstance(given, int)
                assert Score(given, scale).value == given


def test_only_a_completed_submission_was_submitted(company: Company) -> None:
    """A form that was only opened has no answers, and only a completed one was sent."""
    for one in company.submissions:
        assert (one.submitted_at is not None) is (one.state == "completed")
        assert one.state != "started" or not one.answers


def test_every_kind_of_fate_is_there() -> None:
    """In a company of some size, everything happens that a vendor's interface has to tell."""
    company = Company.made(customers=1_000)
    assert {ticket.status for ticket in company.tickets} >= {
        "new",
        "open",
        "pending",
        "solved",
        "closed",
        "merged",
    }
    assert {ticket.desk for ticket in company.tickets} == {"support", "sales"}
    assert any(ticket.deleted_at for ticket in company.tickets)
    assert any(customer.deleted_at for customer in company.customers)
    assert any(customer.merged_into for customer in company.customers)
    assert {one.state for one in company.submissions} == {"started", "partial", "completed"}
    assert {one.form_version for one in company.submissions} == {1, 2}
    assert {one.score is None for one in company.ratings} == {True, False}


def test_a_history_by_hand() -> None:
    """How a ticket stands follows from its events."""
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    solved = opened + timedelta(hours=3)
    events = (
        SimTicketEvent(key=1, at=opened, kind="created", actor="customer", new="new"),
        SimTicketEvent(key=2, at=solved, kind="assignment", staff=4, new="4"),
        SimTicketEvent(key=3, at=solved, kind="status", staff=4, old="new", new="solved"),
    )
    ticket = SimTicket(key=1, customer=1, opened_at=opened, events=events)
    assert (ticket.status, ticket.owner, ticket.solved_at) == ("solved", 4, solved)
    assert ticket.changed_at == solved
    merged = SimTicketEvent(key=4, at=solved, kind="merge", new="9")
    gone = SimTicket(key=2, customer=1, opened_at=opened, events=(events[0], merged))
    assert (gone.status, gone.merged_into, gone.solved_at) == ("merged", 9, None)


def test_an_earlier_version_of_a_form() -> None:
    """A form gives the version that somebody saw; before the first there is only the first."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    first = SimForm(key=1, title="A", questions=(), created_at=at, changed_at=at)
    second = SimForm(
        key=1, title="B", questions=(), created_at=at, changed_at=at, version=2, before=first
    )
    assert [second.at_version(version).title for version in (0, 1, 2)] == ["A", "A", "B"]


def test_no_repr_shows_who_it_is_or_what_was_said() -> None:
    """Even made-up words stay out of logs: whoever prints one learns no habit."""
    company = Company.made(customers=50)
    told = repr((company, company.customers, company.tickets, company.submissions))
    people = {one.email for one in company.customers} | {one.phone for one in company.customers}
    assert not [word for word in people if word in told]
    assert company.tickets[0].subject not in told


def test_its_facts_make_records() -> None:
    """A question and an answer of the company are valid as records of ours."""
    company = Company.made(customers=50)
    form = company.form_by_key[1]
    question = form.questions[0]
    given = next(one for one in company.submissions if one.form == 1)
    kept = Question(native_id="nps", text=question.text, scale=question.scale, version=form.version)
    answer = Response(
        native_id="1",
        question="nps",
        score={"value": given.answers["recommend"], "scale": question.scale},
        occurred_at=given.submitted_at,
    )
    assert answer.score.scale == kept.scale


def test_names() -> None:
    """A name is what is there of it."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    known = SimCustomer(key=1, created_at=at, changed_at=at, given_name="Ada", family_name="Okafor")
    assert known.name == "Ada Okafor"
    assert SimCustomer(key=1, created_at=at, changed_at=at).name == ""


@pytest.mark.slow
def test_a_large_company() -> None:
    """Twenty thousand customers bring more than 200,000 records, and their segments keep shape."""
    company = Company.made(customers=20_000)
    parts = (
        company.customers,
        company.orders,
        company.deals,
        company.tickets,
        company.ratings,
        company.invitations,
        company.submissions,
        [event for ticket in company.tickets for event in ticket.events],
    )
    assert sum(map(len, parts)) > 200_000
    share = sum(one.segment == "consumer" for one in company.customers) / 20_000
    assert abs(share - 0.7) < 0.02


class TestMatters:
    """What customers truly want, and the tickets that it takes."""

    def test_every_contact_so_far_has_its_ticket(self, company: Company) -> None:
        """A ticket is opened at the moment of a contact, by its customer, in its words."""
        told = {
            (matter.key, contact.at): (matter, contact)
            for matter in company.matters
            for contact in matter.contacts
            if contact.at < company.now
        }
        assert len(told) == len(company.tickets)
        for ticket in company.tickets:
            matter, contact = told[ticket.issue, ticket.opened_at]
            assert (ticket.customer, ticket.desk) == (matter.customer, matter.desk)
            assert (ticket.text, ticket.channel) == (contact.text, contact.channel)
            assert ticket.reason == (contact.reason or "other")

    def test_a_matter_ends_with_the_contact_that_settles_it(self, company: Company) -> None:
        """Contacts of a matter are in order, and only the last one settles it."""
        for matter in company.matters:
            stamps = [one.at for one in matter.contacts]
            assert stamps == sorted(stamps)
            assert [one.settles for one in matter.contacts].index(True) == len(stamps) - 1

    def test_a_contact_is_handed_on_as_often_as_its_ticket(self, company: Company) -> None:
        """A ticket that is through has one owner more than it was handed on."""
        transfers = {
            (matter.key, one.at): one.transfers
            for matter in company.matters
            for one in matter.contacts
        }
        for ticket in company.tickets:
            if ticket.status == "closed":
                owners = [event.new for event in ticket.events if event.kind == "assignment"]
                assert len(owners) == 1 + transfers[ticket.issue, ticket.opened_at]
                assert all(one != other for one, other in pairwise(owners))

    def test_tickets_are_taken_in_by_the_first_of_their_matter(self, company: Company) -> None:
        """A desk merges only what is about the same."""
        tickets = {ticket.key: ticket for ticket in company.tickets}
        for ticket in company.tickets:
            if ticket.merged_into is not None:
                assert tickets[ticket.merged_into].issue == ticket.issue
                assert ticket.merged_into < ticket.key

    def test_what_is_to_come_agrees_with_what_was(self, company: Company) -> None:
        """The true moments of a ticket are those of its events, as far as they are told."""
        for ticket in company.tickets:
            solved = [event.at for event in ticket.events if event.new == "solved"]
            if ticket.merged_into is not None:
                assert (ticket.replies_at, ticket.solves_at, ticket.settles_at) == (None,) * 3
            elif ticket.status == "closed":
                assert (ticket.solves_at, ticket.settles_at) == (solved[0], solved[-1])
            elif not solved:
                assert ticket.solves_at is not None
                assert ticket.solves_at > company.now

    def test_its_contacts_are_a_history(self) -> None:
        """The contacts so far are a table, and its truth is that of the company's plan."""
        company = Company.made(customers=2_000, seed=4)
        history = company.contacts
        assert len(history.contacts) == len(company.tickets)
        share = company.truth("first_contact_resolution").value
        planned = history.truth.first_contact_resolution(within=timedelta(days=7))
        assert abs(share - planned) < 0.05

    def test_a_company_by_hand_has_no_plan(self) -> None:
        """Nobody can say how the customers of a company by hand come back."""
        with pytest.raises(UsageError, match="no plan"):
            _ = Company().contacts


class TestTables:
    """The company's logs as plain columns."""

    def test_tables_hold_what_desks_hold(self, company: Company) -> None:
        """Every ticket that is there stands once, and every event belongs to one of them."""
        tables = company.tables()
        kept = [ticket for ticket in company.tickets if ticket.deleted_at is None]
        tickets, events = tables["tickets"], tables["ticket_events"]
        assert tickets["native_id"] == [f"t{ticket.key}" for ticket in kept]
        assert len(events["native_id"]) == sum(len(ticket.events) for ticket in kept)
        assert set(events["ticket"]) == set(tickets["native_id"])
        assert len(tables["messages"]["campaign"]) == len(company.messages)
        assert all(len({*map(len, table.values())}) == 1 for table in tables.values())

    def test_a_solved_ticket_that_goes_on_is_a_reopening(self) -> None:
        """Events bear the words of our records: who acted, what came back, and from where."""
        opened = datetime(2026, 1, 1, tzinfo=UTC)
        events = (
            SimTicketEvent(key=1, at=opened, kind="created", actor="customer", new="new"),
            SimTicketEvent(key=2, at=opened, kind="status", staff=4, old="new", new="solved"),
            SimTicketEvent(
                key=3, at=opened, kind="status", actor="customer", old="solved", new="open"
            ),
            SimTicketEvent(key=4, at=opened, kind="merge", staff=4, new="9"),
        )
        ticket = SimTicket(key=1, customer=1, opened_at=opened, events=events)
        told = Company(tickets=(ticket,)).tables()["ticket_events"]
        assert told["event"] == ["created", "status", "reopening", "merge"]
        assert told["status"] == ["new", "solved", "open", "merged"]
        assert told["actor"] == ["customer", "human", "customer", "human"]

    def test_campaigns_spare_nobody(self, company: Company) -> None:
        """Messages are in order, and go only to customers who were known when they began."""
        stamps = [message.at for message in company.messages]
        assert stamps == sorted(stamps)
        for message in company.messages:
            assert company.customer_by_key[message.customer].created_at < message.at
