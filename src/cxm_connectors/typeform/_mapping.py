"""Typeform's responses in our records: pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from attrs import field, frozen

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected
from cxm_core.records import Invitation, Reason, Record, Response, Score
from cxm_core.vocabulary import Channel

from ._config import Hint
from ._forms import SCALED, Json, Seen, instant, question_id, unlisted
from ._refusals import BECAUSE_OF_PART, set_aside

# AAPOR, Standard Definitions, internet surveys: who opens a form and answers nothing has refused.
_OUTCOMES = {"completed": "complete", "partial": "partial", "started": "refusal"}
# Typeform's times are whole seconds: the steps of one second are kept in their order.
_STEPS = {"started": 0, "partial": 1, "completed": 2}
# They say who somebody is; kept as an answer they would be a name among the customer's words.
_CONTACTS = ("email", "phone_number")


@frozen(kw_only=True, slots=False)
class Submission:
    """One response of one form, with what is the same for all of its answers.

    Parameters
    ----------
    row : mapping
        As Typeform serves it.
    form : str
        Id of its form.
    seen : mapping of str to Seen
        The questions as the respondent saw them.
    identifiers : mapping of str to str
        Which hidden fields and questions tell who answered.
    hints : mapping of str to Hint
        What the user says of questions.
    """

    row: Json = field(repr=False)
    form: str
    seen: Mapping[str, Seen] = field(factory=dict, repr=False)
    identifiers: Mapping[str, str] = field(factory=dict)
    hints: Mapping[str, Hint] = field(factory=dict, repr=False)

    def records(self) -> Iterator[Record | Rejected]:
        """Make the invitation that was followed, and a response of each answer."""
        try:
            yield self._invitation()
        except BECAUSE_OF_PART as error:
            yield self._set_aside(self.row.get("answers"), error)
            return
        for answer in self.row.get("answers") or ():
            yield from self._answered(answer)

    @cached_property
    def native_id(self) -> str:
        """Id over all forms: a response's own is unique within its form only."""
        # Typeform developer docs, Retrieve responses, seen 2026-11.
        return f"{self.form}/{self.row.get('response_id') or self.row['token']}"

    @cached_property
    def state(self) -> str:
        """`completed`, `partial` or `started`."""
        told = self.row.get("response_type")
        if told in _OUTCOMES:
            return str(told)
        if instant(self.row.get("submitted_at")):
            return "completed"
        return "partial" if self.row.get("answers") else "started"

    @cached_property
    def changed_at(self) -> object:
        """When something was entered last; read once, for it stands in every record."""
        names = ("submitted_at", "staged_at", "landed_at")
        told = (self.row.get(name) for name in names)
        text = next((one for one in told if one and not str(one).startswith("0001-")), None)
        return instant(text) or text

    @cached_property
    def recorded_at(self) -> object:
        """The same as a stamp of the version, of which a later step is newer."""
        at = self.changed_at
        step = timedelta(microseconds=_STEPS[self.state])
        return at + step if isinstance(at, datetime) else at

    @cached_property
    def customer(self) -> list[tuple[str, str]]:
        """What the form was told of who answered."""
        hidden = self.row.get("hidden") or {}
        found = [(kind, hidden.get(name)) for name, kind in self.identifiers.items()]
        found += [self._told(one) for one in self.row.get("answers") or () if _is_answer(one)]
        return [(kind, str(value)) for kind, value in found if kind and value]

    def _told(self, answer: Json) -> tuple[str, Any]:
        one = answer["field"]
        kinds = (self.identifiers.get(str(one.get(name))) for name in ("id", "ref"))
        kind = next(filter(None, kinds), "")
        return kind, _plain(answer) if kind else None

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """What the link carried along, to group by, and how far the respondent came."""
        hidden = self.row.get("hidden") or {}
        kept = {name: value for name, value in hidden.items() if name not in self.identifiers}
        variables = {one["key"]: one.get(one["type"]) for one in self.row.get("variables") or ()}
        state = {} if self.state == "completed" else {"state": self.state}
        return {**variables, **kept, **state}

    def _invitation(self) -> Invitation:
        return Invitation(
            native_id=self.native_id,
            customer=self.customer,
            occurred_at=self.row["landed_at"],
            recorded_at=self.recorded_at,
            survey=self.form,
            channel=Channel.WEB,
            outcome=_OUTCOMES[self.state],
            outcome_at=self.changed_at,
            attributes=self.attributes,
        )

    def _answered(self, answer: Json) -> Iterator[Record | Rejected]:
        try:
            if answer["type"] not in _CONTACTS:
                yield self._response(answer)
        except BECAUSE_OF_PART as error:
            yield self._set_aside([answer], error, native_id=self._answer_id(answer))

    def _response(self, answer: Json) -> Response:
        one = answer["field"]
        seen = self.seen.get(str(one["id"])) or unlisted(self.form, one, self.hints)
        return Response(
            native_id=f"{self.native_id}/{one['id']}",
            customer=self.customer,
            occurred_at=self.changed_at,
            recorded_at=self.recorded_at,
            question=question_id(self.form, one["id"]),
            question_version=seen.version,
            touchpoint=seen.touchpoint,
            channel=Channel.WEB,
            invitation=self.native_id,
            **self._value(answer, seen),
        )

    def _value(self, answer: Json, seen: Seen) -> dict[str, Any]:
        attributes = self.attributes
        if answer["field"].get("type") in SCALED:
            return {"score": _score(answer["number"], seen), "attributes": attributes}
        if answer["type"] == "text":
            return {"verbatim": answer["text"], "attributes": attributes}
        other, value = _other(answer), _plain(answer)
        if value is None and other is None:
            # A type that nobody had heard of when this was written: kept by its name.
            return {"no_answer": "other", "attributes": {**attributes, "answer": answer["type"]}}
        return {"verbatim": other, "attributes": {**attributes, "answer": value}}

    def _answer_id(self, answer: object) -> str | None:
        """Native id of the response that an answer becomes; None for one without a question."""
        one = answer["field"] if isinstance(answer, Mapping) and _is_answer(answer) else {}
        return f"{self.native_id}/{one['id']}" if "id" in one else None

    def _set_aside(
        self, answers: object, error: Exception, *, native_id: str | None = None
    ) -> Rejected:
        # With its form, so that it can be read again by itself.
        row = {**self.row, "form_id": self.form, "answers": answers}
        return set_aside("response", row, error, native_id=native_id)


def _score(value: Any, seen: Seen) -> Score:
    if seen.scale is None:
        raise UsageError(
            "The form does not tell the scale of this answer, or not any more.",
            reason=Reason.BAD_SCALE.value,
            field="score",
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Score(value, seen.scale)


def _is_answer(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("field"), Mapping)


def _plain(answer: Json) -> str | float | bool | None:
    """Value of an answer that an attribute can hold; several choices as a JSON list."""
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if isinstance(value, Mapping):
        if kind == "choices":
            labels = value.get("labels") or ()
            return json.dumps(list(labels), ensure_ascii=False) if labels else None
        return _text(value.get("amount" if kind == "payment" else "label"))
    return value if isinstance(value, str | int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _other(answer: Json) -> str | None:
    """Words behind a choice that was not on the list."""
    value = answer[answer["type"]]
    return _text(value.get("other")) if isinstance(value, Mapping) else None


def landed_at(row: Json) -> datetime | None:
    """When the respondent opened the form, and so which definition was seen."""
    return instant(row.get("landed_at"))
