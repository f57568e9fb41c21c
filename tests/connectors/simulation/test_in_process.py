from __future__ import annotations

import pytest

from cxm_connectors.simulation import InProcess, SimRequest, SimResponse
from cxm_core.errors import RetryableError
from cxm_core.plugins import WireRequest


class Vendor:
    """Answers with its own address and what it heard."""

    origin = ""

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer by the path."""
        if request.path == "/cut":
            return SimResponse(body=b"0123456789", cut_at=4)
        heard = [request.target, request.headers.get("authorization"), self.origin]
        return SimResponse.of(heard, headers=[("X-Kind", "Plain")])


def test_a_request_reaches_the_vendor_as_over_a_socket() -> None:
    """Path, query, headers and body arrive; names of headers are in lower case both ways."""
    carrier = InProcess(Vendor(), origin="https://acme.example")
    asked = WireRequest(
        method="GET",
        url="https://acme.example/v1/rows?a=1",
        headers=(("Authorization", "Bearer x"),),
    )
    answer = carrier.send(asked)
    body = b"".join(answer.pieces)
    assert body == b'["/v1/rows?a=1","Bearer x","https://acme.example"]'
    assert ("x-kind", "Plain") in answer.headers
    assert ("content-length", str(len(body))) in answer.headers
    assert [exchange.status for exchange in carrier.log] == [200]


def test_a_cut_answer_raises_while_it_is_read() -> None:
    """What came is given, then the break is told as retryable, as a real carrier does."""
    carrier = InProcess(Vendor())
    answer = carrier.send(WireRequest(method="GET", url=carrier.origin + "/cut"))
    assert next(answer.pieces) == b"0123"
    with pytest.raises(RetryableError):
        next(answer.pieces)


def test_any_host_resolves_to_one_public_address() -> None:
    """No name is looked up."""
    assert len(InProcess(Vendor()).resolve("acme.example", 443)) == 1
