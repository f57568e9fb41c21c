"""How customers of a made-up company come back: the parameters of a history of contacts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from cxm_core.errors import UsageError

#: Share of each reason for which customers come.
REASON_SHARES: Final = {
    "delivery": 0.3,
    "return": 0.2,
    "defect": 0.2,
    "billing": 0.15,
    "account": 0.15,
}
#: By how many levels of seven each thing that a customer went through makes a matter less easy.
BURDENS: Final = {
    "repeats": 0.7,
    "switches": 0.4,
    "transfers": 0.5,
    "re_authentications": 0.3,
    "re_explanations": 0.8,
    "wait_hours": 0.04,
}


@frozen(kw_only=True)
class ContactChannel:
    """A way in which customers come, and how they fare on it.

    Parameters
    ----------
    name : str
        One of `cxm_core.vocabulary.Channel`.
    share : float
        How often a matter begins here, against the other channels.
    resolves : float in (0, 1)
        Share of contacts that settle a matter which began here.
    satisfies : float in (0, 1)
        Share of matters which began here that end with a 4 or 5 of five.
    actor : {"human", "bot", "self_service"}
        Who answers here.
    transfers, authenticates, escalates : float in (0, 1)
        Share of contacts here that are handed on, ask customers who they are, or go up.
    wait_s, handle_s : float
        Mean seconds that the customer waits, and that staff work; a draw lies within four fifths
        of it on either side.
    active_s : float or None
        Mean seconds of the customer's own time; None where nobody records it.
    """

    name: str
    share: float = 1.0
    resolves: float = 0.7
    satisfies: float = 0.8
    actor: str = "human"
    transfers: float = 0.1
    authenticates: float = 0.5
    escalates: float = 0.04
    wait_s: float = 600.0
    handle_s: float = 480.0
    active_s: float | None = None


#: E-mail and the web are planted alike but for the wait; a call settles more, a bot less.
CHANNELS: Final = (
    ContactChannel(name="email", share=30, resolves=0.68, wait_s=21_600, authenticates=0.2),
    ContactChannel(name="web", share=20, resolves=0.68, wait_s=18_000, authenticates=0.2),
    ContactChannel(
        name="phone",
        share=25,
        resolves=0.76,
        satisfies=0.86,
        transfers=0.25,
        authenticates=0.9,
        wait_s=360,
        handle_s=540,
        active_s=900,
    ),
    ContactChannel(
        name="chat",
        share=15,
        resolves=0.64,
        satisfies=0.78,
        authenticates=0.6,
        wait_s=120,
        active_s=780,
    ),
    ContactChannel(
        name="app",
        share=10,
        resolves=0.5,
        satisfies=0.66,
        actor="bot",
        transfers=0.0,
        escalates=0.0,
        wait_s=2.5,
        handle_s=0.0,
        active_s=240,
    ),
)


@frozen(kw_only=True)
class ContactPlan:
    """What is planted in a history of contacts.

    Parameters
    ----------
    channels : tuple of ContactChannel
        The ways in; two at least.
    reasons : mapping of str to float
        Share of each reason.
    differs : float
        Half of the customers have their matters settled that much more often than the channel
        says, the other half less often: contacts of one customer are alike.
    matters : mapping of int to float
        How many matters a customer brings, and how often so.
    most : int
        A matter is settled by this contact at the latest; 9 at most.
    soonest, latest : timedelta
        Between which times after a contact a customer comes again, if at all.
    comes_again : timedelta
        Mean of an exponential time beyond `soonest`, before it is cut at `latest`.
    switches : float in (0, 1)
        Share of repeats on another channel than the contact before.
    explains_again : float in (0, 1)
        Share of repeats whose first words tell the matter once more.
    reason_right : float in (0, 1)
        Share of contacts whose reason is noted as it is; half of the others have none, half a wrong
        one.
    replies : float in (0, 1)
        Share of repeats by e-mail after an e-mail that name the message they answer.
    answers : float in (0, 1)
        Share of settled matters about which the customer answers how it was.
    """

    channels: tuple[ContactChannel, ...] = CHANNELS
    reasons: Mapping[str, float] = field(factory=lambda: MappingProxyType(REASON_SHARES))
    differs: float = 0.12
    matters: Mapping[int, float] = field(
        factory=lambda: MappingProxyType({1: 0.55, 2: 0.25, 3: 0.13, 5: 0.07})
    )
    most: int = 6
    soonest: timedelta = timedelta(hours=1)
    latest: timedelta = timedelta(days=10)
    comes_again: timedelta = timedelta(days=2)
    switches: float = 0.3
    explains_again: float = 0.4
    reason_right: float = 0.95
    replies: float = 0.6
    answers: float = 0.4

    def __attrs_post_init__(self) -> None:
        """Refuse what no history can follow."""
        if len(self.channels) < 2 or not 1 <= self.most <= 9:
            raise UsageError("A plan of contacts has two channels or more, and a most from 1 to 9.")
        wrong = [
            way.name
            for way in self.channels
            if not self.differs <= way.resolves <= 1 - self.differs
        ]
        if wrong:
            raise UsageError(
                f"differs={self.differs} leads beyond 0 or 1 on the channels {wrong}.",
                hint="choose a smaller one, or a share of settled contacts nearer to a half",
            )
