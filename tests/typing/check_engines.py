"""For the type checker: what a call gives, and which calls it refuses. Never run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import cxm_core as cx
from cxm_core.columns import reduce_frame
from cxm_core.engines import MetricDefinition, estimate, spec, usage
from cxm_core.results import (
    Bounds,
    Breakdown,
    Comparison,
    Curve,
    Estimate,
    Panel,
    Waterfall,
    Weighting,
)
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
assert_type(cx.nps(scores, method="bootstrap", rng=np.random.default_rng(7)), Estimate)
assert_type(cx.ratio(scores, scores, unit="contacts per order"), Estimate)
assert_type(cx.ratio(frame, ("contacts", "orders"), by="region"), Breakdown)
assert_type(cx.quantile(frame, "hours", q=0.9, unit="hours"), Estimate)
assert_type(cx.quantile(scores, by=scores), Breakdown)

weighting = cx.weigh(frame, {"region": {"N": 1, "S": 2}}, margins=["region", ("region", "plan")])
assert_type(weighting, Weighting)
assert_type(cx.weigh_response(frame, "answered", known="tickets"), Weighting)
assert_type(cx.nps(frame, "NETPRO", weights=weighting, population={"a": 100}), Estimate)
assert_type(cx.response_rate({"complete": 3}), Estimate)
assert_type(cx.response_rate(["complete"], by=["web"], definition="RR1"), Breakdown)
assert_type(cx.response_bounds(cx.nps(scores), asked=20, against=0.0), Bounds)

counted = cx.tally(scores, scale="0-10")
assert_type(counted, Tally)
assert_type(counted + counted, Tally)
assert_type(cx.nps(counted), Estimate | Breakdown)
assert_type(estimate("nps", counted), Estimate | Breakdown)

change = cx.compare(scores, scores, metric="nps")
assert_type(change, Comparison)
assert_type(cx.compare(change.before, change.after), Comparison)
assert_type(cx.compare(scores, scores, metric="nps", paired=(scores, scores)), Comparison)

assert_type(cx.explain_difference(change.before, change.after), Waterfall)
assert_type(cx.definition("net_easy"), MetricDefinition)
assert_type(cx.definition("net_easy")(scores), Estimate | Breakdown)
assert_type(cx.report([change], "change.html"), Path)
assert_type(cx.report(change, "change.html", title="Change"), Path)

asked = spec("csat", question="Q7ALL", scale="1-5")
assert_type(asked, TallySpec)
assert_type(reduce_frame(asked, frame), Tally)
assert_type(cx.week(np.array([], "datetime64[us]"), tz="UTC"), NDArray[Any])

cx.csat(scores)  # type: ignore[call-overload]  # the scale is required
cx.nps(scores, confidence="0.9")  # type: ignore[call-overload]  # no such keyword
cx.bottom_box(scores, scale="1-5", of="everyone")  # type: ignore[call-overload]  # no such share
cx.week([])  # type: ignore[call-arg]  # the zone is required
nothing = cx.nothing  # type: ignore[attr-defined]  # no such name

contacts = {"customer": [1], "occurred_at": [datetime.now(UTC)], "channel": ["chat"]}
issues = cx.issues(contacts, within="7d")
assert_type(issues, cx.Issues)
assert_type(cx.first_contact_resolution(issues), Estimate)
assert_type(cx.first_contact_resolution(issues, by="channel", window="3d"), Breakdown)
assert_type(cx.repeat_contact(issues, definition="issues"), Estimate)
assert_type(cx.containment(issues, by="actor"), Breakdown)
assert_type(cx.return_curve(issues), Curve)
assert_type(cx.sensitivity(contacts, windows=("1d", "7d"), reason="reason"), Panel)
assert_type(cx.effort(issues, costs=cx.EffortCosts()), Panel)
assert_type(cx.effort_map(issues, "ease", scale="1-7"), cx.EffortMap)
assert_type(cx.hand_over(issues, ["order"]), Breakdown)
assert_type(cx.threading_quality(issues, "truth"), Panel)
cx.first_contact_resolution(issues, windw="3d")  # type: ignore[call-overload]  # no such keyword
