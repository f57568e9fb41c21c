"""Numbers as text: the only place that rounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.results._show import (
    Format,
    axis_of,
    html_table,
    label_text,
    percent,
    strip,
    text_table,
)

finite = st.floats(-1e6, 1e6, allow_nan=False)


class TestByHand:
    @pytest.mark.parametrize(
        ("unit", "value", "text"),
        [
            ("points", 39.839767, "39.8 points"),
            ("points", -0.04, "-0.04 points"),
            ("points", 0.0, "0.0 points"),
            ("points", -0.0, "0.0 points"),
            ("share", 0.820685, "82.1%"),
            ("share", 1.0, "100.0%"),
            ("scale points", 4.0, "4.00 scale points"),
            ("parcels", 1234.5, "1,234.50 parcels"),
            ("minutes", 120.0, "120.00 minutes"),
        ],
    )
    def test_values(self, unit: str, value: float, text: str) -> None:
        """Each unit has its decimals and its word."""
        assert Format.fitting(unit, []).value(value) == text

    @pytest.mark.parametrize(
        ("value", "width", "text"),
        [
            (45.0, 4.0, "45.0 seconds"),
            (600.0, 60.0, "10.00 minutes"),
            (79_560.0, 1_200.0, "22.10 hours"),
            (864_000.0, 86_400.0, "10.00 days"),
            (0.0, 7_200.0, "0.0 hours"),
            (None, None, "no value"),
        ],
    )
    def test_times(self, value: float | None, width: float | None, text: str) -> None:
        """A time is kept in seconds, and read in what suits its size."""
        assert Format.fitting("seconds", [width], values=[value]).value(value) == text

    @pytest.mark.parametrize(
        ("unit", "value", "text"),
        [
            ("points", 5.28, "+5.3 points"),
            ("points", -5.28, "-5.3 points"),
            ("points", 0.0, "0.0 points"),
            ("share", 0.0363, "+3.6 percentage points"),
        ],
    )
    def test_changes(self, unit: str, value: float, text: str) -> None:
        """A change has its sign, and a change of shares is in percentage points."""
        assert Format.fitting(unit, [], is_change=True).value(value) == text

    def test_limits(self) -> None:
        """A limit that is not reached is said in words."""
        show = Format.fitting("points", [])
        assert show.interval(1.0, 2.0) == "1.0 to 2.0"
        assert show.interval(None, 2.0) == "up to 2.0"
        assert show.interval(1.0, None) == "1.0 or more"
        assert show.interval(None, None) == "none"

    @pytest.mark.parametrize(
        ("widths", "decimals"), [([10.0], 1), ([0.4], 2), ([0.04], 3), ([], 1), ([None, 0.0], 1)]
    )
    def test_narrow_intervals_get_more_decimals(
        self, widths: list[float | None], decimals: int
    ) -> None:
        """Half a width shows two digits, however narrow it is."""
        assert Format.fitting("points", widths).decimals == decimals

    @pytest.mark.parametrize(
        ("share", "text"), [(0.95, "95%"), (0.999, "99.9%"), (2 / 3, "66.6667%")]
    )
    def test_levels(self, share: float, text: str) -> None:
        """A level is a percentage without idle noughts."""
        assert percent(share) == text

    def test_strips(self) -> None:
        """The strip spans the axis, with the value where it lies."""
        assert strip((0.5, 0.0, 1.0), (0.0, 1.0)) == "-" * 12 + "o" + "-" * 11
        assert strip((None, None, None), (0.0, 1.0)) == ""
        assert strip((1.0, 1.0, 1.0), (1.0, 1.0)).strip() == "o"

    def test_tables(self) -> None:
        """Labels stand to the left, numbers to the right."""
        text = text_table(["a", "n", "note"], [["x", "10", "y"]], left=1)
        assert text.splitlines() == ["a   n  note", "-  --  ----", "x  10  y"]

    def test_html_is_escaped(self) -> None:
        """No cell, header, caption or note can open a tag."""
        html = html_table("<a>", ["<b>"], [["<c>"]], ["<d>"])
        assert all(f"&lt;{x}&gt;" in html and f"<{x}>" not in html for x in "abcd")

    def test_labels_cannot_steer_a_terminal(self) -> None:
        """Escape codes, line breaks and turned text are replaced by a sign that shows."""
        assert label_text("a\x1b[2Jb\nc\u202ed\ud800") == "a\ufffd[2Jb\ufffdc\ufffdd\ufffd"


class TestByLaw:
    @given(finite, st.sampled_from(["points", "share", "scale points", "x"]), st.booleans())
    def test_the_sign_is_never_lost(self, value: float, unit: str, is_change: bool) -> None:
        """A number above zero never reads as zero or below, nor the other way round."""
        show = Format.fitting(unit, [], is_change=is_change)
        shown = float(show.number(value).rstrip("%").replace(",", ""))
        assert (shown > 0) - (shown < 0) == (value > 1e-15) - (value < -1e-15) or abs(value) < 1e-12

    @given(finite, finite, finite)
    def test_strips_have_one_dot_inside(self, a: float, b: float, c: float) -> None:
        """Whatever the numbers, there is one dot between the limits and the width is fixed."""
        low, value, high = sorted((a, b, c))
        text = strip((value, low, high), axis_of([low, high]))
        assert len(text) == 24
        assert text.count("o") == 1
        assert set(text) <= set(" -o")

    @given(st.lists(st.one_of(st.none(), finite), min_size=1))
    def test_the_axis_holds_all(self, numbers: list[float | None]) -> None:
        """No number lies outside the axis."""
        low, high = axis_of(numbers)
        assert all(low <= n <= high for n in numbers if n is not None)
        assert math.isfinite(high - low)
