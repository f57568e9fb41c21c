"""What every result can do, whatever its shape: one suite over all of them."""

from __future__ import annotations

import copy
import json
import math
import pickle
import sys
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import nanoarrow as na
import narwhals as nw
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import cxm_core as cx
from cxm_core.errors import MissingExtraError, UsageError
from cxm_core.results import (
    Bounds,
    Breakdown,
    Caveat,
    Comparison,
    Curve,
    Estimate,
    Matrix,
    Panel,
    Plan,
    Ranking,
    Receipt,
    Shape,
    Step,
    Verdict,
    Waterfall,
    Weighting,
)
from cxm_core.results._svg_marks import MOST_LABEL, MOST_TEXT, fitted

HOSTILE = "<script>alert(1)</script>&\"'"
SCORES = [10, 9, 9, 8, 7, 3, 0, 10] * 12
REGIONS = ["North", "South", None, HOSTILE] * 24
WEIGHTS = [1.0, 2.0, 0.5, 1.0] * 24
CUSTOMERS = [i // 2 for i in range(96)]

MAKERS = {
    "estimate": lambda: cx.nps(SCORES),
    "share": lambda: cx.csat([5, 4, 2, 1] * 20, scale="1-5"),
    "mean": lambda: cx.mean_score([5, 4, 2, 1] * 20, scale="1-5"),
    "weighted": lambda: cx.nps(SCORES, weights=WEIGHTS, clusters=CUSTOMERS),
    "nobody": lambda: cx.nps([None, None]),
    "no error": lambda: cx.nps([10, 3, 9], clusters=["a", "a", "a"]),
    "group": lambda: cx.nps(SCORES, by={"region": REGIONS})[HOSTILE],
    "breakdown": lambda: cx.nps(SCORES, by={"region": REGIONS}),
    "two axes": lambda: cx.nps(SCORES, by={"region": REGIONS, "n": [1, 2] * 48}),
    "long": lambda: cx.nps(SCORES, by={"customer": CUSTOMERS}),
    "no groups": lambda: cx.nps([None], by=["North"]),
    "weighted groups": lambda: cx.csat([5, 4, 2, 1] * 24, scale="1-5", by=REGIONS, weights=WEIGHTS),
    "comparison": lambda: cx.compare(SCORES, SCORES[5:], metric="nps"),
    "comparison with nobody": lambda: cx.compare([10] * 30, [None], metric="nps"),
}
RECEIPT = Receipt(engine="explain_difference", method="shapley", confidence_level=0.95)
FALL = {"metric": "nps", "unit": "points", "method": "shapley", "receipt": RECEIPT}
STEPS = [Step("late data", -4.0, -6.0, -2.0), Step(HOSTILE, 1.0, note="a & b")]

# Shapes that are made of several numbers and have no interval of their own.
_CURVE = {
    "metric": "waits",
    "unit": "seconds",
    "until": 9_000,
    "confidence_level": 0.95,
    "method": "log-log",
    "receipt": RECEIPT,
}
_FLOW = {
    "metric": "flow",
    "confidence_level": 0.95,
    "method": "wilson",
    "receipt": RECEIPT,
    "n": 9,
}


def _curve(**more: Any) -> Curve:
    points = {
        "times": [60, 4_000, 9_000],
        "value": [0.9, 0.5, 0.2],
        "low": [0.7, 0.3, 0.0],
        "high": [0.97, 0.7, math.nan],
        "at_risk": [10, 8, 3],
        "events": [1, 3, 1],
    }
    return Curve(**_CURVE | {"kind": "survival", "n": 10} | points | more)


def _nothing() -> Curve:
    names = ("times", "value", "low", "high", "at_risk", "events")
    return Curve(**_CURVE | {name: [] for name in names}, kind="incidence", n=0)


def _flow() -> Matrix:
    counts = [[0, 3], [5, 1]]
    shares = {"value": [[0, 1], [5 / 6, 1 / 6]], "low": [[0, 0.4], [0.4, 0]], "high": [[1] * 2] * 2}
    waits = {"wait_s": [[math.nan, 60.0], [5.0, 7.5]]}
    return Matrix(
        **_FLOW, rows=[HOSTILE, None], columns=["a", "b"], counts=counts, **shares, figures=waits
    )


OTHERS = {
    "curve": _curve,
    "curve of a group": lambda: _curve(axes=("channel",), group=(HOSTILE,)),
    "curve of nothing": _nothing,
    "matrix": _flow,
    "empty matrix": lambda: Matrix(
        **_FLOW,
        rows=[],
        columns=[],
        **dict.fromkeys(("counts", "value", "low", "high"), np.zeros((0, 0))),
    ),
    "panel": lambda: Panel(
        metric="effort",
        parts={"wait": _curve(), HOSTILE: cx.nps(SCORES), "steps": _flow()},
        own_caveats=[Caveat.of("still_open", count=3)],
        receipt=RECEIPT,
    ),
    "waterfall": lambda: Waterfall(**FALL, start=40.0, end=37.0, steps=STEPS),
    "waterfall without a step": lambda: Waterfall(**FALL, start=40.0, end=40.0, steps=[]),
    "weighting": lambda: cx.weigh(
        {"region": [HOSTILE, "N"] * 40}, {"region": {HOSTILE: 1, "N": 3}}, margins="region"
    ),
    "weighting without margins": lambda: cx.weigh_response(
        {"tickets": [0, 1] * 40}, [True, True, True, False] * 20, known="tickets"
    ),
    "bounds": lambda: cx.response_bounds(cx.nps(SCORES), asked=300, against=0),
    "bounds of nobody": lambda: cx.response_bounds(cx.nps([None]), response_rate=0.5),
    "pooled": lambda: cx.pool(cx.nps(SCORES, by={"shrinkage": REGIONS})),
    "against the rest": lambda: cx.against_rest(SCORES, metric="nps", by={"region": REGIONS}),
    "decomposed": lambda: cx.decompose(
        SCORES, SCORES, metric="nps", by=(REGIONS, [*REGIONS[1:], "North"])
    ),
    "ranking": lambda: cx.rank(cx.nps(SCORES, by={"place": REGIONS}), n_resamples=200),
    "verdict": lambda: cx.equivalent(SCORES, SCORES, metric="nps", margin=5),
    "verdict with nobody": lambda: cx.equivalent([10], [None], metric="nps", margin=5),
    "plan": lambda: cx.plan("nps", half_width=5),
    "plan of a difference": lambda: cx.plan("csat", difference=0.05, expected=0.8),
    "plan of pairs": lambda: cx.plan("mean_score", margin=0.2, spread=1.0, correlation=0.5),
}

KEYS = {
    Estimate: [
        *("schema_version", "shape", "metric", "group", "value", "low", "high"),
        *("confidence_level", "method", "standard_error", "n", "effective_n", "unit"),
        *("caveats", "receipt"),
    ],
    Breakdown: [
        *("schema_version", "shape", "metric", "axes", "confidence_level", "method", "unit"),
        *("n_all", "groups", "caveats", "receipt"),
    ],
    Comparison: [
        *("schema_version", "shape", "metric", "value", "low", "high", "confidence_level"),
        *("method", "standard_error", "unit", "sides", "before", "after", "caveats", "receipt"),
    ],
    Weighting: [
        *("schema_version", "shape", "metric", "method", "n", "effective_n", "design_effect"),
        *("largest", "rounds", "gap", "trimmed", "population", "margins", "weights"),
        *("caveats", "receipt"),
    ],
    Bounds: [
        *("schema_version", "shape", "metric", "unit", "value", "low", "high", "lowest"),
        *("highest", "response_rate", "confidence_level", "n", "against", "silent", "gap"),
        *("verdict", "method", "caveats", "receipt"),
    ],
    Ranking: [
        *("schema_version", "shape", "metric", "unit", "axes", "confidence_level", "method"),
        *("groups", "caveats", "receipt"),
    ],
    Verdict: [
        *("schema_version", "shape", "metric", "decision", "margin", "more", "confidence_level"),
        *("method", "sides", "comparison", "caveats", "receipt"),
    ],
    Plan: [
        *("schema_version", "shape", "metric", "unit", "goal", "target", "n", "sides", "total"),
        *("power", "confidence_level", "spread", "design_effect", "correlation", "method"),
        *("scenarios", "caveats", "receipt"),
    ],
    Curve: [
        *("schema_version", "shape", "metric", "kind", "group", "unit", "until", "n"),
        *("confidence_level", "method", "points", "caveats", "receipt"),
    ],
    Matrix: [
        *("schema_version", "shape", "metric", "unit", "rows", "columns", "n"),
        *("confidence_level", "method", "steps", "caveats", "receipt"),
    ],
    Panel: ["schema_version", "shape", "metric", "parts", "caveats", "receipt"],
    Waterfall: [
        *("schema_version", "shape", "metric", "unit", "start", "end", "labels"),
        *("confidence_level", "method", "steps", "caveats", "receipt"),
    ],
}


@pytest.fixture(params=[*MAKERS, *OTHERS])
def shape(request: pytest.FixtureRequest) -> Any:
    """One result of each kind, ordinary ones and odd ones."""
    return (MAKERS | OTHERS)[request.param]()


@pytest.fixture(params=MAKERS)
def estimated(request: pytest.FixtureRequest) -> Any:
    """One result of each kind that has an interval."""
    return MAKERS[request.param]()


class Axes:
    """Records what is drawn on it, as matplotlib's axes would draw it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **_: self.calls.append((name, args))


def _tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  (our own text, parsed to prove it well-formed)


class TestText:
    def test_repr_is_one_line_with_the_caveats(self, shape: Shape) -> None:
        """A repr fits a line, names its shape, and carries every caveat's code."""
        text = repr(shape)
        assert "\n" not in text
        assert text.startswith(type(shape).__name__ + "(")
        assert all(f"[{caveat.code}]" in text for caveat in shape.caveats)

    def test_repr_tells_the_answers(self, estimated: Shape) -> None:
        """A repr never leaves out on how many answers it rests."""
        assert "n=" in repr(estimated)

    def test_str_is_a_sentence(self, shape: Shape) -> None:
        """What print shows is one line that names the metric and ends as a sentence does."""
        text = str(shape)
        assert "\n" not in text
        assert shape.metric in text
        assert text.endswith((".", ".)"))

    def test_a_sentence_can_be_signed(self, estimated: Shape) -> None:
        """It has the interval with its level and method, or says that there is no figure."""
        text = str(estimated)
        told = "95% confidence interval" in text and estimated.method in text
        assert told or "no value" in text or "no confidence interval" in text
        assert all(caveat.message in text for caveat in estimated.caveats)

    def test_summary_names_what_it_is(self, estimated: Shape) -> None:
        """A summary names the metric, the level and the method."""
        text = estimated.summary()
        assert estimated.metric in text
        assert "95% interval" in text
        assert estimated.method in text

    def test_summary_tells_every_caveat(self, shape: Shape) -> None:
        """No caveat is left out of the summary."""
        assert all(caveat.message in shape.summary() for caveat in shape.caveats)

    def test_html_is_a_table_without_script(self, shape: Shape) -> None:
        """A notebook gets a well-formed table in which every word is escaped."""
        html = shape._repr_html_()
        tree = _tree(f"<div>{html}</div>")
        tags = {node.tag for node in tree.iter()}
        assert tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
        assert "table" in tags
        assert all(set(node.attrib) <= {"scope"} for node in tree.iter())

    def test_long_results_are_cut(self) -> None:
        """Only forty groups are shown of many, and the rest is counted."""
        long = MAKERS["long"]()
        assert len(long) == 48
        assert "... and 8 more groups" in long.summary()
        assert "... and 8 more groups" in long._repr_html_()


class TestPlainForms:
    def test_dict_is_plain(self, shape: Shape) -> None:
        """A dict holds nothing that strict JSON cannot say."""
        text = json.dumps(shape.to_dict(), allow_nan=False)
        assert json.loads(text) == shape.to_dict()

    def test_json_is_the_dict(self, shape: Shape) -> None:
        """JSON and dict are one thing, with a schema version."""
        assert json.loads(shape.to_json()) == shape.to_dict()
        assert shape.to_dict()["schema_version"] == 1

    def test_keys_are_stable(self, shape: Shape) -> None:
        """Keys and their order are a promise; changing them needs a new schema version."""
        assert list(shape.to_dict()) == KEYS[type(shape)]

    def test_receipt_is_in_it(self, shape: Shape) -> None:
        """The receipt travels with the numbers."""
        assert shape.to_dict()["receipt"] == shape.receipt.to_dict()


def _rows(frame: Any) -> list[dict[str, Any]]:
    rows = nw.from_native(frame, eager_only=True).rows(named=True)
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


class TestFrames:
    @pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
    def test_every_backend_holds_the_same(self, shape: Shape, backend: Any) -> None:
        """A frame has the same columns and values in every library."""
        assert _rows(shape.to_frame(backend)) == _rows(shape.to_frame())

    def test_one_row_a_group(self, estimated: Any) -> None:
        """A breakdown has one row a group, any other result has one."""
        rows = len(estimated) if isinstance(estimated, Breakdown) else 1
        assert len(_rows(estimated.to_frame())) == rows

    @pytest.mark.parametrize("read", [pa.table, pl.DataFrame, na.ArrayStream])
    def test_arrow_stream_holds_the_same(self, shape: Any, read: Any) -> None:
        """Whoever reads Arrow gets the same table, without any frame library of ours."""
        table = read(shape)
        if isinstance(table, na.ArrayStream):
            table = pa.table(table)
        assert _rows(table) == _rows(shape.to_frame())

    def test_an_absent_library_is_named(
        self, shape: Shape, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A backend that is not installed is an error with the install command."""
        monkeypatch.setitem(sys.modules, "polars", None)
        with pytest.raises(UsageError, match="needs the library polars") as caught:
            shape.to_frame("polars")
        assert caught.value.hint == "pip install polars"

    def test_the_library_that_is_there(self, shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a name the frame is of a library that is installed, whichever that is."""
        monkeypatch.setitem(sys.modules, "polars", None)
        assert type(shape.to_frame()).__module__.startswith("pandas")
        monkeypatch.setitem(sys.modules, "pandas", None)
        assert isinstance(shape.to_frame(), pa.Table)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(UsageError, match="none is installed"):
            shape.to_frame()

    def test_an_unknown_backend_has_a_near_miss(self, shape: Shape) -> None:
        """A misspelt backend is answered with the right one."""
        with pytest.raises(UsageError, match="did you mean 'polars'"):
            shape.to_frame("polar")  # type: ignore[arg-type]  # the mistake on trial


class TestPictures:
    def test_svg_is_accessible_and_harmless(self, shape: Shape) -> None:
        """A picture has a title and a description, and neither script, style nor id."""
        tree = _tree(shape.svg())
        names = [node.tag.split("}")[1] for node in tree.iter()]
        assert tree.attrib["role"] == "img"
        assert names[1:3] == ["title", "desc"]
        assert tree[0].text
        assert bool(tree[1].text) == bool(_bars(shape)) or isinstance(shape, Waterfall)
        lines = {"polyline", "polygon"} if isinstance(shape, Curve | Panel) else set()
        assert set(names) <= {"svg", "title", "desc", "line", "circle", "rect", "text", *lines}
        assert not {"style", "id", "onload", "href"} & {a for n in tree.iter() for a in n.attrib}

    def test_svg_prints_every_figure(self, shape: Shape) -> None:
        """Each row of the picture says in words what it shows."""
        texts = [node.text for node in _tree(shape.svg()).iter() if "text" in node.tag]
        for bar in _bars(shape):
            assert fitted(bar.label, MOST_LABEL) in texts
            assert fitted(bar.text, MOST_TEXT) in texts

    def test_svg_follows_the_page_colour(self, shape: Shape) -> None:
        """Nothing has a colour of its own, so dark pages work."""
        tree = _tree(shape.svg())
        colours = {n.attrib[a] for n in tree.iter() for a in ("fill", "stroke") if a in n.attrib}
        assert colours <= {"currentColor", "none"}

    def test_plot_draws_on_given_axes(self, shape: Shape) -> None:
        """Axes that are passed in are drawn on and returned."""
        axes = Axes()
        assert shape.plot(ax=axes) is axes
        assert axes.calls

    def test_plot_has_a_tick_a_row(self, estimated: Shape) -> None:
        """Each row has its name, and each value its dot."""
        axes = Axes()
        estimated.plot(ax=axes)
        ticks = next(args for name, args in axes.calls if name == "set_yticks")
        assert list(ticks[1]) == [bar.label for bar in _bars(estimated)]
        dots = [args for name, args in axes.calls if name == "plot" and "o" in args]
        assert len(dots) == sum(bar.value is not None for bar in _bars(estimated))

    def test_an_unknown_picture_has_a_near_miss(self, shape: Shape) -> None:
        """A kind of picture that a result does not have is answered with one that it has."""
        with pytest.raises(UsageError, match="no picture 'pie'"):
            shape.svg("pie")

    def test_every_kind_of_picture_is_drawn(self, shape: Shape) -> None:
        """Each picture that a result offers is well-formed and has words."""
        for kind in shape._pictures():
            assert _tree(shape.svg(kind)).attrib["role"] == "img"

    def test_a_chart_without_its_library_names_the_extra(
        self, shape: Shape, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without Altair the error says which extra brings it."""
        monkeypatch.setitem(sys.modules, "altair", None)
        with pytest.raises(MissingExtraError, match="'charts' extra"):
            shape.chart()

    def test_plot_without_matplotlib_says_so(
        self, shape: Shape, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without the plotting library there is an error that names what needs none."""
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
        with pytest.raises(UsageError, match=r"svg\(\)"):
            shape.plot()


def _bars(shape: Any) -> Any:
    return shape._bars()


class TestIntervals:
    def test_own_level_gives_own_limits(self, estimated: Any) -> None:
        """Making the interval anew at its own level changes nothing, to the bit."""
        low, high = estimated.confidence_interval(estimated.confidence_level)
        assert _same(low, estimated.low)
        assert _same(high, estimated.high)

    def test_a_higher_level_is_not_narrower(self, estimated: Any) -> None:
        """More confidence never gives a shorter interval."""
        narrow, wide = estimated.confidence_interval(0.8), estimated.confidence_interval(0.99)
        for inner, outer in zip(_list(narrow.low), _list(wide.low), strict=True):
            assert inner is None or math.isnan(inner) or outer <= inner
        for inner, outer in zip(_list(narrow.high), _list(wide.high), strict=True):
            assert inner is None or math.isnan(inner) or outer >= inner

    @pytest.mark.parametrize("level", [0, 1, 95, -0.5, True, math.nan])
    def test_a_level_outside_0_to_1_is_refused(self, estimated: Any, level: float) -> None:
        """A percentage in place of a share is an error."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            estimated.confidence_interval(level)


def _list(limits: Any) -> list[Any]:
    return limits.tolist() if hasattr(limits, "tolist") else [limits]


def _same(one: Any, other: Any) -> bool:
    pairs = zip(_list(one), _list(other), strict=True)
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


class TestValues:
    @pytest.mark.parametrize(
        "twin", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
    )
    def test_copies_are_equal(self, shape: Any, twin: Any) -> None:
        """Copies and pickles are equal by value, and can still make their interval anew."""
        made = twin(shape)
        assert made == shape
        assert type(made) is type(shape)

    def test_a_copy_keeps_its_recipe(self, estimated: Any) -> None:
        """A pickle can still make its interval anew."""
        made = pickle.loads(pickle.dumps(estimated))
        assert _same(made.confidence_interval(0.8).low, estimated.confidence_interval(0.8).low)

    def test_making_it_twice_gives_equals(self) -> None:
        """The same data give results that are equal by value."""
        assert all(make() == make() for make in MAKERS.values())

    def test_different_results_differ(self) -> None:
        """Results of different data are not equal."""
        results = [make() for make in MAKERS.values()]
        assert all(a != b for i, a in enumerate(results) for b in results[i + 1 :])

    def test_nothing_can_be_set(self, shape: Any) -> None:
        """A result is frozen."""
        for name in ("receipt", "metric"):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(shape, name, None)

    def test_it_cannot_be_unpacked(self, shape: Any) -> None:
        """A result is not iterable, so that fields can be added."""
        with pytest.raises(TypeError):
            iter(shape)

    def test_receipt_can_be_filled(self, shape: Any) -> None:
        """More facts in the receipt change nothing else."""
        made = shape.with_receipt(definition="relationship", version=2)
        assert (made.receipt.definition, made.receipt.version) == ("relationship", 2)
        assert attrs.evolve(made, receipt=shape.receipt) == shape

    def test_unknown_receipt_fields_are_refused(self, shape: Any) -> None:
        """A misspelt fact is answered with the right one."""
        with pytest.raises(UsageError, match="did you mean 'definition'"):
            shape.with_receipt(definiton="relationship")
