"""Budgets of calls: our own, and those that sources tell in their headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit import Counted, Rate
from cxm_connectors.toolkit._limits import Gate, http_date, spent_budgets, told_wait_s

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FAR = NOW + timedelta(days=400)


def seconds(instant: datetime) -> float:
    """Seconds after the beginning of the test."""
    return (instant - NOW).total_seconds()


class TestRate:
    @pytest.mark.parametrize(("calls", "per_s"), [(0, 1.0), (-1, 1.0), (1, 0.0), (1, -2.0)])
    def test_must_allow_something(self, calls: int, per_s: float) -> None:
        """A budget of nothing, or of no time, is none."""
        with pytest.raises(ValueError, match="must be"):
            Rate(calls, per_s)

    @given(
        calls=st.integers(1, 7),
        per_s=st.floats(0.5, 120),
        steps=st.lists(st.floats(0, 30), min_size=1, max_size=60),
    )
    def test_never_more_in_any_window(self, calls: int, per_s: float, steps: list[float]) -> None:
        """Whenever calls come, no window of that length sees more than so many."""
        gate, now, sent = Gate([Rate(calls, per_s)]), NOW, list[float]()
        for step in steps:
            now += timedelta(seconds=step)
            now = max(now, gate.enter("/x", now, latest=FAR + timedelta(days=9999)))
            sent.append(seconds(now))
        for first, later in zip(sent, sent[calls:], strict=False):
            assert later - first >= per_s - 1e-5

    def test_holds_for_its_path_alone(self) -> None:
        """A search has a budget of its own, and uses up the common one."""
        gate = Gate([Rate(1, 10, path="/search"), Rate(3, 60)])
        due = [gate.enter(path, NOW, latest=FAR) for path in ("/search/a", "/list", "/search/b")]
        assert [seconds(one) for one in due] == [0, 0, 10]
        assert seconds(gate.enter("/list", NOW, latest=FAR)) == 60

    def test_a_counted_budget_holds_for_all_its_paths(self) -> None:
        """What is spent by one path is spent for the others; the first pattern that fits counts."""
        exports = [Counted("X-Cursor", paths="*/cursor*"), Counted("X-All", paths="/exports/*")]
        gate = Gate(exports)
        assert gate.budget_of("x-all", "/exports/users") == "x-all"
        assert gate.budget_of("x-all", "/exports/cursor") == ""
        assert gate.budget_of("zendesk-ratelimit-other", "/exports/users") == "/exports/users"
        gate.shut(NOW + timedelta(seconds=9), gate.budget_of("x-all", "/exports/users"))
        paths = ("/exports/tickets", "/exports/cursor", "/lists")
        assert [seconds(gate.enter(one, NOW, latest=FAR)) for one in paths] == [9, 0, 0]

    def test_what_comes_too_late_is_not_counted(self) -> None:
        """A call that gives up leaves its place to the next."""
        gate = Gate([Rate(1, 100)])
        gate.enter("/x", NOW, latest=FAR)
        for _ in range(3):
            assert seconds(gate.enter("/x", NOW, latest=NOW + timedelta(seconds=5))) == 100

    def test_a_shut_gate_opens_at_the_latest_told(self) -> None:
        """A shorter wait does not shorten a longer one; a path's own holds for it alone."""
        gate = Gate()
        gate.shut(NOW + timedelta(seconds=30))
        gate.shut(NOW + timedelta(seconds=5))
        gate.shut(NOW + timedelta(seconds=90), "/export")
        assert seconds(gate.enter("/x", NOW, latest=FAR)) == 30
        assert seconds(gate.enter("/export", NOW, latest=FAR)) == 90


