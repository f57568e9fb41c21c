"""Groups in which nobody answered: they stand in the result, with no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from attrs import asdict, evolve
from numpy.typing import NDArray

from cxm_core.columns import Answers, group_places
from cxm_core.stats import CodedAxis, RatioEstimate, Tally

Groups: TypeAlias = tuple[tuple[Any, ...], ...]

# What nobody's answers have no size of; all other figures have none at all.
_UNKNOWN = ("value", "standard_error", "level_shares")


def unanswered(answers: Answers) -> Mapping[tuple[Any, ...], int]:
    """Groups of the rows without an answer, and how many; in some of them others answered."""
    by = [axis for axis in answers.axes if axis.role == "by"]
    if not by:
        return {}
    rows = np.flatnonzero(answers.level_codes < 0)
    if not rows.size:
        return {}
    groups, codes = group_places([evolve(one, codes=one.codes[rows]) for one in by], rows.size)
    times = None if answers.cells is None else answers.cells.n[rows]
    counts = np.bincount(codes, times, minlength=len(groups)).astype(np.int64)
    return dict(zip(groups, counts.tolist(), strict=True))


def with_silent(
    ratio: RatioEstimate, silent: Iterable[tuple[Any, ...]], axes: Sequence[str]
) -> RatioEstimate:
    """The ratio with a line of no answers for each group that is not there yet."""
    known = {_key(group): place for place, group in enumerate(ratio.groups)}
    lost = [group for group in silent if _key(group) not in known]
    if not lost:
        return ratio
    groups = _in_order([*ratio.groups, *lost], axes)
    places = np.array([known.get(_key(group), -1) for group in groups], np.int64)
    arrays: dict[str, Any] = {
        name: _spread(values, places, np.nan if name in _UNKNOWN else 0)
        for name, values in asdict(ratio, recurse=False).items()
        if isinstance(values, np.ndarray)
    }
    # Nothing is left out of a population that nobody was drawn from.
    arrays["population_left"][places < 0] = 1.0
    return evolve(ratio, groups=groups, **arrays)


def left_out_of(
    groups: Groups, silent: Mapping[tuple[Any, ...], int], reasons: Sequence[str]
) -> Mapping[int, tuple[tuple[str, int], ...]]:
    """Place of each group -> how many of its rows have no answer, and why if there is one why."""
    reason = reasons[0] if len(reasons) == 1 else "no answer"
    lost = {_key(group): count for group, count in silent.items()}
    counts = ((place, lost.get(_key(group))) for place, group in enumerate(groups) if lost)
    return {place: ((reason, count),) for place, count in counts if count}


def _spread(values: NDArray[Any], places: NDArray[np.int64], empty: float) -> NDArray[Any]:
    """Values of the old groups in their new places, and `empty` in the others."""
    found = np.full((places.size, *values.shape[1:]), empty, values.dtype)
    found[places >= 0] = values[places[places >= 0]]
    return found


def _in_order(groups: Sequence[tuple[Any, ...]], axes: Sequence[str]) -> Groups:
    """Groups in the order of every other figure."""
    columns = zip(*groups, strict=True)
    coded = [CodedAxis.of(name, labels) for name, labels in zip(axes, columns, strict=True)]
    codes = np.zeros(len(groups), np.int64)
    return Tally.from_codes(levels=(0,), level_codes=codes, axes=coded).groups


def _key(labels: Sequence[Any]) -> tuple[tuple[type, Any], ...]:
    return tuple((type(label), label) for label in labels)
