"""Event logs of any table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import EventColumns, EventLog, read_events
from cxm_core.errors import UsageError

START = datetime(2026, 3, 1, tzinfo=UTC)


def log_of(rows: list[tuple[Any, Any, Any]], **more: Any) -> EventLog:
    """Log of rows of case, activity and minute."""
    case, activity, minute = (list(part) for part in zip(*rows, strict=True))
    at = [None if m is None else START + timedelta(minutes=m) for m in minute]
    table = {"case": case, "activity": activity, "occurred_at": at}
    return read_events(table, EventColumns(**more))


def ways(log: EventLog) -> dict[Any, list[Any]]:
    """Activities of each case in order."""
    names = [log.activities[code] for code in log.chains.states]
    cases, starts = log.cases.column("case").values, log.chains.starts
    return {case: names[starts[i] : starts[i + 1]] for i, case in enumerate(cases)}


def told_of(log: EventLog) -> tuple[Any, ...]:
    """All that a log says."""
    columns = {
        name: [None if gone else value for value, gone in zip(c.values, c.is_missing, strict=True)]
        for name, c in log.cases.columns.items()
    }
    return log.chains.states.tolist(), log.times.tolist(), log.activities, columns, log.cases.steps


class Stream:
    """Speaks Arrow's stream protocol and nothing else."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        capsule: object = self.table.__arrow_c_stream__(requested_schema)
        return capsule


class TestByHand:
    def test_out_of_order(self) -> None:
        """Events stand in the order of time, whatever order they came in."""
        log = log_of([("a", "close", 9), ("b", "open", 1), ("a", "open", 0)])
        assert ways(log) == {"a": ["open", "close"], "b": ["open"]}
        assert log.waits.tolist() == [0, 9 * 60 * 10**6, 0]

    def test_equal_stamps(self) -> None:
        """Equal times stand in the order of the names, and a note counts them."""
        log = log_of([("a", "paid", 5), ("a", "cart", 5), ("b", "cart", 5)])
        assert ways(log)["a"] == ["cart", "paid"]
        assert log.cases.notes == (("equal_stamps", 1),)

    def test_order_of_its_own(self) -> None:
        """Numbers of the source decide between equal times, and nothing is to be noted then."""
        log = log_of([("a", "cart", 5), ("a", "paid", 5)], order=[2, 1])
        assert ways(log)["a"] == ["paid", "cart"]
        assert log.cases.notes == ()

    def test_rows_that_lack_something(self) -> None:
        """Events without a case, a time or an activity are left out and counted."""
        log = log_of([("a", "x", 1), (None, "x", 1), ("a", None, 1), ("a", "x", None)])
        assert ways(log) == {"a": ["x"]}
        assert dict(log.cases.exclusions) == {"no case": 1, "no time": 1, "no activity": 1}

    def test_cut_at_a_moment(self) -> None:
        """What happens from the end on is not known yet."""
        log = log_of([("a", "x", 1), ("a", "y", 2)], until=START + timedelta(minutes=2))
        assert ways(log) == {"a": ["x"]}
        assert dict(log.cases.exclusions) == {"after the end": 1}
        assert log.until == int(START.timestamp() + 120) * 10**6

    def test_groups_of_cases(self) -> None:
        """A case is in the group of its first event."""
        log = log_of([("a", "x", 2), ("a", "y", 1)], by={"channel": ["late", "early"]})
        assert log.cases.column("channel").values.tolist() == ["early"]

    def test_zones(self) -> None:
        """An instant is the same in every zone; a wall-clock time is one of the zone said."""
        east = timezone(timedelta(hours=3))
        at = [datetime(2026, 3, 1, 12, tzinfo=east), datetime(2026, 3, 1, 9, 30, tzinfo=UTC)]
        table = {"case": [1, 1], "activity": ["b", "a"], "occurred_at": at}
        assert ways(read_events(table, EventColumns()))[1] == ["b", "a"]
        walls = {**table, "occurred_at": [at[0].replace(tzinfo=None)] * 2}
        found = read_events(walls, EventColumns(zone="Europe/Berlin"))
        assert found.times[0] == datetime(2026, 3, 1, 11, tzinfo=UTC).timestamp() * 1e6

    def test_clocks_hours_apart(self) -> None:
        """Times are taken as they are: a source three hours behind puts its events first."""
        log = log_of([("a", "asked", 0), ("a", "answered", 10 - 180)])
        assert ways(log)["a"] == ["answered", "asked"]

    def test_a_case_of_one_event_and_one_of_100_000(self) -> None:
        """Both are cases like any other."""
        size = 100_000
        table = {
            "case": np.append(np.zeros(size, int), 1),
            "activity": np.arange(size + 1) % 3,
            "occurred_at": np.datetime64("2026-01-01") + np.arange(size + 1).astype("m8[s]"),
        }
        assert read_events(table, EventColumns()).chains.lengths.tolist() == [size, 1]

    def test_no_events(self) -> None:
        """An empty log has no case."""
        log = read_events({"case": [], "activity": [], "occurred_at": []}, EventColumns())
        assert len(log.cases) == 0
        assert log.until == 0

    def test_activities_that_nobody_knows(self) -> None:
        """Names that no event has are refused where one is needed, and no label is told."""
        log = log_of([("a", "x", 1)])
        assert log.codes(["y"], "the goal", is_needed=False).size == 0
        with pytest.raises(UsageError, match="No event has an activity of the goal"):
            log.codes(["y"], "the goal")

    def test_what_is_wrong(self) -> None:
        """No table, a column that is not there, other lengths, or texts for times are refused."""
        row = {"case": [1], "activity": ["x"], "occurred_at": [START]}
        wrong: list[tuple[object, EventColumns]] = [
            ([1, 2], EventColumns()),
            ({"case": [1], "activity": ["x"]}, EventColumns()),
            (row | {"case": [1, 2]}, EventColumns()),
            (row | {"occurred_at": ["2026-01-01"]}, EventColumns()),
            (row, EventColumns(by=[["a"]])),
        ]
        for table, columns in wrong:
            with pytest.raises(UsageError):
                read_events(table, columns)
        with pytest.raises(UsageError):
            read_events(row, EventColumns()).column("channel")


