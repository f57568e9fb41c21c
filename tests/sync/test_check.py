"""Asking a source whether it answers."""

from __future__ import annotations

import pytest

from cxm_core.errors import AuthError, ConfigurationError
from cxm_core.sync import check
from sync.scripted import Scripted


def test_tells_what_the_source_tells() -> None:
    """Account and streams are those of the source."""
    report = check(Scripted({"notes": lambda _: []}))
    assert report.account == "office"
    assert [stream.name for stream in report.streams] == ["notes"]
    assert report.problems == ()


def test_no_answer_is_a_problem() -> None:
    """A source that does not answer has that as its problem, with the hint."""
    error = AuthError("The key is not accepted.", hint="make a new one")
    assert check(Scripted({}, check_error=error)).problems == (
        "The key is not accepted. make a new one",
    )


def test_wrong_configuration_stays_an_error() -> None:
    """What the author of the program has to mend is raised."""
    with pytest.raises(ConfigurationError, match="No folder"):
        check(Scripted({}, check_error=ConfigurationError("No folder.")))


def test_fault_of_the_connector_names_it() -> None:
    """A connector that breaks has that as its problem, without what it was reading."""
    (problem,) = check(Scripted({}, check_error=KeyError("canary"))).problems
    assert "'scripted' failed with KeyError" in problem
    assert "canary" not in problem


def test_a_stream_that_may_not_be_read_is_a_problem() -> None:
    """A connector that can find out which permission is missing is asked."""

    class Probing(Scripted):
        def probe(self) -> tuple[str, ...]:
            return ("The stream 'notes' is not permitted: it needs notes.read.",)

    (problem,) = check(Probing({"notes": lambda _: []})).problems
    assert "notes.read" in problem
