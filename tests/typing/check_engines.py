"""For the type checker: what a call gives, and which calls it refuses. Never run."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import cxm_core as cx
from cxm_core.columns import reduce_frame
from cxm_core.engines import estimate, spec, usage
from cxm_core.results import Breakdown, Comparison, Estimate
from cxm_core.stats import Tally, TallySpec

scores = [10, 9, None, 3]
frame: Any = {}

assert_type(cx.nps(scores), Estimate)
assert_type(cx.nps(frame, "NETPRO", missing=(11,), weights="WEIGHT"), Estimate)
assert_type(cx.nps(scores, by=["a", "b", "a", "b"]), Breakdown)
assert_type(cx.nps(frame, "NETPRO", by="STRATA"), Breakdown)
assert_type(cx.csat(scores, scale="1-5"), Estimate)
assert_type(cx.ces(scores, scale="1-7", by=scores), Breakdown)
assert_type(cx.top_box(scores, scale="1-5", top=(5,)), Estimate)
assert_type(cx.bottom_box(scores, scale="1-5", of="asked", missing={6: "not_applicable"}), Estimate)
assert_type(cx.mean_score(scores, scale="1-5", by="x"), Breakdown)
assert_type(usage(scores, scale="1-5"), Estimate)

counted = cx.tally(scores, scale="0-10")
assert_type(counted, Tally)
assert_type(counted + counted, Tally)
assert_type(cx.nps(counted), Estimate | Breakdown)
assert_type(estimate("nps", counted), Estimate | Breakdown)

change = cx.compare(scores, scores, metric="nps")
assert_type(change, Comparison)
assert_type(cx.compare(change.before, change.after), Comparison)

asked = spec("csat", question="Q7ALL", scale="1-5")
assert_type(asked, TallySpec)
assert_type(reduce_frame(asked, frame), Tally)
assert_type(cx.week(np.array([], "datetime64[us]"), tz="UTC"), NDArray[Any])

cx.csat(scores)  # type: ignore[call-overload]  # the scale is required
cx.nps(scores, confidence="0.9")  # type: ignore[call-overload]  # no such keyword
cx.bottom_box(scores, scale="1-5", of="everyone")  # type: ignore[call-overload]  # no such share
cx.week([])  # type: ignore[call-arg]  # the zone is required
nothing = cx.nothing  # type: ignore[attr-defined]  # no such name
