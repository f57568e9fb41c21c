"""Strata and clusters: domains, units and freedom."""

from __future__ import annotations

import numpy as np
import pytest

from cxm_core.stats import CodedAxis, Role, Tally, linear_ratio

SHARE = (0, 1), (1, 1)


def share_of(rows: list[tuple[object, ...]], roles: tuple[Role, ...]) -> Tally:
    """Tally of rows (value, label, label, ...) with one label for each of `roles`."""
    axes = [
        CodedAxis.of(f"{role}{i}", [row[i + 1] for row in rows], role=role)
        for i, role in enumerate(roles)
    ]
    return Tally.from_codes(
        levels=(0, 1), level_codes=np.array([row[0] for row in rows]), axes=axes
    )


class TestByHand:
    def test_clusters_outside_the_group_count(self) -> None:
        """The error of a group is measured against all clusters of the stratum, not its own."""
        rows: list[tuple[object, ...]] = [(i % 2, "in", i) for i in range(4)]
        rows += [(1, "out", i) for i in range(4, 10)]
        found = linear_ratio(share_of(rows, ("by", "cluster")), *SHARE)
        residuals = np.array([0.5, -0.5, 0.5, -0.5])
        expected = 10 / 9 * (residuals**2).sum() / 16
        assert found.standard_error[0] ** 2 == pytest.approx(expected)
        assert found.n_clusters.tolist() == [4, 6]
        assert found.df.tolist() == [3, 5]

    def test_answers_are_the_units_without_clusters(self) -> None:
        """With strata alone, answers are drawn within each stratum."""
        rows: list[tuple[object, ...]] = [(v, "A") for v in (0, 0, 1, 1)]
        rows += [(v, "B") for v in (1, 1, 1, 0, 1, 1)]
        found = linear_ratio(share_of(rows, ("stratum",)), *SHARE)
        spread = 4 / 3 * 4 * 0.25 + 6 / 5 * 6 * (5 / 36)
        assert found.standard_error[0] ** 2 == pytest.approx(spread / 100)
        assert found.df[0] == 8
        assert found.n_clusters[0] == 10

    def test_one_name_in_two_strata_is_two_clusters(self) -> None:
        """Clusters are told apart within their stratum."""
        rows: list[tuple[object, ...]] = [
            (v, s, c) for s in "AB" for c in (1, 2, 3) for v in (0, c % 2)
        ]
        found = linear_ratio(share_of(rows, ("stratum", "cluster")), *SHARE)
        assert found.n_clusters[0] == 6
        assert found.df[0] == 4

    def test_a_cluster_with_other_levels_only_does_not_exist(self) -> None:
        """Whoever has no answer to this question is no part of its design."""
        axes = [CodedAxis.of("@cluster", [1, 2, 3, 4], role="cluster")]
        tally = Tally.from_codes(
            levels=(0, 1, "other"), level_codes=np.array([0, 1, 1, 2]), axes=axes
        )
        assert linear_ratio(tally, (0, 1, 0), (1, 1, 0)).n_clusters[0] == 3
        assert linear_ratio(tally, (0, 1, 0), (1, 1, 1)).n_clusters[0] == 4

    def test_all_strata_lonely(self) -> None:
        """One cluster in each stratum leaves no freedom."""
        rows: list[tuple[object, ...]] = [(i % 2, i, i) for i in range(4)]
        found = linear_ratio(share_of(rows, ("stratum", "cluster")), *SHARE)
        assert found.lonely_strata[0] == 4
        assert found.df[0] == 0
        assert np.isnan(found.standard_error[0])

    def test_missing_stratum_is_a_stratum(self) -> None:
        """Answers without a stratum form one of their own."""
        rows: list[tuple[object, ...]] = [(i % 2, "A" if i < 3 else None) for i in range(7)]
        found = linear_ratio(share_of(rows, ("stratum",)), *SHARE)
        assert found.df[0] == 5

    def test_group_without_any_cluster(self) -> None:
        """A group whose answers all lack a cluster has a value and no error."""
        rows: list[tuple[object, ...]] = [(i % 2, "a", i) for i in range(40)]
        rows.append((1, "b", None))
        found = linear_ratio(share_of(rows, ("by", "cluster")), *SHARE)
        assert found.value.tolist() == [0.5, 1.0]
        assert found.unclustered.tolist() == [0, 1]
        assert np.isnan(found.effective_n[1])
