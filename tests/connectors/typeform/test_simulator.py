"""The simulated Typeform does what the documents and public threads say of the real one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.typeform.stand import BEGIN, COMPANY, NOW, TOKEN, Clock, submission, whole
from cxm_connectors.simulation import Company, SimRequest, SimResponse
from cxm_connectors.typeform._simulator import Quirks, TypeformSimulator


def simulator(**quirks: Any) -> TypeformSimulator:
    """The account of the stand."""
    return TypeformSimulator(COMPANY, quirks=Quirks(**quirks), secret=TOKEN, clock=Clock())


def ask(sim: TypeformSimulator, path: str, *, token: str = TOKEN, **query: Any) -> SimResponse:
    """What the vendor answers."""
    target = path + (f"?{urlencode(query)}" if query else "")
    headers = {"authorization": f"Bearer {token}"}
    return sim.respond(SimRequest(method="GET", target=target, headers=headers))


def told(sim: TypeformSimulator, path: str, **query: Any) -> Any:
    """JSON of what the vendor answers."""
    return json.loads(ask(sim, path, **query).body)


def tokens(answer: Any) -> list[str]:
    """Tokens of a page."""
    return [one["token"] for one in answer["items"]]


RESPONSES = "/forms/form1/responses"


class TestLists:
    """Order, windows and tokens."""

    def test_newest_first_and_25_by_default(self) -> None:
        """Without parameters the newest completed responses come, 25 of them at most."""
        many = tuple(submission(key, at=BEGIN + timedelta(minutes=key)) for key in range(40))
        company = Company(now=NOW, forms=COMPANY.forms, submissions=many)
        answer = told(TypeformSimulator(company, secret=TOKEN), RESPONSES)
        stamps = [one["submitted_at"] for one in answer["items"]]
        assert len(stamps) == 25
        assert stamps == sorted(stamps, reverse=True)
        assert (answer["total_items"], answer["page_count"]) == (40, 2)

    @pytest.mark.parametrize("form", ["epoch", "iso"])
    def test_since_and_until_are_inclusive(self, form: str) -> None:
        """A response of exactly that second belongs to the window, at both ends."""
        at = BEGIN + timedelta(days=4)
        text = str(int(at.timestamp())) if form == "epoch" else f"{at:%Y-%m-%dT%H:%M:%S}"
        assert len(tokens(told(simulator(), RESPONSES, since=text, until=text))) == 4

    @pytest.mark.parametrize("name", ["before", "after"])
    def test_tokens_are_exclusive_and_walk_through_all(self, name: str) -> None:
        """Either token leads through all rows, each once, also those of one second."""
        sim, seen = simulator(), list[str]()
        page = told(sim, RESPONSES, page_size=2)
        if name == "after":
            page = told(sim, RESPONSES, page_size=2, sort="submitted_at,asc")
        while page["items"]:
            seen += tokens(page)
            page = told(sim, RESPONSES, page_size=2, **{name: seen[-1]})
        assert len(seen) == len(set(seen)) == 9

    def test_sort_with_a_token_is_refused(self) -> None:
        """`sort` cannot be used together with a token."""
        answer = ask(simulator(), RESPONSES, sort="submitted_at,asc", after="x")
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "VALIDATION_ERROR")

    @pytest.mark.parametrize(
        "query",
        [
            {"page_size": 1001},
            {"page_size": 0},
            {"response_type": "open"},
            {"sort": "name,asc"},
            {"since": "soon"},
            {"before": "nobody"},
        ],
    )
    def test_what_is_refused(self, query: dict[str, Any]) -> None:
        """Sizes, types, orders, times and tokens that there are not."""
        assert ask(simulator(), RESPONSES, **query).status == 400

    def test_unfinished_responses_do_not_hear_tokens(self) -> None:
        """The page after a token is the same page again, where responses were not completed."""
        sim = simulator()
        query = {"response_type": "started", "page_size": 2}
        page = told(sim, RESPONSES, **query)
        assert tokens(told(sim, RESPONSES, **query, before=tokens(page)[-1])) == tokens(page)

    def test_types_have_times_of_their_own(self) -> None:
        """Windows of partial ones go by the last entry, of started ones by the landing."""
        sim = simulator()
        for kind, key in (("partial", 31), ("started", 41)):
            at = int((BEGIN + timedelta(days=key)).timestamp())
            rows = told(sim, RESPONSES, response_type=kind, since=at, until=at)["items"]
            assert [one["hidden"]["customer"] for one in rows] == [str(key)]
            assert rows[0]["submitted_at"].startswith("0001-")
        assert told(sim, RESPONSES, response_type="started")["items"][0]["answers"] is None

    def test_empty_list(self) -> None:
        """A form without responses has no items and counts none."""
        answer = told(simulator(), "/forms/form3/responses")
        assert answer == {"total_items": 0, "page_count": 0, "items": []}

    def test_forms_are_paged_by_number(self) -> None:
        """The list of forms has numbered pages, the last edited first, and no questions."""
        pages = [told(simulator(), "/forms", page=n, page_size=2)["items"] for n in (1, 2, 3)]
        assert [len(page) for page in pages] == [2, 1, 0]
        assert "fields" not in pages[0][0]
        assert ask(simulator(), "/forms", page_size=201).status == 400


class TestQuirks:
    """Each quirk does what its source tells."""

    def test_late(self) -> None:
        """A response is invisible for half an hour, and then there."""
        clock = Clock()
        quirks = Quirks(late=timedelta(minutes=30))
        sim = TypeformSimulator(COMPANY, quirks=quirks, secret=TOKEN, clock=clock)
        sim.add(whole(99, at=NOW))
        assert len(tokens(told(sim, RESPONSES))) == 9
        clock.sleep(1801)
        assert len(tokens(told(sim, RESPONSES))) == 10

    def test_repeats(self) -> None:
        """The last row of a page comes again at the head of the next."""
        sim = simulator(repeats=True)
        first = tokens(told(sim, RESPONSES, page_size=2))
        assert tokens(told(sim, RESPONSES, page_size=2, before=first[-1]))[0] == first[-1]

    def test_counts_nothing(self) -> None:
        """Behind the end nothing is served, and something counted."""
        sim = simulator(counts_nothing=True)
        last = tokens(told(sim, RESPONSES, page_size=100))[-1]
        answer = told(sim, RESPONSES, before=last)
        assert (answer["items"], answer["total_items"]) == ([], 9)

    def test_repeated_ids(self) -> None:
        """Responses to two forms share an id."""
        sim = simulator(repeated_ids=True)
        assert set(tokens(told(sim, RESPONSES))) & set(tokens(told(sim, "/forms/form2/responses")))

    def test_throttled_in_three_forms(self) -> None:
        """Too many calls: the wait is told in seconds, as a date, or not at all."""
        sim = simulator(throttled=1)
        answers = [ask(sim, "/me") for _ in range(3)]
        assert {one.status for one in answers} == {429}
        waits = [dict(one.headers).get("retry-after") for one in answers]
        assert waits == ["Wed, 01 Jul 2026 12:00:02 GMT", None, "2"]

    def test_broken_and_html(self) -> None:
        """An answer ends in its middle; a proxy answers with a page of its own."""
        answer = ask(simulator(broken=1), "/forms")
        assert answer.cut_at == len(answer.body) // 2
        page = ask(simulator(html=1), "/forms")
        assert (page.status, page.body[:6]) == (502, b"<html>")


class TestAccess:
    """Who is let in."""

    def test_token_and_scope(self) -> None:
        """Without the token 401, without the scope 403, without the form 404."""
        sim = simulator(forbidden=("responses:read",))
        assert ask(sim, "/forms", token="other").status == 401  # noqa: S106  (a wrong one)
        assert ask(sim, RESPONSES).status == 403
        assert ask(sim, "/forms/form9").status == 404
        assert ask(sim, "/themes").status == 404

    def test_refresh_tokens_are_good_once(self) -> None:
        """A refresh token brings the next one and is then good no more."""
        sim, statuses = simulator(), []
        body = f"grant_type=refresh_token&refresh_token=refresh-{TOKEN}-1".encode()
        for _ in range(2):
            asked = SimRequest(method="POST", target="/oauth/token", body=body)
            answer = sim.respond(asked)
            statuses.append(answer.status)
        assert statuses == [200, 400]

    def test_same_seed_same_vendor(self) -> None:
        """The same company and seed give the same answers, another seed other ids."""
        company = Company.made(customers=30, seed=2)
        one, same = (TypeformSimulator(company, seed=5).truth() for _ in range(2))
        assert one == same
        assert one != TypeformSimulator(company, seed=6).truth()
