"""Typeform: forms with their scales, and responses that were completed, partial or only started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from attrs import evolve

from cxm_connectors.toolkit import Ask, Connector, Page, Parent, Rate, Since, stream
from cxm_core.errors import AuthError, NotFound, PermissionDenied, SourceError
from cxm_core.plugins import (
    Checkpoint,
    Delivery,
    Guarantees,
    Item,
    ReadRequest,
    Rejected,
    Runtime,
    State,
    StreamInfo,
)
from cxm_core.records import Problem, Question, Record

from ._book import Book
from ._config import Hint, TypeformConfig
from ._events import Event, read_event
from ._forms import Definition, Json, Seen
from ._mapping import Submission, landed_at
from ._paging import TokenPages, WindowPages
from ._payloads import FormRow, ResponseRow
from ._sign_in import TokenOrOAuth
from ._signing import SIGNATURE

__all__ = ["Hint", "Typeform", "TypeformConfig"]

_SECRET = "TYPEFORM_WEBHOOK_SECRET"  # noqa: S105  (its name)
_BOOK = "definitions"
_KINDS = ("response", "invitation")
# Typeform developer docs, Retrieve responses, seen 2026-11: responses of about the last half hour
# may not be served yet.
_LOOKBACK = "1h"
_DELETED = "Responses that were deleted at Typeform stay until `reconcile` misses them."
_OLD_ANSWERS = (
    "An answer that is older than every state of its form that was seen is read with the scale and"
    " the version of the first of them."
)
_RESPONSES: dict[str, Any] = {
    "path": "/forms/{id}/responses",
    "rows": "items",
    "key": "token",
    "parent": Parent("forms"),
    "payload": ResponseRow,
    "scope": "responses:read",
    "kinds": _KINDS,
}


def _since(stamp: str) -> Since:
    return Since(
        param="since", stamp=stamp, lookback=_LOOKBACK, format="epoch", until_param="until"
    )


class Typeform(Connector):
    """One Typeform account.

    Parameters
    ----------
    config : TypeformConfig
        Which responses are read, and what Typeform does not tell of its questions.
    runtime : Runtime
        All that comes from outside; it knows the secret `TYPEFORM_TOKEN`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from cxm_core.plugins import Runtime, build
    >>> runtime = Runtime(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), root=Path())
    >>> [one.name for one in build(Typeform, {}, runtime).streams()]
    ['forms', 'responses', 'partial', 'started']
    """

    name = "typeform"
    origin = "https://api.typeform.com"
    auth = TokenOrOAuth()
    # Typeform developer docs, Rate limits, seen 2026-11: two calls a second for an account.
    limits = (Rate(2, 1.0),)
    config = TypeformConfig
    description = "Forms with their scales and versions, and responses, finished or not."
    guarantees = Guarantees(serves_in_order=True, notes=(_DELETED, _OLD_ANSWERS))
    settings: TypeformConfig

    def __init__(self, config: TypeformConfig, runtime: Runtime) -> None:
        super().__init__(config, runtime)
        self._book = Book()
        self._form: Json = {}
        self._looked: dict[str, datetime] = {}

    def account(self) -> str | None:
        """Id of the user behind the token.

        Returns
        -------
        str or None
            None where the token may not ask (scope `accounts:read`).
        """
        try:
            told = self.get("/me")
        except (PermissionDenied, NotFound):
            return None
        found = told.get("user_id") or told.get("alias")
        return str(found) if found else None

    def streams(self) -> Sequence[StreamInfo]:
        """List what can be read.

        Returns
        -------
        sequence of StreamInfo
            The forms, and the types of response that the configuration names.
        """
        wanted = {_STREAMS[one] for one in self.settings.response_types}
        return tuple(one for one in super().streams() if one.name == "forms" or one.name in wanted)

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream from where `state` stands.

        Parameters
        ----------
        stream : str
            Name of one of `streams()`.
        state : mapping or None
            State of the last checkpoint that was kept; it holds what forms looked like.
        request : ReadRequest
            What part is wanted.

        Yields
        ------
        Record, Rejected or Checkpoint
            A checkpoint behind each page.

        Raises
        ------
        RetryableError
            Not now; the next sync continues.
        FatalError
            Not until a person has changed something.
        """
        told: Any = (state or {}).get(_BOOK)
        self._book, self._looked = Book(told), {}
        with closing(super().read(stream, state, request)) as items:  # type: ignore[type-var]  # a generator
            for item in items:
                yield self._with_book(item) if isinstance(item, Checkpoint) else item

    def reread(self, kind: str, row: Json, *, position: str) -> Iterator[Record | Problem]:
        """Read what was set aside by the scales that forms and configuration tell now.

        Parameters
        ----------
        kind : str
            Kind of record that it should have become.
        row : mapping
            The response with the answer, and its form.
        position : str
            Where it stood; it begins with the stream's name.

        Yields
        ------
        Record or Problem
            What the mapping makes of it.
        """
        self._book, form = Book(), str(row.get("form_id"))
        # Without the vendor the scales of the configuration have to do.
        with suppress(SourceError):
            self._defined(form)
        yield from super().reread(kind, row, position=position)

    def _with_book(self, checkpoint: Checkpoint) -> Checkpoint:
        told = self._book.plain
        return evolve(checkpoint, state={**checkpoint.state, _BOOK: told}) if told else checkpoint

    @stream(
        "forms",
        path="/forms",
        rows="items",
        page=Page(size=200, size_param="page_size", pages="page_count"),
        params="_forms_asked",
        payload=FormRow,
        total="total_items",
        scope="forms:read",
        kinds=("question",),
        description="Questions of all forms, with their scales and versions.",
    )
    def forms(self, row: Json) -> Iterable[Question | Rejected]:
        """Make a question of each field of a form."""
        definition = self._defined(str(row["id"]))
        return () if definition is None else definition.questions()

    @stream(
        "responses",
        page=TokenPages(),
        since=_since("submitted_at"),
        params="_completed_asked",
        description="Completed responses: each answer, and that the form was followed.",
        **_RESPONSES,
    )
    def responses(self, row: Json) -> Iterable[Record | Rejected]:
        """Make the records of a completed response."""
        return self._records(row)

    @stream(
        "partial",
        page=WindowPages(stamp="staged_at"),
        since=_since("staged_at"),
        params="_partial_asked",
        description="Responses of which some questions were answered.",
        **_RESPONSES,
    )
    def partial(self, row: Json) -> Iterable[Record | Rejected]:
        """Make the records of a partial response."""
        return self._records(row)

    @stream(
        "started",
        page=WindowPages(stamp="landed_at"),
        since=_since("landed_at"),
        params="_started_asked",
        description="Forms that were opened and not answered.",
        **_RESPONSES,
    )
    def started(self, row: Json) -> Iterable[Record | Rejected]:
        """Make the record of a form that was only opened."""
        return self._records(row)

    def verify(self, delivery: Delivery) -> None:
        """Accept what Typeform's webhook sent.

        Parameters
        ----------
        delivery : Delivery
            The request with its raw body.

        Raises
        ------
        AuthError
            It is not signed with one of the secrets, or there is none.
        """
        told = self.runtime.secrets(_SECRET)
        secrets = self.settings.webhook_secrets or ((told,) if told else ())
        if not secrets:
            raise AuthError(
                f"The secret {_SECRET} is not there, so no delivery can be accepted.",
                hint=f"set {_SECRET}, or `webhook_secrets` in the source's configuration",
            )
        SIGNATURE.check(delivery, secrets, self.runtime.clock())

    def parse(self, delivery: Delivery) -> Iterable[Record | Rejected]:
        """Read the records of a verified delivery: the same that polling gives.

        Parameters
        ----------
        delivery : Delivery
            The request.

        Returns
        -------
        iterable of Record or Rejected
            Nothing for an event that is no response.

        Raises
        ------
        SchemaChanged
            The body is not what Typeform documents.
        RetryableError
            The event leaves out the form's scales, and Typeform does not answer now.
        """
        event = read_event(delivery.body)
        return () if event is None else self._submission(event, delivery.received_at).records()

    def _submission(self, event: Event, received_at: datetime) -> Submission:
        told = {**event.definition, "id": event.form}
        definition = Definition.of(told, self.settings.questions)
        if definition.knows_scales:
            return self._of(event.row, event.form, definition.seen())
        # Some events leave out the steps of a scale. One look at the form serves all events that
        # came before it.
        if self._looked.get(event.form, received_at) <= received_at:
            self._defined(event.form)
        seen = self._book.page(event.form, landed_at(event.row))
        return self._of(event.row, event.form, seen or definition.seen())

    def _records(self, row: Json) -> Iterable[Record | Rejected]:
        # What was set aside has its form with it.
        form = str(row.get("form_id") or self._form["id"])
        if form not in self._looked:
            self._defined(form)
        return self._of(row, form, self._book.page(form, landed_at(row))).records()

    def _of(self, row: Json, form: str, seen: Mapping[str, Seen]) -> Submission:
        return Submission(
            row=row,
            form=form,
            seen=seen,
            identifiers=self.settings.identifiers,
            hints=self.settings.questions,
        )

    def _defined(self, form: str) -> Definition | None:
        """Definition of a form as it is now; None if it is gone."""
        self._looked[form] = self.runtime.clock()
        try:
            definition = Definition.of(
                self.get(f"/forms/{quote(form, safe='')}"), self.settings.questions
            )
        except NotFound:
            return None
        self._book.write(definition)
        return definition

    def _forms_asked(self, ask: Ask) -> dict[str, Any]:
        del ask
        return {"workspace_id": self.settings.workspace}

    def _completed_asked(self, ask: Ask) -> dict[str, Any]:
        return self._responses_asked(ask, "completed")

    def _partial_asked(self, ask: Ask) -> dict[str, Any]:
        return self._responses_asked(ask, "partial")

    def _started_asked(self, ask: Ask) -> dict[str, Any]:
        return self._responses_asked(ask, "started")

    def _responses_asked(self, ask: Ask, kind: str) -> dict[str, Any]:
        # A row does not say whose form it answers; the list that is read does.
        self._form = ask.row
        return {"response_type": kind}


_STREAMS = {"completed": "responses", "partial": "partial", "started": "started"}
