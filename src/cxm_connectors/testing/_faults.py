"""What can happen to an answer on its way: each fault by its name, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import RetryableError

from ._pages import data_of, leaves, rows_in, with_data

_JSON = ("content-type", "application/json")
_HTML = ("content-type", "text/html")
_LATE_S = 60.0


@frozen(kw_only=True)
class Moment:
    """When something happens to an answer, and what was answered before.

    Parameters
    ----------
    now : datetime
        Present instant, aware.
    sleep : callable
        Lets seconds pass.
    before : SimResponse or None
        Last answer that came as it was.
    """

    now: datetime
    sleep: Callable[[float], object] = field(default=lambda _: None, repr=False)
    before: SimResponse | None = field(default=None, repr=False)


Spoil: TypeAlias = Callable[[SimResponse, Moment], SimResponse]


def _limited(**told: str) -> Spoil:
    def spoil(answer: SimResponse, moment: Moment) -> SimResponse:
        del answer
        date = format_datetime(moment.now + timedelta(seconds=3), usegmt=True)
        head = tuple((name.replace("_", "-"), text or date) for name, text in told.items())
        return SimResponse(status=429, headers=(_JSON, *head), body=b"{}")

    return spoil


def _instead(answer: SimResponse) -> Spoil:
    return lambda _answer, _moment: answer


def _refused(answer: SimResponse, moment: Moment) -> SimResponse:
    del answer, moment
    raise RetryableError("The connection was refused.")


def _slow(answer: SimResponse, moment: Moment) -> SimResponse:
    """A body that drips: what carries requests gives up at its deadline."""
    del answer
    moment.sleep(_LATE_S)
    raise RetryableError("The whole answer was not there in time.")


def _cut(answer: SimResponse, moment: Moment) -> SimResponse:
    del moment
    return evolve(answer, cut_at=len(answer.body) // 2)


def _half(answer: SimResponse, moment: Moment) -> SimResponse:
    del moment
    return SimResponse(headers=(_JSON,), body=b"[" + answer.body[: len(answer.body) // 2])


def _rows_again(answer: SimResponse, moment: Moment) -> SimResponse:
    """A page that begins with the rows of the page before."""
    data = data_of(answer)
    rows = rows_in(data)
    before = [] if moment.before is None else rows_in(data_of(moment.before))
    if not rows or not before:
        return answer
    rows[:0] = before
    return with_data(answer, data)


def _ties(answer: SimResponse, moment: Moment) -> SimResponse:
    """Stamps that tell no seconds, so that many rows have the same."""
    del moment
    data = data_of(answer)
    for leaf in [*leaves(data)] if isinstance(data, dict | list) else []:
        at = _instant(leaf.value)
        if at is not None:
            leaf.home[leaf.key] = at.replace(second=0, microsecond=0).isoformat()
    return with_data(answer, data)


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


_HTML_BODY = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"

#: After each of these the same request can be sent again, and nothing may be lost.
PASSING: Mapping[str, Spoil] = MappingProxyType(
    {
        "429 in seconds": _limited(retry_after="2"),
        "429 at a date": _limited(retry_after=""),
        "429 without a word": _limited(),
        "429 by a reset": _limited(ratelimit_remaining="0", ratelimit_reset="2"),
        "503": _instead(SimResponse(status=503)),
        "refused": _refused,
        "slow": _slow,
        "cut": _cut,
        "half": _half,
        "page for people": _instead(SimResponse(headers=(_HTML,), body=_HTML_BODY)),
        "nothing": _instead(SimResponse(status=204)),
    }
)
#: These change what is served, and have to be asked for.
LASTING: Mapping[str, Spoil] = MappingProxyType({"rows again": _rows_again, "ties": _ties})
