"""Rows and fingerprints of records, in a form that SQL can repeat."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from hashlib import md5, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import (
    CONTENT_SEPARATOR,
    KINDS,
    Order,
    OrderItem,
    RatingSummary,
    Record,
    Response,
    Score,
    Subscription,
    canonical_json,
    column_tag,
    content_hash,
    content_text,
    describe,
    record_class,
    to_row,
)
from cxm_core.testing import records
from cxm_core.vocabulary import Channel, Identifier, Money, Scale

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)


class TestByHand:
    """Rows that can be told by reading the record."""

    def test_row_of_a_response(self) -> None:
        """Values lie flat under the names of the description; lists are canonical JSON."""
        row = to_row(
            Response(
                native_id="1",
                customer=[("phone", "0049 30 901820"), ("email", "A@B.c"), ("email", "a@b.c")],
                occurred_at=AT,
                score=Score(1, "thumbs"),
                channel=Channel.IN_STORE,
                attributes={"b": 1, "a": "x", "c": None, "d": " "},
            )
        )
        told = {name: value for name, value in row.items() if value is not None}
        assert told == {
            "native_id": "1",
            "customer": '["email:a@b.c","phone:+4930901820"]',
            "occurred_at": AT,
            "is_deleted": False,
            "score_value": 1,
            "score_low": 0,
            "score_high": 1,
            "score_scale": "thumbs",
            "channel": "in_store",
            "attributes": '{"a":"x","b":1}',
        }
        assert type(row["channel"]) is str

    def test_row_of_money_and_items(self) -> None:
        """Money lies in two columns; the lines of an order are one JSON text."""
        order = Order(
            native_id="1",
            occurred_at=AT,
            total=Money(1234, "EUR"),
            items=[OrderItem(name="Tea", quantity=2, price=Money(617, "EUR")), {"name": "Bag"}],
        )
        row = to_row(order)
        assert (row["total_minor"], row["total_currency"]) == (1234, "EUR")
        items = json.loads(str(row["items"]))
        assert items[0]["price"] == {"amount_minor": 617, "currency": "EUR"}
        assert items[1]["name"] == "Bag"

    def test_row_of_counts(self) -> None:
        """A histogram of stars is read from a mapping and kept as pairs in order."""
        summary = RatingSummary(
            native_id="1", occurred_at=AT, scale=Scale.named("stars"), counts={5: 10, 1: 2}
        )
        assert summary.counts == ((1, 2), (5, 10))
        assert to_row(summary)["counts"] == "[[1,2],[5,10]]"
        assert to_row(summary)["scale"] == "stars"

    def test_day(self) -> None:
        """A day stays a day."""
        row = to_row(Subscription(native_id="1", occurred_at=AT, renews_on="2026-12-24"))
        assert row["renews_on"] == date(2026, 12, 24)

    def test_content_text(self) -> None:
        """Only what is told counts, in a form that leaves no choice."""
        text = content_text(
            {
                "source": "acme",
                "known_at": AT,
                "native_id": 'a"b\\c\n',
                "occurred_at": AT.replace(microsecond=5),
                "weight": -0.0,
                "score_value": 3,
                "is_deleted": False,
                "renews_on": date(2026, 12, 24),
                "verbatim": None,
                "attributes": '{"a":1}',
            }
        )
        said = {part[:3]: part[3:] for part in text.split(CONTENT_SEPARATOR)[1:]}
        assert said == {
            column_tag("native_id"): 'a"b\\c\n',
            column_tag("occurred_at"): "1767261600000005",
            column_tag("weight"): "0.0000000000000000e+00",
            column_tag("score_value"): "3",
            column_tag("is_deleted"): "false",
            column_tag("renews_on"): "2026-12-24",
            column_tag("attributes"): '{"a":1}',
        }

    def test_content_hash(self) -> None:
        """The fingerprint is the MD5 of the text."""
        response = Response(native_id="1", occurred_at=AT)
        text = content_text(to_row(response))
        assert content_hash(response) == md5(text.encode(), usedforsecurity=False).hexdigest()

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_tags(self, kind: str) -> None:
        """No two columns of a record have one tag."""
        names = describe(record_class(kind)).names
        assert len({column_tag(name) for name in names}) == len(names)

    def test_canonical_json(self) -> None:
        """Keys are sorted, nothing is spaced or escaped without need, NaN is refused."""
        assert canonical_json({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'
        with pytest.raises(ValueError, match="JSON"):
            canonical_json(float("nan"))


class TestByLaw:
    """What holds for every kind of record."""

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_rows_have_all_columns(self, record: Record) -> None:
        """A row has the columns of the description, in their order, and plain values."""
        row = to_row(record)
        assert tuple(row) == describe(type(record)).names
        assert {type(value) for value in row.values()} <= {
            *(str, int, float, bool, datetime, date, type(None))
        }
        assert all(value.tzinfo is UTC for value in row.values() if isinstance(value, datetime))

    @given(st.sampled_from(sorted(KINDS)).flatmap(records), st.datetimes(timezones=st.just(UTC)))
    def test_content_is_what_it_says(self, record: Record, at: datetime) -> None:
        """Who delivered a record, and when we learnt it, leave its content as it is."""
        assert content_hash(record.stamped(source="acme", known_at=at)) == content_hash(record)

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_content_sees_changes(self, record: Record) -> None:
        """Whatever else changes, the content changes."""
        changed = record.model_copy(update={"native_id": record.native_id + "!"})
        gone = record.model_copy(update={"is_deleted": not record.is_deleted})
        assert len({content_hash(one) for one in (record, changed, gone)}) == 3

    @given(st.sampled_from(sorted(KINDS)).flatmap(records))
    def test_no_value_holds_the_separator(self, record: Record) -> None:
        """So two rows that differ never have one content."""
        values = [value for value in to_row(record).values() if isinstance(value, str)]
        assert not any(CONTENT_SEPARATOR in value for value in values)

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_no_text_may_hold_the_separator(self, kind: str) -> None:
        """A text is prose, whose control characters are replaced, or its pattern forbids them."""
        for column in describe(record_class(kind)).fields:
            if column.type == "text" and not column.is_prose and not column.levels:
                assert column.pattern, column.name
                assert not re.fullmatch(column.pattern, f"a{CONTENT_SEPARATOR}b"), column.name

    @given(st.lists(st.tuples(st.sampled_from(["email", "external"]), st.text(max_size=5))))
    def test_order_of_identifiers(self, pairs: list[tuple[str, str]]) -> None:
        """In whatever order a source names the identifiers of a customer, the row is the same."""
        known = [pair for pair in pairs if pair[1].isprintable()]
        rows = {
            to_row(Response(native_id="1", occurred_at=AT, customer=some))["customer"]
            for some in (known, known[::-1], known * 2)
        }
        assert len(rows) == 1


class TestBySql:
    """DuckDB writes the same texts."""

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_numbers(self, number: float) -> None:
        """A number has the same text in SQL."""
        text = sql("printf('%.16e', $1::DOUBLE + 0.0::DOUBLE)", number)
        assert (
            content_text({"weight": number}) == f"{CONTENT_SEPARATOR}{column_tag('weight')}{text}"
        )

    @given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31)))
    def test_times(self, at: datetime) -> None:
        """A time has the same text in SQL."""
        text = sql("epoch_us($1::TIMESTAMP)::VARCHAR", at)
        expected = f"{CONTENT_SEPARATOR}{column_tag('at')}{text}"
        assert content_text({"at": at.replace(tzinfo=UTC)}) == expected

    @given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r")))
    def test_texts(self, text: str) -> None:
        """A text without control characters is the same JSON string in SQL."""
        assert sql("to_json($1::VARCHAR)::VARCHAR", text) == canonical_json(text)

    def test_hashes(self) -> None:
        """A hash is the same in SQL."""
        data = "é".encode()
        assert sql("left(sha256($1), 32)", "é") == sha256(data).hexdigest()[:32]
        assert sql("md5($1)", "é") == md5(data, usedforsecurity=False).hexdigest()


_CONNECTIONS: list[object] = []


def sql(expression: str, value: object) -> object:
    """Value of a SQL expression of one parameter."""
    duckdb = pytest.importorskip("duckdb", reason="the duckdb extra is not installed")
    if not _CONNECTIONS:
        _CONNECTIONS.append(duckdb.connect())
    found = _CONNECTIONS[0].execute(f"SELECT {expression}", [value])  # type: ignore[attr-defined]
    return found.fetchall()[0][0]


def test_identifiers_are_vocabulary() -> None:
    """The customer of a record is made of identifiers that compare."""
    response = Response(native_id="1", occurred_at=AT, customer=["email:a@b.c"])
    assert response.customer == (Identifier.of("email", "a@b.c"),)
