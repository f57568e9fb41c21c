"""For the type checker: what results hold, and what cannot be done with them. Never run."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import cxm_core as cx
from cxm_core.results import (
    Breakdown,
    Caveat,
    Comparison,
    ConfidenceInterval,
    Estimate,
    Receipt,
    SyncReceipt,
)

one = cx.nps([10, 9, 3])
assert_type(one.value, float | None)
assert_type(one.low, float | None)
assert_type(one.n, int)
assert_type(one.unit, str)
assert_type(one.caveats, tuple[Caveat, ...])
assert_type(one.receipt, Receipt)
assert_type(one.confidence_interval(0.9), ConfidenceInterval)
assert_type(one.at_level(0.9), Estimate)
assert_type(one.with_receipt(definition="x"), Estimate)
assert_type(one.summary(), str)
assert_type(one.to_json(), str)
assert_type(one.to_dict(), dict[str, Any])
assert_type(one.svg(), str)

many = cx.nps([10, 9, 3], by=["a", "b", "a"])
assert_type(many, Breakdown)
assert_type(many["a"], Estimate)
assert_type(many["a", 1], Estimate)
assert_type(many.value, NDArray[np.float64])
assert_type(many.n, NDArray[np.int64])
assert_type(len(many), int)

change = cx.compare(many["a"], many["b"])
assert_type(change, Comparison)
assert_type(change.before, Estimate)
assert_type(change.value, float | None)


def told(receipt: SyncReceipt) -> bool:
    """Receipts of a sync have counts and a verdict."""
    assert_type(receipt.served, int)
    return receipt.balances


one.value = 1.0  # type: ignore[misc]  # results are frozen
one["a"]  # type: ignore[index]  # a single estimate has no groups
low, high = one  # type: ignore[misc]  # results cannot be unpacked
list(many)  # type: ignore[call-overload]  # nor iterated
one.to_frame("cudf")  # type: ignore[arg-type]  # no such backend
