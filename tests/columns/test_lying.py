"""Answers that are counted where they lie."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from cxm_core.columns._lying import cells_of

NONE = {"by": None, "weights": None, "strata": None, "clusters": None, "population": None}
ROWS = "SELECT 9 AS score, 'North' AS region, 2026 AS wave, 'a' AS stratum, i % 2 AS customer"


def names(**parts: Any) -> tuple[str, ...]:
    """Columns of the cells, in the order in which the engine groups by them."""
    cells = cells_of(duckdb.sql(f"{ROWS} FROM range(4) AS t(i)"), "score", NONE | parts)
    assert cells is not None
    assert cells.n.sum() == 4
    return cells.frame.names


@pytest.mark.parametrize("by", ["region", ["region"], {"area": "region"}])
def test_groups_come_before_answers(by: object) -> None:
    """Groups stand first in the query and answers last, an order that engines are quick with."""
    assert names(by=by) == ("region", "score", "cxm_n")
    design = {"strata": "stratum", "clusters": "customer"}
    assert names(by=by, **design) == ("region", "stratum", "customer", "score", "cxm_n")


def test_a_column_in_two_parts_is_grouped_by_once() -> None:
    """A column that is a group and a stratum, or the answer, too, is asked for once."""
    assert names(by=["wave", "region"], strata="wave") == ("wave", "region", "score", "cxm_n")
    assert names(by="score") == ("score", "cxm_n")
