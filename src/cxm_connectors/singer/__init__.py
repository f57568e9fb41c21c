"""Any Singer tap as a source: it runs as a process of its own, and only its lines come in.

Licences stay apart: a tap is installed by whoever uses it, in an environment of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from copy import deepcopy
from shutil import which
from typing import Any, ClassVar

from attrs import evolve

from cxm_connectors.mapping import Presence, Rows, questions, questions_hash
from cxm_connectors.toolkit import SecretMask
from cxm_core.errors import (
    ConfigurationError,
    FatalError,
    NotFound,
    RetryableError,
    SchemaChanged,
    did_you_mean,
)
from cxm_core.plugins import (
    Checkpoint,
    CheckReport,
    Guarantees,
    Info,
    Item,
    ReadRequest,
    Runtime,
    State,
    StreamInfo,
)

from ._config import SingerConfig
from ._memory import Edge, Memory
from ._messages import Activation, Mark, Row, Schema, Unknown, message_of
from ._process import Tap

__all__ = ["Singer", "SingerConfig"]


class Singer:
    """Source of records that a Singer tap writes.

    Each stream is a run of the tap with that stream alone selected, and a state of its own. What
    the tap calls its state becomes a checkpoint as soon as all rows before it were delivered; a
    null takes nothing away. A row that the run before ended with is not kept twice.

    Parameters
    ----------
    config : SingerConfig
        The tap, and what its streams mean.
    runtime : Runtime
        Its `root` is the folder in which the tap is started.

    Raises
    ------
    ConfigurationError
        A mapping contradicts itself, or names a field that its record does not have.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from cxm_core.plugins import Runtime, build
    >>> config = {
    ...     "command": [".taps/bin/tap-acme"],
    ...     "streams": {
    ...         "letters": {
    ...             "row": {"id": "id", "occurred_at": "sent_at"},
    ...             "records": [{"kind": "note", "fields": {"text": "body"}}],
    ...         }
    ...     },
    ... }
    >>> runtime = Runtime(clock=lambda: datetime.now(UTC), root=Path("."))
    >>> build(Singer, config, runtime).check().problems
    ("There is no command 'tap-acme'.",)
    """

    info: ClassVar[Info] = Info(
        name="singer",
        version="1",
        config=SingerConfig,
        description="Any Singer tap, run as a process of its own.",
        guarantees=Guarantees(notes=("What is served, and when, is up to the tap.",)),
    )

    def __init__(self, config: SingerConfig, runtime: Runtime) -> None:
        self._config = config
        self._rows = {name: Rows(table) for name, table in config.streams.items()}
        mask = SecretMask()
        mask.learn(*_secrets(config.config), *_secrets(config.environment))
        self._tap = Tap(config=config, folder=runtime.root, log=runtime.log, masked=mask.masked)

    def streams(self) -> tuple[StreamInfo, ...]:
        """List the streams that the configuration names."""
        return tuple(
            StreamInfo(name=name, kinds=rows.kinds, description="Rows of the tap.")
            for name, rows in self._rows.items()
        )

    def check(self) -> CheckReport:
        """Look whether the tap can be started and has the streams, as far as it tells."""
        return CheckReport(
            account=self._config.account, streams=self.streams(), problems=tuple(self._problems())
        )

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream of the tap.

        Parameters
        ----------
        stream : str
            Name of the stream, as the tap has it.
        state : mapping or None
            State of the last checkpoint that was kept.
        request : ReadRequest
            Its `limit` ends the run early; its window is the tap's own business.

        Yields
        ------
        Record, Rejected or Checkpoint
            What rows become; a checkpoint for each state that the tap writes, and one at the end.

        Raises
        ------
        RetryableError
            The tap failed, or took too long; the next sync goes on from its last state.
        FatalError
            It writes what nobody can read.
        """
        if stream not in self._rows:
            raise NotFound(f"There is no stream {stream!r}.", hint=did_you_mean(stream, self._rows))
        memory = Memory.of(state)
        asked = questions_hash(self._config.streams[stream])
        if memory.questions != asked:
            yield from questions(self._config.streams[stream])
            memory = evolve(memory, questions=asked)
        files = {"config": self._config.config, **self._selection(stream)}
        if memory.tap is not None:
            files["state"] = memory.tap
        run = _Reading(stream, self._rows[stream], memory, request.limit)
        with self._tap.lines(files) as lines, closing(run.items(lines)) as items:
            yield from items

    def _selection(self, stream: str) -> dict[str, Any]:
        catalog = self._config.catalog or self._discovered()
        return {} if catalog is None else {"catalog": _selected(catalog, stream)}

    def _discovered(self) -> dict[str, Any] | None:
        """Catalog of the tap; None where it has none to tell."""
        text = b""
        try:
            with self._tap.lines({"config": self._config.config}, "--discover") as lines:
                text = b"".join(lines)
            found = json.loads(text)
        except (RetryableError, FatalError, ValueError, RecursionError):
            # Taps without a catalog serve all of their streams; the others are passed over.
            return None
        return found if isinstance(found, dict) and found.get("streams") else None

    def _problems(self) -> Iterator[str]:
        command = self._config.command[0]
        if which(str(self._tap.folder / command)) is None and which(command) is None:
            yield f"There is no command {command.rpartition('/')[2]!r}."
            return
        try:
            catalog = self._config.catalog or self._discovered()
        except ConfigurationError as error:
            yield error.message
            return
        known = [_name(entry) for entry in (catalog or {}).get("streams", ())]
        for name in self._rows if known else ():
            if name not in known:
                hint = did_you_mean(name, known) or ""
                yield f"The tap has no stream {name!r}. {hint[:1].upper()}{hint[1:]}"


