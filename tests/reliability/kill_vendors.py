"""Syncs from the three simulated vendors, which the parent serves on loopback.

All streams of a vendor are pulled, one after the other; whoever goes on pulls those that are not
whole yet, each from its last checkpoint.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.typeform import Typeform
from cxm_connectors.zendesk import Zendesk
from cxm_core.plugins import Connector, ReadRequest, Runtime, build
from cxm_core.store import Store
from cxm_core.sync import pull
from reliability.kill import KillAt
from reliability.kill_stand import START, attempt_clock, fingerprint, opened

with suppress(ModuleNotFoundError):
    # Children are born with it, and so begin in no time.
    import httpcore2  # noqa: F401

Tell = Callable[..., None]
CLASSES: Mapping[str, Any] = {"hubspot": HubSpot, "typeform": Typeform, "zendesk": Zendesk}


@define
class Clock:
    """A clock that stands still but while somebody sleeps, so that nobody has to."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Give the instant."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.now += timedelta(seconds=seconds)


def connected(vendor: str, config: Mapping[str, Any]) -> Connector:
    """Build the vendor's connector; its clock begins at the same instant in every process."""
    clock = Clock()
    runtime = Runtime(clock=clock, sleep=clock.sleep, root=Path())
    return build(CLASSES[vendor], config, runtime)


def sync(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    vendor: str,
    config: Mapping[str, Any],
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Pull each stream that is not whole yet, from where it stands to its end."""
    source, faults = f"{vendor}:northwind", KillAt.of(fault, tell)
    connector = connected(vendor, config)
    kinds = kinds_of(connector)
    with opened(path, tell, faults=faults) as store:

        def commits(*_: object) -> None:
            position = kept(store, source)
            tell(saved=position)
            if in_full:
                tell(commit=told(store, path, source, kinds) | {"position": position})

        commits()
        for stream in unfinished(store, source, connector):
            (receipt,) = pull(
                store,
                connector,
                source=source,
                clock=attempt_clock(attempt),
                request=ReadRequest(streams=(stream,)),
                progress=commits,
            )
            assert receipt.is_complete, receipt.note
            commits()
    tell(done=True, reached=faults.reached)


def kinds_of(connector: Connector) -> list[str]:
    """Kinds of record that the vendor's streams serve."""
    return sorted({kind for stream in connector.streams() for kind in stream.kinds})


def kept(store: Store, source: str) -> int:
    """How many records and newer versions were kept so far.

    Deletions do not count: who reads the end of a stream once more may be told of others that were
    gone before anybody read them.
    """
    return sum((one.new or 0) + (one.changed or 0) for one in store.receipts(source=source))


def unfinished(store: Store, source: str, connector: Connector) -> list[str]:
    """Streams of which no receipt says that they came whole."""
    whole = {one.stream for one in store.receipts(source=source) if one.is_complete}
    return [stream.name for stream in connector.streams() if stream.name not in whole]


def told(store: Store, path: str, source: str, kinds: list[str]) -> dict[str, Any]:
    """All that an open store holds of a vendor.

    Checkpoints and tombstones are left out: who is killed between the last page of a stream and its
    receipt reads the stream's end once more, and that end may be told otherwise. What was deleted
    is missing among the records all the same, and the end of the run decides.
    """
    holds = fingerprint(path, *kinds)
    del holds["tombstones"]
    return {
        "checkpoint": None,
        "applied": kept(store, source),
        "served": sum(one.served for one in store.receipts(source=source)),
        "balances": all(one.balances for one in store.receipts(source=source)),
        "is_whole": not store.opening.set_aside and not store.opening.lost_transactions,
        "holds": holds,
    }


def stand(tell: Tell, *, path: str, source: str, kinds: list[str], is_closed: bool = True) -> None:
    """Open a store as after a crash, and tell all that it holds of a vendor."""
    with opened(path, tell) as store:
        tell(stand=told(store, path, source, kinds))
        if not is_closed:
            os._exit(0)
