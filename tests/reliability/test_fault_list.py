"""No fault that is due is forgotten, and the page says where each is tested."""

from __future__ import annotations

import pytest

from reliability import fault_list

IDS = [fault["id"] for fault in fault_list.faults()]


@pytest.mark.parametrize("identity", IDS)
def test_every_fault_has_a_test_or_a_reason(identity: str) -> None:
    """A fault is named by a test, or its absence has a reason; never both, never neither."""
    assert (identity in fault_list.tests_by_fault()) != (identity in fault_list.not_yet())


def test_reasons_are_for_known_faults() -> None:
    """Nothing is excused that is not due, and each excuse is a sentence."""
    assert set(fault_list.not_yet()) <= set(IDS)
    assert all(
        len(reason) > 20 and not reason.endswith(".") for reason in fault_list.not_yet().values()
    )


def test_page_is_as_generated() -> None:
    """docs/faults.md is what `python tests/reliability/fault_list.py --write` writes."""
    assert fault_list.PAGE.read_text(encoding="utf-8") == fault_list.page()
