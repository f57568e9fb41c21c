"""A form's definition: its questions with their scales, and which version of each was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias

from attrs import field, frozen

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected
from cxm_core.records import Question
from cxm_core.vocabulary import Scale

from ._config import Hint
from ._refusals import BECAUSE_OF_PART, set_aside

Json: TypeAlias = Mapping[str, Any]

# Typeform developer docs, Create API, field types, seen 2026-11.
SCALED = ("nps", "opinion_scale", "rating")
_FORMS = {
    **dict.fromkeys(SCALED, "scale"),
    **dict.fromkeys(("short_text", "long_text"), "open"),
    **dict.fromkeys(("dropdown", "yes_no", "legal"), "choice"),
    "ranking": "choices",
    "number": "number",
    "date": "date",
}
_NPS = {"steps": 11, "start_at_one": False}
_SIDES = ("left", "center", "right")


@frozen
class Seen:
    """What an answer needs to know of its question: the version, and the scale."""

    version: int | None
    scale: Scale | None = None
    touchpoint: str | None = None


@frozen(kw_only=True)
class Definition:
    """A form as it stood from one moment on.

    Parameters
    ----------
    id : str
        The form's id.
    changed_at : datetime or None
        When it was edited last; None for the definition that a webhook brings along, which is the
        one that the respondent saw.
    language : str or None
        Language of its wording.
    fields : tuple of mapping
        Its questions, those of groups too.
    hints : mapping of str to Hint
        What the user says of questions.
    """

    id: str
    changed_at: datetime | None = None
    language: str | None = None
    fields: tuple[Json, ...] = field(default=(), repr=False)
    hints: Mapping[str, Hint] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, form: Json, hints: Mapping[str, Hint]) -> Definition:
        """Read it as Typeform serves it."""
        return cls(
            id=str(form["id"]),
            changed_at=instant(form.get("last_updated_at")),
            language=mapped(form.get("settings")).get("language"),
            fields=tuple(_leaves(form.get("fields"))),
            hints=hints,
        )

    @property
    def knows_scales(self) -> bool:
        """Whether each question that is answered on a scale tells its steps."""
        scaled = (one for one in self.fields if one.get("type") in SCALED)
        return all(self.scale(one) is not None for one in scaled)

    def questions(self) -> Iterator[Question | Rejected]:
        """Make a question of each field that is one."""
        for one in self.fields:
            try:
                yield self._question(one)
            except BECAUSE_OF_PART as error:
                raw = {"id": self.id, "field": one}
                yield set_aside("question", raw, error, native_id=question_id(self.id, one["id"]))

    def _question(self, one: Json) -> Question:
        hint = self._hint(one)
        return Question(
            native_id=question_id(self.id, one["id"]),
            recorded_at=self.changed_at,
            text=one.get("title"),
            version=self.version(one),
            scale=self.scale(one),
            form=form_of(one),
            measures=hint.measures or ("recommendation" if one["type"] == "nps" else None),
            survey=self.id,
            touchpoint=hint.touchpoint,
            language=self.language,
            attributes={"type": one["type"], "ref": one.get("ref")},
        )

    def seen(self) -> dict[str, Seen]:
        """What answers need to know of each question."""
        return {
            str(one["id"]): Seen(self.version(one), self.scale(one), self._hint(one).touchpoint)
            for one in self.fields
        }

    def scale(self, one: Json) -> Scale | None:
        """Scale on which a question is answered; None for none, or where it is not told."""
        stated = self._hint(one).scale
        if stated is not None:
            return Scale.parse(stated)
        return scale_of(one) if one.get("type") in SCALED else None

    def version(self, one: Json) -> int:
        """Number of a wording with its scale and choices: another one has another number.

        Typeform numbers no versions, so the number is made of what was asked; polling and webhook
        find the same.
        """
        scale = self.scale(one)
        told = [one.get("title"), scale.code if scale else None, one.get("type"), _labels(one)]
        return int(sha256(json.dumps(told).encode()).hexdigest()[:6], 16) + 1

    def _hint(self, one: Json) -> Hint:
        names = (question_id(self.id, one.get("id")), one.get("id"), one.get("ref"))
        return next((self.hints[str(name)] for name in names if str(name) in self.hints), Hint())


def unlisted(form: str, one: Json, hints: Mapping[str, Hint]) -> Seen:
    """What is known of a question that its form does not have, or not any more."""
    alone = Definition(id=form, fields=(one,), hints=hints)
    (seen,) = alone.seen().values()
    return Seen(None, seen.scale, seen.touchpoint)


def question_id(form: str, one: object) -> str:
    """Native id of a question: ids of fields are told apart by their form."""
    return f"{form}/{one}"


def instant(text: object) -> datetime | None:
    """Aware time of a text; None for none, for an unreadable one, and for the year 1."""
    if not isinstance(text, str) or text.startswith("0001-"):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def form_of(one: Json) -> str:
    """How a question is answered, in our words."""
    kind = one.get("type")
    if kind in ("multiple_choice", "picture_choice"):
        properties = mapped(one.get("properties"))
        several = properties.get("allow_multiple_selection") or one.get("allow_multiple_selections")
        return "choices" if several else "choice"
    return _FORMS.get(str(kind), "other")


def scale_of(one: Json) -> Scale | None:
    """Scale of an NPS, an opinion scale or a rating; None where its steps are not told."""
    properties = {**mapped(one.get("properties"))}
    if one.get("type") == "nps":
        properties |= _NPS
    steps, first = properties.get("steps"), properties.get("start_at_one")
    if not isinstance(steps, int) or isinstance(steps, bool):
        return None
    low = 1 if first or one.get("type") == "rating" else 0
    try:
        return _labelled(low, low + steps - 1, properties)
    except UsageError:
        return None


def _labelled(low: int, high: int, properties: Json) -> Scale:
    told = mapped(properties.get("labels"))
    places = dict(zip(_SIDES, (low, (low + high) / 2, high), strict=True))
    labels = {
        int(places[side]): str(told[side])
        for side in _SIDES
        if told.get(side) and places[side] == int(places[side])
    }
    if labels:
        return Scale(low, high, labels=labels)
    is_stars = properties.get("shape") == "star" and (low, high) == (1, 5)
    return Scale.named("stars") if is_stars else Scale.parse(f"{low}-{high}")


def _leaves(fields: object) -> Iterator[Json]:
    """Questions; a group, a matrix or an address holds several."""
    for one in map(mapped, fields if isinstance(fields, list | tuple) else ()):
        within = mapped(one.get("properties")).get("fields")
        if within:
            yield from _leaves(within)
        elif one.get("type") != "statement" and "id" in one and "type" in one:
            yield one


def _labels(one: Json) -> list[Any]:
    choices = mapped(one.get("properties")).get("choices") or one.get("choices")
    return [mapped(choice).get("label") for choice in choices] if isinstance(choices, list) else []


def mapped(value: object) -> Json:
    """Return the mapping that is expected there; an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}
