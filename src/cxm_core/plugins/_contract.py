"""What a source is: the few things a connector must have, and all that it gets from outside.

The contract is duck-typed: nothing here has to be inherited.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from logging import Logger, getLogger
from pathlib import Path
from random import Random
from typing import Any, Protocol, TypeAlias, runtime_checkable

from attrs import Attribute, Factory, field, frozen, validators
from pydantic import BaseModel

from cxm_core.errors import UsageError
from cxm_core.records import Problem, Record, Table

from ._wire import Resolver, TokenStore, Transport

API_VERSION = 1

State: TypeAlias = Mapping[str, object]


@frozen(kw_only=True)
class Guarantees:
    """What a user may rely on when data comes from this source.

    Parameters
    ----------
    reads_again : bool
        What was served once can be asked for again.
    sees_changes : bool
        A record that changed at the source is served again.
    sees_deletions : bool
        A record that vanished at the source is reported as gone.
    serves_in_order : bool
        What is served later is never older. Of two versions of a record with one stamp the one that
        was served last then stands; otherwise their content decides, in any order alike.
    notes : tuple of str
        What else is worth knowing, whole sentences.
    """

    reads_again: bool = True
    sees_changes: bool = True
    sees_deletions: bool = False
    serves_in_order: bool = False
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """The guarantees in words, one sentence each."""
        told = (
            (self.reads_again, "Nothing is lost by a crash: it is asked for again."),
            (not self.reads_again, "What the source served once it does not serve again."),
            (self.sees_changes, "Changed records are served again."),
            (not self.sees_changes, "Changes at the source are not seen."),
            (self.sees_deletions, "Deletions are seen."),
            (not self.sees_deletions, "Deletions are not seen."),
            (self.serves_in_order, "Of two changes with one stamp the later is kept."),
        )
        return tuple(text for holds, text in told if holds) + self.notes


@frozen(kw_only=True)
class Info:
    """What a connector says of itself before it is built.

    Parameters
    ----------
    name : str
        Name of the connector, as its entry point has it, such as ``"zendesk"``.
    version : str
        Version of the connector.
    config : type of pydantic.BaseModel
        Class that a source's configuration is checked by.
    api_version : int
        Version of this contract that the connector was written for.
    description : str
        One sentence for a list of connectors.
    guarantees : Guarantees
        What a user may rely on.
    """

    name: str
    version: str
    config: type[BaseModel]
    api_version: int = API_VERSION
    description: str = ""
    guarantees: Guarantees = Guarantees()


@frozen(kw_only=True)
class StreamInfo:
    """One stream of a source: what is read, resumed and reported as one.

    Parameters
    ----------
    name : str
        Name of the stream, such as ``"tickets"``.
    kinds : tuple of str
        Kinds of record that it serves.
    description : str
        One sentence.
    """

    name: str = field(validator=validators.instance_of(str))
    kinds: tuple[str, ...]
    description: str = ""


@frozen(kw_only=True)
class CheckReport:
    """What a connector found when it looked at its source without reading it all.

    Parameters
    ----------
    account : str or None
        What the source calls the account behind the credentials; None if it knows none.
    streams : tuple of StreamInfo
        Streams that can be read.
    problems : tuple of str
        What will go wrong, whole sentences without customer data.
    """

    account: str | None = field(
        default=None, validator=validators.optional(validators.instance_of(str))
    )
    streams: tuple[StreamInfo, ...] = ()
    problems: tuple[str, ...] = ()


def _is_plain_json(instance: object, attribute: Attribute[State], value: State) -> None:
    # A tuple, a date or a NaN would come back from the store as something else.
    try:
        comes_back = json.loads(json.dumps(value, allow_nan=False)) == value
    except (TypeError, ValueError, RecursionError):
        comes_back = False
    if not comes_back:
        raise UsageError(
            f"A {attribute.name} of {type(instance).__name__} must be plain JSON.",
            hint="use dicts with text keys, lists, texts, finite numbers, booleans and None",
        )


def _is_aware(instance: object, attribute: Attribute[Any], value: Any) -> None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise UsageError(f"The {attribute.name} of a {type(instance).__name__} must be aware.")


def _is_row(instance: object, attribute: Attribute[Mapping[str, object]], value: object) -> None:
    # It is kept as JSON, so whoever serves what cannot be told at once.
    try:
        is_row = isinstance(value, Mapping) and bool(json.dumps(value, default=str))
    except (TypeError, ValueError, RecursionError):
        is_row = False
    if not is_row:
        raise UsageError(f"The {attribute.name} of a {type(instance).__name__} must be a mapping.")


_IS_TEXT = validators.instance_of(str)
_IS_NUMBER = validators.and_(validators.instance_of(int), validators.ge(0))
_IS_COUNTED = validators.deep_mapping(
    key_validator=_IS_TEXT, value_validator=validators.instance_of(int)
)


@frozen
class Checkpoint:
    """A promise: all that this state stands for was delivered before it.

    Parameters
    ----------
    state : mapping
        Plain JSON that `read` gets back at the next sync.
    unchanged : tuple of str
        Inputs that are the same as last time and were not read again.
    note : str
        One sentence for the sync's receipt.
    drift : mapping of str to int
        How often something new was met since the last checkpoint, such as an unknown field.
    pages : int
        Pages that were read since the last checkpoint.
    repeated : int
        Rows since the last checkpoint that the source served twice over the border of two pages,
        and that were not delivered again; they count as served and as duplicate.
    total : int or None
        How many rows there are by the source's own count; None where it gives none.
    newest : datetime or None
        Newest stamp of a change that was served, by the source's clock.
    gaps : tuple of str
        What is known to be missing, a sentence each.
    reached_end : bool or None
        Whether the source itself said that this is its end; None where it gives no sign.
    """

    state: State = field(validator=_is_plain_json)
    unchanged: tuple[str, ...] = field(
        default=(), kw_only=True, validator=validators.deep_iterable(_IS_TEXT)
    )
    note: str = field(default="", kw_only=True, validator=_IS_TEXT)
    drift: Mapping[str, int] = field(factory=dict, kw_only=True, validator=_IS_COUNTED)
    pages: int = field(default=0, kw_only=True, validator=_IS_NUMBER)
    repeated: int = field(default=0, kw_only=True, validator=_IS_NUMBER)
    total: int | None = field(default=None, kw_only=True, validator=validators.optional(_IS_NUMBER))
    newest: datetime | None = field(
        default=None, kw_only=True, validator=validators.optional(_is_aware)
    )
    gaps: tuple[str, ...] = field(
        default=(), kw_only=True, validator=validators.deep_iterable(_IS_TEXT)
    )
    reached_end: bool | None = field(
        default=None, kw_only=True, validator=validators.optional(validators.instance_of(bool))
    )


@frozen(kw_only=True)
class Rejected:
    """A row of the source that did not become a record; it is set aside and counted.

    Parameters
    ----------
    kind : str
        Kind of record that it should have become.
    raw : mapping
        The row as the source served it.
    problem : Problem
        Why not.
    native_id : str or None
        The row's own id, if it could be read.
    """

    kind: str = field(validator=_IS_TEXT)
    raw: Mapping[str, object] = field(repr=False, validator=_is_row)
    problem: Problem = field(validator=validators.instance_of(Problem))
    native_id: str | None = field(default=None, repr=False, validator=validators.optional(_IS_TEXT))


@frozen(kw_only=True)
class ReadRequest:
    """What part of a source is wanted; it may grow.

    A connector that cannot cut so finely serves more: what is kept already is recognised.

    Parameters
    ----------
    streams : tuple of str or None
        Names of streams; None means all. The sync sees to it.
    since : datetime or None
        Earliest instant wanted, included; None means from where the state stands.
    until : datetime or None
        Latest instant wanted, not included.
    limit : int or None
        About how many records are enough.
    """

    streams: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


def _no_secret(name: str) -> str | None:
    del name
    return None


@frozen(kw_only=True)
class Runtime:
    """All that a connector gets from outside: it reads no clock and no environment by itself.

    Parameters
    ----------
    clock : callable
        Gives the present instant, aware.
    root : pathlib.Path
        Folder of the program file; nothing outside it is read.
    sleep : callable
        Waits so many seconds.
    rng : random.Random
        Random numbers, for the jitter of a retry.
    secrets : callable
        Gives the secret of a name, or None.
    log : logging.Logger
        Where the connector reports its progress; never customer data.
    transport : Transport or None
        What carries requests; None for the toolkit's own.
    resolver : callable or None
        Gives the addresses of a host; None for the machine's own.
    tokens : TokenStore or None
        Where tokens that a source hands out are kept; None for memory only.
    places : mapping of str to str
        Where values on top of the configuration stand that the program only refers to, such as
        ``{"token": "ACME_TOKEN"}``: for messages.
    """

    clock: Callable[[], datetime]
    root: Path
    sleep: Callable[[float], None] = time.sleep
    rng: Random = Factory(Random)
    secrets: Callable[[str], str | None] = field(default=_no_secret, repr=False)
    log: Logger = Factory(lambda: getLogger("cxm.connectors"))
    transport: Transport | None = field(default=None, repr=False)
    resolver: Resolver | None = field(default=None, repr=False)
    tokens: TokenStore | None = field(default=None, repr=False)
    places: Mapping[str, str] = field(factory=dict)


Item: TypeAlias = Record | Rejected | Table | Checkpoint


@runtime_checkable
class Connector(Protocol):
    """A source of records: anything with these four names."""

    @property
    def info(self) -> Info:
        """What the connector says of itself; it stands on the class."""

    def streams(self) -> Sequence[StreamInfo]:
        """List what can be read."""

    def check(self) -> CheckReport:
        """Look whether the source answers and has what the configuration expects."""

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one stream from where `state` stands.

        Parameters
        ----------
        stream : str
            Name of one of `streams()`.
        state : mapping or None
            State of the last checkpoint that was kept; None at the first sync.
        request : ReadRequest
            What part is wanted.

        Yields
        ------
        Record, Rejected, Table or Checkpoint
            Records without a source (the sync fills it in), rows that are none, descriptions of
            bulk data, and promises that all before was delivered.
            A `Table` that cannot be loaded raises its error at the `yield`, so that the
            connector may go on with the next.

        Raises
        ------
        RetryableError
            Not now; the next sync continues.
        FatalError
            Not until a person has changed something.
        """


