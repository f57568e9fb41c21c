"""Cassettes: both formats are read, recordings hold nothing they must not, replays answer."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.simulation import Company, InProcess, Serving, SimRequest, SimResponse
from cxm_connectors.testing import Cassette, Recorder, Replay, cassette, examine, record
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_core.errors import AuthError, ConfigurationError, UsageError
from cxm_core.plugins import WireRequest
from cxm_core.testing import PERSONAL_MARKER

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PING: dict[str, Any] = {
    "request": {"method": "GET", "uri": "https://api.acme.com/v1/ping", "headers": {}},
    "response": {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": ["application/json"], "Content-Length": ["99"]},
        "body": {"string": '{"ok": true}'},
    },
}
BETAMAX: dict[str, Any] = {
    "http_interactions": [
        {
            "request": {
                "body": {"encoding": "utf-8", "string": ""},
                "headers": {"Accept": ["*/*"]},
                "method": "get",
                "uri": "https://api.acme.com/v1/ping",
            },
            "response": {
                "body": {
                    "encoding": "utf-8",
                    "base64_string": base64.b64encode(gzip.compress(b'{"ok": true}')).decode(),
                },
                "headers": {"Content-Encoding": ["gzip"], "Content-Type": "application/json"},
                "status": {"code": 200, "message": "OK"},
                "url": "https://api.acme.com/v1/ping",
            },
            "recorded_at": "2015-06-21T19:22:54",
        }
    ],
    "recorded_with": "betamax/0.4.2",
}


NANGO: dict[str, Any] = {
    "nango": {"batchSave": {"Form": []}},
    "api": {
        "get": {
            "/forms": {
                "response": {"items": [{"id": "a"}], "total_items": 1},
                "status": 200,
                "headers": {
                    "date": "Tue, 21 Jul 2026 17:55:25 GMT",
                    "content-type": "application/json",
                    "content-encoding": "gzip",
                },
                "hash": "13bb",
                "request": {"params": {"page": "1", "page_size": "200"}},
            },
            "/forms/a/responses": [
                {"response": {"items": [1]}, "request": {"params": {"page_size": 1}}},
                {"response": {"items": []}, "request": {"params": {"page_size": 1, "before": "t"}}},
            ],
        },
        "post": {
            "search": {"response": "no", "status": 400, "request": {"data": {"limit": 2}}},
        },
    },
}


def played(tape: Cassette, target: str, *, method: str = "GET", body: bytes = b"") -> SimResponse:
    """What a fresh replay answers."""
    return Replay(tape).respond(SimRequest(method=method, target=target, body=body))


class TestReading:
    """Files of VCR and betamax."""

    def test_vcr_is_read(self) -> None:
        """A cassette of VCR gives its answer; headers of the connection are left out."""
        tape = Cassette.read({"interactions": [PING], "version": 1})
        answer = played(tape, "/v1/ping")
        assert (answer.status, answer.body) == (200, b'{"ok": true}')
        assert answer.headers == (("content-type", "application/json"),)

    def test_betamax_is_read(self) -> None:
        """A cassette of betamax gives its answer as it was sent, and when it was recorded."""
        tape = Cassette.read(BETAMAX)
        answer = played(tape, "/v1/ping")
        assert gzip.decompress(answer.body) == b'{"ok": true}'
        assert ("content-encoding", "gzip") in answer.headers
        assert tape.recorded_at == datetime(2015, 6, 21, 19, 22, 54, tzinfo=UTC)

    def test_earlier_forms_are_read(self) -> None:
        """Status and body where the first betamax and VCR for httpx had them are found too."""
        told = {"status_code": 404, "content": "gone", "headers": {"X-A": "1"}}
        tape = Cassette.read({"interactions": [PING | {"response": told}]})
        answer = played(tape, "/v1/ping")
        assert (answer.status, answer.body, answer.headers) == (404, b"gone", (("x-a", "1"),))

    def test_a_body_that_was_unpacked_is_not_called_packed(self) -> None:
        """Where a recorder has unpacked the body, the header that it was packed is dropped."""
        told = PING["response"] | {"headers": {"Content-Encoding": ["gzip"]}}
        tape = Cassette.read({"interactions": [PING | {"response": told}]})
        assert played(tape, "/v1/ping").headers == ()

    def test_yaml_and_json_say_the_same(self, tmp_path: Path) -> None:
        """One conversation in YAML, also with a tag of Python 2, and in JSON is one cassette."""
        (tmp_path / "a.json").write_text(json.dumps({"interactions": [PING]}), encoding="utf-8")
        (tmp_path / "a.yaml").write_text(
            "interactions:\n- request: {method: GET, uri: 'https://api.acme.com/v1/ping'}\n"
            "  response:\n    status: {code: 200, message: OK}\n"
            "    headers: {Content-Type: [application/json]}\n"
            "    body: {string: !!python/unicode '{\"ok\": true}'}\nversion: 1\n",
            encoding="utf-8",
        )
        ours, theirs = cassette(tmp_path / "a.json"), cassette(tmp_path / "a.yaml")
        assert ours.exchanges == theirs.exchanges

    def test_yaml_runs_nothing(self, tmp_path: Path) -> None:
        """A tag that would build an object is refused, not run."""
        trap = tmp_path / "trap.yaml"
        trap.write_text("interactions: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match="neither JSON nor YAML"):
            cassette(trap)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[1, 2]", "no mapping"),
            ("{}", "neither `interactions`"),
            ('{"interactions": [{"request": {}}]}', "without a whole request"),
            ("{", "neither JSON"),
        ],
    )
    def test_what_is_no_cassette_is_said(self, text: str, told: str, tmp_path: Path) -> None:
        """A file that is something else ends with a configuration error."""
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=told):
            cassette(tmp_path / "x.json")

    def test_a_cassette_that_is_not_there_is_said(self) -> None:
        """The message names the path as it was given."""
        with pytest.raises(ConfigurationError, match=r"no cassette tests/none\.yaml"):
            cassette("tests/none.yaml")


class TestNango:
    """Test files of Nango hold recorded calls, too."""

    def test_calls_are_found_by_path_and_parameters(self) -> None:
        """Their order and their host do not matter, and each body is what the vendor said."""
        tape = Cassette.read(NANGO, name="forms.test.json")
        first = played(tape, "/forms?page_size=200&page=1")
        assert json.loads(first.body)["total_items"] == 1
        assert "content-encoding" not in dict(first.headers)
        answers = [
            played(tape, f"/forms/a/responses?page_size=1{more}").body for more in ("", "&before=t")
        ]
        assert [json.loads(one)["items"] for one in answers] == [[1], []]
        assert tape.recorded_at == datetime(2026, 7, 21, 17, 55, 25, tzinfo=UTC)

    def test_a_refusal_is_played_back(self) -> None:
        """Status and body are as they were."""
        told = played(Cassette.read(NANGO), "/search", method="POST", body=b'{"limit": 2}')
        assert (told.status, told.body) == (400, b"no")

    @pytest.mark.parametrize("api", [{}, {"get": []}, {"get": {"/x": {"status": 200}}}])
    def test_a_file_without_calls_is_refused(self, api: Any) -> None:
        """What lacks an answer is no cassette."""
        with pytest.raises(ConfigurationError):
            Cassette.read({"api": api})


class TestReplay:
    """A recorded vendor."""

    def test_the_same_request_gets_its_next_answer(self) -> None:
        """A job that is polled is first running and then done, and stays done."""
        bodies = ['{"state": "running"}', '{"state": "done"}']
        tape = Cassette.read(
            {
                "interactions": [
                    PING | {"response": PING["response"] | {"body": {"string": body}}}
                    for body in bodies
                ]
            }
        )
        vendor = Replay(tape)
        asked = SimRequest(method="GET", target="/v1/ping")
        assert [vendor.respond(asked).body.decode() for _ in "abc"] == [*bodies, bodies[1]]

    def test_only_times_may_differ(self) -> None:
        """A later instant, or one more, finds the recorded answer; another token does not."""
        asked = PING["request"] | {"uri": "https://x.example/l?since=2026-01-01T00:00:00Z&page=1"}
        tape = Cassette.read({"interactions": [PING | {"request": asked}]})
        assert played(tape, "/l?page=1&since=2026-11-05").status == 200
        assert played(tape, "/l?page=1&since=1762300000&until=2026-11-06").status == 200
        for target in ("/l?page=2&since=2026-01-01T00:00:00Z", "/l?page=1&since=x", "/m?page=1"):
            with pytest.raises(UsageError, match="has no answer to GET"):
                played(tape, target)

    def test_a_body_is_compared_as_json(self) -> None:
        """Order and spaces of a JSON body do not matter, its values do."""
        asked = PING["request"] | {"method": "POST", "body": '{"a": 1, "b": [2]}'}
        tape = Cassette.read({"interactions": [PING | {"request": asked}]})
        assert played(tape, "/v1/ping", method="POST", body=b'{"b":[2],"a":1}').status == 200
        with pytest.raises(UsageError):
            played(tape, "/v1/ping", method="POST", body=b'{"b":[3],"a":1}')

    def test_the_message_shows_no_value(self) -> None:
        """What was asked in vain is named by path and parameter names alone."""
        with pytest.raises(UsageError) as caught:
            played(Cassette.read({"interactions": [PING]}), f"/v1/people?email={PERSONAL_MARKER}")
        assert PERSONAL_MARKER not in str(caught.value)
        assert "email" in str(caught.value)


class Parrot:
    """A vendor that answers with what it is told to."""

    origin = ""

    def __init__(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.answer = SimResponse(body=body, headers=headers)

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer."""
        return self.answer


