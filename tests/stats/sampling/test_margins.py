"""The error of calibrated weights: residuals from the margins, checked row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.stats import CodedAxis, RatioEstimate, Tally, linear_ratio, merge, rake

LEVELS, MEAN = (0, 1, 2), ((0, 1, 2), (1, 1, 1))


class Sample:
    """Random rows with groups, strata, clusters, two margins and weights fitted to them."""

    def __init__(self, seed: int, rows: int = 60) -> None:
        rng = np.random.default_rng(seed)
        self.group, self.stratum = rng.integers(0, 3, rows), rng.integers(0, 2, rows)
        self.cluster = rng.integers(0, 17, rows)
        self.margins = [np.arange(rows) % 3, rng.permutation(np.arange(rows) % 2)]
        self.y = rng.integers(0, 3, rows)
        self.base = rng.uniform(0.5, 3.0, rows)
        totals = [np.array([30.0, 20.0, 10.0]), np.array([25.0, 35.0])]
        self.weights = rake(self.margins, totals, weights=self.base).weights

    def tally(self, rows: np.ndarray, *, is_clustered: bool) -> Tally:
        """Tally of some rows."""
        fit, codes = np.unique(self.weights / self.base, return_inverse=True)
        axes = [
            CodedAxis.of("group", self.group[rows]),
            CodedAxis.of("@stratum", self.stratum[rows], role="stratum"),
            *(CodedAxis.of(f"@m{i}", m[rows], role="margin") for i, m in enumerate(self.margins)),
            CodedAxis(name="@fit", labels=[f.hex() for f in fit], codes=codes[rows], role="fit"),
        ]
        if is_clustered:
            axes.append(CodedAxis.of("@cluster", self.cluster[rows], role="cluster"))
        return Tally.from_codes(
            levels=LEVELS, level_codes=self.y[rows], axes=axes, weights=self.weights[rows]
        )

    def all(self, *, is_clustered: bool) -> Tally:
        """Tally of all rows."""
        return self.tally(np.arange(len(self.y)), is_clustered=is_clustered)

    def error(self, group: int, *, is_clustered: bool, sizes: tuple[float, float]) -> float:
        """Standard error of a group's mean, row by row."""
        inside, w = self.group == group, self.weights
        value = (w * self.y * inside).sum() / (w * inside).sum()
        z = (self.y - value) * inside / (w * inside).sum()
        x = np.column_stack([m == k for m in self.margins for k in range(m.max() + 1)])
        root = np.sqrt(self.base)
        slopes = np.linalg.lstsq(x * root[:, None], z * root, rcond=None)[0]
        e = w * (z - x @ slopes)
        total = 0.0
        for place, size in enumerate(sizes):
            mine = self.stratum == place
            parts = e[mine]
            if is_clustered:
                names = self.cluster[mine]
                parts = np.array([parts[names == c].sum() for c in np.unique(names)])
            m = len(parts)
            total += (1 - m / size) * m / (m - 1) * ((parts - parts.mean()) ** 2).sum()
        return float(np.sqrt(total))


class TestByHand:
    def test_what_a_margin_explains_has_no_error(self) -> None:
        """Where all of a category say the same, a mean weighted to it is known for sure."""
        axis = CodedAxis.of("@m", [0, 0, 0, 1, 1, 1], role="margin")
        tally = Tally.from_codes(
            levels=(0, 1), level_codes=np.array([0, 0, 0, 1, 1, 1]), axes=[axis], weights=np.ones(6)
        )
        found = linear_ratio(tally, (0, 1), (1, 1))
        assert found.value.tolist() == [0.5]
        assert found.standard_error.tolist() == [0.0]

    def test_a_margin_of_one_category_changes_nothing(self) -> None:
        """The mean of all is no news: the error is that of the weights alone."""
        y, w = np.array([0, 1, 1, 0, 1, 1]), np.array([1.0, 2.0, 1.0, 3.0, 1.0, 1.0])
        axis = CodedAxis.of("@m", [0] * 6, role="margin")
        errors = [
            linear_ratio(
                Tally.from_codes(levels=(0, 1), level_codes=y, axes=axes, weights=w), (0, 1), (1, 1)
            ).standard_error[0]
            for axes in ([], [axis])
        ]
        assert errors[1] == pytest.approx(errors[0])


