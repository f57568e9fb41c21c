"""The conformance suite: every check as a pytest class, or as a list of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Literal, cast

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.plugins import Connector, ConnectorClass

from . import (
    _chaos_checks,
    _contract_checks,
    _live_checks,
    _paging_checks,
    _resume_checks,
    _row_checks,
    _secrecy_checks,
    _webhook_checks,
    _wire_checks,
)
from ._cassettes import Cassette
from ._laws import Check
from ._subject import Expect, Source, Subject, told

CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for topic in (
        _contract_checks,
        _live_checks,
        _paging_checks,
        _resume_checks,
        _wire_checks,
        _row_checks,
        _secrecy_checks,
        _webhook_checks,
        _chaos_checks,
    )
    for check in topic.CHECKS
}


@frozen(kw_only=True)
class Finding:
    """What one check found.

    Parameters
    ----------
    check : str
        Name of the check.
    verdict : {"green", "red", "skipped"}
        Whether the law holds, does not hold, or does not apply.
    reason : str
        Why not, or why it does not apply; empty if it holds.
    """

    check: str
    verdict: Literal["green", "red", "skipped"]
    reason: str = ""

    @property
    def law(self) -> str:
        """What the check demands, in one sentence."""
        return (CHECKS[self.check].__doc__ or "").strip()


def connector_suite(
    connector: type[Connector],
    source: Source = None,
    *,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    expect: Expect | None = None,
) -> type:
    """Make the test class that a connector has to pass; it needs no network and no account.

    Parameters
    ----------
    connector : class
        The connector's class, with `info` on it; it inherits nothing of ours if it does not want.
    source : Cassette, callable or None
        A recorded conversation, what makes a fresh simulator, or None if it sends no request.
    config : mapping, optional
        What a user would write under ``[sources.config]``.
    secrets : mapping of str to str, optional
        Secrets by name; a name that is not here gets a made-up one.
    expect : Expect, optional
        What the suite cannot see by itself: what the vendor holds, old states, deliveries.

    Returns
    -------
    type
        A class for pytest: assign it to a name that begins with ``Test``.

    Raises
    ------
    UsageError
        `expect.without` names a check that does not exist.

    Examples
    --------
    >>> from cxm_connectors.testing import connector_suite
    >>> class Nothing:
    ...     info = None
    >>> suite = connector_suite(Nothing)
    >>> suite.test_killed_after_any_page_it_goes_on.__doc__
    'Killed after any checkpoint, it goes on from there: nothing is lost, and not all is new.'
    """
    subject = _subject(connector, source, config=config, secrets=secrets, expect=expect)
    tests: dict[str, object] = {f"test_{name}": _test(name, subject) for name in CHECKS}
    law = {"__doc__": "The laws of a connector.", "subject": subject}
    return type(f"Test{connector.__name__}", (), law | tests)


def examine(
    connector: type[Connector],
    source: Source = None,
    *,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    expect: Expect | None = None,
    checks: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """Run the checks of `connector_suite` without pytest, and list what each found.

    Parameters
    ----------
    connector : class
        The connector's class.
    source : Cassette, callable or None
        As for `connector_suite`.
    config : mapping, optional
        As for `connector_suite`.
    secrets : mapping of str to str, optional
        As for `connector_suite`.
    expect : Expect, optional
        As for `connector_suite`.
    checks : iterable of str, optional
        Names of checks; all if not given.

    Returns
    -------
    tuple of Finding
        One a check, in the order of the suite.

    Raises
    ------
    UsageError
        There is no such check.

    Examples
    --------
    >>> from cxm_core.plugins import Info
    >>> from pydantic import BaseModel
    >>> class Config(BaseModel, extra="forbid"):
    ...     base_url: str = ""
    >>> class Mute:
    ...     info = Info(name="mute", version="1", config=Config)
    ...     def __init__(self, config, runtime): pass
    ...     def streams(self): return ()
    >>> examine(Mute, checks=["it_says_what_it_is"])[0].reason
    'Its streams are none, or one is twice.'
    """
    subject = _subject(connector, source, config=config, secrets=secrets, expect=expect)
    return tuple(_findings(subject, list(CHECKS) if checks is None else checks))


def _subject(
    connector: type[Connector],
    source: Source,
    *,
    config: Mapping[str, Any] | None,
    secrets: Mapping[str, str] | None,
    expect: Expect | None,
) -> Subject:
    wanted = expect or Expect()
    for name in wanted.without:
        _check(name)
    recorded = source.recorded_at if isinstance(source, Cassette) else None
    subject = Subject(
        cls=cast("ConnectorClass", connector),  # each has a class of configuration of its own
        source=source,
        config=config or {},
        secrets=secrets or {},
        expect=wanted,
    )
    return subject.at(wanted.now or recorded)


def _check(name: str) -> Check:
    if name not in CHECKS:
        raise UsageError(f"There is no check {name!r}.", hint=did_you_mean(name, CHECKS))
    return CHECKS[name]


def _test(name: str, subject: Subject) -> Callable[[object], None]:
    check = _check(name)

    @wraps(check)
    def test(self: object) -> None:
        import pytest  # noqa: PLC0415  (only where tests run)

        del self
        reason = _reason(name, subject)
        if reason is not None:
            pytest.skip(reason)

    test.__name__ = test.__qualname__ = f"test_{name}"
    # pytest would take the subject of the check for a fixture.
    del test.__wrapped__
    return test


def _reason(name: str, subject: Subject) -> str | None:
    """Run a check; give the reason why it does not apply."""
    if name in subject.expect.without:
        return f"does not hold here: {subject.expect.without[name]}"
    return _check(name)(subject)


def _findings(subject: Subject, names: Iterable[str]) -> Iterator[Finding]:
    for name in names:
        _check(name)
        try:
            reason = _reason(name, subject)
        except AssertionError as error:
            yield Finding(check=name, verdict="red", reason=str(error))
        except Exception as error:  # noqa: BLE001  (a connector may raise whatever it likes)
            yield Finding(check=name, verdict="red", reason=f"It ends with {told(error)}.")
        else:
            verdict: Literal["green", "skipped"] = "green" if reason is None else "skipped"
            yield Finding(check=name, verdict=verdict, reason=reason or "")
