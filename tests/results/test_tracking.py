"""Tracking as text, table and picture."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Tracking

HOSTILE = "<script>alert(1)</script>&\"'"
SCORES = [10, 9, 9, 8, 7, 3, 0, 10]
MAKERS = {
    "known": lambda: cx.track(SCORES * 30, list(range(30)) * 8, metric="nps", baseline=60.0),
    "estimated": lambda: cx.track(
        SCORES * 30, list(range(30)) * 8, metric="nps", baseline=cx.nps(SCORES * 20), margin=60
    ),
    "alone": lambda: _hostile(cx.track(SCORES, [1, 2] * 4, metric="nps")),
    "nobody": lambda: cx.track([None], ["a"], metric="nps", baseline=10.0),
    "share": lambda: cx.track(
        [5, 4, 2, 1] * 300, list(range(400)) * 3, metric="csat", scale="1-5", baseline=0.5
    ),
    "asymptotic": lambda: cx.track(
        SCORES * 100, list(range(200)) * 4, metric="nps", method="asymptotic", baseline=25.0
    ),
}
KEYS = [
    *("schema_version", "shape", "metric", "unit", "verdict", "margin", "more", "value"),
    *("low", "high", "fixed_low", "fixed_high", "confidence_level", "method", "fixed_method"),
    *("baseline", "changed_at", "alarm_at", "since", "average_run_length", "looks"),
    *("caveats", "receipt"),
]


def _hostile(made: Tracking) -> Tracking:
    """The same with a look whose label would like to be a script."""
    *looks, last = made.looks
    return evolve(made, looks=(*looks, evolve(last, at=HOSTILE)))


@pytest.fixture(params=MAKERS)
def made(request: pytest.FixtureRequest) -> Tracking:
    """One of each kind."""
    return MAKERS[request.param]()


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  (our own text, parsed to prove it well-formed)


def test_repr_and_sentence(made: Tracking) -> None:
    """One line each, with the verdict, the method and the count; caveats in words."""
    assert "\n" not in repr(made) + str(made)
    assert made.verdict in repr(made)
    assert f"n={made.n:,}" in repr(made)
    assert made.method in str(made)
    assert str(made).endswith(".")
    assert all(f"[{caveat.code}]" in repr(made) for caveat in made.caveats)
    assert all(caveat.message in str(made) for caveat in made.caveats)


def test_summary_names_both_intervals(made: Tracking) -> None:
    """A reader sees which interval is which."""
    text = made.summary()
    assert "95% interval at every look" in text
    assert "95% interval for one look" in text
    assert made.fixed_method in text
    assert all(caveat.message in text for caveat in made.caveats)


def test_long_summaries_are_cut(made: Tracking) -> None:
    """Only the last eight looks are shown, and the others are counted."""
    hidden = len(made.looks) - 8
    assert (f"... {hidden:,} looks before" in made.summary()) == (hidden > 0)


def test_plain_forms(made: Tracking) -> None:
    """Strict JSON with stable keys; the receipt travels with it."""
    told = made.to_dict()
    assert list(told) == KEYS
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(made.to_json())
    assert told["receipt"] == made.receipt.to_dict()
    assert len(told["looks"]) == len(made.looks)


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
def test_one_row_a_look(made: Tracking, backend: Any) -> None:
    """A frame of any library has one row a look."""
    assert len(made.to_frame(backend)) == len(made.looks)


def test_pictures(made: Tracking) -> None:
    """Both kinds are well-formed, harmless and have words; the last look is drawn."""
    for kind in ("line", "interval"):
        tree = _tree(made.svg(kind))
        assert tree.attrib["role"] == "img"
        assert not {"style", "id", "onload", "href"} & {a for n in tree.iter() for a in n.attrib}
    assert made.svg() == made.svg("line")
    assert len(made._course().points) <= 180
    if made.looks:
        assert made._course().points[-1].value == made.looks[-1].running
    with pytest.raises(UsageError, match="no picture 'pie'"):
        made.svg("pie")


def test_rings_mark_what_the_sequence_rules_out() -> None:
    """Looks whose limits leave out the baseline are marked, from the first one on."""
    made = MAKERS["known"]()
    flagged = [point.label for point in made._course().points if point.flagged]
    assert flagged[0] == str(made.changed_at)
    assert not any(point.flagged for point in MAKERS["estimated"]()._course().points)


def test_html_is_escaped(made: Tracking) -> None:
    """A notebook gets a table in which every word is escaped."""
    assert "<script" not in made._repr_html_()
    assert _tree(f"<div>{made._repr_html_()}</div>") is not None


def test_copies_are_equal(made: Tracking) -> None:
    """Copies and pickles are equal by value, and receipts can grow."""
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
    assert made.with_receipt(definition="x").receipt.definition == "x"


def test_a_change_that_only_the_detector_sees() -> None:
    """The sentence says that the value of all looks together does not show it yet."""
    calm, worse = [10, 9, 9, 10, 8], [10, 3, 8, 7, 8]
    days = [f"day {day:03}" for day in range(322) for _ in calm]
    made = cx.track(calm * 300 + worse * 22, days, metric="nps", baseline=cx.nps(calm * 60))
    assert made.changed_at is None
    assert made.alarm_at is not None
    assert "does not show yet" in str(made)


def test_plot_draws_the_course(made: Tracking) -> None:
    """Axes that are passed in are drawn on and returned."""
    calls: list[str] = []

    class Axes:
        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: calls.append(name)

    axes = Axes()
    assert made.plot(ax=axes) is axes
    assert calls