class TestByLaw:
    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 9)),
            min_size=1,
            max_size=20,
        ),
        st.randoms(use_true_random=False),
    )
    def test_order_of_arrival(self, rows: list[tuple[str, str, int]], random: Any) -> None:
        """Rows in another order are the same log, with the same notes."""
        other = list(rows)
        random.shuffle(other)
        one, two = log_of(rows), log_of(other)
        assert ways(one) == ways(two)
        assert one.cases.notes == two.cases.notes

    @given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20))
    def test_numbers_of_cases(self, numbers: list[int]) -> None:
        """Cases may have any numbers, near or far apart."""
        log = log_of([(number, "x", place) for place, number in enumerate(numbers)])
        assert log.cases.column("case").values.tolist() == sorted(set(numbers))


class TestByReference:
    @given(
        rows=st.lists(
            st.tuples(
                st.none() | st.sampled_from(["", "a", "b", "ä", "a long name of a case", "B"]),
                st.none() | st.sampled_from(["x", "y", "a step with a long name"]),
                st.none() | st.integers(0, 9),
                st.none() | st.sampled_from(["ann", "bob"]),
            ),
            max_size=20,
        )
    )
    def test_every_kind_of_column(self, rows: list[tuple[Any, ...]]) -> None:
        """Texts as objects, bytes, views or codes, and times of any unit, are the same log."""
        case, step, minute, who = zip(*rows, strict=True) if rows else ((), (), (), ())
        at = [None if m is None else START + timedelta(minutes=m) for m in minute]
        names = {"case": list(case), "activity": list(step), "customer": list(who)}
        told = {name: pa.array(values, pa.string()) for name, values in names.items()}
        wanted = told_of(read_events({**names, "occurred_at": at}, EventColumns()))
        for unit, as_texts in (
            ("us", pa.Array.dictionary_encode),
            ("ms", lambda part: part.cast(pa.string_view())),
            ("s", lambda part: part.cast(pa.large_string())),
        ):
            texts = {name: as_texts(part) for name, part in told.items()}
            table = pa.table({**texts, "occurred_at": pa.array(at, pa.timestamp(unit, "UTC"))})
            frames = [table, Stream(table), pl.DataFrame(table)]
            for frame in frames:
                assert told_of(read_events(frame, EventColumns())) == wanted

    def test_every_frame(self) -> None:
        """Frames of all kinds are the same log."""
        at = [START + timedelta(minutes=m) for m in (3, 1, 2)]
        table = {"case": ["a", "a", "b"], "activity": ["x", "y", "x"], "occurred_at": at}
        wanted = ways(read_events(table, EventColumns()))
        frames = [pl.DataFrame(table), pl.LazyFrame(table), pd.DataFrame(table)]
        frames.append(pl.DataFrame(table).to_arrow())
        for frame in frames:
            assert ways(read_events(frame, EventColumns())) == wanted
