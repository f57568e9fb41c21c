"""P24 for sources over HTTP: a secret is in no output, whatever fails and whoever logs."""

from __future__ import annotations

import ast
import base64
import copy
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import attrs
import pytest
from attrs import evolve
from pydantic import SecretStr, ValidationError

from cxm_connectors.testing import FaultServer, Heard, Reply
from cxm_connectors.toolkit import (
    MASK,
    Bearer,
    Call,
    Config,
    OAuth2,
    Options,
    SafeClient,
    SecretMask,
)
from cxm_core.errors import CxmError
from cxm_core.plugins import Delivery, FileTokens, WireRequest, build
from cxm_core.program import Source
from reliability.acme_stand import Acme, page_of, pulled, rows_of
from reliability.canary import SECRET, files_with, found, leaks
from reliability.canary_stand import Sinks, everything_logged
from reliability.wire_stand import (
    CALL,
    OK,
    SIGNING,
    START,
    Time,
    client_of,
    credentialed,
    runtime_of,
)

#: Each is the name of a secret.
NAMES = dict.fromkeys(("client_id", "client_secret", "refresh_token"), "ACME")
OAUTH = OAuth2("/oauth/token", **NAMES)  # type: ignore[arg-type]  # names alone
#: A call with a secret in every place that a call has.
LOUD = Call(
    path=f"/v1/{quote(SECRET, safe='')}/responses",
    method="POST",
    params=(("api_key", SECRET),),
    json={"password": SECRET},
    headers=(("X-Other", SECRET),),
)


def token_reply(heard: Heard) -> Reply:
    """A token endpoint that hands out the canary, beside data."""
    del heard
    return Reply.of({"access_token": SECRET, "refresh_token": SECRET, "expires_in": 60, "data": []})


def failing() -> dict[str, Reply]:
    """Every way in which a call fails; what the source says repeats the secret."""
    loud = (
        ("set-cookie", f"session={quote(SECRET)}"),
        ("x-request-id", quote(SECRET)),
        ("www-authenticate", f'Bearer realm="{quote(SECRET)}"'),
    )
    statuses = {str(status): status for status in (400, 401, 403, 404, 429, 500)}
    failed = {
        name: Reply.of({"error": SECRET}, status=status, headers=loud)
        for name, status in statuses.items()
    }
    page = evolve(OK, body=f'{{"token": "{SECRET}"}}'.encode(), headers=(*OK.headers, *loud))
    return failed | {
        "foreign redirect": Reply.redirect(f"http://evil.example/?token={quote(SECRET)}"),
        "circle": Reply.redirect(f"/v1/again?token={quote(SECRET)}", status=307),
        "unclear redirect": Reply.redirect(f"/v1/again?token={quote(SECRET)}"),
        "cut": evolve(page, cut_at=9),
        "half": evolve(page, body=page.body[:-2]),
        "page of HTML": evolve(page, headers=(("content-type", f"text/{quote(SECRET)}"),)),
        "nothing": Reply(status=204, headers=loud),
        "not packed": evolve(page, headers=(("content-encoding", "gzip"),)),
        "odd coding": evolve(page, headers=(("content-encoding", quote(SECRET)),)),
        "too large": evolve(page, body=b" " * 5000),
        "garbage": Reply(raw=SECRET.encode()),
    }


