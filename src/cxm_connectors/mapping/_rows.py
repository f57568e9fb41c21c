"""Single rows of another tool, and the records that a user's words make of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from pydantic_core import to_jsonable_python

from cxm_core.plugins import Rejected
from cxm_core.records import Problem, Reason, Record, RowMapping, flat_texts, read_row

from ._config import TableConfig
from ._mapping import mappings

__all__ = ["Rows", "digest"]


def digest(value: object) -> str:
    """Short hash by which a row, or a key, is known again.

    Parameters
    ----------
    value : object
        Plain JSON, or what has a text.

    Returns
    -------
    str
        16 hexadecimal digits.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Rows:
    """Makes records of rows that come one by one.

    Parameters
    ----------
    config : TableConfig
        Which column means what.

    Raises
    ------
    ConfigurationError
        The mapping contradicts itself, or names a field that its record does not have.

    Examples
    --------
    >>> config = TableConfig.model_validate({
    ...     "row": {"id": "id", "occurred_at": "at"},
    ...     "records": [{"kind": "note", "fields": {"text": "words"}}],
    ... })
    >>> rows = Rows(config)
    >>> [record.text for record in rows.read({"id": 1, "at": "2026-11-05T09:00Z", "words": "Hm"})]
    ['Hm']
    """

    def __init__(self, config: TableConfig) -> None:
        self._config = config
        self._aliases = tuple(config.aliases.items())
        self._every = mappings(config, {}, has_column=lambda _: True)
        self._columns = {name for one in self._every for name in one.columns}
        self._by_columns: dict[frozenset[str], tuple[RowMapping, ...]] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of records that rows may become."""
        found = {one.kind for one in self._every} | (
            {"question"} if self._config.questions else set()
        )
        return tuple(sorted(found))

    def read(self, row: Mapping[str, object]) -> Iterator[Record | Rejected]:
        """Give the records of one row, or the row itself with the reason why it is none.

        Parameters
        ----------
        row : mapping
            As the other tool gave it: plain JSON, dates and decimals too.

        Yields
        ------
        Record or Rejected
            One for each mapping that the row has columns for.
        """
        texts = _texts(row)
        if texts is None:
            problem = Problem(Reason.BAD_ROW, None, "The row holds a value that is none of JSON.")
            yield Rejected(kind=self._every[0].kind, raw=_plain(row), problem=problem)
            return
        for mapping in self._fitting(texts):
            made = read_row(mapping, texts, aliases=self._aliases)
            if isinstance(made, Problem):
                yield Rejected(kind=mapping.kind, raw=_plain(row), problem=made)
            else:
                yield made

    def _fitting(self, texts: Mapping[str, object]) -> tuple[RowMapping, ...]:
        """Mappings of a row: what is optional and not there is left out."""
        known = dict(self._aliases)
        there = frozenset(
            name
            for name in self._columns
            if any(other in texts for other in (name, *known.get(name, ())))
        )
        if there not in self._by_columns:
            made = mappings(self._config, {}, has_column=there.__contains__)
            self._by_columns[there] = made
        return self._by_columns[there]


def _texts(row: Mapping[str, object]) -> dict[str, str | None] | None:
    """Texts of a row; times and decimals have the ones that JSON has for them."""
    for known in (dict, to_jsonable_python):
        try:
            return flat_texts(known(row))
        except (ValueError, TypeError, RecursionError):
            continue
    return None


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}
