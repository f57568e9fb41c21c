"""Events gathered into cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import CaseRule, Cases, EventColumns, EventLog, gather_cases, read_events
from cxm_core.columns._events import InOrder
from cxm_core.errors import UsageError

START = datetime(2026, 3, 1, tzinfo=UTC)
Rows = list[tuple[str, str, int]]


def cases_of(rows: Rows, rule: str | CaseRule, **more: Any) -> Cases:
    """Cases of rows of customer, activity and minute."""
    customer, activity, minute = (list(part) for part in zip(*rows, strict=True))
    at = [START + timedelta(minutes=m) for m in minute]
    table = {"customer": customer, "activity": activity, "occurred_at": at, "order": customer}
    return gather_cases(table, EventColumns(), rule=rule, **more)


def told(cases: Cases) -> dict[str, list[Any]]:
    """Columns of the cases, None where missing."""
    return {
        name: [
            None if gone else value
            for value, gone in zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
        ]
        for name, column in cases.columns.items()
    }


def paths(cases: Cases) -> dict[str, str]:
    """Way of each case by its name."""
    table = cases.each()
    return dict(zip(table.column("case").values, table.column("path").values, strict=True))


class TestByHand:
    def test_sessions(self) -> None:
        """A pause that is longer than the gap begins a new session; one as long does not."""
        rows = [("a", "x", 0), ("a", "y", 30), ("a", "z", 61), ("b", "x", 61)]
        assert paths(cases_of(rows, "session")) == {"a/1": "x > y", "a/2": "z", "b/1": "x"}

    def test_a_shared_value(self) -> None:
        """Events with the same value are one case, whatever lies between them."""
        found = cases_of([("a", "x", 0), ("b", "x", 1), ("a", "y", 99_999)], "order")
        assert paths(found) == {"a": "x > y", "b": "x"}
        assert found.parameters == (("rule", "order: the same value of the column order"),)

    def test_from_start_to_end(self) -> None:
        """A case lasts from a start to the next end; what lies outside belongs to none."""
        rows = [("a", step, i) for i, step in enumerate("xsusesvsex")]
        found = cases_of(rows, CaseRule.between("s", "e"))
        assert paths(found) == {"a/1": "s > u > s > e", "a/2": "s > v > s > e"}
        assert found.exclusions == (("outside of a case", 2),)

    def test_within_a_time(self) -> None:
        """A case ends when its time is over, and a later start begins another one."""
        rows = [("a", "s", 0), ("a", "u", 60), ("a", "v", 61), ("a", "s", 70), ("a", "e", 80)]
        found = cases_of(rows, CaseRule.between("s", "e", within="1h"))
        assert paths(found) == {"a/1": "s > u", "a/2": "s > e"}

    def test_without_an_end(self) -> None:
        """Without an end, a case goes on for good."""
        rows = [("a", "s", 0), ("a", "s", 9_999), ("b", "u", 0)]
        assert paths(cases_of(rows, CaseRule.between("s"))) == {"a/1": "s > s"}

    def test_columns(self) -> None:
        """Each event knows its place in its case and the wait before it."""
        found = cases_of([("a", "x", 0), ("a", "y", 5)], "session", keep=["order"])
        assert found.column("position").values.tolist() == [1, 2]
        assert found.column("wait_s").values.tolist()[1] == 300
        assert found.column("wait_s").is_missing.tolist() == [True, False]
        assert found.column("order").values.tolist() == ["a", "a"]
        assert found.rule == CaseRule.session()

    def test_rules_that_are_none(self) -> None:
        """A rule that nobody knows, or that lacks its start, is refused with the nearest cure."""
        for rule in ("onboarding", "order 30m", ""):
            with pytest.raises(UsageError):
                CaseRule.parse(rule)
        with pytest.raises(UsageError):
            CaseRule.between(())
        with pytest.raises(UsageError, match="'basket' is no rule of cases"):
            cases_of([("a", "x", 0)], "basket")

    def test_told(self) -> None:
        """A rule says itself in whole units."""
        assert CaseRule.parse("session 90s").told.endswith("more than 90 s begins a new one")
        assert (
            CaseRule.between(["a", "b"], within="36h").told
            == "onboarding: from a or b, within 36 h"
        )

    @pytest.mark.parametrize(
        ("rule", "hint"),
        [("sesion", "'session'"), ("onbording", "'onboarding'"), ("ordr", "'order'")],
    )
    def test_a_misspelt_rule(self, rule: str, hint: str) -> None:
        """A word that is neither a rule nor a column may have been meant for either."""
        with pytest.raises(UsageError, match="no rule of cases, and no column") as caught:
            cases_of([("a", "x", 0)], rule)
        assert caught.value.hint == f"did you mean {hint}?"

    def test_what_was_sorted_once_stays(self) -> None:
        """Cases are not read and sorted again; with other columns they are."""
        found = cases_of([("a", "y", 5), ("a", "x", 0), ("b", "x", 1)], "session")
        assert isinstance(found.columns, InOrder)
        again = read_events(found, EventColumns())
        assert again.chains is found.columns.log.chains
        changed = evolve(found, columns={**found.columns, "activity": found.column("case")})
        assert read_events(changed, EventColumns()).activities == ("a/1", "b/1")


rows_of_customers = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("seu"), st.integers(0, 60)),
    min_size=1,
    max_size=15,
)


def spans_by_hand(rows: Rows, most: int) -> dict[str, str]:
    """The same cases by going through each customer's events."""
    found: dict[str, list[str]] = {}
    for customer in sorted({row[0] for row in rows}):
        mine = sorted((minute, step) for who, step, minute in rows if who == customer)
        begun, number = None, 0
        for minute, step in mine:
            if begun is not None and minute - begun > most:
                begun = None
            if begun is None and step == "s":
                begun, number = minute, number + 1
            if begun is not None:
                found.setdefault(f"{customer}/{number}", []).append(step)
                begun = None if step == "e" else begun
    return {name: " > ".join(steps) for name, steps in found.items()}


