"""Small logs that the tests of journeys share."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 3, 1, tzinfo=UTC)


def log_of(ways: Sequence[str], *, step: timedelta = timedelta(minutes=1)) -> dict[str, list[Any]]:
    """Log of ways: one case each, its letters one step of time apart, the cases an hour apart."""
    rows = [
        (case, letter, START + timedelta(hours=case) + place * step)
        for case, way in enumerate(ways)
        for place, letter in enumerate(way)
    ]
    case, activity, at = (list(part) for part in zip(*rows, strict=True))
    return {"case": case, "activity": activity, "occurred_at": at}


def turned(log: dict[str, list[Any]], random: Any) -> dict[str, list[Any]]:
    """The same log in another order of rows."""
    rows = list(zip(*log.values(), strict=True))
    random.shuffle(rows)
    return dict(zip(log, (list(part) for part in zip(*rows, strict=True)), strict=True))


def shop_log(shared: Path) -> dict[str, list[Any]]:
    """Sessions of a shop, in which 163 events have the time of another one of their session."""
    path = shared / "data" / "ecom-clickstream" / "ecom_clickstream.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names, *rows = (line.rstrip("\n").split(",") for line in lines)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return {
        "case": list(columns["session_id"]),
        "customer": list(columns["user_id"]),
        "activity": list(columns["event"]),
        "platform": list(columns["platform"]),
        "occurred_at": [datetime.fromisoformat(f"{at}+00:00") for at in columns["timestamp"]],
    }
