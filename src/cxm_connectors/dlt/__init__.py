"""Sources that were written for dlt: their rows come here, and their state stays with ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from cxm_connectors.mapping import (
    Ids,
    Part,
    Presence,
    Rows,
    TableConfig,
    Word,
    mappings,
    questions,
    questions_hash,
    state_of,
)
from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    FatalError,
    MissingExtraError,
    NotFound,
    RetryableError,
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
from cxm_core.records import Reader, Table

__all__ = ["Dlt", "DltConfig"]

_VERSION = 1


class DltConfig(Part):
    """A source of dlt, and what each of its resources becomes.

    Attributes
    ----------
    source : object
        A dlt source or resource, or a function without arguments that gives one at each sync.
    streams : mapping of str to TableConfig
        Resources that are wanted, and which column means what.
    account : str or None
        Whose data these are.
    """

    source: Any = Field(exclude=True, repr=False)
    streams: Annotated[dict[Word, TableConfig], Field(min_length=1)]
    account: Word | None = None


class Dlt:
    """Source of records that a dlt source or resource yields.

    dlt's own state, where its incremental cursors stand, is kept in our checkpoint, so nothing has
    to be set up for it: no pipeline, no destination, no folder. It sends no telemetry from here.

    Parameters
    ----------
    config : DltConfig
        The source, and what its resources mean.
    runtime : Runtime
        Not used: what the source asks for is its own business.

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
    ...     "source": None,
    ...     "streams": {"notes": {
    ...         "row": {"id": "id", "occurred_at": "at"},
    ...         "records": [{"kind": "note", "fields": {"text": "body"}}],
    ...     }},
    ... }
    >>> runtime = Runtime(clock=lambda: datetime.now(UTC), root=Path("."))
    >>> [stream.kinds for stream in build(Dlt, config, runtime).streams()]
    [('note',)]
    """

    info: ClassVar[Info] = Info(
        name="dlt",
        version="1",
        config=DltConfig,
        description="A source or a resource of dlt.",
        guarantees=Guarantees(notes=("What is served, and when, is up to the source of dlt.",)),
    )

    def __init__(self, config: DltConfig, runtime: Runtime) -> None:
        del runtime
        self._config = config
        self._rows = {name: Rows(table) for name, table in config.streams.items()}

    def streams(self) -> tuple[StreamInfo, ...]:
        """List the resources that the configuration names."""
        return tuple(
            StreamInfo(name=name, kinds=rows.kinds, description="Rows of a resource.")
            for name, rows in self._rows.items()
        )

    def check(self) -> CheckReport:
        """Look whether the source has the resources; nothing is asked of it."""
        known = _resources(self._source())
        problems = tuple(
            f"The source has no resource {name!r}." for name in self._rows if name not in known
        )
        return CheckReport(account=self._config.account, streams=self.streams(), problems=problems)

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one resource.

        Parameters
        ----------
        stream : str
            Name of the resource.
        state : mapping or None
            State of the last checkpoint that was kept.
        request : ReadRequest
            Its `limit` ends it early; its window is the source's own business.

        Yields
        ------
        Record, Rejected, Table or Checkpoint
            What rows become; one checkpoint at the end, for only then is dlt's state good.

        Raises
        ------
        RetryableError
            The source failed; the next sync goes on from the last checkpoint.
        MissingExtraError
            dlt is not installed.
        """
        if stream not in self._rows:
            raise NotFound(f"There is no stream {stream!r}.", hint=did_you_mean(stream, self._rows))
        told = state_of(state, _VERSION)
        table = self._config.streams[stream]
        asked = questions_hash(table)
        if told.get("questions") != asked:
            yield from questions(table)
        run = _Run(stream, table, self._rows[stream], request.limit)
        with _state_of(told.get("dlt")) as kept:
            resource = _resource(self._source(), stream)
            yield from run.items(resource)
            yield from self._end(run, resource, told, {"dlt": kept(), "questions": asked})

    def _end(
        self, run: _Run, resource: Any, told: Mapping[str, Any], state: dict[str, Any]
    ) -> Iterator[Item]:
        if run.is_cut:
            # dlt's state stands behind rows that were not delivered.
            before = {"version": _VERSION, **told, "questions": state["questions"]}
            yield Checkpoint(before, reached_end=False)
            return
        ids: Ids = ()
        if resource.write_disposition == "replace" and run.present.gap is None:
            ids = run.present.ids
            yield from run.present.gone(tuple((kind, own) for kind, own in told.get("ids", ())))
        gaps = (run.present.gap,) if run.present.gap and told.get("ids") else ()
        state |= {"version": _VERSION, "ids": [list(pair) for pair in ids]}
        yield Checkpoint(state, gaps=gaps, reached_end=True)

    def _source(self) -> Any:
        given = self._config.source
        is_dlt = hasattr(given, "resources") or hasattr(given, "write_disposition")
        return given() if callable(given) and not is_dlt else given


