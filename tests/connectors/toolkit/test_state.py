"""State: plain, versioned, and never set back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit._state import Memory, Position
from cxm_core.errors import FatalError

INSTANTS = st.none() | st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)
POSITIONS = st.builds(
    Position,
    place=st.none() | st.text(min_size=1) | st.integers() | st.just({"at": 3, "seen": 7}),
    high=INSTANTS,
    newest=INSTANTS,
    started=INSTANTS,
    edge=st.dictionaries(st.text(), st.text(min_size=1), max_size=2),
)
MEMORIES = st.builds(
    Memory,
    position=POSITIONS,
    parts=st.dictionaries(st.text(), POSITIONS, max_size=3),
    done=st.lists(st.text(), max_size=3).map(tuple),
)


@given(MEMORIES)
def test_a_state_comes_back_from_json(memory: Memory) -> None:
    """What was kept is what is read, and nothing in it is null."""
    text = json.dumps(memory.plain(), allow_nan=False)
    assert Memory.of(json.loads(text), migrations={}) == memory
    assert "null" not in json.dumps(memory.position.plain)


@given(POSITIONS, st.text())
def test_the_mark_never_falls_back(position: Position, rest: str) -> None:
    """After a pass the mark is where it was or later, and not beyond the start of the pass."""
    done = position.finished(rest)
    if position.high is not None:
        assert done.high is not None
        assert done.high >= position.high
    elif done.high is not None and position.started is not None:
        assert done.high <= position.started
    assert done.started is None


def test_an_older_state_is_migrated_step_by_step() -> None:
    """H6: a state of another version is brought up to date, one version at a time."""
    steps = {
        0: lambda state: {"bookmark": state["last"]},
        1: lambda state: {"high": state["bookmark"]},
    }
    memory = Memory.of({"last": "2026-01-01T00:00:00+00:00"}, version=2, migrations=steps)
    assert memory.position.high == datetime(2026, 1, 1, tzinfo=UTC)
    assert memory.plain(2)["version"] == 2


def test_a_state_that_nothing_migrates_is_told() -> None:
    """All is read again, and the receipt says why."""
    memory = Memory.of({"version": 0, "last": 7}, migrations={})
    assert memory.position == Position()
    assert "read again" in memory.note


def test_a_state_of_a_newer_version_is_refused() -> None:
    """What cannot be understood is not overwritten."""
    with pytest.raises(FatalError, match="newer version"):
        Memory.of({"version": 99}, migrations={})


def test_no_state_is_the_beginning() -> None:
    """None and an empty one."""
    assert Memory.of(None, migrations={}) == Memory.of({}, migrations={}) == Memory()


def test_a_pass_without_stamps_moves_no_mark() -> None:
    """An empty answer says nothing about how far all changes were served."""
    started = datetime(2026, 5, 1, tzinfo=UTC)
    high = started - timedelta(days=9)
    assert Position(high=high, started=started).finished(None).high == high
