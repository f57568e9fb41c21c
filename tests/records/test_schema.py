"""JSON Schema of every kind of record: what is dumped satisfies it, what is wrong does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from cxm_core.errors import UsageError
from cxm_core.records import KINDS, Record, json_schema, json_schemas, record_class
from cxm_core.testing import records


@pytest.mark.parametrize("kind", KINDS)
def test_records_satisfy_their_schema(kind: str) -> None:
    """Every record that is dumped as JSON satisfies the schema of its kind."""
    validator = Draft202012Validator(json_schema(kind))

    @settings(max_examples=25)
    @given(records(kind))
    def law(record: Record) -> None:
        assert validator.is_valid(record.model_dump(mode="json"))
        assert validator.is_valid(json.loads(record.model_dump_json(exclude_none=True)))

    law()


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_valid_and_closed(kind: str) -> None:
    """A schema is one itself, explains its kind, and lets no strange field pass."""
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    assert "native_id" in schema["required"]
    assert not Draft202012Validator(schema).is_valid({"native_id": "1", "stranger": 1})
    json.dumps(schema, allow_nan=False)


@pytest.mark.parametrize(
    "change",
    [
        {"native_id": None},
        {"native_id": "a\x00"},
        {"native_id": "x" * 513},
        {"weight": -1},
        {"weight": "1"},
        {"channel": "threads"},
        {"score": 9},
        {"score": {"value": 9}},
        {"customer": ["fax:1"]},
        {"attributes": {"a": [1]}},
        {"occurred_at": 1_700_000_000},
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any]) -> None:
    """A document that is no record does not satisfy the schema."""
    validator = Draft202012Validator(json_schema("response"))
    good = {"native_id": "1", "occurred_at": "2026-01-01T10:00:00Z"}
    assert validator.is_valid(good)
    assert not validator.is_valid(good | change)


def test_all_kinds_have_one() -> None:
    """Schemas are exported for all kinds, by name."""
    schemas = json_schemas()
    assert list(schemas) == list(KINDS)
    assert schemas["response"] == json_schema("response")
    assert {schema["title"] for schema in schemas.values()} == {
        cls.__name__ for cls in KINDS.values()
    }


def test_kinds_are_complete() -> None:
    """Every class that is a record of its own stands among the kinds, under its own name."""
    classes = {cls for cls in _subclasses(Record) if "record_kind" in vars(cls)}
    assert set(KINDS.values()) == classes
    assert all(record_class(cls.record_kind) is cls for cls in classes)


def _subclasses(cls: type[Record]) -> set[type[Record]]:
    found = set(cls.__subclasses__())
    return found | {deep for one in found for deep in _subclasses(one)}


def test_unknown_kind() -> None:
    """A kind that does not exist is told with the nearest one."""
    with pytest.raises(UsageError, match="did you mean 'ticket_event'"):
        json_schema("ticketevent")
