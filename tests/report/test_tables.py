"""Every table of the report as data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.report import ReportPage, read_csv, to_tables, write_csv
from report.payloads import ALL
from report.sample import NOW, page_full_of, sfo_page

NAMES = [
    "headlines",
    "changes",
    "touchpoints",
    "groups",
    "group_figures",
    "known",
    "quotes",
    "completeness",
    "quarantine",
    "definitions",
    "receipts",
]


def test_names_and_columns_do_not_depend_on_the_page() -> None:
    """A program that reads the tables finds them always, empty if need be."""
    full = to_tables(sfo_page())
    empty = to_tables(ReportPage(title="t", generated_at=NOW))
    assert list(full) == list(empty) == NAMES
    assert {k: dict(t.types) for k, t in full.items()} == {
        k: dict(t.types) for k, t in empty.items()
    }
    assert all(len(table) == 0 for table in empty.values())


def test_figures_have_full_precision() -> None:
    """Rounding is for readers; data stay as they were computed."""
    rows = to_tables(sfo_page())["headlines"].to_dict()
    assert rows["value"][2:4] == [39.839767, 30.981132]
    assert rows["standard_error"][:2] == [1.524684, 2.208824]
    assert rows["n"][:2] == [2746, 2650]
    assert rows["is_weighted"][:3] == [True, True, False]
    assert rows["definition_hash"][0] == "9f2c41d0a6b85e73"


def test_changes_hold_both_sides() -> None:
    """After minus before, with both figures and both counts."""
    rows = to_tables(sfo_page())["changes"].to_dict()
    assert rows["value"][1] == pytest.approx(-8.858635)
    assert (rows["before"][1], rows["after"][1]) == (39.839767, 30.981132)
    assert (rows["n_before"][1], rows["n_after"][1]) == (2746, 2650)


def test_touchpoints_stand_in_the_order_of_the_chart() -> None:
    """Largest share of all customers asked first; each share with its own denominator."""
    rows = to_tables(sfo_page())["touchpoints"].to_dict()
    product = rows["rated_low_of_asked"]
    assert rows["touchpoint"][0] == "Restaurants"
    assert product == sorted(product, reverse=True)
    assert product[0] == pytest.approx(265 / 2716)
    assert rows["used"][0] == pytest.approx(2342 / 2716)
    assert rows["rated_low_of_users"][0] == pytest.approx(265 / 2342)
    assert (rows["used_n"][0], rows["rated_low_of_users_n"][0]) == (2716, 2342)
    assert rows["change"][0] == pytest.approx(265 / 2716 - 255 / 2762)


def test_a_group_without_a_figure_is_missing_not_nought() -> None:
    """Nobody answered in the last group."""
    rows = to_tables(sfo_page())["groups"].to_dict()
    assert rows["group"][-1] == "(missing)"
    assert (rows["value"][-1], rows["n"][-1]) == (None, 0)
    assert rows["caveats"][-1] == "no_answers"


def test_quotes_are_whole() -> None:
    """The table has what the page clips, word for word."""
    text = "word " * 50_000
    rows = to_tables(page_full_of(text))["quotes"].to_dict()
    assert rows["text"] == [text]
    assert (rows["score"], rows["scale"]) == ([3], ["0-10"])


def test_syncs_balance_in_the_table() -> None:
    """Served is the sum of the five outcomes."""
    for row in to_tables(sfo_page())["completeness"].rows:
        assert row[4] == sum(row[5:10])


def test_receipts_are_one_row_a_fact() -> None:
    """Part, figure, fact, value: all that the page folds away."""
    rows = to_tables(sfo_page())["receipts"].rows
    wanted = "rows 2,831 \u2192 in window 2,831 \u2192 answered 2,746"
    assert ("Net Promoter Score", "2018", "Counted", wanted) in rows
    assert ("Restaurants", "Rated low, of users", "Answers", "2,342, effective 2,342") in rows


def test_every_table_survives_a_file(tmp_path: Path) -> None:
    """Written as CSV and read again, each table is the same."""
    for name, table in to_tables(sfo_page()).items():
        assert read_csv(write_csv(table, tmp_path / f"{name}.csv"), types=table.types) == table


@pytest.mark.parametrize("payload", ALL)
def test_hostile_words_survive_a_file(payload: str, tmp_path: Path) -> None:
    """Whatever a customer writes comes back as it was, in every table."""
    for name, table in to_tables(page_full_of(payload)).items():
        assert read_csv(write_csv(table, tmp_path / f"{name}.csv"), types=table.types) == table


@given(st.text(max_size=40))
def test_any_text_in_any_field_keeps_the_tables_whole(text: str) -> None:
    """No text adds or takes away a row."""
    ours = {name: len(table) for name, table in to_tables(page_full_of("x")).items()}
    assert {n: len(t) for n, t in to_tables(page_full_of("x" + text)).items()} == ours
