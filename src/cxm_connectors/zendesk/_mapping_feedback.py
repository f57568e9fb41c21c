"""Satisfaction: the legacy good-or-bad ratings, and the surveys that took their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.records import Invitation, Question, Record, Response, Score
from cxm_core.vocabulary import Scale

from ._mapping import Row, id_of, objects, person, plain

LEGACY = "satisfaction"
GOOD_OR_BAD = Scale.named("good/bad")
# Zendesk developer docs, Satisfaction ratings, seen 2026-11: filters also know scores such as
# `good_with_comment`; rows have the plain ones.
_LEGACY_SCORES = {"good": 1, "bad": 0}
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def legacy_question() -> Question:
    """Ask what every legacy rating answers; accounts word it as they like, and do not tell."""
    return Question(
        native_id=LEGACY,
        version=1,
        scale=GOOD_OR_BAD,
        form="scale",
        measures="satisfaction",
        survey=LEGACY,
    )


def rating_of(row: Row) -> tuple[Record, ...]:
    """Invitation, and the response where one was given; nothing for a ticket never asked about."""
    score = _LEGACY_SCORES.get(str(row.get("score")).partition("_")[0])
    if row.get("score") == "unoffered":
        return ()
    invitation = Invitation(
        native_id=row.get("id"),
        customer=person(row.get("requester_id")),
        occurred_at=row.get("created_at"),
        recorded_at=row.get("updated_at"),
        survey=LEGACY,
        outcome=None if score is None else "complete",
        outcome_at=None if score is None else row.get("updated_at"),
        attributes=_about(row),
    )
    return (invitation,) if score is None else (invitation, _legacy_response(row, score))


def _legacy_response(row: Row, score: int) -> Response:
    return Response(
        native_id=row.get("id"),
        customer=person(row.get("requester_id")),
        occurred_at=row.get("updated_at"),
        recorded_at=row.get("updated_at"),
        question=LEGACY,
        question_version=1,
        score=Score(score, GOOD_OR_BAD),
        verbatim=row.get("comment"),
        invitation=row.get("id"),
        attributes=_about(row) | plain({"reason": row.get("reason")}),
    )


def _about(row: Row) -> dict[str, str | int | float | bool]:
    return plain(
        {
            "ticket": id_of(row.get("ticket_id")),
            "assignee": id_of(row.get("assignee_id")),
            "group": id_of(row.get("group_id")),
        }
    )


def scale_of(question: Row) -> Scale | None:
    """Scale of a rating question of one version of a survey; None where it is not told."""
    labels = {one["rating"]: _text(one.get("label")) for one in question.get("options") or ()}
    if len(labels) < 2:
        return None
    named = {level: text for level, text in labels.items() if text}
    return Scale(min(labels), max(labels), labels=named)


def _text(content: object) -> str | None:
    value = content.get("value") if isinstance(content, Mapping) else None
    return value if isinstance(value, str) and value.strip() else None


def is_rating(question: Row) -> bool:
    """Whether a question is answered by a number: numeric, emoji or worded scale."""
    return str(question.get("type")).startswith("rating_scale")


def questions_of(survey: Row, locale: str) -> Iterator[Question]:
    """Questions of a survey as it stands, each with its scale and the survey's version."""
    for question in survey.get("questions") or ():
        choices = None if is_rating(question) else _choices(question)
        yield Question(
            native_id=question.get("id"),
            occurred_at=survey.get("created_at"),
            recorded_at=survey.get("updated_at"),
            text=_text(question.get("headline")),
            version=survey.get("version"),
            scale=scale_of(question) if is_rating(question) else None,
            form=_form_of(question),
            measures=_measured(question),
            survey=survey.get("id"),
            language=locale,
            attributes=plain({"choices": choices}),
        )


def _form_of(question: Row) -> str:
    if is_rating(question):
        return "scale"
    return {"closed_ended": "choice", "open_ended": "open"}.get(str(question.get("type")), "other")


def _measured(question: Row) -> str | None:
    if not is_rating(question):
        return None
    words = {"customer_satisfaction": "satisfaction", "customer_effort": "effort"}
    return words.get(str(question.get("sub_type")), "other")


def _choices(question: Row) -> str | None:
    labels = [_text(one.get("label")) for one in question.get("options") or ()]
    return "; ".join(label for label in labels if label) or None


def survey_key(row: Row) -> tuple[str, int]:
    """Survey and version that a survey response answers; both shapes of the API are read."""
    survey = row.get("survey")
    told = survey if isinstance(survey, Mapping) else {}
    version = told.get("version", row.get("survey_version"))
    return str(told.get("id", row.get("survey_id"))), version if type(version) is int else 1


def asked_in(row: Row) -> dict[str, Row]:
    """Questions that a survey response names, by id."""
    questions = [one.get("question") for one in objects(row.get("answers"))]
    return {str(one.get("id")): one for one in questions if isinstance(one, Mapping)}


