"""Checks of paging: every page is reached, none twice, and the end is where the vendor says."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import LoopingPages, UsageError
from cxm_core.plugins import ReadRequest
from cxm_core.records import Record

from ._cassettes import Cassette
from ._laws import Check, every_stream, fail, require, require_no_error
from ._openings import instant, moved, openings
from ._pages import (
    Step,
    asked_words,
    copied,
    data_of,
    edited,
    emptied,
    end_leaves,
    frame_of,
    leaves,
    next_leaves,
    on_same,
    page_numbers,
    row_steps,
    rows_in,
    says_end,
    steps,
    with_data,
)
from ._replay import Replay, unplayed
from ._stage import Fault, Sent, Vendor
from ._subject import Run, Subject, content, no_sockets, told

NO_PAGES = "no stream goes from one page to the next by a token or a link"
_MORE_REQUESTS = 10  # that a connector may need before it sees that it goes round
_PAGES, _ROWS = 40, 75  # of the long list that is made of one page
_BLOCKS_A_ROW = 1.0  # that may stay in memory: a row and its values are a dozen


def every_recorded_page_is_read(subject: Subject) -> str | None:
    """What was recorded is what is asked for: check, first sync and second sync play all of it."""
    if not isinstance(subject.source, Cassette):
        return "it is no cassette; see `holds`"
    vendor = Replay(subject.source)
    stage = subject.stage(vendor=vendor)
    with no_sockets():
        subject.connector(stage).check()
    for name in subject.streams():
        state = subject.run(subject.stage(vendor=vendor), name).state
        _second_sync(subject, vendor, name, state)
    left = unplayed(subject.source, vendor.played)
    require(not left, f"{len(left)} recorded answers are never asked for: {left[:5]}.")
    return None


def _second_sync(subject: Subject, vendor: Replay, name: str, state: object) -> None:
    try:
        subject.run(subject.stage(vendor=vendor), name, state)  # type: ignore[arg-type]
    except UsageError:
        return  # only one sync was recorded


def no_page_is_asked_for_twice(subject: Subject) -> str | None:
    """In one sync no request for rows is sent a second time, unless it was declared to be."""

    def look(run: Run) -> str | None:
        if subject.is_read_twice(run.stream):
            return "it is declared to be read until two passes agree"
        asked = Counter(run.said[number][0].identity for number in page_numbers(run.said))
        twice = sum(count > 1 for count in asked.values())
        require(not twice, f"Stream {run.stream!r} asks for {twice} pages more than once.")
        return None

    return every_stream(subject, look)


def it_stops_where_the_vendor_says_stop(subject: Subject) -> str | None:
    """The vendor's own sign of the end ends it, whether or not there is still a next link."""

    def look(run: Run) -> str | None:
        ends = [
            number
            for number in page_numbers(run.said)
            if any(says_end(leaf) for leaf in end_leaves(data_of(run.said[number][1])))
        ]
        found = [step for step in steps(run.said) if step.after in ends]
        if not found:
            return "no answer has a sign of the end beside its link to the next page"
        step = found[-1]
        sent, answer = run.said[step.after]
        spoiled = _with_links_of(answer, run.said[step.before][1])
        again = subject.run(subject.stage(fault=on_same(sent, lambda _: spoiled)), run.stream)
        require_no_error(again, "with a next link after the end")
        require(
            len(again.said) == len(run.said),
            f"Stream {run.stream!r} goes on after the vendor has said that this is the end.",
        )
        return None

    return every_stream(subject, look)


def _with_links_of(answer: SimResponse, other: SimResponse) -> SimResponse:
    """An answer whose links to the next page are those of another."""
    data = data_of(answer)
    given = {leaf.path: leaf.value for leaf in next_leaves(data_of(other))}
    for leaf in next_leaves(data):
        leaf.home[leaf.key] = given.get(leaf.path, leaf.value)
    return with_data(answer, data)


def it_goes_on_past_an_empty_page(subject: Subject) -> str | None:
    """A page without rows that leads to another page is not the end."""

    def look(run: Run) -> str | None:
        found = steps(run.said)
        for step in found:
            sent, _ = run.said[step.before]
            again = subject.run(subject.stage(fault=on_same(sent, edited(emptied))), run.stream)
            require_no_error(again, "with an empty page on the way")
            asked = {one.identity for one, _ in again.said}
            require(
                run.said[step.after][0].identity in asked,
                f"Stream {run.stream!r} ends at an empty page though it leads to another.",
            )
        return None if found else NO_PAGES

    return every_stream(subject, look)


