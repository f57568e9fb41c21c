"""What rows do not tell by themselves and has to be asked for: staff, comments, questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from cxm_core.errors import LoopingPages, NotFound, PermissionDenied, SchemaChanged

from ._lists import ListCursor
from ._mapping import STAFF_ROLES, objects
from ._mapping_feedback import asked_by, asked_in, survey_key
from ._mapping_history import rewrites_of
from ._mapping_tickets import joined_tickets

Row: TypeAlias = dict[str, Any]
Questions: TypeAlias = dict[str, Mapping[str, Any]]

LIST, SURVEY_LIST = ListCursor(), ListCursor(size=50)
_NAME = re.compile(r"[0-9A-Za-z]{1,64}")


class Get(Protocol):
    """A connector's way to ask something."""

    def __call__(self, path: str, **params: object) -> Any:
        """Ask, and give the answer's JSON."""


class Lookups:
    """Answers to further questions, each asked once a sync.

    Parameters
    ----------
    get : callable
        The connector's way to ask.
    locale : str
        Language of the questions of surveys.
    """

    def __init__(self, get: Get, locale: str) -> None:
        self._get, self._guide = get, f"/api/v2/guide/{locale}"
        self._staff: frozenset[str] | None = None
        self._is_staff_hidden = False
        self._questions: dict[tuple[str, int], Questions] | None = None

    def staff(self) -> frozenset[str] | None:
        """Ids of staff; None where the token may not list them."""
        if self._staff is None and not self._is_staff_hidden:
            try:
                found = list(self._all("/api/v2/users.json", "users", role=STAFF_ROLES))
            except PermissionDenied:
                self._is_staff_hidden = True
                return None
            self._staff = frozenset(str(user["id"]) for user in found)
        return self._staff

    def ticket(self, ticket: str) -> Row | None:
        """Ticket as the export would tell it; None for what cannot be the id of one."""
        if not _is_name(ticket):
            return None
        data = self._get(f"/api/v2/tickets/{ticket}.json", include="metric_sets,groups")
        found = data.get("ticket") if isinstance(data, dict) else None
        rows = joined_tickets({**data, "tickets": [found]}) if isinstance(found, dict) else None
        return rows[0] if rows else None

    def with_rewrites(self, rows: list[Row]) -> list[Row]:
        """Add a ticket's comments as they read now, where an update rewrote one."""
        return [
            {**row, "rewritten": self._comments(row.get("ticket_id"))} if rewrites_of(row) else row
            for row in rows
        ]

    def _comments(self, ticket: object) -> list[Row] | None:
        if not _is_name(ticket):
            return None
        try:
            return list(self._all(f"/api/v2/tickets/{ticket}/comments.json", "comments"))
        except NotFound:
            return None

    def with_questions(self, rows: list[Row]) -> list[Row]:
        """Add the questions as they were asked: the list names them by id only."""
        for row in rows:
            held = self._asked_in(survey_key(row))
            if not asked_in(row).keys() <= held.keys():
                held.update(self._questions_of(row.get("id")))
        return [{**row, "questions": self._asked_in(survey_key(row))} for row in rows]

    def _asked_in(self, version: tuple[str, int]) -> Questions:
        """Questions of one version of a survey, as far as they are known."""
        if self._questions is None:
            surveys = self._surveys()
            self._questions = {survey_key({"survey": one}): asked_by(one) for one in surveys}
        return self._questions.setdefault(version, {})

    def _surveys(self) -> list[Row]:
        """Surveys as they stand; those that stood before are seen in single responses alone."""
        try:
            return list(self._all(f"{self._guide}/surveys", "surveys", size=SURVEY_LIST.size))
        except (NotFound, PermissionDenied):
            return []

    def _questions_of(self, response: object) -> Questions:
        if not _is_name(response):
            return {}
        try:
            data = self._get(f"{self._guide}/survey_responses/{response}")
        except (NotFound, PermissionDenied):
            return {}
        found = data.get("survey_response") if isinstance(data, dict) else None
        return asked_in(found) if isinstance(found, dict) else {}

    def _all(
        self, path: str, rows: str, *, size: int = LIST.size, role: Sequence[str] | None = None
    ) -> Iterator[Row]:
        """Rows of a short list, page after page."""
        after: str | None = None
        while True:
            asked = {"role[]": role, "page[size]": size, "page[after]": after}
            data = self._get(path, **asked)
            found = data.get(rows) if isinstance(data, dict) else None
            if not isinstance(found, list):
                raise SchemaChanged(f"An answer of Zendesk has no list of {rows}.", field=rows)
            yield from objects(found)
            meta = data.get("meta") or {}
            if not meta.get("has_more"):
                return
            after = _moved(after, meta.get("after_cursor"))


def _is_name(value: object) -> bool:
    """Whether a value read off a row may be part of a path: letters and digits, and no more."""
    return isinstance(value, int | str) and _NAME.fullmatch(str(value)) is not None


def _moved(before: str | None, after: object) -> str:
    """Cursor of the next page, which is another one than before."""
    if not isinstance(after, str) or after == before:
        raise LoopingPages("Zendesk says that there is more of a list, but not where.")
    return after
