"""What makes events one case: a value that they share, a visit, or a way from start to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import parse_duration

Names = str | Iterable[str]

#: Rules that are a column of the log by the same name.
SHARED = ("case", "customer", "issue", "order", "session_id", "subscription", "ticket")
#: Rules that say by themselves what makes a case.
RULES = ("session", "onboarding")
_PAUSE = timedelta(minutes=30)


def _names(given: Names) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _duration(given: str | timedelta | None) -> timedelta | None:
    return None if given is None else parse_duration(given)


@frozen(kw_only=True)
class CaseRule:
    """Rule by which events become cases; made by `session`, `sharing` or `between`.

    Parameters
    ----------
    name : str
        What one case is called.
    column : str or None
        Events with the same value in this column are one case.
    gap : timedelta or None
        A customer's next event after a longer pause begins a new case.
    start, end : tuple of str
        Activities with which a case begins and ends; without an end it lasts as long as `within`,
        or for good.
    within : timedelta or None
        How long after its start a case ends at the latest.

    Examples
    --------
    >>> CaseRule.session("45m").told
    'session: a pause of more than 45 min begins a new one'
    """

    name: str
    column: str | None = None
    gap: timedelta | None = field(default=None, converter=_duration)
    start: tuple[str, ...] = field(default=(), converter=_names)
    end: tuple[str, ...] = field(default=(), converter=_names)
    within: timedelta | None = field(default=None, converter=_duration)

    @classmethod
    def session(cls, gap: str | timedelta = _PAUSE) -> CaseRule:
        """A customer's events without a long pause between them.

        Parameters
        ----------
        gap : str or timedelta
            Longest pause within a session.

        Returns
        -------
        CaseRule
            The rule.

        Raises
        ------
        UsageError
            `gap` is no length of time.

        Examples
        --------
        >>> CaseRule.session("1h").gap.total_seconds()
        3600.0
        """
        return cls(name="session", gap=gap)

    @classmethod
    def sharing(cls, column: str) -> CaseRule:
        """Events that have the same value in a column, such as an order or an issue.

        Parameters
        ----------
        column : str
            The column.

        Returns
        -------
        CaseRule
            The rule.

        Examples
        --------
        >>> CaseRule.sharing("order").told
        'order: the same value of the column order'
        """
        return cls(name=column, column=column)

    @classmethod
    def between(
        cls,
        start: Names,
        end: Names = (),
        *,
        within: str | timedelta | None = None,
        name: str = "onboarding",
    ) -> CaseRule:
        """A customer's events from a start to an end, such as an onboarding or a subscription.

        Parameters
        ----------
        start, end : str or list of str
            Activities with which a case begins, and with which it is over.
        within : str, timedelta or None
            How long a case lasts at most.
        name : str
            What one case is called.

        Returns
        -------
        CaseRule
            The rule; an event outside of any case belongs to none.

        Raises
        ------
        UsageError
            There is no start, or `within` is no length of time.

        Examples
        --------
        >>> CaseRule.between("signed_up", "activated", within="30d").told
        'onboarding: from signed_up to activated, within 30 days'
        """
        made = cls(name=name, start=start, end=end, within=within)
        if not made.start:
            raise UsageError("A case needs an activity with which it begins.", hint="start='...'")
        return made

    @classmethod
    def parse(cls, rule: str | CaseRule) -> CaseRule:
        """Rule that somebody means.

        Parameters
        ----------
        rule : str or CaseRule
            ``"session"``, ``"session 45m"``, or a column such as ``"order"``, ``"issue"``,
            ``"subscription"``.

        Returns
        -------
        CaseRule
            A rule is returned as it is.

        Raises
        ------
        UsageError
            The text says no rule.

        Examples
        --------
        >>> CaseRule.parse("order").column
        'order'
        """
        if isinstance(rule, CaseRule):
            return rule
        word, _, gap = str(rule).partition(" ")
        if word == "session":
            return cls.session(gap.strip() or _PAUSE)
        if word == "onboarding":
            raise UsageError(
                "An onboarding needs to be told with what it begins.",
                hint="rule=CaseRule.between('signed_up', 'activated', within='30d')",
            )
        if gap or not word:
            raise UsageError(
                "This is no rule of cases.", hint=did_you_mean(word, ("session", *SHARED))
            )
        return cls.sharing(word)

    @property
    def told(self) -> str:
        """The rule in words, as a receipt says it."""
        if self.column is not None:
            return f"{self.name}: the same value of the column {self.column}"
        if self.gap is not None:
            return f"{self.name}: a pause of more than {length(self.gap)} begins a new one"
        until = f" to {' or '.join(self.end)}" if self.end else ""
        most = f", within {length(self.within)}" if self.within is not None else ""
        return f"{self.name}: from {' or '.join(self.start)}{until}{most}"


def length(duration: timedelta) -> str:
    """Length of time in words.

    Parameters
    ----------
    duration : timedelta
        Above zero.

    Returns
    -------
    str
        In the largest unit that leaves a whole number.
    """
    seconds = duration.total_seconds()
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:g} s"
