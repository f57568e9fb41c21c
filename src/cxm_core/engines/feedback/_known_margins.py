"""Margins of a sample and of its population, brought together category by category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeGuard, cast

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Crossed, read_crossed
from cxm_core.errors import UsageError
from cxm_core.stats import Label

Margins: TypeAlias = str | Sequence[str | tuple[str, ...]]
Totals: TypeAlias = Mapping[Any, Mapping[Any, float]]

# Margins of one population that were rounded before they were printed differ by less than this.
_ROUNDED = 0.01


def margin_names(margins: Margins) -> list[tuple[str, ...]]:
    """Columns of each margin."""
    listed = [margins] if isinstance(margins, str) else margins
    if not _are_margins(listed):
        raise UsageError(
            f"The margins are of the type {type(margins).__name__}, and no names of columns.",
            hint="margins=['region', 'age']",
        )
    names = [(one,) if isinstance(one, str) else tuple(one) for one in listed]
    if not names or not all(names) or len(set(names)) < len(names):
        raise UsageError(
            f"{len(names)} margins are named, or one of them twice or without a column.",
            hint="margins=['region', 'age'], or [('region', 'age')] for their combinations",
        )
    return names


def _are_margins(listed: object) -> TypeGuard[Sequence[str | tuple[str, ...]]]:
    return isinstance(listed, Sequence) and all(isinstance(one, str | Sequence) for one in listed)


def totals_of(
    population: object, names: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], dict[tuple[Label, ...], float]]:
    """Total of each category of each margin, whichever way it was told."""
    if isinstance(population, Mapping) and all(isinstance(v, Mapping) for v in population.values()):
        return {name: _told(cast("Totals", population), name) for name in names}
    found = read_crossed(population, names, what="the population")
    return {
        part.columns: dict(zip(part.labels, np.bincount(part.codes).tolist(), strict=True))
        for part in found
    }


def _told(population: Totals, name: tuple[str, ...]) -> dict[tuple[Label, ...], float]:
    known = {(key,) if isinstance(key, str) else tuple(key): of for key, of in population.items()}
    if name not in known:
        raise UsageError(
            f"The population has no margin {', '.join(name)}.",
            hint="population={'region': {'North': 1200, 'South': 800}, ...}",
        )
    return _labelled(name, known[name])


def _labelled(name: tuple[str, ...], told: Mapping[Any, float]) -> dict[tuple[Label, ...], float]:
    """Totals by labels, which are read as those of the sample's rows are: 1.0 is 1 in both."""
    keys = [key if isinstance(key, tuple) else (key,) for key in told]
    if any(len(key) != len(name) for key in keys):
        raise UsageError(
            f"A category of the margin {', '.join(name)} names more or fewer than "
            f"{len(name)} columns.",
            hint="one label a category, or a tuple with one for each column that is crossed",
        )
    if not keys:
        return {}
    columns = dict(zip(name, map(list, zip(*keys, strict=True)), strict=True))
    (found,) = read_crossed(columns, [name], what="the population")
    return {
        found.labels[code]: float(n)
        for code, n in zip(found.codes.tolist(), told.values(), strict=True)
    }


class Matched(NamedTuple):
    """Categories of the population, each row's place among them, and their totals."""

    labels: tuple[tuple[Label, ...], ...]
    codes: NDArray[np.int64]
    totals: NDArray[np.float64]


def matched(part: Crossed, totals: Mapping[tuple[Label, ...], float]) -> Matched:
    """Rows placed among the categories of the population; none may be missing on either side."""
    places = {_key(labels): place for place, labels in enumerate(totals)}
    of_group = np.array([places.get(_key(labels), -1) for labels in part.labels], np.int64)
    codes = of_group[part.codes]
    name, lost = ", ".join(part.columns), int((codes < 0).sum())
    if lost:
        raise UsageError(
            f"{lost:,} of {len(codes):,} rows are in a category of {name} that the population "
            "does not have.",
            hint="leave them out, or add their categories; 1 and '1' are two, None is the missing; "
            "a column of counts is a mapping by .to_dict()",
        )
    empty = len(totals) - len(set(of_group.tolist()))
    if empty:
        raise UsageError(
            f"{empty} of {len(totals)} categories of {name} have nobody in the sample.",
            hint="merge each with a category that is like it, in sample and population",
        )
    return Matched(tuple(totals), codes, np.array(list(totals.values()), np.float64))


def _key(labels: Iterable[Label]) -> tuple[tuple[type, Label], ...]:
    return tuple((type(label), label) for label in labels)


@frozen(kw_only=True)
class Size:
    """What all margins add up to, and how many customers that are, if it is no share."""

    total: float
    customers: float | None

    @classmethod
    def of(cls, totals: Sequence[NDArray[np.float64]], rows: int) -> Size:
        """Sizes that agree but for rounding; shares become counts of the sample."""
        sums = [float(one.sum()) for one in totals]
        apart = max(sums) - min(sums)
        if not apart <= _ROUNDED * max(sums):
            raise UsageError(
                f"The margins add up to different totals, from {min(sums):g} to {max(sums):g}.",
                hint="give all of them as counts of one population, or all as shares",
            )
        is_share = sums[0] < rows or any(abs(sums[0] - x) <= _ROUNDED * x for x in (1.0, 100.0))
        return cls(total=rows if is_share else sums[0], customers=None if is_share else sums[0])

    def scaled(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Totals of a margin that add up to what all of them do."""
        return np.asarray(totals * (self.total / totals.sum()))
