"""The state of a stream, as it was kept: of this version, or not to be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxm_core.errors import FatalError
from cxm_core.plugins import State

__all__ = ["state_of"]


def state_of(state: State | None, version: int) -> Mapping[str, Any]:
    """Give what a checkpoint held, if it is of this version.

    Parameters
    ----------
    state : mapping or None
        State of the last checkpoint; its `version` says which form it has.
    version : int
        The form that is read here.

    Returns
    -------
    mapping
        Empty for none, and for an older form: all is read again then.

    Raises
    ------
    FatalError
        A newer version of the connector wrote it.

    Examples
    --------
    >>> state_of({"version": 1, "cursor": "a"}, 1)["cursor"]
    'a'
    >>> state_of(None, 1)
    {}
    """
    found = (state or {}).get("version", 0)
    if not isinstance(found, int) or found > version:
        raise FatalError(
            "The state was written by a newer version of the connector.",
            hint="install that version again, or a later one",
        )
    return dict(state or {}) if found == version else {}
