"""A weighting as a result: what it says, what it keeps, and how it goes into a tally."""

from __future__ import annotations

import json

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.results import Weighting

SAMPLE = {"region": ["N"] * 30 + ["S"] * 10, "age": [1, 2] * 20}
TOTALS = {"region": {"N": 100, "S": 300}, "age": {1: 200, 2: 200}}


@pytest.fixture
def weighting() -> Weighting:
    """Forty rows, weighed to two margins."""
    return cx.weigh(SAMPLE, TOTALS, margins=["region", "age"])


def test_numbers_by_hand() -> None:
    """Effective n, design effect and the largest weight of a half and a half."""
    found = cx.weigh(SAMPLE, {"region": TOTALS["region"]}, margins="region")
    weights = np.array([100 / 30] * 30 + [30.0] * 10)
    assert found.effective_n == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.design_effect == pytest.approx(40 / found.effective_n)
    assert found.largest == pytest.approx(3.0)


def test_equality_is_by_value(weighting: Weighting) -> None:
    """Made again it is the same; of other rows it is another."""
    assert weighting == cx.weigh(SAMPLE, TOTALS, margins=["region", "age"])
    other = {**SAMPLE, "region": ["S"] * 10 + ["N"] * 30}
    assert weighting != cx.weigh(other, TOTALS, margins=["region", "age"])


def test_weights_cannot_be_written_to(weighting: Weighting) -> None:
    """Nobody changes what the margins were met with."""
    with pytest.raises(ValueError, match="read-only"):
        weighting.weights[0] = 0.0


def test_axes_tell_margins_and_factors(weighting: Weighting) -> None:
    """A tally gets an axis for each margin, and one with the factor of each row."""
    first, second, fit = weighting.axes
    assert (first.role, second.role, fit.role) == ("margin", "margin", "fit")
    factors = [float.fromhex(str(fit.labels[code])) for code in fit.codes]
    assert factors == weighting.factors.tolist()


def test_words(weighting: Weighting) -> None:
    """Text and table show the shares before, wanted and after, and how well it fits."""
    assert str(weighting).startswith("The weights to region, age of 40 rows, by raking,")
    assert "region=N   75.0%       25.0%  25.0%" in weighting.summary()
    assert len(json.loads(weighting.to_json())["weights"]) == 40
    assert weighting.to_frame("pandas")["weighted"].tolist() == pytest.approx(
        [0.25, 0.75, 0.5, 0.5]
    )


def test_hostile_labels_stay_text() -> None:
    """A label that looks like a tag is shown as text."""
    tag = "<script>alert(1)</script>"
    found = cx.weigh({"region": [tag, "N"] * 20}, {"region": {tag: 1, "N": 1}}, margins="region")
    assert "<script>" not in found.svg()
    assert "<script>" not in found._repr_html_()
