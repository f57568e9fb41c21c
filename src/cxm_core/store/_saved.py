"""What the store wrote for itself as JSON, read again; nothing but JSON is ever read so."""

from __future__ import annotations

import json
from typing import Any

from cxm_core.errors import StoreDamaged, UsageError
from cxm_core.results import SyncReceipt

_HINT = "cxm doctor tells what is damaged, cxm store rebuild makes the store anew"


def saved_state(text: str) -> dict[str, Any]:
    """State of a stream; a `StoreDamaged` where the text is no object of JSON."""
    state = _json(text)
    if isinstance(state, dict):
        return state
    raise StoreDamaged("The store's checkpoint of a stream cannot be read.", hint=_HINT)


def saved_receipt(text: str, *, source: str) -> SyncReceipt:
    """Receipt of a sync, under the present name of its source; a `StoreDamaged` if it is none."""
    values = _json(text)
    try:
        return SyncReceipt.from_dict(values | {"source": source})
    except (UsageError, AttributeError, KeyError, TypeError, ValueError):
        pass
    raise StoreDamaged("The store's receipt of a sync cannot be read.", hint=_HINT)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
