"""Reading the wanted columns of a log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from cxm_core.columns import Column, LogTable, Wanted, read_log
from cxm_core.errors import UsageError

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
WANTED = Wanted(needed={"customer": "customer=", "at": "at="}, optional=("note",), times=("at",))


class TestByHand:
    """A small log in several forms."""

    @pytest.mark.parametrize("at", [AT, AT.replace(tzinfo=None)])
    @pytest.mark.parametrize("make", [dict, pl.DataFrame, pl.LazyFrame])
    def test_forms_of_one_log(self, make: Any, at: datetime) -> None:
        """Mappings and frames give the same instants; a time without a zone is UTC."""
        table = read_log(
            make({"customer": ["a", None], "at": [at, None], "x": [1, 2]}), WANTED, what="it"
        )
        stamps = table.column("at")
        assert table.names == ("customer", "at")
        assert stamps.values[0] == np.datetime64("2026-11-02T12:00")
        assert stamps.is_missing.tolist() == [False, True]
        assert stamps.is_utc

    def test_optional_columns_and_groups(self) -> None:
        """What is optional is read if it is there, and what `by` names is read, too."""
        wanted = Wanted(needed={"customer": "who"}, optional=("note", "gone"), by=["team", [1, 2]])
        data = {"customer": ["a", "b"], "note": [1, 2], "team": ["x", "y"], "text": ["...", "..."]}
        assert read_log(data, wanted, what="it").names == ("customer", "note", "team")

    def test_a_rule_stays_with_its_table(self) -> None:
        """What was told of a log's table is told of its columns."""
        column = Column(values=np.array(["a"], object), is_missing=np.zeros(1, bool))
        made = LogTable(
            columns={"customer": column},
            steps=(("rows", 9),),
            exclusions=(("no customer", 2),),
            parameters=(("rule", "x"),),
            notes=(("still_open", 1),),
        )
        read = read_log(made, Wanted(needed={"customer": "who"}), what="it")
        assert (read.steps, read.exclusions) == (made.steps, made.exclusions)
        assert (read.parameters, read.notes) == (made.parameters, made.notes)

    def test_what_is_no_table(self) -> None:
        """One column, or a column that is not there, is refused with a cure."""
        with pytest.raises(UsageError, match="The log is one column"):
            read_log(["a", "b"], WANTED, what="the log")
        with pytest.raises(UsageError, match="no column 'customer' for customer="):
            read_log({"custmer": ["a"], "at": [AT]}, WANTED, what="the log")
        with pytest.raises(UsageError, match="times are needed"):
            read_log({"customer": ["a"], "at": ["yesterday"]}, WANTED, what="the log")
