"""The workspace: a program, its store and its sources, joined for apps and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast, overload

from cxm_core.engines import compare, explain_difference
from cxm_core.errors import (
    ConfigurationError,
    StoreError,
    StoreFull,
    UsageError,
    did_you_mean,
)
from cxm_core.plugins import Catalogue, CheckReport, Connector
from cxm_core.program import Program
from cxm_core.records import Reason, Record
from cxm_core.report import write_page
from cxm_core.results import Breakdown, Comparison, Estimate, Panel, SyncReceipt, Waterfall
from cxm_core.store import (
    Clock,
    Compaction,
    Opening,
    QuarantineEntry,
    RetentionReport,
    Store,
    Verification,
    open_store,
)
from cxm_core.sync import add, check, pull, reconcile, replay, take_in, utc_now
from cxm_core.vocabulary import Window, WindowLike, aware_clock, takes

from ._added import only_records
from ._again import again, windowed
from ._connections import connect, installed_connectors, runtime_of
from ._export import ExportFormat, export_records
from ._inquiry import Where, names_of
from ._measure import last_receipts
from ._measured import Asked, measured
from ._page import fill_page
from ._rescue import path_of, program_of
from ._writing import write_tables

__all__ = ["Workspace"]


class Workspace:
    """A program with its store and its sources: pull, measure, report.

    Safe to share between threads; calls block.
    One process writes a DuckDB file at a time.

    Parameters
    ----------
    program : Program, str or Path
        A program, or the path of its file.
    store : Store, str, Path or None
        Where records are kept: a path, ``"memory:"``, what the program says if None, or an open
        store, which stays its owner's to close.
    clock : callable
        Gives the present instant, aware.
    read_only : bool
        Refuse to write; a store on disk must exist.

    Raises
    ------
    ConfigurationError
        The program file has a mistake, or `store` is ``"memory"`` without its colon.
    StoreError
        The store cannot be opened; `StoreLocked` names the process that holds it.
    MissingExtraError
        The store needs the extra ``duckdb``.

    Examples
    --------
    >>> from cxm_core.program import Metric, Program
    >>> from cxm_core.records import Response, Score
    >>> nps = Metric(name="nps", engine="nps", question="recommend")
    >>> shop = Program(name="Shop", zone="Europe/Berlin", metrics=[nps])
    >>> with Workspace(shop, store="memory:") as workspace:
    ...     receipt = workspace.add(
    ...         Response(
    ...             native_id=str(number),
    ...             occurred_at="2026-11-05T09:00Z",
    ...             question="recommend",
    ...             score=Score(value, "0-10"),
    ...         )
    ...         for number, value in enumerate([10, 9, 8, 3])
    ...     )
    ...     workspace.measure("nps", window="2026-W45").value
    25.0
    """

    def __init__(
        self,
        program: Program | str | Path,
        *,
        store: Store | str | Path | None = None,
        clock: Clock = utc_now,
        read_only: bool = False,
    ) -> None:
        self.program = program_of(program)
        self.clock = clock
        self._now = aware_clock(clock)
        self.read_only = bool(read_only)
        place = self.program.store_url if store is None else store
        self._owns_store = isinstance(place, str | Path)
        if not (self._owns_store or hasattr(place, "transaction")):
            raise UsageError(
                f"A {type(place).__name__} is no store.",
                hint="a path such as 'cxm.duckdb', or 'memory:'",
            )
        self._store_path = path_of(place) if isinstance(place, str | Path) else None
        self.store = (
            open_store(place, clock=self._now, read_only=self.read_only)
            if isinstance(place, str | Path)
            else place
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store, if it was opened here; a second call does nothing.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> workspace = Workspace(Program(name="Shop", zone="UTC"), store="memory:")
        >>> workspace.close()
        """
        if self._owns_store:
            self.store.close()

    @cached_property
    def connectors(self) -> Catalogue:
        """Connectors that are installed."""
        return installed_connectors()

    @takes(sources="names?")
    def check(self, sources: str | Iterable[str] | None = None) -> dict[str, CheckReport]:
        """Ask sources whether they answer and have what the program expects; keep nothing.

        Parameters
        ----------
        sources : iterable of str or None
            Names of sources; all if None.

        Returns
        -------
        dict of str to CheckReport
            One a source; one that does not answer has that as its problem.

        Raises
        ------
        UsageError
            The program has no such source.
        ConfigurationError
            A source is configured wrongly, or its connector is not installed.

        Examples
        --------
        >>> with Workspace("examples/sfo/cxm.toml", store="memory:") as workspace:
        ...     workspace.check()["files:sfo"].problems
        ()
        """
        return {name: check(connector) for name, connector in self._connected(sources).items()}

    @takes(sources="names?", progress="function?")
    def sync(
        self,
        sources: str | Iterable[str] | None = None,
        *,
        progress: Callable[[str, int], object] | None = None,
    ) -> tuple[SyncReceipt, ...]:
        """Pull what is new from sources into the store.

        Parameters
        ----------
        sources : iterable of str or None
            Names of sources; all if None.
        progress : callable or None
            Is told what is being pulled, and how many records of it were served so far.

        Returns
        -------
        tuple of SyncReceipt
            One a stream. A stream that its source did not deliver is incomplete; the others go on.

        Raises
        ------
        UsageError
            The program has no such source.
        ConfigurationError
            A source is configured wrongly, or its connector is not installed: nothing was pulled.
            Or its name belongs to another account.
        StoreError
            The workspace only reads, or the store could not keep a page; what was committed
            before stands.

        Examples
        --------
        >>> with Workspace("examples/sfo/cxm.toml", store="airport.duckdb") as workspace:
        ...     [receipt.applied for receipt in workspace.sync(["files:sfo"])]
        [115630]
        """
        store = self._writable()
        receipts: list[SyncReceipt] = []
        for name, connector in self._connected(sources).items():
            receipts += self._taken_in(name, connector)
            receipts += pull(store, connector, source=name, clock=self._now, progress=progress)
        return tuple(receipts)

    @takes(sources="names?")
    def take_in(self, sources: str | Iterable[str] | None = None) -> tuple[SyncReceipt, ...]:
        """Take what sources have pushed since, without asking them for anything else.

        Parameters
        ----------
        sources : iterable of str or None
            Names of sources; all if None.

        Returns
        -------
        tuple of SyncReceipt
            One for each source of which something waited that could not be read when it came. What
            could be read needs no more than this look into the journal.

        Raises
        ------
        UsageError
            The program has no such source.
        ConfigurationError
            A source of which something waits is configured wrongly.
        StoreError
            The workspace only reads, or the store could not keep it; it waits on.

        Notes
        -----
        `measure`, `headlines` and `report` look into the journal by themselves, where they may
        write.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     workspace.take_in()
        ()
        """
        store = self._writable()
        store.fold()
        waiting = {one.source for one in store.unread()}
        every = [source.name for source in self.program.sources]
        wanted = every if sources is None else names_of(sources)
        names = [name for name in wanted if self.program.source(name).name in waiting]
        return tuple(
            receipt
            for name, connector in self._connected(names).items()
            for receipt in self._taken_in(name, connector)
        )

    @takes(source="text")
    def reconcile(self, source: str) -> SyncReceipt:
        """Take away the records of a source that it does not hold any more.

        Parameters
        ----------
        source : str
            Name of a source of the program that reports no deletions, but can list what it holds.

        Returns
        -------
        SyncReceipt
            How many are gone; partial where a list could not be read, or lacks more than half.

        Raises
        ------
        UsageError
            The program has no such source, or its connector cannot list what is there.
        StoreError
            The workspace only reads, or the store could not keep a page.

        Examples
        --------
        >>> with Workspace("examples/sfo/cxm.toml", store="memory:") as workspace:
        ...     workspace.reconcile("files:sfo")
        Traceback (most recent call last):
        cxm_core.errors.UsageError: The connector 'files' cannot list what its source holds...
        """
        connector = self._connected(source)[source]
        return reconcile(self._writable(), connector, source=source, clock=self._now)

    def _taken_in(self, name: str, connector: Connector) -> list[SyncReceipt]:
        receipt = take_in(self._writable(), connector, source=name, clock=self._now)
        return [] if receipt is None else [receipt]

    def _fold(self) -> None:
        """Take what was pushed meanwhile, so that the next figure has it."""
        if not self.read_only:
            # On a full disk the journal keeps what it has, and the figure is of what was kept.
            with suppress(StoreFull):
                self.store.fold()

    @takes(records="several", source="text")
    def add(self, records: Iterable[Record], *, source: str = "app:own") -> SyncReceipt:
        """Keep records that the app itself made, all of them or none.

        Parameters
        ----------
        records : iterable of Record
            Without a source and without the moment at which they became known: both are filled in.
            Those of `read_export` keep what they have.
        source : str
            Name under which the app's records stand.

        Returns
        -------
        SyncReceipt
            The same as of a pull.

        Raises
        ------
        UsageError
            Something among them is no record, or has another source or a moment of its own.
        StoreError
            The workspace only reads, or the store could not keep them.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> from cxm_core.records import Note
        >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="The hall is cold")
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     receipt = workspace.add([note])
        >>> receipt.applied, receipt.duplicate
        (1, 0)
        """
        return add(self._writable(), only_records(records), source=source, clock=self._now)

    @takes(source="text")
    def replay(self, source: str) -> SyncReceipt:
        """Read the rows of a source that were set aside again, with its mapping as it is now.

        Parameters
        ----------
        source : str
            Name of a source of the program.

        Returns
        -------
        SyncReceipt
            Rows that pass are kept and released; the others stay.

        Raises
        ------
        UsageError
            The program has no such source, or its connector cannot read a row again.
        StoreError
            The workspace only reads, or the store could not keep them; nothing was released.

        Examples
        --------
        >>> with Workspace("examples/sfo/cxm.toml", store="memory:") as workspace:
        ...     workspace.replay("files:sfo").served
        0
        """
        connector = self._connected(source)[source]
        return replay(self._writable(), connector, source=source, clock=self._now)

    @overload
    def measure(
        self,
        metric: str,
        *,
        window: WindowLike | None = None,
        by: None = None,
        every: None = None,
        where: Where | None = None,
        as_of: datetime | str | None = None,
    ) -> Estimate | Any: ...

    @overload
    def measure(
        self,
        metric: str,
        *,
        window: WindowLike | None = None,
        by: str | Sequence[str] | None = None,
        every: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | None = None,
    ) -> Breakdown | Any: ...

    @takes(metric="text", by="names?", every="text?", where="mapping?")
    def measure(
        self,
        metric: str,
        *,
        window: WindowLike | None = None,
        by: str | Sequence[str] | None = None,
        every: str | None = None,
        where: Where | None = None,
        as_of: datetime | str | None = None,
    ) -> Any:
        """Measure one metric of the program, of answers or of a log.

        Parameters
        ----------
        metric : str
            Name of the metric, or of a promise of the program; or of an engine of logs, such as
            ``"resolution_time"``, where the program defines no metric of that name.
        window : str, pair or None
            ``"2026-W46"``, ``"2026-11"``, ``"2026"``, ``"last 28 days"`` or ``(start, end)``,
            half-open, in the program's zone; all there is if None.
        by : str, sequence of str or None
            Columns, or names of attributes, to group by: of responses; of tickets; of the first
            contact of an issue, or of each contact for ``"repeat_contact"``; of the first touch of
            a journey; of messages and of complaints, each by its own.
        every : {"day", "week", "month", "quarter", "year"} or None
            Group by this period, too.
        where : mapping or None
            Column or attribute to the value, or the values, that are wanted; None is a missing one.
            Of issues it is about the first contact.
        as_of : datetime, str or None
            What was known at this instant; what is known now if None.

        Returns
        -------
        Estimate, Breakdown, Panel, Curve, Matrix or Ranking
            With the definition, window and sources in its receipt; a Breakdown if grouped, a Panel
            where a metric is several figures, such as ``"effort"``. To a type checker it is the
            first without groups and the second with them, or anything else.

        Raises
        ------
        UsageError
            There is no such metric, column, attribute or period, the window cannot be read, or the
            log does not hold what the metric needs, such as two channels to compare.

        Notes
        -----
        A word that is no column is taken for an attribute, and refused if no answer to the
        metric's question, or no row of the log, has it.

        The window is about when a ticket, an issue or a journey began; what became of it is
        followed until now, or `as_of`, and what is not over yet by then counts as unfinished.

        A window or period that is not over yet, by the clock or at `as_of`, has the caveat
        ``unfinished``.

        Examples
        --------
        >>> from cxm_core.program import Metric, Program
        >>> nps = Metric(name="nps", engine="nps", question="recommend")
        >>> with Workspace(Program(name="Shop", zone="UTC", metrics=[nps]), store="memory:") as ws:
        ...     result = ws.measure("nps", window="2026-11", by="channel", every="week")
        >>> result.axes, len(result)
        (('channel', 'week'), 0)
        """
        self._fold()
        asked = Asked(
            name=metric,
            now=self._now(),
            by=by,
            every=every,
            where=where,
            as_of=as_of,
            window=self.window(window),
        )
        return measured(self.program, self.store, asked)

    @takes(name="text", where="mapping?")
    def check_map(
        self,
        name: str,
        *,
        window: WindowLike | None = None,
        where: Where | None = None,
        as_of: datetime | str | None = None,
    ) -> Panel:
        """Hold a journey or blueprint of the program against what customers did.

        Parameters
        ----------
        name : str
            Name of the journey or blueprint; or of a metric with the engine ``map_check``, whose
            settings are used wherever it names this map.
        window, where, as_of
            As for `measure`.

        Returns
        -------
        Panel
            What `map_check` tells: coverage, steps that nobody takes, activities that nobody
            declared, and ways back that nobody drew.

        Raises
        ------
        UsageError
            There is no such map, or nobody came to any place of it.

        Notes
        -----
        It is about all cases that came to some place of the map, whichever journey their touches
        carry. A case is everything that one customer did, unless a metric has another `rule`.

        Examples
        --------
        >>> from cxm_core.program import Journey, Program, Touchpoint
        >>> from cxm_core.records import Interaction
        >>> stages = [{"name": "all", "touchpoints": ["look", "pay"]}]
        >>> shop = Program(
        ...     name="Shop",
        ...     zone="UTC",
        ...     touchpoints=[Touchpoint(name="look"), Touchpoint(name="pay")],
        ...     journeys=[Journey(name="buy", stages=stages)],
        ... )
        >>> with Workspace(shop, store="memory:") as workspace:
        ...     receipt = workspace.add(
        ...         Interaction(
        ...             native_id=str(number),
        ...             customer=[("email", f"{number // 2}@example.com")],
        ...             occurred_at=f"2026-11-05T09:0{number}Z",
        ...             activity=word,
        ...         )
        ...         for number, word in enumerate(["look", "ask", "look", "pay"])
        ...     )
        ...     workspace.check_map("buy")["coverage"].value
        0.75
        """
        self._fold()
        asked = Asked(
            name=name,
            now=self._now(),
            where=where,
            as_of=as_of,
            window=self.window(window),
            is_map=True,
        )
        return cast("Panel", measured(self.program, self.store, asked))

    @takes(metric="text", where="mapping?")
    def compare(
        self,
        metric: str,
        before: WindowLike,
        after: WindowLike,
        *,
        where: Where | None = None,
    ) -> Comparison:
        """Change of a metric from one window to another: after minus before.

        Parameters
        ----------
        metric : str
            Name of the metric.
        before, after : window
            As for `measure`.
        where : mapping or None
            As for `measure`.

        Returns
        -------
        Comparison
            With the interval of the change; without a value where a side has no answer.

        Raises
        ------
        UsageError
            There is no such metric, or a window cannot be read.

        Examples
        --------
        >>> from cxm_core.program import Metric, Program
        >>> from cxm_core.records import Response, Score
        >>> nps = Metric(name="nps", engine="nps", question="recommend")
        >>> answers = [("2025-03-01", 10), ("2025-03-02", 3), ("2026-03-01", 9), ("2026-03-02", 8)]
        >>> with Workspace(Program(name="Shop", zone="UTC", metrics=[nps]), store="memory:") as ws:
        ...     receipt = ws.add(
        ...         Response(
        ...             native_id=day,
        ...             occurred_at=f"{day}T12:00Z",
        ...             question="recommend",
        ...             score=Score(value, "0-10"),
        ...         )
        ...         for day, value in answers
        ...     )
        ...     ws.compare("nps", "2025", "2026").value
        50.0
        """
        sides = (self.measure(metric, window=window, where=where) for window in (before, after))
        return compare(*sides)

    def explain_difference(self, a: Estimate, b: Estimate) -> Waterfall:
        """Why two numbers of this workspace differ, measured again from the store.

        Parameters
        ----------
        a, b : Estimate
            What `measure` gave, at whatever time; the gap is `b` less `a`.

        Returns
        -------
        Waterfall
            One step for each difference of their receipts, adding up to the gap.

        Raises
        ------
        UsageError
            A result is not of this workspace's records, one has no value, or their units differ.

        Notes
        -----
        Two numbers that were measured at different times may differ by what became known between;
        that step is called ``late data``.

        Examples
        --------
        >>> from cxm_core.program import Metric, Program
        >>> from cxm_core.records import Response, Score
        >>> nps = Metric(name="nps", engine="nps", question="recommend")
        >>> every = Metric(name="nps_all", engine="nps", question="recommend", of="everyone")
        >>> shop = Program(name="Shop", zone="UTC", metrics=[nps, every])
        >>> with Workspace(shop, store="memory:") as ws:
        ...     receipt = ws.add(
        ...         Response(
        ...             native_id=str(number),
        ...             occurred_at="2026-11-05T09:00Z",
        ...             question="recommend",
        ...             score=None if value is None else Score(value, "0-10"),
        ...             no_answer="no_answer" if value is None else None,
        ...         )
        ...         for number, value in enumerate([10, 9, 8, 3, None])
        ...     )
        ...     print(ws.explain_difference(ws.measure("nps"), ws.measure("nps_all")))
        nps goes from 25.0 (before) to 20.0 points (after), -5.0 points: blank answers -5.0.
        """
        sides = [windowed(side, zone=self.program.zone) for side in (a, b)]
        return explain_difference(*sides, measure=again(self.program, self.store, now=self._now()))

    def headlines(self) -> dict[str, Estimate]:
        """Measure the metrics at the top of the report, in its last window.

        Returns
        -------
        dict of str to Estimate
            By the metrics' names.

        Examples
        --------
        >>> from cxm_core.program import Metric, Program, ReportSettings
        >>> nps = Metric(name="nps", engine="nps", question="recommend")
        >>> top = ReportSettings(headline=["nps"], windows=["2025", "2026"])
        >>> shop = Program(name="Shop", zone="UTC", metrics=[nps], report=top)
        >>> with Workspace(shop, store="memory:") as workspace:
        ...     workspace.headlines()["nps"].receipt.window.label
        '2026'
        """
        windows = self.program.report.windows[-1:] or (None,)
        # Nothing is grouped, so each is one figure.
        return {
            name: cast("Estimate", self.measure(name, window=windows[0]))
            for name in self.program.headline
        }

    @takes(path="path?", tables="path?")
    def report(self, path: str | Path | None = None, *, tables: str | Path | None = None) -> Path:
        """Write the report of the program: one HTML file that needs no network, or Markdown.

        Parameters
        ----------
        path : str, Path or None
            Where it goes; by default where the program says. A name that ends in ``.md`` gives
            Markdown, one in ``.html`` or ``.htm`` HTML.
        tables : str, Path or None
            Folder for the report as Markdown and its tables as CSV and Parquet; none if None.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UsageError
            The file's name ends otherwise.
        MissingExtraError
            The extra ``report`` is not installed, and HTML is asked for.
        ConfigurationError
            The report cannot be written there.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     workspace.report("shop.html").name
        'shop.html'
        """
        target = Path(path) if path else self.program.resolve(self.program.report.path)
        self._fold()
        page = fill_page(self.program, self.store, now=self._now())
        written = write_page(page, target)
        if tables is not None:
            write_tables(page, self.store, Path(tables))
        return written

    @property
    def store_path(self) -> Path | None:
        """File of the store; None for one in memory, or one that was passed in."""
        return self._store_path

    @property
    def opening(self) -> Opening:
        """What was found, and done, when the store was opened."""
        return self.store.opening

    def verify(self) -> Verification:
        """Read everything that the store and its journal hold, and tell what is wrong.

        Returns
        -------
        Verification
            What was read, and findings, each with its cure. Nothing is changed.

        Raises
        ------
        StoreError
            The store is closed, or somebody else holds it.

        Notes
        -----
        Blocks that this process has read already may come from its memory; `cxm store verify`
        reads them all from the disk.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     workspace.verify().is_sound
        True
        """
        return self.store.verify()

    def compact(self) -> Compaction:
        """Write the store anew, so that no byte is left of what `retain` took out.

        It erases nobody: of a record that was deleted by a `Deletion`, or by its source, the
        earlier versions stay in the history and in the journal, so that `as_of` can answer.

        Returns
        -------
        Compaction
            Sizes before and after.

        Raises
        ------
        StoreFull
            There is not enough room for a second file; the store is as it was.
        StoreError
            The workspace only reads, or other threads do not end their reading.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="shop.duckdb") as workspace:
        ...     done = workspace.compact()
        >>> done.bytes_after == Path("shop.duckdb").stat().st_size
        True
        """
        return self._writable().compact()

    def retain(self, *, dry_run: bool = False, trust_clock: bool = False) -> RetentionReport:
        """Delete what is older than the limits in the program's ``[store.retention]``.

        Parameters
        ----------
        dry_run : bool
            Only count.
        trust_clock : bool
            Believe the clock even where no earlier day agrees with it.

        Returns
        -------
        RetentionReport
            What was too old, by kind of record.

        Raises
        ------
        ConfigurationError
            The program has no limits.
        StoreError
            The workspace only reads, or the store could not delete them; nothing was deleted.

        Notes
        -----
        A clock that is more than two days ahead of every earlier day on which the store was
        written is not believed: limits then count from two days after the last of them. A clock
        that jumps ahead so deletes nothing that is due.

        Examples
        --------
        >>> from cxm_core.program import Program, StoreSettings
        >>> settings = StoreSettings(retention={"response": "1095 days"})
        >>> shop = Program(name="Shop", zone="UTC", store=settings)
        >>> with Workspace(shop, store="memory:") as workspace:
        ...     workspace.retain(dry_run=True).rows
        0
        """
        limits = self.program.store.limits
        if not limits:
            raise ConfigurationError(
                "The program sets no limit of keeping.",
                hint="[store.retention] with a line such as: response = '1095 days'",
            )
        store = self.store if dry_run else self._writable()
        return store.retain(limits, dry_run=dry_run, trust_clock=trust_clock)

    @takes(folder="path")
    def export(self, folder: str | Path, *, format: ExportFormat = "jsonl") -> tuple[Path, ...]:  # noqa: A002  (the word of Reader)
        """Write all current records, one file for each kind of them.

        Parameters
        ----------
        folder : str or Path
            Where they go; made if there is none. Files of an earlier export are replaced.
        format : {"jsonl", "csv", "parquet"}
            JSONL has one object a line with sorted keys; CSV is safe to open in a spreadsheet, and
            reads back to the very same records. Both are in the order of the records' ids. Parquet
            is for other programs, and is not read back.

        Returns
        -------
        tuple of Path
            The files. Equal stores give equal bytes.

        Raises
        ------
        UsageError
            There is no such format.
        ConfigurationError
            The folder cannot be written.
        StoreFull
            The disk is full; each file is whole, as it was or new.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> from cxm_core.records import Note
        >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     receipt = workspace.add([note])
        ...     [file.name for file in workspace.export("export")]
        ['note.jsonl']
        """
        return export_records(self.store, Path(folder), format=format)

    @takes(source="text?", reason="text?")
    def quarantined(
        self, source: str | None = None, *, reason: str | None = None
    ) -> tuple[QuarantineEntry, ...]:
        """Rows that are set aside, with the reason, oldest first.

        Parameters
        ----------
        source : str or None
            Only of this source.
        reason : str or None
            Only with this code, such as ``"out_of_scale"``.

        Returns
        -------
        tuple of QuarantineEntry
            They hold the rows as they were served: customers' words and all.

        Raises
        ------
        UsageError
            There is no such source or reason.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     workspace.quarantined(reason="out_of_scale")
        ()
        """
        known = {*self.sources(), *(one.name for one in self.program.sources)}
        _check_word("source", source, known)
        _check_word("reason", reason, [code.value for code in Reason])
        entries = self.store.quarantined(source=source)
        return tuple(entry for entry in entries if reason in (None, entry.reason))

    def sources(self) -> dict[str, str | None]:
        """Sources that the store knows, each with its account.

        Returns
        -------
        dict of str to str or None
            None for a source that names no account.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     receipt = workspace.add([], source="app:till")
        ...     workspace.sources()
        {'app:till': None}
        """
        return {entry.name: entry.account for entry in self.store.sources()}

    def status(self) -> tuple[SyncReceipt, ...]:
        """Tell how each stream stands: the receipt of its last sync.

        Returns
        -------
        tuple of SyncReceipt
            By source and stream; each says what came, whether that was all, and how it is known.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     receipt = workspace.add([], source="app:till")
        ...     [(one.source, one.verdict) for one in workspace.status()]
        [('app:till', 'complete')]
        """
        return tuple(last_receipts(self.store.receipts()))

    @takes(old="text", new="text")
    def rename_source(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name.

        Parameters
        ----------
        old, new : str
            Names such as ``"zendesk:acme"``; the program file is yours to change.

        Raises
        ------
        UsageError
            The store does not know the source.
        ConfigurationError
            The new name is taken, or is none.
        StoreError
            The workspace only reads, or the store could not keep the change.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> with Workspace(Program(name="Shop", zone="UTC"), store="memory:") as workspace:
        ...     receipt = workspace.add([], source="app:till")
        ...     workspace.rename_source("app:till", "app:counter")
        ...     list(workspace.sources())
        ['app:counter']
        """
        self._writable().rename_source(old, new)

    def window(self, window: WindowLike | None) -> Window | None:
        """Read a window in the program's zone; None stays None.

        Parameters
        ----------
        window : str, pair, Window or None
            As for `measure`.

        Returns
        -------
        Window or None
            Half-open, in UTC.

        Raises
        ------
        UsageError
            It cannot be read.

        Examples
        --------
        >>> from cxm_core.program import Program
        >>> shop = Program(name="Shop", zone="America/Los_Angeles")
        >>> with Workspace(shop, store="memory:") as workspace:
        ...     workspace.window("2026-11-05").start.isoformat()
        '2026-11-05T08:00:00+00:00'
        """
        if window is None:
            return None
        return Window.parse(window, zone=self.program.zone, now=self._now())

    def _writable(self) -> Store:
        if self.read_only:
            raise StoreError("This workspace only reads.", hint="open it without read_only=True")
        return self.store

    def _connected(self, sources: str | Iterable[str] | None) -> dict[str, Connector]:
        """Connectors of all sources that are wanted, so that a wrong one stops the first, too."""
        every = [source.name for source in self.program.sources]
        wanted = every if sources is None else names_of(sources)
        runtime = runtime_of(self.program, self._now)
        return {
            name: connect(self.program.source(name), self.connectors, runtime) for name in wanted
        }


def _check_word(what: str, word: str | None, known: Iterable[str]) -> None:
    if word is not None and word not in known:
        raise UsageError(f"There is no {what} {word!r}.", hint=did_you_mean(word, known))
