"""When to try again, how long to wait, and when to give up: one budget of time for each call."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import frozen

from cxm_core.errors import RetryableError, SourceError, TruncatedAnswer
from cxm_core.plugins import Runtime

_FIRST_S, _LONGEST_S = 0.5, 60.0
# A source that tells when to come again may be asked more often than one that merely fails.
_TOLD_FACTOR = 5
# An answer that came whole over the wire but is none will hardly be better the fourth time.
_CUT_ATTEMPTS = 3


@frozen(kw_only=True)
class Setback:
    """Why a try did not succeed, if another may.

    Parameters
    ----------
    error : SourceError
        Raised if there is no other try.
    wait_s : float or None
        How long the source asked to wait.
    """

    error: SourceError
    wait_s: float | None = None


class Patience:
    """The tries of one call.

    Parameters
    ----------
    runtime : Runtime
        Clock, sleep, random numbers and log.
    budget_s : float
        Seconds from the first try to the last.
    max_attempts : int
        Tries, if the source does not say when to come again.
    """

    def __init__(self, runtime: Runtime, *, budget_s: float, max_attempts: int) -> None:
        self._runtime = runtime
        self._max_attempts = max_attempts
        self.give_up_at = runtime.clock() + timedelta(seconds=budget_s)
        self._attempts = 0

    def wait_until(self, due: datetime) -> None:
        """Wait for a budget of calls, or give up if that is beyond the budget of time.

        Raises
        ------
        RetryableError
            It would take too long.
        """
        wait_s = (due - self._runtime.clock()).total_seconds()
        if due > self.give_up_at:
            raise RetryableError(
                f"The source takes no more calls for {wait_s:,.0f} s.",
                hint="sync again then; it continues where this one stopped",
                resume_at=due,
            )
        if wait_s > 0:
            self._runtime.sleep(wait_s)

    def after(self, setback: Setback) -> None:
        """Wait for the next try.

        Raises
        ------
        SourceError
            There is none.
        """
        self._attempts += 1
        wait_s = self._wait_s(setback.wait_s)
        resume_at = self._runtime.clock() + timedelta(seconds=wait_s)
        if self._attempts >= self._most(setback) or resume_at > self.give_up_at:
            raise _final(setback.error, resume_at)
        self._runtime.log.info("tries again in %.1f s: %s", wait_s, setback.error.message)
        self._runtime.sleep(wait_s)

    def _most(self, setback: Setback) -> int:
        if isinstance(setback.error, TruncatedAnswer):
            return min(self._max_attempts, _CUT_ATTEMPTS)
        return self._max_attempts * (1 if setback.wait_s is None else _TOLD_FACTOR)

    def _wait_s(self, told_s: float | None) -> float:
        """As told, and never shorter than what keeps many from coming back at once."""
        ceiling = min(_FIRST_S * 2.0**self._attempts, _LONGEST_S)
        own = ceiling * self._runtime.rng.uniform(0.5, 1.0)
        return own if told_s is None else told_s + min(own, 1.0)


def _final(error: SourceError, resume_at: datetime) -> SourceError:
    if not isinstance(error, RetryableError):
        return error
    facts = dict(error.context) | {"resume_at": resume_at}
    return RetryableError(error.message, hint=error.hint, **facts)
