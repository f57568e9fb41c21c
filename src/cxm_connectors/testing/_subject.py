"""The connector under test: how it is built, and one sync of one of its streams."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, TypeAlias
from unittest.mock import patch

from attrs import Factory, evolve, field, frozen

from cxm_connectors.simulation import SimResponse, Simulator
from cxm_core.errors import CxmError, MissingExtraError
from cxm_core.plugins import (
    Checkpoint,
    Connector,
    ConnectorClass,
    Delivery,
    Item,
    ReadRequest,
    Rejected,
    Runtime,
    build,
)
from cxm_core.records import NOT_CONTENT, Deletion, Record, Table, to_row

from ._cassettes import Cassette
from ._replay import Replay
from ._stage import Clock, Fault, Sent, Stage

Key: TypeAlias = tuple[str, str]
Row: TypeAlias = Mapping[str, Any]
Source: TypeAlias = Cassette | Callable[[], Simulator] | None
_SECRET = "cxm-kit-5ecret-"  # noqa: S105  (it opens nothing)
_SECRET_SETTING = re.compile(r"(?i)token|secret|password|key$")


@frozen(kw_only=True)
class Expect:
    """What a suite is told about a connector beyond what it can see; nothing is required.

    Parameters
    ----------
    holds : callable or None
        Given the simulator, what must be kept of it: for each kind and native id the columns that
        must have a certain value.
    change : callable or None
        Changes something in the simulator that `holds` then tells of.
    old_states : mapping of str to sequence of mapping
        States of earlier versions of the connector, for each stream.
    deliveries : sequence of Delivery
        Webhook deliveries that are signed with `secrets`, at the time they were received.
    signs_time : bool
        Whether the vendor signs the time, so that an old delivery can be told.
    without : mapping of str to str
        Checks that do not hold for this vendor, each with the reason; it is shown.
    root : Path
        Folder of the program file, for a connector that reads files.
    now : datetime or None
        Present instant, aware; when the cassette was recorded, if not given.
    """

    holds: Callable[[Any], Mapping[Key, Row]] | None = None
    change: Callable[[Any], object] | None = None
    old_states: Mapping[str, Sequence[Mapping[str, Any]]] = Factory(dict)
    deliveries: Sequence[Delivery] = ()
    signs_time: bool = True
    without: Mapping[str, str] = Factory(dict)
    root: Path = Path()
    now: datetime | None = None


# Where the toolkit keeps what `@stream` declares.
_MARK = "_cxm_stream"


@frozen(kw_only=True)
class Subject:
    """A connector's class with everything that its checks need."""

    cls: ConnectorClass
    source: Source = None
    config: Mapping[str, Any] = Factory(dict)
    secrets: Mapping[str, str] = field(factory=dict, repr=False)
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)
    expect: Expect = Expect()
    _wholes: dict[str, Run] = field(factory=dict, init=False, eq=False, repr=False)

    def at(self, now: datetime | None) -> Subject:
        """The same subject at another time, if one is given."""
        return evolve(self, now=now or self.now)

    def vendor(self) -> Simulator | None:
        """A fresh vendor."""
        if self.source is None:
            return None
        return Replay(self.source) if isinstance(self.source, Cassette) else self.source()

    def stage(
        self,
        *,
        vendor: Simulator | None = None,
        fault: Fault | None = None,
        now: datetime | None = None,
    ) -> Stage:
        """A stage with a fresh vendor, unless one is given."""
        return Stage(vendor or self.vendor(), Clock(now or self.now), fault)

    def secret(self, name: str) -> str:
        """Secret of a name; one is made up where none is given."""
        return self.secrets.get(name, f"{_SECRET}{name}")

    @property
    def known_secrets(self) -> list[str]:
        """Everything that must be seen nowhere but in a header to the vendor."""
        settings = [str(one) for name, one in self.config.items() if _SECRET_SETTING.search(name)]
        return [*self.secrets.values(), *settings, _SECRET]

    def connector(self, stage: Stage, **config: Any) -> Connector:
        """Build the connector on a stage."""
        runtime = Runtime(
            clock=stage.clock,
            root=self.expect.root,
            sleep=stage.clock.sleep,
            rng=Random(7),  # noqa: S311  (jitter, the same each time)
            secrets=self.secret,
            transport=stage,
            resolver=stage.resolve,
        )
        return build(self.cls, {**self.config, **config}, runtime)

    def streams(self) -> list[str]:
        """Names of its streams."""
        return [one.name for one in self.connector(self.stage()).streams()]

    def is_read_twice(self, name: str) -> bool:
        """Whether a stream of the toolkit says that it reads pages until two passes agree."""
        declared = (getattr(getattr(self.cls, one, None), _MARK, None) for one in dir(self.cls))
        page = next((one.page for one in declared if one and one.name == name), None)
        return bool(getattr(page, "is_read_twice", False) or getattr(page, "page_param", None))

    def run(self, stage: Stage, stream: str, state: Row | None = None, **options: Any) -> Run:
        """Read one stream as the host does; an error of the source or of the connector ends it."""
        run = Run(stream=stream, stage=stage)
        with no_sockets():
            try:
                run.take(self.connector(stage), state, **options)
            except MissingExtraError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, a check will judge it)
                run.error = error
        if stage.broken is not None:
            raise stage.broken
        return run

    def whole(self, stream: str) -> Run:
        """One undisturbed sync with a fresh vendor, which must succeed; it is read once."""
        if stream not in self._wholes:
            self._wholes[stream] = self.run(self.stage(), stream)
        run = self._wholes[stream]
        if run.error is not None:
            raise AssertionError(f"Stream {stream!r} cannot be read: {told(run.error)}")
        return run


