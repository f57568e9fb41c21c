"""Names and values in SQL: no text becomes a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.store._sql import json_pointer, quote_ident, quote_instant, quote_text

duckdb = pytest.importorskip("duckdb")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HOSTILE = st.sampled_from(
    ['x"; drop table t; --', "' or 1=1 --", "\\'; --", "$$; --", "select", 'x"";', "a\x00b"]
)


@pytest.fixture(scope="module")
def con() -> Iterator[Any]:
    """Connection in memory."""
    con = duckdb.connect()
    yield con
    con.close()


class TestByLaw:
    """What is quoted comes back."""

    @given(text=TEXTS | HOSTILE)
    def test_a_text_comes_back(self, con: Any, text: str) -> None:
        """Any text is a text."""
        assert con.execute(f"SELECT {quote_text(text)}").fetchall() == [(text,)]

    @given(name=(TEXTS | HOSTILE).filter(lambda name: name and "\x00" not in name))
    def test_a_name_comes_back(self, con: Any, name: str) -> None:
        """Any name but an empty one is a name."""
        assert con.sql(f"SELECT 1 AS {quote_ident(name)}").columns == [name]

    @pytest.mark.parametrize("name", ["", "a\x00b", "x" * 1_025])
    def test_what_is_no_name(self, name: str) -> None:
        """A name that a table cannot have is refused."""
        with pytest.raises(UsageError, match="name"):
            quote_ident(name)

    @given(keys=st.lists(TEXTS, min_size=1, max_size=3))
    def test_a_pointer_finds_its_value(self, con: Any, keys: list[str]) -> None:
        """Whatever the keys of a JSON text are, a pointer leads to the value behind them."""
        value: Any = 7
        for key in reversed(keys):
            value = {key: value, "~": 0, "other": 1} if key not in ("~", "other") else {key: value}
        sql = f"SELECT json_extract($text, {json_pointer(keys)})"
        assert con.execute(sql, {"text": json.dumps(value)}).fetchall() == [("7",)]

    @given(
        at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
        hours=st.integers(-12, 14),
    )
    def test_an_instant_comes_back(self, con: Any, at: datetime, hours: int) -> None:
        """An instant is stored in UTC, to the microsecond."""
        aware = at.replace(tzinfo=timezone(timedelta(hours=hours)))
        ((found,),) = con.execute(f"SELECT {quote_instant(aware)}").fetchall()
        assert found.replace(tzinfo=UTC) == aware

    def test_a_time_without_a_zone_is_no_instant(self) -> None:
        """A naive time is refused."""
        with pytest.raises(UsageError, match="time zone"):
            quote_instant(datetime(2026, 11, 21))