class ConnectorClass(Protocol):
    """What an entry point names: a class with `info` on it."""

    info: Info

    def __call__(self, config: BaseModel, runtime: Runtime, /) -> Connector:
        """Build the connector; no file, no network."""


@runtime_checkable
class Rereader(Protocol):
    """Optional face of a connector that can read a row that was set aside once more."""

    def reread(
        self, kind: str, row: Mapping[str, object], *, position: str
    ) -> Iterable[Record | Problem]:
        """Make of the row what the connector's present mappings make of it.

        Parameters
        ----------
        kind : str
            Kind of record that it should have become.
        row : mapping
            The row as it was served.
        position : str
            Where it stood, such as ``answers.csv:17``.

        Returns
        -------
        iterable of Record or Problem
            One for each record that the row serves; nothing if it is no row of this source.
        """


@runtime_checkable
class Lister(Protocol):
    """Optional face of a connector that can list what its source holds."""

    def native_ids(self, kind: str) -> Iterable[str] | None:
        """Give the id of every record of a kind that the source holds now; None if nobody can.

        Parameters
        ----------
        kind : str
            One of the kinds of `streams()`.

        Raises
        ------
        SourceError
            The list could not be read to its end, so it tells nothing.
        """


@runtime_checkable
class Prober(Protocol):
    """Optional face of a connector that can find out which of its streams may be read."""

    def probe(self) -> Sequence[str]:
        """Tell what will go wrong, a sentence a stream, with the permission that it lacks.

        Raises
        ------
        SourceError
            The source does not answer, or does not accept the credentials at all.
        """


