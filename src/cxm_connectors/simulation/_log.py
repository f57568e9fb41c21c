"""What a simulated vendor was asked, and how it answered."""

from __future__ import annotations

from attrs import field, frozen

from ._wire import SimRequest, SimResponse


@frozen(kw_only=True)
class Exchange:
    """One request and the outline of its answer; bodies of answers are not kept.

    Parameters
    ----------
    request : SimRequest
        What was asked.
    status : int
        Status code of the answer.
    size : int
        Bytes of the answer's body.
    is_whole : bool
        The connection was not broken within it.
    """

    request: SimRequest = field(repr=False)
    status: int
    size: int
    is_whole: bool = True

    @classmethod
    def of(cls, request: SimRequest, response: SimResponse) -> Exchange:
        """Outline an exchange."""
        return cls(
            request=request,
            status=response.status,
            size=len(response.body),
            is_whole=response.cut_at is None,
        )
