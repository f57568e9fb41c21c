"""Zendesk on loopback: the same seed and the same edits give the same vendor."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from cxm_connectors.simulation import Company, SimRequest, SimResponse
from cxm_core.plugins import Delivery

from ._simulator_days import OddDays, known
from ._simulator_desk import Desk
from ._simulator_pages import Asked, Export, Place, by_cursor, by_key, by_time, seconds
from ._simulator_push import delivered
from ._simulator_rows import Row, epoch, exported, precise

_ARCHIVED_AFTER: Final = timedelta(days=120)
_ROUTES: Final = tuple(
    (re.compile(f"/api/v2/{pattern}"), answer)
    for pattern, answer in (
        (r"incremental/tickets(/cursor)?", "_tickets"),
        (r"incremental/users(/cursor)?", "_users"),
        (r"incremental/organizations", "_organizations"),
        (r"incremental/ticket_events", "_events"),
        (r"incremental/ticket_metric_events", "_metric_events"),
        (r"ticket_audits", "_audits"),
        (r"tickets/(\d+)", "_ticket"),
        (r"tickets/(\d+)/comments", "_comments"),
        (r"satisfaction_ratings", "_ratings"),
        (r"guide/survey_responses", "_survey_responses"),
        (r"guide/([^/]+)/survey_responses/([^/]+)", "_survey_response"),
        (r"guide/([^/]+)/surveys", "_surveys"),
        (r"users/me", "_me"),
        (r"users", "_people"),
        (r"groups", "_groups"),
    )
)


class ZendeskSimulator(Desk):
    """The help desk of a synthetic company, as Zendesk would serve it.

    Parameters
    ----------
    company : Company
        Whose help desk it is.
    seed : int
        Taken as every vendor's simulator takes one; here nothing is left to chance.
    quirks : iterable of str
        Odd things that it does, names of `QUIRKS`; those that Zendesk always does need no name.
    secret : str
        API token or OAuth token that it takes.
    csat : {"surveys", "legacy"}
        How customers are asked; Zendesk allows one of the two.
    forbidden : tuple of str
        Parts of paths that the token does not reach.
    clock : callable or None
        Gives the vendor's time, aware; by default five minutes after the company's history ends.

    Raises
    ------
    UsageError
        There is no such quirk.

    Examples
    --------
    >>> from cxm_connectors.simulation import Company, SimRequest
    >>> from cxm_connectors.zendesk._simulator import ZendeskSimulator
    >>> simulator = ZendeskSimulator(Company.made(customers=20))
    >>> asked = SimRequest(method="GET", target="/api/v2/groups", headers=simulator.key)
    >>> simulator.respond(asked).status
    200
    """

    def __init__(
        self,
        company: Company,
        *,
        seed: int = 0,
        quirks: Iterable[str] = (),
        secret: str = "simulated-token",  # noqa: S107  (it opens a simulator)
        csat: str = "surveys",
        forbidden: tuple[str, ...] = (),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        quirks = frozenset(map(known, quirks))
        is_reworded = "reworded" in quirks
        super().__init__(company, csat=csat, is_reworded=is_reworded, clock=clock)
        self.origin = "https://acme.zendesk.example"
        self.seed, self.secret, self.forbidden = seed, secret, forbidden
        self.quirks = quirks
        self._days = OddDays(self.quirks, self._now)
        self._exports: dict[str, tuple[int, Export | None]] = {}
        if "bulk_update" in self.quirks:
            self._update_all(company)

    def _now(self) -> datetime:
        return self.clock()  # which a test may set anew

    @property
    def key(self) -> dict[str, str]:
        """Headers that let a call in."""
        return {"authorization": f"Bearer {self.secret}"}

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        trouble = self._days.trouble(request) or self._refused(request)
        if trouble is not None:
            return trouble
        return self._days.broken_off(self._days.counted(request.path, self._routed(request)))

    def push(
        self,
        verb: str,
        row_id: int,
        event: Row | None = None,
        *,
        secret: str = "simulated-hook",  # noqa: S107  (it signs what a simulator sends)
    ) -> Delivery:
        """What the webhook sends of an event that happens now.

        Parameters
        ----------
        verb : str
            Such as ``"ticket.status_changed"``.
        row_id : int
            Which ticket, user or organisation.
        event : dict or None
            What changed, as Zendesk words it.
        secret : str
            Secret that signs it.

        Returns
        -------
        Delivery
            Signed.
        """
        row = self.table(verb.partition(".")[0] + "s")[row_id]
        return delivered(verb, row, self.clock(), event=event, secret=secret)

    def _update_all(self, company: Company) -> None:
        """Change all tickets in one second, as a rule over many tickets does."""
        for row in self.tickets.values():
            row["generated_timestamp"] = epoch(company.now)

    # ---- who asks --------------------------------------------------------------------------------

    def _refused(self, request: SimRequest) -> SimResponse | None:
        if not self._knows(request.headers.get("authorization", "")):
            if request.path.startswith("/api/v2/users/me"):
                return None  # docs, Users: whoever is not known is the anonymous user
            return SimResponse.of({"error": "Couldn't authenticate you"}, status=401)
        if any(part in request.path for part in self.forbidden):
            told = {"title": "Forbidden", "message": "You do not have access to this page."}
            return SimResponse.of({"error": told}, status=403)
        return None

    def _knows(self, header: str) -> bool:
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                value = b64decode(value).decode().rpartition("/token:")[2]
            except ValueError:
                return False
        return value == self.secret

    # ---- what is asked ---------------------------------------------------------------------------

    def _routed(self, request: SimRequest) -> SimResponse:
        path = request.path.removesuffix(".json")
        for pattern, answer in _ROUTES:
            match = pattern.fullmatch(path)
            if match is not None:
                response: SimResponse = getattr(self, answer)(request, *match.groups())
                return response
        return SimResponse.of({"error": "InvalidEndpoint", "description": "Not found"}, status=404)

    def _list(self, request: SimRequest) -> Asked:
        return Asked(
            path=request.path,
            query=request.query,
            origin=self.origin,
            now=epoch(self.clock()),
            quirks=self.quirks,
        )

    def _shown(self, rows: Iterable[Row]) -> list[Row]:
        shown = list(rows)
        if "new_fields" in self.quirks:
            shown = [{**row, "invented_lately": 1} for row in shown]
        if "ids_as_text" in self.quirks:
            shown = [{**row, "id": str(row["id"])} for row in shown]
        return shown

    def _export(
        self, name: str, rows: Callable[[], Iterable[Row]], place_of: Callable[[Row], Place]
    ) -> Export:
        """Rows in order; they are put so once, until something is edited."""
        edits, export = self._exports.get(name, (-1, None))
        if export is None or edits != self.edits:
            export = Export.of(self._shown(rows()), place_of)
            self._exports[name] = (self.edits, export)
        return export

    def _tickets(self, request: SimRequest, cursor: str | None) -> SimResponse:
        asked = self._list(request)
        export = self._export("tickets", self.tickets.values, _generated)
        response = (by_cursor if cursor else by_time)(asked, "tickets", export)
        return self._with_sideloads(response, request.query.get("include", ""))

    def _ticket(self, request: SimRequest, ticket: str) -> SimResponse:
        held = self.tickets.get(int(ticket))
        if held is None or held["status"] == "deleted":
            return SimResponse.of({"error": "RecordNotFound"}, status=404)
        response = self._with_sideloads(
            SimResponse.of({"tickets": self._shown([held])}), request.query.get("include", "")
        )
        data = SimRequest(method="", target="", body=response.body).json
        return SimResponse.of({"ticket": data["tickets"][0], **data})

    def _with_sideloads(self, response: SimResponse, include: str) -> SimResponse:
        if response.status != 200 or not include:
            return response
        data = SimRequest(method="", target="", body=response.body).json
        held: dict[str, Any] = {}
        if "metric_sets" in include:
            ids = [int(row["id"]) for row in data["tickets"]]
            held["metric_sets"] = [self.metric_sets[one] for one in ids if one in self.metric_sets]
        if "groups" in include:
            held["groups"] = list(self.groups.values())
        return SimResponse.of(data | held)

    def _users(self, request: SimRequest, cursor: str | None) -> SimResponse:
        asked = self._list(request)
        export = self._export("users", self.users.values, _updated)
        return (by_cursor if cursor else by_time)(asked, "users", export)

    def _organizations(self, request: SimRequest) -> SimResponse:
        export = self._export("organizations", self.organizations.values, _updated)
        return by_time(self._list(request), "organizations", export)

    def _events(self, request: SimRequest) -> SimResponse:
        if "comment_events" in request.query.get("include", ""):
            export = self._export("ticket_events", self._history, _told)
        else:
            export = self._export("wordless_events", self._wordless_history, _told)
        return by_time(self._list(request), "ticket_events", export)

    def _history(self) -> Iterator[Row]:
        return map(exported, self.audits.values())

    def _wordless_history(self) -> Iterator[Row]:
        return ({**row, "child_events": _without_words(row)} for row in self._history())

    def _metric_events(self, request: SimRequest) -> SimResponse:
        export = self._export("ticket_metric_events", self.metric_events.values, _ticked)
        return by_time(self._list(request), "ticket_metric_events", export)

    def _audits(self, request: SimRequest) -> SimResponse:
        # Docs, Ticket audits: archived tickets, closed for 120 days, are not among them.
        old = precise(self.clock() - _ARCHIVED_AFTER)
        archived = {
            row["id"]
            for row in self.tickets.values()
            if row["status"] == "closed" and row["updated_at"] < old
        }
        rows = {k: one for k, one in self.audits.items() if one["ticket_id"] not in archived}
        return by_key(self._list(request), "audits", rows)

    def _comments(self, request: SimRequest, ticket: str) -> SimResponse:
        held = self.tickets.get(int(ticket))
        if held is None or held["status"] == "deleted":
            return SimResponse.of({"error": "RecordNotFound"}, status=404)
        rows = {
            child["id"]: child
            for one in self.audits.values()
            if one["ticket_id"] == int(ticket)
            for child in one["events"]
            if child["type"] == "Comment"
        }
        return by_key(self._list(request), "comments", rows)

    def _ratings(self, request: SimRequest) -> SimResponse:
        # Docs, Satisfaction ratings: the start time is that of the oldest rating, so a rating that
        # was offered before it and answered later is not served.
        start = int(request.query.get("start_time") or 0)
        rows = {k: r for k, r in self.ratings.items() if seconds(r["created_at"]) >= start}
        return by_key(self._list(request), "satisfaction_ratings", rows)

    def _survey_responses(self, request: SimRequest) -> SimResponse:
        # Docs, CSAT survey responses: milliseconds, and sorted by id.
        start = int(request.query.get("filter[created_at_start]") or 0)
        rows = {k: r for k, r in self.survey_responses.items() if _sent_ms(k) >= start}
        return by_key(self._list(request), "survey_responses", rows)

    def _survey_response(self, request: SimRequest, locale: str, key: str) -> SimResponse:
        del request, locale
        held = self.survey_responses.get(key)
        if held is None:
            told = {"code": "NotFound", "status": "404", "title": "Not found"}
            return SimResponse.of({"errors": [told]}, status=404)
        return SimResponse.of({"survey_response": self.survey.shown(held)})

    def _surveys(self, request: SimRequest, locale: str) -> SimResponse:
        del locale
        shown = {self.survey.id: self.survey.versions[-1]} if self.csat == "surveys" else {}
        return by_key(self._list(request), "surveys", shown)

    def _people(self, request: SimRequest) -> SimResponse:
        pairs = parse_qsl(request.target.partition("?")[2])
        roles = [value for name, value in pairs if name in ("role[]", "role")]
        rows = {
            key: row
            for key, row in self.users.items()
            if row["active"] and (not roles or row["role"] in roles)
        }
        return by_key(self._list(request), "users", rows)

    def _groups(self, request: SimRequest) -> SimResponse:
        return by_key(self._list(request), "groups", self.groups)

    def _me(self, request: SimRequest) -> SimResponse:
        if not self._knows(request.headers.get("authorization", "")):
            told = {"id": None, "name": "Anonymous user", "role": "end-user"}
            return SimResponse.of({"user": told})
        url = f"{self.origin}/api/v2/users/1.json"
        return SimResponse.of({"user": {"id": 1, "name": "Sync", "role": "admin", "url": url}})


def _generated(row: Row) -> Place:
    return row["generated_timestamp"], int(row["id"])


def _updated(row: Row) -> Place:
    return seconds(row["updated_at"]), int(row["id"])


def _told(row: Row) -> Place:
    return row["timestamp"], int(row["id"])


def _ticked(row: Row) -> Place:
    return seconds(row["time"]), int(row["id"])


def _sent_ms(key: str) -> int:
    alphabet, number = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 0
    for digit in key[:10]:
        number = number * 32 + alphabet.index(digit)
    return number


def _without_words(row: Row) -> list[Row]:
    """Docs, Incremental ticket event export: without the sideload only that there was a comment."""
    return [
        {"id": child["id"], "comment_present": True, "comment_public": child["public"]}
        if child["event_type"] == "Comment"
        else child
        for child in row["child_events"]
    ]
