"""Contacts by hand, for tests of issues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5, tzinfo=UTC)


def told(*rows: tuple[Any, float, str | None], **more: list[Any]) -> dict[str, list[Any]]:
    """Columns of customer, day and channel, and whatever else is known."""
    who, days, channels = ([row[part] for row in rows] for part in range(3))
    at = [START + timedelta(days=day) for day in days]
    return {"customer": who, "occurred_at": at, "channel": channels, **more}


def day(number: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=number)