def recorded(folder: Path, vendor: Parrot, request: WireRequest, *secrets: str) -> str:
    """Text of the cassette that a request leaves."""
    path = folder / "tape.json"
    carrier = InProcess(vendor)
    with Recorder(path, transport=carrier, secrets=secrets, clock=lambda: NOW) as recorder:
        answer = recorder.send(request)
        assert b"".join(answer.pieces) == vendor.answer.body
    return path.read_text(encoding="utf-8")


def asked(url: str = "https://api.acme.com/v1/people", **headers: str) -> WireRequest:
    """A request with headers."""
    return WireRequest(method="GET", url=url, headers=tuple(headers.items()))


class TestElsewhere:
    def test_links_lead_to_where_the_vendor_is_now(self) -> None:
        """A connector that is told another host is led on there, by body and header alike."""
        answer = {
            "status": {"code": 200},
            "headers": {"Link": '<https://api.acme.com/v1/ping?o=2>; rel="next"'},
            "body": {"string": '{"next": "https://api.acme.com/v1/ping", "other": "https://x.y/"}'},
        }
        tape = Cassette.read({"interactions": [{**PING, "response": answer}]})
        vendor = Replay(tape)
        asked_for = SimRequest(method="GET", target="/v1/ping")
        assert b"https://api.acme.com/v1/ping" in vendor.respond(asked_for).body
        vendor.origin = "https://eu.acme.com"
        told = vendor.respond(asked_for)
        assert json.loads(told.body) == {
            "next": "https://eu.acme.com/v1/ping",
            "other": "https://x.y/",
        }
        assert dict(told.headers)["link"] == '<https://eu.acme.com/v1/ping?o=2>; rel="next"'


