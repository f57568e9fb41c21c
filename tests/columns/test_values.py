"""What a column's values are taken for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import read_column
from cxm_core.columns._values import checked_weights, coded_axis, instants, numbers, sorted_axis
from cxm_core.errors import UsageError
from cxm_core.vocabulary import to_utc

labels = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=2))


class Region(Enum):
    """Labels that are enum members."""

    NORTH = "North"


def _axis(data: Any) -> tuple[tuple[Any, ...], list[int]]:
    axis = coded_axis(read_column(data, "x"), "x")
    return axis.labels, axis.codes.tolist()


class TestNumbers:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (["10", "9"], "2 of 2 values of the answers are text"),
            ([10, "9", None], "1 of 3 values of the answers are text"),
            (pl.Series(["10", "9"]), "are text"),
            (pd.Series(["10", "9"]), "are text"),
            ([10, True], "1 of 2 values of the answers are true or false"),
            ([True, False], "are true or false"),
            (np.array([True]), "are true or false"),
            ([1 + 2j], "of the type complex"),
            (np.array(["2026-01-01"], "datetime64[D]"), "are times"),
        ],
    )
    def test_other_things_are_no_numbers(self, data: Any, message: str) -> None:
        """Text, truth values and times are never taken for scores, and never repeated."""
        with pytest.raises(UsageError, match=message):
            numbers(read_column(data, "x"), "the answers")

    def test_a_column_of_nothing_has_numbers(self) -> None:
        """A column in which all is missing is a column of no answers."""
        values, is_missing = numbers(read_column([None, None], "x"), "x")
        assert np.isnan(values).all()
        assert is_missing.all()


class TestLabels:
    @given(st.lists(labels, max_size=30))
    def test_labels_come_back(self, rows: list[Any]) -> None:
        """Codes and labels say what stood in each row; one and True stay apart."""
        known, codes = _axis(rows)
        found = [None if code < 0 else known[code] for code in codes]
        assert [(type(x), x) for x in found] == [(type(x), x) for x in rows]
        assert len({(type(x), x) for x in known}) == len(known)

    def test_whole_floats_are_numbers(self) -> None:
        """A gap that turned whole numbers into floats leaves them whole."""
        assert _axis(pd.Series([1, None, 2])) == ((1, 2), [0, -1, 1])
        assert _axis([1.5, 2.0, None]) == (("1.5", "2.0"), [0, 1, -1])

    def test_enums_and_dates_are_texts(self) -> None:
        """Members count by their value, dates by their ISO form."""
        assert _axis([Region.NORTH, date(2026, 11, 21)]) == (("North", "2026-11-21"), [0, 1])
        assert _axis(np.array(["2026-11-21", "NaT"], "datetime64[D]"))[1] == [0, -1]

    def test_categories_are_texts(self) -> None:
        """Categorical columns group by their words."""
        assert _axis(pd.Series(["b", "a", None], dtype="category")) == (("b", "a"), [0, 1, -1])

    def test_instants_are_labelled_alike(self) -> None:
        """One instant is one label, with its zone, whatever its offset and its library."""
        at = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
        expected = (("2025-12-31T23:30:00+00:00",), [0, 0])
        for data in ([at, at.astimezone(UTC)], pd.Series([at] * 2), pl.Series([at] * 2)):
            assert _axis(data) == expected
        assert _axis([at.replace(tzinfo=None)])[0] == ("2026-01-01T00:30:00",)

    def test_zero_has_no_sign(self) -> None:
        """The negative zero of floats is no label of its own."""
        assert _axis([0.0, -0.0, 1.5]) == (("0.0", "1.5"), [0, 0, 1])

    @pytest.mark.parametrize(
        "data",
        [
            pd.Series([2**60, 2**60 + 1, None]),
            [Decimal(2**60), Decimal(2**60 + 1)],
            [1.5, 2.0**53],
        ],
        ids=["floats", "decimals", "fraction"],
    )
    def test_rounded_labels_are_refused(self, data: Any) -> None:
        """Long numbers that floats have merged would merge groups and clusters in silence."""
        with pytest.raises(UsageError, match="16 digits or more"):
            _axis(data)
        assert _axis([float("inf"), 1.0])[0] == ("inf", "1.0")
        assert _axis([2**60, 2**60 + 1, None])[0] == (2**60, 2**60 + 1)

    def test_other_things_are_no_labels(self) -> None:
        """A label of another type is refused."""
        with pytest.raises(UsageError, match="groups are labelled by"):
            _axis([object()])


class TestInstants:
    def test_aware_times_keep_their_instant(self) -> None:
        """An offset counts, whatever the zone of the calendar."""
        at = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
        for data in ([at], pl.Series([at]), pd.Series([at]), np.array([at], object)):
            found, _ = instants(read_column(data, "x"), "Asia/Tokyo", "x")
            assert found.tolist() == [datetime(2025, 12, 31, 23, 30)]

    @given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)), max_size=8))
    def test_wall_times_follow_the_one_rule(self, walls: list[datetime]) -> None:
        """A time without a zone means what the vocabulary says, one by one or in bulk."""
        wanted = [to_utc(wall, "Europe/Berlin").replace(tzinfo=None) for wall in walls]
        bulk = np.array(walls, "datetime64[us]")
        for data in (walls, bulk):
            found, _ = instants(read_column(data, "x"), "Europe/Berlin", "x")
            assert found.tolist() == wanted

    @pytest.mark.parametrize("minute", range(0, 240, 15))
    def test_clock_changes_are_exact_in_bulk(self, minute: int) -> None:
        """Within an hour in which clocks change, each time has its own offset."""
        for day, zone in (
            (date(2026, 3, 29), "Europe/Berlin"),
            (date(2026, 10, 4), "Australia/Lord_Howe"),
        ):
            wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
            found, _ = instants(read_column(np.array([wall], "datetime64[us]"), "x"), zone, "x")
            assert found.item() == to_utc(wall, zone).replace(tzinfo=None)

    def test_gaps_stay_gaps(self) -> None:
        """A missing time is no time."""
        found, is_missing = instants(
            read_column([datetime(2026, 1, 1, tzinfo=UTC), None], "x"), "UTC", "x"
        )
        assert is_missing.tolist() == [False, True]
        assert np.isnat(found[1])

    @pytest.mark.parametrize("data", [["2026-01-01"], [20260101], [1.5], [True]])
    def test_times_are_never_guessed(self, data: Any) -> None:
        """Texts and numbers are no times."""
        with pytest.raises(UsageError, match="times are needed"):
            instants(read_column(data, "x"), "UTC", "x")

    def test_far_years_are_refused(self) -> None:
        """A year that no calendar has is an error, not a crash."""
        with pytest.raises(UsageError, match="years 1 to 9999"):
            instants(read_column(np.array(["12000-01-01"], "datetime64[us]"), "x"), "UTC", "x")


class TestWeights:
    def test_rows_without_an_answer_need_no_weight(self) -> None:
        """Only the weight of an answer matters."""
        made = checked_weights(
            np.array([1.0, np.nan]), np.array([False, True]), np.array([True, False])
        )
        assert made.tolist() == [1.0, 0.0]

    @pytest.mark.parametrize(
        ("weight", "message"), [(np.nan, "have no weight"), (-1.0, "negative"), (np.inf, "endless")]
    )
    def test_bad_weights_are_counted(self, weight: float, message: str) -> None:
        """A weight that is none is an error with a count."""
        values = np.array([1.0, weight])
        with pytest.raises(UsageError, match=f"1 of 2 answers.*{message}"):
            checked_weights(values, np.isnan(values), np.array([True, True]))


class TestSortedAxis:
    @given(st.lists(st.none() | st.text(max_size=3), max_size=20), st.randoms())
    def test_order_of_arrival(self, words: list[str | None], random: Any) -> None:
        """Labels stand in the order of texts, whatever came first, and codes lead back to them."""
        other = list(words)
        random.shuffle(other)
        one, two = (sorted_axis(read_column(part, "it"), "it") for part in (words, other))
        assert one.labels == two.labels == tuple(sorted({w for w in words if w is not None}))
        assert [one.labels[c] if c >= 0 else None for c in one.codes] == words