def asked_by(survey: Row) -> dict[str, Row]:
    """Questions of a survey as it stands, by id."""
    return {str(one.get("id")): one for one in objects(survey.get("questions"))}


def offered_at(row: Row) -> datetime | None:
    """When it was sent: no field tells, but its id is a ULID, which begins with the moment."""
    # github.com/ulid/spec, Components, seen 2026-11: ten digits of base 32, milliseconds.
    head = str(row.get("id"))[:10].upper()
    if len(head) < 10 or any(digit not in _CROCKFORD for digit in head):
        return None
    milliseconds = 0
    for digit in head:
        milliseconds = milliseconds * 32 + _CROCKFORD.index(digit)
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def survey_response_of(row: Row, questions: Mapping[str, Row]) -> Iterator[Record]:
    """Invitation, and a response for each rating; a comment stands with the rating it explains.

    Parameters
    ----------
    row : mapping
        Survey response as it was listed.
    questions : mapping of str to mapping
        Questions of the very version that was answered, by id.

    Yields
    ------
    Invitation or Response
        No response for a survey that was only offered.

    Raises
    ------
    UsageError
        A number has no scale: the version that was answered does not tell its options.
    """
    answers = [one for one in row.get("answers") or () if one.get("type") != "skipped"]
    skipped = len(row.get("answers") or ()) - len(answers)
    yield _invitation_of(row, answers, skipped=skipped)
    rated = [one for one in answers if one.get("type") == "rating_scale"]
    words = [one for one in answers if one.get("type") == "open_ended" and one.get("value")]
    shared = _shared(row, answers, questions)
    for place, answer in enumerate(rated):
        comment = words.pop(0) if place == 0 and words else {}
        yield _rated(row, answer, questions, verbatim=comment.get("value"), attributes=shared)
    for answer in words:
        yield _response(row, answer, verbatim=answer.get("value"), attributes=shared)


def _invitation_of(row: Row, answers: list[Row], *, skipped: int) -> Invitation:
    stamps = [one["updated_at"] for one in row.get("answers") or () if one.get("updated_at")]
    sent, changed = offered_at(row), max(stamps, default=None)
    survey, version = survey_key(row)
    outcome = ("partial" if skipped else "complete") if answers else None
    return Invitation(
        native_id=row.get("id"),
        customer=person(row.get("responder_id")),
        occurred_at=sent or min(stamps, default=None),
        recorded_at=changed or sent,
        survey=survey,
        outcome=outcome,
        outcome_at=changed if outcome else None,
        expires_at=row.get("expires_at"),
        attributes=_subject(row) | {"survey_version": version},
    )


def _subject(row: Row) -> dict[str, str | int | float | bool]:
    names = [str(one).split(":") for one in row.get("subject_zrns") or ()]
    found = {parts[-2]: parts[-1] for parts in names if len(parts) > 1}
    return {kind: found[kind] for kind in ("ticket", "conversation") if kind in found}


def _shared(
    row: Row, answers: list[Row], questions: Mapping[str, Row]
) -> dict[str, str | int | float | bool]:
    reasons = [
        label
        for answer in answers
        if answer.get("type") == "closed_ended"
        for label in _selected(answer, questions)
    ]
    return _subject(row) | plain({"reason": "; ".join(reasons) or None})


def _selected(answer: Row, questions: Mapping[str, Row]) -> Iterator[str]:
    options = questions.get(_question_id(answer), {}).get("options") or ()
    labels = {one.get("id"): _text(one.get("label")) for one in options}
    for selection in answer.get("selections") or ():
        chosen = selection.get("option_id")
        yield labels.get(chosen) or str(chosen)


def _question_id(answer: Row) -> str:
    return str((answer.get("question") or {}).get("id"))


def _rated(row: Row, answer: Row, questions: Mapping[str, Row], **values: Any) -> Response:
    question = questions.get(_question_id(answer)) or answer.get("question") or {}
    scale = scale_of(question)
    if scale is None:
        raise UsageError(
            "A rating has no scale: its survey's version does not tell the options.",
            hint="allow the token to read surveys, then sync again",
            reason="bad_scale",
            field="score_scale",
        )
    category = plain({"rating_category": answer.get("rating_category")})
    values["attributes"] = values["attributes"] | category
    return _response(row, answer, score=Score(answer.get("rating"), scale), **values)


def _response(row: Row, answer: Row, **values: Any) -> Response:
    return Response(
        native_id=f"{row.get('id')}:{_question_id(answer)}",
        customer=person(row.get("responder_id")),
        occurred_at=answer.get("created_at"),
        recorded_at=answer.get("updated_at") or answer.get("created_at"),
        question=_question_id(answer),
        question_version=survey_key(row)[1],
        invitation=row.get("id"),
        **values,
    )
