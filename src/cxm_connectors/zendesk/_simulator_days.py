"""Odd days of the simulated vendor: when it is busy, broken, or counts calls.

Sources stand beside each; recorded answers of 2021 to 2025 in the test suites of public clients,
where said so.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from cxm_connectors.simulation import SimRequest, SimResponse
from cxm_core.errors import UsageError, did_you_mean

QUIRKS: Final = {
    "busy": "every fourth call is one too many; `Retry-After` in seconds",
    "busy_date": "the same; `Retry-After` as a date",
    "busy_bare": "the same, without a word on when to come back",
    "broken": "every fifth call meets a page of HTML for people (503)",
    "cut": "every fifth answer breaks off in the middle",
    "timeouts": "every other call for audits takes too long (504)",
    "limits": "ten time exports and twenty cursor exports a minute, as documented",
    "empty_pages": "each second page of a cursor export is empty",
    "foreign_links": "links name a host of the vendor's own workings",
    "inclusive_ends": "time exports serve the last second of a page once more",
    "stalled_second": "time exports part a second, and never get beyond it",
    "bulk_update": "all tickets changed in one and the same second",
    "reworded": "the survey is worded and labelled anew in the middle of its history",
    "new_fields": "rows have a field that is not documented",
    "ids_as_text": "ids come as texts",
}
_WINDOW_S: Final = 60
_LIMITS: Final = {
    # Recorded headers, and docs, Incremental exports, Rate limits, seen 2026-11.
    "incremental-exports-cursor": (re.compile(r"/incremental/\w+/cursor"), 20),
    "incremental-exports": (re.compile(r"/incremental/"), 10),
}


class OddDays:
    """What befalls a call before it is answered, and an answer before it is sent.

    Parameters
    ----------
    quirks : frozenset of str
        Names of `QUIRKS`.
    clock : callable
        The vendor's time.
    """

    def __init__(self, quirks: frozenset[str], clock: Callable[[], datetime]) -> None:
        self.quirks, self.clock = quirks, clock
        self._asked = 0
        self._calls: dict[str, deque[float]] = {name: deque() for name in _LIMITS}

    def trouble(self, request: SimRequest) -> SimResponse | None:
        """Answer in place of the vendor; None on a good day."""
        self._asked += 1
        if self._asked % 4 == 2 and self.quirks & {"busy", "busy_date", "busy_bare"}:
            return self._busy()
        if "broken" in self.quirks and self._asked % 5 == 3:
            # Zendesk serves a page for people while it is under repair.
            return _html(503, "<html><body>We are working on it.</body></html>")
        if "timeouts" in self.quirks and "audits" in request.path and self._asked % 2:
            return _html(504, "<html><body>Gateway time-out</body></html>")
        return self._limited(request.path) if "limits" in self.quirks else None

    def _busy(self) -> SimResponse:
        if "busy_bare" in self.quirks:
            return _too_many(())
        until = self.clock() + timedelta(seconds=3)
        wait = format_datetime(until, usegmt=True) if "busy_date" in self.quirks else "3"
        return _too_many((("retry-after", wait),))

    def _limited(self, path: str) -> SimResponse | None:
        name = _budget_of(path)
        if name is None:
            return None
        calls, most, now = self._calls[name], _LIMITS[name][1], self.clock().timestamp()
        while calls and calls[0] <= now - _WINDOW_S:
            calls.popleft()
        if len(calls) < most:
            calls.append(now)
            return None
        wait = int(calls[0] + _WINDOW_S - now) + 1
        told = f"total={most}; remaining=0; resets={wait}"
        return _too_many((("retry-after", str(wait)), (f"zendesk-ratelimit-{name}", told)))

    def counted(self, path: str, response: SimResponse) -> SimResponse:
        """Tell what is left of the budget, as exports do."""
        name = _budget_of(path) if "limits" in self.quirks else None
        if name is None:
            return response
        calls, most, now = self._calls[name], _LIMITS[name][1], self.clock().timestamp()
        resets = int(calls[0] + _WINDOW_S - now) + 1 if calls else _WINDOW_S
        told = f"total={most}; remaining={most - len(calls)}; resets={resets}"
        headers = (*response.headers, (f"zendesk-ratelimit-{name}", told))
        return SimResponse(status=response.status, headers=headers, body=response.body)

    def broken_off(self, response: SimResponse) -> SimResponse:
        """Break the answer off, on some days."""
        if "cut" in self.quirks and self._asked % 5 == 4 and response.status == 200:
            half = len(response.body) // 2
            return SimResponse(headers=response.headers, body=response.body, cut_at=half)
        return response


def known(quirk: str) -> str:
    """Name of a quirk, if it is one."""
    if quirk not in QUIRKS:
        raise UsageError(f"There is no quirk {quirk!r}.", hint=did_you_mean(quirk, QUIRKS))
    return quirk


def _budget_of(path: str) -> str | None:
    return next((name for name, (pattern, _) in _LIMITS.items() if pattern.search(path)), None)


def _html(status: int, text: str) -> SimResponse:
    head = (("content-type", "text/html; charset=utf-8"),)
    return SimResponse(status=status, headers=head, body=text.encode())


def _too_many(headers: tuple[tuple[str, str], ...]) -> SimResponse:
    told = {"error": "TooManyRequests", "description": "Number of allowed requests exceeded"}
    return SimResponse.of(told, status=429, headers=headers)