@runtime_checkable
class Proposer(Protocol):
    """Optional face of a connector's class that proposes a program from a data file."""

    def propose(self, path: Path, *, root: Path) -> str:
        """Write a program file in TOML, for a person to confirm.

        Parameters
        ----------
        path : Path
            The data file.
        root : Path
            Folder of the program file.

        Returns
        -------
        str
            TOML.
        """


@frozen(kw_only=True)
class Delivery:
    """One request that a vendor's webhook sent.

    Parameters
    ----------
    method : str
        HTTP method, upper case.
    url : str
        Whole address as the vendor wrote it, since some schemes sign it.
    headers : mapping of str to str
        Header names in lower case.
    body : bytes
        Raw body: signatures hold for bytes.
    received_at : datetime
        When it came, aware.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


@runtime_checkable
class WebhookSource(Protocol):
    """Optional face of a connector whose vendor pushes."""

    def verify(self, delivery: Delivery) -> None:
        """Accept the delivery, or raise `AuthError`; without a secret nothing is accepted."""

    def parse(self, delivery: Delivery) -> Iterable[Record | Rejected]:
        """Read the records of a verified delivery.

        While the vendor waits for its answer, no call goes out: where records have to be fetched,
        the error of the refused call may pass, and the delivery is read again later.
        """


@runtime_checkable
class Handshake(Protocol):
    """Optional face of a webhook source that has to answer a challenge before anything is sent."""

    def handshake(self, delivery: Delivery) -> bytes | None:
        """Give the body to answer with; None for any other delivery.

        It is asked before `verify`, so it checks by itself who asks, and raises `AuthError`.
        """


@runtime_checkable
class DeliveryKey(Protocol):
    """Optional face of a webhook source whose deliveries have an id of their own."""

    def delivery_key(self, delivery: Delivery) -> str | None:
        """Give what is the same when the vendor sends it again; None where there is none.

        Only of what the signature covers, for a replay may change everything else.
        """


@frozen(kw_only=True)
class ActionInfo:
    """One thing that a connector can do in its vendor's system.

    Parameters
    ----------
    name : str
        Name such as ``"open_ticket"``.
    fields : type of pydantic.BaseModel
        Class that an order's fields are checked by.
    description : str
        One sentence.
    """

    name: str
    fields: type[BaseModel]
    description: str = ""


@runtime_checkable
class Action(Protocol):
    """Optional face of a connector that writes back: opens a ticket, posts a message."""

    def actions(self) -> Sequence[ActionInfo]:
        """List what can be done."""

    def perform(self, name: str, fields: BaseModel, *, key: str) -> str:
        """Do it and return the vendor's id of what was made.

        It may be asked again with the same `key`; then nothing is made twice.
        """
