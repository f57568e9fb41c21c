"""What a vendor is answered."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Ack:
    """What a vendor is answered.

    Attributes
    ----------
    status : int
        200: safe on the disk, or not ours to keep. 401: not verified, so nothing was kept. 411: it
        came in pieces, and the WSGI server does not say where they end. 413: too long. 500: a fault
        of ours. 503: cannot be kept for now; the vendor sends it again.
    headers : mapping of str to str
        Names in lower case.
    body : bytes
        Empty but for the answer to a challenge.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)
