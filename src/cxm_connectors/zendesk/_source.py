"""Zendesk: its streams, and the calls that they need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from cxm_connectors.toolkit import Connector, Counted, Cursor, Since, stream
from cxm_core.errors import (
    AuthError,
    SourceError,
)
from cxm_core.plugins import (
    CheckReport,
    Delivery,
    Guarantees,
    Item,
    ReadRequest,
    Rejected,
    Runtime,
    State,
    StreamInfo,
)
from cxm_core.records import Problem, Reason, Record

from ._config import ZendeskConfig
from ._lookups import LIST, SURVEY_LIST, Lookups, Row
from ._mapping_feedback import (
    legacy_question,
    offered_at,
    questions_of,
    rating_of,
    survey_response_of,
)
from ._mapping_history import history_of, metric_event_of
from ._mapping_people import account_of, people_of
from ._mapping_push import pushed
from ._mapping_tickets import joined_tickets, ticket_of
from ._payloads import (
    MetricEventRow,
    OrganizationRow,
    RatingRow,
    SurveyResponseRow,
    SurveyRow,
    TicketRow,
    UpdateRow,
    UserRow,
)
from ._sign_in import TokenOrPair
from ._signing import SIGNATURE

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# Zendesk developer docs, Using the Incremental Exports API, seen 2026-11: the export's own stamp is
# `generated_timestamp`, the end is `end_of_stream` alone, and rows of the last minute are left out.
_CURSOR = Cursor(
    next="after_cursor",
    end="end_of_stream",
    is_kept=True,
    drops=("start_time",),
    size=1_000,
    size_param="per_page",
)
# A start time of the last minute is refused (of the last five, in older accounts), so that each
# sync begins six minutes before the last change; what comes twice is recognised.
_TIME = Cursor(
    next="end_time",
    param="start_time",
    end="end_of_stream",
    size=1_000,
    size_param="per_page",
)
# A survey can be answered, and the answer changed, for 28 days after it was sent.
_EDITABLE = "30d"


def _since(stamp: str, **facts: Any) -> Since:
    """Start time of an export: it wants one in any case."""
    return Since(
        param="start_time",
        stamp=stamp,
        format="epoch",
        lookback="6m",
        earliest=_EARLIEST,
        **facts,
    )


def _with_moment(data: Any) -> Any:
    """Survey responses, each with the moment at which it was sent."""
    rows = data.get("survey_responses") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return None
    return [_told(row) if isinstance(row, dict) else row for row in rows]


def _told(row: Row) -> Row:
    sent = offered_at(row)
    return {**row, "offered_at": None if sent is None else sent.isoformat()}


class Zendesk(Connector):
    """One Zendesk Support account.

    Parameters
    ----------
    config : ZendeskConfig
        The account, and where its own fields go.
    runtime : Runtime
        All that comes from outside; it knows the secret `ZENDESK_TOKEN`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from cxm_core.plugins import Runtime, build
    >>> runtime = Runtime(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), root=Path())
    >>> [one.name for one in build(Zendesk, {"subdomain": "acme"}, runtime).streams()][:3]
    ['tickets', 'ticket_events', 'ticket_metric_events']
    """

    name, origin, auth = "zendesk", "https://zendesk.com", TokenOrPair()
    # Counted over all time exports, and over all cursor exports (Zendesk developer docs,
    # Incremental exports, Rate limits, seen 2026-11).
    limits = (
        Counted("zendesk-ratelimit-incremental-exports-cursor", paths="*/incremental/*/cursor*"),
        Counted("zendesk-ratelimit-incremental-exports", paths="*/incremental/*"),
    )
    config = ZendeskConfig
    description = "Tickets with their whole history, users, organisations and satisfaction."
    guarantees = Guarantees(
        sees_deletions=True,
        serves_in_order=True,
        notes=(
            "What is answered, or changed, later than thirty days after it was asked, is not seen.",
            "Comments of a ticket that was deleted stay until its customer is erased.",
        ),
    )
    settings: ZendeskConfig
    _apart: ClassVar[dict[str, tuple[str, str]]] = {
        "ticket_events": ("history", "events"),
        "ticket_audits": ("history", "audits"),
        "surveys": ("satisfaction", "surveys"),
        "survey_responses": ("satisfaction", "surveys"),
        "satisfaction_ratings": ("satisfaction", "legacy"),
    }

    def __init__(self, config: ZendeskConfig, runtime: Runtime) -> None:
        super().__init__(config, runtime)
        self._lookups = Lookups(self.get, config.locale)
        self._role: str | None = None
        self._is_first = True

    # ---- tickets ---------------------------------------------------------------------------------

    @stream("tickets", path="/api/v2/incremental/tickets/cursor.json", rows=joined_tickets,
            page=_CURSOR, params={"include": "metric_sets,groups"}, payload=TicketRow,
            since=_since("generated_timestamp", stamp_format="epoch"), kinds=("ticket",),
            scope="tickets:read", description="Tickets as they stand.")  # fmt: skip
    def tickets(self, row: Row) -> Record:
        """Tickets, and those that are gone."""
        return ticket_of(row, self.settings.ticket_fields)

    @stream("ticket_events", path="/api/v2/incremental/ticket_events.json", rows="ticket_events",
            page=_TIME, params={"include": "comment_events"}, payload=UpdateRow,
            since=_since("timestamp", stamp_format="epoch"), kinds=("ticket_event",),
            enrich="_with_rewrites", scope="tickets:read",
            description="What happened to tickets: each change, each comment.")  # fmt: skip
    def ticket_events(self, row: Row) -> Iterable[Record]:
        """History by the event export, archived tickets included."""
        return history_of(row, self._lookups.staff())

    @stream("ticket_audits", path="/api/v2/ticket_audits.json", rows="audits", page=LIST,
            payload=UpdateRow, kinds=("ticket_event",), enrich="_with_rewrites",
            scope="tickets:read",
            description="The same, without tickets that are archived.")  # fmt: skip
    def ticket_audits(self, row: Row) -> Iterable[Record]:
        """History by the list of audits; each sync reads all of it."""
        return history_of(row, self._lookups.staff())

    @stream("ticket_metric_events", path="/api/v2/incremental/ticket_metric_events.json",
            rows="ticket_metric_events", page=_TIME, payload=MetricEventRow,
            since=_since("time"), kinds=("ticket_event",), scope="tickets:read",
            description="The clocks of promises: begun, kept, broken.")  # fmt: skip
    def ticket_metric_events(self, row: Row) -> Record:
        """Metric events, and those that were taken back."""
        return metric_event_of(row)

    # ---- people ----------------------------------------------------------------------------------

    @stream("users", path="/api/v2/incremental/users/cursor.json", rows="users", page=_CURSOR,
            payload=UserRow, since=_since("updated_at"), kinds=("customer", "staff", "membership"),
            scope="users:read", description="Customers, and staff.")  # fmt: skip
    def users(self, row: Row) -> Iterable[Record]:
        """End users as customers of their organisation, agents and admins as staff."""
        return people_of(row, self.settings.user_fields, is_first=self._is_first)

    @stream("organizations", path="/api/v2/incremental/organizations.json", rows="organizations",
            page=_TIME, payload=OrganizationRow, since=_since("updated_at"), kinds=("account",),
            scope="organizations:read", description="Organisations.")  # fmt: skip
    def organizations(self, row: Row) -> Record:
        """Organisations as accounts."""
        return account_of(row, self.settings.organization_fields)

    # ---- satisfaction ----------------------------------------------------------------------------

    @stream("satisfaction_ratings", path="/api/v2/satisfaction_ratings.json",
            rows="satisfaction_ratings", page=LIST, payload=RatingRow,
            since=Since(param="start_time", stamp="created_at", lookback=_EDITABLE, format="epoch"),
            kinds=("invitation", "response", "question"), scope="read",
            description="Legacy ratings: good or bad.")  # fmt: skip
    def satisfaction_ratings(self, row: Row) -> Sequence[Record]:
        """Legacy ratings, each with the invitation that it answers."""
        return rating_of(row)

    @stream("surveys", path="/api/v2/guide/{locale}/surveys", rows="surveys", page=SURVEY_LIST,
            payload=SurveyRow, kinds=("question",), scope="hc:read",
            description="Questions of satisfaction surveys, as they stand.")  # fmt: skip
    def surveys(self, row: Row) -> Iterable[Record]:
        """Questions with their scale and version."""
        return questions_of(row, self.settings.locale)

    @stream("survey_responses", path="/api/v2/guide/survey_responses", rows=_with_moment,
            page=SURVEY_LIST, params={"sort": "id"}, payload=SurveyResponseRow,
            since=Since(param="filter[created_at_start]", stamp="offered_at", lookback=_EDITABLE,
                        format="epoch_ms"),
            kinds=("invitation", "response"), enrich="_with_questions", scope="hc:read",
            description="Answers to satisfaction surveys.")  # fmt: skip
    def survey_responses(self, row: Row) -> Iterable[Record]:
        """Survey responses, on the scale of the very version that was answered."""
        return survey_response_of(row, row.get("questions") or {})

    # ---- the connector ---------------------------------------------------------------------------

    def origins(self) -> tuple[str, ...]:
        """Where the account is reached."""
        base = self.settings.base_url
        return (base or f"https://{self.settings.subdomain}.zendesk.com",)

    def account(self) -> str:
        """Name of the account, after one call that an unknown caller is told apart by.

        Returns
        -------
        str
            The subdomain.

        Raises
        ------
        AuthError
            The token is not known.
        """
        if self._me().get("id") is None:
            # Zendesk developer docs, Users (Show self), seen 2026-11: whoever is not known is
            # served the anonymous user, and no error.
            raise AuthError(
                "Zendesk does not know the token.",
                hint="ZENDESK_TOKEN is an OAuth token, or name@example.org/token:KEY",
            )
        return self.settings.subdomain

    def check(self) -> CheckReport:
        """Look whether the account answers, and whether its exports may be read.

        Returns
        -------
        CheckReport
            With a problem where the token is not an admin's.
        """
        report = super().check()
        if self._role in (None, "admin"):
            return report
        told = "The exports of Zendesk are for admins, and the token is not an admin's."
        return CheckReport(account=report.account, streams=report.streams, problems=(told,))

    def streams(self) -> Sequence[StreamInfo]:
        """List what can be read, as the configuration chooses."""
        return tuple(one for one in super().streams() if self._is_chosen(one.name))

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream; the legacy ratings begin with the question that they answer."""
        self._lookups, self._is_first = Lookups(self.get, self.settings.locale), state is None
        if stream == "satisfaction_ratings" and state is None:
            yield legacy_question()
        yield from super().read(stream, state, request)

    def _is_chosen(self, name: str) -> bool:
        setting, value = self._apart.get(name, ("", ""))
        return not setting or getattr(self.settings, setting) in (value, "both")

    def _me(self) -> Row:
        found = self.get("/api/v2/users/me.json")
        user: Row = (found.get("user") if isinstance(found, dict) else None) or {}
        self._role = user.get("role")
        return user

    def _with_rewrites(self, rows: list[Row]) -> list[Row]:
        return self._lookups.with_rewrites(rows)

    def _with_questions(self, rows: list[Row]) -> list[Row]:
        return self._lookups.with_questions(rows)

    # ---- the webhook -----------------------------------------------------------------------------

    def verify(self, delivery: Delivery) -> None:
        """Accept a delivery that Zendesk signed.

        Parameters
        ----------
        delivery : Delivery
            The request with its raw body, which may be empty.

        Raises
        ------
        AuthError
            It is not signed by a known secret, or is older than five minutes.
        """
        told = self.runtime.secrets("ZENDESK_WEBHOOK_SECRET")
        secrets = self.settings.webhook_secrets or ((told,) if told else ())
        SIGNATURE.check(delivery, secrets, self.runtime.clock())

    def parse(self, delivery: Delivery) -> Iterable[Record | Rejected]:
        """Read the records of a delivery that was verified.

        Parameters
        ----------
        delivery : Delivery
            The request.

        Returns
        -------
        iterable of Record or Rejected
            Nothing for events that tell too little; the next sync brings what they are about.
        """
        if not delivery.body:
            return ()
        event: Any = None
        try:
            event = json.loads(delivery.body)
            return tuple(pushed(event, self._ticket_now, self.settings.ticket_fields))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            return (_set_aside(event, error),)

    def _ticket_now(self, ticket: str) -> Row | None:
        """Ticket as the export would tell it; None where it cannot be had within seconds."""
        # Nobody waits minutes for a push: the event's own words do until the next sync.
        hasty = self.settings.model_copy(update={"budget": "10s"})
        asking = type(self)(hasty, self.runtime)
        try:
            return Lookups(asking.get, self.settings.locale).ticket(ticket)
        except SourceError:
            return None
        finally:
            asking.close()


def _set_aside(event: object, error: Exception) -> Rejected:
    """Delivery of which nothing could be made."""
    told = f"The delivery is no event that could be read ({type(error).__name__})."
    problem = Problem(Reason.BAD_ROW, None, told)
    return Rejected(kind="ticket", raw=event if isinstance(event, dict) else {}, problem=problem)
