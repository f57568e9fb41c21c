"""First connectors of an author who knows the book alone: recorded over sockets, and all green."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from cxm_connectors.simulation import Serving, SimRequest, SimResponse
from cxm_connectors.testing import cassette, examine, record
from cxm_connectors.toolkit import (
    Connector,
    Key,
    LinkHeader,
    OAuth2,
    Offset,
    Since,
    TimeWindow,
    stream,
)
from cxm_core.records import Note, Response, Review, Score
from cxm_core.vocabulary import Scale

START = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "first-key"  # noqa: S105  (it opens nothing but a simulator)
BEATS = Since(param="from", stamp="ts", lookback="10m", format="epoch", stamp_format="epoch")


def iso(number: int) -> str:
    """Instant of the n-th row."""
    return (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


class Offsets(Connector):
    """Reviews, counted by the rows before them."""

    name, origin = "offsets", "https://api.offsets.example"
    auth = Key("FIRST_KEY", header="X-Api-Key")

    @stream(
        "reviews",
        path="/v2/reviews",
        rows="result.list",
        key="review_id",
        page=Offset(
            param="skip", size=10, size_param="take", total="result.total", is_read_twice=True
        ),
        since=Since(param="since", stamp="changed", lookback="10m"),
    )
    def reviews(self, row: Mapping[str, Any]) -> Review:
        """Map one row."""
        return Review(
            native_id=row["review_id"],
            occurred_at=row["changed"],
            recorded_at=row["changed"],
            score=Score(row["stars"], Scale.named("1-5")),
        )


class Windows(Connector):
    """Events from an instant on, three of which share each second."""

    name, origin = "windows", "https://api.windows.example"
    auth = Key("FIRST_KEY", header="X-Api-Key")

    @stream(
        "events",
        path="/v2/events",
        key="uid",
        page=TimeWindow(param="from", since=BEATS, page_param="page", size=10),
        since=BEATS,
    )
    def events(self, row: Mapping[str, Any]) -> Note:
        """Map one row."""
        at = datetime.fromtimestamp(row["ts"], UTC)
        return Note(native_id=row["uid"], occurred_at=at, recorded_at=at, text=row["note"])


class Links(Connector):
    """Answers behind a Link header and a token that is renewed."""

    name, origin = "links", "https://api.links.example"
    auth = OAuth2("/oauth/token", client_id="LINKS_ID", refresh_token="LINKS_REFRESH")  # noqa: S106  (names)

    @stream(
        "answers",
        path="/v3/answers",
        page=LinkHeader(),
        since=Since(param="after", stamp="modified", lookback="1h"),
    )
    def answers(self, row: Mapping[str, Any]) -> Response:
        """Map one row."""
        return Response(
            native_id=row["id"],
            occurred_at=row["modified"],
            recorded_at=row["modified"],
            question="recommend",
            score=Score(row["nps"], Scale.named("0-10")),
        )


class Vendor:
    """All three vendors; the third takes each access token three times."""

    origin = ""

    def __init__(self) -> None:
        self.renewed = self.uses = 0

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        ways: dict[str, Callable[[SimRequest], SimResponse]] = {
            "/v2/reviews": self.reviews,
            "/v2/events": self.events,
            "/v3/answers": self.answers,
            "/oauth/token": self.token,
        }
        return ways[request.path](request)

    def reviews(self, request: SimRequest) -> SimResponse:
        """Serve rows behind so many."""
        rows = [{"review_id": n, "stars": 1 + n % 5, "changed": iso(n)} for n in range(23)]
        found = [row for row in rows if str(row["changed"]) >= request.query.get("since", "")]
        skip = int(request.query.get("skip", 0))
        return SimResponse.of({"result": {"list": found[skip : skip + 10], "total": len(found)}})

    def events(self, request: SimRequest) -> SimResponse:
        """Serve rows from an instant on."""
        first = int(START.timestamp())
        rows = [{"uid": f"e{n}", "ts": first + n // 3 * 60, "note": "beat"} for n in range(31)]
        found = [row for row in rows if int(str(row["ts"])) >= int(request.query.get("from", 0))]
        page = int(request.query.get("page", 1))
        return SimResponse.of(found[10 * (page - 1) : 10 * page])

    def answers(self, request: SimRequest) -> SimResponse:
        """Serve five rows and the way to the next, to who has a fresh token."""
        self.uses += 1
        if request.headers.get("authorization") != f"Bearer tok{self.renewed}" or self.uses > 3:
            return SimResponse.of({"error": "expired"}, status=401)
        rows = [{"id": f"a{n}", "nps": n % 11, "modified": iso(n)} for n in range(17)]
        found = [row for row in rows if str(row["modified"]) >= request.query.get("after", "")]
        at = int(request.query.get("o", 0))
        query = urlencode({**request.query, "o": at + 5})
        link = ("link", f'<{self.origin}/v3/answers?{query}>; rel="next"')
        return SimResponse.of(found[at : at + 5], headers=[link] if at + 5 < len(found) else [])

    def token(self, request: SimRequest) -> SimResponse:
        """Exchange a refresh token, each of which is good once."""
        if parse_qs(request.body.decode())["refresh_token"] != [f"refresh{self.renewed}"]:
            return SimResponse.of({"error": "invalid_grant"}, status=400)
        self.renewed, self.uses = self.renewed + 1, 0
        told = {"access_token": f"tok{self.renewed}", "refresh_token": f"refresh{self.renewed}"}
        return SimResponse.of({**told, "expires_in": 3600, "token_type": "bearer"})


@pytest.mark.parametrize("connector", [Offsets, Windows, Links])
def test_a_first_connector_is_recorded_and_green(
    connector: type[Connector], tmp_path: Path
) -> None:
    """Offsets, time windows, and links behind a token that is renewed pass every law."""
    place = tmp_path / "first.json"
    secrets = {"FIRST_KEY": SECRET, "LINKS_ID": "me", "LINKS_REFRESH": "refresh0"}
    with Serving(Vendor()) as serving:
        config = {"base_url": serving.origin, "allow_private_addresses": True}
        assert record(connector, place, config=config, secrets=secrets) >= 6
    assert SECRET not in place.read_text(encoding="utf-8")
    findings = examine(connector, cassette(place), config={"allow_private_addresses": True})
    assert [(one.check, one.reason) for one in findings if one.verdict == "red"] == []
    assert sum(one.verdict == "green" for one in findings) >= 35
