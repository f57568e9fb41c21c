"""HubSpot on loopback: a simulated account with the vendor's documented quirks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from random import Random

from cxm_connectors.simulation import Company, SimRequest, SimResponse
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.plugins import Delivery

from ._answers import truth_of
from ._front import Front
from ._news import delivery_of
from ._population import Population, surveys_of
from ._portal import Portal
from ._refusals import EVERY, instead, spoiled

_START = datetime(2026, 7, 1, tzinfo=UTC)
_LAG = timedelta(seconds=30)
_QUIRKS = frozenset({"late_rows", *EVERY})


class HubSpotSimulator:
    """A HubSpot account that does not exist, with the quirks of those that do.

    Links in answers have a wrong path, unknown paths answer in HTML, search serves a window of
    rows and no association, and archived rows are only listed when they are asked for.

    Parameters
    ----------
    company : Company or None
        The synthetic truth; None for an empty account.
    seed : int
        Draws the ids of objects.
    quirks : collection of str
        Some of ``late_rows`` (search lags behind), ``throttled`` (429, mostly without saying
        until when), ``failing`` (500 in HTML), ``truncated`` (half a JSON) and ``broken_off``
        (the connection ends within the body).
    secret : str
        The access token, and what webhooks are signed with.
    clock : callable or None
        Gives the present instant; by default it stands where the company's history ends.
    window : int
        Rows of one search that can be paged through.
    most_linked : int
        Associations of one object in one answer.

    Raises
    ------
    UsageError
        There is no such quirk.

    Examples
    --------
    >>> from cxm_connectors.simulation import SimRequest
    >>> vendor = HubSpotSimulator(secret="token")
    >>> _ = vendor.add("contacts", email="ann@example.com")
    >>> head = {"authorization": "Bearer token"}
    >>> vendor.respond(SimRequest(method="GET", target="/crm/v3/objects/contacts", headers=head))
    SimResponse(status=200, ...)
    """

    def __init__(
        self,
        company: Company | None = None,
        *,
        seed: int = 0,
        quirks: Collection[str] = ("late_rows",),
        secret: str = "pat-eu1-simulated",  # noqa: S107  (it opens nothing)
        clock: Callable[[], datetime] | None = None,
        window: int = 10_000,
        most_linked: int = 100,
    ) -> None:
        self.secret = secret
        self.quirks = _known(quirks)
        self._now = clock or (lambda: company.now if company else _START)
        lag = _LAG if "late_rows" in self.quirks else timedelta()
        rng = Random(seed)  # noqa: S311  (it draws ids)
        self._portal = Portal(self._now, rng=rng, lag=lag)
        self._front = Front(self._portal, secret, window=window, most_linked=most_linked)
        self._asked = 0
        self._upsets: list[str] = []
        self._surveys = {} if company is None else surveys_of(company)
        if company is not None:
            Population(self._portal, company).settle()

    # ---- the account, as people edit it --------------------------------------------------------

    def add(self, kind: str, **properties: str) -> str:
        """Make an object.

        Parameters
        ----------
        kind : str
            Kind of object, such as ``"contacts"``.
        **properties : str
            Its properties.

        Returns
        -------
        str
            Its id; it is not larger than the ids before it.
        """
        return self._portal.add(kind, properties)

    def change(self, kind: str, number: str, **properties: str | None) -> None:
        """Set properties of an object.

        Parameters
        ----------
        kind, number : str
            Kind and id.
        **properties : str or None
            New values; None takes one away.
        """
        self._portal.change(kind, number, properties)

    def delete(self, kind: str, number: str) -> None:
        """Move an object to the archive.

        Parameters
        ----------
        kind, number : str
            Kind and id.
        """
        self._portal.archive(kind, number)

    def restore(self, kind: str, number: str) -> None:
        """Bring an object back from the archive.

        Parameters
        ----------
        kind, number : str
            Kind and id.
        """
        self._portal.restore(kind, number)

    def forget(self, kind: str, number: str) -> None:
        """Delete an object for privacy: nothing of it is left.

        Parameters
        ----------
        kind, number : str
            Kind and id.
        """
        self._portal.forget(kind, number)

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """Let one object go on in another's place.

        Parameters
        ----------
        kind, winner, loser : str
            Kind and both ids.
        """
        self._portal.merge(kind, winner, loser)

    def associate(self, of: tuple[str, str], to: tuple[str, str], *, type_id: int = 279) -> None:
        """Link two objects.

        Parameters
        ----------
        of, to : tuple of (str, str)
            Kind and id of both.
        type_id : int
            Type of the association, seen from the first.
        """
        self._portal.associate(of, to, type_id=type_id)

    def dissociate(self, of: tuple[str, str], to: tuple[str, str]) -> None:
        """Take the link of two objects away.

        Parameters
        ----------
        of, to : tuple of (str, str)
            Kind and id of both.
        """
        self._portal.dissociate(of, to)

    def hire(self, number: int, **facts: object) -> None:
        """Make an owner, or change one.

        Parameters
        ----------
        number : int
            Id of the owner.
        **facts : object
            Fields of the owner, such as ``email`` and ``archived``.
        """
        base = {"id": str(number), "archived": False, "teams": []}
        self._portal.owners[number] = {**base, **self._portal.owners.get(number, {}), **facts}

    def truth(self) -> dict[str, list[dict[str, object]]]:
        """All that the account holds now.

        Returns
        -------
        dict of str to list
            Rows by kind of object, those of the archive left out.
        """
        return truth_of(self._portal)

    def settings(self) -> dict[str, object]:
        """What a connector needs to be told to read this account.

        Returns
        -------
        dict of str to object
            A configuration, the address and the token included.
        """
        return {
            "base_url": self.origin,
            "token": self.secret,
            "allow_private_addresses": True,
            "segment": "segment",
            "properties": {"feedback_submissions": ["segment"]},
            "surveys": self._surveys,
        }

    def upset(self, *quirks: str) -> None:
        """Let the next requests go wrong, one after the other.

        Parameters
        ----------
        *quirks : str
            What goes wrong; ``""`` lets one request pass.
        """
        self._upsets.extend(quirks)

    def deliver(self, url: str) -> Delivery:
        """Send what happened since the last time, as the webhook does.

        Parameters
        ----------
        url : str
            Address of the receiver.

        Returns
        -------
        Delivery
            One request with all events in an array, signed in both ways.
        """
        events = list(self._portal.news)
        self._portal.news.clear()
        bare = Delivery(method="POST", url=url, headers={}, body=b"", received_at=self._now())
        return delivery_of(events, bare, self.secret)

    # ---- what it answers ------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        """Where it is served."""
        return self._front.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self._front.origin = origin

    @property
    def scopes(self) -> set[str]:
        """Permissions that the token has; take one away to see it refused."""
        return self._front.scopes

    @property
    def refresh_token(self) -> str:
        """Token that fetches short ones."""
        return self._front.refresh_token

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request.

        Parameters
        ----------
        request : SimRequest
            What is asked.

        Returns
        -------
        SimResponse
            What the vendor answers.
        """
        self._asked += 1
        upset = self._upset()
        answer = instead(upset, self._asked) or self._front.respond(request, self._asked)
        return spoiled(upset, answer)

    def _upset(self) -> str:
        if self._upsets:
            return self._upsets.pop(0)
        due = (name for name, every in EVERY.items() if name in self.quirks)
        return next((name for name in due if self._asked % EVERY[name] == 0), "")


def _known(quirks: Collection[str]) -> set[str]:
    for name in set(quirks) - _QUIRKS:
        raise UsageError(f"There is no quirk {name!r}.", hint=did_you_mean(name, _QUIRKS))
    return set(quirks)
