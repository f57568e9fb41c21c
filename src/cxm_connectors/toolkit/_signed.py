"""What vendors sign of a request; a message that could be meant in two ways has two forms."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

from cxm_core.plugins import Delivery

Message = Literal[
    "body",
    "time+body",
    "id.time.body",
    "v0:time:body",
    "method+url+body+time",
    "url+form",
    "secret+body",
    "secret+method+url+body",
]
Stamp: TypeAlias = tuple[str, str]
_Made: TypeAlias = Callable[[Delivery, Stamp], list[bytes]]

# HubSpot developer docs, Request validation, seen 2026-11: these are decoded, all others are not.
# Its own clients sign the address as it stands, so both readings are tried.
_DECODED = {f"%{ord(character):02X}": character for character in ":/?@!$'()*,;"}
_CODED = re.compile("|".join(_DECODED), re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,15}")
_PORTS = {"https": 443, "http": 80}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM_TYPE = "application/x-www-form-urlencoded"


def moment_of(text: str, unit: str) -> datetime | None:
    """Time that a header holds; None if it holds none."""
    try:
        if unit == "iso":
            at = datetime.fromisoformat(text)
            return at if at.tzinfo is not None else None
        if _DIGITS.fullmatch(text) is None:
            return None
        return _EPOCH + timedelta(**{"milliseconds" if unit == "ms" else "seconds": int(text)})
    except (ValueError, OverflowError):
        return None


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")


def _address_forms(delivery: Delivery) -> list[str]:
    decoded = _CODED.sub(lambda found: _DECODED[found[0].upper()], delivery.url)
    return [delivery.url] if decoded == delivery.url else [delivery.url, decoded]


def _with_time(delivery: Delivery, stamp: Stamp) -> list[bytes]:
    _, time = stamp
    return [
        _bytes(delivery.method + url) + delivery.body + _bytes(time)
        for url in _address_forms(delivery)
    ]


def _with_address(delivery: Delivery, stamp: Stamp) -> list[bytes]:
    del stamp
    return [_bytes(delivery.method + url) + delivery.body for url in _address_forms(delivery)]


def _form(delivery: Delivery, stamp: Stamp) -> list[bytes]:
    # Twilio docs, Webhooks security, seen 2026-11: a form's fields are signed; of any other body
    # its hash, which stands in the address.
    del stamp
    try:
        fields, urls = _fields(delivery), _with_and_without_port(delivery.url)
    except ValueError:  # no address, such as one with half a bracket
        return []
    return [] if fields is None else [_bytes(url + fields) for url in urls]


def _fields(delivery: Delivery) -> str | None:
    if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM_TYPE:
        return _sorted_fields(delivery.body)
    stated = parse_qs(urlsplit(delivery.url).query).get("bodySHA256", [""])[-1]
    actual = sha256(delivery.body).hexdigest()
    is_covered = hmac.compare_digest(_bytes(stated.lower()), actual.encode())
    return "" if is_covered or not (stated or delivery.body) else None


def _sorted_fields(body: bytes) -> str:
    values = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return "".join(name + text for name in sorted(values) for text in sorted(set(values[name])))


def _with_and_without_port(url: str) -> list[str]:
    parts = urlsplit(url)
    start, host = f"{parts.scheme}://", parts.netloc
    name, _, digits = host.rpartition(":")
    bare = name if digits.isdecimal() and name else host
    rest = url[len(start + host) :]
    forms = [host, bare, f"{bare}:{_PORTS.get(parts.scheme, 443)}"]
    return [start + form + rest for form in dict.fromkeys(forms)]


MESSAGES: Mapping[str, _Made] = {
    "body": lambda delivery, _: [delivery.body],
    "time+body": lambda delivery, stamp: [_bytes(stamp[1]) + delivery.body],
    "id.time.body": lambda delivery, stamp: [_bytes(f"{stamp[0]}.{stamp[1]}.") + delivery.body],
    "v0:time:body": lambda delivery, stamp: [_bytes(f"v0:{stamp[1]}:") + delivery.body],
    "method+url+body+time": _with_time,
    "url+form": _form,
    "secret+body": lambda delivery, _: [delivery.body],
    "secret+method+url+body": _with_address,
}
