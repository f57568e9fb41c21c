"""What a token endpoint handed out, as it is kept between two runs."""

from __future__ import annotations

import json
from datetime import datetime

from attrs import field, frozen

_VERSION = 1


class MemoryTokens:
    """Tokens for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def __repr__(self) -> str:
        return "MemoryTokens()"

    def get(self, key: str) -> str | None:
        """Give what was kept under a key."""
        return self._kept.get(key)

    def set(self, key: str, value: str) -> None:
        """Keep it."""
        self._kept[key] = value


@frozen(kw_only=True)
class Slot:
    """Tokens of one account.

    Parameters
    ----------
    access : str or None
        What lets calls in.
    refresh : str or None
        What the next access token is asked for with.
    expires_at : datetime or None
        When `access` ends; None if the source did not say.
    is_renewing : bool
        A request for new tokens was begun, and its answer is not kept yet.
    """

    access: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    is_renewing: bool = False

    def to_text(self) -> str:
        """Write it down."""
        expires_at = self.expires_at.isoformat() if self.expires_at else None
        kept = {"version": _VERSION, "access": self.access, "refresh": self.refresh}
        return json.dumps(kept | {"expires_at": expires_at, "is_renewing": self.is_renewing})

    @classmethod
    def from_text(cls, text: str | None) -> Slot:
        """Read it back; what another version wrote counts as nothing."""
        try:
            kept = json.loads(text or "{}")
            told = kept.get("expires_at")
            expires_at = datetime.fromisoformat(told) if told else None
        except (ValueError, AttributeError, TypeError):
            return cls()
        if kept.get("version") != _VERSION:
            return cls()
        return cls(
            access=kept.get("access"),
            refresh=kept.get("refresh"),
            expires_at=expires_at,
            is_renewing=bool(kept.get("is_renewing")),
        )
