"""P25: credentials go to the declared origins, and to nowhere else, whatever a source points to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from attrs import evolve, field, frozen

from cxm_connectors.testing import FaultServer, Reply
from cxm_connectors.toolkit import Answer, Call, Options, SafeClient
from cxm_core.errors import FatalError, ForeignOrigin, RetryableError
from cxm_core.plugins import WireAnswer, WireRequest
from reliability.wire_stand import (
    CALL,
    OK,
    PAGE,
    SIGNING,
    Time,
    client_of,
    credentialed,
    runtime_of,
    send,
)

#: Sixteen ways to lead astray; OWN and OTHER become the ports of the two servers.
LINKS = {
    "other host": "http://localhost:OTHER/v1/next",
    "other port": "http://127.0.0.1:OTHER/v1/next",
    "other scheme": "https://127.0.0.1:OWN/v1/next",
    "protocol-relative": "//127.0.0.1:OTHER/v1/next",
    "three slashes": "///127.0.0.1:OTHER/v1/next",
    "host as user": "http://127.0.0.1:OWN@127.0.0.1:OTHER/v1/next",
    "user and password": "http://u:p@127.0.0.1:OTHER/v1/next",
    "backslash": "http://127.0.0.1:OTHER\\@127.0.0.1:OWN/v1/next",
    "backslashes": "\\\\127.0.0.1:OTHER/v1/next",
    "tab inside": "http://127.0.0.1:OT\tHER/v1/next".replace("OT\tHER", "\tOTHER"),
    "line end": "http://127.0.0.1:OTHER/v1/next\r\nX-Leak: yes",
    "number": "http://2130706433:OTHER/v1/next",
    "hexadecimal": "http://0x7f000001:OTHER/v1/next",
    "mapped": "http://[::ffff:127.0.0.1]:OTHER/v1/next",
    "upper case": "HTTP://LOCALHOST:OTHER/v1/next",
    "full-width": "http://\uff11\uff12\uff17.0.0.1:OTHER/v1/next",
    "other protocol": "gopher://127.0.0.1:OTHER/_GET",
    "file": "file:///etc/passwd",
    "suffix": "http://127.0.0.1.localhost:OTHER/v1/next",
}


@pytest.fixture
def other() -> Iterator[FaultServer]:
    """Somebody else's server, who waits for credentials."""
    with FaultServer([OK]) as server:
        yield server


def filled(link: str, own: FaultServer, other: FaultServer) -> str:
    """The link with the servers' ports."""
    return link.replace("OWN", str(own.port)).replace("OTHER", str(other.port))


class TestLinks:
    """A link is read in one way, or refused."""

    @pytest.mark.parametrize("signing", SIGNING)
    @pytest.mark.parametrize("kind", LINKS)
    def test_ssrf_01_no_link_leads_credentials_astray(
        self, kind: str, signing: str, other: FaultServer
    ) -> None:
        """Neither as a next link nor as a redirect: nothing is sent there."""
        with FaultServer([OK]) as own:
            client = client_of(own.origin, auth=SIGNING[signing])
            with pytest.raises(ForeignOrigin):
                client.send(Call(path=filled(LINKS[kind], own, other)))
            assert own.heard == []
        if "\r" not in LINKS[kind]:
            location = filled(LINKS[kind], own, other).encode().decode("latin-1")
            error, own = send([Reply.redirect(location)], auth=SIGNING[signing])
            assert isinstance(error, ForeignOrigin | FatalError)
            assert len(own.heard) == 1
        assert other.heard == []

    def test_ssrf_02_an_origin_is_scheme_host_and_port(self, other: FaultServer) -> None:
        """Another port of the host is another origin, and so is the scheme without encryption."""
        with FaultServer([OK]) as own:
            secure = client_of(own.origin.replace("http", "https"))
            for client, link in (
                (client_of(own.origin), other.origin),
                (secure, own.origin),
                (secure, own.origin.replace("http", "https").replace(str(own.port), "8443")),
            ):
                with pytest.raises(ForeignOrigin):
                    client.send(Call(path=link + "/v1/next"))
            assert own.heard == other.heard == []

    @pytest.mark.parametrize(
        "target", ["/v1/next?cursor=2", "v1/next", "{origin}/v1/next", "{upper}/v1/next"]
    )
    def test_a_link_to_the_own_origin_is_followed(self, target: str) -> None:
        """Relative or whole, in upper case or lower."""
        with FaultServer([OK]) as own:
            place = target.format(origin=own.origin, upper=own.origin.upper())
            assert client_of(own.origin).send(Call(path=place)).data == PAGE
            assert len(credentialed(own.heard)) == 1

    def test_ssrf_03_a_link_header_to_another_host(self, other: FaultServer) -> None:
        """What the header names is refused when it is followed."""
        link = f'<{other.origin}/v1/next>; rel="next", </v1/responses?page=1>; rel=first'
        with FaultServer([evolve(OK, headers=(*OK.headers, ("link", link)))]) as own:
            client = client_of(own.origin)
            links = client.send(CALL).links
            assert set(links) == {"next", "first"}
            assert client.send(Call(path=links["first"])).data == PAGE
            with pytest.raises(ForeignOrigin):
                client.send(Call(path=links["next"]))
        assert other.heard == []

    @pytest.mark.parametrize("slashes", ["//", "///", "/\\", "\\/", "\\\\"])
    def test_ssrf_06_an_address_without_a_scheme(self, slashes: str, other: FaultServer) -> None:
        """What a browser would take for another host goes nowhere."""
        with FaultServer([OK]) as own:
            with pytest.raises(ForeignOrigin):
                client_of(own.origin).send(Call(path=f"{slashes}127.0.0.1:{other.port}/p"))
            assert own.heard == []
        assert other.heard == []

    def test_ssrf_10_no_header_of_ours_crosses_the_origin(self, other: FaultServer) -> None:
        """A key in a header of its own stays home, and so does all else."""
        call = evolve(CALL, headers=(("X-Account", "42"),))
        for status in (301, 302, 303, 307, 308):
            reply = Reply.redirect(other.origin + "/v1", status=status)
            for auth in SIGNING.values():
                error, own = send([reply], auth=auth, call=call)
                assert isinstance(error, ForeignOrigin)
                assert own.heard[0].headers["x-account"] == "42"
        assert other.heard == []

    def test_a_second_declared_origin_may_be_followed(self, other: FaultServer) -> None:
        """A vendor with several hosts declares them."""
        with FaultServer([Reply.redirect(other.origin + "/v1/files")]) as own:
            client = SafeClient(
                [own.origin, other.origin],
                runtime=runtime_of(Time()),
                auth=SIGNING["bearer"],
                options=Options(allow_private=True),
            )
            assert client.send(CALL).data == PAGE
        assert len(credentialed(other.heard)) == 1


