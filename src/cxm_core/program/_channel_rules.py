"""Channel rules: which matters belong in which channels, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from annotated_types import MinLen
from pydantic import PlainSerializer, PlainValidator, model_validator

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Channel

from ._document import LISTED, Document, Name, SomeTexts, Text, require

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads


def _read_channel(value: object) -> Channel:
    if not isinstance(value, str):
        raise UsageError("A channel is a word.", hint="'phone', 'chat', 'email', ...")
    found = Channel.parse(value)
    if found is Channel.OTHER and value != Channel.OTHER:
        known = [channel.value for channel in Channel]
        raise UsageError("A channel is none that is known.", hint=did_you_mean(value, known))
    return found


ChannelField = Annotated[
    Channel,
    PlainValidator(_read_channel),
    PlainSerializer(lambda channel: channel.value, when_used="json"),
]
if TYPE_CHECKING:
    Channels = Reads[Channel | str | Sequence[Channel | str], tuple[Channel, ...]]
    SomeChannels = Reads[Channel | str | Sequence[Channel | str], tuple[Channel, ...]]
else:
    Channels = Annotated[tuple[ChannelField, ...], LISTED]
    SomeChannels = Annotated[tuple[ChannelField, ...], MinLen(1), LISTED]


class ChannelRule(Document):
    """Which channels a matter belongs in.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    reasons : tuple of str
        Reasons for which customers come, in the words that records carry; one may stand alone.
    channels : tuple of Channel
        Channels in which such a matter may be handled; one may stand alone.
    because : str or None
        Why, in a sentence that a customer could read.

    Raises
    ------
    ConfigurationError
        No reason or no channel is named, one stands twice, or a channel is not known.

    Examples
    --------
    >>> rule = ChannelRule(name="bereavement", reasons="bereavement", channels=["phone", "mail"])
    >>> rule.allows("Phone"), rule.allows("chat")
    (True, False)
    """

    name: Name
    title: Text | None = None
    reasons: SomeTexts
    channels: SomeChannels
    because: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> ChannelRule:
        for part in ("reasons", "channels"):
            named = getattr(self, part)
            require(len(set(named)) == len(named), f"{part} names one of them twice.")
        return self

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    def allows(self, channel: str) -> bool:
        """Whether a matter of this rule may be handled in a channel.

        Parameters
        ----------
        channel : str
            A channel, in any spelling that `Channel.parse` reads.

        Returns
        -------
        bool
            True if it is one of `channels`.

        Examples
        --------
        >>> rule = ChannelRule(name="fraud", reasons="fraud", channels="phone")
        >>> rule.allows("phone")
        True
        """
        return Channel.parse(channel) in self.channels


def check_reasons(rules: Sequence[ChannelRule]) -> None:
    """Refuse a reason that two rules name: nobody could say which holds."""
    counts = Counter(reason for rule in rules for reason in rule.reasons)
    twice = [reason for reason, count in counts.items() if count > 1]
    require(
        not twice, f"channel_rules has {len(twice)} reasons in two rules.", "a reason, one rule"
    )