class TestSinks:
    """Whatever is shown, dumped, logged or raised."""

    def test_secret_01_no_public_object_shows_one(self) -> None:
        """Neither in a repr nor in a dump nor in its attributes."""
        sinks = Sinks()
        with FaultServer(lambda heard: token_reply(heard) if heard.body else OK) as server:
            time = Time()
            runtime = runtime_of(time)
            clients = [client_of(server.origin, auth=auth) for auth in (*SIGNING.values(), OAUTH)]
            answers = [client.send(CALL) for client in clients]
            assert len(credentialed(server.heard)) == len(clients) + 1
            config = Config(token=SecretStr(SECRET))
            headers = clients[0]._credentials.headers()  # type: ignore[union-attr]  # it has some
            wire = WireRequest(
                method="GET", url=f"https://a.example/?k={SECRET}", headers=headers, body=b"x"
            )
            things = {
                "client": clients[-1],
                "credentials": clients[-1]._credentials,
                "headers": headers,
                "answer": answers[0],
                "call": LOUD,
                "wire request": wire,
                "runtime": runtime,
                "config": config,
                "connector": Acme(Acme.config(token=SecretStr(SECRET)), runtime),
                "delivery": Delivery(
                    method="POST",
                    url=f"https://a.example/?k={SECRET}",
                    headers={"x-signature": SECRET},
                    body=SECRET.encode(),
                    received_at=START,
                ),
                "tokens": FileTokens(Path("tokens")),
                "auth": [*SIGNING.values(), OAUTH],
                "options": Options(),
                "gate": clients[-1]._gate,
            }
            for name, thing in things.items():
                sinks.shown(name, thing)
                sinks.add(f"attributes of {name}", getattr(thing, "__dict__", ""))
            sinks.add("dump of config", config.model_dump())
            sinks.add("JSON of config", config.model_dump_json())
            sinks.add("as a mapping", attrs.asdict(SIGNING["bearer"]))
            for client in clients:
                client.close()
        assert leaks(sinks.outputs, SECRET) == {}

    def test_secret_01_credentials_are_not_to_be_copied(self) -> None:
        """Nobody keeps them in a file by mistake."""
        client = SafeClient("https://a.example", auth=Bearer("ACME"), runtime=runtime_of(Time()))
        headers = client._credentials.headers()  # type: ignore[union-attr]  # it has some
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(headers)

    @pytest.mark.parametrize("wrong", ["colour", "page_size", "since", "budget", "token"])
    def test_secret_02_no_validation_error_shows_one(self, wrong: str) -> None:
        """A field is wrong, even one with the secret in it: no value is repeated."""
        sinks = Sinks()
        reference = {"env": "ACME"}
        config = {"token": reference, wrong: [reference] if wrong == "token" else reference}
        given = Source(name="acme:own", config=config).resolved({"ACME": SECRET})
        sinks.error("of a config", lambda: build(Acme, given, runtime_of(Time())))
        assert leaks(sinks.outputs, SECRET) == {}

    def test_secret_02_pydantic_s_own_text_shows_none(self) -> None:
        """Not even who builds the configuration by hand reads it in the error."""
        with pytest.raises(ValidationError) as caught:
            Acme.config(token=SECRET, page_size=SECRET)
        assert not found(str(caught.value).encode(), SECRET)

    @pytest.mark.parametrize("kind", failing())
    def test_secret_03_no_client_log_tells_one(self, kind: str) -> None:
        """All loggers at DEBUG, and the source repeats the secret in all its headers."""
        sinks = Sinks()
        with everything_logged(sinks), FaultServer([failing()[kind]]) as server:
            client = client_of(server.origin, max_attempts=2, most_bytes=4000)
            with pytest.raises(CxmError):
                client.send(LOUD)
            client.close()
        assert "httpcore2" in sys_loggers()
        assert leaks(sinks.outputs, SECRET) == {}

    @pytest.mark.parametrize("signing", [*SIGNING, "oauth"])
    @pytest.mark.parametrize("kind", failing())
    def test_secret_04_no_error_tells_one(self, kind: str, signing: str) -> None:
        """Neither text nor context nor traceback, with the variables of every frame of ours."""
        sinks = Sinks()
        auth = SIGNING.get(signing, OAUTH)

        def script(heard: Heard) -> Reply:
            return token_reply(heard) if heard.target == "/oauth/token" else failing()[kind]

        with FaultServer(script) as server:
            client = client_of(server.origin, auth=auth, max_attempts=2, most_bytes=4000)
            sinks.error(kind, lambda: client.send(LOUD))
            client.close()
        assert leaks(sinks.outputs, SECRET) == {}

    def test_secret_03_a_connector_that_logs_one_is_masked(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whoever writes a used secret into the host's log writes a mask."""
        runtime = runtime_of(Time())
        with FaultServer([OK]) as server, caplog.at_level(logging.DEBUG):
            options = Options(allow_private=True)
            client = SafeClient(
                server.origin, auth=Bearer("ACME"), runtime=runtime, options=options
            )
            client.send(CALL)
            client.close()
            runtime.log.warning("sent %s", f"Bearer {SECRET}")
        assert "sent Bearer [masked]" in caplog.text
        assert not found(caplog.text.encode(), SECRET)

    @pytest.mark.parametrize("kind", failing())
    def test_secret_04_no_error_of_signing_in_tells_one(self, kind: str) -> None:
        """The token endpoint fails, in every way."""
        sinks = Sinks()
        with everything_logged(sinks), FaultServer([failing()[kind]]) as server:
            client = client_of(server.origin, auth=OAUTH, max_attempts=2, most_bytes=4000)
            sinks.error(kind, lambda: client.send(CALL))
            client.close()
        assert leaks(sinks.outputs, SECRET) == {}

    @pytest.mark.parametrize("value", [f"{SECRET}\r\nX: y", f"{SECRET}\x00", "", "\n"])
    def test_secret_04_a_secret_that_no_header_carries(self, value: str) -> None:
        """It is refused before it is sent, by its name."""
        sinks = Sinks()
        runtime = runtime_of(Time(), secrets={"ACME": value})
        for auth in SIGNING.values():
            client = SafeClient("https://a.example", auth=auth, runtime=runtime)
            sinks.error("of a bad secret", lambda c=client: c.send(CALL))  # type: ignore[misc]  # bound now
        assert leaks(sinks.outputs, SECRET) == {}
        assert b"The secret ACME" in sinks.outputs["str of error of a bad secret"]

    def test_secret_12_no_trace_carries_one(self) -> None:
        """What a tracing library notes of an error, or of a span around a call, has none."""
        spans = Sinks()
        with FaultServer([failing()["401"]]) as server:
            client = client_of(server.origin)
            with pytest.raises(CxmError) as caught:
                client.send(LOUD)
            client.close()
        error = caught.value
        # The names are those of OpenTelemetry's semantic conventions for exceptions.
        spans.error("span", lambda: _raise(error))
        spans.add("exception.message", str(error))
        spans.add("attributes", dict(error.context))
        assert leaks(spans.outputs, SECRET) == {}

    def test_secret_12_we_send_no_telemetry(self, root: Path) -> None:
        """No file of ours imports a library that does."""
        names = {"opentelemetry", "sentry_sdk", "ddtrace", "newrelic", "prometheus_client"}
        imported = {
            alias.name.partition(".")[0]
            for path in (root / "src").rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not imported & names


class TestKept:
    """Whatever is written."""

    def test_secret_07_no_file_holds_one(self, tmp_path: Path) -> None:
        """Store, state, quarantine and journal of a sync, whose source fails in between."""

        def script(heard: Heard) -> Reply:
            if "cursor=2" in heard.target:
                bad = [{"id": "x", "at": "never", "text": "so-so"}]
                return Reply.of({"data": [*rows_of(2), *bad], "next": "3", "more": True})
            return failing()["500"] if "cursor=3" in heard.target else page_of(1, last=3)

        with FaultServer(script) as server:
            (receipt,) = pulled(server, tmp_path, "notes")
            assert len(credentialed(server.heard)) == len(server.heard)
        assert receipt.applied == 6
        assert receipt.quarantined == 1
        assert files_with(tmp_path, SECRET) == []
        assert not found(repr(receipt).encode(), SECRET)

    def test_secret_07_tokens_are_their_owners_alone(self, tmp_path: Path) -> None:
        """The one place that holds tokens is closed to others, and its names tell nothing."""
        FileTokens(tmp_path / "tokens").set(SECRET, "t0ken-of-the-vendor")
        (path,) = (tmp_path / "tokens").iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert not found(path.name.encode(), SECRET)
        path.unlink()


class TestMask:
    """Masking by value, for what other libraries log."""

    @pytest.mark.parametrize(
        "write",
        [
            str,
            lambda text: quote(text, safe=""),
            repr,
            lambda text: repr(text.encode()),
            lambda text: base64.b64encode(text.encode()).decode(),
            lambda text: base64.b64encode(f"me:{text}".encode()).decode(),
            lambda text: text.encode().hex(),
        ],
    )
    def test_every_form_is_masked(self, write: Callable[[str], str]) -> None:
        """As it is, and as it is sent."""
        mask = SecretMask()
        mask.learn(SECRET)
        assert not found(mask.masked(f"sent {write(SECRET)} there").encode(), SECRET)

    @pytest.mark.parametrize("value", ["a", "abc", "the", "1234567", "", "password", "Secret"])
    def test_secret_09_honest_text_is_not_masked(self, value: str) -> None:
        """A secret that is short, or a common word, does not make the log unreadable."""
        mask = SecretMask()
        mask.learn(value)
        text = "The password of a cat in abc is the secret 1234567."
        assert mask.masked(text) == text

    def test_records_are_masked(self) -> None:
        """In the message, its arguments and the traceback, once the filter is on a handler."""
        mask = SecretMask()
        mask.learn(SECRET)
        error = ValueError(SECRET)
        told = (type(error), error, None)
        record = logging.LogRecord("other", logging.INFO, "f", 1, "sent %s", (SECRET,), told)
        assert mask.filter(record)
        text = logging.Formatter().format(record)
        assert not found(text.encode(), SECRET)
        assert "[masked]" in text

    def test_lines_of_a_key_are_masked(self) -> None:
        """A secret of several lines is known line by line; its frame is not."""
        mask = SecretMask()
        mask.learn("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n")
        shown = mask.masked("-----BEGIN PRIVATE KEY-----|MIIEvQIBADANBg")
        assert shown == "-----BEGIN PRIVATE KEY-----|[masked]"

    def test_what_is_resolved_is_learnt(self) -> None:
        """Every secret that a client uses is known to the mask."""
        client = SafeClient("https://a.example", auth=Bearer("ACME"), runtime=runtime_of(Time()))
        client._credentials.headers()  # type: ignore[union-attr]  # it has some
        assert not found(MASK.masked(SECRET).encode(), SECRET)


def sys_loggers() -> set[str]:
    """Top names of the loggers that exist."""
    return {name.partition(".")[0] for name in logging.root.manager.loggerDict}


def _raise(error: Exception) -> None:
    raise error
