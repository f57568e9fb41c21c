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
import polars as pl
import pyarrow as pa
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Comparison, Estimate, Shape

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

KEYS = {
    Estimate: [
        *("schema_version", "shape", "metric", "group", "value", "low", "high"),
        *("confidence_level", "method", "standard_error", "n", "effective_n", "unit"),
        *("caveats", "receipt"),
    ],
    Breakdown: [
        *("schema_version", "shape", "metric", "axes", "confidence_level", "method", "unit"),
        *("groups", "caveats", "receipt"),
    ],
    Comparison: [
        *("schema_version", "shape", "metric", "value", "low", "high", "confidence_level"),
        *("method", "standard_error", "unit", "before", "after", "caveats", "receipt"),
    ],
}


@pytest.fixture(params=MAKERS)
def shape(request: pytest.FixtureRequest) -> Any:
    """One result of each kind, ordinary ones and odd ones."""
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
        """A repr fits a line, names its shape and n, and carries every caveat's code."""
        text = repr(shape)
        assert "\n" not in text
        assert text.startswith(type(shape).__name__ + "(")
        assert "n=" in text
        assert all(f"[{caveat.code}]" in text for caveat in shape.caveats)

    def test_str_is_the_summary(self, shape: Shape) -> None:
        """What print shows is the summary: it names the metric, the level and the method."""
        text = str(shape)
        assert text == shape.summary()
        assert shape.metric in text
        assert "95% interval" in text
        assert shape.method in text

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

    def test_one_row_a_group(self, shape: Any) -> None:
        """A breakdown has one row a group, any other result has one."""
        rows = len(shape) if isinstance(shape, Breakdown) else 1
        assert len(_rows(shape.to_frame())) == rows

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
        assert bool(tree[1].text) == bool(_bars(shape))
        assert set(names) <= {"svg", "title", "desc", "line", "circle", "text"}
        assert not {"style", "id", "onload", "href"} & {a for n in tree.iter() for a in n.attrib}

    def test_svg_prints_every_figure(self, shape: Shape) -> None:
        """Each row of the picture says in words what it shows."""
        texts = [node.text for node in _tree(shape.svg()).iter() if "text" in node.tag]
        for bar in _bars(shape):
            assert bar.label in texts
            assert bar.text in texts

    def test_svg_follows_the_page_colour(self, shape: Shape) -> None:
        """Nothing has a colour of its own, so dark pages work."""
        tree = _tree(shape.svg())
        colours = {n.attrib[a] for n in tree.iter() for a in ("fill", "stroke") if a in n.attrib}
        assert colours <= {"currentColor"}

    def test_plot_draws_on_given_axes(self, shape: Shape) -> None:
        """Axes that are passed in are drawn on and returned, one tick a row."""
        axes = Axes()
        assert shape.plot(ax=axes) is axes
        ticks = next(args for name, args in axes.calls if name == "set_yticks")
        assert list(ticks[1]) == [bar.label for bar in _bars(shape)]
        dots = [args for name, args in axes.calls if name == "plot" and "o" in args]
        assert len(dots) == sum(bar.value is not None for bar in _bars(shape))

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
    def test_own_level_gives_own_limits(self, shape: Any) -> None:
        """Making the interval anew at its own level changes nothing, to the bit."""
        low, high = shape.confidence_interval(shape.confidence_level)
        assert _same(low, shape.low)
        assert _same(high, shape.high)

    def test_a_higher_level_is_not_narrower(self, shape: Any) -> None:
        """More confidence never gives a shorter interval."""
        narrow, wide = shape.confidence_interval(0.8), shape.confidence_interval(0.99)
        for inner, outer in zip(_list(narrow.low), _list(wide.low), strict=True):
            assert inner is None or math.isnan(inner) or outer <= inner
        for inner, outer in zip(_list(narrow.high), _list(wide.high), strict=True):
            assert inner is None or math.isnan(inner) or outer >= inner

    @pytest.mark.parametrize("level", [0, 1, 95, -0.5, True, math.nan])
    def test_a_level_outside_0_to_1_is_refused(self, shape: Any, level: float) -> None:
        """A percentage in place of a share is an error."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            shape.confidence_interval(level)


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
        assert _same(made.confidence_interval(0.8).low, shape.confidence_interval(0.8).low)

    def test_making_it_twice_gives_equals(self) -> None:
        """The same data give results that are equal by value."""
        assert all(make() == make() for make in MAKERS.values())

    def test_different_results_differ(self) -> None:
        """Results of different data are not equal."""
        results = [make() for make in MAKERS.values()]
        assert all(a != b for i, a in enumerate(results) for b in results[i + 1 :])

    def test_nothing_can_be_set(self, shape: Any) -> None:
        """A result is frozen."""
        for name in ("value", "receipt", "metric"):
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
