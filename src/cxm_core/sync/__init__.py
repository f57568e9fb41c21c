"""Pull from sources into the store, take what they push, keep an app's own records, and replay."""

from ._ack import Ack
from ._add import add
from ._check import check
from ._pull import Progress, pull, utc_now
from ._reconcile import reconcile
from ._replay import replay
from ._take_in import take_in
from ._webhooks import WebhookReceiver

__all__ = [
    "Ack",
    "Progress",
    "WebhookReceiver",
    "add",
    "check",
    "pull",
    "reconcile",
    "replay",
    "take_in",
    "utc_now",
]
