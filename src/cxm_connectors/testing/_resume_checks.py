"""Checks of resuming: a killed sync loses nothing, and the next one asks from the right place."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta

from cxm_core.errors import UsageError
from cxm_core.records import Table

from ._laws import Check, every_stream, require, require_no_error, require_same
from ._openings import (
    List,
    Named,
    columns_of,
    forgiving,
    lists_of,
    openings,
    own_instants,
    said_without_bounds,
)
from ._pages import steps
from ._stage import Sent
from ._subject import Run, Subject, kept

_MOST_KILLS = 12
NO_SINCE = "no stream asks for what changed since an instant of its own"


def killed_after_any_page_it_goes_on(subject: Subject) -> str | None:
    """Killed after any checkpoint, it goes on from there: nothing is lost, and not all is new."""

    def look(run: Run) -> str | None:
        count = len(run.checkpoints)
        paged = len(steps(run.said))
        require(
            count > 1 or paged < 2,
            f"Stream {run.stream!r} has {paged + 1} pages, but a checkpoint only at its end.",
        )
        stride = max(1, count // _MOST_KILLS)
        for pages in sorted({*range(1, count, stride), count - 1} - {0}):
            rest = _resumed(subject, run, pages=pages)
            if pages == count - 1 and run.served and run.said:
                require(
                    _way(rest)[: len(run.said)] != _way(run),
                    f"Stream {run.stream!r} starts over instead of going on.",
                )
        return None if count > 1 else "no stream has two checkpoints"

    return every_stream(subject, look)


def _way(run: Run) -> list[tuple[str, str, bytes]]:
    """What a run asked, in order."""
    return [sent.identity for sent, _ in run.said]


def killed_at_any_item_it_loses_nothing(subject: Subject) -> str | None:
    """Killed between two checkpoints, what no checkpoint covers is served again."""

    def look(run: Run) -> str | None:
        if any(isinstance(item, Table) for item in run.items):
            return "it serves tables"
        stride = max(1, len(run.items) // _MOST_KILLS)
        for most in range(1, len(run.items), stride):
            _resumed(subject, run, most=most)
        return None if run.items else "no stream serves anything"

    return every_stream(subject, look)


def _resumed(
    subject: Subject, whole: Run, *, most: int | None = None, pages: int | None = None
) -> Run:
    """Kill a sync, and let the next one, a minute later, go on from what was promised."""
    vendor = subject.vendor()
    begun = subject.run(subject.stage(vendor=vendor), whole.stream, most=most, pages=pages)
    later = subject.stage(vendor=vendor, now=subject.now + timedelta(minutes=1))
    rest = subject.run(later, whole.stream, begun.state)
    where = f"page {pages}" if pages else f"item {most}"
    require_no_error(rest, f"going on after a kill at {where}")
    found = kept([*begun.covered, *rest.items])
    require_same(found, whole.kept, f"Stream {whole.stream!r}, killed at {where}")
    return rest


def a_second_sync_brings_nothing_new(subject: Subject) -> str | None:
    """With unchanged data a second sync serves nothing that is not kept, and the state settles."""

    def look(run: Run) -> str | None:
        vendor = subject.vendor()
        first = subject.run(subject.stage(vendor=vendor), run.stream)
        try:
            second = subject.run(subject.stage(vendor=vendor), run.stream, first.state)
            third = subject.run(subject.stage(vendor=vendor), run.stream, second.state)
        except UsageError as error:
            return f"only one sync was recorded: {error.message}"
        require_no_error(second, "second sync")
        fresh = {key: row for key, row in second.kept.items() if first.kept.get(key) != row}
        require(not fresh, f"Stream {run.stream!r}: a second sync brings {len(fresh)} new.")
        states = (first.state, second.state or first.state, third.state or second.state)
        require(
            states[1] in (states[0], states[2]),
            f"Stream {run.stream!r}: its state changes though nothing else does.",
        )
        return None

    return every_stream(subject, look)


def the_clock_moves_no_cursor(subject: Subject) -> str | None:
    """What it asks for does not depend on the machine's clock, only on what the vendor said."""

    def look(run: Run) -> str | None:
        late = subject.now + timedelta(days=400)
        other = subject.run(subject.stage(fault=forgiving, now=late), run.stream)
        _require_equal(run, _sayings(run, run), _sayings(other, run))
        soon = openings(subject, run.stream, run.state)
        then = openings(subject, run.stream, run.state, now=late)
        after = openings(subject, run.stream, other.state, now=late)
        _require_equal(run, _opened(soon, run), _opened(then, run))
        _require_equal(run, _opened(soon, run), _opened(after, run))
        return None if lists_of(run) else "it asks for no list"

    return every_stream(subject, look)


def _sayings(run: Run, like: Run) -> list[str]:
    lists = lists_of(like)
    return [said_without_bounds(sent) for sent, _ in run.said if (sent.method, sent.path) in lists]


def _opened(opened: dict[List, Sent], like: Run) -> list[str]:
    return [said_without_bounds(opened[key]) for key in sorted(lists_of(like) & opened.keys())]


def _require_equal(run: Run, one: list[str], other: list[str]) -> None:
    require(
        one == other,
        f"Stream {run.stream!r} asks for something else when only the clock differs.",
    )


def it_asks_from_before_the_sync_began(subject: Subject) -> str | None:
    """Rows that change while it reads come next time: never ask later than the sync began."""

    def look(run: Run) -> str | None:
        stamps = sorted(at for column in columns_of(run).values() for at in column)
        if not stamps:
            return NO_SINCE
        began = statistics.median_low(stamps)
        first = subject.run(subject.stage(fault=forgiving, now=began), run.stream)
        asked = _lower_bounds(subject, first, began)
        for named in asked:
            require(
                named.at <= began,
                f"Stream {run.stream!r} asks by {named.name!r} from after its last sync began: "
                f"what changed while it read is lost.",
            )
        return None if asked else NO_SINCE

    return every_stream(subject, look)


def _lower_bounds(subject: Subject, run: Run, now: datetime) -> list[Named]:
    """Instants that the sync after this one names as the earliest it wants."""
    opened = openings(subject, run.stream, run.state, now=now)
    return [named for sent in opened.values() for named in own_instants(sent, run)]


def it_looks_back(subject: Subject) -> str | None:
    """The next sync asks from before the newest stamp: rows are shown late, and share seconds."""

    def look(run: Run) -> str | None:
        asked = _lower_bounds(subject, run, subject.now)
        newest = {max(column).replace(microsecond=0) for column in columns_of(run).values()}
        for named in asked:
            require(
                named.at.replace(microsecond=0) not in newest,
                f"Stream {run.stream!r} asks by {named.name!r} from its newest stamp on: declare a "
                f"look-back.",
            )
        return None if asked else NO_SINCE

    return every_stream(subject, look)


CHECKS: tuple[Check, ...] = (
    killed_after_any_page_it_goes_on,
    killed_at_any_item_it_loses_nothing,
    a_second_sync_brings_nothing_new,
    the_clock_moves_no_cursor,
    it_asks_from_before_the_sync_began,
    it_looks_back,
)
