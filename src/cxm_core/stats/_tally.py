"""Tally: exact counts by group and level that can be merged, taken back and rolled up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean

from ._exchange import Column, from_stream, label_column, plain_column, to_stream
from ._labels import (
    ROLES,
    CodedAxis,
    Codes,
    Label,
    Level,
    Role,
    label_key,
    label_keys,
    plain_label,
    plain_levels,
)
from ._rows import (
    Rows,
    Summand,
    check_total,
    checked_counts,
    checked_levels,
    checked_weights,
    count_rows,
    join_rows,
)
from ._sums import Floats, Ints, read_only, row_keys

VERSION = 1


def _typed(axes: tuple[tuple[Label, ...], ...]) -> tuple[object, ...]:
    return tuple(label_keys(labels) for labels in axes)


_same_array = cmp_using(eq=np.array_equal)


@frozen(kw_only=True, repr=False)
class Tally:
    """Counts of each level in each group: all that a metric with its error needs.

    Counts are integers, so tallies of parts add up to the tally of the whole to the bit, in any
    order. Sums of weights agree to 1e-12 of the largest sum. Make one with `from_codes` or
    `from_counts`.

    Parameters
    ----------
    axes : tuple of str
        Names of the axes.
    roles : tuple of {"by", "stratum", "cluster", "margin", "fit"}
        What each axis is for: groups of the answer, the design that the rows were drawn by, or
        margins that the weights were fitted to, and the factor that this took.
    labels : tuple of tuples
        Sorted labels of each axis; None, the last, is the group of the missing.
    levels : tuple of int and str
        Every level that a row can have, met or not.
    codes : int64 array (rows, axes)
        Place of the row's label on each axis; rows are distinct and sorted.
    n : int64 array (rows, levels)
        Counts.
    w : float64 array (rows, levels) or None
        Sums of weights; None if unweighted.
    w2 : float64 array (rows, levels) or None
        Sums of squared weights; only if weighted and without a cluster axis.

    Examples
    --------
    >>> import numpy as np
    >>> shop = CodedAxis.of("shop", ["north", "south", "south"])
    >>> tally = Tally.from_codes(levels=(0, 1), level_codes=np.array([0, 1, 1]), axes=[shop])
    >>> tally.groups, tally.n.tolist()
    ((('north',), ('south',)), [[1, 0], [0, 2]])
    >>> (tally + tally).roll_up("shop").n.tolist()
    [[2, 4]]
    """

    axes: tuple[str, ...]
    roles: tuple[Role, ...]
    labels: tuple[tuple[Label, ...], ...] = field(eq=_typed)
    levels: tuple[Level, ...] = field(converter=plain_levels)
    codes: Ints = field(converter=read_only, eq=_same_array)
    n: Ints = field(converter=read_only, eq=_same_array)
    w: Floats | None = field(default=None, converter=read_only, eq=_same_array)
    w2: Floats | None = field(default=None, converter=read_only, eq=_same_array)

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, never a key

    @classmethod
    def from_codes(
        cls,
        *,
        levels: Sequence[Level],
        level_codes: Codes,
        axes: Sequence[CodedAxis] = (),
        weights: NDArray[Any] | None = None,
    ) -> Tally:
        """Tally of rows.

        Parameters
        ----------
        levels : sequence of int and str
            Every level.
        level_codes : array of integers, one a row
            Place of the row's level in `levels`; -1 means that the row has none and is left out.
        axes : sequence of CodedAxis
            Groups and design.
        weights : array of floats, one a row, or None
            Weights; finite and not negative.

        Returns
        -------
        Tally
            Of the rows that have a level.

        Raises
        ------
        UsageError
            Lengths differ, a code is out of range, or a weight is negative or not finite.
        """
        coded = checked_levels(level_codes, len(levels))
        w = None if weights is None else Summand(checked_weights(weights, coded.codes))
        is_clustered = any(axis.role == "cluster" for axis in axes)
        w2 = None if w is None or is_clustered else w._replace(power=2)
        rows = count_rows(axes, coded, (None, w, w2))
        return _tally([axis.name for axis in axes], [axis.role for axis in axes], levels, [rows])

    @classmethod
    def from_counts(
        cls,
        *,
        levels: Sequence[Level],
        level_codes: Codes,
        axes: Sequence[CodedAxis] = (),
        n: NDArray[Any],
        w: NDArray[Any] | None = None,
        w2: NDArray[Any] | None = None,
    ) -> Tally:
        """Tally of what is already counted, such as the rows of a ``GROUP BY``.

        Parameters
        ----------
        levels : sequence of int and str
            Every level.
        level_codes : array of integers, one a row
            Place of the row's level in `levels`; -1 leaves the row out.
        axes : sequence of CodedAxis
            Groups and design.
        n : array of integers, one a row
            Counts.
        w, w2 : array of floats, one a row, or None
            Sums of weights and of squared weights.

        Returns
        -------
        Tally
            Rows of one group and level are added up.

        Raises
        ------
        UsageError
            Lengths differ, a code is out of range, a count or sum is negative, or the rows are more
            than can be counted.
        """
        coded = checked_levels(level_codes, len(levels))
        sums = [None if s is None else Summand(checked_weights(s, coded.codes)) for s in (w, w2)]
        rows = count_rows(axes, coded, (Summand(checked_counts(n)), *sums))
        return _tally([axis.name for axis in axes], [axis.role for axis in axes], levels, [rows])

    @property
    def groups(self) -> tuple[tuple[Label, ...], ...]:
        """Labels of each group on the axes with the role ``by``, in order."""
        return self.group_rows()[0]

    def group_rows(self) -> tuple[tuple[tuple[Label, ...], ...], Ints]:
        """The groups, and for each row the place of its group; one group if there is no axis."""
        by = [i for i, role in enumerate(self.roles) if role == "by"]
        if not by:
            return ((),), np.zeros(len(self.n), dtype=np.int64)
        sizes = [len(self.labels[i]) for i in by]
        keys = row_keys([self.codes[:, i] for i in by], sizes, len(self.n))
        _, first, place = np.unique(keys, return_index=True, return_inverse=True)
        named = ([self.labels[i][code] for code in self.codes[first, i]] for i in by)
        return tuple(zip(*named, strict=True)), place.astype(np.int64)

    def __add__(self, other: Tally) -> Tally:
        """Tally of the rows of both."""
        return merge([self, other])

    def __sub__(self, other: Tally) -> Tally:
        """Tally without the rows of `other`, which must be among its own."""
        _check_alike([self, other])
        rest = join_rows([_rows(self), _rows(other).replace_each(np.negative)])
        if rest.n.size and rest.n.min() < 0:
            raise UsageError(
                f"{np.count_nonzero(rest.n < 0)} counts would fall below zero.",
                hint="only rows that were added can be taken back, and only once",
            )
        # What rounding left of a weight whose row is gone would outlive it.
        clear = rest.replace_each(lambda sums: np.where(rest.n > 0, np.maximum(sums, 0), 0))
        return _tally(self.axes, self.roles, self.levels, [clear])

    def roll_up(self, axis: str) -> Tally:
        """Tally without one axis: its groups are added up.

        Parameters
        ----------
        axis : str
            Name of the axis.

        Returns
        -------
        Tally
            One axis fewer.

        Raises
        ------
        UsageError
            There is no such axis, or it holds the clusters of a weighted tally, whose sums do not
            tell the squares of the weights, or a margin that the weights were fitted to.
        """
        place = self._place(axis)
        role = self.roles[place]
        if role in ("margin", "fit") or (role == "cluster" and self.w is not None):
            raise UsageError(
                f"{role.capitalize()}s of a weighted tally cannot be rolled up: "
                "the error would be lost.",
                hint=f"tally the rows again without {role}s",
            )
        return self._without(place, np.ones(len(self.n), dtype=bool))

    def select(self, **labels: Label) -> Tally:
        """Tally of one group: rows with these labels, without the axes that are named.

        With strata or clusters, estimate the groups before picking one: the error of a group
        needs the clusters outside it.

        Parameters
        ----------
        **labels : str, int, bool or None
            A label for each axis to select on.

        Returns
        -------
        Tally
            Empty if no row has the labels.

        Raises
        ------
        UsageError
            There is no such axis.
        """
        tally = self
        for axis, label in labels.items():
            place = tally._place(axis)
            keys = label_keys(tally.labels[place])
            wanted = keys.index(label_key(label)) if label_key(label) in keys else -1
            tally = tally._without(place, tally.codes[:, place] == wanted)
        return tally

    def to_json(self) -> str:
        """Text that `from_json` reads back to the bit; equal tallies give equal text."""
        rows = {name: None if s is None else s.tolist() for name, s in self._arrays().items()}
        return json.dumps(self._head() | {"labels": self.labels} | rows, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """Tally that `to_json` wrote.

        Parameters
        ----------
        text : str
            What `to_json` gave.

        Returns
        -------
        Tally
            Equal to the one that was written.

        Raises
        ------
        UsageError
            The text is no such tally.
        """
        try:
            return _from_plain(json.loads(text))
        except UsageError:
            raise
        except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError):
            pass
        # Raised outside, for Python's own errors hold the text.
        raise UsageError("The text is not a tally.", hint="give the text that Tally.to_json made")

    def to_arrow(self) -> Any:
        """Arrow rows of every cell that is not empty, for any reader of ``__arrow_c_stream__``.

        The columns are one for each axis, then ``level`` and ``n``, and with weights ``w`` and
        ``w2``. Labels of mixed types go as JSON.
        """
        row, level = np.nonzero(self.n)
        axes = [*zip(self.axes, self.labels, self.codes[row].T, strict=True)]
        axes.append(("level", self.levels, level))
        columns = [label_column(name, labels, codes.tolist()) for name, labels, codes in axes]
        told = self._head() | {"kinds": [column.kind for column in columns]}
        columns.append(Column("n", self.n[row, level], "integer"))
        for name, sums in (("w", self.w), ("w2", self.w2)):
            if sums is not None:
                columns.append(Column(name, sums[row, level], "number"))
        return to_stream(columns, told)

    @classmethod
    def from_arrow(cls, stream: Any) -> Tally:
        """Tally that `to_arrow` wrote, out of anything that gives an Arrow stream of it.

        Parameters
        ----------
        stream : object with ``__arrow_c_stream__``
            Rows as `to_arrow` gave them, with the metadata of their schema.

        Returns
        -------
        Tally
            Equal to the one that was written.

        Raises
        ------
        UsageError
            The metadata is missing or of another version.
        """
        columns, told = from_stream(stream)
        _check_version(told["version"])
        n_axes = len(told["axes"])
        labels = [plain_column(c, k) for c, k in zip(columns, told["kinds"], strict=False)]
        axes = [
            CodedAxis.of(name, values, role=role)
            for name, role, values in zip(told["axes"], told["roles"], labels, strict=False)
        ]
        place = {key: i for i, key in enumerate(label_keys(told["levels"]))}
        level_codes = np.array([place[key] for key in label_keys(labels[n_axes])], np.int64)
        n, *sums = columns[n_axes + 1 :]
        w, w2 = (*(np.array(values, np.float64) for values in sums), None, None)[:2]
        return cls.from_counts(
            levels=told["levels"], level_codes=level_codes, axes=axes,
            n=np.array(n, np.int64), w=w, w2=w2,
        )  # fmt: skip

    def _head(self) -> dict[str, object]:
        return {
            "version": VERSION, "axes": self.axes, "roles": self.roles, "levels": self.levels,
        }  # fmt: skip

    def _arrays(self) -> dict[str, NDArray[Any] | None]:
        return {"codes": self.codes, "n": self.n, "w": self.w, "w2": self.w2}

    def _place(self, axis: str) -> int:
        if axis not in self.axes:
            raise UsageError(f"The tally has no axis {axis!r}.", hint=did_you_mean(axis, self.axes))
        return self.axes.index(axis)

    def _without(self, place: int, which: NDArray[np.bool_]) -> Tally:
        rows = _rows(self).keep(which)
        cut = rows._replace(
            labels=_drop(self.labels, place), codes=np.delete(rows.codes, place, axis=1)
        )
        return _tally(_drop(self.axes, place), _drop(self.roles, place), self.levels, [cut])

    def __repr__(self) -> str:
        return (
            f"Tally(axes={self.axes}, levels={len(self.levels)}, rows={len(self.n)}, "
            f"n={self.n.sum()}, weighted={self.w is not None})"
        )


def merge(tallies: Iterable[Tally]) -> Tally:
    """Tally of the rows of all `tallies`, in any order the same.

    Parameters
    ----------
    tallies : iterable of Tally
        At least one; alike in axes, levels and weights.

    Returns
    -------
    Tally
        Over the labels of all of them.

    Raises
    ------
    UsageError
        There is none, they differ in axes, roles, levels or weights, or their rows are more than
        can be counted.

    Examples
    --------
    >>> import numpy as np
    >>> parts = [Tally.from_codes(levels=(0, 1), level_codes=np.array([k, 1])) for k in (0, 1)]
    >>> merge(parts).n.tolist()
    [[1, 3]]
    """
    known = list(tallies)
    if not known:
        raise UsageError("There is no tally to merge.", hint="give at least one")
    _check_alike(known)
    first = known[0]
    return _tally(first.axes, first.roles, first.levels, [_rows(tally) for tally in known])


def _drop(items: Sequence[Any], place: int) -> tuple[Any, ...]:
    return (*items[:place], *items[place + 1 :])


def _rows(tally: Tally) -> Rows:
    return Rows(tally.labels, tally.codes, tally.n, tally.w, tally.w2)


def _possible(rows: Rows) -> Rows:
    """The rows, or the error that nothing can have been counted so."""
    sums = [np.asarray(part) for part in rows[1:] if part is not None]
    if not all(((part >= 0) & (part < np.inf)).all() for part in sums):
        raise ValueError
    check_total([rows.n])
    return rows


def _tally(
    axes: Sequence[str], roles: Sequence[Role], levels: Sequence[Level], parts: Sequence[Rows]
) -> Tally:
    _check_axes(axes, roles)
    if len(parts) > 1:
        check_total([part.n for part in parts])
    rows = _with_squares(join_rows(parts), is_clustered="cluster" in roles)
    for array in rows[1:]:
        if array is not None:
            cast("NDArray[Any]", array).flags.writeable = False
    return Tally(axes=tuple(axes), roles=tuple(roles), levels=tuple(levels), **rows._asdict())


def _with_squares(rows: Rows, *, is_clustered: bool) -> Rows:
    """The rows with squared weights where they are needed, and without where they say nothing."""
    if rows.w is None or is_clustered:
        return rows._replace(w2=None)
    if rows.w2 is None:
        raise UsageError(
            "The tally has weights, but neither their squares nor clusters.",
            hint="give the sums of squared weights too: without them there is no error",
        )
    return rows


def _from_plain(plain: Any) -> Tally:
    _check_version(plain["version"])
    shape = (len(plain["n"]), len(plain["levels"]))
    codes = np.array(plain["codes"], np.int64).reshape(shape[0], len(plain["axes"]))
    n = np.array(plain["n"], np.int64).reshape(shape)
    w, w2 = (
        None if plain[name] is None else np.array(plain[name], np.float64).reshape(shape)
        for name in ("w", "w2")
    )
    labels = tuple(tuple(map(plain_label, known)) for known in plain["labels"])
    parts = [_possible(Rows(labels, codes, n, w, w2))]
    return _tally(plain["axes"], plain["roles"], plain["levels"], parts)


def _check_version(version: object) -> None:
    if version != VERSION:
        # Only a number is told: anything else may be anybody's words.
        told = f"version {version}" if type(version) is int else "no version"
        raise UsageError(
            f"The tally has {told}, and this library reads version {VERSION}.",
            hint="read it with the version of the library that wrote it",
        )


def _check_axes(axes: Sequence[str], roles: Sequence[Role]) -> None:
    twice = [name for name in axes if axes.count(name) > 1]
    if twice:
        raise UsageError(f"Two axes have the name {twice[0]!r}.", hint="give each its own name")
    unknown = sorted(set(roles).difference(ROLES))
    if unknown:
        raise UsageError(f"There is no role {unknown[0]!r}.", hint=did_you_mean(unknown[0], ROLES))
    for role in ("stratum", "cluster", "fit"):
        if roles.count(role) > 1:
            raise UsageError(f"There are {roles.count(role)} axes with the role {role!r}.")


def _told_levels(tally: Tally) -> str:
    """Levels in a few words: whole numbers by their ends, then the words."""
    numbers = [level for level in tally.levels if isinstance(level, int)]
    ends = [f"{min(numbers)} to {max(numbers)}"] if numbers else []
    return ", ".join([*ends, *(str(level) for level in tally.levels if isinstance(level, str))])


_ALIKE: tuple[tuple[str, Callable[[Tally], object], Callable[[Tally], str]], ...] = (
    ("axes", lambda tally: (tally.axes, tally.roles), lambda tally: ", ".join(tally.axes)),
    ("levels", lambda tally: label_keys(tally.levels), _told_levels),
    (
        "weights",
        lambda tally: (tally.w is None, tally.w2 is None),
        lambda tally: "none" if tally.w is None else "some",
    ),
)


def _check_alike(tallies: Sequence[Tally]) -> None:
    for what, of, tell in _ALIKE:
        other = next((tally for tally in tallies if of(tally) != of(tallies[0])), None)
        if other is not None:
            first, second = (tell(tally) or "none" for tally in (tallies[0], other))
            raise UsageError(
                f"The tallies differ in their {what}: {first}, and {second}.",
                hint="only tallies made by one specification can be merged",
            )
