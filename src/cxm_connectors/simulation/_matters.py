"""What customers of the synthetic company truly come about, over all the tickets it takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from ._contact_story import SimContact
from ._contact_ways import ContactChannel, ContactPlan
from ._words import REASONS

#: How customers of the company come back. E-mail and the web are alike; a call settles more.
COMPANY_PLAN: Final = ContactPlan(
    channels=(
        ContactChannel(name="email", share=50, resolves=0.7, transfers=0.15),
        ContactChannel(name="web", share=18, resolves=0.7, transfers=0.15),
        ContactChannel(name="chat", share=16, resolves=0.6, transfers=0.2, active_s=780),
        ContactChannel(name="phone", share=16, resolves=0.82, transfers=0.3, active_s=840),
    ),
    reasons=MappingProxyType({reason: float(share) for reason, share, _ in REASONS}),
    matters=MappingProxyType({0: 0.5, 1: 0.33, 2: 0.13, 4: 0.04}),
    differs=0.1,
)
#: Channels in which a matter belongs, by its reason, and why. Customers come as they like, and
#: nobody sends them elsewhere.
BELONGS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = MappingProxyType(
    {
        "billing": (("email", "web", "phone"), "A bill has papers, and a chat keeps none."),
        "defect": (("phone", "chat"), "Finding out what is broken takes questions and answers."),
        "account": (("phone", "chat"), "Who cannot sign in cannot wait for an e-mail."),
    }
)
#: How long work takes on a channel, against e-mail and the web.
PACE: Final = {"chat": 0.6, "phone": 0.4}


@frozen(kw_only=True)
class SimMatter:
    """One thing that a customer wanted, and every time it took, also those still to come.

    Parameters
    ----------
    key : int
        Counts from 1.
    customer : int
        Key of who wanted it.
    contacts : tuple of SimContact
        In the order of time; the last one settles it.
    """

    key: int
    customer: int
    contacts: tuple[SimContact, ...] = field(repr=False)

    @property
    def desk(self) -> str:
        """Where it is worked on; a matter stays at one desk."""
        return "sales" if self.contacts[0].truly == "advice" else "support"