def an_empty_page_at_the_end_is_no_fault(subject: Subject) -> str | None:
    """A last page without rows ends the stream in peace, whatever counts stand beside it."""

    def look(run: Run) -> str | None:
        last = page_numbers(run.said)[-1:]
        if not last:
            return "no stream has rows"
        sent, _ = run.said[last[0]]
        again = subject.run(subject.stage(fault=on_same(sent, edited(emptied))), run.stream)
        require_no_error(again, "with a last page that is empty")
        return None

    return every_stream(subject, look)


def null_at_the_end_keeps_the_place(subject: Subject) -> str | None:
    """A last page with null for its cursor does not send the next sync back to the start."""

    def look(run: Run) -> str | None:
        fresh = openings(subject, run.stream, None)
        usual = moved(fresh, openings(subject, run.stream, run.state))
        found = [one for one in steps(run.said) if one.after == page_numbers(run.said)[-1]]
        if not usual or not found:
            return "no stream with pages goes on from where the last sync stood"
        sent, _ = run.said[found[-1].after]
        nulled = edited(_nulled)
        after = subject.run(subject.stage(fault=on_same(sent, nulled)), run.stream)
        require_no_error(after, "with an empty last page and a null cursor")
        again = openings(subject, run.stream, after.state)
        lost = set(usual) - set(moved(fresh, again))
        require(not lost, f"Stream {run.stream!r} starts over after a null cursor at the end.")
        said = {word for one in again.values() for word in asked_words(one)}
        require(not said & {"None", "null"}, f"Stream {run.stream!r} asks for the cursor null.")
        return None

    return every_stream(subject, look)


def _nulled(data: object) -> object:
    emptied(data)
    for leaf in next_leaves(data):
        leaf.home[leaf.key] = None
    return data


def a_page_that_leads_back_is_an_error(subject: Subject) -> str | None:
    """Pages that lead round in a circle end with `LoopingPages`, after a few requests."""

    def look(run: Run) -> str | None:
        found = steps(run.said) or row_steps(run.said)
        if not found:
            return NO_PAGES
        first, last = found[0], _chain(found)[-1]
        back = run.said[first.before][1]
        fault = on_same(run.said[last.after][0], lambda _: back)
        again = subject.run(subject.stage(fault=fault), run.stream)
        if not isinstance(again.error, LoopingPages):
            how = told(again.error) if again.error else "without an error"
            fail(f"Stream {run.stream!r} goes round in a circle and ends {how}.")
        most = len(run.said) + _MORE_REQUESTS
        require(len(again.said) <= most, f"It asks {len(again.said)} times before it sees that.")
        return None

    return every_stream(subject, look)


def _chain(found: list[Step]) -> list[Step]:
    """Steps that hang together, from the first one on."""
    chain = [found[0]]
    for step in found[1:]:
        if step.before == chain[-1].after:
            chain.append(step)
    return chain


def a_row_on_two_pages_is_served_once(subject: Subject) -> str | None:
    """A row that ends one page and begins the next comes out once."""

    def look(run: Run) -> str | None:
        found = steps(run.said) or row_steps(run.said)
        if not found:
            return NO_PAGES
        last = rows_in(data_of(run.said[found[0].before][1]))[-1]

        def doubled(data: object) -> object:
            rows_in(data).insert(0, copied(last))
            return data

        fault = on_same(run.said[found[0].after][0], edited(doubled))
        again = subject.run(subject.stage(fault=fault), run.stream)
        require_no_error(again, "with a row on two pages")
        require(
            _twice(again) <= _twice(run),
            f"Stream {run.stream!r} serves a row twice that stood on two pages.",
        )
        return None

    return every_stream(subject, look)


def _twice(run: Run) -> int:
    seen = Counter(
        repr((one.record_kind, one.native_id, content(one)))
        for one in run.items
        if isinstance(one, Record)
    )
    return sum(count - 1 for count in seen.values())


