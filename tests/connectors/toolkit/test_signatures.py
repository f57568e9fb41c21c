"""Webhook signatures of seven vendors and more: published vectors, fourteen ways to break each."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from cxm_connectors.toolkit import Signature
from cxm_core.errors import AuthError, UsageError
from cxm_core.plugins import Delivery

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = "s3cr\u00e9t-of-this-webhook"  # noqa: S105  (signs test vectors only)
FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}

ZENDESK = Signature(
    "X-Zendesk-Webhook-Signature",
    message="time+body",
    time_header="X-Zendesk-Webhook-Signature-Timestamp",
    time_unit="iso",
)
HUBSPOT = Signature(
    "X-HubSpot-Signature-v3",
    message="method+url+body+time",
    time_header="X-HubSpot-Request-Timestamp",
    time_unit="ms",
)
HUBSPOT_V1 = Signature("X-HubSpot-Signature", encoding="hex", message="secret+body")
HUBSPOT_V2 = Signature("X-HubSpot-Signature", encoding="hex", message="secret+method+url+body")
TYPEFORM = Signature("Typeform-Signature", prefix="sha256=")
META = Signature("X-Hub-Signature-256", encoding="hex", prefix="sha256=")
INTERCOM = Signature("X-Hub-Signature", digest="sha1", encoding="hex", prefix="sha1=")
TWILIO = Signature("X-Twilio-Signature", digest="sha1", message="url+form")
STANDARD = Signature(
    "webhook-signature",
    message="id.time.body",
    prefix="v1,",
    separator=" ",
    key="base64",
    time_header="webhook-timestamp",
    id_header="webhook-id",
)
SLACK = Signature(
    "X-Slack-Signature",
    encoding="hex",
    message="v0:time:body",
    prefix="v0=",
    time_header="X-Slack-Request-Timestamp",
)


def sent(
    body: bytes,
    *,
    method: str = "POST",
    url: str = "https://cx.example/hooks/vendor",
    at: datetime = NOW,
    **headers: str,
) -> Delivery:
    """A delivery with these headers; underscores stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Delivery(method=method, url=url, headers=named, body=body, received_at=at)


@frozen
class Vector:
    """A delivery, the secret, and the moment at which it is good."""

    signature: Signature
    delivery: Delivery
    secret: str
    now: datetime = NOW


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


UUIDS = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
EXAMPLE = "https://www.example.com/webhook_uri"
QUOTED = b"{'example_field':'example_value'}"
TWILIO_BODY = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
    b"&To=%2B18005551212"
)
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)

