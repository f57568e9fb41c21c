"""The base of a connector: what is declared on its class becomes a source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from attrs import evolve

from cxm_core.errors import (
    ConfigurationError,
    NotFound,
    PermissionDenied,
    UsageError,
    did_you_mean,
)
from cxm_core.plugins import (
    API_VERSION,
    Checkpoint,
    CheckReport,
    Guarantees,
    Info,
    Item,
    ReadRequest,
    Rejected,
    Runtime,
    State,
    StreamInfo,
)
from cxm_core.records import Problem, Record

from ._auth import Auth
from ._calls import Answer, Call
from ._config import Config
from ._limits import Counted, Rate
from ._listing import listed
from ._paging import dig, with_body, with_param
from ._parts import Parts
from ._reading import Reading, Task
from ._since import Since, written
from ._state import VERSION, Memory, Migration, Position
from ._stream import MARK, Ask, stream
from ._tables import tables

_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_CALLS = frozenset({"GET", "POST"})


class Connector:
    """A source that is reached over HTTP, made of declared streams.

    Parameters
    ----------
    config : Config
        What the user has set.
    runtime : Runtime
        All that comes from outside.

    Attributes
    ----------
    name : str
        Name of the connector, as its entry point has it.
    origin : str or tuple of str
        Where it is reached; the first is what paths are relative to, and credentials go to these
        alone.
    file_origins : tuple of str
        Where downloads of a `Job` may lie besides, such as a vendor's storage; no credentials go
        there.
    auth : Auth or None
        How to sign in.
    limits : tuple of Rate or Counted
        Budgets of calls that are kept before the source complains.
    config : type of Config
        Class of the configuration.
    version, description : str
        Version of the connector, and one sentence.
    api_version : int
        Version of the contract that it was written for.
    guarantees : Guarantees
        What a user may rely on.
    state_version : int
        Version of the state; it counts up when the state's form changes.
    migrations : mapping of int to callable
        What makes a state of the next version of one of this version.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Bearer, Connector, Cursor, Since, stream
    >>> from cxm_core.records import Note
    >>> class Acme(Connector):
    ...     name, origin, auth = "acme", "https://api.acme.com", Bearer("ACME_TOKEN")
    ...
    ...     @stream("notes", path="/v1/notes", rows="data", page=Cursor(next="meta.next"))
    ...     def notes(self, row):
    ...         return Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])
    >>> Acme.info.name, Acme.info.guarantees.sees_changes
    ('acme', True)
    """

    name: ClassVar[str]
    origin: ClassVar[str | tuple[str, ...]]
    file_origins: ClassVar[tuple[str, ...]] = ()
    auth: ClassVar[Auth | None] = None
    limits: ClassVar[tuple[Rate | Counted, ...]] = ()
    config: ClassVar[type[Config]] = Config
    version: ClassVar[str] = "1"
    api_version: ClassVar[int] = API_VERSION
    description: ClassVar[str] = ""
    guarantees: ClassVar[Guarantees] = Guarantees(serves_in_order=True)
    state_version: ClassVar[int] = VERSION
    migrations: ClassVar[Mapping[int, Migration]] = {}
    info: ClassVar[Info]
    _methods: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        cls._methods = {**cls._methods, **_declared(cls)}
        _check_parents(cls)
        if hasattr(cls, "name"):
            cls.info = Info(
                name=cls.name,
                version=cls.version,
                config=cls.config,
                api_version=cls.api_version,
                description=cls.description,
                guarantees=cls.guarantees,
            )

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self.settings = config
        self.runtime = runtime
        self._client: Any = None

    def origins(self) -> tuple[str, ...]:
        """Where the source is reached: as the user has set it, else as the class declares it.

        Returns
        -------
        tuple of str
            The first is what paths are relative to.
        """
        if self.settings.base_url is not None:
            return (self.settings.base_url,)
        return (self.origin,) if isinstance(self.origin, str) else self.origin

    def account(self) -> str | None:
        """What the source calls the account behind the credentials, by one cheap call.

        Returns
        -------
        str or None
            None where the source has no name for it; a connector that knows better overrides it.
        """
        return None

    def streams(self) -> Sequence[StreamInfo]:
        """List what can be read.

        Returns
        -------
        sequence of StreamInfo
            In the order of their declaration.
        """
        return tuple(self._spec(name).info(self._method(name)) for name in self._methods)

    def check(self) -> CheckReport:
        """Look whether the source answers, and which account it is.

        Returns
        -------
        CheckReport
            With all streams; which of them are not permitted is what `probe` finds out.

        Raises
        ------
        SourceError
            It does not answer, or does not accept the credentials.
        """
        try:
            return CheckReport(account=self.account(), streams=tuple(self.streams()))
        finally:
            self.close()

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream from where `state` stands.

        Parameters
        ----------
        stream : str
            Name of one of `streams()`.
        state : mapping or None
            State of the last checkpoint that was kept.
        request : ReadRequest
            What part is wanted.

        Yields
        ------
        Record, Rejected, Table or Checkpoint
            A checkpoint behind each page.

        Raises
        ------
        RetryableError
            Not now; the next sync continues.
        FatalError
            Not until a person has changed something.
        """
        spec = self._spec(stream)
        task = self._task(spec, request)
        memory = Memory.of(state, version=self.state_version, migrations=self.migrations)
        try:
            if spec.rows_from is not None:
                yield from tables(task, memory)
            elif spec.parent is not None:
                yield from self._parts(task, memory, spec.parent.stream).items()
            else:
                yield from self._list(task, memory).items()
        finally:
            self.close()

    def native_ids(self, kind: str) -> set[str] | None:
        """List the records of a kind that the source holds now, by reading all of them once more.

        Parameters
        ----------
        kind : str
            Kind of record.

        Returns
        -------
        set of str
            Their own ids; None if the streams do not show all that there is, as where only what
            is newer than a date is wanted.

        Raises
        ------
        SourceError
            The list could not be read to its end, so it tells nothing.
        """
        return listed(self, kind)

    def is_listable(self, stream: StreamInfo) -> bool:
        """Whether a stream that is read from its beginning shows all that the source holds.

        Parameters
        ----------
        stream : StreamInfo
            One of `streams()`.

        Returns
        -------
        bool
            False for tables, which are read as a whole anyway, and for what is not kept for ever.
        """
        return self._spec(stream.name).rows_from is None

    def probe(self) -> tuple[str, ...]:
        """Ask each stream for one page, to find those that the credentials do not reach.

        Returns
        -------
        tuple of str
            What will go wrong, a sentence a stream, with the scope that it needs.

        Raises
        ------
        RetryableError
            The source does not answer.
        AuthError
            It does not accept the credentials at all.
        """
        try:
            return tuple(self._refused())
        finally:
            self.close()

    def reread(
        self, kind: str, row: Mapping[str, Any], *, position: str
    ) -> Iterator[Record | Problem]:
        """Read a row that was set aside by the mappings as they are now.

        Parameters
        ----------
        kind : str
            Kind of record that it should have become.
        row : mapping
            The row as it was served.
        position : str
            Where it stood; it begins with the stream's name.

        Yields
        ------
        Record or Problem
            What the stream's mapping makes of it.
        """
        del kind
        spec = self._spec(position.partition(":")[0])
        reading = Reading(self._task(spec, ReadRequest()), Position())
        for made in reading.remade(dict(row)):
            yield made.problem if isinstance(made, Rejected) else made

    def get(self, path: str, **params: object) -> Any:
        """Ask the source something, for `enrich` or `account`.

        Parameters
        ----------
        path : str
            Below the origin.
        **params : object
            Query; a list gives a name several times, None leaves it out.

        Returns
        -------
        object
            The answer's JSON.

        Raises
        ------
        SourceError
            The source does not answer, or refuses.
        """
        return self.send(Call(path=path, params=tuple(_pairs(params)))).data

    def post(self, path: str, *, json: object, **params: object) -> Any:
        """Ask the source something by a body.

        Parameters
        ----------
        path : str
            Below the origin.
        json : object
            Body.
        **params : object
            Query.

        Returns
        -------
        object
            The answer's JSON.

        Raises
        ------
        SourceError
            The source does not answer, or refuses.
        """
        return self.send(
            Call(path=path, method="POST", params=tuple(_pairs(params)), json=json)
        ).data

    def send(self, call: Call) -> Answer:
        """Send a call by the one safe way to the network.

        Parameters
        ----------
        call : Call
            What is asked.

        Returns
        -------
        Answer
            Whole.

        Raises
        ------
        SourceError
            The source does not answer, or refuses.
        """
        if self._client is None:
            self._client = self._new_client()
        answer: Answer = self._client.send(call)
        return answer

    def close(self) -> None:
        """Let the connections go; the next call opens new ones."""
        if self._client is not None:
            self._client.close()

    def call_of(self, spec: stream, ask: Ask) -> Call:
        """Build the call for a page, before its paging has its say.

        Parameters
        ----------
        spec : stream
            Declaration of the stream.
        ask : Ask
            What the call is to ask for.

        Returns
        -------
        Call
            With path, query and body as declared.
        """
        path = _FIELD.sub(lambda found: self._filled(found[1], ask.row, spec), spec.path or "")
        params = tuple(_pairs(self._told(spec.params, ask) or {}))
        call = Call(path=path, method=spec.method, params=params, json=self._told(spec.json, ask))
        return _sized(_within(call, spec.since, ask), spec, ask)

    def _refused(self) -> Iterator[str]:
        for name in self._methods:
            spec = self._spec(name)
            if spec.path is None or spec.parent is not None:
                continue
            reading = Reading(self._task(spec, ReadRequest(limit=1)), Position())
            try:
                next(reading.pages())
            except PermissionDenied as error:
                scope = f": it needs {spec.scope}" if spec.scope else ""
                yield f"The stream {name!r} is not permitted{scope}. {error.message}"
            except NotFound as error:
                yield f"The stream {name!r} does not exist for this account. {error.message}"

    def _new_client(self) -> Any:
        from ._client import Options, SafeClient  # noqa: PLC0415  (loads what speaks HTTP)

        settings = self.settings
        options = Options(
            budget_s=settings.budget_s,
            allow_private=settings.allow_private_addresses,
            ca_bundle=settings.ca_bundle,
        )
        return SafeClient(
            self.origins(),
            auth=self.auth,
            limits=self.limits,
            runtime=self.runtime,
            options=options,
            token=settings.token,
            file_origins=self.file_origins,
        )

    def _spec(self, name: str) -> stream:
        if name not in self._methods:
            raise NotFound(f"There is no stream {name!r}.", hint=did_you_mean(name, self._methods))
        spec: stream = getattr(self._method(name), MARK)
        return spec

    def _method(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(type(self), self._methods[name])
        return method

    def _list(self, task: Task, memory: Memory) -> Reading:
        def promise(position: Position, **facts: Any) -> Checkpoint:
            note = " ".join(text for text in (memory.note, facts.pop("note")) if text)
            return self._kept(evolve(memory, position=position), note=note, **facts)

        return Reading(evolve(task, promise=promise), memory.position)

    def _parts(self, task: Task, memory: Memory, parent: str) -> Parts:
        above = self._task(self._spec(parent), ReadRequest())
        return Parts(task, Reading(above, Position()), memory)

    def _task(self, spec: stream, request: ReadRequest) -> Task:
        kinds = spec.info(self._method(spec.name)).kinds
        return Task(
            spec=spec,
            source=self,
            make=getattr(self, self._methods[spec.name]),
            kind=next((one for one in kinds if one != "deletion"), ""),
            request=request,
            promise=self._kept,
        )

    def _kept(self, memory: Memory, **facts: Any) -> Checkpoint:
        return Checkpoint(memory.plain(self.state_version), **facts)

    def _told(self, declared: Mapping[str, Any] | str | None, ask: Ask) -> Any:
        return getattr(self, declared)(ask) if isinstance(declared, str) else declared

    def _filled(self, path: str, row: Mapping[str, Any], spec: stream) -> str:
        value = dig(row, path)
        if value is None:
            value = getattr(self.settings, path, None)
        if isinstance(value, str | int):
            return quote(str(value), safe="")
        raise ConfigurationError(
            f"The path of the stream {spec.name!r} has a field {path!r} that nothing fills.",
            hint="a field is filled from the parent's row or from the configuration",
        )


def _declared(cls: type[Connector]) -> dict[str, str]:
    """Names of streams that a class declares itself, and of their methods."""
    marked = ((getattr(value, MARK, None), name) for name, value in vars(cls).items())
    return {spec.name: name for spec, name in marked if spec is not None}


def _check_parents(cls: type[Connector]) -> None:
    specs = {name: getattr(getattr(cls, method), MARK) for name, method in cls._methods.items()}
    for spec in specs.values():
        if spec.parent is None:
            continue
        above = specs.get(spec.parent.stream)
        if above is None or above.parent is not None or above.path is None:
            raise UsageError(
                f"The stream {spec.name!r} has a parent that is no stream with a path of its own.",
                hint=did_you_mean(
                    spec.parent.stream, (name for name in specs if name != spec.name)
                ),
            )


def _pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                yield name, _text(one)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return written(value, "iso") if isinstance(value, datetime) else str(value)


def _within(call: Call, since: Since | None, ask: Ask) -> Call:
    """Return the same call for what changed in a window."""
    if since is None:
        return call
    if ask.since is not None and since.param:
        call = with_param(call, since.param, since.told(ask.since))
    if ask.until is not None and since.until_param:
        call = with_param(call, since.until_param, since.told_end(ask.until))
    return call


def _sized(call: Call, spec: stream, ask: Ask) -> Call:
    name = spec.page.size_param if spec.page is not None else None
    if ask.size is None or name is None:
        return call
    in_body = getattr(spec.page, "in_body", False)
    return with_body(call, name, ask.size) if in_body else with_param(call, name, str(ask.size))
