"""Tokens are fetched when they are needed, kept before they are used, and renewed once."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from attrs import evolve

from cxm_connectors.testing import FaultServer, Heard, Reply
from cxm_connectors.toolkit import Assertion, Call, OAuth2, Options, SafeClient
from cxm_connectors.toolkit._tokens import MemoryTokens
from cxm_core.errors import AuthError, RetryableError, SchemaChanged, UsageError
from reliability.token_stand import OAUTH, SECRETS, TokenVendor, client_with
from reliability.wire_stand import CALL, OK, PAGE, START, Time, runtime_of

CREDENTIALS = OAuth2(
    "/oauth/token",
    flow="client_credentials",
    client_id="CLIENT",
    client_secret="OWN",  # noqa: S106  (a name)
    scope="read write",
)


class Noting(MemoryTokens):
    """Notes how often the data endpoint had been asked when a token was kept."""

    def __init__(self, vendor: TokenVendor) -> None:
        super().__init__()
        self._vendor = vendor
        self.kept: list[tuple[int, str]] = []

    def set(self, key: str, value: str) -> None:
        """Keep it, and note when."""
        self.kept.append((self._vendor.issued, value))
        super().set(key, value)


class TestRefresh:
    def test_a_token_is_fetched_once(self) -> None:
        """On first use, with the first refresh token; later calls use what it gave."""
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            client = client_with(server.origin, None)
            assert all(client.send(CALL).data == PAGE for _ in range(5))
            client.close()
            assert [heard.target for heard in server.heard].count("/oauth/token") == 1
        assert vendor.asked == [
            {
                "grant_type": "refresh_token",
                "refresh_token": "refresh-0",
                "client_id": "client-of-acme",
                "client_secret": "own-secret-of-acme",
            }
        ]
        assert "authorization" not in vendor.headers[0]

    def test_it_is_kept_before_it_is_used(self) -> None:
        """The store has the request, then the answer, before any call uses it."""
        vendor = TokenVendor()
        tokens = Noting(vendor)
        with FaultServer(vendor) as server:
            client = client_with(server.origin, tokens)
            client.send(CALL)
            client.close()
            assert [heard.target for heard in server.heard] == ["/oauth/token", "/v1/responses"]
        (before, begun), (after, done) = tokens.kept
        assert (before, json.loads(begun)["is_renewing"]) == (0, True)
        assert (after, json.loads(done)["refresh"]) == (1, "refresh-1")
        assert json.loads(done)["is_renewing"] is False

    def test_another_run_goes_on_with_what_was_kept(self) -> None:
        """The access token while it is good, the newest refresh token afterwards."""
        vendor, tokens = TokenVendor(), MemoryTokens()
        with FaultServer(vendor) as server:
            client_with(server.origin, tokens).send(CALL)
            client_with(server.origin, tokens).send(CALL)
            assert len(vendor.asked) == 1
            tomorrow = Time(now=START + timedelta(days=1))
            client_with(server.origin, tokens, time=tomorrow).send(CALL)
        assert [form["refresh_token"] for form in vendor.asked] == ["refresh-0", "refresh-1"]

    def test_it_is_renewed_before_it_ends(self) -> None:
        """A minute early, so that no call finds it ended under way."""
        vendor, time = TokenVendor(expires_in=1800), Time()
        with FaultServer(vendor) as server:
            client = client_with(server.origin, None, time=time)
            for minutes, issued in ((0, 1), (28.9, 1), (0.2, 2), (10, 2)):
                time.now += timedelta(minutes=minutes)
                client.send(CALL)
                assert vendor.issued == issued
            client.close()

    def test_a_refused_token_is_renewed_once(self) -> None:
        """One 401 is mended; a second one is told."""
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            client = client_with(server.origin, None)
            client.send(CALL)
            vendor.accepts = None
            with_new = len(server.heard)
            assert client.send(CALL).data == PAGE
            assert len(server.heard) - with_new == 3

            def never(heard: Heard) -> Reply:
                return vendor(heard) if "token" in heard.target else Reply.of({}, status=401)

            server._script = never
            before = len(server.heard)
            with pytest.raises(AuthError, match="does not accept"):
                client.send(CALL)
            client.close()
            assert len(server.heard) - before == 3

    def test_threads_share_a_renewal(self) -> None:
        """Whoever is refused together renews once: the token is good once only."""
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            client = client_with(server.origin, None)
            client.send(CALL)
            vendor.accepts = None
            start, answers = Barrier(4), list[object]()

            def ask() -> None:
                start.wait()
                answers.append(client.send(CALL).data)

            threads = [Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            client.close()
        assert answers == [PAGE] * 4
        assert vendor.issued <= 3
        assert {form["refresh_token"] for form in vendor.asked} == {
            f"refresh-{number}" for number in range(vendor.issued)
        }

    def test_a_refused_refresh_is_told(self) -> None:
        """It names the secret to mend, and does not speak of an interrupted run."""
        vendor = TokenVendor(good=set())
        with FaultServer(vendor) as server:
            with pytest.raises(AuthError, match="status 400") as caught:
                client_with(server.origin, None).send(CALL)
            assert len(server.heard) == 1
        assert "FIRST" in str(caught.value.hint)
        assert "stopped" not in caught.value.message

    def test_a_failing_endpoint_is_tried_again(self) -> None:
        """It is a source like any other."""
        with FaultServer([Reply.of({}, status=503)]) as server:
            with pytest.raises(RetryableError):
                client_with(server.origin, None).send(CALL)
            assert len(server.heard) == 2

    @pytest.mark.parametrize(
        "data",
        [[], {}, {"access_token": 5}, {"access_token": ""}, {"access_token": "a b"},
         {"access_token": "ok", "refresh_token": 7}, {"access_token": "a\r\nX: y"}],
    )  # fmt: skip
    def test_an_answer_without_a_token(self, data: object) -> None:
        """It is no answer of a token endpoint."""
        with (
            FaultServer([Reply.of(data)]) as server,
            pytest.raises(SchemaChanged, match="no access token"),
        ):
            client_with(server.origin, None).send(CALL)

    @pytest.mark.parametrize("expires_in", [None, "3600", 3600.5, "soon", -1, 10**400])
    def test_any_told_life_is_read(self, expires_in: object) -> None:
        """What is no number counts as not told: the token is good until it is refused."""
        vendor = TokenVendor(expires_in=expires_in)
        with FaultServer(vendor) as server:
            client = client_with(server.origin, None)
            assert [client.send(CALL).data == PAGE for _ in range(2)] == [True, True]
            client.close()


class TestOtherFlows:
    def test_client_credentials(self) -> None:
        """With the client's own secret, its scopes, and no refresh token."""
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            assert client_with(server.origin, None, oauth=CREDENTIALS).send(CALL).data == PAGE
        (form,) = vendor.asked
        assert form["grant_type"] == "client_credentials"
        assert form["scope"] == "read write"
        assert "refresh_token" not in form

    def test_client_in_the_header(self) -> None:
        """Some vendors want the client's id and secret in the basic scheme."""
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            oauth = evolve(CREDENTIALS, client_in="header", extra=(("audience", "acme"),))
            client_with(server.origin, None, oauth=oauth).send(CALL)
        assert vendor.headers[0]["authorization"].startswith("Basic ")
        assert vendor.asked[0]["audience"] == "acme"
        assert not {"client_id", "client_secret"} & set(vendor.asked[0])

    def test_a_token_endpoint_elsewhere(self) -> None:
        """It gets the token's form; the data's host never sees it, and the other way round."""
        vendor = TokenVendor()
        with FaultServer(vendor) as login, FaultServer(vendor) as data:
            oauth = evolve(CREDENTIALS, token_url=login.origin + "/oauth/token")
            assert client_with(data.origin, None, oauth=oauth).send(CALL).data == PAGE
            assert [heard.target for heard in login.heard] == ["/oauth/token"]
            assert [heard.target for heard in data.heard] == ["/v1/responses"]

    def test_jwt(self) -> None:
        """What is signed says who, for whom and how long; its signature holds."""
        rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        oauth = OAuth2(
            "/oauth/token",
            flow="jwt",
            assertion=Assertion(key="PEM", issuer="CLIENT", subject="WHO"),
        )
        vendor = TokenVendor()
        with FaultServer(vendor) as server:
            secrets = {**SECRETS, "PEM": pem, "WHO": "agent@example.com"}
            client = SafeClient(
                server.origin,
                auth=oauth,
                runtime=runtime_of(Time(), secrets=secrets),
                options=Options(allow_private=True),
            )
            assert client.send(CALL).data == PAGE
            client.close()
        (form,) = vendor.asked
        head, body, signature = form["assertion"].split(".")
        assert form["grant_type"].endswith("jwt-bearer")
        claims = json.loads(_unpadded(body))
        assert claims["iss"] == "client-of-acme"
        assert claims["sub"] == "agent@example.com"
        assert claims["aud"] == server.origin + "/oauth/token"
        assert (claims["iat"], claims["exp"] - claims["iat"]) == (int(START.timestamp()), 300)
        key.public_key().verify(
            _unpadded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )

    def test_a_key_that_is_none(self) -> None:
        """The secret is named, and nothing of it is repeated."""
        oauth = OAuth2("/t", flow="jwt", assertion=Assertion(key="OWN", issuer="CLIENT"))
        with FaultServer([OK]) as server:
            with pytest.raises(AuthError, match="OWN is no private key") as caught:
                client_with(server.origin, None, oauth=oauth).send(CALL)
            assert server.heard == []
        assert SECRETS["OWN"] not in str(caught.value)

    @pytest.mark.parametrize("flow", ["refresh", "client_credentials", "jwt"])
    def test_a_flow_needs_something_to_ask_with(self, flow: str) -> None:
        """Its author is told when the class is made."""
        with pytest.raises(UsageError, match=flow):
            OAuth2("/t", flow=flow, client_id="CLIENT")  # type: ignore[arg-type]  # one of the three

    def test_an_anonymous_call_needs_no_token(self) -> None:
        """No token is fetched for it."""
        with FaultServer([OK]) as server:
            client = client_with(server.origin, None, oauth=OAUTH)
            client.send(Call(path="/public", is_anonymous=True))
            client.close()
            assert [heard.target for heard in server.heard] == ["/public"]
            assert "authorization" not in server.heard[0].headers


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
