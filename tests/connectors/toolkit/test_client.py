"""The safe client: what it sends, how it waits, and what every error tells."""

from __future__ import annotations

import ast
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from attrs import evolve

from cxm_connectors.simulation import InProcess, SimRequest, SimResponse
from cxm_connectors.testing import FaultServer, Heard, Reply
from cxm_connectors.toolkit import Basic, Bearer, Call, Key, Options, Rate, SafeClient
from cxm_connectors.toolkit._httpx2 import HttpTransport
from cxm_core.errors import (
    AuthError,
    MissingExtraError,
    RetryableError,
    SourceError,
)
from cxm_core.plugins import WireRequest
from reliability.wire_stand import CALL, OK, PAGE, START, Time, client_of, runtime_of, send


def refused(status: int, **headers: str) -> Reply:
    """A refusal with headers."""
    told = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return Reply.of({"error": "no"}, status=status, headers=told)


class TestSending:
    def test_what_is_sent(self) -> None:
        """Method, path, query, headers and body are as the call says."""
        call = Call(
            path="/v1/search?a=1",
            method="POST",
            params=(("b", "2 3"), ("b", "4")),
            json={"word": "Grüße"},
            headers=(("X-Version", "2026-09"),),
        )
        _, server = send([OK], call=call)
        (heard,) = server.heard
        assert (heard.method, heard.target) == ("POST", "/v1/search?a=1&b=2%203&b=4")
        assert json.loads(heard.body) == {"word": "Grüße"}
        assert heard.headers["content-type"] == "application/json"
        assert heard.headers["x-version"] == "2026-09"
        assert heard.headers["accept-encoding"] == "gzip"
        assert heard.headers["user-agent"] == "cxm"

    def test_a_form(self) -> None:
        """A form is sent as one."""
        _, server = send([OK], call=Call(path="/f", method="POST", form={"a": "1 2", "b": "&"}))
        assert server.heard[0].body == b"a=1+2&b=%26"

    @pytest.mark.parametrize(
        ("auth", "name", "value"),
        [
            (Bearer("T"), "authorization", "Bearer s3cr3t-of-acme"),
            (Bearer("T", prefix="Token "), "authorization", "Token s3cr3t-of-acme"),
            (Basic("ann", "T"), "authorization", "Basic YW5uOnMzY3IzdC1vZi1hY21l"),
            (Key("T", header="X-API-TOKEN"), "x-api-token", "s3cr3t-of-acme"),
        ],
    )
    def test_signing_in(self, auth: Bearer | Basic | Key, name: str, value: str) -> None:
        """Each way puts its secret into its header; a line end around it does not matter."""
        with FaultServer([OK]) as server:
            runtime = runtime_of(Time(), secrets={"T": " s3cr3t-of-acme\n"})
            options = Options(allow_private=True)
            client = SafeClient(server.origin, auth=auth, runtime=runtime, options=options)
            client.send(CALL)
            client.send(evolve(CALL, is_anonymous=True))
            client.close()
            first, second = server.heard
        assert first.headers[name] == value
        assert name not in second.headers

    def test_a_configured_token_goes_first(self) -> None:
        """What the source's own configuration says, else what the host knows by name."""

        class Secret:
            def get_secret_value(self) -> str:
                return "configured-token"

        with FaultServer([OK]) as server:
            client = SafeClient(
                server.origin,
                auth=Bearer("ACME"),
                runtime=runtime_of(Time()),
                options=Options(allow_private=True),
                token=Secret(),
            )
            client.send(CALL)
            client.close()
            assert server.heard[0].headers["authorization"] == "Bearer configured-token"

    def test_a_missing_secret_is_told_by_name(self) -> None:
        """Nothing is sent without it."""
        with FaultServer([OK]) as server:
            runtime = runtime_of(Time(), secrets={})
            options = Options(allow_private=True)
            client = SafeClient(server.origin, auth=Bearer("T"), runtime=runtime, options=options)
            with pytest.raises(AuthError, match="The secret T is not there"):
                client.send(CALL)
            assert server.heard == []

    def test_no_cookie_is_kept(self) -> None:
        """A session that a source sets is forgotten."""
        cookie = evolve(OK, headers=(*OK.headers, ("set-cookie", "session=1; Path=/")))
        with FaultServer([cookie]) as server:
            client = client_of(server.origin)
            assert "set-cookie" not in client.send(CALL).headers
            client.send(CALL)
            client.close()
            assert "cookie" not in server.heard[1].headers

    def test_links_and_request_id(self) -> None:
        """Both are read from the headers; the last of a header counts."""
        headers = (
            ("link", '</v1/x?p=2>; rel="next", </v1/x?p=9>; rel="last"'),
            ("link", "</v1/x?p=1>; title=\"a, b\"; rel='prev' , <>; rel=first"),
            ("x-zendesk-request-id", "0a1b-2c"),
            ("x-more", "1"),
            ("x-more", "2"),
        )
        answer, _ = send([evolve(OK, headers=(*OK.headers, *headers))])
        assert not isinstance(answer, SourceError)
        assert answer.links["next"] == "/v1/x?p=2"
        assert answer.links["last"] == "/v1/x?p=9"
        assert answer.request_id == "0a1b-2c"
        assert answer.headers["x-more"] == "2"

    def test_in_process(self) -> None:
        """A simulator without sockets is asked by the same way, and no name is looked up."""

        class Vendor:
            origin = ""

            def respond(self, request: SimRequest) -> SimResponse:
                return SimResponse.of({"token": request.headers["authorization"]})

        carrier = InProcess(Vendor())
        runtime = runtime_of(Time(), secrets={"T": "s3cr3t"}, transport=carrier)
        client = SafeClient(carrier.origin, auth=Bearer("T"), runtime=runtime)
        assert client.send(CALL).data == {"token": "Bearer s3cr3t"}


