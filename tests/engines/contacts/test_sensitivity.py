"""What the figures would be with other windows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import day, told

ROWS = [(who, start + gap, "chat") for who, start in enumerate(range(0, 80, 2)) for gap in (0, 5)]


class TestByHand:
    def test_windows(self) -> None:
        """Everybody comes again after five days: solved at once by a window of three only."""
        panel = cx.sensitivity(told(*ROWS), windows=("3d", "7d"), until=day(200))
        solved = panel["first_contact_resolution"]
        assert solved.groups == ("3d", "7d")
        assert solved.value.tolist() == [1.0, 0.0]
        assert panel["repeat_contact"].value.tolist() == [0.0, 0.5]
        assert panel["contacts"].value.tolist() == [1.0, 2.0]

    def test_each_row_is_the_figure_itself(self) -> None:
        """Each row has the value and the interval of the figure with that window."""
        data = told(*ROWS, *[(99, n, "phone") for n in range(20)])
        panel = cx.sensitivity(data, windows=("36h", "6d"))
        for window in ("36h", "6d"):
            row = panel["first_contact_resolution"][window]
            alone = cx.first_contact_resolution(cx.issues(data, within=window))
            assert (row.value, row.low, row.high, row.n) == (
                alone.value,
                alone.low,
                alone.high,
                alone.n,
            )
            assert row.caveats == alone.caveats

    def test_no_sum_of_windows(self) -> None:
        """Each window has issues of its own, so that no number holds for all of them."""
        solved = cx.sensitivity(told(*ROWS), windows=("3d", "7d"), until=day(200))[
            "first_contact_resolution"
        ]
        assert solved.n_all is None
        assert f"2 groups of {solved.n.min()} to {solved.n.max()} issues" in str(solved)
        assert f"n={solved.n.min()} to {solved.n.max()}" in repr(solved)

    def test_receipt(self) -> None:
        """The receipt names the windows, and no single one."""
        panel = cx.sensitivity(told(*ROWS), windows=("3d", timedelta(days=7)))
        parameters = dict(panel["first_contact_resolution"].receipt.parameters)
        assert parameters["windows"] == "3d, 7d"
        assert not {"within", "window"} & parameters.keys()
        assert dict(panel.receipt.parameters)["threaded by"] == "customer"

    @pytest.mark.parametrize("windows", [(), ("7d", "1w"), ("soon",)])
    def test_refused(self, windows: tuple[Any, ...]) -> None:
        """No window, and the same one twice, are refused."""
        with pytest.raises(UsageError, match=r"window|length"):
            cx.sensitivity(told(*ROWS), windows=windows)

    def test_issues_bring_their_windows(self) -> None:
        """What was put together before gives the same table, and needs no window again."""
        made = [cx.issues(told(*ROWS), within=window) for window in ("3d", "7d")]
        assert cx.sensitivity(made).to_dict() == (
            cx.sensitivity(told(*ROWS), windows=("3d", "7d")).to_dict()
        )
        with pytest.raises(UsageError, match="2 windows are given, of which 1 differ"):
            cx.sensitivity([made[0], made[0]])
