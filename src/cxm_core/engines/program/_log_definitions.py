"""Figures about logs as somebody defined them: ours and the vendors', under one kind of name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from cxm_core.engines.contacts import (
    ISSUE_DEFINITIONS,
    IssueDefinition,
    containment,
    first_contact_resolution,
    repeat_contact,
)
from cxm_core.engines.support import (
    TICKET_DEFINITIONS,
    TicketDefinition,
    agent_work,
    escalation_rate,
    first_reply_time,
    one_touch,
    reopen_rate,
    requester_wait,
    resolution_time,
    sla_attainment,
)
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import takes

_TICKETS = "tickets"
_ENGINES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "first_reply_time": first_reply_time,
        "resolution_time": resolution_time,
        "requester_wait": requester_wait,
        "agent_work": agent_work,
        "sla_attainment": sla_attainment,
        "reopen_rate": reopen_rate,
        "escalation_rate": escalation_rate,
        "one_touch": one_touch,
        "first_contact_resolution": first_contact_resolution,
        "repeat_contact": repeat_contact,
        "containment": containment,
    }
)
#: Definitions that a keyword of their engine chooses, instead of a name.
_CHOSEN: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "sla_attainment.due": {},
        "sla_attainment.recorded": {"met": "made_sla"},
        "reopen_rate.ever": {},
        "reopen_rate.within": {"window": "7d"},
        "escalation_rate.ever": {},
        "escalation_rate.within": {"window": "7d"},
    }
)


@frozen(kw_only=True)
class LogDefinition:
    """One figure about a log exactly as somebody defined it.

    Call it with what `tickets` or `issues` made of the log, as the engine itself.

    Parameters
    ----------
    name : str
        Figure and definition, such as ``one_touch.zendesk``.
    version : int
        Counts up where the same name came to mean something else.
    counts : str
        What is counted, in the plural.
    holds : str
        What is counted or timed, in one sentence.
    source : str
        Who counts like this, and when that was looked up.
    definition_hash : str
        First 12 hexadecimal digits of the SHA-256 of what the number means.
    engine : callable
        What does the arithmetic.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.log_definition("resolution_time.hubspot").source
    "HubSpot knowledge base, HubSpot's default ticket properties, seen 2026-11"
    """

    name: str
    version: int
    counts: str
    holds: str
    source: str
    definition_hash: str
    engine: Callable[..., Any] = field(repr=False)

    @property
    def metric(self) -> str:
        """The figure that it belongs to."""
        return self.name.partition(".")[0]

    @property
    def variant(self) -> str:
        """Its name among the definitions of the figure, given as `definition=`."""
        return self.name.partition(".")[2]

    def __call__(self, data: object, **asked: Any) -> Any:
        """Measure it on tickets or issues, with the keywords of its engine."""
        usual = _CHOSEN.get(self.name, {"definition": self.variant})
        return self.engine(data, **{**usual, **asked})


def _all() -> Iterator[LogDefinition]:
    for known in (TICKET_DEFINITIONS, ISSUE_DEFINITIONS):
        for metric, definitions in known.items():
            for one in definitions.values():
                yield _told(metric, one)


def _told(metric: str, one: TicketDefinition | IssueDefinition) -> LogDefinition:
    return LogDefinition(
        name=f"{metric}.{one.name}",
        version=one.version,
        counts=one.counts if isinstance(one, IssueDefinition) else _TICKETS,
        holds=one.holds,
        source=one.source,
        definition_hash=one.definition_hash,
        engine=_ENGINES[metric],
    )


#: Every definition of a figure about a log: name -> definition; of a figure the usual one first.
LOG_DEFINITIONS: Mapping[str, LogDefinition] = MappingProxyType({one.name: one for one in _all()})


@takes(name="text")
def log_definition(name: str) -> LogDefinition:
    """Figure about a log as somebody defined it, by its name.

    Parameters
    ----------
    name : str
        One of `LOG_DEFINITIONS`, such as ``"one_touch.zendesk"``; a figure alone, such as
        ``"one_touch"``, is the usual definition of it.

    Returns
    -------
    LogDefinition
        To be called with tickets or issues, or to be explained against another one.

    Raises
    ------
    UsageError
        There is no such definition.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.log_definition("first_contact_resolution").name
    'first_contact_resolution.no_return'
    """
    usual = {one.metric: one for one in reversed(list(LOG_DEFINITIONS.values()))}
    found = LOG_DEFINITIONS.get(name) or usual.get(name)
    if found is None:
        near = did_you_mean(str(name), [*usual, *LOG_DEFINITIONS])
        raise UsageError(f"There is no definition {name!r} of a figure about logs.", hint=near)
    return found
