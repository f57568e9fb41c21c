"""What a simulated HubSpot account answers: who is let in, and which call is which."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from cxm_connectors.simulation import SimRequest, SimResponse

from ._answers import associations_of, batch_of, listed, owner_page, row_of, search_body
from ._index import Index
from ._payloads import STAMPS
from ._pipelines import PIPELINES
from ._portal import Portal
from ._refusals import correlation, page_of_html, refusal
from ._versions import VERSIONS, paths_of

#: Permission that each kind of object needs.
SCOPES: Mapping[str, str] = {
    **{kind: f"crm.objects.{kind}.read" for kind in STAMPS},
    "tickets": "tickets",
    "owners": "crm.objects.owners.read",
}
_TOKEN_PATH, _SHORT = "/oauth/v3/token", timedelta(minutes=30)
_LONGEST = 16_000
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_Handler = Callable[..., SimResponse]


class Front:
    """The vendor's interface to one account.

    Parameters
    ----------
    portal : Portal
        The account.
    secret : str
        Its access token.
    window : int
        Rows of one search that can be paged through.
    most_linked : int
        Associations of one object in one answer.
    """

    def __init__(self, portal: Portal, secret: str, *, window: int, most_linked: int) -> None:
        self.origin = ""
        self.scopes = set(SCOPES.values())
        self.refresh_token = f"{secret}-refresh"
        self._portal, self._secret = portal, secret
        self._window, self._most_linked = window, most_linked
        self._indexes = {kind: Index(kind, portal.shelves[kind]) for kind in STAMPS}
        self._short: dict[str, datetime] = {}
        self._asked = 0

    def respond(self, request: SimRequest, asked: int) -> SimResponse:
        """Answer the request of that number."""
        self._asked = asked
        if request.path == _TOKEN_PATH:
            return self._token(request)
        return self._turned_away(request) or self._routed(request)

    def _token(self, request: SimRequest) -> SimResponse:
        form = dict(parse_qsl(request.body.decode()))
        if form.get("refresh_token") != self.refresh_token:
            return refusal(400, "BAD_REFRESH_TOKEN", asked=self._asked)
        token = f"short-{self._asked:08d}"
        self._short[token] = self._portal.clock() + _SHORT
        # HubSpot developer docs, OAuth, seen 2026-11: the refresh token stays the same.
        told = {"token_type": "bearer", "access_token": token, "refresh_token": self.refresh_token}
        return SimResponse.of({**told, "expires_in": int(_SHORT.total_seconds())})

    def _turned_away(self, request: SimRequest) -> SimResponse | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        # A token that is none does not even reach the interface: tap-hubspot, BEHAVIOR.md.
        if token and not re.fullmatch(r"[\w.-]+", token):
            return page_of_html(530)
        is_known = token == self._secret or self._short.get(token, _LONG_AGO) > self._portal.clock()
        if not is_known:
            return refusal(401, "EXPIRED_AUTHENTICATION", asked=self._asked)
        return page_of_html(414) if len(request.target) > _LONGEST else None

    def _routed(self, request: SimRequest) -> SimResponse:
        for (method, pattern), handler in self._routes.items():
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                kinds = found.groupdict()
                return self._not_permitted(kinds.values()) or handler(request, **kinds)
        # Recorded: an unknown path is answered in HTML.
        return page_of_html(404)

    @cached_property
    def _routes(self) -> Mapping[tuple[str, re.Pattern[str]], _Handler]:
        kind, other = "/(?P<kind>[a-z_]+)", "/(?P<other>[a-z_]+)"
        handlers: Mapping[tuple[str, str, str], _Handler] = {
            ("GET", "account", ""): self._account,
            ("GET", "owners", ""): self._owners,
            ("GET", "pipelines", "/(?P<kind>tickets|deals)"): self._pipelines,
            ("GET", "objects", kind): self._list,
            ("POST", "objects", f"{kind}/search"): self._search,
            ("POST", "objects", f"{kind}/batch/read"): self._batch,
            ("POST", "associations", f"{kind}{other}/batch/read"): self._associations,
        }
        return {
            (method, re.compile(re.escape(paths_of(version)[family]) + rest)): handler
            for (method, family, rest), handler in handlers.items()
            for version in VERSIONS
        }

    def _not_permitted(self, kinds: Any) -> SimResponse | None:
        if not set(kinds) <= STAMPS.keys():
            return page_of_html(404)
        missing = {SCOPES[kind] for kind in kinds} - self.scopes
        if not missing:
            return None
        return refusal(403, "MISSING_SCOPES", asked=self._asked, scopes=sorted(missing))

    def _account(self, request: SimRequest) -> SimResponse:
        del request
        details = {
            "portalId": 4242,
            "accountType": "STANDARD",
            "timeZone": "US/Eastern",
            "companyCurrency": "USD",
        }
        return self._told(details)

    def _owners(self, request: SimRequest) -> SimResponse:
        if SCOPES["owners"] not in self.scopes:
            return refusal(403, "MISSING_SCOPES", asked=self._asked, scopes=[SCOPES["owners"]])
        return self._told(owner_page(self._portal.owners, request.query))

    def _pipelines(self, request: SimRequest, kind: str) -> SimResponse:
        del request
        return self._told({"results": PIPELINES[kind]})

    def _list(self, request: SimRequest, kind: str) -> SimResponse:
        link = self.origin + request.path
        page = listed(self._portal, kind, request.query, link=link, most_linked=self._most_linked)
        return self._told(page)

    def _search(self, request: SimRequest, kind: str) -> SimResponse:
        asked = search_body(request.json, window=self._window)
        if asked is None:
            return refusal(400, "VALIDATION_ERROR", asked=self._asked)
        found = self._indexes[kind].ids(asked.groups, self._portal.clock())
        ids = found[asked.after : asked.after + asked.limit]
        rows = [row_of(self._portal.shelves[kind].indexed[i], kind, asked.properties) for i in ids]
        page: dict[str, Any] = {"total": len(found), "results": rows}
        if asked.after + asked.limit < len(found):
            page["paging"] = {"next": {"after": str(asked.after + asked.limit)}}
        # Recorded: search sends none of the headers that tell what is left of the budget.
        return SimResponse.of(page)

    def _batch(self, request: SimRequest, kind: str) -> SimResponse:
        return self._of_many(batch_of(self._portal, kind, request.json))

    def _associations(self, request: SimRequest, kind: str, other: str) -> SimResponse:
        made = associations_of(
            self._portal,
            (kind, other),
            request.json,
            is_dated="v4" not in request.path,
            most_linked=self._most_linked,
        )
        return self._of_many(made)

    def _of_many(self, page: Mapping[str, Any] | None) -> SimResponse:
        if page is None:
            return refusal(400, "VALIDATION_ERROR", asked=self._asked)
        # HubSpot developer docs, Error handling, seen 2026-11: some failed, the others are served.
        return self._told(page, status=207 if "errors" in page else 200)

    def _told(self, page: object, *, status: int = 200) -> SimResponse:
        # Recorded: these and a correlation id stand on whatever is no search.
        headers = (
            ("X-HubSpot-RateLimit-Max", "100"),
            ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000"),
            ("X-HubSpot-RateLimit-Remaining", "99"),
            ("X-HubSpot-Correlation-Id", correlation(self._asked)),
        )
        return SimResponse.of(page, status=status, headers=headers)
