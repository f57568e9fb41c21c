"""What the simulated vendor's webhook sends, signed as the vendor signs.

Shapes: Zendesk developer docs, Webhook event types (ticket, user and organization events), seen
2026-11: words in capitals, ids as texts, and the object as it stands under `detail`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from cxm_core.plugins import Delivery

from ._mapping_push import PREFIX
from ._signing import SIGNATURE
from ._simulator_rows import Row, precise, ulid

_WORDS: Final = ("status", "priority", "type")
_IDS: Final = ("id", "requester_id", "assignee_id", "group_id", "organization_id", "brand_id")
_KEPT: Final = ("subject", "description", "tags", "is_public", "external_id", "created_at")


def delivered(
    verb: str, row: Row, at: datetime, *, event: Row | None = None, secret: str = ""
) -> Delivery:
    """One delivery of an event such as ``ticket.created``."""
    body = {
        "account_id": 22_129_848,
        "detail": _ticket(row) if verb.startswith("ticket.") else _texts(row),
        "event": event or {},
        "id": ulid(at, 1),
        "subject": f"zen:{verb.partition('.')[0]}:{row['id']}",
        "time": precise(at),
        "type": PREFIX + verb,
        "zendesk_event_version": "2022-06-20",
    }
    bare = Delivery(
        method="POST",
        url="https://cx.example/hooks/zendesk",
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
        received_at=at,
    )
    headers = SIGNATURE.sign(bare, secret)
    return Delivery(
        method=bare.method, url=bare.url, headers=headers, body=bare.body, received_at=at
    )


def _ticket(row: Row) -> Row:
    words = {name: str(row[name]).upper() if row[name] else None for name in _WORDS}
    kept = {name: row[name] for name in _KEPT}
    told = {"updated_at": row["updated_at"], "via": {"channel": row["via"]["channel"]}}
    return {**kept, **_texts({name: row[name] for name in _IDS}), **words, **told}


def _texts(row: Row) -> Row:
    roles = {"end-user": "END_USER", "agent": "AGENT", "admin": "ADMIN"}
    told = {
        name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in row.items()
    }
    return told | ({"role": roles[row["role"]]} if "role" in row else {})
