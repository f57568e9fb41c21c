"""How one row of a source becomes one record: cells, constants, attributes, identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, did_you_mean
from cxm_core.vocabulary import IdentifierKind, Scale

from ._cells import Cell
from ._check import check_columns
from ._describe import describe
from ._description import Plain, RecordDescription, Together
from ._kinds import record_class
from ._times import TimeFormat

Cells = tuple[tuple[str, Cell], ...]
Constants = tuple[tuple[str, Plain], ...]


def _cells(cells: Mapping[str, Cell] | Iterable[tuple[str, Cell]]) -> Cells:
    return tuple(cells.items() if isinstance(cells, Mapping) else cells)


def _constants(constants: Mapping[str, Plain] | Iterable[tuple[str, Plain]]) -> Constants:
    return tuple(constants.items() if isinstance(constants, Mapping) else constants)


@frozen(kw_only=True, cache_hash=True)
class RowMapping:
    """How one row of a source becomes one record.

    Attributes
    ----------
    kind : str
        Kind of record.
    cells : tuple of pairs of str and Cell, or a mapping
        Column of the record, as `describe` names it, and where its text comes from.
    constants : tuple of pairs of str and plain value
        Columns that hold the same value in every row. One that stands together with others, as a
        scale with its score, only holds it where a cell of that group does; so a score that is
        missing leaves no scale behind.
    attributes : tuple of pairs of str and Cell
        Attributes by name; their values are text.
    customer : tuple of pairs of str and Cell
        Kind of identifier and where its text comes from.

    Raises
    ------
    ConfigurationError
        A column is unknown, told twice, a list, or has a constant that it cannot hold.

    Notes
    -----
    Where the cell of `score_value` holds a missing code, there is no score, and the reason's word
    goes to `no_answer`.

    Examples
    --------
    >>> mapping = RowMapping(
    ...     kind="response",
    ...     cells=(
    ...         ("native_id", Cell(template="{ID}:Q1")),
    ...         ("occurred_at", Cell(template="{DAY}", zone="UTC")),
    ...         ("score_value", Cell(template="{Q1}")),
    ...     ),
    ...     constants=scale_constants("1-5"),
    ... )
    >>> mapping.columns
    ('ID', 'DAY', 'Q1')
    """

    kind: str
    cells: Cells = field(default=(), converter=_cells)
    constants: Constants = field(default=(), converter=_constants)
    attributes: Cells = field(default=(), converter=_cells)
    customer: Cells = field(default=(), converter=_cells)

    def __attrs_post_init__(self) -> None:
        description = self.description
        names = [name for name, _ in (*self.cells, *self.constants)]
        if self.fills_no_answer:
            names.append("no_answer")
        _check_names(description, names)
        _check_complete(description, names)
        _check_identifiers(self.customer)
        _check_epochs(description, self.cells)
        _check_constants(self.kind, dict(self.constants))
        if self.attributes and description.field("attributes") is None:
            raise ConfigurationError(f"A {self.kind} has no attributes.")

    @property
    def description(self) -> RecordDescription:
        """Description of the kind of record."""
        return describe(record_class(self.kind))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the source that the mapping needs, each once."""
        groups = (*self.cells, *self.attributes, *self.customer)
        return tuple(dict.fromkeys(name for _, cell in groups for name in cell.columns))

    @property
    def has_epoch(self) -> bool:
        """Whether a time is told as a number since 1970."""
        return any(TimeFormat.of(cell.format or "iso").is_epoch for _, cell in self.cells)

    @property
    def fills_no_answer(self) -> bool:
        """Whether a missing code of the score is kept as the word of `no_answer`."""
        score = dict(self.cells).get("score_value")
        has_word = self.description.field("no_answer") is not None
        return score is not None and bool(score.missing) and has_word


def _check_names(description: RecordDescription, names: list[str]) -> None:
    for name in names:
        column = description.field(name)
        if column is None:
            raise ConfigurationError(
                f"A {description.kind} has no column {name!r}.",
                hint=did_you_mean(name, description.names),
            )
        if column.type == "json":
            raise ConfigurationError(
                f"{name!r} of a {description.kind} is a list; no cell can hold it.",
                hint="attributes and customer have mappings of their own",
            )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(
            f"{twice[0]!r} of a {description.kind} is told twice.",
            hint="missing codes of score_value fill no_answer" if "no_answer" in twice else None,
        )


def _check_epochs(description: RecordDescription, cells: Cells) -> None:
    for name, cell in cells:
        column = description.field(name)
        is_epoch = TimeFormat.of(cell.format or "iso").is_epoch
        if is_epoch and (column is None or column.type != "instant"):
            raise ConfigurationError(
                f"{name!r} of a {description.kind} is no instant, so no number since 1970 is one."
            )


def _check_identifiers(customer: Cells) -> None:
    unknown = [kind for kind, _ in customer if kind not in list(IdentifierKind)]
    if unknown:
        raise ConfigurationError(
            f"No identifier is of kind {unknown[0]!r}.",
            hint=did_you_mean(unknown[0], list(IdentifierKind)),
        )


def _check_complete(description: RecordDescription, names: list[str]) -> None:
    lacking = [
        column.name
        for column in description.fields
        if not (column.is_nullable or column.name in names) and column.default is None
    ]
    groups = [rule.fields for rule in description.rules if isinstance(rule, Together)]
    for group in groups:
        if any(name in names for name in group):
            lacking += [name for name in group if name not in names]
    if lacking:
        raise ConfigurationError(
            f"The mapping of a {description.kind} does not say where {lacking[0]!r} comes from.",
            hint="scale_constants(...) gives a score its scale" if "_" in lacking[0] else None,
        )


def _check_constants(kind: str, constants: dict[str, Plain]) -> None:
    problems = check_columns(kind, constants)
    if problems:
        raise ConfigurationError(f"A constant of a {kind} cannot be: {problems[0].message}")


def scale_constants(scale: str | Scale, *, name: str = "score") -> Constants:
    """Constants of a mapping that give a score its scale.

    Parameters
    ----------
    scale : Scale or str
        The scale, or its code.
    name : str
        Name of the score in the record.

    Returns
    -------
    tuple of pairs of str and plain value
        Low, high and code.

    Raises
    ------
    UsageError
        The text is no scale.

    Examples
    --------
    >>> scale_constants("1-5")
    (('score_low', 1), ('score_high', 5), ('score_scale', '1-5'))
    """
    read = Scale.parse(scale)
    return ((f"{name}_low", read.low), (f"{name}_high", read.high), (f"{name}_scale", read.code))
