"""Answers that lie in an engine of their own: counted there, so that only the counts travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError

from ._ingress import Frame, collected, through_narwhals
from ._values import numbers

_N, _W, _W2, _BAD = "cxm_n", "cxm_w", "cxm_w2", "cxm_bad_weights"
_SUMS = (_W, _W2, _BAD)


@frozen(kw_only=True, eq=False)
class Cells:
    """Distinct rows of the columns that a call names, and how many rows are alike.

    Parameters
    ----------
    frame : Frame
        The distinct rows.
    n : int64 array (cells,)
        Rows of the table that each stands for.
    weights : str or None
        Column of the weights.
    """

    frame: Frame
    n: NDArray[np.int64]
    weights: str | None = None

    def sums(self, is_answer: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        """Sums of the weights and of their squares, where every answer has a good one."""
        if self.weights is None:
            return []
        bad = int(self._numbers(_BAD)[is_answer].sum())
        if bad:
            raise UsageError(
                f"{bad:,} of {int(self.n[is_answer].sum()):,} answers have a weight that is "
                "missing, negative or endless.",
                hint="weights are numbers from 0 up; leave other rows out of the data",
            )
        return [np.where(is_answer, self._numbers(name), 0.0) for name in (_W, _W2)]

    def _numbers(self, name: str) -> NDArray[np.float64]:
        values, _ = numbers(self.frame.column(name, "the weights"), name)
        return np.nan_to_num(values)


def cells_of(data: object, column: str | None, parts: Mapping[str, Any]) -> Cells | None:
    """Cells of a table that is not in memory; None where the call names more than its columns.

    Parameters
    ----------
    data : object
        Perhaps a lazy frame, a DuckDB relation, or a table of Spark or Dask.
    column : str or None
        Column of the answers.
    parts : mapping of str to object
        The design: ``by``, ``weights``, ``strata``, ``clusters``, ``population``.
    """
    native = through_narwhals(data)
    if not isinstance(native, nw.LazyFrame) or column is None:
        return None
    keys = _names([parts["strata"], parts["clusters"], column], parts["by"])
    weights = parts["weights"]
    is_named = weights is None or isinstance(weights, str)
    if keys is None or not is_named or _is_column(parts["population"]):
        return None
    names = {*native.collect_schema().names()}
    # Columns with our own names would be overwritten by the sums.
    if not {*keys, weights or column} <= names or names & {_N, *_SUMS}:
        return None
    sums = _SUMS if weights else ()
    widened = native.with_columns(*_summands(weights)) if weights else native
    counted = widened.group_by(*keys).agg(
        nw.len().alias(_N), *(nw.col(name).sum() for name in sums)
    )
    frame = collected(counted, [*keys, _N, *sums])
    n, _ = numbers(frame.column(_N, "the counts"), _N)
    return Cells(frame=frame, n=n.astype(np.int64), weights=weights)


def _names(parts: Iterable[object], by: Any) -> list[str] | None:
    """Names of all columns that make a cell, if nothing but names is given."""
    groups = [*by.values()] if isinstance(by, Mapping) else by
    many = [groups] if isinstance(groups, str) or groups is None else groups
    if not isinstance(many, list | tuple):
        return None
    # Groups come first, as anybody writes them: Spark takes half as long again for the other order.
    named = [part for part in (*many, *parts) if part is not None]
    return [*dict.fromkeys(named)] if all(isinstance(part, str) for part in named) else None


def _is_column(population: object) -> bool:
    return population is not None and not isinstance(population, int | float | Mapping)


def _summands(weights: str) -> list[nw.Expr]:
    """Columns that only have to be added up, which is all that some engines can do by group."""
    weight = nw.col(weights).cast(nw.Float64)
    is_good = ((weight >= 0) & weight.is_finite()).fill_null(value=False)
    good = nw.when(is_good).then(weight).otherwise(0.0)
    bad = nw.when(is_good).then(0).otherwise(1)
    return [good.alias(_W), (good * good).alias(_W2), bad.alias(_BAD)]