class TestByLaw:
    @given(st.integers(0, 10_000), st.booleans())
    def test_the_tally_gives_what_the_rows_give(self, seed: int, is_clustered: bool) -> None:
        """Groups, strata, clusters, margins and finite populations, as in plain steps."""
        sample = Sample(seed)
        tally = sample.all(is_clustered=is_clustered)
        found = linear_ratio(tally, *MEAN, population={0: 200.0, 1: 90.0})
        for place in range(3):
            wanted = sample.error(place, is_clustered=is_clustered, sizes=(200.0, 90.0))
            assert found.standard_error[place] == pytest.approx(wanted, rel=1e-9)

    @given(st.integers(0, 10_000), st.booleans())
    def test_parts_merge_to_the_whole(self, seed: int, is_clustered: bool) -> None:
        """Tallies of halves add up: the same value and error."""
        sample = Sample(seed)
        halves = [np.arange(30), np.arange(30, 60)]
        parts = merge([sample.tally(h, is_clustered=is_clustered) for h in halves])
        whole = sample.all(is_clustered=is_clustered)
        one, other = (linear_ratio(tally, *MEAN) for tally in (parts, whole))
        assert one.value == pytest.approx(other.value, rel=1e-12)
        assert one.standard_error == pytest.approx(other.standard_error, rel=1e-9)

    @given(st.integers(0, 10_000))
    def test_json_keeps_the_margins(self, seed: int) -> None:
        """A tally that was written and read again knows the same error."""
        tally = Sample(seed).all(is_clustered=True)
        again = Tally.from_json(tally.to_json())
        one, other = (linear_ratio(t, *MEAN).standard_error for t in (tally, again))
        assert one.tolist() == other.tolist()


class TestByReference:
    def test_r_survey_calibrate(self) -> None:
        """In `tests/reference`: post-stratified and raked means as R survey has them."""
        from reference.survey import HOW  # noqa: PLC0415

        assert {"survey-poststrat", "survey-nps-rake-se", "survey-nps-poststrat"} <= set(HOW)


def effective(found: RatioEstimate) -> float:
    """Effective number of the only group."""
    return float(found.effective_n[0])


def test_margins_that_explain_much_are_worth_more_than_the_answers() -> None:
    """The interval gets shorter, not only the standard error."""
    rng = np.random.default_rng(4)
    margin = np.repeat([0, 1], 100)
    y = (rng.random(200) < np.where(margin, 0.95, 0.05)).astype(int)
    axis = CodedAxis.of("@m", margin, role="margin")
    tally = Tally.from_codes(levels=(0, 1), level_codes=y, axes=[axis], weights=np.ones(200))
    found = linear_ratio(tally, (0, 1), (1, 1))
    assert effective(found) > 400
    assert effective(found) <= found.most_n[0]


def test_margins_are_not_rolled_up() -> None:
    """Without them the weights would look as if nobody had fitted them."""
    tally = Sample(1).all(is_clustered=False)
    for axis in ("@m0", "@fit"):
        with pytest.raises(ValueError, match="cannot be rolled up"):
            tally.roll_up(axis)


def test_a_weight_that_was_driven_to_nought_is_left_out() -> None:
    """Contradicting margins leave rows without weight: they add nothing, and break nothing."""
    codes = [np.array([0, 0, 1, 1, 1, 0]), np.array([0, 0, 1, 1, 1, 0])]
    weights = np.array([1.0, 2.0, 0.0, 1.0, 1.5, 1.0])
    axes = [CodedAxis.of(f"@m{i}", code, role="margin") for i, code in enumerate(codes)]
    axes.append(CodedAxis.of("@fit", [float(w).hex() for w in weights], role="fit"))
    tally = Tally.from_codes(
        levels=(0, 1), level_codes=np.array([0, 1, 1, 0, 1, 1]), axes=axes, weights=weights
    )
    found = linear_ratio(tally, (0, 1), (1, 1))
    assert np.isfinite(found.standard_error).all()


def test_strata_and_margins_that_explain_all_leave_nothing() -> None:
    """What rounding leaves of an explained error is no error, and no endless effective number."""
    margin = np.array([0, 1] * 20)
    axes = [
        CodedAxis.of("@stratum", margin, role="stratum"),
        CodedAxis.of("@cluster", np.arange(40), role="cluster"),
        CodedAxis.of("@m", margin, role="margin"),
    ]
    weights = rake([margin], [[30.0, 10.0]]).weights
    tally = Tally.from_codes(levels=(0, 1), level_codes=margin, axes=axes, weights=weights)
    found = linear_ratio(tally, (0, 1), (1, 1))
    assert found.standard_error.tolist() == [0.0]
    assert effective(found) <= 40
