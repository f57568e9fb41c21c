"""Labels of calendar periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import period_of

ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "America/Vancouver"]
UNITS: dict[str, Any] = {"day": cx.day, "week": cx.week, "month": cx.month, "quarter": cx.quarter}
instants = st.datetimes(
    datetime(1995, 1, 1),
    datetime(2035, 1, 1),
    timezones=st.just(UTC),
)


class TestByHand:
    def test_labels(self) -> None:
        """The forms of the four labels."""
        at = [date(2026, 11, 21)]
        made = {name: label(at, tz="UTC").item() for name, label in UNITS.items()}
        assert made == {
            "day": "2026-11-21",
            "week": "2026-W47",
            "month": "2026-11",
            "quarter": "2026-Q4",
        }

    def test_the_zone_decides(self) -> None:
        """Half an hour before midnight in London is the next day in Berlin."""
        at = [datetime(2026, 12, 31, 23, 30, tzinfo=UTC)]
        assert cx.day(at, tz="Europe/London").item() == "2026-12-31"
        assert cx.quarter(at, tz="Europe/Berlin").item() == "2027-Q1"

    @pytest.mark.parametrize(
        "make",
        [
            list,
            pd.Series,
            pl.Series,
            pa.array,
            lambda x: np.array(x, object),
            lambda x: pl.Series(x).dt.convert_time_zone("Asia/Tokyo"),
            lambda x: pd.Series(x).dt.tz_convert("Asia/Tokyo"),
            lambda x: np.array([v and v.replace(tzinfo=None) for v in x], "datetime64[s]"),
        ],
    )
    def test_any_column_of_times(self, make: Any) -> None:
        """Every library's times and gaps give the same labels."""
        at = [datetime(2026, 11, 15, 12, tzinfo=UTC), None, datetime(2026, 11, 16, 12, tzinfo=UTC)]
        assert cx.week(make(at), tz="UTC").tolist() == ["2026-W46", None, "2026-W47"]

    def test_they_are_for_grouping(self) -> None:
        """Labels go into `by=`, and the missing are a group."""
        made = cx.nps([10, 9, 3], by=cx.month([date(2026, 1, 5), None, date(2026, 2, 5)], tz="UTC"))
        assert made.groups == ("2026-01", "2026-02", None)

    def test_they_are_locked(self) -> None:
        """Nobody can write into the labels."""
        with pytest.raises(ValueError, match="read-only"):
            cx.day([date(2026, 1, 1)], tz="UTC")[0] = "x"

    def test_no_times_no_labels(self) -> None:
        """No rows give no labels."""
        assert cx.day([], tz="UTC").tolist() == []
        assert cx.day([None], tz="UTC").tolist() == [None]

    def test_unknown_zones_have_a_near_miss(self) -> None:
        """A misspelt zone is answered with the right one."""
        with pytest.raises(UsageError, match="did you mean 'Europe/Berlin'"):
            cx.day([], tz="Europe/Berln")


class TestByLaw:
    @given(st.lists(instants, max_size=20), st.sampled_from(ZONES), st.sampled_from(list(UNITS)))
    def test_bulk_is_one_by_one(self, at: list[datetime], zone: str, unit: Any) -> None:
        """The label of a column of times is the label of each by itself."""
        wanted = [period_of(one, unit, zone=zone).label for one in at]
        bulk = np.array([one.replace(tzinfo=None) for one in at], "datetime64[us]")
        series = pl.Series(bulk).dt.replace_time_zone("UTC")
        assert UNITS[unit](at, tz=zone).tolist() == wanted
        assert UNITS[unit](series, tz=zone).tolist() == wanted

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("unit", UNITS)
    def test_the_edges_of_every_day_are_exact(self, zone: str, unit: Any) -> None:
        """Around each local midnight of two years, also where clocks change there."""
        start = period_of(datetime(2011, 6, 1, tzinfo=UTC), "day", zone=zone)
        edges = []
        while start.start < datetime(2012, 6, 1, tzinfo=UTC):
            tick = timedelta(microseconds=1)
            edges += [start.start - tick, start.start, start.start + tick]
            start = period_of(start.end, "day", zone=zone)
        wanted = [period_of(one, unit, zone=zone).label for one in edges]
        assert UNITS[unit](edges, tz=zone).tolist() == wanted
