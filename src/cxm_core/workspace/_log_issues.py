"""Issues from the contacts of a store, with what each contact was about and how it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.engines import Issues, issues

from ._log_feedback import score_of
from ._log_groups import Groups, path_of, refuse_unseen
from ._log_inquiry import LogInquiry
from ._logs import contact_log, rows_of

__all__ = ["Put", "issues_of"]

# Columns of a contact that say what it is about; those that no source fills are not there.
_TELLING = ("reason", "text", "issue", "reply_to", "direction")
_WITHIN = "7d"


@frozen(kw_only=True)
class Put:
    """How contacts are put together, and what goes along with them.

    Parameters
    ----------
    within : str or None
        How far apart two contacts may lie and be of one issue; None for what the metric says.
    along : tuple of str
        Columns or attributes of the contacts that are carried along.
    ignored : tuple of str
        Columns that do not tell what a contact is about, though they may seem to.
    is_answered : bool
        Whether the answer about each contact goes along, as the column ``score``.
    """

    within: str | None = None
    along: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    is_answered: bool = False

    def paths(self) -> Mapping[str, str]:
        """Column or attribute behind each word that goes along."""
        return {name: path_of("issues", name) for name in self.along}


_PLAINLY = Put()


def issues_of(asked: LogInquiry, put: Put = _PLAINLY) -> Issues:
    """Issues that were opened in the window, with a column for each group."""
    within = put.within or asked.metric.threaded_within or _WITHIN
    chosen = evolve(put, within=within)
    told = asked.metric.feedback if put.is_answered else None
    return asked.made(("issues", chosen, told), lambda: _issues_of(asked, chosen))


def _issues_of(asked: LogInquiry, put: Put) -> Issues:
    log = _contacts(asked, put)
    telling = (name for name in _TELLING if name in log.names and name not in put.ignored)
    names: dict[str, Any] = {name: name for name in telling}
    found = issues(log, native_id="native_id", within=str(put.within), until=asked.until, **names)
    at = found.column("opened_at")
    keep = asked.within(at) & asked.groups.keeps(found)
    chosen = found if keep.all() else _chosen(found, keep)
    return _labelled(chosen, asked.groups)


def _contacts(asked: LogInquiry, put: Put) -> LogTable:
    """Contacts with what goes along, under the words that were asked for."""
    paths = put.paths()
    view = evolve(asked.view, more=(*asked.view.more, *paths.values()))
    log = contact_log(view, until=asked.until)
    refuse_unseen(log, paths.values())
    along = {name: log.column(path) for name, path in paths.items() if name not in log.names}
    if put.is_answered:
        along["score"] = score_of(asked, log.column("native_id"), log.column("ticket"))
    return evolve(log, columns={**log.columns, **along})


def _labelled(found: Issues, groups: Groups) -> Issues:
    """The issues and their contacts with a column for each group."""
    table = groups.labelled(found, found, found.column("opened_at"))
    contacts = found.contacts
    contacts = groups.labelled(contacts, contacts, contacts.column("occurred_at"))
    return evolve(found, columns=table.columns, contacts=contacts)


def _chosen(found: Issues, keep: NDArray[np.bool_]) -> Issues:
    """Some of the issues, numbered anew, and their contacts."""
    number = np.cumsum(keep) - 1
    of_contact = found.contacts.column("issue").values
    rows = np.flatnonzero(keep[of_contact])
    table, contacts = rows_of(found, keep), rows_of(found.contacts, rows)
    columns = {**table.columns, "issue": _whole(np.arange(len(table)))}
    inner = {**contacts.columns, "issue": _whole(number[of_contact[rows]])}
    return evolve(
        found,
        columns=columns,
        contacts=evolve(contacts, columns=inner),
        words=None if found.words is None else found.words.take(rows),
        steps=(*found.steps, ("issues asked for", len(table))),
    )


def _whole(values: NDArray[np.integer]) -> Column:
    return Column(values=values.astype(np.int64), is_missing=np.zeros(values.size, np.bool_))
