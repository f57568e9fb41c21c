"""The simulated vendor's surveys: their versions, and what came back.

Shapes: Zendesk developer docs, CSAT surveys and CSAT survey responses, seen 2026-11. A response in
the list names its questions by id only; their options stand in the survey, which shows nothing but
its present version, and in the single response, which shows the version that was answered.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cxm_connectors.simulation import SimRating

from ._simulator_rows import CUSTOMERS, Row, precise, ulid

_EDITABLE: Final = timedelta(days=28)
_WORDS: Final = ("Very unsatisfied", "Unsatisfied", "Neutral", "Satisfied", "Very satisfied")
_REASONS: Final = ("too slow", "not solved", "unfriendly")


def static(text: str) -> Row:
    """Text that is not translated."""
    return {"type": "static", "value": text}


class Survey:
    """One survey through its versions.

    Parameters
    ----------
    begin : datetime
        When it was made.
    """

    def __init__(self, begin: datetime) -> None:
        self.id = ulid(begin, 1)
        self.begin = begin
        self.rating, self.reason, self.comment = (ulid(begin, key) for key in (2, 3, 4))
        self.versions: list[Row] = []
        self.reword("How would you rate the support you received?", _WORDS, begin)

    def reword(self, headline: str, labels: tuple[str, ...], at: datetime) -> None:
        """Begin a new version, with as many levels as there are labels."""
        questions = [
            {
                "id": self.rating,
                "type": "rating_scale_numeric",
                "sub_type": "customer_satisfaction",
                "headline": static(headline),
                "options": [
                    {"rating": level, "label": static(label)}
                    for level, label in enumerate(labels, 1)
                ],
            },
            {
                "id": self.reason,
                "type": "closed_ended",
                "alias": "reason",
                "headline": static("Select a reason regarding your experience"),
                "options": [
                    {"id": f"{self.reason[:-1]}{place}", "label": static(text)}
                    for place, text in enumerate(_REASONS)
                ],
            },
            {
                "id": self.comment,
                "type": "open_ended",
                "alias": "comment",
                "headline": static("Share your thoughts on the support you received"),
            },
        ]
        self.versions.append(
            {
                "id": self.id,
                "version": len(self.versions) + 1,
                "state": "enabled",
                "created_at": precise(self.begin),
                "updated_at": precise(at),
                "questions": questions,
            }
        )

    def version_at(self, at: datetime) -> int:
        """Version that stood at an instant."""
        stood = [one["version"] for one in self.versions if one["updated_at"] <= precise(at)]
        return max(stood, default=1)

    def response(self, rating: SimRating) -> Row:
        """Survey response of a rating, as it is kept."""
        response_id = ulid(rating.offered_at, rating.key)
        return {
            "id": response_id,
            "answers": self._answers(rating),
            "expires_at": precise(rating.offered_at + _EDITABLE),
            "responder_id": CUSTOMERS + rating.customer,
            "subject_zrns": [f"zen:ticket:{rating.ticket}"],
            "subjects": [
                {
                    "id": str(rating.ticket),
                    "type": "ticket",
                    "zrn": f"zen:ticket:{rating.ticket}",
                }
            ],
            "survey": {
                "id": self.id,
                "state": "enabled",
                "version": self.version_at(rating.offered_at),
            },
        }

    def _answers(self, rating: SimRating) -> list[Row]:
        if rating.score is None or rating.answered_at is None:
            return []
        answers = [self.rated(rating.score, rating.answered_at)]
        if rating.reason in _REASONS:
            option = f"{self.reason[:-1]}{_REASONS.index(rating.reason)}"
            selected = {"selections": [{"type": "predefined", "option_id": option}]}
            answers.append(self._answer("closed_ended", self.reason, rating.answered_at, selected))
        said = {"value": rating.comment}
        kind = "open_ended" if rating.comment else "skipped"
        answers.append(
            self._answer(kind, self.comment, rating.answered_at, said if rating.comment else {})
        )
        return answers

    def rated(self, level: int, at: datetime) -> Row:
        """Answer to the rating question."""
        told = {"rating": level, "rating_category": "good" if level >= 4 else "bad"}
        answer = self._answer("rating_scale", self.rating, at, told)
        answer["question"] |= {
            "type": "rating_scale_numeric",
            "sub_type": "customer_satisfaction",
        }
        return answer

    def _answer(self, kind: str, question: str, at: datetime, values: Row) -> Row:
        asked = "open_ended" if kind == "skipped" else kind
        return {
            "type": kind,
            "question": {"id": question, "type": asked},
            "created_at": precise(at),
            "updated_at": precise(at),
            **values,
        }

    def shown(self, response: Row) -> Row:
        """Single response: each answer with its whole question, as it was asked."""
        version = self.versions[response["survey"]["version"] - 1]
        questions = {one["id"]: one for one in version["questions"]}
        answers = [
            answer | {"question": questions[answer["question"]["id"]]}
            for answer in response["answers"]
        ]
        return response | {"answers": answers}
