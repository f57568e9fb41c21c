"""Tables made from logs: every library reads them, and says missing in its own way."""

from __future__ import annotations

import pickle
import sys
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import Column, LogTable, open_data
from cxm_core.columns._log_table import Promised
from cxm_core.errors import UsageError

_LISTS: dict[str, Any] = {
    "whole": st.one_of(st.none(), st.integers(-(2**62), 2**62)),
    "number": st.one_of(st.none(), st.floats(allow_nan=False)),
    "truth": st.one_of(st.none(), st.booleans()),
    "text": st.one_of(st.none(), st.text(st.characters(codec="utf-8"))),
    "time": st.one_of(st.none(), st.integers(-(2**50), 2**50)),
}
_TYPES: dict[str, Any] = {
    "whole": np.int64,
    "number": np.float64,
    "truth": np.bool_,
    "text": object,
    "time": "datetime64[us]",
}


def _column(name: str, values: list[Any]) -> Column:
    is_missing = np.array([value is None for value in values], bool)
    filled = ["" if name == "text" else 0] * len(values)
    kept = [f if v is None else v for v, f in zip(values, filled, strict=True)]
    array = np.array(kept, np.int64 if name == "time" else _TYPES[name]).astype(_TYPES[name])
    return Column(values=array, is_missing=is_missing, is_utc=name == "time")


@st.composite
def _tables(draw: st.DrawFn) -> tuple[LogTable, dict[str, list[Any]]]:
    n = draw(st.integers(0, 20))
    lists = {name: draw(st.lists(one, min_size=n, max_size=n)) for name, one in _LISTS.items()}
    return LogTable(columns={k: _column(k, v) for k, v in lists.items()}), lists


class TestByLaw:
    @given(_tables())
    def test_arrow_carries_every_value(self, made: tuple[LogTable, dict[str, list[Any]]]) -> None:
        """What goes in as columns comes out of the Arrow stream, missing ones as null."""
        table, lists = made
        read = table.to_frame("pyarrow")
        for name in ("whole", "number", "truth", "text"):
            assert read.column(name).to_pylist() == lists[name]
        micros = [None if t is None else t.value for t in read.column("time")]
        assert micros == lists["time"]

    @given(_tables())
    def test_a_table_is_read_as_one(self, made: tuple[LogTable, dict[str, list[Any]]]) -> None:
        """An engine finds the very columns, without a copy."""
        table, _ = made
        frame: Any = open_data(table, "the table")
        assert frame.names == table.names
        assert frame.column("whole", "it").values.base is table.column("whole").values.base


class TestValues:
    def test_a_table_can_be_sent_to_another_process(self) -> None:
        """A pickle has the same columns."""
        made = pickle.loads(pickle.dumps(LogTable(columns={"a": _column("whole", [1, None])})))
        assert made.to_frame("pyarrow").to_pydict() == {"a": [1, None]}


class TestSayingNo:
    def test_lengths_must_agree(self) -> None:
        """Two columns of different lengths are no table."""
        columns = {"a": _column("whole", [1]), "b": _column("whole", [1, 2])}
        with pytest.raises(UsageError, match="2 different lengths"):
            LogTable(columns=columns)

    def test_a_wrong_name_is_answered_with_the_right_one(self) -> None:
        """A misspelt column comes with the nearest name."""
        with pytest.raises(UsageError, match="channel"):
            LogTable(columns={"channel": _column("whole", [1])}).column("chanel")

    def test_an_unknown_backend(self) -> None:
        """A library that is not known is refused with the ones that are."""
        with pytest.raises(UsageError, match="no backend"):
            LogTable(columns={"a": _column("whole", [1])}).to_frame("excel")  # type: ignore[arg-type]  # on purpose

    def test_the_library_that_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a name the frame is of a library that is installed."""
        monkeypatch.setitem(sys.modules, "polars", None)
        frame = LogTable(columns={"a": _column("whole", [1])}).to_frame()
        assert isinstance(frame, pd.DataFrame)

    def test_no_row_shows_in_the_repr(self) -> None:
        """The repr names columns and counts rows; customers' words stay inside."""
        assert "secret" not in repr(LogTable(columns={"text": _column("text", ["secret"])}))


class TestWithColumn:
    def test_nothing_is_made_that_nobody_asks_for(self) -> None:
        """A table with one column more makes only the columns that are looked at."""
        made: list[str] = []

        def maker(name: str) -> Column:
            made.append(name)
            return Column(values=np.arange(3), is_missing=np.zeros(3, bool))

        columns = Promised({name: partial(maker, name) for name in "ab"}, 3)
        wider = LogTable(columns=columns).with_column("c", maker("c"))
        assert (wider.names, len(wider), made) == (("a", "b", "c"), 3, ["c"])
        assert wider.column("b").values.tolist() == [0, 1, 2]
        assert made == ["c", "b"]
