"""One way to count tickets or to time them, by its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from attrs import frozen

from cxm_core.columns import Ends

#: Who counts like this, where it is nobody else.
OURS = "This library"
ZENDESK = "Zendesk help, About native Support time duration metrics, seen 2026-11"


@frozen(kw_only=True)
class TicketDefinition:
    """One way to count tickets or to time them, by its name and version.

    Parameters
    ----------
    metric : str
        The figure that it belongs to.
    name : str
        Short name, given as `definition=`.
    version : int
        Counts up where the same name came to mean something else.
    holds : str
        What is counted or timed, in one sentence.
    source : str
        Who counts like this, and when that was looked up.
    ends : Ends or None
        Columns between which a time runs; None for a share.
    ended_only : bool
        Whether what is not over is left out, instead of counting as long as it has lasted.
    in_minutes : bool
        Whether each time is cut to whole minutes first.

    Examples
    --------
    >>> from cxm_core.engines import TICKET_DEFINITIONS
    >>> TICKET_DEFINITIONS["resolution_time"]["hubspot"].ended_only
    True
    """

    metric: str
    name: str
    version: int = 1
    holds: str
    source: str = OURS
    ends: Ends | None = None
    ended_only: bool = False
    in_minutes: bool = False

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what the number means."""
        meaning = [self.metric, self.name, self.version, self.holds, self.ended_only]
        return sha256(json.dumps(meaning).encode()).hexdigest()[:12]

    @property
    def facts(self) -> Mapping[str, object]:
        """What a receipt tells of it."""
        return {
            "definition": f"{self.metric}.{self.name}",
            "version": self.version,
            "definition_hash": self.definition_hash,
        }
