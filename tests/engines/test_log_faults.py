"""What befalls a log: nothing in it, odd orders, odd ends, clocks that disagree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
END = MONDAY + timedelta(days=30)
_QUICK = [(-3.0, "open"), (-2.0, "solved")]
SHARES: dict[str, Callable[[Any, Any], Any]] = {
    "one_touch": lambda made, _: cx.one_touch(made),
    "reopen_rate": lambda made, _: cx.reopen_rate(made),
    "escalation_rate": lambda made, _: cx.escalation_rate(made),
    "first_contact_resolution": lambda _, made: cx.first_contact_resolution(made),
    "repeat_contact": lambda _, made: cx.repeat_contact(made),
}
TIMES: dict[str, Callable[[Any, Any], Any]] = {
    "first_reply_time": lambda made, _: cx.first_reply_time(made),
    "resolution_time": lambda made, _: cx.resolution_time(made),
    "requester_wait": lambda made, _: cx.requester_wait(made),
    "agent_work": lambda made, _: cx.agent_work(made),
}
EACH = pytest.mark.parametrize(
    "measure", [*SHARES.values(), *TIMES.values()], ids=[*SHARES, *TIMES]
)
EACH_SHARE = pytest.mark.parametrize("measure", SHARES.values(), ids=SHARES)


def _event(ticket: str, hour: float, status: str | None, **more: Any) -> dict[str, Any]:
    at = MONDAY + timedelta(hours=hour)
    event = "comment" if status is None else "created" if status == "new" else "status"
    return {"ticket": ticket, "occurred_at": at, "event": event, "status": status, **more}


def _life(ticket: str, hour: float = 0.0) -> list[dict[str, Any]]:
    """A ticket that is answered after an hour and solved after five."""
    return [
        _event(ticket, hour, "new", actor="customer"),
        _event(ticket, hour + 1, None, actor="human", is_public=True),
        _event(ticket, hour + 2, "open", actor="human"),
        _event(ticket, hour + 5, "solved", actor="human"),
    ]


def _table(events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = ["ticket", "occurred_at", "event", "status", "actor", "is_public"]
    return {name: [event.get(name) for event in events] for name in names}


def _tickets(events: list[dict[str, Any]]) -> Any:
    return cx.tickets(_table(events), until=END)


def _contacts(rows: list[tuple[Any, float]]) -> dict[str, list[Any]]:
    return {
        "customer": [who for who, _ in rows],
        "occurred_at": [MONDAY + timedelta(hours=hour) for _, hour in rows],
        "channel": ["chat"] * len(rows),
    }


def _issues(rows: list[tuple[Any, float]]) -> Any:
    return cx.issues(_contacts(rows), until=END)


def _only(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The one ticket of a log, as a row, without what cannot be compared."""
    (row,) = _tickets(events).to_frame("polars").to_dicts()
    return row


def _codes(found: Any) -> list[str]:
    return [caveat.code for caveat in found.caveats]


@EACH
def test_metric_01_a_log_without_a_row(measure: Callable[..., Any]) -> None:
    """An empty log gives no value, no limits, n of 0, and says why."""
    found = measure(_tickets([]), _issues([]))
    assert (found.n, found.value, found.low, found.high) == (0, None, None, None)
    assert "nothing_counted" in _codes(found)


@EACH
def test_metric_02_a_log_of_one(measure: Callable[..., Any]) -> None:
    """One ticket, or one contact, has a figure or the reason why it has none."""
    found = measure(_tickets(_life("A")), _issues([("ann", 0)]))
    assert found.n == 1
    assert found.caveats
    limits = [limit for limit in (found.low, found.high) if limit is not None]
    if found.unit == "share":
        assert all(0 <= limit <= 1 for limit in limits)
    assert len(limits) == 2 or "not_reached" in _codes(found)


