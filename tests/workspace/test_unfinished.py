"""Windows and periods that are not over yet are flagged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cxm_core.results import Breakdown
from cxm_core.workspace import Workspace
from workspace.desks import Clock, answer


def codes(result: object) -> set[str]:
    """Codes of the caveats of a result."""
    return {caveat.code for caveat in result.caveats}  # type: ignore[attr-defined]  # any shape


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Answers of two weeks; the clock stands in the second."""
    workspace.add([answer(1, 9, "2026-11-12"), answer(2, 9, "2026-11-17")])
    return workspace


@pytest.mark.parametrize(
    ("window", "is_open"),
    [
        ("2026-W46", False),
        ("2026-W47", True),
        ("2026", True),
        ("last 7 days", False),
        (("2026-11-01", "2026-11-22"), True),
        (None, False),
    ],
)
def test_window(filled: Workspace, window: object, is_open: bool) -> None:
    """A figure of a window that ends after now says so; one that is over does not."""
    result = filled.measure("nps", window=window)  # type: ignore[arg-type]  # each form of a window
    assert ("unfinished" in codes(result)) is is_open


def test_last_period(filled: Workspace) -> None:
    """Of several periods only the one that now lies in is flagged, whatever the window."""
    for window in (None, "2026-11"):
        weeks = filled.measure("nps", every="week", window=window)
        assert isinstance(weeks, Breakdown)
        assert "unfinished" not in codes(weeks["2026-W46"])
        assert "unfinished" in codes(weeks["2026-W47"])


def test_local_end(filled: Workspace, clock: Clock) -> None:
    """A week ends at the program's midnight, an hour before that of UTC."""
    for minute, is_open in ((59, True), (0, False)):
        clock.now = datetime(2026, 11, 22, 22 if is_open else 23, minute, tzinfo=UTC)
        weeks = filled.measure("nps", every="week")
        assert isinstance(weeks, Breakdown)
        assert ("unfinished" in codes(weeks["2026-W47"])) is is_open


def test_other_groups(filled: Workspace) -> None:
    """Groups that are no periods share the window, and so its caveat."""
    by_channel = filled.measure("nps", by="channel", window="2026-11")
    assert isinstance(by_channel, Breakdown)
    assert "unfinished" in codes(by_channel[None])


def test_state_of_knowledge(filled: Workspace, clock: Clock) -> None:
    """What was not over at `as_of` is flagged, though it is over by now."""
    then = clock.now
    clock.pass_(days=30)
    assert "unfinished" not in codes(filled.measure("nps", window="2026-W47"))
    assert "unfinished" in codes(filled.measure("nps", window="2026-W47", as_of=then))
