"""Mappings that connectors declare: cells, constants, groups, and mistakes in them."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.records import Cell, Reader, RowMapping, Table, scale_constants
from cxm_core.vocabulary import Scale

ENVELOPE = {"native_id": Cell(template="{ID}"), "occurred_at": Cell(template="{AT}", zone="UTC")}


def mapping(**changes: Any) -> RowMapping:
    """Mapping of responses with a score."""
    told: dict[str, Any] = {
        "kind": "response",
        "cells": ENVELOPE | {"score_value": Cell(template="{Q}")},
        "constants": scale_constants("0-10"),
    }
    return RowMapping(**told | changes)


class TestCells:
    """Templates over columns of a source."""

    def test_parts(self) -> None:
        """A template is text and columns; doubled braces are braces."""
        cell = Cell(template="{{{A}}} {B B}-{A}")
        assert cell.parts == (
            (False, "{"),
            (True, "A"),
            (False, "}"),
            (False, " "),
            (True, "B B"),
            (False, "-"),
            (True, "A"),
        )
        assert cell.columns == ("A", "B B")
        assert Cell(template="constant").columns == ()

    @pytest.mark.parametrize("template", ["{A", "A}", "{}", "{{A}", "a{b{c}"])
    def test_braces(self, template: str) -> None:
        """A brace without its partner is a mistake."""
        with pytest.raises(ConfigurationError, match="brace"):
            Cell(template=template)

    def test_formats_and_zones(self) -> None:
        """A format or a zone that does not exist is a mistake where it is declared."""
        with pytest.raises(ConfigurationError, match="%b"):
            Cell(template="{A}", format="%d %b %Y")
        with pytest.raises(ConfigurationError, match="did you mean 'Europe/Berlin'"):
            Cell(template="{A}", zone="Europe/Berlim")

    def test_codes(self) -> None:
        """A missing code stands once; a mapping is as good as pairs."""
        assert Cell(template="{A}", missing={"11": "no_answer"}).missing == (("11", "no_answer"),)
        with pytest.raises(ConfigurationError, match="twice"):
            Cell(template="{A}", missing=[("11", "a"), ("11", "b")])


class TestMappings:
    """Rows to records."""

    def test_columns(self) -> None:
        """A mapping names each column of the source that it needs, once."""
        whole = mapping(
            attributes={"gate": Cell(template="{GATE}"), "id": Cell(template="{ID}")},
            customer=[("external", Cell(template="{CARD}"))],
        )
        assert whole.columns == ("ID", "AT", "Q", "GATE", "CARD")
        assert whole == mapping(attributes=whole.attributes, customer=whole.customer)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"cells": ENVELOPE | {"scor": Cell(template="{Q}")}}, "did you mean 'score_"),
            ({"cells": ENVELOPE | {"customer": Cell(template="{Q}")}}, "is a list"),
            ({"constants": {"attributes": "{}"}}, "is a list"),
            ({"cells": {"native_id": Cell(template="{ID}")}}, "'occurred_at' comes from"),
            ({"constants": ()}, "'score_low' comes from"),
            ({"constants": dict(scale_constants("0-10")) | {"score_low": "0"}}, "no integer"),
            ({"constants": dict(scale_constants("0-10")) | {"score_low": 1}}, "is no scale"),
            ({"constants": dict(scale_constants("0-10")) | {"channel": "x"}}, "none of the words"),
            ({"constants": (*scale_constants("0-10"), *scale_constants("1-5"))}, "told twice"),
            ({"constants": (*scale_constants("0-10"), ("native_id", "1"))}, "told twice"),
            ({"customer": {"fax": Cell(template="{F}")}}, "of kind 'fax'"),
        ],
    )
    def test_mistakes(self, changes: dict[str, Any], message: str) -> None:
        """A mapping that cannot work is refused where it is declared."""
        with pytest.raises(ConfigurationError, match=message):
            mapping(**changes)

    def test_word_of_a_missing_code(self) -> None:
        """Missing codes of a score fill no_answer, so nothing else may."""
        score = Cell(template="{Q}", missing={"11": "no_answer"})
        cells = ENVELOPE | {"score_value": score}
        assert mapping(cells=cells).fills_no_answer
        assert not mapping().fills_no_answer
        with pytest.raises(ConfigurationError, match="missing codes of score_value"):
            mapping(cells=cells | {"no_answer": Cell(template="{W}")})

    def test_other_kinds_have_no_word(self) -> None:
        """A score of a kind without no_answer may have missing codes too."""
        score = Cell(template="{Q}", missing={"0": "none"})
        review = mapping(kind="review", cells=ENVELOPE | {"score_value": score})
        assert not review.fills_no_answer

    def test_unknown_kind(self) -> None:
        """A kind that does not exist is refused."""
        with pytest.raises(UsageError, match="did you mean 'response'"):
            mapping(kind="responses")

    def test_kind_without_attributes(self) -> None:
        """Attributes need a kind that has them."""
        with pytest.raises(ConfigurationError, match="no attributes"):
            RowMapping(
                kind="consent",
                cells=ENVELOPE | {"purpose": Cell(template="survey")},
                constants={"decision": "granted"},
                attributes={"a": Cell(template="{A}")},
            )

    def test_scale_constants(self) -> None:
        """A scale is given by three constants, for any score."""
        scale = Scale(1, 4, top=[4])
        assert dict(scale_constants(scale, name="stars")) == {
            "stars_low": 1,
            "stars_high": 4,
            "stars_scale": scale.code,
        }
        with pytest.raises(UsageError, match="no scale"):
            scale_constants("five stars")


class TestTables:
    """Readers and tables."""

    def test_names(self) -> None:
        """A column has the names of its aliases, its own first."""
        table = Table(
            stream="waves",
            reader=Reader(format="csv", paths=["a.csv"]),
            mappings=[mapping()],
            aliases={"Q": ["Q-1", "q1"]},
        )
        assert table.columns == ("ID", "AT", "Q")
        assert table.names_of("Q") == ("Q", "Q-1", "q1")
        assert table.names_of("ID") == ("ID",)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"format": "xlsx"}, "format 'xlsx'"),
            ({"paths": ()}, "needs paths"),
            ({"format": "object"}, "needs paths"),
            ({"delimiter": "||"}, "one character"),
            ({"quote": ""}, "one character"),
            ({"max_cell_bytes": 0}, "one byte"),
        ],
    )
    def test_bad_readers(self, changes: dict[str, Any], message: str) -> None:
        """A reader that cannot work is refused where it is declared."""
        with pytest.raises(ConfigurationError, match=message):
            Reader(**{"format": "csv", "paths": ("a.csv",)} | changes)

    def test_bad_tables(self) -> None:
        """A table has mappings, and data exactly where its reader is of objects."""
        files = Reader(format="csv", paths=("a.csv",))
        with pytest.raises(ConfigurationError, match="no mapping"):
            Table(stream="s", reader=files, mappings=())
        with pytest.raises(ConfigurationError, match="the reverse"):
            Table(stream="s", reader=files, mappings=(mapping(),), data=object())
        with pytest.raises(ConfigurationError, match="the reverse"):
            Table(stream="s", reader=Reader(format="object"), mappings=(mapping(),))
