"""Columns of labels and numbers as an Arrow stream, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cxm_core.errors import UsageError

from ._labels import Label

KEY = b"cxm.tally"


class Column(NamedTuple):
    """A named column of plain values, and how Arrow carries them."""

    name: str
    values: Any
    kind: str


def label_column(name: str, labels: Sequence[Label], codes: Iterable[int]) -> Column:
    """Column of coded labels; labels of mixed types go as JSON, a missing one as null."""
    names = {bool: "boolean", int: "integer", str: "text"}
    found = {names[type(label)] for label in labels if label is not None}
    kind = "json" if len(found) > 1 else found.pop() if found else "text"
    known = [json.dumps(label) if kind == "json" and label is not None else label
             for label in labels]  # fmt: skip
    return Column(name, [known[code] for code in codes], kind)


def plain_column(values: Sequence[Any], kind: str) -> list[Label]:
    """Labels that `label_column` carried."""
    if kind != "json":
        return list(values)
    return [None if value is None else json.loads(value) for value in values]


def to_stream(columns: Sequence[Column], told: Mapping[str, object]) -> Any:
    """Arrow array of `columns` that gives its stream to any reader; names are made distinct."""
    import nanoarrow as na  # noqa: PLC0415  (only who exchanges tallies needs it)

    kinds = {
        "integer": na.int64(),
        "number": na.float64(),
        "boolean": na.bool_(),
        "text": na.string(),
        "json": na.string(),
    }
    names: list[str] = []
    for column in columns:
        names.append(_free_name(column.name, names))
    fields = {name: kinds[c.kind] for name, c in zip(names, columns, strict=True)}
    schema = na.c_schema(na.struct(fields)).modify(metadata={KEY: json.dumps(told).encode()})
    children = [na.c_array(column.values, kinds[column.kind]) for column in columns]
    length = len(columns[0].values)
    return na.Array(na.c_array_from_buffers(schema, length, buffers=[None], children=children))


def from_stream(stream: Any) -> tuple[list[list[Any]], dict[str, Any]]:
    """Columns of an Arrow stream as plain lists, and what its writer told of them."""
    import nanoarrow as na  # noqa: PLC0415

    source = na.ArrayStream(stream)
    told = dict(na.c_schema(source.schema).metadata or {}).get(KEY)
    if told is None:
        raise UsageError(
            "The Arrow stream does not say which tally it holds.",
            hint="some tools drop the schema's metadata; pass plain columns to Tally.from_counts",
        )
    columns = [child.to_pylist() for child in source.read_all().iter_children()]
    return columns, _told(told)


def _told(metadata: bytes) -> dict[str, Any]:
    try:
        told = json.loads(metadata)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise UsageError("What the Arrow stream says of its tally is not JSON.")
    return told


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
