"""A client over real sockets on loopback, in a time that only sleeping moves."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define, field

from cxm_connectors.testing._fault_server import FaultServer, Heard, Reply, Script
from cxm_connectors.toolkit import (
    Answer,
    Basic,
    Bearer,
    Call,
    Key,
    Options,
    SafeClient,
)
from cxm_core.errors import SourceError
from cxm_core.plugins import Runtime
from reliability.canary import SECRET, found

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
PAGE = {"data": [{"id": number, "comment": "so-so"} for number in range(40)]}
OK = Reply.of(PAGE)
CALL = Call(path="/v1/responses")
#: Every way in which a credential travels.
SIGNING = {
    "bearer": Bearer("ACME"),
    "basic": Basic("agent@example.com/token", "ACME"),
    "key": Key("ACME"),
    "own header": Key("ACME", header="Authentication-Token"),
}


@define
class Time:
    """A clock that stands still until somebody sleeps."""

    now: datetime = START
    slept: list[float] = field(factory=list)
    meanwhile: list[Callable[[], object]] = field(factory=list)

    def clock(self) -> datetime:
        """Give the present instant."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass; what was planned for meanwhile happens first."""
        self.slept.append(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self.now += timedelta(seconds=seconds)


def runtime_of(time: Time, *, secrets: Mapping[str, str] | None = None, **more: Any) -> Runtime:
    """What a host gives to a connector."""
    known = {"ACME": SECRET} if secrets is None else secrets
    return Runtime(
        clock=time.clock,
        sleep=time.sleep,
        rng=random.Random(7),
        root=Path(),
        secrets=known.get,
        log=logging.getLogger("cxm.connectors"),
        **more,
    )


def client_of(origin: str, *, time: Time | None = None, **options: Any) -> SafeClient:
    """A client of one origin, with a canary for a token."""
    more = {
        name: options.pop(name)
        for name in ("auth", "limits", "resolver", "tokens")
        if name in options
    }
    given = {name: more.pop(name) for name in ("resolver", "tokens") if name in more}
    return SafeClient(
        origin,
        runtime=runtime_of(time or Time(), **given),
        options=Options(**{"allow_private": True} | options),
        **{"auth": Bearer("ACME")} | more,
    )


def send(script: Script, *, call: Call = CALL, **options: Any) -> tuple[Answer | SourceError, Any]:
    """Serve a script, send one call, and give what came of it with the server that it came from."""
    with FaultServer(script) as server:
        client = client_of(server.origin, **options)
        try:
            return client.send(call), server
        except SourceError as error:
            return error, server
        finally:
            client.close()


def credentialed(heard: list[Heard]) -> list[Heard]:
    """Requests that carried the secret anywhere, in any form."""
    return [one for one in heard if found(_bytes_of(one), SECRET)]


def _bytes_of(heard: Heard) -> bytes:
    told = (heard.target, *heard.headers.values())
    return b"\n".join((*(text.encode("latin-1") for text in told), heard.body))
