"""What made several numbers, side by side."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import evolve

from cxm_core.report._receipts import ReceiptRow, receipt_rows
from cxm_core.results import Estimate, Receipt, SourceStatus
from report.sample import breakdown, change, points, receipt, sfo_page

ZONE = "America/Los_Angeles"


def facts(*results: Estimate) -> dict[str, tuple[str, ...]]:
    """Cells of each fact by its name."""
    return {row.name: row.cells for row in receipt_rows(results, ZONE)}


def test_every_part_of_a_receipt_is_told() -> None:
    """Definition, version, hash, window, denominators, exclusions, method, level, sources."""
    made = evolve(
        points("2018", 30.981132, 1.442203, 2650),
        receipt=receipt("2018", seed=7, as_of=datetime(2026, 11, 20, 12, tzinfo=UTC)),
    )
    assert {name: cells[0] for name, cells in facts(made).items()} == {
        "Figure": "31.0 (28.2 to 33.8)",
        "Definition": "recommend, version 1",
        "Definition hash": "9f2c41d0a6b85e73",
        "Window": "2018: 1 January 2018 until before 1 January 2019",
        "Selected": "question = NETPRO; journey = departure",
        "Settings": "scale = 0-10; top = 9, 10; bottom = 0 to 6",
        "Counted": "rows 2,831 \u2192 in window 2,831 \u2192 answered 2,746",
        "Left out": "no_answer 85",
        "Answers": "2,650, effective 1,882",
        "Interval": "95%, method score",
        "Standard error": "1.4 points",
        "Sources": "files:sfo 2017: complete on 21 November 2026, 06:30; "
        "files:sfo 2018: complete on 21 November 2026, 06:30",
        "Known as of": "20 November 2026, 04:00",
        "Program hash": "4b1f0c7788aa",
        "Seed": "7",
        "Engine": "nps, cxm 0.1.0",
    }


def test_a_bare_receipt_has_only_what_it_knows() -> None:
    """A number from a plain list has no window, no sources, no definition of its own."""
    bare = Receipt(engine="nps", method="score", confidence_level=0.95)
    made = evolve(points("2018", 31.0, 1.4, 10), effective_n=None, receipt=bare)
    names = ["Figure", "Definition", "Answers", "Interval", "Standard error", "Engine"]
    assert list(facts(made)) == names


def test_a_source_is_complete_incomplete_or_not_known() -> None:
    """Three states, three words."""
    sources = [
        SourceStatus(source="a", is_complete=True),
        SourceStatus(source="b", is_complete=False),
        SourceStatus(source="c"),
    ]
    made = evolve(points("2018", 31.0, 1.4, 10), receipt=receipt("2018", sources=sources))
    assert facts(made)["Sources"] == ("a: complete; b: partial; c: completeness not known",)


def test_what_is_alike_is_told_once() -> None:
    """Neighbours with the same fact share a cell."""
    row = ReceiptRow(name="Engine", cells=("nps", "nps", "mover"))
    assert row.spans == (("nps", 2), ("mover", 1))


def test_a_change_tells_both_denominators() -> None:
    """Before and after, and the sign of the figure."""
    moved = change(points("2017", 39.839767, 1.334137, 2746), points("2018", 31.0, 1.442203, 2650))
    row = facts(moved)
    assert row["Answers"] == ("2,746 before and 2,650 after",)
    assert row["Figure"][0].startswith("\u22128.8 (\u2212")


def test_a_breakdown_has_one_receipt_for_all_groups() -> None:
    """All answers together, no single figure."""
    row = facts(breakdown())
    assert row["Answers"] == ("2,650",)
    assert "Figure" not in row


def test_each_figure_has_a_cell_in_every_row() -> None:
    """Rows of a receipt are as wide as the figures they speak of."""
    head = sfo_page().headlines[0]
    rows = receipt_rows([*(wave.estimate for wave in head.waves), head.change], ZONE)
    assert {len(row.cells) for row in rows} == {3}
    assert {sum(span for _, span in row.spans) for row in rows} == {3}
