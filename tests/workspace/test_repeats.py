"""Several answers of one customer are a cluster, unless the metric says what its clusters are."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program
from cxm_core.records import Response
from cxm_core.workspace import Workspace
from cxm_core.workspace import _measure as measuring
from workspace.desks import Clock, answer, shop

SCORES = [10, 10, 9, 3, 2, 3, 9, 8, 10, 0, 1, 0] * 4


def repeated(times: int) -> list[Response]:
    """Answers of customers who answered so many times each."""
    return [
        answer(i, score, customer=[("email", f"c{i // times}@example.com")])
        for i, score in enumerate(SCORES)
    ]


def test_customers_are_clusters(workspace: Workspace) -> None:
    """Three answers each: the interval is that of clusters, the value that of all answers."""
    workspace.add(repeated(3))
    found = workspace.measure("nps")
    clustered = cx.nps(SCORES, clusters=[i // 3 for i in range(len(SCORES))])
    assert found.value == clustered.value
    assert (found.low, found.high) == (clustered.low, clustered.high)
    assert found.method == "score, design effective n"
    assert found.receipt.design == ("clusters",)
    assert (found.effective_n or 0) < 0.7 * len(SCORES)


def test_one_answer_each_is_a_simple_sample(workspace: Workspace) -> None:
    """Where nobody answered twice, clusters change nothing, and are not there."""
    workspace.add(repeated(1))
    found = workspace.measure("nps")
    assert (found.low, found.high) == (cx.nps(SCORES).low, cx.nps(SCORES).high)
    assert found.method == "score"


def test_who_is_not_known_stands_alone(workspace: Workspace) -> None:
    """Answers without a customer are clusters of their own, in the error as well."""
    known = repeated(3)[:24]
    workspace.add([*known, *(answer(i, SCORES[i]) for i in range(24, 48))])
    found = workspace.measure("nps")
    labels = [str(i // 3) if i < 24 else f"alone {i}" for i in range(48)]
    assert found.low == pytest.approx(cx.nps(SCORES, clusters=labels).low, rel=1e-12)
    assert "unclustered" not in [c.code for c in found.caveats]


def test_groups_and_periods_are_clustered_too(workspace: Workspace) -> None:
    """A customer is one cluster in every group."""
    workspace.add(repeated(3))
    found = workspace.measure("nps", every="week")
    assert found.groups == ("2026-W45",)
    assert "design effective n" in found.method


@pytest.mark.parametrize("clustered", [True, False])
def test_a_metric_may_say_it_itself(tmp_path: Path, clock: Clock, *, clustered: bool) -> None:
    """Clusters of the sample, or none, as the program has it."""
    metric = Metric(name="nps", engine="nps", question="recommend", clustered=clustered)
    program = Program(name="Shop", zone="Europe/Vienna", metrics=[metric])
    rows = [
        one.model_copy(update={"cluster": f"run {i % 20}"}) for i, one in enumerate(repeated(3))
    ]
    with Workspace(program, store="memory:", clock=clock) as opened:
        opened.add(rows)
        found = opened.measure("nps")
    clusters = [i % 20 for i in range(len(SCORES))] if clustered else None
    assert found.low == cx.nps(SCORES, clusters=clusters).low


def test_too_many_answers_are_told(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit nobody looks, and the result says so."""
    monkeypatch.setattr(measuring, "MOST_ANSWERS", 10)
    with Workspace(shop(), store="memory:", clock=clock) as opened:
        opened.add(repeated(3))
        found = opened.measure("nps")
        groups = opened.measure("nps", every="week")
    assert found.method == "score"
    assert "repeats_unread" in [c.code for c in found.caveats]
    assert "repeats_unread" in [c.code for c in groups["2026-W45"].caveats]


def test_no_name_reaches_the_counts(workspace: Workspace) -> None:
    """A cluster's label is a hash: no address stands in what is counted."""
    workspace.add(repeated(3))
    assert "@example.com" not in repr(workspace.measure("nps").to_dict())


def test_clusters_are_one_thing() -> None:
    """A spec cannot have customers and a column for its clusters."""
    from cxm_core.engines import spec  # noqa: PLC0415

    with pytest.raises(UsageError, match="not both"):
        spec("nps", question="recommend", design=["cluster", "customer"])