class TestRecording:
    """What is written down."""

    def test_what_was_recorded_plays(self, tmp_path: Path) -> None:
        """A recording without anything to hide is replayed byte for byte, in YAML too."""
        for name in ("tape.json", "tape.yaml"):
            carrier = InProcess(Parrot(b'{"data": [{"id": 1}]}', ("content-type", "text/json")))
            with Recorder(tmp_path / name, transport=carrier, clock=lambda: NOW) as recorder:
                recorder.send(asked())
            tape = cassette(tmp_path / name)
            assert played(tape, "/v1/people").body == b'{"data": [{"id": 1}]}'
            assert tape.recorded_at == NOW

    def test_secrets_are_scrubbed_wherever_they_stand(self, tmp_path: Path) -> None:
        """In headers, query, a body's keys, and by value: a secret is not in the file."""
        secret = "hunter22hunter22"  # noqa: S105  (opens nothing)
        vendor = Parrot(
            json.dumps({"access_token": "zzz-9", "echo": f"you said {secret}"}).encode(),
            ("set-cookie", "session=abc123"),
        )
        request = asked(
            f"https://api.acme.com/v1/people?api_key=qqq-7&q={secret}",
            Authorization="Bearer rrr-8",
            Cookie="id=ttt-5",
        )
        text = recorded(tmp_path, vendor, request, secret)
        for word in (secret, "zzz-9", "qqq-7", "rrr-8", "ttt-5", "abc123"):
            assert word not in text

    def test_what_was_sent_to_be_let_in_is_scrubbed_everywhere(self, tmp_path: Path) -> None:
        """A token that was handed out under any name, and a password of Basic, are not written."""
        pair = base64.b64encode(b"ann:correct-horse").decode()
        vendor = Parrot(b'{"token": "handed-out-token", "you": "correct-horse"}')
        for words in ("Bearer handed-out-token", f"Basic {pair}"):
            text = recorded(tmp_path, vendor, asked(Authorization=words))
            assert words.split()[1] not in text
            assert ("correct-horse" in text) == words.startswith("Bearer")

    def test_personal_data_are_made_up(self, tmp_path: Path) -> None:
        """Addresses, names, numbers and sentences of people are replaced; the rest is kept."""
        row = {
            "id": "r1",
            "email": "ann.lee@acme.com",
            "first_name": "Ann",
            "phone": "+49 170 1234567",
            "ip_address": "10.20.30.40",
            "comment": "My son Max waited two hours.",
            "status": "solved",
            "score": 9,
            "created_at": "2026-11-02T09:00:00Z",
            "self": "https://api.acme.com/v1/people/ann.lee@acme.com",
        }
        text = recorded(tmp_path, Parrot(json.dumps({"data": [row, row]}).encode()), asked())
        kept = json.loads(json.loads(text)["interactions"][0]["response"]["body"]["string"])
        one, two = kept["data"]
        assert one == two
        for word in ("ann.lee", "Ann", "1234567", "10.20.30.40", "Max", "hours"):
            assert word not in text
        unchanged = ("id", "status", "score", "created_at")
        assert [one[name] for name in unchanged] == [row[name] for name in unchanged]
        assert one["email"] in one["self"]

    def test_two_people_stay_two(self, tmp_path: Path) -> None:
        """The same person gets the same made-up address, and another person another."""
        rows = [{"email": f"{name}@acme.com"} for name in ("ann", "bob", "ann")]
        text = recorded(tmp_path, Parrot(json.dumps(rows).encode()), asked())
        kept = json.loads(json.loads(text)["interactions"][0]["response"]["body"]["string"])
        emails = [row["email"] for row in kept]
        assert emails == ["person1@example.com", "person2@example.com", "person1@example.com"]

    def test_a_packed_answer_is_scrubbed_too(self, tmp_path: Path) -> None:
        """A gzip body is unpacked before it is scrubbed and written."""
        packed = gzip.compress(b'{"email": "ann@acme.com"}')
        text = recorded(tmp_path, Parrot(packed, ("content-encoding", "gzip")), asked())
        assert "person1@example.com" in text
        assert "content-encoding" not in text

    def test_a_link_in_a_header_leads_where_it_led(self, tmp_path: Path) -> None:
        """Host and parameters stay, for the replay goes by them; a person in them does not."""
        there = "http://192.168.7.9:80/v1/notes?after=20&who=ann%40acme.com"

        vendor = Parrot(b"{}", ("link", f'<{there}>; rel="next"'), ("location", there))
        text = recorded(tmp_path, vendor, asked(), "hunter22")
        told = Cassette.read(json.loads(text)).exchanges[0].headers
        kept = "http://192.168.7.9:80/v1/notes?after=20&who=person1%40example.com"
        assert dict(told)["link"] == f'<{kept}>; rel="next"'
        assert dict(told)["location"] == kept

    def test_a_short_word_of_a_customer_is_made_up(self, tmp_path: Path) -> None:
        """A subject or comment is somebody's words, be it a single one."""
        vendor = Parrot(b'{"subject": "Refund", "comment": "Awful", "title": "NPS", "text": ""}')
        text = recorded(tmp_path, vendor, asked(), "hunter22")
        body = json.loads(json.loads(text)["interactions"][0]["response"]["body"]["string"])
        assert "Refund" not in text
        assert "Awful" not in text
        assert (body["title"], body["text"]) == ("NPS", "")

    def test_a_short_secret_scrubs_no_common_word(self, tmp_path: Path) -> None:
        """A secret of three characters hides where its name stands, and leaves words alone."""
        vendor = Parrot(b'{"title": "the theme", "password": "the"}')
        text = recorded(tmp_path, vendor, asked(), "the")
        body = json.loads(json.loads(text)["interactions"][0]["response"]["body"]["string"])
        assert body == {"title": "the theme", "password": "scrubbed"}

    @given(words=st.text(min_size=1, max_size=30))
    def test_no_sentence_of_a_person_survives(self, words: str) -> None:
        """Whatever somebody writes, with an address in it, none of it reaches the cassette."""
        from cxm_connectors.testing._scrubbing import Scrubber  # noqa: PLC0415  (its own law)

        said = f"{words} {PERSONAL_MARKER} told {PERSONAL_MARKER}@acme.com so"
        found = Scrubber()._body(json.dumps({"text": said}).encode()).decode()
        assert PERSONAL_MARKER not in found


