"""One list read from where it stands to its end: page by page, each with its promise."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from attrs import evolve, field, frozen

from cxm_core.errors import FatalError, SchemaChanged
from cxm_core.plugins import Checkpoint, Item, ReadRequest, Rejected, Runtime
from cxm_core.records import KINDS, Record, raw_hash

from ._calls import Answer, Call
from ._config import Config
from ._downloading import downloads_of
from ._drift import Drift
from ._edges import Edge, Neighbours, keys_of
from ._paging import Paging, Place, Single, Turn, count, dig, has
from ._passes import lap_of
from ._rejecting import BECAUSE_OF_ROW, rejected
from ._state import Position
from ._stream import Ask, Row, stream

_EXPIRED = frozenset({400, 404, 409, 410, 422})
_RECORDS = frozenset(KINDS.values())
_AGAIN = "The source no longer knows where it stood; it is read again from its last change."


class Source(Protocol):
    """What a list needs of its connector."""

    runtime: Runtime
    settings: Config

    def call_of(self, spec: stream, ask: Ask) -> Call:
        """Call for a page, before the paging has its say."""

    def send(self, call: Call) -> Answer:
        """Send it."""


@frozen(kw_only=True)
class Page:
    """One page as it was read."""

    rows: list[Row]
    answer: Answer
    turn: Turn
    newest: datetime | None = None


@frozen(kw_only=True)
class Task:
    """What is to be read, and what is made of it.

    Parameters
    ----------
    spec : stream
        Declaration of the stream.
    source : Source
        Its connector.
    make : callable
        Makes records of a row.
    promise : callable
        Makes a checkpoint of a position, or of a memory, and of what it covers.
    kind : str
        Kind of record that a row should become.
    request : ReadRequest
        What part is wanted.
    row : mapping
        The parent's row, where there is a parent.
    """

    spec: stream
    source: Source
    make: Callable[..., Any] = field(repr=False)
    promise: Callable[..., Checkpoint] = Checkpoint
    kind: str = ""
    request: ReadRequest = field(factory=ReadRequest)
    row: Mapping[str, Any] = field(factory=dict, repr=False)


class Reading:
    """The reading of one list.

    Parameters
    ----------
    task : Task
        What is to be read.
    position : Position
        Where the list stands.
    """

    def __init__(self, task: Task, position: Position) -> None:
        is_part = task.request.since is not None or task.request.until is not None
        # A part that is asked for stands by itself.
        self.position = Position() if is_part else position
        self.task, self.spec, self.source = task, task.spec, task.source
        self.request, self.row = task.request, task.row
        self.paging: Paging = self.spec.page or Single()
        self._downloads = downloads_of(self.source, self.paging)
        self.drift = Drift(self.spec.payload)
        self.delivered = 0
        self._notes: list[str] = []
        self._is_warned = False
        self._resumed = self.position.place
        # A pass that was interrupted knows nothing of what changed since it began.
        self._is_stale = self.position.started is not None and self.spec.since is not None
        self._set_out()

    def _set_out(self) -> None:
        """Begin a pass, or go on with one."""
        self._since = self._bound()
        self._neighbours = Neighbours(self.spec.key, self.spec.since)
        self._edge = self._edge_of()

    def items(self) -> Generator[Item, None, Position]:
        """Serve the list; give where it stands then."""
        yield from self._pass()
        if self._is_stale and self.position.started is None and not self._is_enough():
            self._is_stale = False
            self._set_out()
            yield from self._pass()
        return self.position

    def _pass(self) -> Iterator[Item]:
        for page in self.pages():
            fresh = self._fresh(page.rows)
            yield from self._made(self._enriched(fresh))
            self._move(page)
            yield self._checkpoint(page, repeated=len(page.rows) - len(fresh))
            if self._is_enough():
                break

    def pages(self) -> Iterator[Page]:
        """Read the pages; whoever takes them moves the position."""
        try:
            yield from self._pages()
        finally:
            if self._downloads is not None:
                self._downloads.close()

    def _pages(self) -> Iterator[Page]:
        while True:
            page = self._page()
            yield page
            if page.turn.next is None:
                return
            if page.turn.wait_s:
                self.source.runtime.sleep(page.turn.wait_s)
            if self.position.place != page.turn.next:
                self.position = evolve(self.position, place=page.turn.next)

    def _page(self) -> Page:
        try:
            return self._asked()
        except FatalError as error:
            if self._resumed is None or error.context.get("status") not in _EXPIRED:
                raise
        # What a former sync left is good no more; the last change is still known.
        self._resumed, self.position = None, self.position.again()
        self._notes.append(_AGAIN)
        return self._asked()

    def _asked(self) -> Page:
        place = self.position.place
        ask = Ask(
            since=self._since,
            until=self.request.until,
            place=place,
            size=self._size(),
            row=self.row,
        )
        answer = self._answer(self.source.call_of(self.spec, ask), place)
        rows = self._rows(answer) if self.paging.holds_rows(place) else []
        turn = self.paging.turn(answer, rows, place)
        self._neighbours.check_way(place, turn, answer)
        self._neighbours.check(answer, rows, lap=lap_of(place))
        self._resumed = None
        self._begin(answer)
        self._count_drift(answer, rows, turn)
        return Page(rows=rows, answer=answer, turn=turn, newest=self._newest(rows))

    def _answer(self, base: Call, place: Place) -> Answer:
        if self._downloads is not None and isinstance(place, Mapping) and "file" in place:
            return self._downloads.page(base, place, size=self._size())
        return self.source.send(self.paging.call(base, place))

    def _size(self) -> int | None:
        wanted, most = self.source.settings.page_size, self.paging.size
        return min((size for size in (wanted, most) if size is not None), default=None)

    def _rows(self, answer: Answer) -> list[Row]:
        found = self._found(answer)
        if isinstance(found, Mapping):
            found = [found] if self.spec.rows == "" else None
        if not isinstance(found, list):
            raise SchemaChanged(
                f"The stream {self.spec.name!r} has something else than a list where its rows are.",
                hint="the source has changed its answers, or `rows` is declared wrongly",
                request_id=answer.request_id,
                status=answer.status,
            )
        if not all(type(row) is dict for row in found):
            return [row if isinstance(row, dict) else {"value": row} for row in found]
        return found

    def _found(self, answer: Answer) -> Any:
        rows = self.spec.rows
        if callable(rows):
            return rows(answer.data)
        found = dig(answer.data, rows)
        # A null list is an empty one; a list that is not there at all is another matter.
        return [] if found is None and has(answer.data, rows) else found

    def _begin(self, answer: Answer) -> None:
        """Note when the pass began, by the source's own clock if that is behind ours."""
        if self.position.started is not None:
            return
        now, told = self.source.runtime.clock(), _date(answer)
        started = now if told is None else min(now, told)
        self.position = evolve(self.position, started=started, newest=None)

    def _count_drift(self, answer: Answer, rows: list[Row], turn: Turn) -> None:
        ends = _date(answer, "sunset")
        if ends is not None and not self._is_warned:
            self._is_warned = True
            self._notes.append(f"The source ends this version of its API on {ends:%Y-%m-%d}.")
        self.drift.of_answer(answer)
        self.drift.of_rows(rows)
        for flag in turn.flags:
            self.drift.add(flag)

    def _newest(self, rows: list[Row]) -> datetime | None:
        since = self.spec.since
        if since is None or not rows:
            return None
        newest, unreadable = since.newest(rows)
        self.drift.add(f"stamp:{since.stamp}", unreadable)
        return newest

    def _bound(self) -> datetime | None:
        """Earliest change to ask for."""
        spec, settings = self.spec.since, self.source.settings
        if spec is None or self.request.since is not None:
            return self.request.since
        if self.position.high is not None:
            return self.position.high - settings.margin(spec.margin)
        return settings.since or spec.earliest

    def _edge_of(self) -> Edge | None:
        if self.spec.since is None or self.request.since is not None:
            return None
        return Edge(self.spec.key, self.spec.since, self.position.edge)

    def _fresh(self, rows: list[Row]) -> list[Row]:
        fresh = self._neighbours.fresh(rows)
        return fresh if self._edge is None else self._edge.fresh(fresh)

    def _enriched(self, rows: list[Row]) -> list[Row]:
        if self.spec.enrich is None or not rows:
            return rows
        enrich: Callable[..., list[Row]] = getattr(self.source, self.spec.enrich)
        return enrich(rows, self.row) if self.spec.parent is not None else enrich(rows)

    def _made(self, rows: list[Row]) -> Iterator[Record | Rejected]:
        make, validate = self.task.make, None
        if self.spec.payload is not None:
            validate = self.spec.payload.model_validate
        self.delivered += len(rows)
        for row in rows:
            try:
                if validate is not None:
                    validate(row)
                made = make(row)
                if type(made) not in _RECORDS and not isinstance(made, Rejected):
                    made = tuple(made)
            except BECAUSE_OF_ROW as error:
                yield self._set_aside(row, error)
                continue
            if type(made) is tuple:
                self.drift.add("row:serves_nothing", not made)
                yield from self._all_traced(made, row)
            elif isinstance(made, Record) and made.raw_hash is None:
                yield made.served(stream=self.spec.name, raw_hash=raw_hash(row))
            else:
                yield made

    def _all_traced(self, made: tuple[Any, ...], row: Row) -> Iterator[Any]:
        """Each record with its stream and the fingerprint of the row that all were made from."""
        told = ""
        for one in made:
            if not isinstance(one, Record) or one.raw_hash is not None:
                yield one
            else:
                told = told or raw_hash(row)
                yield one.served(stream=self.spec.name, raw_hash=told)

    def remade(self, row: Row) -> Iterator[Record | Rejected]:
        """Make records of one row that was served before."""
        return self._made([row])

    def _set_aside(self, row: Row, error: Exception) -> Rejected:
        native_id = keys_of([row], self.spec.key)[0]
        return rejected(self.task.kind, row, error, native_id=native_id)

    def _move(self, page: Page) -> None:
        turn = page.turn
        if page.newest is not None:
            self.position = self.position.seen(page.newest)
        if turn.next is not None:
            self.position = evolve(self.position, place=turn.next)
        elif turn.is_lost:
            self.position = self.position.again()
        elif not turn.gap:
            # Behind a gap the list stays where it is, and is asked for again.
            self._finish(turn)

    def _finish(self, turn: Turn) -> None:
        done = self.position.finished(turn.rest)
        if self._edge is not None and self.spec.since is not None and done.high is not None:
            margin = self.source.settings.margin(self.spec.since.margin)
            done = evolve(done, edge=self._edge.kept(done.high - margin))
        self.position = done

    def _checkpoint(self, page: Page, *, repeated: int) -> Checkpoint:
        notes, self._notes = " ".join(self._notes), []
        return self.task.promise(
            self.position,
            note=notes,
            drift=self.drift.taken(),
            pages=1,
            repeated=repeated,
            total=self._total(page),
            newest=page.newest,
            gaps=(page.turn.gap,) if page.turn.gap else (),
            reached_end=self._reached(page.turn),
        )

    def _total(self, page: Page) -> int | None:
        path = self.spec.total
        return page.turn.total if path is None else count(dig(page.answer.data, path))

    def _reached(self, turn: Turn) -> bool | None:
        if turn.next is not None:
            return False if self._is_enough() else None
        return None if self._is_stale else turn.is_end

    def _is_enough(self) -> bool:
        return self.request.limit is not None and self.delivered >= self.request.limit


def _date(answer: Answer, header: str = "date") -> datetime | None:
    try:
        at = parsedate_to_datetime(answer.headers.get(header, ""))
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None