#: What a name may resolve to that is none of the world's.
INNER = [
    *("127.0.0.1", "127.8.9.10", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "fe80::1", "fd00:ec2::254", "fec0::1", "100.64.0.1", "192.0.2.1"),
    *("198.18.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "no address", ""),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2001:0:1:1:1:1:80ff:fffe", "127.0.0.1%eth0", "fe80::1%eth0"),
]


class TestAddresses:
    """The address is checked, and the checked address is spoken to."""

    @pytest.mark.parametrize("address", INNER)
    def test_ssrf_08_an_inner_address_is_not_spoken_to(self, address: str) -> None:
        """Whatever the name is, and even if a good address stands beside."""
        for found in ([address], ["93.184.216.34", address]):
            transport = Recording()
            runtime = runtime_of(
                Time(),
                transport=transport,
                resolver=lambda _, __, f=found: f,  # type: ignore[misc]  # bound now
            )
            client = SafeClient("https://api.acme.com", runtime=runtime)
            with pytest.raises(ForeignOrigin, match="private or local") as caught:
                client.send(CALL)
            assert caught.value.context["method"] == "GET"
            assert transport.requests == []

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]"]
    )
    def test_ssrf_08_no_spelling_reaches_loopback(self, host: str) -> None:
        """A real server on loopback gets nothing, whatever its name."""
        with FaultServer([OK]) as server:
            client = client_of(f"http://{host}:{server.port}", allow_private=False, max_attempts=1)
            with pytest.raises((ForeignOrigin, RetryableError)):
                client.send(CALL)
            assert server.heard == []

    @pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::", "224.0.0.1"])
    def test_ssrf_08_a_metadata_service_is_never_spoken_to(self, address: str) -> None:
        """Not even where private networks are allowed."""
        transport = Recording()
        runtime = runtime_of(Time(), transport=transport, resolver=lambda *_: [address])
        client = SafeClient(
            "https://api.acme.com", runtime=runtime, options=Options(allow_private=True)
        )
        with pytest.raises(ForeignOrigin):
            client.send(CALL)
        assert transport.requests == []

    def test_ssrf_09_the_checked_address_is_connected_to(self) -> None:
        """The name is resolved once, by us: the machine is not asked again when connecting."""
        asked: list[tuple[str, int]] = []

        def resolver(host: str, port: int) -> Sequence[str]:
            asked.append((host, port))
            return ["127.0.0.1"]

        with FaultServer([OK]) as server:
            origin = f"http://api.acme.invalid:{server.port}"
            client = client_of(origin, resolver=resolver)
            assert [client.send(CALL).data == PAGE for _ in range(3)] == [True] * 3
            assert server.heard[0].headers["host"] == f"api.acme.invalid:{server.port}"
            client.close()
        assert asked == [("api.acme.invalid", server.port)]

    def test_ssrf_09_a_name_that_turns_inward_is_refused(self) -> None:
        """First a public address, then loopback: nothing reaches loopback."""
        time, transport = Time(), Recording()
        answers = [["93.184.216.34"], ["127.0.0.1"]]
        runtime = runtime_of(time, transport=transport, resolver=lambda *_: answers.pop(0))
        client = SafeClient("https://api.acme.com", runtime=runtime)
        client.send(CALL)
        client.send(CALL)
        time.now += timedelta(minutes=2)
        with pytest.raises(ForeignOrigin):
            client.send(CALL)
        assert [request.address for request in transport.requests] == ["93.184.216.34"] * 2

    def test_a_second_address_is_taken_when_the_first_is_dead(self) -> None:
        """A host with several addresses is reached by any of them."""
        with FaultServer([OK]) as server:
            origin = f"http://api.acme.invalid:{server.port}"
            client = client_of(origin, resolver=lambda *_: ["127.7.7.7", "127.0.0.1"])
            assert client.send(CALL).data == PAGE