class TestErrors:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 418, 422, 429, 500, 503])
    def test_every_error_has_its_facts(self, status: int) -> None:
        """Status, method and request id are in the context; the text names host and path."""
        reply = refused(status, x_request_id="req-1")
        error, server = send([reply], call=Call(path="/v1/forms/a1/x?email=ann@example.com"))
        assert isinstance(error, SourceError)
        assert error.context["status"] == status
        assert error.context["method"] == "GET"
        assert error.context["request_id"] == "req-1"
        assert "127.0.0.1/v1/forms/*/x" in error.message
        assert "ann" not in str(error)
        assert type(pickle.loads(pickle.dumps(error))) is type(error)
        assert server.heard

    def test_a_hostile_request_id_is_not_repeated(self) -> None:
        """Only a plain word is one."""
        error, _ = send([refused(404, x_request_id='<script>alert("x")</script>')])
        assert isinstance(error, SourceError)
        assert error.context["request_id"] is None

    def test_broken_answers_have_facts_too(self) -> None:
        """What went wrong on the way is told with where."""
        error, _ = send([evolve(OK, cut_at=3)], max_attempts=1)
        assert isinstance(error, RetryableError)
        assert error.message.startswith("GET 127.0.0.1/v1/responses: ")
        assert error.context["method"] == "GET"

    def test_an_auth_error_names_the_secret(self) -> None:
        """The hint says which to look at."""
        error, _ = send([refused(401)])
        assert isinstance(error, AuthError)
        assert "ACME" in str(error.hint)

    def test_an_auth_error_names_the_secret_of_the_program(self) -> None:
        """Where the program takes the token from elsewhere, nobody is sent to another place."""
        with FaultServer([refused(401)]) as server:
            runtime = evolve(runtime_of(Time(), secrets={"ACME": "x"}), places={"token": "HT"})
            options = Options(allow_private=True)
            client = SafeClient(
                server.origin, auth=Bearer("ACME"), runtime=runtime, options=options
            )
            with pytest.raises(AuthError) as caught:
                client.send(CALL)
            client.close()
        assert caught.value.hint == "look whether the secret HT is still good"


