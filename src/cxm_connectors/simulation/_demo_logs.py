"""What the example measures of channels and messages, and what is true of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from ._matters import BELONGS
from ._messages import COMPLAINTS
from ._truth import Asked, Measure, opinions_of, truth_of

if TYPE_CHECKING:
    from ._company import Company

Span = tuple[datetime, datetime]

#: Where the messages lie that the mailing tool has sent.
CAMPAIGNS_FILE: Final = "campaigns.csv"
#: Under which number Zendesk keeps a customer, beyond the customer's own key.
_ZENDESK: Final = 1_000_000
_AGAINST: Final = "email"
_OTHERS: Final = ("chat", "phone", "web")

#: The mailing tool's file, as a source in TOML.
CAMPAIGNS: Final = f"""
# The mailing tool knows nothing but a list of numbers from Zendesk, and writes a file.
[[sources]]
name = "files:campaigns"

[sources.config]
files = ["{CAMPAIGNS_FILE}"]

[sources.config.row]
id = "{{send}}"
customer = {{ external = "user:{{zendesk_user}}" }}
occurred_at = {{ column = "sent_at", format = "iso" }}

[[sources.config.records]]
kind = "interaction"

[sources.config.records.fields]
activity = {{ constant = "offer_sent" }}
direction = {{ constant = "out" }}
campaign = "campaign"
channel = "channel"
"""
#: Metrics of channels and messages, in TOML.
CHANNEL_METRICS: Final = f"""\
[[metrics]]
name = "misrouted"
title = "Began in a channel where it does not belong"
engine = "misrouted"

# Which difference between two channels does not matter is for the company to say.
[[metrics]]
name = "channel_parity"
title = "Is it the same in every channel?"
engine = "channel_parity"
counted = "tickets"
against = "{_AGAINST}"
margins = {{ resolution_time = "10h", csat = 0.1 }}
feedback = "csat"

[[metrics]]
name = "promotions_in_complaints"
title = "Offers that came while a complaint was open"
engine = "promotions_in_complaints"
reasons = {json.dumps(COMPLAINTS)}
"""


def write_rules() -> str:
    """Write the channel rules in TOML: where each matter belongs, and why."""
    return "\n".join(
        f'[[channel_rules]]\nname = "{reason}"\nreasons = "{reason}"\n'
        f"channels = {json.dumps(channels)}\nbecause = {json.dumps(because)}\n"
        for reason, (channels, because) in BELONGS.items()
    )


def write_campaigns(company: Company) -> str:
    """Write the messages as the mailing tool exports them."""
    rows = [
        f"m{one.key},{_ZENDESK + one.customer},{one.at.isoformat()},{one.campaign},{one.channel}"
        for one in company.messages
    ]
    return "\n".join(["send,zendesk_user,sent_at,campaign,channel", *rows, ""])


def known_of_channels(company: Company, span: Span) -> Iterator[tuple[str, str, float]]:
    """Give metric, part and truth of what is told of channels and messages in a span.

    The difference between two channels is that of their true figures.
    """
    yield from _finite("misrouted", "", _true(company, "misrouted", Asked(span=span)))
    for channel in _OTHERS:
        sides = [
            _true(company, "resolution_time", Asked(span=span, channel=one))
            for one in (channel, _AGAINST)
        ]
        part = f"resolution_time: {channel}"
        yield from _finite("channel_parity", part, sides[0] - sides[1])
    sent = _true(company, "promotions_in_complaints", Asked(span=span))
    yield from _finite("promotions_in_complaints", "messages", sent)


def _true(company: Company, measure: Measure, asked: Asked) -> float:
    found = opinions_of(company, measure, asked)
    return truth_of(measure, found) if found else float("nan")


def _finite(metric: str, part: str, value: float) -> Iterator[tuple[str, str, float]]:
    if isfinite(value):
        yield metric, part, value
