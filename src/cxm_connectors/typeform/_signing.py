"""How Typeform signs what its webhooks send."""

from __future__ import annotations

from cxm_connectors.toolkit import Signature

# Typeform developer docs, Secure your webhooks, seen 2026-11. No time is signed, so a delivery
# that comes again is known by its event id only.
SIGNATURE = Signature("Typeform-Signature", prefix="sha256=")