@EACH_SHARE
@pytest.mark.parametrize("n", [2, 12, 100])
def test_metric_03_all_the_same(measure: Callable[..., Any], n: int) -> None:
    """Where every ticket and customer fares alike, the interval is not without width."""
    events = [event for number in range(n) for event in _life(f"T{number}", number)]
    found = measure(_tickets(events), _issues([(number, 0) for number in range(n)]))
    assert found.n == n
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@EACH
def test_metric_13_a_filter_that_leaves_nothing(measure: Callable[..., Any]) -> None:
    """A log of which the filter leaves nothing is a log without a row."""
    events = [event for event in _life("A") if event["ticket"] == "B"]
    assert measure(_tickets(events), _issues([])).value is None


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_log_01_events_out_of_order(random: Any, n: int) -> None:
    """In whatever order events, contacts and steps arrive, every table is the same."""
    events = [event for number in range(n) for event in _life(f"T{number}", number % 3)]
    rows = [(number % 4, float(hour)) for number, hour in enumerate([0, 0, 30, 200, 200] * n)]
    turned, later = list(events), list(rows)
    random.shuffle(turned)
    random.shuffle(later)
    assert _tickets(events).to_frame().equals(_tickets(turned).to_frame())
    assert _issues(rows).to_frame().equals(_issues(later).to_frame())


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_log_02_events_with_equal_stamps(random: Any) -> None:
    """Events of one moment stand in a stated order: the creation, then from new to closed."""
    events = [_event("A", 0, status) for status in ("closed", "solved", "open", "new")]
    random.shuffle(events)
    row = _only(events)
    assert (row["end"], row["reopenings"]) == ("solved", 0)
    log = {"customer": ["a"] * 3, "occurred_at": [MONDAY] * 3, "activity": ["c", "a", "b"]}
    found = cx.flow(cx.cases(log, rule="session"))
    assert "equal_stamps" in _codes(found)
    turned = {name: values[::-1] for name, values in log.items()}
    assert found == cx.flow(cx.cases(turned, rule="session"))


def test_log_03_events_before_the_opening() -> None:
    """What another system says to have come before the opening counts as at the opening."""
    early = {**_event("A", -3, "open", actor="human"), "event": "status"}
    row = _only([early, *_life("A")])
    assert row["occurred_at"] == MONDAY
    assert "before_opening" in _codes(cx.resolution_time(_tickets([early, *_life("A")])))


@pytest.mark.parametrize("is_told", [True, False])
def test_log_03_what_was_solved_before_its_opening(is_told: bool) -> None:
    """By a clock three hours behind a quick ticket is over at once, and neither open nor reopened.

    Be it that the log has the creation, or the table of the tickets.
    """
    early = [{**_event("A", hour, status), "event": "status"} for hour, status in _QUICK]
    created = {"native_id": ["A"], "occurred_at": [MONDAY]}
    log = [*early, *([_event("A", 0, "new")] if is_told else [])]
    made = cx.tickets(_table(log), None if is_told else created, until=END)
    (row,) = made.to_frame("polars").to_dicts()
    assert (row["end"], row["reopenings"]) == ("solved", 0)
    assert row["occurred_at"] == row["solved_at"] == MONDAY
    assert (row["new_s"], row["open_s"]) == (0.0, 0.0)
    assert "before_opening" in _codes(cx.resolution_time(made))


def test_log_04_events_after_the_close() -> None:
    """A ticket that goes on after its close was opened again, and a caveat says so."""
    events = [*_life("A"), _event("A", 6, "closed"), _event("A", 9, "open")]
    row = _only(events)
    assert (row["end"], row["reopenings"]) == (None, 1)
    assert "after_close" in _codes(cx.resolution_time(_tickets(events)))


def test_log_05_a_close_that_is_missing() -> None:
    """A ticket that never ends counts as long as it has lasted, and pushes the figure up."""
    ended = [event for number in range(40) for event in _life(f"T{number}")]
    open_ = [event for event in ended if event["status"] != "solved" or event["ticket"] < "T2"]
    found = cx.resolution_time(_tickets(open_), q=0.25)
    assert found.n == 40
    assert "still_open" in _codes(found)
    assert found.value == cx.resolution_time(_tickets(ended), q=0.25).value
    assert cx.resolution_time(_tickets(open_), q=0.9).value is None


