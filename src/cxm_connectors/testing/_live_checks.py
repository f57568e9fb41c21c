"""Checks against a simulator that can be changed: what is kept is what the vendor holds."""

from __future__ import annotations

from collections.abc import Mapping

from cxm_connectors.simulation import SimResponse, Simulator
from cxm_core.plugins import Item

from ._laws import Check, require_no_error, require_same
from ._pages import data_of, rows_in
from ._stage import Fault, Sent, Vendor
from ._subject import Key, Row, Run, Subject, kept

_NO_HOLDS = "no `holds` was given"
_NO_CHANGE = "no `holds` and `change` were given"


def it_holds_what_the_vendor_holds(subject: Subject) -> str | None:
    """After one sync everything is kept that the vendor holds, each with its true values."""
    if subject.expect.holds is None:
        return _NO_HOLDS
    vendor = subject.vendor()
    _require_held(subject, vendor, _sync(subject, vendor, {}), "After one sync")
    return None


def what_changed_comes_with_the_next_sync(subject: Subject) -> str | None:
    """After a change at the vendor the next sync keeps what the vendor then holds."""
    change = subject.expect.change
    if subject.expect.holds is None or change is None:
        return _NO_CHANGE
    vendor, states = subject.vendor(), dict[str, Row | None]()
    items = _sync(subject, vendor, states)
    change(vendor)
    items += _sync(subject, vendor, states)
    _require_held(subject, vendor, items, "After a change and a second sync")
    return None


def what_changes_meanwhile_comes_at_the_latest_next_time(subject: Subject) -> str | None:
    """A change between two pages of a sync is kept by the sync after it, whichever page it hit."""
    change = subject.expect.change
    if subject.expect.holds is None or change is None:
        return _NO_CHANGE
    for page in range(1, 4):
        vendor, states = subject.vendor(), dict[str, Row | None]()
        items = _sync(subject, vendor, states, fault=_once_after(page, lambda v=vendor: change(v)))
        items += _sync(subject, vendor, states)
        _require_held(subject, vendor, items, f"After a change at page {page}")
    return None


def _once_after(page: int, change: object) -> Fault:
    """Change the vendor right after it has answered with so many pages of rows."""
    seen = 0

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        nonlocal seen
        answer = vendor(sent)
        seen += bool(rows_in(data_of(answer)))
        if seen == page:
            seen += 1
            change()  # type: ignore[operator]
        return answer

    return fault


def _sync(
    subject: Subject,
    vendor: Simulator | None,
    states: dict[str, Row | None],
    *,
    fault: Fault | None = None,
) -> list[Item]:
    """Read every stream to its end, each from its own state."""
    items: list[Item] = []
    for name in subject.streams():
        run: Run = subject.run(subject.stage(vendor=vendor, fault=fault), name, states.get(name))
        require_no_error(run, "a sync of a live vendor")
        states[name] = run.state or states.get(name)
        items += run.items
    return items


def _require_held(subject: Subject, vendor: object, items: list[Item], when: str) -> None:
    assert subject.expect.holds is not None  # noqa: S101  (its callers have looked)
    wanted = subject.expect.holds(vendor)
    require_same(_alike(kept(items), wanted), wanted, when)


def _alike(found: Mapping[Key, Row], wanted: Mapping[Key, Row]) -> dict[Key, Row]:
    """What was kept of the wanted kinds, cut to the wanted columns."""
    kinds = {kind for kind, _ in wanted}
    return {
        key: {name: row.get(name) for name in wanted[key]} if key in wanted else row
        for key, row in found.items()
        if key[0] in kinds
    }


CHECKS: tuple[Check, ...] = (
    it_holds_what_the_vendor_holds,
    what_changed_comes_with_the_next_sync,
    what_changes_meanwhile_comes_at_the_latest_next_time,
)
