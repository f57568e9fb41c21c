"""From a configuration to mappings of rows."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_connectors.mapping import (
    TableConfig,
    mapping_hash,
    mappings,
    questions,
    questions_hash,
)
from cxm_core.errors import ConfigurationError
from cxm_core.records import Problem, Reason, Record, Response, Ticket, read_row

ROW = {
    "id": "{wave}-{NO}",
    "customer": {"external": "sfo-{NO}"},
    "occurred_at": {"column": "{wave}-05-{DAY}", "format": "%Y-%m-%d", "zone": "UTC"},
    "weight": "W",
    "stratum": "{wave}-{S}",
    "attributes": {"language": "LANG", "wave": "{wave}", "kind": {"constant": "a{b}"}},
}
NPS = {
    "id": "NPS",
    "scale": "0-10",
    "column": "NPS",
    "missing": {"11": "no_answer", "12": "not_applicable"},
}
FILLED = {"NO": "7", "DAY": "3", "W": "1.5", "S": "2", "LANG": "en", "NPS": "9", "WORDS": "Cold"}


class Placed(TableConfig):
    """Tables that lie in a folder."""

    folder: str


def config(*questions: dict[str, Any], **more: Any) -> TableConfig:
    """Configuration of one file with the given questions."""
    return TableConfig.model_validate({"row": ROW, "questions": list(questions), **more})


def read(made: TableConfig, **row: str) -> list[Record | Problem]:
    """All records of one row of the wave of 2017."""
    every = mappings(made, {"wave": "2017"}, has_column=lambda name: name != "LATER")
    return [read_row(mapping, {**FILLED, **row}) for mapping in every]


def test_response() -> None:
    """One row gives the answer with all that the row's answers share."""
    (response,) = read(config(NPS | {"touchpoint": "gate", "version": 2}))
    assert isinstance(response, Response)
    assert response.native_id == "2017-7/NPS"
    assert [identifier.text for identifier in response.customer] == ["external:sfo-7"]
    assert str(response.occurred_at) == "2017-05-03 00:00:00+00:00"
    assert (response.question, response.question_version) == ("NPS", 2)
    assert response.score is not None
    assert (response.score.value, response.score.scale.code) == (9, "0-10")
    assert (response.weight, response.stratum, response.touchpoint) == (1.5, "2017-2", "gate")
    assert response.attributes == {"language": "en", "wave": "2017", "kind": "a{b}"}


@pytest.mark.parametrize(
    ("text", "word"),
    [("11", "no_answer"), ("12", "not_applicable"), ("", "no_answer"), (" ", "no_answer")],
)
def test_missing_codes(text: str, word: str) -> None:
    """A missing code gives an answer without a score and with the reason; blank is one too."""
    (response,) = read(config(NPS), NPS=text)
    assert isinstance(response, Response)
    assert response.score is None
    assert response.no_answer == word


def test_code_that_is_not_declared() -> None:
    """A number off the scale that nobody declared is no record."""
    (problem,) = read(config(NPS), NPS="13")
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.OUT_OF_SCALE


def test_verbatim() -> None:
    """A question of words gives the words and no score."""
    (response,) = read(config({"id": "WHY", "verbatim": "WORDS"}))
    assert isinstance(response, Response)
    assert (response.verbatim, response.score) == ("Cold", None)


def test_optional_question() -> None:
    """An optional question whose column a file lacks is left out; its neighbours stay."""
    later = {"id": "LATER", "scale": "1-5", "column": "LATER", "optional": True}
    (response,) = read(config(later, NPS))
    assert isinstance(response, Response)
    assert response.question == "NPS"


def test_optional_question_needs_only_its_own_columns() -> None:
    """A column that all answers share is not what makes a question optional."""
    every = mappings(config(NPS | {"optional": True}), {}, has_column=lambda name: name == "NPS")
    assert len(every) == 1


def test_other_record() -> None:
    """A row can hold any other kind of record, which takes its id and times from the row."""
    ticket = {
        "kind": "ticket",
        "id": "{NO}",
        "fields": {"subject": "WORDS", "channel": {"constant": "phone"}},
        "attributes": {"language": "LANG"},
    }
    (found,) = read(config(records=[ticket]))
    assert isinstance(found, Ticket)
    assert (found.native_id, found.subject, found.channel) == ("7", "Cold", "phone")
    assert found.occurred_at is not None
    assert found.attributes == {"language": "en"}


def test_unknown_field() -> None:
    """A field that a record does not have is an error with the nearest one."""
    ticket = {"kind": "ticket", "fields": {"subjekt": "WORDS"}}
    with pytest.raises(ConfigurationError, match="did you mean 'subject'"):
        read(config(records=[ticket]))


@pytest.mark.parametrize("template", ["{NO", "NO}", "{}"])
def test_template_that_is_none(template: str) -> None:
    """A brace without its partner is an error of the configuration."""
    with pytest.raises(ConfigurationError, match="brace"):
        read(config(NPS | {"column": template}))


def test_value_with_braces() -> None:
    """Braces in a file's own value are text, never another column."""
    every = mappings(config(NPS), {"wave": "{NO}"}, has_column=lambda _: True)
    found = read_row(every[0], {**FILLED, "DAY": "3"})
    assert isinstance(found, Problem)  # the wave stands in the date
    made = config(NPS, row=ROW | {"occurred_at": {"constant": "2017-05-03", "zone": "UTC"}})
    every = mappings(made, {"wave": "{NO}"}, has_column=lambda _: True)
    found = read_row(every[0], FILLED)
    assert isinstance(found, Response)
    assert found.native_id == "{NO}-7/NPS"


def test_questions_are_records() -> None:
    """Each question is a record of its own, with wording, scale and version."""
    words = {"id": "WHY", "verbatim": "WORDS", "text": "Why?"}
    first, second = questions(config(NPS, words))
    assert (first.native_id, first.form) == ("NPS", "scale")
    assert first.scale is not None
    assert (second.text, second.form, second.scale) == ("Why?", "open", None)


def test_mapping_hash() -> None:
    """The hash follows all that decides what rows become, and not which other files there are."""
    made = config(NPS)
    here, there = (Placed(**dict(made), folder=folder) for folder in ("a", "b"))
    assert mapping_hash(here, {}, places={"folder"}) == mapping_hash(there, {}, places={"folder"})
    assert mapping_hash(here, {}) != mapping_hash(there, {})
    other = config(NPS | {"missing": {}})
    assert mapping_hash(made, {"wave": "1"}) != mapping_hash(made, {"wave": "2"})
    assert mapping_hash(made, {}) != mapping_hash(other, {})
    assert questions_hash(made) != questions_hash(other)
