"""A real log of incidents: 24,918 of them, by 5,244 callers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import cxm_core as cx

COLUMNS = {"customer": "caller_id", "at": "opened_at", "channel": "contact_type"}


@pytest.fixture(scope="module")
def incidents(shared: Path) -> pl.DataFrame:
    """One row an incident, as it was opened."""
    path = shared / "data" / "servicenow-incident-log" / "incident_event_log.parquet"
    events = pl.read_parquet(path, columns=["number", *COLUMNS.values(), "subcategory"])
    return events.unique("number", keep="first", maintain_order=True)


class TestByReference:
    def test_by_caller(self, incidents: pl.DataFrame) -> None:
        """By caller and seven days, the issues are those of a plain loop with polars."""
        found = cx.issues(incidents, native_id="number", **COLUMNS)
        known = incidents.drop_nulls("caller_id").sort("caller_id", "opened_at")
        gap = pl.col("opened_at").diff().over("caller_id")
        begins = known.select(gap.is_null() | (gap > pl.duration(days=7))).to_series()
        assert len(found) == int(begins.sum()) == 12_715
        assert found.exclusions == (("no customer", 3),)

    def test_share_solved(self, incidents: pl.DataFrame) -> None:
        """The share is that of a self-join: nobody called again within seven days."""
        found = cx.first_contact_resolution(
            cx.issues(incidents, native_id="number", **COLUMNS), definition="any_reason"
        )
        assert found.value == pytest.approx(0.6178, abs=5e-5)
        assert found.low < found.value < found.high
        assert found.high - found.low < 0.02

    def test_sensitivity(self, incidents: pl.DataFrame) -> None:
        """The longer the window, the fewer issues are solved at once, by far more than chance."""
        table = cx.sensitivity(incidents, windows=("1d", "7d", "30d"), **COLUMNS)
        solved = table["first_contact_resolution"]
        assert solved.groups == ("1d", "7d", "30d")
        assert solved.value == pytest.approx([0.8064, 0.6178, 0.4199], abs=5e-5)
        assert all(solved.high[1:] < solved.low[:-1])

    def test_reason_narrows_it(self, incidents: pl.DataFrame) -> None:
        """With the subcategory as the reason, far more issues end with their first contact."""
        found = cx.issues(incidents, native_id="number", reason="subcategory", **COLUMNS)
        assert cx.first_contact_resolution(found).value == pytest.approx(0.8779, abs=5e-5)
