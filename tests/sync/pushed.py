"""A vendor that pushes, signed, and the source that takes it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from attrs import define, field
from pydantic import BaseModel

from cxm_core.errors import AuthError, RetryableError
from cxm_core.plugins import CheckReport, Delivery, Info, Item, Rejected, StreamInfo
from cxm_core.records import Note, Problem, Reason, Record

SECRET = b"s3cret-canary"
URL = "https://cx.example/hooks/office"
SOURCE = "pushing:office"


def signed(body: bytes, *, key: bytes = SECRET) -> dict[str, str]:
    """Headers of a delivery that the vendor signed."""
    return {"X-Signature": "sha256=" + hmac.new(key, body, sha256).hexdigest()}


def event(number: int, text: str = "The hall is cold", *, at: int = 0, **more: Any) -> bytes:
    """Body that tells of one note; `at` is the second of its version."""
    row = {"id": str(number), "text": text, "changed_at": f"2026-11-05T09:00:{at:02}Z", **more}
    return json.dumps({"event": f"{number}.{at}", "notes": [row]}).encode()


@define
class Pushing:
    """A connector with a webhook face; `is_thin` makes it fetch what a delivery points to."""

    is_thin: bool = False
    error: Exception | None = None
    parsed: int = field(default=0, init=False)

    info = Info(name="pushing", version="1", config=BaseModel)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream, of what could be pulled."""
        return (StreamInfo(name="notes", kinds=("note",)),)

    def check(self) -> CheckReport:
        """It always answers."""
        return CheckReport(account="office", streams=self.streams())

    def read(self, stream: str, state: object, request: object) -> Iterator[Item]:
        """Nothing is pulled."""
        return iter(())

    def verify(self, delivery: Delivery) -> None:
        """Accept what was signed with the secret."""
        own = signed(delivery.body)["X-Signature"]
        given = delivery.headers.get("x-signature", "")
        if not hmac.compare_digest(given.encode(), own.encode()):
            raise AuthError("The signature of the delivery is wrong.")

    def parse(self, delivery: Delivery) -> Iterator[Record | Rejected]:
        """Read the notes."""
        if self.is_thin:
            raise self.error or RetryableError("The office does not answer.")
        self.parsed += 1
        for row in json.loads(delivery.body)["notes"]:
            if "bad" in row:
                problem = Problem(Reason.WRONG_TYPE, "text", "text is no text.")
                yield Rejected(kind="note", raw=row, problem=problem, native_id=row["id"])
            else:
                yield _note(row)


def _note(row: dict[str, Any]) -> Note:
    at = row["changed_at"]
    return Note(native_id=row["id"], occurred_at=at, recorded_at=at, text=row["text"])


class Keyed(Pushing):
    """One whose events have an id, and that answers a challenge first."""

    def delivery_key(self, delivery: Delivery) -> str | None:
        """Id of the event."""
        found: str | None = json.loads(delivery.body).get("event")
        return found

    def handshake(self, delivery: Delivery) -> bytes | None:
        """Answer a GET with its challenge."""
        if delivery.method != "GET":
            return None
        if "token=s3cret" not in delivery.url:
            raise AuthError("The token of the challenge is wrong.")
        return delivery.url.rpartition("challenge=")[2].encode()
