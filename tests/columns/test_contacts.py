"""Contacts in one order, whatever order they arrived in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import Contacts, read_contacts
from cxm_core.errors import UsageError

START = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = {"customer": "customer", "at": "occurred_at", "channel": "channel"}
EVENT = st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.sampled_from(["chat", "phone"]))


def table(rows: list[tuple[Any, Any, Any]], **more: list[Any]) -> dict[str, list[Any]]:
    """Columns of customer, hour and channel."""
    who, hours, channels = ([row[part] for row in rows] for part in range(3))
    at = [None if hour is None else START + timedelta(hours=hour) for hour in hours]
    return {"customer": who, "occurred_at": at, "channel": channels, **more}


def read(rows: list[tuple[Any, Any, Any]], **more: list[Any]) -> Contacts:
    """Contacts with every further column read under its own name."""
    return read_contacts(table(rows, **more), NAMES | {name: name for name in more})


class TestByHand:
    def test_order(self) -> None:
        """Contacts stand by customer, then by time, then by the name of the channel."""
        found = read([("b", 0, "chat"), ("a", 2, "chat"), ("a", 1, "web"), ("a", 1, "app")])
        assert found.order.tolist() == [3, 2, 1, 0]
        assert found.codes["customer"].tolist() == [0, 0, 0, 1]
        assert found.labels["customer"] == ("a", "b")

    def test_what_is_left_out(self) -> None:
        """Rows without a time or a customer, and those that went out, are counted."""
        rows = [("a", 0, "chat"), (None, 1, "chat"), ("a", None, "chat"), ("a", 2, "email")]
        found = read(rows, direction=["in", "in", "in", "out"])
        assert len(found) == 1
        assert found.rows == 4
        assert found.exclusions == (("no time", 1), ("no customer", 1), ("went out", 1))

    def test_after_the_end(self) -> None:
        """The end of the log is no part of it."""
        until = int(START.timestamp() * 1e6) + 3_600_000_000
        data = table([("a", 0, "chat"), ("a", 1, "chat")])
        found = read_contacts(data, NAMES, until_us=until)
        assert (len(found), found.exclusions) == (1, (("after the end", 1),))

    def test_told_twice(self) -> None:
        """A contact that is told twice under its id counts once; those without one all count."""
        rows = [("a", 0, "chat")] * 4
        found = read(rows, native_id=["x", "x", None, None])
        assert (len(found), found.exclusions) == (3, (("told before", 1),))

    def test_answered(self) -> None:
        """A contact that names another leads to it, unless that is not there."""
        rows = [("a", 0, "email"), ("a", 1, "email"), ("b", 0, "email")]
        found = read(rows, native_id=["x", "y", "z"], reply_to=[None, "x", "gone"])
        rows_, targets = found.answered()
        assert (rows_.tolist(), targets.tolist()) == ([1], [0])

    def test_no_ids(self) -> None:
        """Without ids nothing answers anything."""
        assert read([("a", 0, "chat")]).answered()[0].size == 0

    def test_no_rows(self) -> None:
        """No contacts are no error."""
        assert len(read([])) == 0

    def test_a_column_of_the_data(self) -> None:
        """Every column of the data can be read in the order of the contacts."""
        found = read([("b", 0, "chat"), ("a", 0, "chat")])
        data = table([("b", 0, "chat"), ("a", 0, "chat")], order=["B1", "A1"])
        found = read_contacts(data, NAMES)
        assert found.column("order").values.tolist() == ["A1", "B1"]

    def test_one_column_is_no_table(self) -> None:
        """Contacts are a table."""
        with pytest.raises(UsageError, match="one column"):
            read_contacts([1, 2], NAMES)

    def test_column_that_is_not_there(self) -> None:
        """The error says which column, and what for."""
        with pytest.raises(UsageError, match="'chanel' for channel="):
            read_contacts(table([("a", 0, "chat")]), NAMES | {"channel": "chanel"})

    def test_values_in_place_of_a_name(self) -> None:
        """Values in place of a column's name are refused, with the place where they belong."""
        with pytest.raises(UsageError, match="customer= is of the type list") as caught:
            read_contacts(table([("a", 0, "chat")]), {**NAMES, "customer": ["a"]})  # type: ignore[dict-item]  # what is refused
        assert caught.value.hint == "put the values into the contacts, as in {'customer': [...]}"

    def test_times_that_are_none(self) -> None:
        """Text in place of times is refused."""
        data = table([("a", 0, "chat")]) | {"occurred_at": ["yesterday"]}
        with pytest.raises(UsageError, match="type str"):
            read_contacts(data, NAMES)


class TestByLaw:
    @given(rows=st.lists(EVENT, max_size=12), data=st.data())
    def test_arrival_does_not_matter(
        self, rows: list[tuple[str, int, str]], data: st.DataObject
    ) -> None:
        """Rows in another order give the same contacts."""
        one, two = (read(given) for given in (rows, data.draw(st.permutations(rows))))
        assert np.array_equal(one.at, two.at)
        assert one.labels == two.labels
        for part, codes in one.codes.items():
            assert np.array_equal(codes, two.codes[part])

    def test_any_frame(self) -> None:
        """Every kind of table gives the same contacts."""
        rows = [("b", 1, "chat"), ("a", 2, None), ("a", 1, "web")]
        data = table(rows)
        frame = pl.DataFrame(data)
        tables = [data, frame, frame.lazy(), pd.DataFrame(data), frame.to_arrow()]
        tables += [pa.table(data), frame.to_dicts()]
        found = [read_contacts(one, NAMES) for one in tables]
        assert all(np.array_equal(one.at, found[0].at) for one in found)
        assert {tuple(one.codes["channel"].tolist()) for one in found} == {(1, -1, 0)}