@frozen
class Recording:
    """A carrier that answers at once and connects to nobody."""

    requests: list[WireRequest] = field(factory=list)
    needs_address = True

    def send(self, request: WireRequest) -> WireAnswer:
        """Note the request."""
        self.requests.append(request)
        headers = (("content-type", "application/json"), ("content-length", str(len(OK.body))))
        return WireAnswer(status=200, headers=headers, pieces=iter([OK.body]), close=lambda: None)

    def close(self) -> None:
        """Nothing to let go."""


HOST = "api.acme.test"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that the client is told to trust."""
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its file."""
    path = tmp_path_factory.mktemp("trust") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def served_with(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's side of a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def over_tls(context: ssl.SSLContext, ca_bundle: str | None) -> tuple[object, FaultServer]:
    """Send one call to the host over TLS, and give what came of it."""
    with FaultServer([OK], tls=context) as server:
        client = client_of(
            f"https://{HOST}:{server.port}",
            resolver=lambda *_: ["127.0.0.1"],
            ca_bundle=ca_bundle,
            max_attempts=1,
        )
        try:
            return client.send(CALL), server
        except RetryableError as error:
            return error, server
        finally:
            client.close()


class TestTls:
    """A connection that is not safe is none."""

    def test_a_trusted_certificate_is_accepted(self, authority: trustme.CA, bundle: str) -> None:
        """The control: host, time and authority are right."""
        answer, server = over_tls(served_with(authority.issue_cert(HOST)), bundle)
        assert isinstance(answer, Answer)
        assert len(credentialed(server.heard)) == 1

    def test_ssrf_12_an_unknown_authority(self, bundle: str) -> None:
        """Self-signed, as far as we know: nothing is sent."""
        context = served_with(trustme.CA().issue_cert(HOST))
        for ca_bundle in (bundle, None):
            self._refused(*over_tls(context, ca_bundle))

    def test_ssrf_12_an_expired_certificate(self, authority: trustme.CA, bundle: str) -> None:
        """A day late."""
        ended = datetime.now(UTC) - timedelta(days=1)
        leaf = authority.issue_cert(HOST, not_after=ended)
        self._refused(*over_tls(served_with(leaf), bundle))

    def test_ssrf_12_another_host(self, authority: trustme.CA, bundle: str) -> None:
        """The certificate must be for the name, not for the address."""
        for name in ("other.acme.test", "127.0.0.1", "acme.test"):
            self._refused(*over_tls(served_with(authority.issue_cert(name)), bundle))

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
    def test_ssrf_12_an_old_protocol(self, authority: trustme.CA, bundle: str) -> None:
        """TLS 1.1 and older are not spoken."""
        context = served_with(authority.issue_cert(HOST))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        self._refused(*over_tls(context, bundle))

    def test_ssrf_12_checking_cannot_be_turned_off(self) -> None:
        """There is no switch for it: only another authority can be named."""
        names = {attribute.name for attribute in Options.__attrs_attrs__}
        assert not {name for name in names if "verify" in name or "insecure" in name}

    def test_a_missing_authority_file_is_told(self, tmp_path: Path) -> None:
        """A wrong path is the configuration's fault, and named as such."""
        client = client_of("https://127.0.0.1:9", ca_bundle=str(tmp_path / "none.pem"))
        with pytest.raises(Exception, match="ca_bundle cannot be read") as caught:
            client.send(CALL)
        assert type(caught.value).__name__ == "ConfigurationError"

    @staticmethod
    def _refused(outcome: object, server: FaultServer) -> None:
        assert isinstance(outcome, RetryableError)
        assert "No safe connection" in outcome.message
        assert server.heard == []
