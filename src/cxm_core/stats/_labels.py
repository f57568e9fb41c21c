"""Labels of an axis: what they may be, their one order, and codes in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError

Label: TypeAlias = str | int | bool | None
Level: TypeAlias = int | str
Role: TypeAlias = Literal["by", "stratum", "cluster", "margin", "fit"]
Codes: TypeAlias = NDArray[np.integer[Any]]

_PLAIN = frozenset({str, int, bool, type(None)})

ROLES: tuple[Role, ...] = ("by", "stratum", "cluster", "margin", "fit")


def plain_label(label: object) -> Label:
    """`label` as a plain Python value; a NumPy scalar loses its wrapping."""
    value = label.item() if isinstance(label, np.generic) else label
    if value is None or isinstance(value, str | int):
        return value
    raise UsageError(
        f"A label is a {type(value).__name__}, and groups are labelled by text, integers, "
        "booleans or None.",
        hint="turn the column into text or integers first",
    )


def label_key(label: Label) -> tuple[int, int | str]:
    """Sort key: booleans, integers, text, and the missing one last; 1 and True stay two."""
    if label is None:
        return (3, 0)
    if isinstance(label, str):
        return (2, label)
    return (0 if isinstance(label, bool) else 1, int(label))


def label_keys(labels: Sequence[Label]) -> tuple[tuple[int, int | str], ...]:
    """Keys of all `labels`; what equality of labels means."""
    return tuple(label_key(label) for label in labels)


def plain_levels(levels: Iterable[object]) -> tuple[Level, ...]:
    """`levels` as plain integers and text, each once."""
    plain = [level.item() if isinstance(level, np.generic) else level for level in levels]
    known = tuple(p for p in plain if isinstance(p, int | str) and not isinstance(p, bool))
    if len(set(known)) < len(plain):
        raise UsageError(
            f"{len(plain) - len(known)} of {len(plain)} levels are neither integer nor text, and "
            f"{len(known) - len(set(known))} stand there twice.",
            hint="name every level once",
        )
    return known


def _plain_labels(labels: Iterable[object]) -> tuple[Label, ...]:
    told = tuple(labels)
    if _PLAIN.issuperset(map(type, told)):
        return told  # type: ignore[return-value]  # as their types have just shown
    return tuple(plain_label(label) for label in told)


def integer_codes(codes: object) -> Codes:
    """`codes` as a flat array of integers, or the error that they are none."""
    array: Codes = np.asarray(codes)
    if not array.size and array.ndim == 1:
        return array.astype(np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise UsageError(
            f"Codes are one row of integers, not {array.ndim} dimensions of {array.dtype}."
        )
    return array


@frozen(kw_only=True, eq=False, repr=False)
class CodedAxis:
    """One axis of rows: its distinct labels, and for each row which of them it has.

    Parameters
    ----------
    name : str
        Name of the axis; an axis of a design is named ``@stratum`` or ``@cluster``.
    labels : sequence of str, int, bool or None
        Distinct labels, in any order.
    codes : array of integers, one a row
        Place of the row's label in `labels`; -1 means missing, as the label None does.
    role : {"by", "stratum", "cluster", "margin", "fit"}
        What the axis is for; labels of a "fit" are texts of the factor by which the row's weight
        was fitted to the margins.

    Raises
    ------
    UsageError
        A label is none of these types, or a code is out of range.
    """

    name: str
    labels: tuple[Label, ...] = field(converter=_plain_labels)
    codes: Codes = field(converter=integer_codes)
    role: Role = "by"

    def __attrs_post_init__(self) -> None:
        if self._is_full or not self.codes.size:
            return
        if not -1 <= self.codes.min() <= self.codes.max() < len(self.labels):
            raise UsageError(
                f"Codes of the axis {self.name!r} run from {self.codes.min()} to "
                f"{self.codes.max()}, but it has {len(self.labels)} labels.",
                hint="a code is the place of the row's label; -1 means missing",
            )

    @classmethod
    def of(cls, name: str, values: Iterable[object], *, role: Role = "by") -> CodedAxis:
        """Axis of plain `values`, one a row.

        Parameters
        ----------
        name : str
            Name of the axis.
        values : iterable of str, int, bool or None
            One label a row.
        role : {"by", "stratum", "cluster"}
            What the axis is for.

        Returns
        -------
        CodedAxis
            With the labels that occur.

        Raises
        ------
        UsageError
            A value is none of these types.
        """
        if isinstance(values, np.ndarray) and values.dtype.kind in "iubU":
            labels, codes = np.unique(values, return_inverse=True)
            return cls(name=name, labels=tuple(labels.tolist()), codes=codes, role=role)
        plain = _plain_labels(values)
        keys = label_keys(plain)
        firsts = dict(zip(keys, plain, strict=True))
        places = {key: i for i, key in enumerate(firsts)}
        found = np.fromiter((places[key] for key in keys), np.int64, len(keys))
        return cls(name=name, labels=tuple(firsts.values()), codes=found, role=role)

    @cached_property
    def _is_full(self) -> bool:
        """Whether each row has a label; what is negative becomes a large number here."""
        codes = self.codes
        unsigned = codes.view(codes.dtype.str.replace("i", "u"))
        return bool(codes.size) and bool(unsigned.max() < len(self.labels))

    def with_missing(self) -> Codes:
        """Codes in which the missing rows have the place after the last label."""
        if self._is_full:
            return self.codes
        codes = self.codes.astype(np.int64)
        codes[codes < 0] = len(self.labels)
        return codes


def merge_labels(
    parts: Sequence[tuple[Sequence[Label], Codes]],
) -> tuple[tuple[Label, ...], list[Codes]]:
    """One sorted list of the labels in use, and each part's codes on it."""
    known = {label_key(label): label for part in parts for label in _in_use(*part)}
    keys = sorted(known)
    place = {key: i for i, key in enumerate(keys)}
    recoded: list[Codes] = []
    for labels, codes in parts:
        places = [place.get(key, -1) for key in label_keys(labels)]
        recoded.append(np.array(places, dtype=np.int64)[codes])
    return tuple(known[key] for key in keys), recoded


def _in_use(labels: Sequence[Label], codes: Codes) -> list[Label]:
    """Labels that some row has."""
    is_used = np.zeros(len(labels), dtype=bool)
    is_used[codes] = True
    return [labels[i] for i in np.flatnonzero(is_used).tolist()]