class TestHeaders:
    @pytest.mark.parametrize(
        ("headers", "wait_s"),
        [
            ({"retry-after": "2"}, 2),
            ({"retry-after": "0"}, 0),
            ({"retry-after": " 1.5 "}, 1.5),
            ({"retry-after": "Sun, 01 Nov 2026 12:00:09 GMT"}, 9),
            ({"retry-after": "Sunday, 01-Nov-26 12:00:09 GMT"}, 9),
            ({"retry-after": "Sun, 01 Nov 2026 11:00:00 GMT"}, 0),
            (
                {
                    "retry-after": "Sun, 01 Nov 2026 15:00:04 GMT",
                    "date": "Sun, 01 Nov 2026 15:00:00 GMT",
                },
                4,
            ),
            ({"retry-after": "9e99"}, 366 * 86_400),
            ({}, None),
            ({"retry-after": "later"}, None),
        ],
    )
    def test_retry_after(self, headers: dict[str, str], wait_s: float | None) -> None:
        """Seconds or a date, by the source's clock if it tells it; never beyond a year."""
        assert told_wait_s(headers, NOW) == wait_s

    @pytest.mark.parametrize(
        ("headers", "wait_s"),
        [
            # IETF draft-ietf-httpapi-ratelimit-headers, its older and its newer form.
            ({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30),
            ({"ratelimit": '"default";r=0;t=12'}, 12),
            ({"ratelimit": "limit=100, remaining=0, reset=8"}, 8),
            # GitHub and others tell the instant.
            ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 7),
            (
                {
                    "x-ratelimit-remaining": "0",
                    "x-ratelimit-reset": str(int(NOW.timestamp() + 7) * 1000),
                },
                7,
            ),
            # HubSpot developer docs, API usage guidelines, seen 2026-11.
            (
                {
                    "x-hubspot-ratelimit-remaining": "0",
                    "x-hubspot-ratelimit-interval-milliseconds": "10000",
                },
                10,
            ),
            ({"x-hubspot-ratelimit-secondly-remaining": "0"}, 1),
            # Zendesk developer docs, Rate limits, seen 2026-11.
            ({"zendesk-ratelimit-incremental-exports": "total=10; remaining=0; resets=43"}, 43),
            # SurveyMonkey API docs, Request and response limits, seen 2026-11.
            (
                {
                    "x-ratelimit-app-global-minute-remaining": "0",
                    "x-ratelimit-app-global-minute-reset": "17",
                    "x-ratelimit-app-global-day-remaining": "480",
                    "x-ratelimit-app-global-day-reset": "40000",
                },
                17,
            ),
        ],
    )
    def test_spent_budgets_of_vendors(self, headers: dict[str, str], wait_s: float) -> None:
        """Nothing is left, and when there is more is told in the vendor's own way."""
        assert list(spent_budgets(headers, NOW).values()) == [pytest.approx(wait_s)]
        assert told_wait_s(headers, NOW) == pytest.approx(wait_s)

    @pytest.mark.parametrize(
        "headers",
        [
            {"ratelimit-remaining": "1", "ratelimit-reset": "30"},
            {"x-rate-limit-remaining": "0"},
            {"x-hubspot-ratelimit-daily-remaining": "0"},
            {"zendesk-ratelimit-tickets-index": "total=100; remaining=99; resets=60"},
            {"ratelimit-remaining": "none", "ratelimit-reset": "soon"},
            {"ratelimit": "", "x-remaining": "0", "content-type": "remaining=0; reset=9"},
        ],
    )
    def test_nothing_is_invented(self, headers: dict[str, str]) -> None:
        """With something left, or without a reset, nobody waits."""
        assert spent_budgets(headers, NOW) == {}

    @given(st.dictionaries(st.sampled_from(["retry-after", "ratelimit", "date"]), st.text()))
    def test_no_header_breaks_it(self, headers: dict[str, str]) -> None:
        """Whatever stands there, the wait is none or from nothing to a year."""
        wait_s = told_wait_s(headers, NOW)
        assert wait_s is None or 0 <= wait_s <= 366 * 86_400

    def test_a_date_without_a_zone_is_utc(self) -> None:
        """Some servers write -0000."""
        assert http_date("Sun, 01 Nov 2026 12:00:00 -0000") == NOW
        assert http_date("") is None
