"""What counts as solved at once, as a repeat and as contained: each definition by its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import takes

_SQM = "SQM Group, First Call Resolution Operating Philosophy (no further contact on the issue)"
_DIXON = "Dixon, Toman and DeLisi, The Effortless Experience, 2013 (next issue avoidance)"


@frozen(kw_only=True)
class IssueDefinition:
    """One way to count issues or contacts, by its name and version.

    Parameters
    ----------
    metric : str
        The figure that it belongs to.
    name : str
        Short name, given as `definition=`.
    version : int
        Counts up where the same name came to mean something else.
    counts : str
        What is counted, in the plural.
    holds : str
        When a row counts as yes, in one sentence.
    source : str
        Who counts like this.

    Examples
    --------
    >>> from cxm_core.engines import ISSUE_DEFINITIONS
    >>> ISSUE_DEFINITIONS["repeat_contact"]["issues"].counts
    'issues'
    """

    metric: str
    name: str
    version: int = 1
    counts: str = "issues"
    holds: str
    source: str

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what the number means."""
        meaning = [self.metric, self.name, self.version, self.counts, self.holds]
        return sha256(json.dumps(meaning).encode()).hexdigest()[:12]


_ALL = (
    IssueDefinition(
        metric="first_contact_resolution",
        name="no_return",
        holds="The customer made no further contact about the issue within the window after the "
        "first, on any channel.",
        source=_SQM,
    ),
    IssueDefinition(
        metric="first_contact_resolution",
        name="same_channel",
        holds="The customer made no further contact about the issue on the channel of the first "
        "within the window.",
        source="Systems that hold one channel each; it calls a change of channel a success",
    ),
    IssueDefinition(
        metric="first_contact_resolution",
        name="no_transfer",
        holds="No further contact about the issue within the window, and the first was handed on "
        "to nobody.",
        source="One and done: the strictest count of contact centres",
    ),
    IssueDefinition(
        metric="first_contact_resolution",
        name="any_reason",
        holds="The customer made no further contact within the window, whatever it was about.",
        source=_DIXON,
    ),
    IssueDefinition(
        metric="repeat_contact",
        name="contacts",
        counts="contacts",
        holds="The customer made another contact about the same issue within the window after it.",
        source=_SQM,
    ),
    IssueDefinition(
        metric="repeat_contact",
        name="issues",
        holds="The customer made a second contact about the issue within the window after the "
        "first.",
        source=_SQM,
    ),
    IssueDefinition(
        metric="repeat_contact",
        name="any_reason",
        counts="contacts",
        holds="The customer made another contact within the window, whatever it was about.",
        source=_DIXON,
    ),
    IssueDefinition(
        metric="containment",
        name="no_return",
        holds="Begun with a bot or in self-service: no further contact of any kind about the issue "
        "within the window, and nobody was handed it.",
        source="Containment with a look at who came back",
    ),
    IssueDefinition(
        metric="containment",
        name="no_human",
        holds="Begun with a bot or in self-service: no contact with a human about the issue within "
        "the window, and nobody was handed it.",
        source="Self-service as contact centres count it",
    ),
    IssueDefinition(
        metric="containment",
        name="in_session",
        holds="Begun with a bot or in self-service, and handed to nobody in that contact.",
        source="Vendors of bots; it takes giving up for success",
    ),
)

#: Every definition of every figure about issues: figure -> name -> definition, the usual one first.
ISSUE_DEFINITIONS: Mapping[str, Mapping[str, IssueDefinition]] = MappingProxyType(
    {
        metric: MappingProxyType({one.name: one for one in _ALL if one.metric == metric})
        for metric in dict.fromkeys(one.metric for one in _ALL)
    }
)


@takes(name="text")
def definition_of(metric: str, name: str) -> IssueDefinition:
    """The definition that a call asks for."""
    known = ISSUE_DEFINITIONS[metric]
    if name not in known:
        raise UsageError(
            f"{metric} has no definition {name!r}.", hint=did_you_mean(str(name), known)
        )
    return known[name]