class TestWaiting:
    def test_our_own_budget_is_kept(self) -> None:
        """Five calls a second, and never a sixth."""
        time, at = Time(), list[float]()

        def script(heard: Heard) -> Reply:
            at.append((time.now - START).total_seconds())
            return OK

        with FaultServer(script) as server:
            client = client_of(server.origin, time=time, limits=(Rate(5, 1.0),))
            for _ in range(17):
                client.send(CALL)
            client.close()
        assert all(later - first >= 1 for first, later in zip(at, at[5:], strict=False))
        assert at[-1] == 3

    def test_a_day_s_budget_that_is_spent_ends_the_run(self) -> None:
        """Nobody waits until tomorrow: the error says when to come again."""
        spent = {
            "x-ratelimit-app-global-day-remaining": "0",
            "x-ratelimit-app-global-day-reset": "30000",
        }
        reply = evolve(OK, headers=(*OK.headers, *spent.items()))
        with FaultServer([reply]) as server:
            client = client_of(server.origin)
            client.send(CALL)
            with pytest.raises(RetryableError, match="30,000 s") as caught:
                client.send(CALL)
            client.close()
            assert len(server.heard) == 1
        assert caught.value.resume_at == START + timedelta(seconds=30_000)

    def test_a_spent_budget_is_waited_for(self) -> None:
        """Before the next refusal, not after it; an endpoint's own holds for it alone."""
        spent = ("zendesk-ratelimit-incremental-exports", "total=10; remaining=0; resets=40")
        time = Time()
        with FaultServer([evolve(OK, headers=(*OK.headers, spent)), OK]) as server:
            client = client_of(server.origin, time=time)
            client.send(CALL)
            client.send(Call(path="/v1/other"))
            assert time.slept == []
            client.send(CALL)
            client.close()
        assert time.slept == [40]

    def test_never_early_in_a_thousand(self) -> None:
        """P11: of a thousand refusals with a wait, none is followed by a call before its end."""
        rng, time = Random(11), Time()
        closed_until, early = START, 0

        class Vendor:
            origin = ""

            def respond(self, request: SimRequest) -> SimResponse:
                nonlocal closed_until, early
                early += time.now < closed_until
                if rng.random() < 0.6:
                    wait_s = rng.choice([1, 2, 5, 30])
                    closed_until = time.now + timedelta(seconds=wait_s)
                    told = [("retry-after", str(wait_s))]
                    return SimResponse.of({}, status=rng.choice([429, 503]), headers=told)
                return SimResponse.of(PAGE)

        carrier = InProcess(Vendor())
        client = SafeClient(carrier.origin, runtime=runtime_of(time, transport=carrier))
        refusals = 0
        while refusals < 1000:
            before = len(carrier.log)
            client.send(CALL)
            refusals += len(carrier.log) - before - 1
        assert early == 0

    def test_threads_wait_together(self) -> None:
        """One client serves several threads, each with its own answers."""
        with FaultServer(lambda heard: Reply.of({"path": heard.target})) as server:
            client = client_of(server.origin)
            got: dict[int, list[str]] = {}

            def ask(number: int) -> None:
                got[number] = [
                    client.send(Call(path=f"/v1/{number}/{count}")).data["path"]
                    for count in range(10)
                ]

            threads = [Thread(target=ask, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            client.close()
        assert got == {n: [f"/v1/{n}/{count}" for count in range(10)] for n in range(4)}

    def test_waits_are_logged_without_secrets(self, caplog: pytest.LogCaptureFixture) -> None:
        """The host's log says that and why somebody waits."""
        with caplog.at_level(logging.INFO, logger="cxm.connectors"):
            send([refused(503), OK])
        (record,) = [one for one in caplog.records if one.name == "cxm.connectors"]
        assert "tries again in" in record.message
        assert "status 503" in record.message


class TestTransport:
    @pytest.mark.parametrize(
        "options",
        [{"deadline_s": 0}, {"budget_s": -1}, {"most_bytes": 0}, {"max_attempts": 0},
         {"most_redirects": -1}],
    )  # fmt: skip
    def test_options_are_checked(self, options: dict[str, int]) -> None:
        """Time and space are positive."""
        with pytest.raises(ValueError, match="must be"):
            Options(**options)  # type: ignore[arg-type]  # wrong on purpose

    def test_importing_it_loads_no_client(self, root: Path) -> None:
        """A connector that is only listed costs no HTTP client, no TLS and no NumPy."""
        code = (
            "import sys, cxm_connectors.toolkit as t; t.SafeClient, t.OAuth2, t.HttpTransport; "
            "names = ('httpx2', 'httpcore2', 'h11', 'authlib', 'numpy'); "
            "print([name for name in names if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(root / "src")},
        )
        assert done.stdout == "[]\n"

    def test_it_is_the_only_way_to_the_network(self, root: Path) -> None:
        """No other file imports what speaks to it, but for servers on loopback and test kits."""
        speakers = {
            *("aiohttp", "ftplib", "httpcore2", "httpx", "httpx2", "requests", "smtplib", "socket"),
            *("http.client", "urllib.request", "urllib3"),
        }
        found = {
            f"{path.parent.name}/{path.name}: {name}"
            for path in (root / "src").rglob("*.py")
            if path.parent.name != "testing"
            for name in _imported(path) & speakers
        }
        assert found == {
            "toolkit/_addresses.py: socket",
            "toolkit/_httpx2.py: httpcore2",
            "simulation/_server.py: socket",
        }

    def test_a_missing_client_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With the command that installs it."""
        from cxm_connectors.toolkit import _httpx2  # noqa: PLC0415

        monkeypatch.setitem(sys.modules, "httpcore2", None)
        _httpx2._core.cache_clear()
        try:
            with FaultServer([OK]) as server, pytest.raises(MissingExtraError, match="http"):
                client_of(server.origin).send(CALL)
        finally:
            _httpx2._core.cache_clear()

    def test_no_proxy_is_read_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who sets one does not see our credentials."""
        with FaultServer([OK]) as proxy, FaultServer([OK]) as server:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.origin)
            client = client_of(server.origin)
            client.send(CALL)
            client.close()
            assert proxy.heard == []

    def test_a_dropped_transport_lets_its_connections_go(self) -> None:
        """Nobody needs to remember to close."""
        with FaultServer([OK]) as server:
            transport = HttpTransport()
            request = WireRequest(
                method="GET",
                url=server.origin + "/",
                address="127.0.0.1",
                headers=(("host", "127.0.0.1"),),
            )
            answer = transport.send(request)
            assert b"".join(answer.pieces) == OK.body
            answer.close()
            pools = transport._pools
            assert len(pools) == 1
            del transport, answer
            assert pools == {}

    def test_a_connection_that_the_server_closed_is_no_harm(self) -> None:
        """An idle connection may end between two calls: the next one opens another."""
        close = evolve(OK, framing="close", headers=OK.headers)
        with FaultServer([close, OK, close, OK]) as server:
            client = client_of(server.origin)
            assert [client.send(CALL).data == PAGE for _ in range(4)] == [True] * 4
            client.close()


def _imported(path: Path) -> set[str]:
    """Modules that a file imports at run time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _is_typing(node)]
    skipped = {id(inner) for node in typed for inner in ast.walk(node)}
    nodes = [node for node in ast.walk(tree) if id(node) not in skipped]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def _is_typing(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Nothing of these tests is left in the host's log level."""
    yield
    logging.getLogger("cxm.connectors").setLevel(logging.NOTSET)
