"""From a submission to questions and responses: what was asked, on which scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from cxm_core.errors import UsageError
from cxm_core.records import Deletion, Question, Reason, Record, Response, Score
from cxm_core.vocabulary import Scale

from ._config import Survey, SurveyQuestion
from ._mapping import KINDS, Attributes, channel_of, moment, primary

Row = Mapping[str, Any]

# HubSpot knowledge base, Survey response properties, seen 2026-11: detractors of a satisfaction
# survey gave 0 and promoters 2; of an effort survey 1 to 3 and 6 to 7.
_OWN: Mapping[str, tuple[str, Scale]] = {
    "NPS": ("recommendation", Scale.named("0-10")),
    "CSAT": (
        "satisfaction",
        Scale(0, 2, labels={0: "unhappy", 1: "neutral", 2: "happy"}, top=[2], bottom=[0]),
    ),
    "CES": ("effort", Scale(1, 7, top=[6, 7], bottom=[1, 2, 3])),
}
_SCORED, _WORDS = "hs_value", "hs_content"


@frozen(kw_only=True)
class Asked:
    """One question of a survey, and the property that holds the answer."""

    native_id: str
    property: str
    declared: SurveyQuestion
    scale: Scale | None
    measures: str | None


def asked_by(of: Mapping[str, str | None], survey: Survey | None) -> list[Asked]:
    """Questions that a submission answers; the value comes first."""
    number = of.get("hs_survey_id") or "0"
    declared = survey or Survey()
    measures, scale = _OWN.get((of.get("hs_survey_type") or "").upper(), (None, None))
    main = Asked(
        native_id=number,
        property=_SCORED,
        declared=declared,
        scale=Scale.parse(declared.scale) if declared.scale else scale,
        measures=declared.measures or measures,
    )
    return [main, *(_further(number, name, one) for name, one in declared.questions.items())]


def _further(number: str, name: str, one: SurveyQuestion) -> Asked:
    return Asked(
        native_id=f"{number}:{name}",
        property=name,
        declared=one,
        scale=Scale.parse(one.scale) if one.scale else None,
        measures=one.measures,
    )


def question(of: Mapping[str, str | None], asked: Asked, survey: Survey | None) -> Question:
    """What was asked, with its scale."""
    return Question(
        native_id=asked.native_id,
        text=asked.declared.text,
        version=asked.declared.version,
        scale=asked.scale,
        form="scale" if asked.scale else asked.declared.form,
        measures=asked.measures,
        survey=of.get("hs_survey_name") or of.get("hs_survey_id"),
        touchpoint=survey.touchpoint if survey else None,
        attributes={"type": of.get("hs_survey_type"), "property": asked.property},
    )


def response(
    row: Row, one: Asked, *, survey: Survey | None = None, attributes: Attributes | None = None
) -> Iterator[Record]:
    """What was answered to one question; nothing where a further one was left out."""
    of = row["properties"]
    answer, is_main = of.get(one.property), one.property == _SCORED
    if not (answer or is_main):
        return
    contact = of.get("hs_contact_id") or primary(row.get("linked"), "contacts")
    yield Response(
        native_id=response_id(row["id"], one),
        customer=[("external", contact)],
        occurred_at=moment(of.get("hs_submission_timestamp")) or row["createdAt"],
        recorded_at=row["updatedAt"],
        question=one.native_id,
        question_version=one.declared.version,
        score=_score(answer, one),
        no_answer="no_answer" if not answer else None,
        verbatim=of.get(_WORDS) if is_main else _words(answer, one),
        channel=channel_of(of.get("hs_survey_channel")),
        touchpoint=survey.touchpoint if survey else None,
        attributes={**(attributes or {}), **_facts(row, one, answer)},
    )


def response_id(submission: str, asked: Asked) -> str:
    """Id of the response to one question."""
    return submission if asked.property == _SCORED else f"{submission}:{asked.property}"


def withdrawn(row: Row, questions: Mapping[str, SurveyQuestion]) -> Iterator[Deletion]:
    """That a submission lies in the archive, with all that it answered."""
    at = row.get("archivedAt")
    for suffix in ("", *(f":{name}" for name in questions)):
        yield Deletion(
            kind=KINDS["feedback_submissions"],
            native_id=row["id"] + suffix,
            occurred_at=at,
            recorded_at=at,
        )


def _score(answer: str | None, asked: Asked) -> Score | None:
    if not answer or (asked.scale is None and asked.property != _SCORED):
        return None
    if asked.scale is None:
        raise UsageError(
            "A survey of another type than NPS, CSAT and CES has no scale that is known.",
            hint="declare it under [sources.config.surveys.<id>], such as scale = '1-5'",
            reason=Reason.BAD_SCALE.value,
            field="hs_value",
        )
    return Score(_level(answer), asked.scale)


def _level(answer: str) -> int:
    # Numbers come as texts, some of them with a point.
    value = float(answer)
    if not value.is_integer():
        raise UsageError(
            "The value of a submission is no whole number.", reason=Reason.WRONG_TYPE.value
        )
    return int(value)


def _words(answer: str | None, asked: Asked) -> str | None:
    return answer if asked.declared.form == "open" and asked.scale is None else None


def _facts(row: Row, asked: Asked, answer: str | None) -> dict[str, str | None]:
    of = row["properties"]
    is_chosen = asked.scale is None and asked.declared.form not in ("open", "scale")
    return {
        "ticket": of.get("hs_ticket_id") or primary(row.get("linked"), "tickets"),
        "group": of.get("hs_response_group") if asked.property == _SCORED else None,
        "answer": answer if is_chosen else None,
    }