def test_log_06_two_closes() -> None:
    """The second of two closes changes nothing."""
    once = [*_life("A"), _event("A", 6, "closed")]
    rows = [_only(log) for log in (once, [*once, _event("A", 60, "closed")])]
    assert [row.pop("last_event_at") for row in rows][1] == MONDAY + timedelta(hours=60)
    assert [row.pop("events") for row in rows] == [5, 6]
    assert rows[0] == rows[1]


def test_log_07_a_status_that_nobody_knows() -> None:
    """A word that is no status leaves the one before it, and is counted."""
    events = [*_life("A")[:-1], _event("A", 3, "frobnicated"), _life("A")[-1]]
    found = cx.resolution_time(_tickets(events))
    assert found.value == cx.resolution_time(_tickets(_life("A"))).value
    assert "unknown_words" in _codes(found)
    assert "frobnicated" not in repr(found) + str(found) + found.to_json()


def test_log_08_a_case_of_one_event() -> None:
    """A ticket, an issue and a case of one event are whole: open, one contact, a way of a step."""
    assert _only([_event("A", 0, "new")])["end"] is None
    assert _issues([("ann", 0)]).column("contacts").values.tolist() == [1]
    log = {"customer": ["a"], "occurred_at": [MONDAY], "activity": ["home"]}
    assert cx.variants(cx.cases(log, rule="session")).n.tolist() == [1]