class Run:
    """What one sync of one stream served, gathered while it is read."""

    def __init__(self, *, stream: str, stage: Stage) -> None:
        self.stream = stream
        self.stage = stage
        self.items: list[Item] = []
        self.error: Exception | None = None
        self._first = len(stage.requests)
        self._marks: list[int] = []

    def take(
        self,
        connector: Connector,
        state: Row | None,
        *,
        most: int | None = None,
        pages: int | None = None,
        request: ReadRequest | None = None,
    ) -> None:
        """Take items until the end, or until so many of them, or so many checkpoints."""
        given = None if state is None else json.loads(json.dumps(state))
        found: Any = connector.read(self.stream, given, request or ReadRequest())
        try:
            for item in found:
                self.items.append(item)
                if isinstance(item, Checkpoint):
                    self._marks.append(len(self.stage.requests))
                if len(self.items) == most or len(self.checkpoints) == pages:
                    return
        finally:
            if hasattr(found, "close"):
                found.close()

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """Promises, in order."""
        return [one for one in self.items if isinstance(one, Checkpoint)]

    def checkpoints_until(self, request: int) -> int:
        """How many checkpoints there are up to the one that covers a request."""
        return sum(mark <= request for mark in self._marks) + 1

    @property
    def state(self) -> Row | None:
        """State of the last checkpoint."""
        return self.checkpoints[-1].state if self.checkpoints else None

    @property
    def served(self) -> list[Record | Rejected]:
        """Records, deletions and rows that are none."""
        return [one for one in self.items if isinstance(one, Record | Rejected)]

    @property
    def covered(self) -> list[Item]:
        """Items that a checkpoint promises."""
        last = max(
            (n for n, one in enumerate(self.items) if isinstance(one, Checkpoint)), default=0
        )
        return self.items[:last]

    @property
    def kept(self) -> dict[Key, Row]:
        """What a store would hold after it."""
        return kept(self.items)

    @property
    def flags(self) -> int:
        """How often it said that something is missing, new or set aside."""
        found = sum(len(one.gaps) + sum(one.drift.values()) for one in self.checkpoints)
        return found + sum(isinstance(one, Rejected) for one in self.items)

    @property
    def said(self) -> list[tuple[Sent, SimResponse]]:
        """Its requests with their answers."""
        return [pair for pair in self.stage.said if pair[0].number >= self._first]


def kept(items: Sequence[Item]) -> dict[Key, Row]:
    """What a store holds after these items: the last of each, and no deleted one."""
    found: dict[Key, Row] = {}
    for one in items:
        if isinstance(one, Deletion):
            # Of something that was never kept it may be told or not: it changes nothing.
            found.pop((one.kind, one.native_id), None)
        elif isinstance(one, Record):
            found[one.record_kind, one.native_id] = content(one)
        elif isinstance(one, Rejected):
            found[f"rejected {one.kind}", str(one.native_id)] = {"reason": one.problem.reason.value}
        elif isinstance(one, Table):
            found["table", repr(one)] = {}
    return found


def content(record: Record) -> Row:
    """A record's columns, but for what the store adds."""
    return {name: one for name, one in to_row(record).items() if name not in NOT_CONTENT}


def told(error: BaseException) -> str:
    """Class of an error, and its message if it is one of ours: any other may hold a row."""
    return (
        f"{type(error).__name__}: {error}"
        if isinstance(error, CxmError)
        else (f"{type(error).__name__}, which is no error of cxm_core.errors")
    )


@contextmanager
def no_sockets() -> Iterator[None]:
    """Let nobody connect: what a connector sends, it sends through `runtime.transport`."""
    tried: list[object] = []

    def refuse(*_: object) -> None:
        tried.append(_)
        raise ConnectionRefusedError

    with patch.object(socket.socket, "connect", refuse):
        yield
    if tried:
        raise AssertionError("It opens a connection of its own; send through runtime.transport.")
