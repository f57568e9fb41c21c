"""What to count, as plain values."""

from __future__ import annotations

import pytest

from cxm_core.errors import UsageError
from cxm_core.stats import Axis, Filter, TallySpec


def spec(**changes: object) -> TallySpec:
    """A specification with `changes`."""
    given = {"kind": "response", "value": "score", "levels": (1, 2, 3)} | changes
    return TallySpec(**given)  # type: ignore[arg-type]  # each test says which


class TestByHand:
    def test_axes_end_with_the_design(self) -> None:
        """The groups come first, then stratum and cluster, each with its role."""
        found = spec(by=[Axis(name="stratum", column="zone")], cluster="run", stratum="zone")
        assert [axis.name for axis in found.axes] == ["stratum", "@stratum", "@cluster"]
        assert [axis.column for axis in found.axes] == ["zone", "zone", "run"]
        assert found.roles == ("by", "stratum", "cluster")

    def test_columns_are_named_once(self) -> None:
        """Every column that the rows need, each once."""
        found = spec(
            by=[Axis(name="week", column="at", period="week", zone="UTC")],
            where=[Filter(column="score", values=(1,))],
            category="why",
            levels=(1, "other"),
            weight="w",
            stratum="at",
        )
        assert found.columns == ("score", "at", "why", "w")

    def test_specifications_are_values(self) -> None:
        """Equal by value, and fit for a key."""
        assert spec() == spec()
        assert len({spec(), spec(), spec(weight="w")}) == 2

    @pytest.mark.parametrize(
        "changes",
        [
            {"levels": (1, 1)},
            {"levels": (1, "other")},
            {"by": [Axis(name="a", column="x"), Axis(name="a", column="y")]},
            {"by": [Axis(name="@stratum", column="x")]},
        ],
    )
    def test_contradictions_are_refused(self, changes: dict[str, object]) -> None:
        """One name, one thing; a word among the levels needs its column."""
        with pytest.raises(UsageError) as caught:
            spec(**changes)
        assert caught.value.hint

    @pytest.mark.parametrize(("period", "zone"), [("weak", "UTC"), ("week", None), (None, "UTC")])
    def test_a_period_needs_its_calendar(self, period: str | None, zone: str | None) -> None:
        """A period has a zone, a zone has a period, and periods are few."""
        with pytest.raises(UsageError) as caught:
            Axis(name="week", column="at", period=period, zone=zone)
        assert caught.value.hint

    def test_a_filter_keeps_something(self) -> None:
        """A filter without values is a mistake."""
        with pytest.raises(UsageError):
            Filter(column="a", values=())
