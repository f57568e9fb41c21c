"""A control chart as text, table and picture."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.results import ControlChart

HOSTILE = "<script>alert(1)</script>&\"'"
SCORES = [10, 9, 9, 8, 7, 3, 0, 10]
KEYS = [
    *("schema_version", "shape", "metric", "unit", "kind", "centre", "baseline", "rules"),
    *("points", "caveats", "receipt"),
]


@pytest.fixture(params=["xmr", "laney", "p", "ewma", "cusum"])
def made(request: pytest.FixtureRequest) -> ControlChart:
    """One of each kind, with a label that would like to be a script."""
    made = cx.control_chart(SCORES * 30, [*range(30)] * 8, metric="nps", kind=request.param)
    *points, last = made.points
    return evolve(made, points=(*points, evolve(last, at=HOSTILE)))


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  (our own text, parsed to prove it well-formed)


def test_repr_and_sentence(made: ControlChart) -> None:
    """One line each, with the kind and the number of signals."""
    assert "\n" not in repr(made) + str(made)
    assert made.kind in repr(made)
    assert f"{len(made.signals)} signal" in str(made)
    assert str(made).endswith(".")


def test_summary_names_the_signals(made: ControlChart) -> None:
    """Each point that breaks a rule is named with the rule."""
    line = made.summary().splitlines()[1]
    assert line.startswith("signals: ")
    assert line.count("(") == len(made.signals)


def test_plain_forms(made: ControlChart) -> None:
    """Strict JSON with stable keys; one row a point in every frame."""
    told = made.to_dict()
    assert list(told) == KEYS
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(made.to_json())
    backends: list[Any] = ["polars", "pandas", "pyarrow"]
    assert {len(made.to_frame(backend)) for backend in backends} == {len(made.points)}


def test_pictures(made: ControlChart) -> None:
    """Both kinds are well-formed; signals are ringed."""
    for kind in ("line", "interval"):
        assert _tree(made.svg(kind)).attrib["role"] == "img"
    assert made.svg().count("cxm-flag") == len(made.signals)
    assert "<script" not in made.svg() + made._repr_html_()


def test_copies_are_equal(made: ControlChart) -> None:
    """Copies and pickles are equal by value."""
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)


def test_plot_draws_the_course(made: ControlChart) -> None:
    """Axes that are passed in are drawn on and returned."""
    calls: list[str] = []

    class Axes:
        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: calls.append(name)

    axes = Axes()
    assert made.plot(ax=axes) is axes
    assert calls
