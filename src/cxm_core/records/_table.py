"""What a connector says about bulk data: where it is, and how each row becomes records.

Nothing here reads anything; the store does, and `read_row` for a single row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, did_you_mean

from ._mappings import RowMapping

Format = Literal["csv", "jsonl", "parquet", "arrow", "duckdb", "object"]
Aliases = tuple[tuple[str, tuple[str, ...]], ...]
# A million characters, the longest text of a record, take at most four times as many bytes.
MAX_CELL_BYTES = 4_000_000


def _aliases(
    aliases: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]],
) -> Aliases:
    pairs = aliases.items() if isinstance(aliases, Mapping) else aliases
    return tuple((name, tuple(others)) for name, others in pairs)


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _mappings(mappings: Iterable[RowMapping]) -> tuple[RowMapping, ...]:
    return tuple(mappings)


@frozen(kw_only=True)
class Reader:
    """How the files of a table are to be read.

    Attributes
    ----------
    format : {"csv", "jsonl", "parquet", "arrow", "duckdb", "object"}
        Format of the files; `object` where the data are handed over in memory.
    paths : tuple of str
        Files, read in this order as one table; none for `object`.
    encoding : str
        Of text files, as Python names it.
    delimiter, quote : str
        One character each, of CSV.
    header : bool
        Whether the first line of a CSV file names the columns; without it they are `column0`,
        `column1` and so on.
    max_cell_bytes : int
        A row with a longer cell is set aside as `too_large`.
    query : str or None
        One SELECT that makes the rows: of the tables of a DuckDB file, which needs it, or of the
        table `data`, which is what was handed over. It sees nothing else.

    Raises
    ------
    ConfigurationError
        The format is unknown, there are no paths, a mark is not one character, or a query is
        missing or out of place.
    """

    format: Format
    paths: tuple[str, ...] = field(default=(), converter=_texts)
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    max_cell_bytes: int = MAX_CELL_BYTES
    query: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.format not in get_args(Format):
            raise ConfigurationError(
                f"No reader is for the format {self.format!r}.",
                hint=did_you_mean(str(self.format), get_args(Format)),
            )
        if (self.format == "object") == bool(self.paths):
            raise ConfigurationError("A reader of files needs paths, one of an object has none.")
        if len(self.delimiter) != 1 or len(self.quote) != 1:
            raise ConfigurationError("A delimiter and a quote are one character each.")
        if self.max_cell_bytes < 1:
            raise ConfigurationError("The largest cell has at least one byte.")
        if self.query is None and self.format == "duckdb":
            raise ConfigurationError(
                "A database needs a query.", hint="query = 'FROM a_schema.a_table'"
            )
        if self.query is not None and self.format not in ("duckdb", "object"):
            raise ConfigurationError(f"Nothing can be asked of the format {self.format!r}.")


@frozen(kw_only=True)
class Table:
    """Bulk data that a connector describes and the store reads.

    Attributes
    ----------
    stream : str
        Stream of the connector to which the data belong.
    reader : Reader
        How to read them.
    mappings : tuple of RowMapping
        What each row becomes: one record a mapping.
    aliases : tuple of pairs of str and tuple of str
        Column as the mappings name it, and the names that it has in other files.
    data : object or None
        The data themselves, anything with `__arrow_c_stream__`, where the format is `object`.

    Raises
    ------
    ConfigurationError
        There is no mapping, or data and format do not fit.
    """

    stream: str
    reader: Reader
    mappings: tuple[RowMapping, ...] = field(converter=_mappings)
    aliases: Aliases = field(default=(), converter=_aliases)
    data: object = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.mappings:
            raise ConfigurationError(f"The table {self.stream!r} has no mapping.")
        if (self.reader.format == "object") != (self.data is not None):
            raise ConfigurationError(
                f"The table {self.stream!r} has data without a reader of objects, or the reverse."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the mappings need, by the names they use, each once."""
        return tuple(dict.fromkeys(name for one in self.mappings for name in one.columns))

    def names_of(self, column: str) -> tuple[str, ...]:
        """All names under which a column may stand in a file, its own first."""
        return (column, *dict(self.aliases).get(column, ()))
