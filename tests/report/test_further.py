"""Groups that are pooled or held against each other, with all that is told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

import pytest
from attrs import evolve

import cxm_core as cx
from cxm_core.report import ReportPage, page_of, to_html, to_markdown, to_tables
from cxm_core.results import Breakdown

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SCORES = [10, 9, 9, 8, 7, 3] * 20
SHOPS = ["North", "South", None] * 40


def page(breakdown: Breakdown) -> ReportPage:
    """A page of one breakdown."""
    return page_of([breakdown], title="t", now=NOW)


def told(breakdown: Breakdown) -> list[list[str]]:
    """Cells of the table of groups in Markdown, the heads first."""
    lines = to_markdown(page(breakdown)).split("## Receipts")[0].splitlines()
    table = [line for line in lines if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.fixture
def pooled() -> Breakdown:
    """Shops drawn towards their common value."""
    return cx.pool(cx.nps(SCORES, by={"shop": SHOPS}))


@pytest.fixture
def against() -> Breakdown:
    """Each shop against the others."""
    return cx.against_rest(SCORES, metric="nps", by={"shop": SHOPS})


class TestPooled:
    def test_the_title_says_so(self, pooled: Breakdown) -> None:
        """Measured and pooled groups of one metric have two titles, wherever they are told."""
        assert page(pooled).groups[0].title == "pooled nps by shop"
        assert all("pooled nps by shop" in form for form in (str(pooled), repr(pooled)))
        assert page(cx.nps(SCORES, by={"shop": SHOPS})).groups[0].title == "nps by shop"

    def test_the_table_has_both_values_and_the_shrinkage(self, pooled: Breakdown) -> None:
        """What was measured, what it is drawn to, and how far stand beside the pooled value."""
        heads, north, *_ = told(pooled)
        assert heads == [
            *("Group", "Pooled", "Interval", "Answers"),
            *("Measured", "Drawn to", "Shrinkage"),
        ]
        assert (north[1], *north[4:6]) == ("48.6", "50.0", "33.3")
        assert north[6] == f"{pooled.figures['shrinkage'][0]:.3f}"

    def test_the_chart_has_a_ring_where_it_was_measured(self, pooled: Breakdown) -> None:
        """Each group has a dot and a ring in both layouts, and a key says which is which."""
        html = to_html(page(pooled))
        assert html.count('class="before"') == 2 * 3
        assert "pooled, with its interval" in html
        assert "measured 50.0, shrinkage" in html


class TestDifferences:
    def test_signs_and_adjusted_p_values(self, against: Breakdown) -> None:
        """Differences have their sign and unit, and the p-values that the caveat speaks of."""
        heads, north, _, missing = told(against)
        assert heads[1] == "Difference (points)"
        assert heads[-2:] == ["p-value", "Adjusted p-value"]
        assert (north[1], missing[1]) == ("+25.0", "\u221250.0")
        assert north[2].startswith("+2.5 to +")
        assert north[-1] == f"{against.figures['p_adjusted'][0]:.3f}"
        assert missing[-2] == r"\< 0.001"

    def test_chart_stands_against_nought(self, against: Breakdown) -> None:
        """The line of no difference is drawn, and the p-values are read beside it."""
        html = to_html(page(against))
        assert 'class="reference"' in html
        assert "adjusted p-value 0.003" in html

    def test_percentage_points(self) -> None:
        """The head names the unit of a difference of shares, whose numbers have no sign for it."""
        found = cx.against_rest([5, 4, 1] * 40, metric="csat", scale="1-5", by=SHOPS)
        heads, first, *_ = told(found)
        assert heads[1] == "Difference (percentage points)"
        assert first[1] == "+50.0"
        assert first[4:6] == ["100.0%", "50.0%"]

    def test_times(self) -> None:
        """Differences of times have their unit in every cell."""
        at = [NOW] * 120
        hours = [(i % 40) * (1 + i % 3) + 1 for i in range(120)]
        log = {
            "occurred_at": at,
            "solved_at": [t + timedelta(hours=h) for t, h in zip(at, hours, strict=True)],
            "channel": ["chat", "mail", "phone"] * 40,
        }
        heads, mail, _ = told(cx.compare_times(log, by="channel", against="chat"))
        assert heads[1] == "Difference"
        assert (
            "from chat" in page(cx.compare_times(log, by="channel", against="chat")).groups[0].title
        )
        assert mail[1].startswith("+")
        assert mail[1].endswith(" h")


class TestOthers:
    def test_counts_and_waits(self) -> None:
        """Stages show how many got there, and how long it took them."""
        at = [NOW, NOW + timedelta(minutes=5), NOW + timedelta(days=1)] * 40
        log = {
            "case": [c for i in range(40) for c in (f"{i}a", f"{i}a", f"{i}b")],
            "activity": ["cart", "paid", "cart"] * 40,
            "occurred_at": at,
        }
        heads, paid = told(cx.funnel(log, ["cart", "paid"]))
        assert heads[3:] == ["Cases", "Reached", "Wait"]
        assert paid[3:] == ["80", "40", "5.0 min"]

    def test_a_group_without_answers(self, pooled: Breakdown) -> None:
        """Where there is no figure, a dash stands, and no ring is made up."""
        nothing = [nan, *pooled.value[1:]]
        figures = {name: [nan, *values[1:]] for name, values in pooled.figures.items()}
        found = evolve(pooled, value=nothing, low=nothing, high=nothing, figures=figures)
        _, first, *_ = told(found)
        assert first[1] == first[4] == first[5] == first[6] == "\u2013"
        assert to_html(page(found)).count('class="before"') == 2 * 2


class TestSides:
    def test_groups_side_by_side(self) -> None:
        """Two groups are held against each other by name, and nothing is called before or after."""
        groups = cx.nps(SCORES, by={"shop": SHOPS})
        found = page_of([cx.compare(groups["North"], groups[None])], title="t", now=NOW)
        for text in (to_markdown(found), to_html(found)):
            assert "(missing) less North" in text
            assert "against North" in text
            assert "40 in North and 40 in (missing)" in text
            assert "before: " not in text
            assert " before and " not in text

    def test_counts_of_all_groups_are_called_so(self) -> None:
        """One group's receipt says that its steps and exclusions are those of all."""
        groups = cx.quantile([*SCORES, None], by={"shop": [*SHOPS, "North"]})
        text = to_markdown(page_of([groups["South"]], title="t", now=NOW))
        assert "missing 1 (of all groups)" in text
        assert "all answers" not in text

    def test_weights_of_one_side_are_told(self) -> None:
        """Where one side is weighted, the heading speaks of it, and each row of data of its own."""
        weighted = cx.nps(SCORES, weights=[1.0, 2.0] * 60)
        found = page_of([cx.compare(weighted, cx.nps(SCORES))], title="t", now=NOW)
        assert "weighted on one side only" in to_markdown(found)
        assert "(unweighted)" not in to_markdown(found)
        assert to_tables(found)["headlines"].to_dict()["is_weighted"] == [True, False]


class TestData:
    def test_each_further_figure_is_a_row(self, against: Breakdown) -> None:
        """The table of further figures has all of them, in full precision and with their unit."""
        rows = to_tables(page(against))["group_figures"].rows
        assert len(rows) == 3 * len(against.figures)
        found = {(group, name): (value, unit) for _, group, name, value, unit in rows}
        assert found["North", "rest"] == (against.figures["rest"][0], "points")
        assert found["(missing)", "p_adjusted"] == (against.figures["p_adjusted"][2], "")
