"""Several results about one thing, each with its own unit and its own doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean

from ._caveats import Caveat
from ._frames import Column, Type
from ._plain import as_tuple
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import clean
from ._svg import Bar
from ._svg_stack import stacked


@frozen(kw_only=True, repr=False)
class Panel(Shape):
    """Several results about one thing, by name; there is no index that would add them up.

    Parameters
    ----------
    metric : str
        What they are about.
    parts : mapping of str to result
        Each result, in order, such as ``"contacts"`` and ``"wait"``.
    own_caveats : tuple of Caveat
        What to know before acting on any of them; each part has its own beside these.
    receipt : Receipt
        How they were made; each part has a receipt of its own.

    Raises
    ------
    UsageError
        There is no part.

    Examples
    --------
    >>> import cxm_core as cx
    >>> nps = cx.nps([10, 9, 9, 8, 7, 3] * 20)
    >>> panel = Panel(metric="survey", parts={"loyalty": nps}, receipt=nps.receipt)
    >>> panel.names, panel["loyalty"].n
    (('loyalty',), 120)
    """

    metric: str
    parts: Mapping[str, Shape] = field(converter=dict)
    own_caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    __hash__ = None  # type: ignore[assignment]  # results inside: equal by value, not hashable
    __iter__ = None  # so that panel["wait"] stays the one way in

    def __attrs_post_init__(self) -> None:
        if not self.parts:
            raise UsageError("A panel has no part.")

    def __len__(self) -> int:
        return len(self.parts)

    def __contains__(self, name: object) -> bool:
        return name in self.parts

    def __getitem__(self, name: str) -> Any:
        if name not in self.parts:
            raise UsageError(
                f"The panel has no part {name!r}.", hint=did_you_mean(str(name), self.parts)
            )
        return self.parts[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, in order."""
        return tuple(self.parts)

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """Every caveat of the panel and of its parts, once."""
        own = (*self.own_caveats, *(note for part in self.parts.values() for note in part.notes))
        return tuple(dict.fromkeys(own))

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        return f"Panel({self.metric}: {', '.join(map(clean, self.names))}{codes})"

    def __str__(self) -> str:
        """One line: every part's sentence, one behind the other, and what holds for all of them."""
        notes = (caveat.message for caveat in self.own_caveats)
        return " ".join([f"{self.metric}:", *(str(part) for part in self.parts.values()), *notes])

    def summary(self) -> str:
        """Every part as text for a terminal.

        Returns
        -------
        str
            The summaries of the parts, each under its name.

        Examples
        --------
        >>> import cxm_core as cx
        >>> nps = cx.nps([10, 9, 9, 8, 7, 3] * 20)
        >>> panel = Panel(metric="survey", parts={"loyalty": nps}, receipt=nps.receipt)
        >>> print(panel.summary().splitlines()[1])
        nps 33.3 points, 95% interval 19.3 to 45.9
        """
        told = [f"{clean(name)}\n{part.summary()}" for name, part in self.parts.items()]
        notes = [f"{caveat.code}: {caveat.message}" for caveat in self.own_caveats]
        return "\n\n".join([*told, *(["\n".join(notes)] if notes else [])])

    def to_dict(self) -> dict[str, Any]:
        """The panel as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; each part under its name.

        Examples
        --------
        >>> import cxm_core as cx
        >>> nps = cx.nps([10, 9, 9, 8, 7, 3] * 20)
        >>> panel = Panel(metric="survey", parts={"loyalty": nps}, receipt=nps.receipt)
        >>> panel.to_dict()["parts"]["loyalty"]["n"]
        120
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "panel",
            "metric": self.metric,
            "parts": {name: part.to_dict() for name, part in self.parts.items()},
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _title(self) -> str:
        return self.metric

    def _columns(self) -> list[Column]:
        """Columns of all parts, one below the other; a part without one has no value there."""
        tables = [(name, part._columns()) for name, part in self.parts.items()]  # noqa: SLF001  (parts are shapes as this is)
        named = [name for name, columns in tables for _ in columns[0].values]
        below = [columns for _, columns in tables]
        return [
            Column(name="part", type="text", values=tuple(named)),
            *(_stacked(head, type_, below) for head, type_ in _heads(below).items()),
        ]

    def _bars(self) -> list[Bar]:
        parts = self.parts.values()
        return [one for part in parts for one in part._bars()]  # noqa: SLF001  (shapes as this is)

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        return ["part", "result"], [[name, str(part)] for name, part in self.parts.items()]

    def _interval_picture(self) -> str:
        drawn = {name: part.svg() for name, part in self.parts.items()}
        return stacked(self._title(), str(self), drawn)


def _heads(tables: Sequence[Sequence[Column]]) -> dict[str, Type]:
    """Name of each column of any table, in order, and its type: text where they differ."""
    heads: dict[str, Type] = {}
    for column in (column for columns in tables for column in columns):
        known = heads.setdefault(column.name, column.type)
        heads[column.name] = known if known == column.type else "text"
    return heads


def _stacked(name: str, type_: Type, tables: Sequence[Sequence[Column]]) -> Column:
    values: list[Any] = []
    for columns in tables:
        found = next((column.values for column in columns if column.name == name), None)
        values += [None] * len(columns[0].values) if found is None else found
    if type_ == "text":
        values = [None if value is None else str(value) for value in values]
    return Column(name=name, type=type_, values=tuple(values))
