"""Promises: what customers may expect, as indicators that can be kept or broken."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from annotated_types import Ge, MinLen
from pydantic import AllowInfNan, PlainSerializer, PlainValidator, Strict, model_validator

from cxm_core.vocabulary import parse_duration

from ._channel_rules import Channels
from ._document import EMPTY, Document, Many, Name, Text, Texts, fingerprint, require

Expected = Literal[
    "solved", "replied", "waited", "human", "contacts", "transfers", "switches", "reexplanations"
]

#: Indicators that are told in time; the others are counts.
TIMED: tuple[Expected, ...] = ("solved", "replied", "waited")

_Within = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    PlainSerializer(lambda length: length.total_seconds(), when_used="json"),
]
_Count = Annotated[int, Strict(), Ge(0)]
_Share = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False)]


class Indicator(Document):
    """One part of a promise: what is expected of an issue, and of how many of them.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    expect : str
        `solved`, `replied` or `waited` within a time; or at most so many `contacts`, `transfers`,
        `switches` of channel, `reexplanations`, or steps until a `human` was there.
    within : timedelta or None
        For times: `"5m"`, `"4h"`, `"7d"`.
    at_most : int or None
        For counts.
    target : float in (0, 1)
        Share of issues of which it is promised.

    Raises
    ------
    ConfigurationError
        The threshold is missing or of the other kind, or the target is no share.

    Examples
    --------
    >>> Indicator(name="quick", expect="solved", within="5m", target=0.8).threshold
    'within 5 min'
    """

    name: Name
    title: Text | None = None
    expect: Expected
    within: _Within | None = None
    at_most: _Count | None = None
    target: _Share

    @model_validator(mode="after")
    def _fits(self) -> Indicator:
        needed, other = ("within", "at_most") if self.is_timed else ("at_most", "within")
        example = "within = '5m'" if self.is_timed else "at_most = 1"
        require(getattr(self, needed) is not None, f"{self.expect} needs {needed}.", example)
        require(getattr(self, other) is None, f"{self.expect} has no use for {other}.", example)
        require(0 < self.target < 1, "target is no share between 0 and 1.", "target = 0.8")
        return self

    @property
    def is_timed(self) -> bool:
        """Whether its threshold is a time rather than a count."""
        return self.expect in TIMED

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def threshold(self) -> str:
        """Its threshold in words."""
        if self.within is None:
            return f"at most {self.at_most}"
        return f"within {_told(self.within)}"


class Promise(Document):
    """What customers may expect: of which issues, and how often it must hold.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        The promise as customers read it.
    owner : str or None
        Who answers for it: a role rather than a person.
    journey : str or None
        Name of the journey on which it is made.
    channels : tuple of Channel
        Channels in which an issue must begin to be promised anything; none for all.
    reasons : tuple of str
        Reasons of the issues that it is about; none for all.
    window : str
        Stretch of time over which it must hold, such as `"last 28 days"`.
    calendar : str or None
        Name of the calendar in whose opening hours time is counted; None for every hour.
    indicators : tuple of Indicator
        At least one.
    version : int
        Counts up when the promise changes on purpose.

    Raises
    ------
    ConfigurationError
        An indicator stands twice, or a part has a mistake.

    Examples
    --------
    >>> promise = Promise(
    ...     name="quick_help",
    ...     indicators=[
    ...         {"name": "solved", "expect": "solved", "within": "5m", "target": 0.8},
    ...         {"name": "human", "expect": "human", "at_most": 1, "target": 0.95},
    ...     ],
    ... )
    >>> [indicator.threshold for indicator in promise.indicators]
    ['within 5 min', 'at most 1']
    """

    name: Name
    title: Text | None = None
    owner: Text | None = None
    journey: Name | None = None
    channels: Channels = EMPTY
    reasons: Texts = EMPTY
    window: Text = "last 28 days"
    calendar: Name | None = None
    indicators: Annotated[Many[Indicator], MinLen(1)]
    version: Annotated[int, Strict(), Ge(1)] = 1

    @model_validator(mode="after")
    def _fits(self) -> Promise:
        names = [indicator.name for indicator in self.indicators]
        require(len(set(names)) == len(names), "indicators has one name twice.", "names are unique")
        return self

    @property
    def label(self) -> str:
        """The promise as customers read it; its name if there are no words for it."""
        return self.title or self.name

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what is promised.

        Names, titles, owner, window and version are no part of it.
        """
        words = {"name", "title", "owner", "window", "version", "indicators"}
        parts = [one.model_dump(mode="json", exclude={"name", "title"}) for one in self.indicators]
        return fingerprint(self.model_dump(mode="json", exclude=words) | {"indicators": parts})


_WORDS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def _told(length: timedelta) -> str:
    """Length in the largest unit that it is a whole number of."""
    seconds = round(length.total_seconds())
    word, size = next(unit for unit in _WORDS if not seconds % unit[1])
    return f"{seconds // size} {word}"
