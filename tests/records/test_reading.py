"""The row lane of tables: one row of text, one record or one reason."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.records import (
    KINDS,
    Cell,
    Problem,
    Reason,
    Record,
    Response,
    RowMapping,
    Score,
    from_row,
    parse_text,
    read_row,
    scale_constants,
)
from cxm_core.records import describe as described
from cxm_core.testing import source_rows
from cxm_core.vocabulary import Identifier

CODES = {"6": "not_applicable", "0": "no_answer", "": "no_answer"}
MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="2017:{ID}:Q7"),
        "occurred_at": Cell(template="2017-05-{DAY}", format="%Y-%m-%d", zone="America/New_York"),
        "score_value": Cell(template="{Q7}", missing=CODES),
        "weight": Cell(template="{WEIGHT}", missing={"-99": "none"}),
        "channel": Cell(template="{CHANNEL}"),
        "cluster": Cell(template="{RUN}"),
    },
    constants=(*scale_constants("1-5"), ("question", "Q7"), ("is_deleted", False)),
    attributes={"gate": Cell(template="{AREA}{GATE}"), "day": Cell(template="{DAY}")},
    customer=(("email", Cell(template="{MAIL}")), ("external", Cell(template="card-{CARD}"))),
)
ROW = {
    "ID": "17",
    "DAY": "3",
    "Q7": " 4 ",
    "WEIGHT": "0.5",
    "CHANNEL": "In Store",
    "RUN": "9",
    "AREA": "B",
    "GATE": "92",
    "MAIL": "A@b.c",
    "CARD": "7",
}


def read(**changes: str | None) -> Record | Problem:
    """Record of the row with some cells changed."""
    return read_row(MAPPING, ROW | changes)


class TestByHand:
    """Rows whose record can be told by reading them."""

    def test_whole_row(self) -> None:
        """Cells, templates, constants, attributes and identifiers become one record."""
        assert read() == Response(
            native_id="2017:17:Q7",
            occurred_at="2017-05-03T04:00:00Z",
            customer=[("email", "a@b.c"), ("external", "card-7")],
            question="Q7",
            score=Score(4, "1-5"),
            weight=0.5,
            channel="in_store",
            cluster="9",
            attributes={"gate": "B92", "day": "3"},
        )

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("6", "not_applicable"),
            ("6.0", "not_applicable"),
            ("0", "no_answer"),
            ("", "no_answer"),
            (" ", "no_answer"),
            ("\u200b", "no_answer"),
            (None, "no_answer"),
        ],
    )
    def test_missing_codes(self, text: str | None, word: str) -> None:
        """A missing code leaves neither score nor scale, and its word says why."""
        record = read(Q7=text)
        assert isinstance(record, Response)
        assert (record.score, record.no_answer) == (None, word)

    def test_code_of_another_cell(self) -> None:
        """A missing code of any other cell is null."""
        record = read(WEIGHT="-99.0")
        assert isinstance(record, Response)
        assert record.weight is None

    def test_a_part_is_missing(self) -> None:
        """A template one of whose columns shows nothing is null."""
        record = read(GATE=" ", CARD=None)
        assert isinstance(record, Response)
        assert record.attributes == {"day": "3"}
        assert record.customer == (Identifier.of("email", "a@b.c"),)

    def test_absent_column(self) -> None:
        """A column that the row does not have is null."""
        rest = {name: text for name, text in ROW.items() if name not in ("RUN", "Q7")}
        record = read_row(MAPPING, rest)
        assert isinstance(record, Response)
        assert (record.cluster, record.no_answer) == (None, "no_answer")

    def test_aliases(self) -> None:
        """A column is found under its other names, under its own first."""
        aliases = (("Q7", ("Q7-1", "q7")),)
        rest = {name: text for name, text in ROW.items() if name != "Q7"}
        for names in ({"q7": "2"}, {"Q7-1": "2", "q7": "3"}, {"Q7": "2", "q7": "9"}):
            record = read_row(MAPPING, rest | names, aliases=aliases)
            assert isinstance(record, Response)
            assert record.score == Score(2, "1-5")

    def test_unknown_channel(self) -> None:
        """A channel that is not known is other."""
        record = read(CHANNEL="threads")
        assert isinstance(record, Response)
        assert record.channel == "other"

    @pytest.mark.parametrize(
        ("changes", "reason", "field"),
        [
            ({"ID": ""}, Reason.MISSING_FIELD, "native_id"),
            ({"DAY": None}, Reason.MISSING_FIELD, "occurred_at"),
            ({"DAY": "32"}, Reason.BAD_DATETIME, "occurred_at"),
            ({"Q7": "7"}, Reason.OUT_OF_SCALE, "score_value"),
            ({"Q7": "good"}, Reason.WRONG_TYPE, "score_value"),
            ({"Q7": "9" * 30}, Reason.OUT_OF_RANGE, "score_value"),
            ({"WEIGHT": "1e999"}, Reason.NON_FINITE, "weight"),
            ({"WEIGHT": "0,5"}, Reason.WRONG_TYPE, "weight"),
            ({"WEIGHT": "-1"}, Reason.OUT_OF_RANGE, "weight"),
            ({"ID": "a\x07b"}, Reason.BAD_PATTERN, "native_id"),
            ({"MAIL": "a\nb"}, Reason.BAD_PATTERN, "customer"),
            ({"CARD": "x" * 600}, Reason.TOO_LARGE, "customer"),
            ({"DAY": "32", "Q7": "7", "ID": ""}, Reason.MISSING_FIELD, "native_id"),
            ({"WEIGHT": "x", "DAY": "32"}, Reason.BAD_DATETIME, "occurred_at"),
            ({"WEIGHT": "x", "Q7": "7"}, Reason.WRONG_TYPE, "weight"),
            ({"WEIGHT": "x", "RUN": "y" * 600}, Reason.WRONG_TYPE, "weight"),
            ({"WEIGHT": "-1", "Q7": "good"}, Reason.WRONG_TYPE, "score_value"),
        ],
    )
    def test_reasons(self, changes: dict[str, str | None], reason: Reason, field: str) -> None:
        """The first wrong column is told, whether its text or its value is wrong."""
        problem = read(**changes)
        assert isinstance(problem, Problem)
        assert (problem.reason, problem.field) == (reason, field)

    def test_group_of_constants_only(self) -> None:
        """Constants that stand together without any cell hold in every row."""
        mapping = RowMapping(
            kind="order",
            cells={"native_id": Cell(template="{ID}"), "occurred_at": Cell(template="2026-01-01Z")},
            constants={"total_minor": 100, "total_currency": "EUR"},
        )
        problem = read_row(mapping, {"ID": "1"})
        assert isinstance(problem, Problem)
        mended = RowMapping(
            kind="order",
            cells=dict(mapping.cells) | {"occurred_at": Cell(template="2026-01-01T00:00Z")},
            constants=mapping.constants,
        )
        record = read_row(mended, {"ID": "1"})
        assert str(record.total) == "1.00 EUR"  # type: ignore[union-attr]


class TestByLaw:
    """What holds for every row of text."""

    @given(st.sampled_from(sorted(KINDS)).flatmap(source_rows))
    def test_reading_is_parsing_and_checking(
        self, drawn: tuple[RowMapping, dict[str, Any]]
    ) -> None:
        """A row of text is a record exactly where each text has a value and the values are one."""
        mapping, row = drawn
        outcome = read_row(mapping, row)
        columns = described(KINDS[mapping.kind]).fields
        values = {
            column.name: parse_text(column.type, row[column.name], zone="Europe/Berlin")
            for column in columns
            if column.name in row and not column.levels
        }
        unread = [name for name, value in values.items() if isinstance(value, Reason)]
        if isinstance(outcome, Record):
            assert not unread
            words = {c.name: getattr(outcome, c.name) for c in columns if c.levels}
            assert from_row(mapping.kind, values | words) == outcome
        elif unread:
            order = [column.name for column in columns]
            assert order.index(str(outcome.field)) <= order.index(unread[0])


class TestByReference:
    """The airport's survey, row by row."""

    @pytest.mark.parametrize(
        ("year", "column", "n", "nps"),
        [("2017", "NETPRO", 2_746, 39.839767), ("2018", "NETPRO", 2_650, 30.981132)],
    )
    def test_sfo(self, sfo: Path, year: str, column: str, n: int, nps: float) -> None:
        """Each row becomes a response; scores give the published NPS, the rest has its word."""
        mapping = RowMapping(
            kind="response",
            cells={
                "native_id": Cell(template=f"{year}:{{RESPNUM}}:{column}"),
                "occurred_at": Cell(
                    template=f"{year}-05-{{INTDATE}}",
                    format="%Y-%m-%d",
                    zone="America/Los_Angeles",
                ),
                "score_value": Cell(
                    template=f"{{{column}}}", missing={"11": "no_answer", "": "no_answer"}
                ),
                "weight": Cell(template="{WEIGHT}"),
                "stratum": Cell(template="{STRATA}"),
                "cluster": Cell(template="{RUNID}"),
            },
            constants=scale_constants("0-10"),
            attributes={"gate": Cell(template="{GATE}"), "language": Cell(template="{LANG}")},
        )
        with gzip.open(sfo / f"sfo_{year}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
            found = [read_row(mapping, row) for row in csv.DictReader(lines)]
        problems = Counter(one.reason for one in found if isinstance(one, Problem))
        answers = [one for one in found if isinstance(one, Response)]
        values = [one.score.value for one in answers if one.score is not None]
        assert not problems
        assert {one.no_answer for one in answers if one.score is None} == {"no_answer"}
        points = 100 * (sum(v >= 9 for v in values) - sum(v <= 6 for v in values)) / len(values)
        assert len(values) == n
        assert round(points, 6) == nps
