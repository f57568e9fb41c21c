"""What is true of every matter that a plan brings about: its parameters, worked out exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from math import exp

from attrs import field, frozen

from cxm_core.errors import UsageError

from ._contact_ways import ContactChannel, ContactPlan

# Probability that the matter is still open at a contact, and over its channels given that.
_Visit = tuple[float, tuple[float, ...], float]
_FIGURES = {
    "transfers": lambda way: way.transfers,
    "authentications": lambda way: way.authenticates,
    "escalations": lambda way: way.escalates,
    "wait_s": lambda way: way.wait_s,
    "handle_s": lambda way: way.handle_s,
    "active_s": lambda way: way.active_s or 0.0,
}


@frozen(kw_only=True)
class ContactTruth:
    """Figures that a history of contacts must give again, within its chance.

    Parameters
    ----------
    plan : ContactPlan
        What was planted.
    """

    plan: ContactPlan = field(repr=False)

    def first_contact_resolution(
        self, *, within: timedelta | None = None, channel: str | None = None
    ) -> float:
        """Share of matters after whose first contact the customer does not come again.

        Parameters
        ----------
        within : timedelta or None
            Looked ahead so far from the first contact; to the end if None.
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A share.
        """
        again = self.returns(within)
        return self._over(channel, lambda _, settles: 1 - self._open(settles) * again)

    def containment(self, *, within: timedelta | None = None) -> float:
        """Share of matters that began with a bot or self-service and needed nothing else.

        Parameters
        ----------
        within : timedelta or None
            As for `first_contact_resolution`.

        Returns
        -------
        float
            A share of the matters that began there.

        Raises
        ------
        UsageError
            The plan has no such channel.
        """
        ways = [way for way in self.plan.channels if way.actor != "human"]
        if not ways:
            raise UsageError("No channel of the plan is answered by a bot or self-service.")
        shares = [way.share for way in ways]
        settled = [
            self.first_contact_resolution(within=within, channel=way.name) * (1 - way.transfers)
            for way in ways
        ]
        return sum(s * f for s, f in zip(shares, settled, strict=True)) / sum(shares)

    def one_touch(self, *, channel: str | None = None) -> float:
        """Share of matters settled by one contact that was not handed on.

        Parameters
        ----------
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A share.
        """
        return self._over(
            channel, lambda way, settles: (1 - self._open(settles)) * (1 - way.transfers)
        )

    def repeat_rate(self, *, within: timedelta | None = None, channel: str | None = None) -> float:
        """Share of contacts after which the customer comes again about the same matter.

        Parameters
        ----------
        within : timedelta or None
            Looked ahead so far from each contact; to the end if None.
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A share.
        """
        contacts = self.per_issue("contacts", channel=channel)
        return (contacts - 1) * self.returns(within) / contacts

    def per_issue(self, figure: str, *, channel: str | None = None) -> float:
        """Mean of a figure over matters.

        Parameters
        ----------
        figure : str
            `contacts`, `repeats`, `switches`, `re_explanations`, `transfers`, `authentications`,
            `re_authentications`, `escalations`, `wait_s`, `handle_s` or `active_s`.
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A count or seconds.

        Raises
        ------
        UsageError
            The figure or the channel is not known.
        """
        plan = self.plan
        repeated = {"switches": plan.switches, "re_explanations": plan.explains_again, "repeats": 1}
        if figure == "contacts":
            return self._over(channel, lambda way, settles: self._sum(way, settles, lambda _: 1.0))
        if figure in repeated:
            return repeated[figure] * (self.per_issue("contacts", channel=channel) - 1)
        if figure == "re_authentications":
            return self._over(channel, self._asked_again)
        if figure not in _FIGURES:
            raise UsageError(f"No figure is called {figure!r}.", hint="see per_issue")
        return self._over(channel, lambda way, settles: self._sum(way, settles, _FIGURES[figure]))

    def escalation_rate(self, *, channel: str | None = None) -> float:
        """Share of matters of which a contact went to a higher level.

        Parameters
        ----------
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A share.
        """
        return 1 - self._over(
            channel, lambda way, settles: self._never(way, settles, lambda way: way.escalates)
        )

    def satisfaction(self, *, channel: str | None = None) -> float:
        """Share of matters that customers call a 4 or 5 of five.

        Parameters
        ----------
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            A share.
        """
        return self._over(channel, lambda way, _: way.satisfies)

    def active_where_recorded(self, *, channel: str | None = None) -> float:
        """Mean seconds of the customer's own time, over matters of which any is recorded.

        Parameters
        ----------
        channel : str or None
            Only matters that began on this channel.

        Returns
        -------
        float
            Seconds.
        """
        never = self._over(
            channel,
            lambda way, settles: self._never(
                way, settles, lambda way: float(way.active_s is not None)
            ),
        )
        return self.per_issue("active_s", channel=channel) / (1 - never)

    def misrouted(self, rules: Mapping[str, Collection[str]]) -> float:
        """Share of contacts on a channel where a matter of their noted reason does not belong.

        Parameters
        ----------
        rules : mapping of str to collection of str
            For each reason of which a rule speaks, the channels where it belongs.

        Returns
        -------
        float
            A share of the contacts with such a reason.
        """
        plan = self.plan
        every = sum(plan.reasons.values())
        shares = {reason: share / every for reason, share in plan.reasons.items()}
        wrong = (1 - plan.reason_right) / 2 / max(len(shares) - 1, 1)
        noted = {
            reason: shares[reason] * plan.reason_right + (1 - shares[reason]) * wrong
            for reason in rules
        }
        contacts = self.per_issue("contacts")
        outside = {reason: 1 - self._on(channels) / contacts for reason, channels in rules.items()}
        return sum(noted[one] * outside[one] for one in rules) / sum(noted.values())

    def _on(self, channels: Collection[str]) -> float:
        """Mean of the contacts of a matter on some channels."""
        return self._over(
            None,
            lambda way, settles: self._sum(way, settles, lambda one: float(one.name in channels)),
        )

    def returns(self, within: timedelta | None) -> float:
        """Share of repeats that follow the contact before within a time.

        Parameters
        ----------
        within : timedelta or None
            The time; all of them if None.

        Returns
        -------
        float
            A share.
        """
        plan = self.plan
        if within is None or within >= plan.latest:
            return 1.0
        late, all_of_it = (
            max((span - plan.soonest) / plan.comes_again, 0.0) for span in (within, plan.latest)
        )
        return (1 - exp(-late)) / (1 - exp(-all_of_it))

    def _over(self, channel: str | None, figure: Callable[[ContactChannel, float], float]) -> float:
        """Mean of a figure over where matters begin, and over customers of both kinds."""
        ways = [way for way in self.plan.channels if channel in (None, way.name)]
        if not ways:
            raise UsageError(f"No channel of the plan is called {channel!r}.")
        total = sum(
            way.share * figure(way, way.resolves + luck) / 2
            for way in ways
            for luck in (self.plan.differs, -self.plan.differs)
        )
        return total / sum(way.share for way in ways)

    def _open(self, settles: float) -> float:
        """Probability that the first contact leaves a matter open."""
        return 1 - settles if self.plan.most > 1 else 0.0

    def _visits(self, first: ContactChannel, settles: float) -> Iterator[_Visit]:
        """Give for each contact how likely it comes, on which channels, and how likely it ends."""
        channels, switches = self.plan.channels, self.plan.switches
        others = len(channels) - 1
        reach, at = 1.0, tuple(float(way is first) for way in channels)
        for place in range(1, self.plan.most + 1):
            ends = settles if place < self.plan.most else 1.0
            yield reach, at, ends
            reach *= 1 - ends
            at = tuple(p * (1 - switches) + (1 - p) * switches / others for p in at)

    def _sum(
        self, first: ContactChannel, settles: float, figure: Callable[[ContactChannel], float]
    ) -> float:
        values = [figure(way) for way in self.plan.channels]
        return sum(
            reach * sum(p * value for p, value in zip(at, values, strict=True))
            for reach, at, _ in self._visits(first, settles)
        )

    def _never(
        self, first: ContactChannel, settles: float, happens: Callable[[ContactChannel], float]
    ) -> float:
        """Probability that something happens at no contact of a matter."""
        channels, switches = self.plan.channels, self.plan.switches
        others = len(channels) - 1
        spared, total = [float(way is first) for way in channels], 0.0
        for _, _, ends in self._visits(first, settles):
            spared = [p * (1 - happens(way)) for p, way in zip(spared, channels, strict=True)]
            total += ends * sum(spared)
            left = (1 - ends) * sum(spared)
            spared = [
                (1 - ends) * p * (1 - switches) + (left - (1 - ends) * p) * switches / others
                for p in spared
            ]
        return total

    def _asked_again(self, first: ContactChannel, settles: float) -> float:
        """Mean of the proofs of identity beyond the first in a matter."""
        asked = self._sum(first, settles, lambda way: way.authenticates)
        never = self._never(first, settles, lambda way: way.authenticates)
        return asked - (1 - never)
