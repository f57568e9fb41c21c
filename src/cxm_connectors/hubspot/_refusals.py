"""How a simulated HubSpot account refuses, and how its answers go wrong on their way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from attrs import evolve

from cxm_connectors.simulation import SimResponse

#: One request of so many goes wrong in this way; primes, so that no two of them always meet.
EVERY: Mapping[str, int] = {"throttled": 7, "failing": 11, "truncated": 13, "broken_off": 17}


def correlation(asked: int) -> str:
    """What the vendor calls a request."""
    return f"simulated-{asked:08d}"


def page_of_html(status: int) -> SimResponse:
    """Refuse in HTML, as the vendor's front does (recorded for an unknown path)."""
    body = f"<html><body><h1>Error {status}</h1></body></html>".encode()
    head = ("content-type", "text/html;charset=iso-8859-1")
    return SimResponse(status=status, headers=(head,), body=body)


def refusal(
    status: int, category: str, *, asked: int = 0, scopes: Collection[str] = ()
) -> SimResponse:
    """Refuse in JSON, with the reason and the scopes that are missing."""
    data = {
        "status": "error",
        "message": "The request was refused.",
        "correlationId": correlation(asked),
        "category": category,
    }
    missing = {"errors": [{"context": {"requiredGranularScopes": list(scopes)}}]} if scopes else {}
    headers = (("X-HubSpot-Correlation-Id", correlation(asked)),)
    return SimResponse.of({**data, **missing}, status=status, headers=headers)


def instead(upset: str, asked: int) -> SimResponse | None:
    """What is answered in place of what was asked for."""
    if upset == "failing":
        return page_of_html(500 if asked % 2 else 502)
    if upset != "throttled":
        return None
    # HubSpot developer docs, Usage guidelines, seen 2026-11: 429 names the policy. Two answers of
    # three do not say how long to wait (airbyte's and tap-hubspot's handling of it).
    body = {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": correlation(asked),
        "policyName": "SECONDLY",
    }
    headers = (("Retry-After", "1"),) if asked % 3 == 0 else ()
    return SimResponse.of(body, status=429, headers=headers)


def spoiled(upset: str, answer: SimResponse) -> SimResponse:
    """What becomes of an answer on its way."""
    return _SPOILS.get(upset, _unspoiled)(answer)


def _unspoiled(answer: SimResponse) -> SimResponse:
    return answer


def _truncated(answer: SimResponse) -> SimResponse:
    return evolve(answer, body=answer.body[: len(answer.body) // 2])


def _broken_off(answer: SimResponse) -> SimResponse:
    return evolve(answer, cut_at=len(answer.body) // 2)


_SPOILS: Mapping[str, Callable[[SimResponse], SimResponse]] = {
    "truncated": _truncated,
    "broken_off": _broken_off,
}
