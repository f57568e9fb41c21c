"""A change of an overall value, split into who is in it and how each group has changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from attrs import field, frozen

from cxm_core.errors import UsageError
from cxm_core.stats._labels import Label, label_keys
from cxm_core.stats._sums import Floats, divide, read_only

from ._moments import Moments


@frozen(kw_only=True, eq=False)
class MixRate:
    """A change split over groups; arrays have one entry a group.

    Parameters
    ----------
    groups : tuple of tuples
        Labels of every group that is on one side or on both.
    mix : float64 array
        Part of the change that comes from the group's larger or smaller share.
    mix_error : float64 array
        Standard error of `mix`.
    rate : float64 array
        Part of the change that comes from the group's own value.
    rate_error : float64 array
        Standard error of `rate`.
    shares, values : float64 arrays (2, groups)
        Share of the group in all, and its own value, before and after.
    overall : float64 array (2,)
        Overall value before and after.
    errors : float64 array (3,)
        Standard errors of all mix together, of all rate together, and of the change.
    df : int
        Degrees of freedom of both samples.
    """

    groups: tuple[tuple[Label, ...], ...]
    mix: Floats = field(converter=read_only)
    mix_error: Floats = field(converter=read_only)
    rate: Floats = field(converter=read_only)
    rate_error: Floats = field(converter=read_only)
    shares: Floats = field(converter=read_only)
    values: Floats = field(converter=read_only)
    overall: Floats = field(converter=read_only)
    errors: Floats = field(converter=read_only)
    df: int


class _Slopes(NamedTuple):
    """What a small step of one side moves: a group's value, its share, the overall value."""

    value: Floats
    share: Floats
    overall: Floats


def split_change(before: Moments, after: Moments) -> MixRate:
    """Change of an overall value, split into mix and rate for every group, in no order.

    Taking the new shares first and then the new values, or the other way round, gives two answers;
    this is their mean. A group's mix is what its share has gained, times how far the group lies
    from the overall value: a group that is like all others moves nothing by growing. All parts add
    up to the change.

    Parameters
    ----------
    before, after : Moments
        Of one ratio in two samples that do not depend on each other.

    Returns
    -------
    MixRate
        Parts of the change and their standard errors. A group that is on one side only has no
        rate: all that it moves is mix.

    Raises
    ------
    UsageError
        One side has no answers.

    References
    ----------
    .. [1] Kitagawa 1955, J. Am. Stat. Assoc. 50:1168-1194.
    .. [2] Das Gupta 1978, Demography 15:99-112, for the mean of all orders.

    Examples
    --------
    >>> import numpy as np
    >>> from cxm_core.stats import CodedAxis, Tally
    >>> def side(first, second):
    ...     axis = CodedAxis.of("shop", ["a"] * len(first) + ["b"] * len(second))
    ...     codes = np.array([*first, *second])
    ...     return Moments.of(
    ...         Tally.from_codes(levels=(0, 1), level_codes=codes, axes=[axis]), (0, 1), (1, 1)
    ...     )
    >>> found = split_change(side([1, 1, 1, 1], [0, 0]), side([1, 1], [0, 0, 0, 1]))
    >>> found.mix.round(3).tolist(), found.rate.round(3).tolist()
    ([-0.139, -0.153], [0.0, 0.125])
    """
    groups, sides = _aligned(before, after)
    totals = np.array([side.sums.sum(axis=0) for side in sides])
    overall = totals[:, 0] / totals[:, 1]
    shares = np.array([side.sums[:, 1] for side in sides]) / totals[:, 1:]
    known = np.array([side.value for side in sides])
    both = np.isfinite(known).all(axis=0)
    # A group that is on one side only has not changed: all that it moves is mix.
    values = np.where(np.isfinite(known), known, known[::-1])
    gained, moved = shares[1] - shares[0], values[1] - values[0]
    held, distance = shares.mean(axis=0), values.mean(axis=0) - overall.mean()
    of_mix = np.where(both, gained / 2.0, gained)
    slopes = [
        (
            _Slopes(of_mix, sign * distance, -gained / 2.0),
            _Slopes(np.where(both, sign * held, 0.0), moved / 2.0, np.zeros_like(held)),
        )
        for sign in (-1.0, 1.0)
    ]
    each, together = _errors(sides, slopes)
    return MixRate(
        groups=groups,
        mix=gained * distance,
        mix_error=each[0],
        rate=held * moved,
        rate_error=each[1],
        shares=shares,
        values=known,
        overall=overall,
        errors=together,
        df=before.df + after.df,
    )


def _aligned(
    before: Moments, after: Moments
) -> tuple[tuple[tuple[Label, ...], ...], list[Moments]]:
    """Groups of either side in order, and both sides over all of them."""
    known = {label_keys(labels): labels for side in (before, after) for labels in side.groups}
    keys = sorted(known)
    groups, at = tuple(known[key] for key in keys), {key: place for place, key in enumerate(keys)}
    for name, side in (("before", before), ("after", after)):
        if not side.n.sum():
            raise UsageError(f"Nobody answered {name}: there is no change to split.")
    places = [
        np.array([at[label_keys(group)] for group in side.groups], np.int64)
        for side in (before, after)
    ]
    sides = [side.over(groups, place) for side, place in zip((before, after), places, strict=True)]
    return groups, sides


def _errors(sides: list[Moments], slopes: list[tuple[_Slopes, _Slopes]]) -> tuple[Floats, Floats]:
    """Standard errors of every mix and rate, and of all mix, all rate and the change."""
    size = len(sides[0].groups)
    each, together = np.zeros((2, size)), np.zeros(3)
    for side, parts in zip(sides, slopes, strict=True):
        steps = [_coefficients(side, part) for part in parts]
        each += [side.variance(*step) for step in steps]
        both = tuple(np.asarray(a + b) for a, b in zip(*steps, strict=True))
        together += [side.sum_variance(*step) for step in (*steps, both)]
    return np.sqrt(each), np.sqrt(together)


def _coefficients(side: Moments, slopes: _Slopes) -> tuple[Floats, Floats]:
    """What a unit's sums above and below the line move, in its own group and in all."""
    above, below = side.sums.sum(axis=0)
    value, share = side.value, side.sums[:, 1] / below
    has = np.isfinite(value)
    of_value = divide(np.where(has, slopes.value, 0.0), np.where(has, side.sums[:, 1], 1.0))
    of_share, of_overall = np.where(has, slopes.share, 0.0) / below, slopes.overall / below
    own = np.stack([of_value, of_share - of_value * np.where(has, value, 0.0)], axis=1)
    return own, np.stack([of_overall, -of_share * share - of_overall * above / below], axis=1)
