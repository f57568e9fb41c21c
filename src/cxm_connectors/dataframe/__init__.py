"""A table that the program itself holds: pandas, polars, pyarrow, DuckDB, anything Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from cxm_connectors.mapping import TableConfig, mappings, questions, questions_hash, served
from cxm_core.errors import NotFound
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

__all__ = ["DataFrame", "DataFrameConfig"]

_STREAM = "rows"


class DataFrameConfig(TableConfig):
    """A table in memory, and which of its columns means what.

    Attributes
    ----------
    data : object
        Anything with `__arrow_c_stream__`, or any frame that narwhals reads; a function without
        arguments is called at each sync and gives one.
    query : str or None
        One SELECT over the table `data`, where its rows are not yet what they should be.
    account : str or None
        Whose data these are, so that no other table is taken for them later.
    """

    data: Any = Field(exclude=True, repr=False)
    query: str | None = None
    account: str | None = None


class DataFrame:
    """Source of records that stand in a table in memory.

    The whole table is read at each sync; the store knows again what it has already.

    Parameters
    ----------
    config : DataFrameConfig
        The table, and which column means what.
    runtime : Runtime
        Not used: nothing outside is asked.

    Raises
    ------
    ConfigurationError
        The mapping contradicts itself, or names a field that its record does not have.

    Examples
    --------
    >>> from cxm_core.program import Program
    >>> import cxm_core as cx
    >>> import polars as pl
    >>> answers = pl.DataFrame({"ID": [1, 2, 3], "DAY": ["2026-11-05"] * 3, "NPS": [10, 9, 3]})
    >>> source = {
    ...     "name": "dataframe:survey",
    ...     "config": {
    ...         "data": answers,
    ...         "row": {"id": "ID", "occurred_at": {"column": "DAY", "zone": "Europe/Berlin"}},
    ...         "questions": [{"id": "recommend", "scale": "0-10", "column": "NPS"}],
    ...     },
    ... }
    >>> metric = {"name": "nps", "engine": "nps", "question": "recommend"}
    >>> shop = Program(name="Shop", zone="Europe/Berlin", sources=[source], metrics=[metric])
    >>> with cx.Workspace(shop, store="memory:") as workspace:
    ...     receipts = workspace.sync()
    ...     round(workspace.measure("nps").value, 1)
    33.3
    """

    info: ClassVar[Info] = Info(
        name="dataframe",
        version="1",
        config=DataFrameConfig,
        description="A table in memory: pandas, polars, pyarrow, DuckDB, anything Arrow.",
        guarantees=Guarantees(notes=("The whole table is read at each sync.",)),
    )

    def __init__(self, config: DataFrameConfig, runtime: Runtime) -> None:
        del runtime
        self._config = config
        mappings(config, {}, has_column=lambda _: True)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream: the rows of the table."""
        kinds = {record.kind for record in self._config.records}
        kinds |= {"question", "response"} if self._config.questions else set()
        return (StreamInfo(name=_STREAM, kinds=tuple(sorted(kinds)), description="Rows."),)

    def check(self) -> CheckReport:
        """Look whether there is a table; only the store reads its columns."""
        data = self._config.data
        problems = () if data is not None else ("There are no data.",)
        return CheckReport(account=self._config.account, streams=self.streams(), problems=problems)

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve the table as a whole.

        Parameters
        ----------
        stream : str
            ``"rows"``.
        state : mapping or None
            Hash of the questions that were served before.
        request : ReadRequest
            Not used: a table is read as a whole.

        Yields
        ------
        Question, Table or Checkpoint
            The questions where they are new, then the table.

        Raises
        ------
        SourceError
            The table is not what the mapping expects.
        """
        del request
        if stream != _STREAM:
            raise NotFound(f"There is no stream {stream!r}.", hint=f"the only one is {_STREAM!r}")
        asked = questions_hash(self._config)
        if (state or {}).get("questions") != asked:
            yield from questions(self._config)
            yield Checkpoint({"questions": asked})
        given = self._config.data
        data = given() if callable(given) else given
        error = yield from served(
            self._table(data, frozenset()), lambda missing: self._table(data, missing)
        )
        if error is not None:
            raise error
        yield Checkpoint({"questions": asked}, pages=1, reached_end=True)

    def _table(self, data: object, missing: frozenset[str]) -> Table:
        config = self._config
        names = dict(config.aliases)
        return Table(
            stream=_STREAM,
            reader=Reader(format="object", query=config.query),
            mappings=mappings(
                config,
                {},
                has_column=lambda name: missing.isdisjoint((name, *names.get(name, ()))),
            ),
            aliases=tuple(config.aliases.items()),
            data=data,
        )