def memory_does_not_grow_with_the_list(subject: Subject) -> str | None:
    """However long the list is, no more than a page of it stays in memory."""
    seen: list[str] = []

    def look(run: Run) -> str | None:
        found = [*_by_token(run), *row_steps(run.said)]
        if not found or seen:
            return "no stream goes from page to page by a token that is a text"
        seen.append(run.stream)  # one list shows it, and each takes its time
        fault = _long_list(run, found[0])
        grown = _growth(subject, run.stream, fault)
        require(
            grown < _BLOCKS_A_ROW,
            f"Stream {run.stream!r} keeps {grown:,.0f} objects of each row in memory.",
        )
        return None

    return every_stream(subject, look)


def _by_token(run: Run) -> list[Step]:
    """Steps by a text of the vendor's, outside the rows, that the next request repeats."""
    found = [step._replace(token=_token(run, step)) for step in steps(run.said)]
    return [step for step in found if step.token]


def _token(run: Run, step: Step) -> str:
    words = asked_words(run.said[step.after][0])
    data = data_of(run.said[step.before][1])
    given = [str(leaf.value) for leaf in next_leaves(data) if isinstance(leaf.value, str)]
    return next((one for one in given if one in words and "://" not in one), "")


def _long_list(run: Run, step: Step) -> Fault:
    """A vendor that serves the first page again and again, with new ids and new tokens."""
    first, page = run.said[step.before]
    tokens = [_other_text(step.token, (n + 1) * _ROWS) for n in range(_PAGES - 1)]

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        words = asked_words(sent)
        number = next((n for n, one in enumerate(tokens, 1) if one in words), None)
        if sent.identity == first.identity:
            number = 0
        return vendor(sent) if number is None else _numbered(page, number, step.token)

    return fault


def _numbered(page: SimResponse, number: int, token: str) -> SimResponse:
    """One page of the long list; the end of the last leads on to where the short list went."""
    data = data_of(page)
    rows = rows_in(data)
    kept = [copied(row) for row in rows]
    count = (number + 1) * _ROWS
    heir = _other_text(token, count) if number + 1 < _PAGES else token
    for leaf in frame_of(data):
        if isinstance(leaf.value, str):
            there = leaf.value.replace(quote(token, safe=""), heir)
            leaf.home[leaf.key] = there.replace(token, heir) if there == leaf.value else there
    # The last of a page is the last of the short one, by whose token a request may go on.
    rows[:] = [_renamed(kept[-(n % len(kept)) - 1], count - n) for n in range(_ROWS)][::-1]
    if number + 1 == _PAGES:
        rows[-1] = kept[-1]
    return with_data(page, data)


def _renamed(row: dict[str, object], number: int) -> dict[str, object]:
    """A row with ids of its own, that changed some hours after the one before."""
    found = {name: _other_id(name, value, number) for name, value in row.items()}
    for leaf in [*leaves(found)]:
        if isinstance(leaf.value, str) and (at := instant(leaf.value)):
            later = at + timedelta(hours=number)
            leaf.home[leaf.key] = later.isoformat().replace("+00:00", "Z")
    return found


def _other_id(name: str, value: object, number: int) -> object:
    if not name.endswith(("id", "token")) or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value + number * 10**6
    return _other_text(value, number) if isinstance(value, str) else value


def _other_text(text: str, number: int) -> str:
    """Another id of the same sort."""
    return f"{text}{number:06}" if text.isdigit() else f"{text}-{number}"


def _growth(subject: Subject, stream: str, fault: Fault) -> float:
    """Blocks of memory that stay for each row, between a middle and a late page of a long list."""
    stage = subject.stage(fault=fault)
    marks = dict.fromkeys((_PAGES * 3 // 4, _PAGES - 1), (0, 0))
    served = 0
    with no_sockets():
        for item in subject.connector(stage).read(stream, None, ReadRequest()):
            served += isinstance(item, Record)
            stage.said.clear()
            if marks.get(len(stage.requests)) == (0, 0):
                gc.collect()
                marks[len(stage.requests)] = (served, sys.getallocatedblocks())
    early, late = marks[_PAGES * 3 // 4], marks[_PAGES - 1]
    return (late[1] - early[1]) / max(late[0] - early[0], 1)


CHECKS: tuple[Check, ...] = (
    every_recorded_page_is_read,
    no_page_is_asked_for_twice,
    it_stops_where_the_vendor_says_stop,
    it_goes_on_past_an_empty_page,
    an_empty_page_at_the_end_is_no_fault,
    null_at_the_end_keeps_the_place,
    a_page_that_leads_back_is_an_error,
    a_row_on_two_pages_is_served_once,
    memory_does_not_grow_with_the_list,
)