class _Reading:
    """One run of a tap for one stream."""

    def __init__(self, stream: str, rows: Rows, memory: Memory, limit: int | None) -> None:
        self._stream, self._rows, self._memory, self._limit = stream, rows, memory, limit
        self._edge = Edge(memory.edge)
        self._served: dict[int, Presence] = {}
        self._known: frozenset[str] | None = None
        self._drift: Counter[str] = Counter()
        self._repeated = self._taken = 0
        self._gaps: list[str] = []

    def items(self, lines: Iterator[bytes]) -> Generator[Item, None, None]:
        """Serve what the lines tell."""
        for line in lines:
            yield from self._take(line)
            if self._limit is not None and self._taken >= self._limit:
                yield self._checkpoint(reached_end=False)
                return
        yield self._checkpoint(reached_end=True)

    def _take(self, line: bytes) -> Iterator[Item]:
        told = message_of(line)
        if isinstance(told, Mark):
            self._memory = self._memory.told(told.value)
            yield self._checkpoint(reached_end=None)
        elif isinstance(told, Unknown):
            self._drift[f"message:{told.word}"] += 1
        elif told.stream == self._stream:
            yield from self._of_stream(told)

    def _of_stream(self, told: Schema | Row | Activation) -> Iterator[Item]:
        if isinstance(told, Schema):
            self._known, self._edge.keys = told.properties, told.keys
            self._edge.bookmarks = told.bookmarks
        elif isinstance(told, Row):
            yield from self._row(told)
        else:
            yield from self._activated(told.version)

    def _row(self, row: Row) -> Iterator[Item]:
        if self._known is None:
            raise SchemaChanged(
                f"The tap wrote a row of {self._stream!r} before its schema.",
                hint="tell the tap's authors",
            )
        self._taken += 1
        made = list(self._rows.read(row.values))
        if row.version is not None:
            # One that is known is there all the same, so that nobody takes it for gone.
            self._served.setdefault(row.version, Presence()).add(made)
        if self._edge.is_known(row.values):
            self._repeated += 1
            return
        self._drift.update(f"field:{name}" for name in row.values.keys() - self._known)
        yield from made

    def _activated(self, version: int) -> Iterator[Item]:
        """Tell what was there before and is not in the version that counts from now on."""
        now = self._served.get(version, Presence())
        if now.gap is not None:
            self._gaps.append(now.gap)
            return
        ids = now.ids
        if version == self._memory.version:
            # More of the same version: nothing of it is gone.
            ids = tuple(dict.fromkeys((*self._memory.ids, *ids)))
        else:
            yield from now.gone(self._memory.ids)
        self._memory = evolve(self._memory, ids=ids, version=version)

    def _checkpoint(self, *, reached_end: bool | None) -> Checkpoint:
        self._memory = evolve(self._memory, edge=self._edge.rows)
        drift, self._drift = dict(self._drift), Counter()
        repeated, self._repeated = self._repeated, 0
        gaps, self._gaps = tuple(self._gaps), []
        return Checkpoint(
            self._memory.state, drift=drift, repeated=repeated, gaps=gaps, reached_end=reached_end
        )


def _selected(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Catalog in which one stream is chosen, with all of its fields."""
    chosen = deepcopy(dict(catalog))
    for entry in chosen["streams"]:
        is_wanted = _name(entry) == stream
        entry["selected"] = is_wanted
        places = entry.setdefault("metadata", [])
        if not any(not place.get("breadcrumb") for place in places):
            places.append({"breadcrumb": [], "metadata": {}})
        for place in places:
            place.setdefault("metadata", {})["selected"] = is_wanted
    return chosen


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("stream") or entry.get("tap_stream_id"))


def _secrets(value: object) -> Iterator[str]:
    """Every text of a configuration: which of them are secret, only the tap knows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets(part)
