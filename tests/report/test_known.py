"""What was measured, beside what is known from elsewhere."""

from __future__ import annotations

import pytest
from attrs import evolve

from cxm_core.report import Known, KnownRow, ReportPage, to_html, to_markdown, to_tables
from cxm_core.report._figures import known_chart
from cxm_core.report._view import known_sentence, receipted, sections
from report.html_reading import read
from report.sample import NOW, points, share


def row(known: float, label: str = "2018", **given: object) -> KnownRow:
    """An NPS of 31.0 with an interval from 28.2 to 33.8, beside a known value."""
    return KnownRow(
        label=label,
        estimate=evolve(points("2018", 30.98, 1.44, 2650), **given),
        known=known,
    )


def page(*rows: KnownRow, known_from: str = "the dashboard of 3 May") -> ReportPage:
    """A page with these rows of one metric."""
    known = Known(title="Net Promoter Score", rows=rows)
    return ReportPage(title="t", generated_at=NOW, known=[known], known_from=known_from)


class TestWithin:
    """Whether a known value lies within the interval."""

    @pytest.mark.parametrize(
        ("known", "is_within"), [(31.0, True), (28.0, False), (34.0, False), (30.98, True)]
    )
    def test_against_both_limits(self, known: float, is_within: bool) -> None:
        """Within is between the limits."""
        assert row(known).is_within is is_within

    def test_limits_belong_to_the_interval(self) -> None:
        """A known value that equals a limit is within."""
        limits = row(0.0).estimate
        assert limits.low is not None
        assert row(limits.low).is_within is True

    def test_without_an_interval_nobody_knows(self) -> None:
        """A figure that has no interval neither holds nor misses the known value."""
        assert row(31.0, low=None).is_within is None
        assert row(31.0, value=None, low=None, high=None).is_within is None


class TestSentence:
    """The sentence above the figures."""

    def test_counts(self) -> None:
        """It says how many lie within, where they are known from, and how many should."""
        assert known_sentence(page(row(31.0), row(99.0), row(31.0, low=None))) == (
            "1 of 2 values, known from the dashboard of 3 May, lie within their intervals; "
            "about 95% of them should, if nothing is wrong."
        )

    def test_levels_differ(self) -> None:
        """Where intervals have different levels, the share is their mean."""
        other = row(31.0, confidence_level=0.9)
        assert known_sentence(page(row(31.0), other, known_from="")) == (
            "2 of 2 values lie within their intervals; "
            "about 92.5% of them should, if nothing is wrong."
        )

    def test_without_an_interval(self) -> None:
        """Where no figure has an interval, no share is promised."""
        told = known_sentence(page(row(31.0, low=None), known_from=""))
        assert told == "0 of 0 values lie within their intervals."


class TestShown:
    """The three forms of the report."""

    def test_html(self) -> None:
        """Measured, interval, known value and whether it is within stand in one row."""
        shown = read(to_html(page(row(33.95), row(31.0, "2018 \u00b7 business"))))
        assert [n.text for n in shown.find("h2")] == ["Beside what is known"]
        rows = [[cell.text for cell in line.find("td")] for line in shown.find("tr")]
        assert ["31.0", "28.2 to 33.8", "2,650", "34.0", "no"] in rows
        assert ["31.0", "28.2 to 33.8", "2,650", "31.0", "yes"] in rows
        assert "measured, with its interval" in shown.text

    def test_markdown(self) -> None:
        """The same figures."""
        told = to_markdown(page(row(33.95)))
        assert "### Net Promoter Score\n" in told
        assert "| 2018 | 31.0 | 28.2 to 33.8 | 2,650 | 34.0 | no |" in told

    def test_table(self) -> None:
        """Full precision, and the known value beside."""
        found = to_tables(page(row(33.95)))["known"].to_dict()
        assert (found["value"], found["known"], found["is_within"]) == ([30.98], [33.95], [False])
        assert (found["figure"], found["known_from"]) == (["2018"], ["the dashboard of 3 May"])

    def test_every_figure_has_its_receipt(self) -> None:
        """A measured number beside a known one says how it was made, like any other."""
        ((title, named),) = receipted(page(row(31.0), row(31.0, "2017")))
        assert title == "Net Promoter Score, beside what is known"
        assert [name for name, _ in named] == ["2018", "2017"]

    def test_the_chart_has_a_ring_at_the_known_value(self) -> None:
        """The mark carries the known value in the numbers of the axis, and in words."""
        known = Known(
            title="CSAT", rows=[KnownRow(label="2018", estimate=share(69, 100), known=0.713)]
        )
        (mark,) = known_chart(known).marks
        assert mark.before == 0.713
        assert mark.extras == ("71.3%", "yes")
        assert mark.note == "known: 71.3%"

    def test_nothing_known_nothing_shown(self) -> None:
        """A page without known values has no such part."""
        assert sections(ReportPage(title="t", generated_at=NOW)) == ()