class TestRoundTrip:
    """From a vendor on a real socket to a suite that is green on the recording."""

    def test_a_recorded_vendor_passes_the_suite(self, tmp_path: Path) -> None:
        """What `record` writes of a vendor holds no secret and nobody, and plays all laws green."""
        secret = "simulated-secret"  # noqa: S105  (opens nothing)
        vendor = TypeformSimulator(Company.made(customers=12), secret=secret)
        path = tmp_path / "typeform.yaml"
        with Serving(vendor) as served:
            config = {"base_url": served.origin, "allow_private_addresses": True, "page_size": 3}
            count = record(Typeform, path, config=config, secrets={"TYPEFORM_TOKEN": secret})
        text = path.read_text(encoding="utf-8")
        assert secret not in text
        assert "Mozilla" not in text
        tape = cassette(path)
        assert len(tape.exchanges) == count > 10
        found = examine(Typeform, tape, config={"page_size": 3})
        assert [one for one in found if one.verdict == "red"] == []
        assert sum(one.verdict == "green" for one in found) > 35

    def test_nothing_is_written_of_a_vendor_that_fails(self, tmp_path: Path) -> None:
        """Where the vendor refuses, the error is told, and there is no half cassette."""
        vendor = TypeformSimulator(Company.made(customers=5), secret="right")  # noqa: S106
        path = tmp_path / "typeform.json"
        with pytest.raises(AuthError):
            record(
                Typeform,
                path,
                secrets={"TYPEFORM_TOKEN": "wrong-token"},
                transport=InProcess(vendor, origin="https://api.typeform.com"),
            )
        assert not path.exists()
