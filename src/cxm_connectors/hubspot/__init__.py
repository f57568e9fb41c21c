"""HubSpot: contacts, companies, tickets, deals, surveys and owners of one account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partialmethod
from itertools import chain
from typing import Any, ClassVar

from attrs import evolve

from cxm_connectors.toolkit import Answer, Ask, Call, Connector, Rate, Since, stream
from cxm_core.errors import AuthError, PermissionDenied, RetryableError
from cxm_core.plugins import Delivery, Guarantees, Item, ReadRequest, Rejected, State
from cxm_core.records import Problem, Record, Staff

from ._config import HubSpotConfig, Survey, SurveyQuestion
from ._events import OLD_SIGNATURE, SIGNATURE, read_events
from ._history import ticket_events
from ._links import Further, Row, is_sound
from ._mapping import (
    KINDS,
    PROPERTIES,
    STREAM_OF,
    Attributes,
    account,
    customer,
    deal,
    gone,
    owner,
    ticket,
)
from ._pages import ObjectPages, OwnerPages, keyed_rows, search_for
from ._payloads import STAMPS, ObjectRow, OwnerRow
from ._rows import Made, made_of, unreadable
from ._sign_in import TokenOrOAuth
from ._stages import Stages
from ._surveys import asked_by, question, response, response_id, withdrawn
from ._versions import VERSIONS, paths_of

__all__ = ["HubSpot", "HubSpotConfig", "Survey", "SurveyQuestion"]

_SECRET = "HUBSPOT_CLIENT_SECRET"  # noqa: S105  (its name)
# BEHAVIOR.md of tap-hubspot: what has not the form of a token is answered with this status.
_MALFORMED_TOKEN = 530
# HubSpot developer docs, Usage guidelines, seen 2026-11: the smallest account has 100 calls in ten
# seconds; search has five a second of its own, and never says what is left of them.
_SEARCHES = [f"{paths_of(v)['objects']}/{kind}/search" for v in VERSIONS for kind in STAMPS]
_OBJECTS: Mapping[str, Any] = {
    "method": "POST",
    "rows": keyed_rows,
    "key": "key",
    "page": ObjectPages(),
    # Search shows rows late; airbyte's pull request 69203 looks back some minutes for them.
    "since": Since(param="", stamp="stamp", lookback="10m", format="epoch_ms"),
    "payload": ObjectRow,
}


class HubSpot(Connector):
    """One HubSpot account.

    Parameters
    ----------
    config : HubSpotConfig
        Version of the interface, further properties, and what custom surveys ask.
    runtime : Runtime
        All that comes from outside; it knows the secret `HUBSPOT_TOKEN`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from cxm_core.plugins import Runtime, build
    >>> runtime = Runtime(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), root=Path())
    >>> [one.name for one in build(HubSpot, {}, runtime).streams()][:3]
    ['contacts', 'companies', 'deals']
    """

    name, origin, auth = "hubspot", "https://api.hubapi.com", TokenOrOAuth()
    config = HubSpotConfig
    description = "Contacts, companies, deals, tickets, survey submissions and owners."
    limits: ClassVar[tuple[Rate, ...]] = (
        Rate(100, 10.0),
        *(Rate(5, 1.0, path=path) for path in _SEARCHES),
    )
    guarantees = Guarantees(
        sees_deletions=True,
        serves_in_order=True,
        notes=(
            "What is deleted for privacy vanishes without a trace; only the webhook tells.",
            "Associations that change while the object does not are only told by the webhook.",
            "What happened to a ticket is kept by HubSpot for its last twenty changes or so.",
        ),
    )
    settings: HubSpotConfig

    @stream(
        "contacts",
        path="objects/contacts/search",
        json="_search_contacts",
        enrich="_link_contacts",
        kinds=("customer", "membership"),
        scope="crm.objects.contacts.read",
        description="People, and the companies to which they belong.",
        **_OBJECTS,
    )
    def contacts(self, row: Row) -> Made:
        """Make a customer and memberships of a contact."""
        return self._made("contacts", row, self._customer)

    @stream(
        "companies",
        path="objects/companies/search",
        json="_search_companies",
        kinds=("account",),
        scope="crm.objects.companies.read",
        description="Organisations.",
        **_OBJECTS,
    )
    def companies(self, row: Row) -> Made:
        """Make an account of a company."""
        return self._made("companies", row, account)

    @stream(
        "deals",
        path="objects/deals/search",
        json="_search_deals",
        enrich="_link_deals",
        kinds=("deal",),
        scope="crm.objects.deals.read",
        description="Sales in the making.",
        **_OBJECTS,
    )
    def deals(self, row: Row) -> Made:
        """Make a deal of a deal."""
        return self._made("deals", row, self._deal)

    @stream(
        "tickets",
        path="objects/tickets/search",
        json="_search_tickets",
        enrich="_link_tickets",
        kinds=("ticket", "ticket_event"),
        scope="tickets",
        description="Support cases as they stand, and how their status and owner changed.",
        **_OBJECTS,
    )
    def tickets(self, row: Row) -> Made:
        """Make a ticket and its events of a ticket."""
        return self._made("tickets", row, self._ticket)

    @stream(
        "feedback_submissions",
        path="objects/feedback_submissions/search",
        json="_search_feedback",
        enrich="_link_feedback",
        kinds=("response", "question"),
        scope="crm.objects.feedback_submissions.read",
        description="Answers to NPS, CSAT, CES and custom surveys.",
        **_OBJECTS,
    )
    def feedback_submissions(self, row: Row) -> Made:
        """Make questions and responses of a submission; each waits by itself where it must."""
        if row.get("archived"):
            return tuple(withdrawn(row, self._further_questions))
        of = row["properties"]
        survey = self.settings.surveys.get(of.get("hs_survey_id") or "")
        asked = asked_by(of, survey)
        attributes = self._attributes(row, "feedback_submissions")
        answers = (
            made_of(
                response(row, one, attributes=attributes, survey=survey),
                row,
                kind="response",
                native_id=response_id(row["id"], one),
            )
            for one in asked
        )
        questions = (question(of, one, survey) for one in asked)
        return (*filter(self._is_untold, questions), *chain.from_iterable(answers))

    @stream(
        "owners",
        path="owners",
        rows="results",
        page=OwnerPages(),
        kinds=("staff",),
        payload=OwnerRow,
        scope="crm.objects.owners.read",
        description="People to whom objects can be assigned.",
    )
    def owners(self, row: Row) -> Staff:
        """Make a member of staff of an owner."""
        return owner(row)

    def account(self) -> str | None:
        """Give the number of the account (HubSpot calls it a portal).

        Returns
        -------
        str or None
            What stands in the address of each of its pages.
        """
        portal = self._details.get("portalId")
        return None if portal is None else str(portal)

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream from where `state` stands.

        Parameters
        ----------
        stream : str
            Name of one of `streams()`.
        state : mapping or None
            State of the last checkpoint that was kept.
        request : ReadRequest
            What part is wanted.

        Yields
        ------
        Record, Rejected or Checkpoint
            A checkpoint behind each page.

        Raises
        ------
        RetryableError
            Not now; the next sync continues.
        FatalError
            Not until a person has changed something.
        """
        # What an earlier reading told may not have been kept.
        self._asked_before.clear()
        yield from super().read(stream, state, request)

    def verify(self, delivery: Delivery) -> None:
        """Accept what the webhook sent, if one of the client secrets signed it.

        Parameters
        ----------
        delivery : Delivery
            The request with its raw body.

        Raises
        ------
        AuthError
            No secret is known, or none of them signed this, or not lately.
        """
        is_old = SIGNATURE.header not in delivery.headers and self.settings.accepts_v1
        kind = OLD_SIGNATURE if is_old else SIGNATURE
        told = self.settings.webhook_secrets or (self.runtime.secrets(_SECRET) or "",)
        kind.check(delivery, told, self.runtime.clock())

    def parse(self, delivery: Delivery) -> Iterator[Record | Rejected]:
        """Fetch what the events of a delivery point to: they tell that something changed, not what.

        Where no call may go out, the refusal of the first call passes, and the host reads the
        delivery again later.

        Parameters
        ----------
        delivery : Delivery
            A verified one.

        Yields
        ------
        Record or Rejected
            What polling would give for the same objects, and what is gone.

        Raises
        ------
        SourceError
            The objects cannot be fetched.
        """
        self._asked_before.clear()
        try:
            portal = self.settings.portal or self.account()
            news = read_events(delivery.body, portal=portal)
            yield from news.rejected
            yield from news.gone
            for kind, ids in news.wanted.items():
                yield from self._fetched(kind, list(ids))
        finally:
            self.close()

    def reread(
        self, kind: str, row: Mapping[str, object], *, position: str
    ) -> Iterator[Record | Problem]:
        """Make of a row that was set aside what the mappings make of it now.

        Parameters
        ----------
        kind : str
            Kind of record that it should have become.
        row : mapping
            The row as it was served.
        position : str
            Where it stood; not used.

        Yields
        ------
        Record or Problem
            What it becomes, such as after the scale of a survey was declared.
        """
        del position
        make = getattr(self, STREAM_OF.get(kind, ""), None)
        for one in () if make is None else _several(make(dict(row))):
            yield one.problem if isinstance(one, Rejected) else one

    def send(self, call: Call) -> Answer:
        """Send a call by the one safe way to the network.

        Parameters
        ----------
        call : Call
            What is asked.

        Returns
        -------
        Answer
            Whole.

        Raises
        ------
        SourceError
            The source does not answer, or refuses.
        """
        try:
            return super().send(call)
        except RetryableError as error:
            if error.context.get("status") != _MALFORMED_TOKEN:
                raise
            facts = dict(error.context)
        raise AuthError(
            "HubSpot does not take the token for one.",
            hint="copy the whole access token of the private app, without blanks",
            **facts,
        )

    def call_of(self, spec: stream, ask: Ask) -> Call:
        """Build the call for a page, in the configured version of the interface.

        Parameters
        ----------
        spec : stream
            Declaration of the stream.
        ask : Ask
            What the call is to ask for.

        Returns
        -------
        Call
            With its path below the origin.
        """
        call = super().call_of(spec, ask)
        family, _, rest = call.path.partition("/")
        return evolve(call, path="/".join(filter(None, (self.settings.paths[family], rest))))

    @cached_property
    def _details(self) -> Mapping[str, Any]:
        details: Mapping[str, Any] = self.get(self.settings.paths["account"])
        return details

    @cached_property
    def _stages(self) -> Stages:
        path = self.settings.paths["pipelines"] + "/tickets"
        return Stages(self.settings.stages, lambda: self.get(path))

    @cached_property
    def _asked_before(self) -> set[str]:
        return set()

    @cached_property
    def _further_questions(self) -> Mapping[str, SurveyQuestion]:
        return {
            name: one
            for survey in self.settings.surveys.values()
            for name, one in survey.questions.items()
        }

    def _is_untold(self, asked: Record) -> bool:
        """Whether a question was not told yet in this run."""
        text = asked.model_dump_json()
        is_new = text not in self._asked_before
        self._asked_before.add(text)
        return is_new

    def _made(self, kind: str, row: Row, make: Callable[..., Iterator[Record]]) -> Made:
        if row.get("archived"):
            return tuple(gone(row, kind))
        made = _lazily(lambda: make(row, attributes=self._attributes(row, kind)))
        return made_of(made, row, kind=KINDS[kind])

    def _customer(self, row: Row, *, attributes: Attributes) -> Iterator[Record]:
        segment = row["properties"].get(self.settings.segment or "")
        return customer(row, attributes=attributes, segment=segment)

    def _deal(self, row: Row, *, attributes: Attributes) -> Iterator[Record]:
        of = row["properties"]
        needs = bool(of.get("amount")) and not of.get("deal_currency_code")
        currency = self._details.get("companyCurrency") if needs else None
        return deal(row, attributes=attributes, currency=currency)

    def _ticket(self, row: Row, *, attributes: Attributes) -> Iterator[Record]:
        status = self._stages.status(row["properties"].get("hs_pipeline_stage"))
        now = ticket(row, attributes=attributes, status=status)
        return chain(now, ticket_events(row, status_of=self._stages.status))

    def _names(self, kind: str) -> list[str]:
        settings = self.settings
        further = [*settings.properties.get(kind, ())]  # type: ignore[call-overload]  # any kind
        if kind == "contacts" and settings.segment:
            further.append(settings.segment)
        if kind == "feedback_submissions":
            further.extend(self._further_questions)
        return list(dict.fromkeys((*PROPERTIES[kind], *further)))

    def _attributes(self, row: Row, kind: str) -> dict[str, str | None]:
        wanted = self.settings.properties.get(kind, ())  # type: ignore[call-overload]  # any kind
        return {name: row["properties"].get(name) for name in wanted}

    def _search(self, kind: str, ask: Ask) -> dict[str, Any]:
        return search_for(self._names(kind), stamp=STAMPS[kind][1], ask=ask)

    @property
    def _further(self) -> Further:
        return Further(lambda path, body: self.post(path, json=body), self.settings.paths)

    def _link(self, kind: str, rows: Sequence[Row]) -> list[Row]:
        found = list(rows)
        if self.settings.associations:
            found = self._linked(kind, found)
        needs_history = kind == "tickets" and self.settings.history
        return self._further.with_history(found) if needs_history else found

    def _linked(self, kind: str, rows: Sequence[Row]) -> list[Row]:
        try:
            return self._further.with_links(rows, kind)
        except PermissionDenied as error:
            message, facts = error.message, dict(error.context)
        raise PermissionDenied(
            message,
            hint=f"what {kind} belong to needs the scopes of contacts and companies, too; "
            "or set associations = false",
            **facts,
        )

    def _fetched(self, kind: str, ids: Sequence[str]) -> Iterator[Record | Rejected]:
        for rows in self._further.objects(kind, ids, properties=self._names(kind)):
            for row in self._link(kind, rows):
                made = getattr(self, kind)(row) if is_sound(row) else (unreadable(row, kind),)
                yield from made

    _search_contacts = partialmethod(_search, "contacts")
    _search_companies = partialmethod(_search, "companies")
    _search_deals = partialmethod(_search, "deals")
    _search_tickets = partialmethod(_search, "tickets")
    _search_feedback = partialmethod(_search, "feedback_submissions")
    _link_contacts = partialmethod(_link, "contacts")
    _link_deals = partialmethod(_link, "deals")
    _link_tickets = partialmethod(_link, "tickets")
    _link_feedback = partialmethod(_link, "feedback_submissions")


def _lazily(make: Callable[[], Iterator[Record]]) -> Iterator[Record]:
    yield from make()


def _several(made: Record | Made) -> Made:
    return (made,) if isinstance(made, Record) else made
