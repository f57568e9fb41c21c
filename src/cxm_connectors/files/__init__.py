"""Surveys and other records that lie in files: CSV, JSONL, Parquet, Arrow.

Each file is one table; it is served again as a whole when its content or its mapping changed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import ClassVar

from attrs import frozen

from cxm_connectors.mapping import mapping_hash, mappings, questions, questions_hash, served
from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    NotFound,
    RetryableError,
    SourceError,
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
from cxm_core.records import Problem, Reader, Reason, Record, Table, flat_texts, read_row

from ._config import FilesConfig
from ._expectations import absence, absent_columns, check_columns, check_times, unreadable
from ._files import DataFile, Stamp, find_files, fingerprint, stamp
from ._heads import Head, delimiter_of, read_head
from ._memory import Memory, Seen
from ._sniff import propose

__all__ = ["Files", "FilesConfig"]

_STREAM = "rows"


@frozen
class _Fresh:
    """A file that is new to us, as it was when it was looked at."""

    file: DataFile
    seen: Seen
    stamp: Stamp
    table: Table

    def check_unchanged(self) -> None:
        """Raise `RetryableError` where somebody wrote to the file meanwhile."""
        if stamp(self.file) != self.stamp:
            raise RetryableError(
                f"The file {self.file.name!r} changed while it was read.",
                hint="sync again when it is written to the end",
            )


class Files:
    r"""Source of records that lie in files.

    Files are those that the program names, and only within the program's folder: a path or a
    pattern that leads out of it, also through a link, is refused before any file is opened, and an
    absolute path is allowed where it leads into the folder. No value of a row ever names a file.
    Only regular files are opened. Archives, workbooks and XML are refused: no reader for them is
    ever loaded. A file packed by gzip that unpacks to more than 200 times its size is refused, and
    so is one that changes while it is read; the next sync reads it again.

    Parameters
    ----------
    config : FilesConfig
        Where the files are, and which column means what.
    runtime : Runtime
        Its `root` is the folder in which the files lie.

    Raises
    ------
    ConfigurationError
        The mapping contradicts itself, or names a field that its record does not have.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cxm_core.plugins import Runtime, build
    >>> config = {
    ...     "files": ["answers.csv"],
    ...     "row": {"id": "ID", "occurred_at": {"column": "DAY", "zone": "Europe/Berlin"}},
    ...     "questions": [{"id": "recommend", "scale": "0-10", "column": "RECOMEND"}],
    ... }
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "answers.csv").write_text("ID,DAY,RECOMMEND\n1,2026-11-05,9\n")
    ...     runtime = Runtime(clock=lambda: datetime.now(UTC), root=Path(folder))
    ...     build(Files, config, runtime).check().problems
    ("The file 'answers.csv' lacks the column 'RECOMEND'. Did you mean 'RECOMMEND'?",)
    """

    info: ClassVar[Info] = Info(
        name="files",
        version="1",
        config=FilesConfig,
        description="CSV, JSONL, Parquet and Arrow files with a declared mapping.",
        guarantees=Guarantees(
            notes=("A file is read again as a whole when its content or its mapping changed.",)
        ),
    )
    propose = staticmethod(propose)

    def __init__(self, config: FilesConfig, runtime: Runtime) -> None:
        self._config = config
        self._root = runtime.root
        # A mapping that cannot be is found before any file is opened.
        for spec in config.files:
            mappings(config, spec.values, has_column=lambda _: True)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream: the rows of all files."""
        kinds = {record.kind for record in self._config.records}
        kinds |= {"question", "response"} if self._config.questions else set()
        return (StreamInfo(name=_STREAM, kinds=tuple(sorted(kinds)), description="Rows of files."),)

    def check(self) -> CheckReport:
        """Open each file and compare its columns with the mapping."""
        return CheckReport(streams=self.streams(), problems=tuple(self._problems()))

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve each file whose content or mapping is new, as a whole.

        Parameters
        ----------
        stream : str
            ``"rows"``.
        state : mapping or None
            Fingerprints of the files that were served before.
        request : ReadRequest
            Not used: a file is read as a whole.

        Yields
        ------
        Question, Table or Checkpoint
            The questions where they are new, then a table and a checkpoint for each new file.

        Raises
        ------
        ConfigurationError
            A path leads out of the root, or a time can be read in two ways; nothing was served.
        FatalError
            A file is not there or is not what its mapping expects; all others were served before.
        """
        del request
        if stream != _STREAM:
            raise NotFound(f"There is no stream {stream!r}.", hint=f"the only one is {_STREAM!r}")
        memory = Memory.of(state)
        files, lost = find_files(self._config, root=self._root)
        fresh, unchanged = self._sorted(files, memory, lost)
        asked = questions_hash(self._config)
        if self._config.questions and memory.questions != asked:
            memory = memory.with_questions(asked)
            yield from questions(self._config)
            yield Checkpoint(memory.state)
        for one in fresh:
            error = yield from self._served(one)
            if error is not None:
                # A file that cannot be read keeps none of the others back.
                lost.append(error)
                continue
            one.check_unchanged()
            memory = memory.with_file(one.file.name, one.seen)
            is_end = one is fresh[-1] and not (unchanged or lost)
            yield Checkpoint(memory.state, reached_end=is_end or None)
        if unchanged:
            yield Checkpoint(
                memory.state, unchanged=unchanged, note=_told(unchanged), reached_end=not lost
            )
        if lost:
            raise lost[0]

    def reread(self, kind: str, row: State, *, position: str) -> Iterator[Record | Problem]:
        """Read a row that was set aside by the mappings as they are now.

        Parameters
        ----------
        kind : str
            Kind of record that it should have become.
        row : mapping
            The row as it was served.
        position : str
            File and number of the row, such as ``answers.csv:17``.

        Yields
        ------
        Record or Problem
            What each mapping of the kind makes of it.
        """
        # A line of JSON is kept as it was served; a row of texts stays as it is.
        texts = flat_texts(row)
        aliases = tuple(self._config.aliases.items())
        several = self._values_of(position.rpartition(":")[0])
        if len(several) > 1:
            # Only its id can tell which of them is meant; a row without one stays set aside.
            yield Problem(Reason.BAD_ROW, None, "Files with other values share its file's name.")
        for values in several:
            made = mappings(
                self._config,
                values,
                has_column=lambda name: any(n in texts for n in self._names_of(name)),
            )
            for mapping in made:
                if mapping.kind == kind:
                    yield read_row(mapping, texts, aliases=aliases)

    def _values_of(self, file_name: str) -> list[dict[str, str]]:
        """Values of the files of that name: one of them, unless files in two folders share it."""
        files, _ = find_files(self._config, root=self._root)
        found = [dict(file.values) for file in files if _shown(file.path.name) == file_name]
        # A file that is gone is known by its path in the configuration.
        found = found or [
            spec.values
            for spec in self._config.files
            if fnmatchcase(file_name, _shown(PurePath(spec.path).name))
        ]
        return [values for at, values in enumerate(found) if values not in found[:at]]

    def _names_of(self, column: str) -> tuple[str, ...]:
        return (column, *self._config.aliases.get(column, ()))

    def _sorted(
        self, files: list[DataFile], memory: Memory, lost: list[SourceError]
    ) -> tuple[list[_Fresh], tuple[str, ...]]:
        """Files to serve, and names of those that are as they were; what fails goes to `lost`."""
        fresh: list[_Fresh] = []
        unchanged: list[str] = []
        for file in files:
            try:
                one = self._looked_at(file, memory)
            except SourceError as error:
                lost.append(error)
                continue
            if one is None:
                unchanged.append(file.name)
            else:
                fresh.append(one)
        return fresh, tuple(unchanged)

    def _looked_at(self, file: DataFile, memory: Memory) -> _Fresh | None:
        before = stamp(file)
        found = fingerprint(file)
        seen = Seen(
            found.sha256,
            found.bytes,
            mapping_hash(self._config, dict(file.values), places={"files"}),
        )
        if memory.files.get(file.name) == seen:
            return None
        return _Fresh(file, seen, before, self._checked(file)[0])

    def _served(self, one: _Fresh) -> Generator[Item, None, SourceError | None]:
        return served(one.table, lambda missing: self._table(one.file, has=missing.isdisjoint))

    def _checked(self, file: DataFile) -> tuple[Table, Head]:
        """Describe one file, once it has proved to have what the mapping expects."""
        head = read_head(file, self._config)
        table = self._table(file, has=head.has)
        check_columns(table, head, name=file.name)
        check_times(table, head, name=file.name)
        return table, head

    def _table(self, file: DataFile, *, has: Callable[[tuple[str, ...]], bool]) -> Table:
        config = self._config
        return Table(
            stream=_STREAM,
            reader=Reader(
                format=file.format,
                paths=(str(file.path),),
                encoding=config.encoding,
                delimiter=delimiter_of(file, config),
                quote=config.quote,
                max_cell_bytes=config.max_cell_bytes,
            ),
            mappings=mappings(
                config, dict(file.values), has_column=lambda name: has(self._names_of(name))
            ),
            aliases=tuple(config.aliases.items()),
        )

    def _problems(self) -> Iterator[str]:
        try:
            files, lost = find_files(self._config, root=self._root)
        except ConfigurationError as error:
            yield _sentence(error)
            return
        yield from map(_sentence, lost)
        for file in files:
            try:
                table, head = self._checked(file)
            except (ConfigurationError, SourceError) as error:
                yield _sentence(error)
            else:
                yield from absence(absent_columns(table, head), name=file.name)
                yield from unreadable(head, name=file.name, encoding=self._config.encoding)


def _shown(name: str) -> str:
    """Name as a position shows it: on one line, whatever the file is called."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _sentence(error: CxmError) -> str:
    hint = f" {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else ""
    return error.message + hint


def _told(unchanged: tuple[str, ...]) -> str:
    return f"unchanged: {len(unchanged)} file{'s' if len(unchanged) > 1 else ''}"
