"""Who answered both times."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import Answers, Design, Missing, read_answers
from cxm_core.errors import UsageError
from cxm_core.stats import Label

from ._order import Order

_UNMATCHED = "answered only once"

Paired: TypeAlias = Literal[True] | tuple[object, object] | None


class Asked(NamedTuple):
    """What is asked of pairs: which metric, who is whom, and how."""

    order: Order
    paired: object
    missing: Missing
    clusters: object
    method: str


class Pairs(NamedTuple):
    """Places of the people who answered both times, and why other rows are no pair."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    rows: int
    alone: int
    nameless: int = 0

    @property
    def exclusions(self) -> tuple[tuple[str, int], ...]:
        """Rows in no pair, by why; with twice the pairs they are all rows of both sides."""
        blank = self.rows - 2 * self.before.size - self.alone - self.nameless
        told = (("no answer", blank), ("no identifier", self.nameless), (_UNMATCHED, self.alone))
        return tuple((reason, count) for reason, count in told if count)


def read_sides(before: object, after: object, asked: Asked) -> list[Answers]:
    """Answers of both sides, with the identifiers of the people if these are named."""
    paired = asked.paired
    if isinstance(paired, bool):
        keys: tuple[Any, ...] = (None, None)
    elif isinstance(paired, tuple | list) and len(paired) == 2:
        keys = tuple({"identifier": part} for part in paired)
    else:
        raise UsageError(
            "paired= names the people of neither side.",
            hint="paired=True if both have one row a person, in one order; "
            "or paired=(identifiers before, identifiers after)",
        )
    designs = Design(by=keys[0], clusters=asked.clusters), Design(by=keys[1])
    return [
        read_answers(data, scale=asked.order.scale, missing=asked.missing, design=design)
        for data, design in zip((before, after), designs, strict=True)
    ]


def row_by_row(before: Answers, after: Answers, order: Order) -> Pairs:
    """Pairs of rows at one place."""
    if len(before) != len(after):
        raise UsageError(
            f"There are {len(before):,} rows before and {len(after):,} after, and row by row they "
            "are no pairs.",
            hint="paired=(identifiers before, identifiers after)",
        )
    first, second = _answered(before, order), _answered(after, order)
    places = np.flatnonzero(first & second)
    alone = int((first | second).sum()) - places.size
    return Pairs(places, places, 2 * len(before), alone)


def by_identifier(before: Answers, after: Answers, order: Order) -> Pairs:
    """Pairs of rows with one identifier."""
    first, second = _people(before, "before", order), _people(after, "after", order)
    both = [key for key in first if key in second]
    places = [np.array([people[key] for key in both], np.int64) for people in (first, second)]
    alone = len(first) + len(second) - 2 * len(both)
    nameless = sum(_nameless(side, order) for side in (before, after))
    return Pairs(places[0], places[1], len(before) + len(after), alone, nameless)


def _nameless(answers: Answers, order: Order) -> int:
    return int((_answered(answers, order) & (answers.axes[0].codes < 0)).sum())


def _answered(answers: Answers, order: Order) -> NDArray[np.bool_]:
    """Rows with an answer that the metric counts; "does not apply" is none for most of them."""
    _, below = order.coefficients(answers.levels)
    return np.asarray(np.append(below != 0, False)[answers.level_codes])


def _people(answers: Answers, side: str, order: Order) -> dict[tuple[type, Label], int]:
    """Where each person's answer stands; rows without an identifier or an answer are nobody's."""
    axis = answers.axes[0]
    rows = np.flatnonzero(_answered(answers, order) & (axis.codes >= 0))
    codes = axis.codes[rows]
    twice = rows.size - np.unique(codes).size
    if twice:
        raise UsageError(
            f"{twice:,} of {rows.size:,} answers {side} are further ones of the same people.",
            hint="keep one answer of each, such as the latest; or leave paired= out and name "
            "clusters= where each side is measured",
        )
    labels = [axis.labels[code] for code in codes]
    return {(type(label), label): int(row) for label, row in zip(labels, rows, strict=True)}
