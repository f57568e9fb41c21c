"""Every definition of every figure about tickets, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxm_core.errors import UsageError, did_you_mean

from ._share_definitions import SHARES
from ._ticket_definition import TicketDefinition
from ._time_definitions import TIMES

_ALL = (*TIMES, *SHARES)

#: Every definition of every figure about tickets: figure -> name -> definition, the usual first.
TICKET_DEFINITIONS: Mapping[str, Mapping[str, TicketDefinition]] = MappingProxyType(
    {
        metric: MappingProxyType({one.name: one for one in _ALL if one.metric == metric})
        for metric in dict.fromkeys(one.metric for one in _ALL)
    }
)


def definition_of(metric: str, name: str | TicketDefinition) -> TicketDefinition:
    """The definition that a call asks for, by its name or as it is."""
    known = TICKET_DEFINITIONS[metric]
    if isinstance(name, TicketDefinition) and name.metric == metric:
        return name
    if not isinstance(name, str) or name not in known:
        told = name if isinstance(name, str) else getattr(name, "name", name)
        raise UsageError(
            f"{metric} has no definition {told!r}.", hint=did_you_mean(str(told), known)
        )
    return known[name]
