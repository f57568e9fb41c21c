"""What a redirect asks for: followed by us, one by one, within the declared origins."""

from __future__ import annotations

from attrs import evolve

from cxm_core.errors import FatalError

from ._calls import Call
from ._origins import Target

_KEEPS_METHOD = frozenset({307, 308})
_READS = frozenset({"GET", "HEAD"})


def redirected(call: Call, status: int, target: Target) -> Call | FatalError:
    """Give the call as it goes on elsewhere, or why it cannot.

    A call that sends something is not sent as another one: 301 and 302 leave open which it is.
    """
    if status in _KEEPS_METHOD or call.method in _READS:
        return call
    if status == 303:
        return evolve(call, method="GET", json=None, form=None)
    return FatalError(
        f"{call.method} {target.shown} is redirected (status {status}) without saying how.",
        status=status,
        method=call.method,
        request_id=None,
    )
