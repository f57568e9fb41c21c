"""Zendesk's words in ours: what tickets, their history and people have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from cxm_core.records import parse_text
from cxm_core.vocabulary import Channel

Row: TypeAlias = Mapping[str, Any]
Identifiers: TypeAlias = list[tuple[str, str]]

# Zendesk developer docs, Tickets (JSON format), seen 2026-11. A ticket that was removed has the
# status `deleted`; its children of history say so too.
STATUSES = {
    "new": "new",
    "open": "open",
    "pending": "pending",
    "hold": "on_hold",
    "solved": "solved",
    "closed": "closed",
}
GONE = ("deleted", "scrubbed")
PRIORITIES = {"low": "low", "normal": "normal", "high": "high", "urgent": "urgent"}

# Zendesk developer docs, Via object reference, seen 2026-11. Exports of events write the same in
# words for people ("Mail", "Web form"), audits and tickets as codes.
_CHANNELS = {
    "chat": Channel.CHAT,
    "email": Channel.EMAIL,
    "facebook": Channel.SOCIAL,
    "facebook_post": Channel.SOCIAL,
    "facebook_message": Channel.MESSENGER,
    "help_center": Channel.WEB,
    "helpcenter": Channel.WEB,
    "instagram_dm": Channel.INSTAGRAM,
    "mail": Channel.EMAIL,
    "messaging": Channel.CHAT,
    "messenger": Channel.MESSENGER,
    "mobile": Channel.APP,
    "mobile_sdk": Channel.APP,
    "native_messaging": Channel.CHAT,
    "phone": Channel.PHONE,
    "phone_call_(incoming)": Channel.PHONE,
    "phone_call_(outgoing)": Channel.PHONE,
    "sms": Channel.SMS,
    "text": Channel.SMS,
    "text_message": Channel.SMS,
    "twitter": Channel.SOCIAL,
    "twitter_dm": Channel.SOCIAL,
    "voice": Channel.PHONE,
    "voicemail": Channel.PHONE,
    "web": Channel.WEB,
    "web_form": Channel.WEB,
    "web_messaging": Channel.CHAT,
    "web_widget": Channel.WEB,
    "whatsapp": Channel.WHATSAPP,
}
# Nobody writes through these: rules, automations and the system itself.
_MACHINES = ("rule", "system", "trigger", "automation")
STAFF_ROLES = ("agent", "admin")


def person(user: object) -> Identifiers:
    """Identifier of a user; nothing for nobody and for the system, whose id is -1."""
    return [("external", f"user:{user}")] if _is_id(user) else []


def organisation(organisation_id: object) -> Identifiers:
    """Identifier of an organisation."""
    return [("external", f"organization:{organisation_id}")] if _is_id(organisation_id) else []


def _is_id(value: object) -> bool:
    return bool(value) and str(value) != "-1"


def id_of(value: object) -> str | None:
    """Native id as text; None for nothing and for the system."""
    return str(value) if _is_id(value) else None


def status_of(word: object) -> str | None:
    """Status in our words; `other` for one that Zendesk did not have when this was written."""
    return None if word in (None, "") else STATUSES.get(str(word).lower(), "other")


def priority_of(word: object) -> str | None:
    """Priority in our words."""
    return None if word in (None, "") else PRIORITIES.get(str(word).lower(), "other")


def via_word(via: object) -> str:
    """Code of a channel, from the object of a ticket or the text of an export."""
    word = via.get("channel") if isinstance(via, Mapping) else via
    return str(word or "").strip().lower().replace(" ", "_")


def channel_of(via: object) -> Channel | None:
    """Channel in our words; `other` where it is none of ours."""
    word = via_word(via)
    return _CHANNELS.get(word, Channel.OTHER) if word else None


def is_machine(via: object) -> bool:
    """Whether no person acted, but a rule or the system."""
    return via_word(via) in _MACHINES


def raw_channel(via: object) -> dict[str, str]:
    """The channel in Zendesk's word, kept beside `other`."""
    return {"channel": via_word(via)} if channel_of(via) is Channel.OTHER else {}


def from_epoch(seconds: object) -> datetime | None:
    """Instant of whole seconds since 1970."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def instant(text: object) -> object:
    """Instant of a stamp, read once for all fields that it fills; what is none is left as it is."""
    found = parse_text("instant", text) if isinstance(text, str) else text
    return found if isinstance(found, datetime) else text


def objects(value: object) -> list[dict[str, Any]]:
    """Objects of a list; anything else that stands there is left out."""
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict)]


def plain(values: Mapping[str, object]) -> dict[str, str | int | float | bool]:
    """Keep what an attribute can hold: texts, numbers and truth values."""
    return {
        name: value for name, value in values.items() if isinstance(value, (str, int, float, bool))
    }