@pytest.mark.slow
def test_log_09_a_case_of_a_hundred_thousand_events() -> None:
    """One endless case is one case; nothing grows with the square of its length."""
    n = 100_000
    stamps = np.datetime64("2026-11-02", "us") + np.arange(n) * np.timedelta64(1, "s")
    log = {"customer": np.zeros(n, int), "occurred_at": stamps, "activity": np.arange(n) % 7}
    found = cx.flow(cx.cases(log, rule="session"))
    assert int(found.counts.sum()) >= n - 1
    events = {"ticket": ["A"] * n, "occurred_at": stamps, "status": ["open", "solved"] * (n // 2)}
    assert _reopened(events) == n // 2 - 1
    contacts = {"customer": ["ann"] * n, "occurred_at": stamps, "channel": ["chat"] * n}
    assert cx.issues(contacts).column("contacts").values.tolist() == [n]


def _reopened(events: dict[str, Any]) -> int:
    return int(cx.tickets(events).column("reopenings").values[0])


@pytest.mark.parametrize("hours", [-3, 3])
def test_log_10_clocks_three_hours_apart(hours: int) -> None:
    """Where replies are stamped by a clock that is off, no time is negative, and none is lost."""
    events = _life("A")
    events[1] = {**events[1], "occurred_at": events[1]["occurred_at"] + timedelta(hours=hours)}
    made = _tickets(events)
    found = cx.first_reply_time(made)
    assert found.value == max(1 + hours, 0) * 3600
    assert ("before_opening" in _codes(found)) == (hours < 0)
    # Issues are told by days, so hours move few of them.
    rows = [("ann", 0.0), ("ann", 30.0), ("bob", 0.0), ("bob", 400.0)]
    moved = [(who, hour + hours * (hour > 0)) for who, hour in rows]
    assert len(_issues(rows)) == len(_issues(moved)) == 3


@pytest.mark.parametrize("hours", [-3, 0, 3])
@pytest.mark.parametrize("n", [9, 10])
def test_log_10_clocks_apart_are_told(hours: int, n: int) -> None:
    """Replies ten minutes after the question, by a clock three hours behind: a caveat says so."""
    late = timedelta(hours=hours)
    events = {
        "ticket": [f"T{i}" for i in range(n) for _ in range(2)],
        "event": ["created", "comment"] * n,
        "actor": ["customer", "human"] * n,
        "source": ["desk", "chat"] * n,
        "occurred_at": [
            MONDAY + timedelta(days=i) + wait
            for i in range(n)
            for wait in (timedelta(), timedelta(minutes=10) + late)
        ],
    }
    found = cx.first_reply_time(cx.tickets(events))
    told = [caveat for caveat in found.caveats if caveat.code == "clocks_apart"]
    assert bool(told) == (hours < 0 and n == 10)
    assert all("10 tickets" in caveat.message for caveat in told)
    assert found.value == (0.0 if hours < 0 else 600.0 + 3600 * hours)
    plain = cx.first_reply_time(cx.tickets({k: v for k, v in events.items() if k != "source"}))
    assert plain.value == found.value
    assert "clocks_apart" not in _codes(plain)


def test_log_10_a_return_before_the_solution() -> None:
    """One system solves, the other opens again an hour later, by a clock three hours behind."""
    n = 12
    events = {
        "ticket": [i for i in range(n) for _ in range(3)],
        "event": ["created", "status", "reopening"] * n,
        "status": ["new", "solved", "open"] * n,
        "source": ["desk", "desk", "chat"] * n,
        "occurred_at": [
            MONDAY + timedelta(days=i, hours=h) for i in range(n) for h in (0, 20, 20 + 1 - 3)
        ],
    }
    assert dict(cx.tickets(events).notes)["clocks_apart"] == n
    events["occurred_at"] = [
        MONDAY + timedelta(days=i, hours=h) for i in range(n) for h in (0, 20, 21)
    ]
    assert "clocks_apart" not in dict(cx.tickets(events).notes)


def test_log_11_an_event_that_stands_there_twice() -> None:
    """A log that holds every event twice, under its id, gives the same figures."""
    events = [event for number in range(30) for event in _life(f"T{number}", number)]
    named = _table(events) | {"native_id": [f"e{number}" for number in range(len(events))]}
    logs = [{name: values * times for name, values in named.items()} for times in (1, 2)]
    for measure in (cx.resolution_time, cx.one_touch, cx.reopen_rate, cx.first_reply_time):
        once, twice = (measure(cx.tickets(log, until=END)) for log in logs)
        assert (once.value, once.low, once.n) == (twice.value, twice.low, twice.n)


def test_time_02_a_ticket_over_the_night_of_25_hours() -> None:
    """Two stamps that a clock shows alike are an hour apart; open hours are those on the wall."""
    zone = ZoneInfo("Europe/Berlin")
    opened = datetime(2025, 10, 26, 2, 30, fold=0, tzinfo=zone).astimezone(UTC)
    solved = datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=zone).astimezone(UTC)
    log = {"occurred_at": [opened] * 31, "solved_at": [solved] * 31}
    assert cx.resolution_time(log).value == 3600
    every_hour = BusinessCalendar("Europe/Berlin", {day: [(time(0), time(0))] for day in range(7)})
    assert cx.resolution_time(log, calendar=every_hour).value == 3600


_WORDS = "Anna told us all about it"


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: cx.funnel(log, ["x", "y"]),
        lambda log: cx.time_to_value(log, start="x", goal="y"),
        lambda log: cx.flow(log)["x", "y"],
        lambda log: cx.variants(log)["x"],
        lambda log: cx.compare_times(_ended(log), by="activity", against="x"),
        lambda log: cx.channel_parity(_asked(log), margins={"contacts": 0.2}, against="x"),
    ],
)
def test_no_cell_of_a_log_stands_in_an_error(ask: Callable[[dict[str, Any]], object]) -> None:
    """Whoever names the wrong column is not answered with what customers wrote in it."""
    start = datetime(2026, 9, 1, tzinfo=UTC)
    log = {
        "case": [1, 1, 2, 2],
        "activity": [_WORDS, "a", _WORDS, "b"],
        "occurred_at": [start + timedelta(hours=hour) for hour in range(4)],
    }
    with pytest.raises(UsageError) as caught:
        ask(log)
    assert _WORDS not in str(caught.value)


def _ended(log: dict[str, Any]) -> dict[str, Any]:
    """The same as a table of tickets that were solved after an hour."""
    return log | {"solved_at": [at + timedelta(hours=1) for at in log["occurred_at"]]}


def _asked(log: dict[str, Any]) -> object:
    """The same as contacts that came by channels of such names."""
    return cx.issues(
        log, customer="case", channel="activity", until=datetime(2026, 12, 1, tzinfo=UTC)
    )
