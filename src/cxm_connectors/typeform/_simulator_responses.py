"""Responses that the simulated Typeform holds, and how it lists them: filters, order, tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from attrs import field, frozen

from cxm_connectors.simulation import SimForm, SimSubmission
from cxm_core.errors import UsageError

from ._simulator_forms import NEVER, Json, answers, stamp

# Typeform developer docs, Retrieve responses, seen 2026-11: which time `since`, `until` and the
# order go by depends on the type of response.
_TIMES = {"completed": "submitted_at", "partial": "changed_at", "started": "landed_at"}
FIELDS = {"submitted_at": "completed", "staged_at": "partial", "landed_at": "started"}


@frozen(kw_only=True)
class Held:
    """One response, and under which token it is known."""

    at: datetime
    token: str
    submission: SimSubmission = field(repr=False)

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands in the order of its list; ties are broken by the token."""
        return self.at, self.token


class Shelf:
    """Responses of one type to one form, sorted; sorted anew after a change."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self.by_token: dict[str, Held] = {}
        self._order: list[Held] | None = None

    def put(self, one: Held) -> None:
        """Keep a response."""
        self._held[one.submission.key] = self.by_token[one.token] = one
        self._order = None

    def drop(self, key: int) -> None:
        """Forget a response, if it is here."""
        gone = self._held.pop(key, None)
        if gone is not None:
            del self.by_token[gone.token]
            self._order = None

    def sorted(self) -> list[Held]:
        """All of them, oldest first."""
        if self._order is None:
            self._order = sorted(self._held.values(), key=lambda one: one.place)
        return self._order

    def between(self, first: datetime | None, last: datetime | None) -> list[Held]:
        """Those from `first` to `last`, both included."""
        rows = self.sorted()
        start = 0 if first is None else bisect_left(rows, first, key=lambda one: one.at)
        end = len(rows) if last is None else bisect_right(rows, last, key=lambda one: one.at)
        return rows[start:end]


def held(submission: SimSubmission, seed: int, number: int) -> Held:
    """Put a token to a submission."""
    at = getattr(submission, _TIMES[submission.state]) or submission.changed_at
    token = sha256(f"{seed}:{number}".encode()).hexdigest()[:32]
    return Held(at=at.replace(microsecond=0), token=token, submission=submission)


def row(one: Held, form: SimForm) -> Json:
    """Response as the list shows it."""
    submission = one.submission
    done, begun = submission.state == "completed", submission.state != "started"
    return {
        "landing_id": one.token,
        "token": one.token,
        "response_id": one.token,
        "response_type": submission.state,
        "landed_at": stamp(submission.landed_at),
        "submitted_at": stamp(one.at) if done else NEVER,
        **({"staged_at": stamp(submission.changed_at)} if submission.state == "partial" else {}),
        "metadata": {
            "user_agent": "Mozilla/5.0 (simulated)",
            "platform": "mobile" if submission.key % 3 else "other",
            "referer": "https://northwind.typeform.example/to/",
            "network_id": "f00f00f00f",
            "browser": "default",
        },
        "hidden": dict(submission.hidden),
        "calculated": {"score": 0},
        "answers": answers(form, submission) if begun else None,
    }


@frozen(kw_only=True)
class Query:
    """What a list of responses was asked for."""

    types: tuple[str, ...] = ("completed",)
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    after: str | None = None
    rising: bool = False
    size: int = 25
    included: frozenset[str] = frozenset()

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Query:
        """Read the parameters; raises `UsageError` for what Typeform refuses."""
        if "sort" in query and ("before" in query or "after" in query):
            # Typeform developer docs, Retrieve responses, seen 2026-11.
            raise UsageError("sort cannot be used together with before or after")
        return cls(
            types=_types(query),
            since=_moment(query.get("since")),
            until=_moment(query.get("until")),
            before=query.get("before"),
            after=query.get("after"),
            rising="after" in query or _is_rising(query),
            size=_size(query.get("page_size", "25"), most=1000),
            included=frozenset(filter(None, query.get("included_response_ids", "").split(","))),
        )


def _types(query: Mapping[str, str]) -> tuple[str, ...]:
    if "completed" in query:  # the older parameter, which taps still use
        done = query["completed"].lower() == "true"
        return ("completed",) if done else ("partial", "started")
    found = tuple(query.get("response_type", "completed").split(","))
    if not set(found) <= set(_TIMES):
        raise UsageError("unknown response_type")
    return found


def _is_rising(query: Mapping[str, str]) -> bool:
    name, _, direction = query.get("sort", "submitted_at,desc").partition(",")
    if name not in FIELDS or direction not in ("asc", "desc"):
        raise UsageError("sort cannot be read")
    return direction == "asc"


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError("since or until is no time") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _size(text: str, *, most: int) -> int:
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise UsageError(f"page_size is not between 1 and {most}")
    return int(text)


def page_size(query: Mapping[str, str], *, default: int, most: int) -> int:
    """Size of a page of another list."""
    return _size(query.get("page_size", str(default)), most=most)


def behind(rows: list[Held], query: Query, known: Mapping[str, Held]) -> list[Held]:
    """Rows in the order asked for, behind the token; a token is excluded itself."""
    token = query.before or query.after
    # PostHog docs, Typeform source, seen 2026-11: unfinished responses have no cursor. Here the
    # token is simply not heard, which is the worst that may happen.
    if token is not None and query.types == ("completed",):
        if token not in known:
            raise UsageError("unknown token")
        place = known[token].place
        first, last = bisect_left(rows, place, key=_place), bisect_right(rows, place, key=_place)
        rows = rows[:first] if query.before else rows[last:]
    return rows if query.rising else rows[::-1]


def _place(one: Held) -> tuple[datetime, str]:
    return one.place


def chosen(rows: Iterable[Held], query: Query) -> list[Held]:
    """Those of the rows that were asked for by their ids."""
    if not query.included:
        return list(rows)
    return [one for one in rows if one.token in query.included]


def counted(items: list[Any], total: int, size: int) -> Json:
    """A page with the vendor's own counts."""
    return {"total_items": total, "page_count": -(-total // size), "items": items}
