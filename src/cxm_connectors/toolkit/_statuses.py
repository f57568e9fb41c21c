"""What a status means for the caller: nothing to do, another try, or a person's turn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from cxm_core.errors import (
    AuthError,
    FatalError,
    NotFound,
    PermissionDenied,
    RetryableError,
    SourceError,
)
from cxm_core.plugins import WireAnswer

from ._calls import Call
from ._origins import Target

#: Any, since a call cannot tell that no fact is named as the error's own `hint` is.
Facts: TypeAlias = dict[str, Any]
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 499: a proxy of the source gave up (nginx), seen at Typeform by Airbyte's connector, 2026-11.
_AGAIN = frozenset({408, 425, 429, 499})
_GONE = frozenset({404, 410})
_ID = re.compile(r"\A[A-Za-z0-9._:+=/-]{1,100}\Z")
# Zendesk, HubSpot, Typeform, Amazon and Cloudflare name a request so; each vendor's docs, 2026-11.
_ID_HEADERS = (
    "x-request-id",
    "x-zendesk-request-id",
    "x-hubspot-correlation-id",
    "request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "cf-ray",
)


def request_id(headers: Mapping[str, str]) -> str | None:
    """What the vendor calls this request, if that is a plain word."""
    told = (headers[name] for name in _ID_HEADERS if name in headers)
    return next((text for text in told if _ID.match(text)), None)


def refusal(wire: WireAnswer, call: Call, target: Target) -> SourceError:
    """Tell what an answer that is none means; a `RetryableError` may be tried again."""
    status, headers = wire.status, dict(wire.headers)
    facts: Facts = {
        "status": status,
        "method": call.method,
        "request_id": request_id(headers),
    }
    shown = f"{call.method} {target.shown}"
    if status in _AGAIN or status >= 500 or (status == 403 and "retry-after" in headers):
        return RetryableError(f"{shown} was refused for now (status {status}).", **facts)
    return _for_good(shown, facts, headers)


def _for_good(shown: str, facts: Facts, headers: Mapping[str, str]) -> SourceError:
    status = facts["status"]
    if status == 401:
        return AuthError(f"{shown} does not accept the credentials (status 401).", **facts)
    if status == 403:
        facts["scopes"] = _scopes(headers)
        hint = "give the credentials the scope that this stream needs, or leave the stream out"
        return PermissionDenied(f"{shown} is not permitted (status 403).", hint=hint, **facts)
    if status in _GONE:
        return NotFound(f"{shown} does not exist (status {status}).", **facts)
    return FatalError(f"{shown} was refused (status {status}).", **facts)


def _scopes(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Scopes that the refusal names (RFC 6750, section 3)."""
    told = re.search(r'\bscope="([A-Za-z0-9:._ /-]{1,400})"', headers.get("www-authenticate", ""))
    return tuple(told.group(1).split()) if told else ()
