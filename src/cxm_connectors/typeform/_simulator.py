"""Typeform on loopback: its forms, its responses and its webhooks, with its documented quirks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qsl

from attrs import evolve, frozen

from cxm_connectors.simulation import Company, SimForm, SimRequest, SimResponse, SimSubmission
from cxm_core.errors import UsageError
from cxm_core.plugins import Delivery

from ._signing import SIGNATURE
from ._simulator_forms import Json, defined, form_id, listed, stamp, told_in_event
from ._simulator_responses import (
    Held,
    Query,
    Shelf,
    behind,
    chosen,
    counted,
    held,
    page_size,
    row,
)

_STATES = ("completed", "partial", "started")
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@frozen(kw_only=True)
class Quirks:
    """What the simulated vendor does besides answering well; by default nothing.

    Parameters
    ----------
    late : timedelta
        How long a response stays invisible; Typeform speaks of half an hour.
    repeats : bool
        Each further page begins with the last row of the page before it.
    counts_nothing : bool
        The page behind the last one has no item, but still counts some.
    repeated_ids : bool
        Responses to different forms may have the same id: they are unique in a form only.
    bare_events : bool
        The form in an event leaves out the steps of its scales.
    strange_fields : bool
        Forms and responses have fields and types that nobody has heard of.
    throttled : int
        Each so-manieth request is told to come back later: in seconds, at a time, or without a
        word, in turn; 0 for never.
    broken : int
        Each so-manieth answer breaks off; 0 for never.
    html : int
        Each so-manieth answer is a page of a proxy; 0 for never.
    forbidden : tuple of str
        Scopes that the token lacks, such as ``responses:read``.
    """

    late: timedelta = timedelta(0)
    repeats: bool = False
    counts_nothing: bool = False
    repeated_ids: bool = False
    bare_events: bool = False
    strange_fields: bool = False
    throttled: int = 0
    broken: int = 0
    html: int = 0
    forbidden: tuple[str, ...] = ()


class TypeformSimulator:
    """Typeform as it serves the surveys of one company.

    Parameters
    ----------
    company : Company
        The true history; of its forms those that the form tool asks.
    seed : int
        Another seed gives other ids.
    quirks : Quirks
        What goes wrong, as it does with the real one.
    secret : str
        Token that is let in, and secret that webhooks are signed with.
    clock : callable or None
        Present instant of the vendor; by default the end of the company's history.

    Attributes
    ----------
    origin : str
        Where it is served.

    Examples
    --------
    >>> from cxm_connectors.simulation import Company, InProcess, SimRequest
    >>> typeform = TypeformSimulator(Company.made(customers=40, seed=1), secret="t0p")
    >>> asked = SimRequest(
    ...     method="GET", target="/forms", headers={"authorization": "Bearer t0p"}
    ... )
    >>> [form["title"] for form in json.loads(typeform.respond(asked).body)["items"]]
    ['After your order', 'Sorry to see you go']
    """

    origin: str = "https://api.typeform.example"

    def __init__(
        self,
        company: Company,
        *,
        seed: int = 0,
        quirks: Quirks | None = None,
        secret: str = "simulated",  # noqa: S107  (opens nothing but this simulator)
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.quirks = quirks or Quirks()
        self._now = clock or (lambda: company.now)
        self._seed, self._secret = seed, secret
        self._forms = {form.key: form for form in company.forms if form.tool == "forms"}
        self._shelves = {(key, state): Shelf() for key in self._forms for state in _STATES}
        self._numbers: dict[int, Iterator[int]] = {}
        self._tokens: dict[int, Held] = {}
        self._requests, self._number = count(1), 0
        self._refresh, self._access = f"refresh-{secret}-1", {secret}
        for submission in company.submissions:
            if submission.form in self._forms:
                self.add(submission)

    # ---- what happens at the vendor -------------------------------------------------------

    def add(self, one: SimForm | SimSubmission) -> None:
        """Let a form be published, or somebody open one.

        Parameters
        ----------
        one : SimForm or SimSubmission
            What is new.
        """
        if isinstance(one, SimForm):
            self._forms[one.key] = one
            for state in _STATES:
                self._shelves.setdefault((one.key, state), Shelf())
            return
        numbers = self._numbers.setdefault(one.form if self.quirks.repeated_ids else 0, count(1))
        kept = self._tokens.get(one.key)
        made = held(one, self._seed, next(numbers))
        made = evolve(made, token=kept.token) if kept else made
        self._tokens[one.key] = made
        self._shelves[one.form, one.state].put(made)

    def change(self, one: SimForm | SimSubmission) -> None:
        """Let a form be edited, or a person go on with a form.

        Parameters
        ----------
        one : SimForm or SimSubmission
            As it is from now on; a form keeps its earlier version in `before`.
        """
        if isinstance(one, SimSubmission):
            self.delete(one, keep_token=True)
        self.add(one)

    def delete(self, one: SimForm | SimSubmission, *, keep_token: bool = False) -> None:
        """Let a form or a response vanish; the vendor tells nobody.

        Parameters
        ----------
        one : SimForm or SimSubmission
            What goes.
        keep_token : bool
            Whether it comes back under the same id.
        """
        if isinstance(one, SimForm):
            self._forms.pop(one.key, None)
            return
        for state in _STATES:
            self._shelves[one.form, state].drop(one.key)
        if not keep_token:
            self._tokens.pop(one.key, None)

    def truth(self) -> list[Json]:
        """All responses that the vendor holds now, visible or not, with their form's id.

        Returns
        -------
        list of dict
            Rows as the list of responses has them, and `form_id`.
        """
        return [
            {"form_id": form_id(key), **row(one, self._forms[key])}
            for (key, _), shelf in self._shelves.items()
            if key in self._forms
            for one in shelf.sorted()
        ]

    def forms(self) -> list[Json]:
        """All forms that the vendor holds now, with their questions.

        Returns
        -------
        list of dict
            Definitions as the vendor serves them.
        """
        return [defined(form, self.origin) for form in self._forms.values()]

    def delivery(
        self,
        key: int,
        *,
        url: str = "https://cx.example/hooks/typeform",
        at: datetime | None = None,
    ) -> Delivery:
        """What the vendor's webhook sends of a response, signed.

        Parameters
        ----------
        key : int
            Key of the submission.
        url : str
            Where it goes.
        at : datetime or None
            When; by default at once.

        Returns
        -------
        Delivery
            The request.
        """
        one = self._tokens[key]
        bare = Delivery(
            method="POST",
            url=url,
            headers={"content-type": "application/json", "user-agent": "Typeform Webhooks"},
            body=json.dumps(self._event(one), ensure_ascii=False, indent=2).encode(),
            received_at=at or one.at,
        )
        return evolve(bare, headers=SIGNATURE.sign(bare, self._secret))

    def _event(self, one: Held) -> Json:
        # Typeform developer docs, Example webhook payload, seen 2026-11.
        form = self._forms[one.submission.form]
        listed_row = row(one, form)
        names = (
            "token",
            "landed_at",
            "submitted_at",
            "staged_at",
            "hidden",
            "calculated",
            "answers",
        )
        is_done = one.submission.state == "completed"
        seen = form.at_version(one.submission.form_version)
        return {
            "event_id": sha256(f"event:{one.token}:{one.at}".encode()).hexdigest()[:26],
            "event_type": "form_response" if is_done else "form_response_partial",
            "form_response": {
                "form_id": form_id(form.key),
                **{name: listed_row[name] for name in names if name in listed_row},
                "definition": told_in_event(seen, is_bare=self.quirks.bare_events),
            },
        }

    # ---- what it answers ------------------------------------------------------------------

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request.

        Parameters
        ----------
        request : SimRequest
            What is asked.

        Returns
        -------
        SimResponse
            The answer.
        """
        if request.path == "/oauth/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._access:
            return _problem(401, "AUTHENTICATION_FAILED")
        hindrance = self._hindrance(next(self._requests))
        if hindrance is not None:
            return hindrance
        try:
            answer = self._routed(request)
        except UsageError as error:
            return _problem(400, "VALIDATION_ERROR", error.message)
        return self._broken(answer)

    def _hindrance(self, number: int) -> SimResponse | None:
        quirks = self.quirks
        self._number = number
        if quirks.throttled and number % quirks.throttled == 0:
            later = format_datetime(self._now() + timedelta(seconds=2), usegmt=True)
            forms = ((("retry-after", "2"),), (("retry-after", later),), ())
            told = forms[number // quirks.throttled % 3]
            return evolve(_problem(429, "RATE_LIMITED"), headers=[*_JSON, *told])
        if quirks.html and number % quirks.html == 0:
            return SimResponse(status=502, headers=[("content-type", "text/html")], body=_HTML)
        return None

    def _broken(self, answer: SimResponse) -> SimResponse:
        if self.quirks.broken and self._number % self.quirks.broken == 0:
            return evolve(answer, cut_at=len(answer.body) // 2)
        return answer

    def _routed(self, request: SimRequest) -> SimResponse:
        parts = request.path.strip("/").split("/")
        scope = {"me": "accounts:read", "forms": "forms:read"}.get(parts[0])
        scope = "responses:read" if parts[2:] == ["responses"] else scope
        if scope is None or request.method != "GET":
            return _problem(404, "NOT_FOUND")
        if scope in self.quirks.forbidden:
            return _problem(403, "FORBIDDEN")
        if parts == ["me"]:
            me = {"user_id": f"U{self._seed:06d}", "alias": "Northwind", "language": "en"}
            return SimResponse.of(me)
        return self._of_forms(parts[1:], request)

    def _of_forms(self, parts: list[str], request: SimRequest) -> SimResponse:
        if not parts:
            return SimResponse.of(self._listed(request))
        form = next((one for key, one in self._forms.items() if form_id(key) == parts[0]), None)
        if form is None:
            return _problem(404, "FORM_NOT_FOUND")
        if len(parts) == 1:
            return SimResponse.of(self._odd(defined(form, self.origin)))
        return SimResponse.of(self._responses(form, Query.of(request.query)))

    def _listed(self, request: SimRequest) -> Json:
        query = request.query
        size = page_size(query, default=10, most=200)
        is_rising = query.get("order_by") == "asc"
        stamped = "created_at" if query.get("sort_by") == "created_at" else "changed_at"
        forms = sorted(self._forms.values(), key=lambda form: (getattr(form, stamped), form.key))
        forms = forms if is_rising else forms[::-1]
        start = (int(query.get("page", "1")) - 1) * size
        items = [listed(form, self.origin) for form in forms[start : start + size]]
        return counted(items, len(forms), size)

    def _responses(self, form: SimForm, query: Query) -> Json:
        visible = self._now() - self.quirks.late
        until = visible if query.until is None else min(visible, query.until)
        rows = [
            one
            for state in query.types
            for one in self._shelves[form.key, state].between(query.since, until)
        ]
        if len(query.types) > 1:
            rows.sort(key=lambda one: one.place)
        known = self._shelves[form.key, query.types[0]].by_token
        left = behind(chosen(rows, query), query, known)
        page = left[: query.size]
        answer = counted([self._odd(row(one, form)) for one in page], len(left), query.size)
        return self._quirked(answer, rows, query)

    def _quirked(self, answer: Json, rows: list[Held], query: Query) -> Json:
        token = query.before or query.after
        if self.quirks.repeats and token and answer["items"]:
            # typeform/js-api-client issue 35: rows come twice over pages of more than 100.
            again = next((one for one in rows if one.token == token), None)
            form = self._forms[rows[0].submission.form]
            answer["items"][:0] = [row(again, form)] if again else []
        if self.quirks.counts_nothing and not answer["items"]:
            # airbytehq/airbyte pull request 34484: `total_items` without items.
            answer |= {"total_items": len(rows), "page_count": 1}
        return answer

    def _odd(self, told: Json) -> Json:
        if not self.quirks.strange_fields:
            return told
        odd = {"id": "odd", "ref": "odd-ref", "type": "hologram", "title": "Turn around"}
        if "fields" in told:
            return {**told, "fields": [*told["fields"], odd], "mood": {"is": "new"}}
        answer = {"field": odd, "type": "hologram", "hologram": {"angle": 1}}
        return {**told, "answers": [*(told["answers"] or ()), answer], "mood": None}

    def _token(self, request: SimRequest) -> SimResponse:
        """Typeform's OAuth: each refresh token is good for one use."""
        form = dict(parse_qsl(request.body.decode()))
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self._refresh:
            return _problem(400, "invalid_grant")
        number = int(self._refresh.rpartition("-")[2]) + 1
        self._refresh = f"refresh-{self._secret}-{number}"
        access = f"access-{self._secret}-{number}"
        self._access.add(access)
        made = {"access_token": access, "refresh_token": self._refresh, "expires_in": 604_800}
        return SimResponse.of({**made, "token_type": "bearer", "issued_at": stamp(self._now())})


_JSON = [("content-type", "application/json")]


def _problem(status: int, code: str, description: str = "") -> SimResponse:
    return SimResponse.of({"code": code, "description": description or code}, status=status)