class _Run:
    """One pass over a resource."""

    def __init__(self, stream: str, table: TableConfig, rows: Rows, limit: int | None) -> None:
        self._stream, self._table, self._rows, self._limit = stream, table, rows, limit
        self.present = Presence()
        self.is_cut = False

    def items(self, resource: Any) -> Iterator[Item]:
        """Serve what the resource yields: rows, or whole tables."""
        taken = 0
        for item in _named(resource, self._stream):
            if hasattr(item, "__arrow_c_stream__"):
                yield self._described(item)
                continue
            made = list(self._rows.read(item if isinstance(item, Mapping) else {"value": item}))
            self.present.add(made)
            yield from made
            taken += 1
            if self._limit is not None and taken >= self._limit:
                self.is_cut = True
                return

    def _described(self, data: object) -> Table:
        has = getattr(data, "column_names", None) or getattr(data, "columns", None)
        names = set(has) if has is not None else None
        return Table(
            stream=self._stream,
            reader=Reader(format="object"),
            mappings=mappings(
                self._table, {}, has_column=lambda name: names is None or name in names
            ),
            aliases=tuple(self._table.aliases.items()),
            data=data,
        )


def _library() -> ModuleType:
    # Asked for before it is imported: it sends a word home otherwise.
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    try:
        return import_module("dlt")
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("dlt", "A source of dlt") from error


@contextmanager
def _state_of(kept: object) -> Iterator[Any]:
    """Dlt's state as we kept it, and what to call for the one after."""
    _library()
    common = import_module("dlt.common")
    pipeline = import_module("dlt.common.pipeline")
    container = import_module("dlt.common.configuration.container").Container()
    state = common.json.typed_loads(kept) if isinstance(kept, str) else {}
    with container.injectable_context(pipeline.StateInjectableContext(state=state)) as context:
        yield lambda: common.json.typed_dumps(dict(context.state))


def _resources(source: Any) -> tuple[str, ...]:
    if hasattr(source, "resources"):
        return tuple(source.resources)
    return (source.name,) if hasattr(source, "write_disposition") else ()


def _resource(source: Any, name: str) -> Any:
    known = _resources(source)
    if name not in known:
        raise ConfigurationError(
            f"The source of dlt has no resource {name!r}.", hint=did_you_mean(name, known)
        )
    return source.resources[name] if hasattr(source, "resources") else source


def _named(resource: Any, stream: str) -> Iterator[Any]:
    """Items of a resource; its failure is named, and its words are not repeated."""
    try:
        yield from resource
    except (CxmError, GeneratorExit):
        raise
    except Exception as error:
        cause = error.__cause__ or error
        kind = (
            FatalError if isinstance(cause, TypeError | KeyError | ValueError) else RetryableError
        )
        raise kind(
            f"The resource {stream!r} of dlt failed with {type(cause).__name__}.",
            hint="its own log has more; the next sync goes on from the last checkpoint",
        ) from error
