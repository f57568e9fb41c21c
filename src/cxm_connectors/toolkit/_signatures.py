"""Whether a webhook's request was really sent by its vendor: one check for every way of signing."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import new
from typing import Literal, TypeAlias

from attrs import field, frozen
from pydantic import SecretStr

from cxm_core.errors import AuthError, UsageError
from cxm_core.plugins import Delivery

from ._signed import MESSAGES, Message, moment_of

Secret: TypeAlias = SecretStr | str

_KEY_PREFIX = "whsec_"


def _lower(name: str) -> str:
    return name.lower()


@frozen
class Signature:
    """How a vendor signs what its webhook sends, and the check of it.

    Parameters
    ----------
    header : str
        Header that holds the signature; capitals do not matter.
    digest : {"sha256", "sha1"}
        Hash function.
    encoding : {"base64", "hex"}
        How the digest is written: padded base64 of the standard alphabet, or lower-case digits.
    message : str
        What is signed: ``body``, ``time+body``, ``id.time.body``, ``v0:time:body``,
        ``method+url+body+time``, ``url+form`` (keyed), or ``secret+body`` and
        ``secret+method+url+body`` (a plain hash of the secret and the rest).
    prefix : str
        What stands before the digest, such as ``sha256=``.
    separator : str
        What stands between several signatures in one header; empty where there is only one.
    key : {"text", "base64"}
        Whether the secret itself is the key, or base64 of it (perhaps behind ``whsec_``).
    time_header, id_header : str or None
        Headers that hold the time of sending and the id of the message, where they are signed.
    time_unit : {"s", "ms", "iso"}
        How the time is written: seconds or milliseconds since 1970, or ISO 8601.
    tolerance_s : int
        How far the time may be from ours, in both directions.

    Examples
    --------
    >>> typeform = Signature("Typeform-Signature", prefix="sha256=")
    >>> delivery = Delivery(
    ...     method="POST",
    ...     url="https://cx.example/hooks/typeform",
    ...     headers={},
    ...     body=b"{}",
    ...     received_at=datetime(2026, 11, 22, tzinfo=UTC),
    ... )
    >>> typeform.sign(delivery, "s3cret")["typeform-signature"][:12]
    'sha256=rb3hz'
    """

    header: str = field(converter=_lower)
    digest: Literal["sha256", "sha1"] = field(default="sha256", kw_only=True)
    encoding: Literal["base64", "hex"] = field(default="base64", kw_only=True)
    message: Message = field(default="body", kw_only=True)
    prefix: str = field(default="", kw_only=True)
    separator: str = field(default="", kw_only=True)
    key: Literal["text", "base64"] = field(default="text", kw_only=True)
    time_header: str | None = field(default=None, kw_only=True)
    id_header: str | None = field(default=None, kw_only=True)
    time_unit: Literal["s", "ms", "iso"] = field(default="s", kw_only=True)
    tolerance_s: int = field(default=300, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.message not in MESSAGES:
            known = ", ".join(MESSAGES)
            raise UsageError("A signature signs an unknown message.", hint=f"one of {known}")
        if "time" in self.message and self.time_header is None:
            raise UsageError("A signature over the time needs the header that holds it.")

    def check(self, delivery: Delivery, secrets: Sequence[Secret], now: datetime) -> None:
        """Return if one of the secrets signed exactly this, and not long ago.

        Parameters
        ----------
        delivery : Delivery
            The request with its raw body.
        secrets : sequence of SecretStr or str
            All that are valid now: two while a secret is exchanged. Empty ones do not count.
        now : datetime
            Our time, aware.

        Raises
        ------
        AuthError
            There is no secret, no signature, a wrong one, or one that is too old or too new.

        Examples
        --------
        >>> signature = Signature("Typeform-Signature", prefix="sha256=")
        >>> at = datetime(2026, 11, 22, tzinfo=UTC)
        >>> url = "https://cx.example/hooks/typeform"
        >>> bare = Delivery(method="POST", url=url, headers={}, body=b"{}", received_at=at)
        >>> signature.check(bare, ["s3cret"], at)
        Traceback (most recent call last):
        cxm_core.errors.AuthError: The delivery has no header 'typeform-signature'...
        """
        keys = self._keys(secrets)
        given = self._given(delivery.headers)
        self._check_time(delivery.headers, now)
        # Every pair is compared, so that the time taken tells nothing about which one fits.
        fits = [
            hmac.compare_digest(self._text(key, message), text)
            for key in keys
            for message in MESSAGES[self.message](delivery, self._stamp(delivery.headers))
            for text in given
        ]
        if not any(fits):
            raise AuthError(
                "The signature of the delivery is not that of its content.",
                hint="compare the secret with the one that the vendor shows for this webhook",
            )

    def sign(self, delivery: Delivery, secret: Secret) -> dict[str, str]:
        """Sign as the vendor does; its simulator needs that, and a test.

        Parameters
        ----------
        delivery : Delivery
            The request; its `received_at` is the time that is signed.
        secret : SecretStr or str
            The secret.

        Returns
        -------
        dict of str to str
            All headers of the delivery and the signature, names in lower case.

        Raises
        ------
        AuthError
            The secret is empty.
        UsageError
            The way of signing does not cover a body of this type.

        Examples
        --------
        >>> slack = Signature(
        ...     "X-Slack-Signature", encoding="hex", message="v0:time:body", prefix="v0=",
        ...     time_header="X-Slack-Request-Timestamp",
        ... )
        >>> at = datetime(2026, 11, 22, tzinfo=UTC)
        >>> bare = Delivery(method="POST", url="", headers={}, body=b"a=1", received_at=at)
        >>> sorted(slack.sign(bare, "s3cret"))
        ['x-slack-request-timestamp', 'x-slack-signature']
        """
        headers = {name.lower(): text for name, text in delivery.headers.items()}
        if self.time_header is not None:
            headers[self.time_header.lower()] = self._written(delivery.received_at)
        key = self._keys([secret])[0]
        messages = MESSAGES[self.message](delivery, self._stamp(headers))
        if not messages:
            raise UsageError(
                "This body cannot be signed so.", hint="put its bodySHA256 into the address"
            )
        headers[self.header] = self.prefix + self._text(key, messages[0]).decode()
        return headers

    def _keys(self, secrets: Sequence[Secret]) -> list[bytes]:
        plain = [s.get_secret_value() if isinstance(s, SecretStr) else s for s in secrets]
        keys = [key for secret in plain if secret.strip() and (key := self._key(secret))]
        if not keys:
            raise AuthError(
                "No secret is configured that could prove who sent the delivery.",
                hint="take the secret from the vendor's webhook settings",
            )
        return keys

    def _key(self, secret: str) -> bytes:
        if self.key == "text":
            return secret.encode()
        try:
            return b64decode(secret.removeprefix(_KEY_PREFIX), validate=True)
        except (NotBase64, ValueError):
            return b""

    def _given(self, headers: Mapping[str, str]) -> list[bytes]:
        value = headers.get(self.header, "")
        if not value:
            raise AuthError(f"The delivery has no header {self.header!r}, so nothing proves it.")
        texts = value.split(self.separator) if self.separator else [value]
        return [
            text.removeprefix(self.prefix).encode(errors="replace")
            for text in texts
            if text.startswith(self.prefix)
        ]

    def _stamp(self, headers: Mapping[str, str]) -> tuple[str, str]:
        return self._header(headers, self.id_header), self._header(headers, self.time_header)

    @staticmethod
    def _header(headers: Mapping[str, str], name: str | None) -> str:
        return "" if name is None else headers.get(name.lower(), "")

    def _check_time(self, headers: Mapping[str, str], now: datetime) -> None:
        if self.time_header is None:
            return
        at = moment_of(self._header(headers, self.time_header), self.time_unit)
        if at is None:
            raise AuthError(f"The header {self.time_header!r} of the delivery holds no time.")
        if abs(now - at) > timedelta(seconds=self.tolerance_s):
            raise AuthError(
                f"The delivery was signed more than {self.tolerance_s} s from our time.",
                hint="set the clock of this machine; a delivery that is sent again is signed anew",
            )

    def _written(self, at: datetime) -> str:
        if self.time_unit == "iso":
            return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return str(int(at.timestamp() * (1000 if self.time_unit == "ms" else 1)))

    def _text(self, key: bytes, message: bytes) -> bytes:
        if self.message.startswith("secret+"):
            digest = new(self.digest, key + message).digest()
        else:
            digest = hmac.digest(key, message, self.digest)
        return b64encode(digest) if self.encoding == "base64" else digest.hex().encode()
