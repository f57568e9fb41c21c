"""How fast a source may be asked: budgets of our own, and what its answers say of theirs."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from math import inf
from threading import Lock

from attrs import field, frozen, validators

_NUMBER = re.compile(r"\b(remaining|resets?|r|t)\s*=\s*(\d+)")
_BUDGET = re.compile(r"\A(?:x-)?(?:[a-z]+-)?rate-?limit\b[a-z-]*")
_EPOCH_S, _EPOCH_MS = 1e9, 1e12
_MOST_S = 366 * 86_400.0


@frozen
class Rate:
    """A budget that is kept before the source complains: never more calls in any such time.

    Parameters
    ----------
    calls : int
        At most so many calls, 1 or more,
    per_s : float
        in any so many seconds, above 0.
    path : str
        Only paths that begin so; an empty text means all.

    Examples
    --------
    >>> Rate(5, 1.0, path="/crm/objects/2026-09/tickets/search")
    Rate(calls=5, per_s=1.0, path='/crm/objects/2026-09/tickets/search')
    """

    calls: int = field(validator=validators.ge(1))
    per_s: float = field(validator=validators.gt(0))
    path: str = ""


def _lower(text: str) -> str:
    return text.lower()


@frozen
class Counted:
    """A budget that the source counts itself, and tells in a header, over several paths.

    Without it, a budget that is told for one path is taken for that of this path alone, and the
    first call of another one can be one too many.

    Parameters
    ----------
    header : str
        Name of the header.
    paths : str
        Pattern of the paths that are counted together, with ``*`` for anything. Of several budgets
        whose patterns fit a path, the one that was declared first counts it.

    Examples
    --------
    >>> Counted("zendesk-ratelimit-incremental-exports", paths="*/incremental/*").counts(
    ...     "/api/v2/incremental/organizations.json")
    True
    """

    header: str = field(converter=_lower)
    paths: str = field(kw_only=True)

    def counts(self, path: str) -> bool:
        """Whether calls of this path are among them.

        Parameters
        ----------
        path : str
            Path without query.

        Returns
        -------
        bool
            True if its pattern fits.
        """
        return fnmatchcase(path, self.paths)


class Gate:
    """Says how long a call must wait; calls of several threads are counted together.

    Parameters
    ----------
    limits : iterable of Rate or Counted
        Budgets.
    """

    def __init__(self, limits: Iterable[Rate | Counted] = ()) -> None:
        known = list(limits)
        rates = [one for one in known if isinstance(one, Rate)]
        self._rates = [(rate, deque[datetime](maxlen=rate.calls)) for rate in rates]
        self._counted = [one for one in known if isinstance(one, Counted)]
        self._shut: dict[str, datetime] = {}
        self._lock = Lock()

    def enter(self, path: str, now: datetime, *, latest: datetime) -> datetime:
        """Tell when a call of this path may be sent, and count it unless that is too late."""
        with self._lock:
            due = self._due(path, now)
            if due <= latest:
                for rate, times in self._rates:
                    if path.startswith(rate.path):
                        times.append(due)
            return due

    def shut(self, until: datetime, of: str = "") -> None:
        """Let no call of this budget, or path, through until then; an empty text means all."""
        with self._lock:
            if until > self._shut.get(of, datetime.min.replace(tzinfo=UTC)):
                self._shut[of] = until

    def budget_of(self, header: str, path: str) -> str:
        """What a header that came for a path speaks of: a declared budget, this path, or all."""
        counted = self._counting(path)
        if counted == header:
            return counted
        return path if header.startswith("zendesk-ratelimit-") else ""

    def _counting(self, path: str) -> str:
        """Header of the budget that counts a path; an empty text for none."""
        return next((one.header for one in self._counted if one.counts(path)), "")

    def _due(self, path: str, now: datetime) -> datetime:
        keys = ("", path, self._counting(path))
        due = [now, *(self._shut[key] for key in keys if key in self._shut)]
        for rate, times in self._rates:
            if path.startswith(rate.path) and len(times) == rate.calls:
                due.append(times[0] + timedelta(seconds=rate.per_s))
        return max(due)


def told_wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a refusal asks to wait: by `Retry-After`, or by a spent budget's reset."""
    text = headers.get("retry-after", "").strip()
    if text:
        told = _seconds(text)
        return _until_date(text, headers, now) if told is None else min(told, _MOST_S)
    spent = list(spent_budgets(headers, now).values())
    return max(spent) if spent else None


def spent_budgets(headers: Mapping[str, str], now: datetime) -> dict[str, float]:
    """Budgets with nothing left, by the name of their header: seconds until they are full.

    Read are `RateLimit-*` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers),
    `X-RateLimit-*`, `X-HubSpot-RateLimit-*` (HubSpot developer docs, API usage guidelines),
    `Zendesk-RateLimit-*` (Zendesk developer docs, Rate limits) and SurveyMonkey's
    `X-Ratelimit-App-Global-*` (SurveyMonkey API docs, Request and response limits); all seen
    2026-11.
    """
    spent: dict[str, float] = {}
    for name, text in headers.items():
        if _BUDGET.match(name):
            reset = _reset_s(name, text, headers, now)
            if reset is not None:
                spent[name] = reset
    return spent


def _reset_s(name: str, text: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the budget of this header is full again; None if something is left."""
    if name.endswith("remaining"):
        return _sibling_s(name, headers, now) if _seconds(text) == 0 else None
    told = dict(_NUMBER.findall(text.lower()))
    left = told.get("remaining", told.get("r"))
    reset = told.get("resets", told.get("reset", told.get("t")))
    return _from_now(float(reset), now) if left == "0" and reset is not None else None


def _sibling_s(name: str, headers: Mapping[str, str], now: datetime) -> float | None:
    stem = name.removesuffix("remaining")
    reset = _seconds(headers.get(stem + "reset", ""))
    if reset is not None:
        return _from_now(reset, now)
    if stem.endswith("secondly-"):
        return 1.0
    interval = _seconds(headers.get(stem + "interval-milliseconds", ""))
    return None if interval is None else min(interval / 1000, _MOST_S)


def _from_now(told: float, now: datetime) -> float:
    """Seconds from now: told so, or as an instant in seconds or milliseconds since 1970."""
    if told >= _EPOCH_S:
        told = told / (1000 if told >= _EPOCH_MS else 1) - now.timestamp()
    return min(max(told, 0.0), _MOST_S)


def _seconds(text: str) -> float | None:
    try:
        told = float(text)
    except ValueError:
        return None
    return told if 0 <= told < inf else None


def _until_date(text: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until a date, by the source's own clock if it tells it."""
    until = http_date(text)
    if until is None:
        return None
    since = http_date(headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), _MOST_S)


def http_date(text: str) -> datetime | None:
    """Instant of an HTTP date, or None."""
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
