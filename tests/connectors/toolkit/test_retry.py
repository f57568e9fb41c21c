"""How long is waited, and when nobody waits any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit._retry import Patience, Setback
from cxm_core.errors import RetryableError, SourceError, TruncatedAnswer
from reliability.wire_stand import START, Time, runtime_of


def patience(time: Time, *, budget_s: float = 900, max_attempts: int = 6) -> Patience:
    """The tries of one call."""
    return Patience(runtime_of(time), budget_s=budget_s, max_attempts=max_attempts)


def tries(time: Time, setback: Setback, tried: Patience) -> int:
    """How often another try is given."""
    for count in range(10_000):
        try:
            tried.after(setback)
        except SourceError:
            return count
    raise AssertionError("no end")


@given(
    told=st.none() | st.floats(0, 100),
    budget_s=st.floats(1, 2000),
    max_attempts=st.integers(1, 12),
)
def test_it_always_ends_within_the_budget(
    told: float | None, budget_s: float, max_attempts: int
) -> None:
    """Whatever a source says, tries and waits are bounded, and no wait is shorter than told."""
    time = Time()
    setback = Setback(error=RetryableError("not now"), wait_s=told)
    count = tries(time, setback, patience(time, budget_s=budget_s, max_attempts=max_attempts))
    assert count < max_attempts * 5
    assert (time.now - START).total_seconds() <= budget_s
    assert all(slept >= (told or 0) for slept in time.slept)


def test_waits_grow_and_differ() -> None:
    """Each is about twice the one before, none is the same for all, and none is beyond a minute."""
    time = Time()
    tries(time, Setback(error=RetryableError("no")), patience(time, budget_s=9e9, max_attempts=12))
    assert len(set(time.slept)) == 11
    assert all(one <= 60 for one in time.slept)
    assert 0.5 <= time.slept[0] <= 1
    assert time.slept[-1] >= 30


def test_the_last_error_says_when_to_come_again() -> None:
    """By what the source told, even if that is beyond the budget."""
    time = Time()
    error = RetryableError("not now", hint="wait", status=429)
    with pytest.raises(RetryableError, match="not now") as caught:
        patience(time).after(Setback(error=error, wait_s=5000))
    assert caught.value.resume_at is not None
    assert caught.value.resume_at >= START + timedelta(seconds=5000)
    assert (caught.value.hint, caught.value.context["status"]) == ("wait", 429)
    assert time.slept == []


def test_a_cut_answer_stays_one() -> None:
    """What was never whole is told as such in the end."""
    time = Time()
    with pytest.raises(TruncatedAnswer, match="half"):
        patience(time, max_attempts=1).after(Setback(error=TruncatedAnswer("half")))


def test_a_budget_of_calls_is_waited_for() -> None:
    """Until then, if that is within the budget of time; else not at all."""
    time = Time()
    tried = patience(time, budget_s=60)
    tried.wait_until(START)
    tried.wait_until(START + timedelta(seconds=20))
    assert time.slept == [20]
    with pytest.raises(RetryableError) as caught:
        tried.wait_until(START + timedelta(seconds=61))
    assert caught.value.resume_at == START + timedelta(seconds=61)
