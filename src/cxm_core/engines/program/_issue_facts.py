"""What became of each issue: when it was over, how long customers waited, when a human came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, Wanted, open_data, read_log
from cxm_core.engines.contacts import Issues
from cxm_core.errors import UsageError, did_you_mean

from ._issue_columns import MADE, NAMES, check_column, ends_in
from ._rows import kept, microseconds

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: The same of tickets, where there is no such column.
_OF_TICKETS = MappingProxyType({"opened": "occurred_at"})
_TIMES = ("opened", "solved", "replied")
_ENDLESS = int(np.iinfo(np.int64).max)


@frozen(kw_only=True, eq=False)
class Facts:
    """Issues with what became of each, and when that is known.

    Parameters
    ----------
    table : LogTable
        One row an issue.
    names : mapping of str to str
        Column behind each word of a promise.
    settled : int64 array (issues,)
        When each was last touched or solved, in microseconds since 1970; endless while it is open.
    returns_us : int
        How long after its last contact an issue can still go on, in microseconds.
    until : int64 or None
        End of the log, in microseconds since 1970, if the issues know it.
    source : Issues or None
        The issues, if they were made of contacts.
    """

    table: LogTable
    names: Mapping[str, str]
    settled: Ints = field(repr=False)
    returns_us: int
    until: np.int64 | None = None
    source: Issues | None = None

    def column(self, word: str) -> Column:
        """Column behind a word of a promise."""
        return self.table.column(self.names[word])

    def at(self, word: str) -> Ints:
        """Instants of a column, in microseconds since 1970."""
        return microseconds(self.table, self.names[word])

    def backwards(self, word: str) -> Mask:
        """Issues of which it came before their opening, by clocks that disagree."""
        there = ~self.column(word).is_missing & ~self.column("opened").is_missing
        is_before: Mask = there & (self.at(word) < self.at("opened"))
        return is_before

    def horizon(self, until: np.int64 | None) -> np.int64 | None:
        """Last instant at which it is known of every issue whether it is over."""
        end = self.until if until is None else until
        return None if end is None else np.int64(end - self.returns_us)

    def over(self, until: np.int64 | None) -> Mask:
        """Issues that were over by then: solved, and nobody came back within the window."""
        last = self.horizon(until)
        return self.settled <= (_ENDLESS - 1 if last is None else last)

    def only(self, which: Mask, reason: str) -> Facts:
        """Facts of some of the issues; those that go are counted under a reason."""
        return evolve(self, table=kept(self.table, which, reason), settled=self.settled[which])


def facts_of(data: object, words: Iterable[str], *, columns: Mapping[str, str]) -> Facts:
    """What some words need to know of each issue; a word that is none of ours is a column."""
    needed = dict.fromkeys(words)
    names = _names(columns, needed)
    if isinstance(data, Issues):
        return _of_issues(data, needed, names)
    names = _as_told(data, names, columns)
    needed_names = {names[word]: word for word in needed}
    optional = tuple({names[word] for word in ("customer", "solved")} - needed_names.keys())
    times = [names[word] for word in _TIMES if word in names]
    read = Wanted(needed=needed_names, optional=optional, times=times)
    table = read_log(data, read, what="the issues")
    is_told = names["solved"] in table.names
    settled = np.full(len(table), -_ENDLESS)
    if is_told:
        is_open = table.column(names["solved"]).is_missing
        settled = np.where(is_open, _ENDLESS, microseconds(table, names["solved"]))
    return Facts(table=table, names=names, settled=settled, returns_us=0)


def _as_told(
    data: object, names: Mapping[str, str], columns: Mapping[str, str]
) -> Mapping[str, str]:
    """Names of the columns of a table of tickets, where it is one rather than of issues."""
    opened = open_data(data, "the issues")
    there = () if isinstance(opened, Column) else opened.names
    of_tickets = {
        word: name
        for word, name in _OF_TICKETS.items()
        if word not in columns and names[word] not in there and name in there
    }
    return {**names, **of_tickets}


def _of_issues(data: Issues, needed: Iterable[str], names: Mapping[str, str]) -> Facts:
    is_guessed = "solved" in needed and ends_in(data, names["solved"]) is None
    made = {names[word]: MADE[word](data, names[word]) for word in needed if word in MADE}
    table = LogTable(
        columns={**data.columns, **made},
        steps=data.steps,
        exclusions=data.exclusions,
        parameters=data.parameters,
        notes=(*data.notes, *((("no_ends", len(data)),) if is_guessed else ())),
    )
    for word in needed:
        check_column(table, names[word], word)
    return Facts(
        table=table,
        names=names,
        settled=microseconds(data, "last_at"),
        returns_us=data.within_us,
        until=np.int64(data.until_us),
        source=data,
    )


def _names(columns: Mapping[str, str], needed: Iterable[str]) -> Mapping[str, str]:
    known = {**{word: word for word in needed}, **NAMES}
    strange = [word for word in columns if word not in known]
    if strange:
        raise UsageError(
            f"columns= names {strange[0]!r}, for which there is no use.",
            hint=did_you_mean(strange[0], known),
        )
    return {**known, **columns}
