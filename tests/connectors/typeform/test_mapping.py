"""Typeform's forms and answers in our records, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_connectors.typeform import Hint
from cxm_connectors.typeform._forms import Definition, Seen, form_of, scale_of
from cxm_connectors.typeform._mapping import Submission
from cxm_core.plugins import Rejected
from cxm_core.records import Invitation, Response
from cxm_core.vocabulary import Scale

EASE = Scale(1, 7, labels={1: "hard", 4: "so so", 7: "easy"})


def field(kind: str, **properties: Any) -> dict[str, Any]:
    """A question as a form defines it."""
    return {"id": "f1", "ref": "r1", "type": kind, "title": "How?", "properties": properties}


def definition(*fields: dict[str, Any], **hints: Hint) -> Definition:
    """A form with these questions."""
    form = {
        "id": "F",
        "fields": fields,
        "settings": {"language": "de"},
        "last_updated_at": "2026-01-01T00:00:00Z",
    }
    return Definition.of(form, hints)


class TestScales:
    """The scale is in the form, and only there."""

    @pytest.mark.parametrize(
        ("one", "scale"),
        [
            (field("nps"), Scale.named("0-10")),
            (field("nps", steps=11, start_at_one=False), Scale.named("0-10")),
            (field("opinion_scale", steps=5, start_at_one=True), Scale.named("1-5")),
            (field("opinion_scale", steps=5, start_at_one=False), Scale(0, 4)),
            (field("opinion_scale", steps=11), Scale.named("0-10")),
            (field("rating", steps=5, shape="star"), Scale.named("stars")),
            (field("rating", steps=5, shape="heart"), Scale.named("1-5")),
            (field("rating", steps=10, shape="star"), Scale.named("1-10")),
            (
                field(
                    "opinion_scale",
                    steps=7,
                    start_at_one=True,
                    labels={"left": "hard", "center": "so so", "right": "easy"},
                ),
                EASE,
            ),
            (
                field("opinion_scale", steps=6, start_at_one=True, labels={"center": "half"}),
                Scale(1, 6),
            ),
            (field("opinion_scale"), None),
            (field("rating", steps="5"), None),
            (field("rating", steps=1), None),
            (field("rating", steps=True), None),
        ],
    )
    def test_scale_of_a_field(self, one: dict[str, Any], scale: Scale | None) -> None:
        """Steps, start and labels make the scale; where they are not told there is none."""
        assert scale_of(one) == scale

    def test_hint_goes_before_the_form(self) -> None:
        """A user may say that less is better, which Typeform cannot tell."""
        hint = Hint(scale="1-5 reversed", measures="effort", touchpoint="shop")
        form = definition(field("rating", steps=5), r1=hint)
        (question,) = form.questions()
        assert question.scale == Scale.named("1-5 reversed")
        assert (question.measures, question.touchpoint) == ("effort", "shop")
        assert form.seen()["f1"].touchpoint == "shop"

    @pytest.mark.parametrize(
        ("kind", "form"),
        [
            ("nps", "scale"),
            ("long_text", "open"),
            ("yes_no", "choice"),
            ("dropdown", "choice"),
            ("ranking", "choices"),
            ("number", "number"),
            ("date", "date"),
            ("hologram", "other"),
        ],
    )
    def test_form_of_a_field(self, kind: str, form: str) -> None:
        """Each type of field is one of our forms; one that is not known is `other`."""
        assert form_of(field(kind)) == form

    def test_several_choices(self) -> None:
        """Multiple choice is `choices` only where several may be taken."""
        assert form_of(field("multiple_choice")) == "choice"
        assert form_of(field("multiple_choice", allow_multiple_selection=True)) == "choices"
        assert form_of(field("picture_choice") | {"allow_multiple_selections": True}) == "choices"


class TestVersions:
    """Another wording, scale or choice is another version; nothing else is."""

    @pytest.mark.parametrize(
        "other",
        [
            field("opinion_scale", steps=7, start_at_one=True),
            field("opinion_scale", steps=5, start_at_one=False),
            field("opinion_scale", steps=5, start_at_one=True, labels={"left": "bad"}),
            field("opinion_scale", steps=5, start_at_one=True) | {"title": "How now?"},
        ],
    )
    def test_edits_that_count(self, other: dict[str, Any]) -> None:
        """Wording, steps, start and labels make another version."""
        first = field("opinion_scale", steps=5, start_at_one=True)
        assert definition(first).version(first) != definition(other).version(other)

    def test_edits_that_do_not_count(self) -> None:
        """Another reference, or another question beside it, leaves the version as it was."""
        first = field("opinion_scale", steps=5, start_at_one=True)
        other = first | {"ref": "renamed", "validations": {"required": True}}
        assert definition(first).version(first) == definition(other, field("nps")).version(other)

    def test_versions_are_small_whole_numbers(self) -> None:
        """A version is a number that a record can hold."""
        one = field("nps")
        assert 1 <= definition(one).version(one) <= 2**24


class TestQuestions:
    """Forms become questions."""

    def test_groups_are_opened(self) -> None:
        """Questions of a group are questions; the group and a statement are none."""
        inner = [field("nps") | {"id": "a"}, field("date") | {"id": "b"}]
        group = field("group", fields=inner)
        form = definition(group, field("statement"))
        assert [one.native_id for one in form.questions()] == ["F/a", "F/b"]

    @pytest.mark.parametrize(
        "odd", [{"ref": {}}, {"title": []}, {"properties": 7, "type": []}, {"title": "x" * 10**7}]
    )
    def test_one_odd_question_spoils_no_other(self, odd: dict[str, Any]) -> None:
        """A question of another shape is set aside alone; the others keep their scale."""
        form = definition(field("nps") | {"id": "a"} | odd, field("rating", steps=5) | {"id": "b"})
        first, second = form.questions()
        assert isinstance(first, Rejected)
        assert (first.native_id, second.native_id) == ("F/a", "F/b")
        assert form.seen()["b"].scale == Scale.named("1-5")

    @pytest.mark.parametrize("fields", [7, None, [7], ["x"], [{"id": "a"}], {"id": "a"}])
    def test_no_fields(self, fields: Any) -> None:
        """What is no list of questions has none."""
        assert list(Definition.of({"id": "F", "fields": fields}, {}).questions()) == []

    def test_question_by_hand(self) -> None:
        """All that Typeform tells of a question is in its record."""
        (one,) = definition(field("nps")).questions()
        assert (one.native_id, one.text, one.form, one.survey) == ("F/f1", "How?", "scale", "F")
        assert (one.measures, one.language) == ("recommendation", "de")
        assert one.attributes == {"type": "nps", "ref": "r1"}
        assert str(one.recorded_at) == "2026-01-01 00:00:00+00:00"


ROW: dict[str, Any] = {
    "token": "T",
    "response_id": "R",
    "landed_at": "2026-02-01T10:00:00Z",
    "submitted_at": "2026-02-01T10:05:00Z",
    "hidden": {"user_id": "u7", "segment": "gold", "empty": ""},
    "variables": [{"key": "price", "type": "number", "number": 4}],
}


def records(*answers: dict[str, Any], seen: Seen | None = None, **changes: Any) -> list[Any]:
    """Records of a response with these answers to one question."""
    row = {**ROW, "answers": list(answers), **changes}
    known = {"f1": seen} if seen else {}
    return list(
        Submission(row=row, form="F", seen=known, identifiers={"user_id": "external"}).records()
    )


def answer(kind: str, value: Any, *, of: str = "short_text") -> dict[str, Any]:
    """One answer as Typeform serves it."""
    return {"field": {"id": "f1", "ref": "r1", "type": of}, "type": kind, kind: value}


class TestAnswers:
    """Each answer is one response; nothing is guessed."""

    @pytest.mark.parametrize(
        ("told", "verbatim", "value"),
        [
            (answer("text", "so \u2728"), "so \u2728", None),
            (answer("number", 7, of="number"), None, 7),
            (answer("boolean", False, of="yes_no"), None, False),
            (answer("date", "2026-05-01", of="date"), None, "2026-05-01"),
            (answer("url", "https://a.example", of="website"), None, "https://a.example"),
            (answer("choice", {"label": "Blue"}), None, "Blue"),
            (answer("choice", {"other": "Teal"}), "Teal", None),
            (answer("choices", {"labels": ["a", "b"]}), None, '["a", "b"]'),
            (answer("choices", {"labels": ["a"], "other": "c"}), "c", '["a"]'),
            (answer("payment", {"amount": "9.50", "last4": "1234", "name": "Ann"}), None, "9.50"),
        ],
    )
    def test_values(self, told: dict[str, Any], verbatim: str | None, value: Any) -> None:
        """Words are a verbatim, all else is an attribute; a card's name and number are dropped."""
        (_, one) = records(told)
        assert isinstance(one, Response)
        assert (one.verbatim, one.attributes.get("answer")) == (verbatim, value)
        assert "Ann" not in str(one.attributes)

    @pytest.mark.parametrize("kind", ["email", "phone_number"])
    def test_contacts_are_no_answers(self, kind: str) -> None:
        """An address or a number is not kept among the answers."""
        assert len(records(answer(kind, "+4930901820"))) == 1

    @pytest.mark.parametrize("value", [9, 9.0])
    def test_score_by_hand(self, value: float) -> None:
        """A number of a scaled field is a score on the scale that was seen."""
        (_, one) = records(answer("number", value, of="opinion_scale"), seen=Seen(5, Scale(0, 10)))
        assert (one.score.value, one.score.scale, one.question_version) == (9, Scale(0, 10), 5)

    @pytest.mark.parametrize(
        ("value", "seen", "reason"),
        [
            (11, Seen(1, Scale(0, 10)), "out_of_scale"),
            (7.5, Seen(1, Scale(0, 10)), "wrong_type"),
            ("9", Seen(1, Scale(0, 10)), "wrong_type"),
            (9, Seen(1, None), "bad_scale"),
            (9, None, "bad_scale"),
            (None, Seen(1, Scale(0, 10)), "wrong_type"),
        ],
    )
    def test_scores_that_are_none(self, value: Any, seen: Seen | None, reason: str) -> None:
        """Off the scale, a fraction, a text, or without a scale: set aside, with the reason."""
        (first, one) = records(answer("number", value, of="rating"), seen=seen)
        assert isinstance(first, Invitation)
        assert isinstance(one, Rejected)
        assert (one.problem.reason, one.kind, one.native_id) == (reason, "response", "F/R/f1")
        assert one.raw["answers"] == [answer("number", value, of="rating")]

    def test_nps_has_its_scale_by_itself(self) -> None:
        """An answer to an NPS question that is in no form any more still is one from 0 to 10."""
        (_, one) = records(answer("number", 9, of="nps"))
        assert (one.score.scale, one.question_version) == (Scale.named("0-10"), None)

    @pytest.mark.parametrize("changes", [{"landed_at": "soon"}, {"hidden": {"user_id": "a\nb"}}])
    def test_a_response_that_is_none_is_set_aside_whole(self, changes: dict[str, Any]) -> None:
        """With a time or a name that cannot be read, the response is set aside with all answers."""
        answers = [answer("text", "a"), answer("text", "b")]
        (one,) = records(*answers, **changes)
        assert isinstance(one, Rejected)
        assert (one.raw["answers"], one.raw["form_id"]) == (answers, "F")

    @pytest.mark.parametrize(
        "odd", [{}, {"type": "text"}, {"type": "choice", "choice": "x"}, 7, None]
    )
    def test_one_odd_answer_spoils_no_other(self, odd: Any) -> None:
        """An answer of another shape is set aside alone, without a word of it in the reason."""
        good = answer("text", "fine")
        made = records(good, odd)
        assert isinstance(made[1], Response)
        assert isinstance(made[2], Rejected)
        assert "x" not in made[2].problem.message.split()

    def test_invitation_by_hand(self) -> None:
        """That a form was followed, when, how far, by whom, and what the link carried."""
        (one,) = records()
        assert (one.native_id, one.survey, one.outcome) == ("F/R", "F", "complete")
        assert [name.text for name in one.customer] == ["external:u7"]
        assert one.attributes == {"segment": "gold", "price": 4}
        assert str(one.occurred_at) == "2026-02-01 10:00:00+00:00"
        assert str(one.outcome_at) == "2026-02-01 10:05:00+00:00"

    def test_steps_of_one_second_are_in_order(self) -> None:
        """Opened, gone on with and completed in one second, the later step is the newer version."""
        at = "2026-02-01T10:00:00Z"
        stamps = [
            records(response_type=kind, landed_at=at, staged_at=at, submitted_at=at)[0].recorded_at
            for kind in ("started", "partial", "completed")
        ]
        assert stamps == sorted(set(stamps))

    @pytest.mark.parametrize(
        ("changes", "outcome", "changed"),
        [
            ({"submitted_at": "0001-01-01T00:00:00Z"}, "refusal", "2026-02-01T10:00:00"),
            (
                {
                    "submitted_at": None,
                    "staged_at": "2026-02-01T10:03:00Z",
                    "response_type": "partial",
                },
                "partial",
                "2026-02-01T10:03:00",
            ),
            ({"response_type": "completed"}, "complete", "2026-02-01T10:05:00"),
        ],
    )
    def test_how_far_it_came(self, changes: dict[str, Any], outcome: str, changed: str) -> None:
        """The year 1 is no time; what was only opened is a refusal in AAPOR's terms."""
        (one,) = records(**changes)
        assert (one.outcome, one.outcome_at.isoformat()) == (outcome, changed + "+00:00")
