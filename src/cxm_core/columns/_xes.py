"""Event logs as XES, the standard of process mining: read without DTD and entities, and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from xml.parsers import expat

import numpy as np

from cxm_core.errors import UsageError
from cxm_core.vocabulary import in_utc

from ._events import ACTIVITY, AT, CASE, POSITION, EventLog, instant_column
from ._log_table import LogTable
from ._objects import Column, from_objects

#: What process mining calls the columns of an event log.
NAME, TIME = "concept:name", "time:timestamp"

_DEEPEST = 50
_TYPES = {"string": str, "id": str, "int": int, "float": float}
_ATTRIBUTES = (*_TYPES, "date", "boolean")
# What XML 1.0 cannot hold, not even as a reference.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<classifier name="Activity" keys="concept:name"/>
"""


class _Reader:
    """Gathers traces and events while the document goes by."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.trace: dict[str, Any] = {}
        self.event: dict[str, Any] = {}
        self.rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.bad = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        word = name.rpartition("}")[2]
        self.path.append(word)
        if len(self.path) > _DEEPEST:
            raise UsageError(f"The XES is nested deeper than {_DEEPEST} elements.")
        inside = tuple(self.path[1:-1])
        if word == "trace" and not inside:
            self.trace = {}
        elif word == "event" and inside == ("trace",):
            self.event = {}
        elif word in _ATTRIBUTES and inside in (("trace",), ("trace", "event")):
            self._keep(word, attributes, self.trace if len(inside) == 1 else self.event)

    def _keep(self, word: str, attributes: dict[str, str], into: dict[str, Any]) -> None:
        key, text = attributes.get("key"), attributes.get("value")
        if key is None or text is None:
            self.bad += 1
            return
        try:
            into[key] = _value(word, text)
        except (ValueError, OverflowError):
            self.bad += 1

    def end(self, _: str) -> None:
        if self.path == ["log", "trace", "event"]:
            self.rows.append((self.trace, self.event))
        self.path.pop()

    def refuse(self, *_: object) -> None:
        raise UsageError(
            "The XES declares a document type or entities, which no event log needs.",
            hint="export the log anew, without a DTD",
        )


def _value(word: str, text: str) -> Any:
    if word == "date":
        at = datetime.fromisoformat(text)
        return in_utc(at if at.utcoffset() is not None else at.replace(tzinfo=UTC))
    if word == "boolean":
        return text.lower() == "true"
    return _TYPES[word](text)


def read_xes(content: str | bytes) -> LogTable:
    """Events of an XES document, a row each.

    Parameters
    ----------
    content : str or bytes
        The document.

    Returns
    -------
    LogTable
        `case`, `activity`, `occurred_at` and `position`, then every other attribute by its key,
        those of a trace with ``case:`` in front.

    Raises
    ------
    UsageError
        It is no XML, has a document type or entities, or is no XES.

    Examples
    --------
    >>> log = read_xes('<log><trace><string key="concept:name" value="a"/><event>'
    ...     '<string key="concept:name" value="paid"/></event></trace></log>')
    >>> log.column("activity").values.tolist()
    ['paid']
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8" if isinstance(content, str) else None, "}")
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.refuse
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    try:
        parser.Parse(data, True)  # noqa: FBT003  (a C function without keywords)
    except expat.ExpatError as error:
        raise UsageError(
            f"Line {error.lineno} is not XML: {expat.ErrorString(error.code)}."
        ) from None
    if not reader.rows:
        raise UsageError("The document has no event of a trace.", hint="is it XES?")
    return _table(reader)


def _table(reader: _Reader) -> LogTable:
    """Columns of the rows; what a row has not is missing."""
    rows = [
        {**{f"case:{key}": value for key, value in trace.items()}, **event}
        for trace, event in reader.rows
    ]
    keys = dict.fromkeys(key for row in rows for key in row)
    named = {f"case:{NAME}": CASE, NAME: ACTIVITY, TIME: AT}
    keys = dict.fromkeys([*named, *keys])
    columns = {named.get(key, key): _column([row.get(key) for row in rows]) for key in keys}
    columns[POSITION] = Column(
        values=np.arange(1, len(rows) + 1), is_missing=np.zeros(len(rows), np.bool_)
    )
    left_out = (("attributes without a value", reader.bad),) if reader.bad else ()
    return LogTable(columns=columns, steps=(("events", len(rows)),), exclusions=left_out)


def _column(values: list[Any]) -> Column:
    if any(isinstance(value, datetime) for value in values):
        known = [value if isinstance(value, datetime) else None for value in values]
        stamps = [0 if at is None else _micro(at) for at in known]
        made = instant_column(np.array(stamps, np.int64))
        gone = np.array([at is None for at in known], np.bool_)
        return Column(values=made.values, is_missing=gone, is_utc=True)
    return from_objects(values, "an attribute")


def _micro(at: datetime) -> int:
    return int(np.datetime64(at.replace(tzinfo=None), "us").astype(np.int64))


def write_xes(log: EventLog, more: Sequence[str] = ()) -> str:
    """Event log as an XES document.

    Parameters
    ----------
    log : EventLog
        The log.
    more : sequence of str
        Columns of the events that go along.

    Returns
    -------
    str
        A trace for each case, its events in order.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cxm_core.columns import EventColumns, read_events
    >>> log = {"case": [1], "activity": ["paid"], "occurred_at": [datetime(2026, 1, 1)]}
    >>> document = write_xes(read_events(log, EventColumns()))
    >>> read_xes(document).column("case").values.tolist()
    [1]
    """
    return "".join(_lines(log, [log.column(name) for name in more], more))


def _lines(log: EventLog, more: Sequence[Column], names: Sequence[str]) -> Iterator[str]:
    yield _HEAD
    cases = log.cases.column(CASE).values.tolist()
    stamps = log.times.astype("datetime64[us]")
    starts = log.chains.starts.tolist()
    states = log.chains.states.tolist()
    for case, first, last in zip(cases, starts, starts[1:], strict=False):
        yield f"<trace>\n{_written(NAME, case)}"
        for row in range(first, last):
            yield "<event>" + _written(NAME, log.activities[states[row]])
            yield f'<date key="{TIME}" value="{stamps[row]}+00:00"/>'
            for name, column in zip(names, more, strict=True):
                if not column.is_missing[row]:
                    yield _written(name, column.values[row])
            yield "</event>\n"
        yield "</trace>\n"
    yield "</log>\n"


def _written(key: str, value: Any) -> str:
    """One attribute; a time is text in a column of its own."""
    plain = value.item() if isinstance(value, np.generic) else value
    kinds = {bool: "boolean", int: "int", float: "float"}
    kind = kinds.get(type(plain), "string")
    text = str(plain).lower() if kind == "boolean" else str(plain)
    return f'<{kind} key="{_safe(key)}" value="{_safe(text)}"/>'


def _safe(text: str) -> str:
    known = escape(_IMPOSSIBLE.sub("\ufffd", text))
    return known.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