# Vectors that the vendors published themselves; the Meta scheme is GitHub's, whose vector it is.
PUBLISHED: Mapping[str, Vector] = {
    # HubSpot's Python client, tests/spec/utils/test_signature.py.
    "hubspot-v3": Vector(
        HUBSPOT,
        sent(
            QUOTED,
            url=EXAMPLE,
            x_hubspot_signature_v3="HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
            x_hubspot_request_timestamp="15000000",
        ),
        UUIDS,
        _utc(15_000),
    ),
    "hubspot-v2": Vector(
        HUBSPOT_V2,
        sent(
            QUOTED,
            url=EXAMPLE,
            x_hubspot_signature="4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383",
        ),
        UUIDS,
    ),
    "hubspot-v1": Vector(
        HUBSPOT_V1,
        sent(
            QUOTED,
            x_hubspot_signature="69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750",
        ),
        UUIDS,
    ),
    # GitHub docs, Validating webhook deliveries.
    "meta": Vector(
        META,
        sent(
            b"Hello, World!",
            x_hub_signature_256="sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        "It's a Secret to Everybody",
    ),
    # Twilio docs, Webhooks security, and the tests of its clients.
    "twilio": Vector(
        TWILIO,
        sent(
            TWILIO_BODY,
            url="https://mycompany.com/myapp.php?foo=1&bar=2",
            x_twilio_signature="RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            **FORM,
        ),
        "12345",
    ),
    # Standard Webhooks, reference libraries.
    "standard": Vector(
        STANDARD,
        sent(
            b'{"test": 2432232314}',
            webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            webhook_timestamp="1614265330",
            webhook_signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        _utc(1_614_265_330),
    ),
    # Slack docs, Verifying requests.
    "slack": Vector(
        SLACK,
        sent(
            SLACK_BODY,
            x_slack_request_timestamp="1531420618",
            x_slack_signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ),
        "8f742231b10e8888abcd99yyyzzz85a5",
        _utc(1_531_420_618),
    ),
}

BODY = '{"id":"17","words":"sehr gut \u2728"}'.encode()
STANDARD_SECRET = "whsec_" + b64encode(SECRET.encode()).decode()


def _made(digest: str, message: bytes) -> bytes:
    return hmac.new(SECRET.encode(), message, digest).digest()


def _b64(digest: bytes) -> str:
    return b64encode(digest).decode()


def _signed_by_hand() -> dict[str, Vector]:
    """The seven vendors of HOOK-01 over one body, signed here from the vendors' own words."""
    stamp, seconds = "2026-11-22T09:00:00Z", str(int(NOW.timestamp()))
    url = "https://cx.example/hooks/vendor"
    form = b"Body=sehr+gut+%E2%9C%A8&From=%2B4930901820&MessageSid=SM17"
    fields = "Bodysehr gut \u2728From+4930901820MessageSidSM17"
    return {
        "zendesk": Vector(
            ZENDESK,
            sent(
                BODY,
                x_zendesk_webhook_signature=_b64(_made("sha256", stamp.encode() + BODY)),
                x_zendesk_webhook_signature_timestamp=stamp,
            ),
            SECRET,
        ),
        "hubspot": Vector(
            HUBSPOT,
            sent(
                BODY,
                x_hubspot_signature_v3=_b64(
                    _made("sha256", b"POST" + url.encode() + BODY + f"{seconds}000".encode())
                ),
                x_hubspot_request_timestamp=f"{seconds}000",
            ),
            SECRET,
        ),
        "typeform": Vector(
            TYPEFORM,
            sent(BODY, typeform_signature="sha256=" + _b64(_made("sha256", BODY))),
            SECRET,
        ),
        "meta": Vector(
            META,
            sent(BODY, x_hub_signature_256="sha256=" + _made("sha256", BODY).hex()),
            SECRET,
        ),
        "intercom": Vector(
            INTERCOM,
            sent(BODY, x_hub_signature="sha1=" + _made("sha1", BODY).hex()),
            SECRET,
        ),
        "twilio": Vector(
            TWILIO,
            sent(form, x_twilio_signature=_b64(_made("sha1", (url + fields).encode())), **FORM),
            SECRET,
        ),
        "standard": Vector(
            STANDARD,
            sent(
                BODY,
                webhook_id="msg_17",
                webhook_timestamp=seconds,
                webhook_signature="v1,"
                + _b64(_made("sha256", f"msg_17.{seconds}.".encode() + BODY)),
            ),
            STANDARD_SECRET,
        ),
    }


VENDORS = _signed_by_hand()


def check(
    vector: Vector, *, delivery: Delivery | None = None, secrets: list[str] | None = None
) -> None:
    """Check a vector, or what was made of it."""
    chosen = [vector.secret] if secrets is None else secrets
    vector.signature.check(delivery or vector.delivery, chosen, vector.now)


def with_header(vector: Vector, change: Callable[[str], str | None]) -> Delivery:
    """The delivery with another signature header, or with none."""
    headers = dict(vector.delivery.headers)
    text = change(headers.pop(vector.signature.header))
    headers |= {} if text is None else {vector.signature.header: text}
    return evolve(vector.delivery, headers=headers)


def with_body(vector: Vector, change: Callable[[bytes], bytes]) -> Delivery:
    """The delivery with another body."""
    return evolve(vector.delivery, body=change(vector.delivery.body))


def digest_of(vector: Vector, text: str) -> bytes:
    """The digest that a header holds."""
    bare = text.removeprefix(vector.signature.prefix)
    return b64decode(bare) if vector.signature.encoding == "base64" else bytes.fromhex(bare)


def _flipped(raw: bytes) -> bytes:
    return bytes([raw[0] ^ 1]) + raw[1:]


def _rewritten(vector: Vector, make: Callable[[bytes], str]) -> Delivery:
    prefix = vector.signature.prefix
    return with_header(vector, lambda text: prefix + make(digest_of(vector, text)))


def _other_encoding(vector: Vector) -> Delivery:
    is_base64 = vector.signature.encoding == "base64"
    return _rewritten(vector, bytes.hex if is_base64 else _b64)


def _other_digest(vector: Vector) -> Delivery:
    other = "sha1" if vector.signature.digest == "sha256" else "sha256"
    weaker = evolve(vector.signature, digest=other)
    headers = weaker.sign(vector.delivery, vector.secret)
    return evolve(vector.delivery, headers=headers)


def _same_encoding(vector: Vector, raw: bytes) -> str:
    return _b64(raw) if vector.signature.encoding == "base64" else raw.hex()


MUTATIONS: Mapping[str, Callable[[Vector], Delivery]] = {
    "bit of the body": lambda v: with_body(v, lambda body: body[:5] + _flipped(body[5:])),
    "body cut": lambda v: with_body(v, lambda body: body[:-1]),
    "body longer": lambda v: with_body(v, lambda body: body + b"0"),
    "body of another": lambda v: with_body(v, lambda body: body.replace(b"17", b"18")),
    "body empty": lambda v: with_body(v, lambda body: b""),
    "no header": lambda v: with_header(v, lambda text: None),
    "empty header": lambda v: with_header(v, lambda text: ""),
    "other scheme": lambda v: with_header(
        v, lambda text: "v9=" + text.removeprefix(v.signature.prefix)
    ),
    "other encoding": _other_encoding,
    "other digest": _other_digest,
    "bit of the signature": lambda v: _rewritten(v, lambda raw: _same_encoding(v, _flipped(raw))),
    "half a signature": lambda v: _rewritten(
        v, lambda raw: _same_encoding(v, raw[: len(raw) // 2])
    ),
    "a strange character": lambda v: with_header(
        v, lambda text: text[:-6] + "\n\u00e9" + text[-6:]
    ),
    "nothing but the scheme": lambda v: with_header(v, lambda text: v.signature.prefix or "="),
}


class TestVectors:
    """What vendors sign is accepted."""

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_hook_01_published_vectors_are_accepted(self, name: str) -> None:
        """A vector that the vendor published is good at its own time."""
        check(PUBLISHED[name])

    @pytest.mark.parametrize("name", VENDORS)
    def test_hook_01_each_vendor_is_accepted(self, name: str) -> None:
        """A delivery that was signed as the documents say is good, with a SecretStr too."""
        vector = VENDORS[name]
        check(vector)
        vector.signature.check(vector.delivery, [SecretStr(vector.secret)], vector.now)

    @pytest.mark.parametrize("name", VENDORS)
    def test_what_we_sign_is_what_the_vendor_signs(self, name: str) -> None:
        """`sign` gives the very headers that were made by hand."""
        vector = VENDORS[name]
        names = [vector.signature.header, (vector.signature.time_header or "").lower()]
        bare = {k: v for k, v in vector.delivery.headers.items() if k not in names}
        signed = vector.signature.sign(evolve(vector.delivery, headers=bare), vector.secret)
        assert signed == vector.delivery.headers

    def test_several_signatures_stand_in_one_header(self) -> None:
        """Of several signatures of Standard Webhooks one must be good, and a `v1a` is none."""
        vector = VENDORS["standard"]
        good = vector.delivery.headers["webhook-signature"]
        check(vector, delivery=with_header(vector, lambda text: f"v1,AAAA {good} v1a,BBBB"))
        with pytest.raises(AuthError):
            check(vector, delivery=with_header(vector, lambda text: text.replace("v1,", "v1a,")))


class TestRefusals:
    """Whatever is not exactly what was signed is refused, and so is all without a secret."""

    @pytest.mark.parametrize("mutation", MUTATIONS)
    @pytest.mark.parametrize("name", VENDORS)
    def test_hook_02_hook_03_fourteen_mutations_of_seven_vendors(
        self, name: str, mutation: str
    ) -> None:
        """Each of fourteen changes of body or signature is refused for each of seven vendors."""
        vector = VENDORS[name]
        with pytest.raises(AuthError) as caught:
            check(vector, delivery=MUTATIONS[mutation](vector))
        told = str(caught.value) + repr(caught.value.context)
        assert vector.secret not in told
        assert "sehr gut" not in told

    @pytest.mark.parametrize("name", [n for n in VENDORS if n != "twilio"])
    @given(st.data())
    @settings(max_examples=20)
    def test_hook_02_any_bit_of_the_body_counts(self, name: str, data: st.DataObject) -> None:
        """Whichever bit of the body is flipped, the delivery is refused."""
        vector = VENDORS[name]
        body = bytearray(vector.delivery.body)
        at = data.draw(st.integers(0, len(body) * 8 - 1))
        body[at // 8] ^= 1 << at % 8
        with pytest.raises(AuthError):
            check(vector, delivery=evolve(vector.delivery, body=bytes(body)))

    @pytest.mark.parametrize("secrets", [[], [""], [" \t"], ["other"], ["", "other"]])
    @pytest.mark.parametrize("name", VENDORS)
    def test_hook_03_without_the_secret_nothing_is_accepted(
        self, name: str, secrets: list[str]
    ) -> None:
        """No secret, an empty one or another one refuses what would be good."""
        with pytest.raises(AuthError):
            check(VENDORS[name], secrets=secrets)

    def test_hook_03_an_empty_key_signs_nothing(self) -> None:
        """A signature made with the empty key is refused where the secret is empty."""
        empty = _b64(hmac.new(b"", BODY, "sha256").digest())
        with pytest.raises(AuthError, match="No secret"):
            TYPEFORM.check(sent(BODY, typeform_signature=f"sha256={empty}"), [""], NOW)

    @pytest.mark.parametrize("name", ["zendesk", "hubspot", "standard"])
    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_hook_04_five_minutes_and_a_second_are_refused(self, name: str, seconds: int) -> None:
        """A time 301 s before or after ours is refused, 300 s are not."""
        vector = VENDORS[name]
        within = seconds - 1 if seconds > 0 else seconds + 1
        check(evolve(vector, now=NOW + timedelta(seconds=within)))
        with pytest.raises(AuthError, match="300 s"):
            check(evolve(vector, now=NOW + timedelta(seconds=seconds)))

    @pytest.mark.parametrize(
        "text", ["", "soon", "-5", "1e9", "9" * 40, "\u0661\u0662", "2026-11-22"]
    )
    @pytest.mark.parametrize("name", ["zendesk", "hubspot", "standard"])
    def test_hook_04_no_time_is_refused(self, name: str, text: str) -> None:
        """A time header that holds no aware time refuses the delivery."""
        vector = VENDORS[name]
        header = str(vector.signature.time_header).lower()
        with pytest.raises(AuthError):
            check(
                vector,
                delivery=evolve(vector.delivery, headers={**vector.delivery.headers, header: text}),
            )

    def test_another_time_is_not_what_was_signed(self) -> None:
        """A fresh time written over an old one does not fit the signature."""
        vector = VENDORS["zendesk"]
        later = NOW + timedelta(hours=1)
        fresh = {"x-zendesk-webhook-signature-timestamp": "2026-11-22T10:00:00Z"}
        headers = {**vector.delivery.headers, **fresh}
        with pytest.raises(AuthError, match="not that of its content"):
            check(evolve(vector, now=later), delivery=evolve(vector.delivery, headers=headers))


class TestAddresses:
    """Where the address is signed, the ways in which it may be written are known."""

    def test_hook_09_hubspot_signs_a_decoded_address(self) -> None:
        """The twelve codes of HubSpot's table are decoded, all others are left; raw is good too."""
        raw = "https://cx.example/h?to=https%3a%2F%2Fcx.example%2Fa%3Fb&q=a%20b%26c&m=a%40b.example"
        decoded = "https://cx.example/h?to=https://cx.example/a?b&q=a%20b%26c&m=a@b.example"
        for signed in (raw, decoded):
            message = b"POST" + signed.encode() + BODY + b"1795338000000"
            delivery = sent(
                BODY,
                url=raw,
                x_hubspot_signature_v3=_b64(_made("sha256", message)),
                x_hubspot_request_timestamp="1795338000000",
            )
            HUBSPOT.check(delivery, [SECRET], _utc(1_795_338_000))

    def test_another_address_or_method_is_refused(self) -> None:
        """HubSpot's signature holds for one method and one address."""
        vector = VENDORS["hubspot"]
        for change in ({"method": "PUT"}, {"url": "http://cx.example/hooks/vendor"}):
            with pytest.raises(AuthError):
                check(vector, delivery=evolve(vector.delivery, **change))

    @pytest.mark.parametrize("signed", ["https://cx.example/v", "https://cx.example:443/v"])
    @pytest.mark.parametrize("called", ["https://cx.example/v", "https://cx.example:443/v"])
    def test_twilio_signs_with_or_without_the_port(self, signed: str, called: str) -> None:
        """The default port may stand in the signed address or not."""
        text = _b64(_made("sha1", (signed + "a1").encode()))
        TWILIO.check(sent(b"a=1", url=called, x_twilio_signature=text, **FORM), [SECRET], NOW)

    def test_twilio_json_is_covered_by_its_hash(self) -> None:
        """A JSON body counts only if its hash stands in the signed address."""
        url = f"https://cx.example/v?bodySHA256={sha256(BODY).hexdigest()}"
        text = _b64(_made("sha1", url.encode()))
        good = sent(BODY, url=url, x_twilio_signature=text, content_type="application/json")
        TWILIO.check(good, [SECRET], NOW)
        with pytest.raises(AuthError):
            TWILIO.check(evolve(good, body=BODY + b" "), [SECRET], NOW)
        bare = "https://cx.example/v"
        uncovered = sent(BODY, url=bare, x_twilio_signature=_b64(_made("sha1", bare.encode())))
        with pytest.raises(AuthError):
            TWILIO.check(uncovered, [SECRET], NOW)

    @pytest.mark.parametrize("url", ["http://[", "", "nonsense", "https://cx.example:x/"])
    def test_no_address_is_no_crash(self, url: str) -> None:
        """An address that is none refuses the delivery."""
        vector = VENDORS["twilio"]
        with pytest.raises(AuthError):
            check(vector, delivery=evolve(vector.delivery, url=url))


class TestBodiesAndSecrets:
    """Empty bodies and the exchange of a secret."""

    def test_hook_13_an_empty_body_is_signed_too(self) -> None:
        """Zendesk's GET has no body: its time alone is signed."""
        stamp = "2026-11-22T09:00:00Z"
        text = _b64(_made("sha256", stamp.encode()))
        good = sent(
            b"",
            method="GET",
            x_zendesk_webhook_signature=text,
            x_zendesk_webhook_signature_timestamp=stamp,
        )
        ZENDESK.check(good, [SECRET], NOW)
        with pytest.raises(AuthError):
            ZENDESK.check(evolve(good, body=b"{}"), [SECRET], NOW)

    @pytest.mark.parametrize("name", VENDORS)
    def test_hook_14_two_secrets_are_valid_while_they_are_exchanged(self, name: str) -> None:
        """The old and the new secret are both good, in any order; after that the old one is not."""
        vector = VENDORS[name]
        new = "whsec_" + b64encode(b"the new one").decode()
        check(vector, secrets=[new, vector.secret])
        check(vector, secrets=[vector.secret, new])
        with pytest.raises(AuthError):
            check(vector, secrets=[new])


class TestDeclarations:
    """A way of signing that cannot be is refused when it is declared."""

    def test_unknown_message_is_refused(self) -> None:
        """An unknown message, or a signed time without its header, is the programmer's error."""
        with pytest.raises(UsageError, match="unknown message"):
            Signature("X-S", message="body+time")  # type: ignore[arg-type]  # wrong on purpose
        with pytest.raises(UsageError, match="needs the header"):
            Signature("X-S", message="time+body")

    def test_a_body_that_is_not_covered_is_not_signed(self) -> None:
        """Twilio's way does not sign JSON without a hash in the address."""
        with pytest.raises(UsageError, match="cannot be signed"):
            TWILIO.sign(sent(BODY), SECRET)
