"""How Zendesk signs what its webhooks send."""

from __future__ import annotations

from cxm_connectors.toolkit import Signature

# Zendesk developer docs, Verifying webhooks, seen 2026-11: base64 of HMAC-SHA256 over the timestamp
# and the raw body, which may be empty. The tolerance is ours.
SIGNATURE = Signature(
    "X-Zendesk-Webhook-Signature",
    message="time+body",
    time_header="X-Zendesk-Webhook-Signature-Timestamp",
    time_unit="iso",
)