def of_log(log: EventLog) -> tuple[Any, ...]:
    """What a log says, whatever order its cases have."""
    starts = log.chains.starts
    names = log.cases.column("case").values.tolist()
    ways = [
        [log.activities[code] for code in log.chains.states[first:last]]
        for first, last in pairwise(starts)
    ]
    groups = [log.cases.column(name).values.tolist() for name in log.axes]
    times = [log.times[a:b].tolist() for a, b in pairwise(starts)]
    who = log.column("case").values.tolist()
    rows = [who[a:b] for a, b in pairwise(starts)]
    each = sorted(zip(names, ways, times, rows, *groups, strict=True))
    return (*log.activities, each, log.until, log.cases.steps, log.cases.notes)


class TestChangedInPlace:
    def test_times_that_were_changed_are_told(self) -> None:
        """Cases whose times were moved, swapped or sorted in the user's own array are refused."""
        for change in (
            lambda at: np.add(at, np.timedelta64(1, "s"), out=at),
            lambda at: at.__setitem__(slice(0, 2), at[1::-1].copy()),
            lambda at: at.sort(),
        ):
            at = np.array(["2026-01-03", "2026-01-01", "2026-01-02"], "datetime64[us]")
            log = {"case": np.array([1, 1, 2]), "activity": list("xyx"), "occurred_at": at}
            found = gather_cases(log, EventColumns(), rule="case")
            assert len(read_events(found, EventColumns()).cases) == 2
            change(at)
            with pytest.raises(UsageError, match="changed in place"):
                read_events(found, EventColumns())

    def test_names_that_were_changed_do_not_matter(self) -> None:
        """The names of the cases are those of the time when they were gathered."""
        case = np.array([1, 1, 2])
        at = np.array(["2026-01-01", "2026-01-02", "2026-01-03"], "datetime64[us]")
        log = {"case": case, "activity": list("xyx"), "occurred_at": at}
        found = gather_cases(log, EventColumns(), rule="case")
        case[:] = 7
        assert read_events(found, EventColumns()).cases.column("case").values.tolist() == [1, 2]


class TestByLaw:
    @given(
        rows=rows_of_customers,
        rule=st.sampled_from(["session 7m", "session", "order", "customer"]),
        end=st.none() | st.integers(-1, 70),
    )
    def test_kept_order_is_the_order_of_a_new_look(
        self, rows: Rows, rule: str, end: int | None
    ) -> None:
        """What stays sorted is what a plain table with the same columns is read to."""
        found = cases_of(rows, rule, keep=["order"])
        plain = evolve(found, columns=dict(found.columns))
        until = None if end is None else START + timedelta(minutes=end)
        asked = EventColumns(by=["order"], until=until)
        assert of_log(read_events(found, asked)) == of_log(read_events(plain, asked))

    @given(rows_of_customers, st.integers(1, 30))
    def test_spans(self, rows: Rows, most: int) -> None:
        """Cases from start to end are those found by going through the events one by one."""
        if not all(any(step == wanted for _, step, _ in rows) for wanted in "se"):
            rows = [*rows, ("a", "s", 0), ("a", "e", 0)]
        found = cases_of(rows, CaseRule.between("s", "e", within=timedelta(minutes=most)))
        assert paths(found) == spans_by_hand(rows, most)

    @given(rows_of_customers, st.randoms(use_true_random=False))
    def test_order_of_arrival(self, rows: Rows, random: Any) -> None:
        """Rows in another order are the same cases, row by row."""
        other = list(rows)
        random.shuffle(other)
        one, two = cases_of(rows, "session 9m"), cases_of(other, "session 9m")
        assert told(one) == told(two)
        assert paths(one) == paths(two)
        assert one.notes == two.notes


class TestByReference:
    def test_to_a_frame_and_back(self) -> None:
        """Cases that went through a frame are the same cases."""
        found = cases_of([("a", "x", 0), ("a", "y", 0), ("b", "x", 1)], "session")
        frame = found.to_frame("polars")
        again = gather_cases(frame, EventColumns(order="position"), rule="case")
        assert paths(again) == paths(found)
