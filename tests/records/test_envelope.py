"""What every record carries, and what it never shows."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cxm_core.errors import UsageError
from cxm_core.records import (
    KINDS,
    Deletion,
    Note,
    Reason,
    Record,
    Response,
    Score,
    describe,
    problem_of,
    record_id,
)
from cxm_core.testing import PERSONAL_MARKER, records
from cxm_core.vocabulary import Identifier, Scale

AT = "2026-01-01T10:00:00Z"


class TestByHand:
    """Records as people write them."""

    def test_as_a_connector_writes_it(self) -> None:
        """Pairs become identifiers, texts become times, integers become ids."""
        response = Response(
            native_id=17,
            customer=[("email", "X@y.Z "), ("phone", None), ("external", 4711)],
            occurred_at=AT,
            question="Q1",
            score=Score(9, Scale.named("0-10")),
            verbatim=None,
        )
        assert response.native_id == "17"
        assert response.customer == (
            Identifier.of("email", "x@y.z"),
            Identifier.of("external", "4711"),
        )
        assert response.occurred_at == datetime(2026, 1, 1, 10, tzinfo=UTC)

    def test_times_are_kept_in_utc(self) -> None:
        """Whatever zone a time came in, the record holds UTC; the two turns of an hour differ."""
        east = timezone(timedelta(hours=2))
        first, second = (
            Note(native_id="1", text="x", occurred_at=datetime(2026, 1, 1, 2, tzinfo=zone))
            for zone in (east, UTC)
        )
        assert first.occurred_at.tzinfo is UTC
        assert second.occurred_at - first.occurred_at == timedelta(hours=2)

    def test_timestamps_of_pandas_lose_nanoseconds(self) -> None:
        """A subclass of datetime becomes a plain one, cut to microseconds."""
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        at = pandas.Timestamp("2026-01-01T10:00:00.123456789Z")
        note = Note(native_id="1", text="x", occurred_at=at)
        assert type(note.occurred_at) is datetime
        assert note.occurred_at == datetime(2026, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("values", "reason", "field"),
        [
            ({}, Reason.MISSING_FIELD, "occurred_at"),
            ({"occurred_at": datetime(2026, 1, 1)}, Reason.NAIVE_DATETIME, "occurred_at"),
            ({"occurred_at": 1_700_000_000}, Reason.WRONG_TYPE, "occurred_at"),
            ({"occurred_at": "1700000000"}, Reason.BAD_DATETIME, "occurred_at"),
            ({"occurred_at": AT, "weight": True}, Reason.WRONG_TYPE, "weight"),
            ({"occurred_at": AT, "score": 9}, Reason.WRONG_TYPE, "score"),
            ({"occurred_at": AT, "channel": "threads"}, Reason.UNKNOWN_LEVEL, "channel"),
            ({"occurred_at": AT, "customer": [("fax", "1")]}, Reason.UNKNOWN_LEVEL, "customer"),
            ({"occurred_at": AT, "customer": "ann"}, Reason.WRONG_TYPE, "customer"),
            ({"occurred_at": AT, "attributes": {"a": [1]}}, Reason.WRONG_TYPE, "attributes"),
            ({"occurred_at": AT, "verbatm": "x"}, Reason.BAD_ROW, "verbatm"),
        ],
    )
    def test_refusals(self, values: dict[str, object], reason: Reason, field: str) -> None:
        """A record that cannot be is a UsageError that names kind, reason and field."""
        with pytest.raises(UsageError) as caught:
            Response(native_id="1", **values)
        assert caught.value.context == {"kind": "response", "reason": reason.value, "field": field}
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None

    def test_a_misspelt_field_has_a_hint(self) -> None:
        """The nearest field is named."""
        with pytest.raises(UsageError, match="did you mean 'verbatim'"):
            Response(native_id="1", occurred_at=AT, verbatm="x")

    def test_rules_hold_in_constructors(self) -> None:
        """A rule between fields holds however the record is made."""
        with pytest.raises(UsageError, match="ended_at is before") as caught:
            KINDS["membership"](
                native_id="1", account="a", started_at=AT, ended_at="2025-12-31T00:00Z"
            )
        assert caught.value.context["reason"] == "negative_duration"

    def test_pydantic_hides_input(self) -> None:
        """Pydantic's own door hides the values, and its error can be told in our words."""
        with pytest.raises(ValidationError) as caught:
            Response.model_validate({"native_id": PERSONAL_MARKER, "occurred_at": PERSONAL_MARKER})
        assert PERSONAL_MARKER not in str(caught.value)
        problem = problem_of(Response, caught.value)
        assert (problem.reason, problem.field) == (Reason.BAD_DATETIME, "occurred_at")

    def test_frozen(self) -> None:
        """A record cannot be changed."""
        note = Note(native_id="1", text="x", occurred_at=AT)
        with pytest.raises(ValidationError):
            note.text = "y"  # type: ignore[misc]

    def test_record_id(self) -> None:
        """The id is the hash of kind, source and native id, in a form that SQL can repeat."""
        note = Note(source="acme:eu", native_id="1", text="x", occurred_at=AT)
        assert note.record_id == sha256(b"note\x1facme:eu\x1f1").hexdigest()[:32]
        assert note.record_id == record_id("note", "acme:eu", "1")

    def test_no_id_without_a_source(self) -> None:
        """A record whose source is not known yet has no id, and the hint says how it gets one."""
        note = Note(native_id="1", text="x", occurred_at=AT)
        with pytest.raises(UsageError, match="stamped"):
            _ = note.record_id
        assert note.stamped(source="app").record_id == record_id("note", "app", "1")
        assert note.stamped() is note
        assert note.source is None

    def test_deletion(self) -> None:
        """A deletion names kind and id of what is gone, and has an id of its own."""
        gone = Deletion(kind="response", native_id="17").stamped(source="acme")
        other = Deletion(kind="ticket", native_id="17").stamped(source="acme")
        assert gone.record_kind == "deletion"
        assert gone.target_id == record_id("response", "acme", "17")
        assert len({gone.record_id, other.record_id, gone.target_id, other.target_id}) == 4
        with pytest.raises(UsageError, match="kind is none of the words"):
            Deletion(kind="deletion", native_id="17")

    def test_score(self) -> None:
        """A score cannot be made off its scale, nor of anything but a whole number."""
        assert Score(1, "1-5 reversed").is_top
        assert Score(0, Scale.named("0-10")).is_bottom
        for value, reason in ((11, "out_of_scale"), (9.0, "wrong_type"), (True, "wrong_type")):
            with pytest.raises(UsageError) as caught:
                Score(value, "0-10")  # type: ignore[arg-type]
            assert caught.value.context["reason"] == reason

    def test_light_import(self) -> None:
        """The room loads no array library, and builds no validator before it is needed."""
        code = (
            "import sys; from cxm_core.records import Response; import cxm_core.program; "
            "heavy = {'numpy', 'scipy', 'pyarrow', 'duckdb', 'narwhals', 'nanoarrow'}; "
            "assert not heavy & set(sys.modules), heavy & set(sys.modules); "
            "assert not Response.__pydantic_complete__"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()


class TestByLaw:
    """What holds for every kind of record."""

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_repr_shows_nobody(self, record: Record) -> None:
        """Neither repr nor text shows what a person said or is called by."""
        assert PERSONAL_MARKER.lower() not in f"{record!r} {record}".lower()

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_copies(self, record: Record) -> None:
        """A record survives pickling, copying and JSON, and equal records have equal hashes."""
        for again in (
            pickle.loads(pickle.dumps(record)),
            copy.deepcopy(record),
            type(record).model_validate_json(record.model_dump_json()),
        ):
            assert again == record
            assert hash(again) == hash(record)

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_ids_tell_records_apart(self, record: Record) -> None:
        """The id depends on source and native id."""
        one = record.stamped(source="acme:eu")
        assert len(one.record_id) == 32
        assert one.record_id != record.stamped(source="acme:us").record_id

    @given(st.text(), st.text())
    def test_ids_are_unambiguous(self, one: str, two: str) -> None:
        """Two native ids that a record can hold never share a record id."""
        pattern = describe(Note).field("native_id")
        assert pattern is not None
        if one != two and "\x1f" not in one + two:
            assert record_id("note", "a", one) != record_id("note", "a", two)
