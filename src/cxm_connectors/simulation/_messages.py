"""What the synthetic company sends to customers of its own accord."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from attrs import frozen

from ._people import SimCustomer
from ._scene import Scene

#: Campaigns, and the share of customers that each goes to.
CAMPAIGNS: Final = {
    "winter_sale": 0.4,
    "new_boots": 0.25,
    "spring_tour": 0.35,
    "members_day": 0.3,
    "summer_sale": 0.4,
}
#: Reasons of tickets during which nobody wants to be sold anything.
COMPLAINTS: Final = ("delivery", "defect", "billing")
_TAKES: Final = timedelta(days=5)


@frozen(kw_only=True)
class SimMessage:
    """A promotional message, sent to a list without a look at what is open.

    Parameters
    ----------
    key : int
        Counts from 1, in the order of time.
    customer : int
        Key of who got it.
    at : datetime
        When.
    campaign : str
        Name of the campaign.
    channel : str
        How.
    """

    key: int
    customer: int
    at: datetime
    campaign: str
    channel: str = "email"


def make_messages(scene: Scene, customers: Iterable[SimCustomer]) -> tuple[SimMessage, ...]:
    """Send each campaign to some customers, over five days; open complaints do not matter."""
    rng, people = scene.rng, list(customers)
    step = (scene.until - scene.begin) / (len(CAMPAIGNS) + 1)
    sent = []
    for place, (campaign, share) in enumerate(CAMPAIGNS.items(), 1):
        begun = scene.begin + timedelta(days=(step * place).days)
        for one in people:
            if one.created_at < begun and rng.random() < share:
                at = scene.moment(begun, begun + _TAKES)
                sent.append((at, one.key, campaign, rng.choice(("email", "email", "sms"))))
    numbers = count(1)
    return tuple(
        SimMessage(key=next(numbers), at=at, customer=customer, campaign=campaign, channel=channel)
        for at, customer, campaign, channel in sorted(sent)
    )
