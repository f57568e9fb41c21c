"""From a configuration to mappings of rows: pure, no file is opened here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from cxm_core.records import Cell, Question, RowMapping, scale_constants

from ._config import ColumnSpec, QuestionSpec, RecordSpec, RowSpec, TableConfig

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_ENVELOPE = ("occurred_at", "recorded_at")
_RESPONSE = (
    *_ENVELOPE,
    "weight",
    "stratum",
    "cluster",
    "touchpoint",
    "channel",
    "journey",
    "stage",
    "interaction",
    "invitation",
    "language",
)
# Counts up when the same configuration begins to mean something else.
_MAPPING_VERSION = 1

HasColumn = Callable[[str], bool]


def mapping_hash(
    config: TableConfig, values: Mapping[str, str], *, places: Collection[str] = ()
) -> str:
    """Hash of all that decides what a table's rows become, but not where its data lie.

    Parameters
    ----------
    config : TableConfig
        The user's words.
    values : mapping of str to str
        What is true of each row of this table.
    places : collection of str
        Fields of the configuration that only say where data lie.

    Returns
    -------
    str
        32 hexadecimal digits; the same for the same meaning, in every version.

    Examples
    --------
    >>> row = {"id": "ID", "occurred_at": "AT"}
    >>> config = TableConfig.model_validate({"row": row, "records": [{"kind": "note"}]})
    >>> len(mapping_hash(config, {}))
    32
    """
    said = config.model_dump(mode="json", exclude=set(places))
    text = json.dumps([_MAPPING_VERSION, said, dict(values)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def questions_hash(config: TableConfig) -> str:
    """Hash of all that decides what the records of the questions hold.

    Parameters
    ----------
    config : TableConfig
        The user's words.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> row = {"id": "ID", "occurred_at": "AT"}
    >>> config = TableConfig.model_validate({"row": row, "records": [{"kind": "note"}]})
    >>> len(questions_hash(config))
    32
    """
    said = [question.model_dump(mode="json") for question in config.questions]
    return hashlib.sha256(json.dumps([_MAPPING_VERSION, said]).encode()).hexdigest()[:32]


def questions(config: TableConfig) -> Iterator[Question]:
    """Records of the questions themselves.

    Parameters
    ----------
    config : TableConfig
        The user's words.

    Yields
    ------
    Question
        In the order in which they were named.

    Examples
    --------
    >>> config = TableConfig.model_validate({
    ...     "row": {"id": "ID", "occurred_at": "AT"},
    ...     "questions": [{"id": "easy", "scale": "1-7", "column": "EASY"}],
    ... })
    >>> [question.native_id for question in questions(config)]
    ['easy']
    """
    for question in config.questions:
        yield Question(
            native_id=question.id,
            text=question.text,
            version=question.version,
            scale=question.scale,
            form="scale" if question.scale else "open",
            touchpoint=question.touchpoint,
        )


def mappings(
    config: TableConfig, values: Mapping[str, str], *, has_column: HasColumn
) -> tuple[RowMapping, ...]:
    """Mappings of one table; what is optional and has no column there is left out.

    Parameters
    ----------
    config : TableConfig
        The user's words.
    values : mapping of str to str
        What is true of each row of this table, filled in where a template names it.
    has_column : callable
        Tells whether the table has a column, under any of its names.

    Returns
    -------
    tuple of RowMapping
        One for each question and each other record.

    Raises
    ------
    ConfigurationError
        A field or a kind of record is unknown, or a template is none.

    Examples
    --------
    >>> config = TableConfig.model_validate({
    ...     "row": {"id": "ID", "occurred_at": "AT"},
    ...     "questions": [{"id": "easy", "scale": "1-7", "column": "EASY"}],
    ... })
    >>> mappings(config, {}, has_column=lambda name: True)[0].columns
    ('ID', 'AT', 'EASY')
    """
    every = [
        *(
            (_response(config.row, question, values), question.optional)
            for question in config.questions
        ),
        *((_record(config.row, record, values), record.optional) for record in config.records),
    ]
    shared = {name for spec in _shared(config.row) for name in _cell(spec, values).columns}
    return tuple(
        mapping
        for mapping, is_optional in every
        if not is_optional or all(has_column(name) for name in set(mapping.columns) - shared)
    )


def _shared(row: RowSpec) -> Iterator[ColumnSpec]:
    named = (getattr(row, name) for name in ("id", *_RESPONSE))
    yield from (spec for spec in named if spec is not None)
    yield from row.customer.values()
    yield from row.attributes.values()


def _response(row: RowSpec, question: QuestionSpec, values: Mapping[str, str]) -> RowMapping:
    cells = {name: spec for name in _RESPONSE if (spec := getattr(row, name)) is not None}
    constants: dict[str, str | int] = {
        "question": question.id,
        "question_version": question.version,
    }
    if question.touchpoint is not None:
        constants["touchpoint"] = question.touchpoint
        cells.pop("touchpoint", None)
    if question.verbatim is not None:
        cells["verbatim"] = question.verbatim
    # A response is one answer, so its id is the row's with the question's behind it.
    own_id = Cell(template=_template(row.id, values) + "/" + _literal(question.id))
    score = () if question.column is None else (("score_value", _score(question, values)),)
    scale = () if question.column is None else scale_constants(question.scale or "")
    return RowMapping(
        kind="response",
        cells=(("native_id", own_id), *_cells(cells, values), *score),
        constants=(*constants.items(), *scale),
        attributes=_cells(row.attributes, values),
        customer=_cells(row.customer, values),
    )


def _score(question: QuestionSpec, values: Mapping[str, str]) -> Cell:
    column = question.column or ColumnSpec(constant="")
    missing = {"": "no_answer", **column.missing, **question.missing}
    return Cell(template=_template(column, values), missing=tuple(sorted(missing.items())))


def _record(row: RowSpec, record: RecordSpec, values: Mapping[str, str]) -> RowMapping:
    envelope = {
        name: spec
        for name in _ENVELOPE
        if (spec := getattr(record, name) or getattr(row, name)) is not None
    }
    customer = row.customer if record.customer is None else record.customer
    return RowMapping(
        kind=record.kind,
        cells=_cells({"native_id": record.id or row.id, **envelope, **record.fields}, values),
        attributes=_cells(record.attributes, values),
        customer=_cells(customer, values),
    )


def _cells(
    specs: Mapping[str, ColumnSpec], values: Mapping[str, str]
) -> tuple[tuple[str, Cell], ...]:
    return tuple((name, _cell(spec, values)) for name, spec in specs.items())


def _cell(spec: ColumnSpec, values: Mapping[str, str]) -> Cell:
    return Cell(
        template=_template(spec, values),
        format=spec.format,
        zone=spec.zone,
        missing=tuple(sorted(spec.missing.items())),
    )


def _template(spec: ColumnSpec, values: Mapping[str, str]) -> str:
    """Template of a cell: a bare name is a column, and what the file's values name is filled in."""
    if spec.constant is not None:
        return _literal(spec.constant)
    text = spec.column or ""
    if "{" not in text and "}" not in text:
        return "{" + text + "}"
    return _PLACE.sub(lambda match: _filled(match, values), text)


def _filled(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match[1]
    return _literal(values[name]) if name in values else match[0]


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
