"""What the engines offer to those who count elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.columns import reduce_frame
from cxm_core.engines import ENGINES, METHODS, estimate, spec
from cxm_core.errors import UsageError
from cxm_core.records import Response, Score, describe, from_row, to_row
from cxm_core.stats import Axis, Filter
from cxm_core.vocabulary import Scale

FIVE = Scale.named("1-5")


def _response(i: int, value: int | None, **more: Any) -> dict[str, Any]:
    record = Response(
        source="files:a",
        native_id=str(i),
        occurred_at="2026-11-21T12:00:00Z",
        question="q1",
        score=None if value is None else Score(value, FIVE),
        **more,
    )
    return dict(to_row(record))


class TestByHand:
    def test_it_counts_responses(self) -> None:
        """A spec run on rows of responses gives the metric of their scores."""
        rows = [
            _response(1, 5, weight=2.0),
            _response(2, 1, weight=1.0),
            _response(3, None, no_answer="not_applicable", weight=1.0),
            _response(4, None, no_answer="refused", weight=1.0),
        ]
        counted = reduce_frame(spec("csat", question="q1", scale="1-5", design=["weight"]), rows)
        assert estimate("csat", counted, scale="1-5").value == pytest.approx(2 / 3)
        assert estimate("usage", counted, scale="1-5").value == pytest.approx(3 / 4)
        assert estimate("bottom_box_of_asked", counted, scale="1-5").value == pytest.approx(1 / 4)

    def test_other_questions_and_scales_are_left_out(self) -> None:
        """Only the question's answers on the metric's scale count."""
        other = Response(
            source="files:a",
            native_id="9",
            occurred_at="2026-11-21T12:00:00Z",
            question="q1",
            score=Score(7, Scale.named("1-7")),
        )
        rows = [_response(1, 5), dict(to_row(other)), {**_response(2, 1), "question": "q2"}]
        assert reduce_frame(spec("csat", question=["q1"], scale="1-5"), rows).n.sum() == 1

    def test_its_columns_are_those_of_a_response(self) -> None:
        """Every column of a spec is a field of the record."""
        made = spec(
            "nps",
            question="q1",
            by=[Axis(name="channel", column="channel")],
            where=[Filter(column="journey", values=("onboarding",))],
            design=["weight", "stratum", "cluster"],
        )
        fields = {field.name for field in describe(Response).fields}
        assert set(made.columns) <= fields
        assert made.kind == Response.record_kind

    def test_design_columns_have_a_near_miss(self) -> None:
        """A misspelt design column is answered with the right one."""
        with pytest.raises(UsageError, match="did you mean 'weight'"):
            spec("nps", question="q1", design=["weigth"])

    def test_scales(self) -> None:
        """A metric with its own scale needs none; another one does."""
        assert spec("nps", question="q1").levels[:2] == (0, 1)
        with pytest.raises(UsageError, match="csat needs the scale"):
            spec("csat", question="q1")
        with pytest.raises(UsageError, match="no metric 'cast'"):
            spec("cast", question="q1", scale="1-5")

    def test_groups_and_levels_of_an_estimate(self) -> None:
        """An estimate by name takes groups, levels, confidence and method."""
        counted = cx.tally([5, 4, 1], scale="1-5", by={"g": ["a", "a", "b"]})
        made = estimate(
            "top_box", counted, scale="1-5", top=(5,), by=[], confidence_level=0.8, method="wilson"
        )
        assert made == cx.top_box(
            counted, scale="1-5", top=(5,), by=[], confidence_level=0.8, method="wilson"
        )

    def test_top_and_bottom_do_not_mix(self) -> None:
        """The top levels of a definition are not taken for its bottom levels."""
        counted = cx.tally([5, 4, 1], scale="1-5")
        made = estimate("bottom_box", counted, scale="1-5", top=(4, 5))
        assert made == cx.bottom_box(counted, scale="1-5")
        lowest = estimate("bottom_box", counted, scale="1-5", bottom=(1, 2, 3, 4))
        assert lowest.value == pytest.approx(2 / 3)


class TestByLaw:
    @pytest.mark.parametrize("name", ENGINES)
    def test_every_engine_is_whole(self, name: str) -> None:
        """Each metric has a title, a unit, a method and a coefficient for every level."""
        engine = ENGINES[name]
        assert engine.name == name
        assert engine.title
        assert engine.unit in ("points", "share", "scale points")
        assert METHODS[engine.family]
        scale = Scale.named(engine.scale or "1-5")
        assert set(engine.counts(scale, scale.top)) == set(scale.levels)

    @given(st.lists(st.integers(1, 5), min_size=1, max_size=20))
    def test_by_name_is_by_function(self, data: list[int]) -> None:
        """The metric by its name is the metric by its function."""
        counted = cx.tally(data, scale="1-5")
        for name in ("csat", "ces", "top_box", "bottom_box", "mean_score"):
            assert estimate(name, counted, scale="1-5") == getattr(cx, name)(counted, scale="1-5")


class TestByReference:
    def test_rows_come_back_as_records(self) -> None:
        """The rows that these tests count are rows of true records."""
        row = _response(1, 5)
        assert to_row(from_row("response", row)) == row
