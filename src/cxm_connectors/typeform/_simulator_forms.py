"""Forms of the synthetic company as Typeform defines them, for its simulator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from cxm_connectors.simulation import SimForm, SimQuestion, SimSubmission

Json: TypeAlias = dict[str, Any]

# Typeform developer docs, Create API, field types, seen 2026-11.
_TYPES = {
    "open": "long_text",
    "choice": "multiple_choice",
    "choices": "multiple_choice",
    "number": "number",
    "date": "date",
    "email": "email",
}
_SIMPLE = {"long_text": "text", "number": "number", "date": "date", "email": "email"}
# What Typeform writes for a time that never came: Go's zero time, seen in recorded answers.
NEVER = "0001-01-01T00:00:00Z"


def stamp(at: datetime) -> str:
    """ISO text to the second, as the vendor writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def form_id(key: int) -> str:
    """Id of a form."""
    return f"form{key}"


def listed(form: SimForm, origin: str) -> Json:
    """Form as it stands in the list of forms: without its questions."""
    name = form_id(form.key)
    return {
        "id": name,
        "type": "form",
        "title": form.title,
        "created_at": stamp(form.created_at),
        "last_updated_at": stamp(form.changed_at),
        "settings": {"is_public": True, "is_trial": False},
        "self": {"href": f"{origin}/forms/{name}"},
        "theme": {"href": f"{origin}/themes/6lPNE6"},
        "_links": {"display": f"https://northwind.typeform.example/to/{name}"},
    }


def defined(form: SimForm, origin: str) -> Json:
    """Form with its questions and their scales, as it stands now."""
    return {
        **listed(form, origin),
        "settings": {"is_public": True, "is_trial": False, "language": "en"},
        "hidden": ["customer", "segment", "invitation"],
        "welcome_screens": [],
        "thankyou_screens": [{"ref": "default_tys", "title": "Done!"}],
        "fields": [_field(question) for question in form.questions],
    }


def told_in_event(form: SimForm, *, is_bare: bool) -> Json:
    """Definition that a webhook brings along; a bare one leaves the steps of scales out."""
    # Typeform developer docs, Example webhook payload, seen 2026-11.
    fields = []
    for question in form.questions:
        bare: Json = {"properties": {}} if is_bare else {}
        fields.append({**_field(question), **bare, **_choices_of_event(question)})
    return {"id": form_id(form.key), "title": form.title, "fields": fields}


def _choices_of_event(question: SimQuestion) -> Json:
    if not question.choices:
        return {}
    several = question.form == "choices"
    return {"choices": _choices(question), "allow_multiple_selections": several}


def _field(question: SimQuestion) -> Json:
    return {
        "id": question.key,
        "ref": f"{question.key}-ref",
        "type": _type(question),
        "title": question.text,
        "properties": _properties(question),
        "validations": {"required": question.is_required},
    }


def _type(question: SimQuestion) -> str:
    if question.scale is None:
        return _TYPES.get(question.form, "short_text")
    if question.measures == "recommendation":
        return "nps"
    return "rating" if question.scale.name == "stars" else "opinion_scale"


def _properties(question: SimQuestion) -> Json:
    if question.choices:
        several = question.form == "choices"
        return {"allow_multiple_selection": several, "choices": _choices(question)}
    if question.scale is None:
        return {}
    scale, kind = question.scale, _type(question)
    ends = (("left", scale.low), ("right", scale.high))
    labels = {side: scale.label(level) for side, level in ends if level in dict(scale.labels)}
    told: Json = {"steps": scale.high - scale.low + 1}
    if kind == "rating":
        told["shape"] = "star"
    else:
        told["start_at_one"] = scale.low == 1
    return {**told, "labels": labels} if labels else told


def _choices(question: SimQuestion) -> list[Json]:
    return [
        {"id": f"{question.key}-{at}", "ref": f"{question.key}-{at}-ref", "label": label}
        for at, label in enumerate(question.choices, 1)
    ]


def answers(form: SimForm, submission: SimSubmission) -> list[Json]:
    """Answers of a submission, in the order of the questions that it saw."""
    seen = form.at_version(submission.form_version)
    return [
        _answer(question, submission.answers[question.key])
        for question in seen.questions
        if question.key in submission.answers
    ]


def _answer(question: SimQuestion, given: Any) -> Json:
    kind = _type(question)
    field = {"id": question.key, "ref": f"{question.key}-ref", "type": kind}
    return {"field": field, **_value(question, kind, given)}


def _value(question: SimQuestion, kind: str, given: Any) -> Json:
    if question.form == "choices":
        return {"type": "choices", "choices": _picked(question, given, "ids", "labels")}
    if question.form == "choice":
        return {"type": "choice", "choice": _chosen(question, given)}
    name = "number" if question.scale is not None else _SIMPLE.get(kind, "text")
    return {"type": name, name: given}


def _chosen(question: SimQuestion, given: str) -> Json:
    known = {one["label"]: one for one in _choices(question)}
    return known.get(given, {"other": given})


def _picked(question: SimQuestion, given: Any, ids: str, labels: str) -> Json:
    known = {one["label"]: one["id"] for one in _choices(question)}
    chosen = [label for label in given if label in known]
    other = [label for label in given if label not in known]
    picked: Json = {ids: [known[label] for label in chosen], labels: chosen}
    return picked | ({"other": other[0]} if other else {})
