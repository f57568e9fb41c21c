"""What the simulated help desk holds, and the edits that it takes while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, TypeAlias

from cxm_connectors.simulation import Company, SimTicket
from cxm_core.errors import UsageError, did_you_mean

from ._simulator_metrics import metric_events_of, metric_row
from ._simulator_rows import (
    GROUPS,
    STAFF,
    SYSTEM,
    Row,
    Saved,
    audit,
    audits_of,
    change,
    comment,
    create,
    customer_row,
    epoch,
    merged_audit,
    organization_row,
    precise,
    rating_row,
    staff_row,
    stamp,
    ticket_row,
    ulid,
    via,
)
from ._simulator_surveys import Survey

Table: TypeAlias = dict[Any, Row]
_LATER: Final = timedelta(minutes=5)
_NEW_CHILDREN: Final = 8 * 10**9
_TOLD = ("status", "priority", "assignee_id", "group_id")


class Desk:
    """A help desk's tables, by id, and how they are edited.

    Parameters
    ----------
    company : Company
        Whose help desk it is.
    csat : {"surveys", "legacy"}
        How customers are asked; Zendesk allows one of the two.
    is_reworded : bool
        The survey got another wording and other labels in the middle of its history.
    clock : callable or None
        Gives the vendor's time, aware; by default five minutes after the company's history ends.
    """

    def __init__(
        self,
        company: Company,
        *,
        csat: str = "surveys",
        is_reworded: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        if csat not in ("surveys", "legacy"):
            raise UsageError(
                "Customers are asked by surveys or by legacy ratings.",
                hint=did_you_mean(csat, ("surveys", "legacy")),
            )
        self.clock = clock or (lambda: company.now + _LATER)
        self.csat, self._is_reworded = csat, is_reworded
        self._numbers = count(1)
        self.edits = 0
        self._hire(company)
        self._receive([one for one in company.tickets if one.desk == "support"])
        self._ask(company)

    def _hire(self, company: Company) -> None:
        agents = [one for one in company.staff if one.role == "agent"]
        names = sorted({one.team for one in agents})
        groups = {name: GROUPS + place for place, name in enumerate(names, 1)}
        self.groups: Table = {key: {"id": key, "name": name} for name, key in groups.items()}
        self.teams = {one.key: groups[one.team] for one in agents}
        self.users: Table = _by_id(staff_row(one, groups) for one in agents)
        self.users |= _by_id(map(customer_row, company.customers))
        self.organizations: Table = _by_id(map(organization_row, company.accounts))

    def _receive(self, tickets: list[SimTicket]) -> None:
        self.tickets: Table = _by_id(ticket_row(one, self.teams) for one in tickets)
        self.metric_sets: Table = {one.key: metric_row(one, self.teams) for one in tickets}
        self.metric_events: Table = _by_id(e for one in tickets for e in metric_events_of(one))
        told = [one for ticket in tickets for one in audits_of(ticket, self.teams)]
        taken = map(merged_audit, tickets)
        told += [one for one in taken if one is not None]
        told.sort(key=lambda one: (one["created_at"], one["id"]))
        self.audits: Table = _by_id(told)

    def _ask(self, company: Company) -> None:
        begin = min((one.offered_at for one in company.ratings), default=company.now)
        self.survey = Survey(company.now - timedelta(days=400))
        self._reword_midway(company, begin)
        self.ratings: Table = {}
        self.survey_responses: Table = {}
        for one in company.ratings:
            if self.csat == "legacy":
                row = rating_row(one, self.teams.get(one.staff or 0))
                self.ratings[row["id"]] = row
            else:
                row = self.survey.response(one)
                self.survey_responses[row["id"]] = row

    def _reword_midway(self, company: Company, begin: datetime) -> None:
        if self._is_reworded and company.ratings:
            labels = ("Terrible", "Poor", "Fair", "Good", "Great")
            midway = begin + (company.now - begin) / 2
            self.survey.reword("How did we do?", labels, midway)

    # ---- edits -----------------------------------------------------------------------------------

    def table(self, name: str) -> Table:
        """Table of a name, such as ``"tickets"``."""
        names = (
            "tickets",
            "users",
            "organizations",
            "ratings",
            "survey_responses",
            "metric_events",
        )
        if name not in names:
            raise UsageError(
                f"The help desk has no table {name!r}.", hint=did_you_mean(name, names)
            )
        held: Table = getattr(self, name)
        return held

    def add(self, table: str, row: Row) -> Row:
        """Add a row; what it leaves out is taken from another row of the table."""
        held, now = self.table(table), self._edited()
        pattern = next(iter(held.values()), {})
        stamps = {"created_at": stamp(now), "updated_at": stamp(now)}
        raw = {"raw_subject": row["subject"]} if "subject" in row else {}
        added = {**pattern, **_touched(table, now), **stamps, **raw, **row}
        held[added["id"]] = added
        if table == "tickets":
            self._begin(added, now)
        return added

    def _begin(self, row: Row, now: datetime) -> None:
        number, saved = self._number(), Saved(row["id"], now, row["requester_id"])
        children = [create(number, "status", row["status"])]
        if row.get("description"):
            children.append(comment(number + 1, row["description"], saved))
        self._tell(saved, children)

    def change(self, table: str, row_id: Any, *, by_automation: bool = False, **values: Any) -> Row:
        """Change fields of a row; an automation leaves a ticket's `updated_at` as it was."""
        held, now = self.table(table), self._edited()
        before = held[row_id]
        stamps = {} if by_automation else {"updated_at": stamp(now)}
        held[row_id] = {**before, **_touched(table, now), **stamps, **values}
        if table == "tickets":
            author = SYSTEM if by_automation else STAFF + 1
            self._note(before, held[row_id], Saved(row_id, now, author))
        return held[row_id]

    def _note(self, before: Row, after: Row, saved: Saved) -> None:
        children = [
            change(self._number(), name, old=before[name], new=after[name])
            for name in _TOLD
            if before.get(name) != after.get(name)
        ]
        if children:
            self._tell(saved, children)

    def delete(self, table: str, row_id: Any) -> None:
        """Remove a row as the vendor does: exports go on to show that it is gone."""
        if table == "tickets":
            self.change("tickets", row_id, status="deleted")
        elif table == "users":
            self.change("users", row_id, active=False, email=None, phone=None)
        elif table == "organizations":
            self.change("organizations", row_id, deleted_at=stamp(self._edited()))
        elif table == "metric_events":
            self.change("metric_events", row_id, deleted=True)
        else:
            self._edited()
            del self.table(table)[row_id]

    def scrub(self, ticket: int) -> None:
        """Delete a ticket for good: its words are overwritten."""
        gone = "SCRUBBED"
        self.change("tickets", ticket, status="deleted", subject=gone, raw_subject=gone)
        self.tickets[ticket]["description"] = gone

    def reply(self, ticket: int, text: str, *, author: int, is_public: bool = True) -> int:
        """Comment on a ticket, and give the comment's id."""
        number, now = self._number(), self._edited()
        saved = Saved(ticket, now, author)
        self._tell(saved, [comment(number, text, saved, is_public=is_public)])
        self.change("tickets", ticket)
        return number

    def merge(self, ticket: int, *, into: int) -> None:
        """Close a ticket and let another one go on in its place."""
        now = self._edited()
        tags = [*self.tickets[ticket]["tags"], "closed_by_merge"]
        self.change("tickets", ticket, status="closed", tags=tags)
        origin = via("web", **{"from": {"ticket_ids": [ticket]}, "rel": "merge"})
        saved = Saved(into, now, STAFF + 1)
        told = comment(self._number(), "Merged.", saved, is_public=False) | {"via": origin}
        self._tell(saved, [told])

    def redact(self, comment_id: int) -> None:
        """Black out what a comment says; the export of events tells only that it was done."""
        ticket, said = self._comment(comment_id)
        blank = "\N{BLACK SQUARE}" * 8
        said.update(body=blank, plain_body=blank, html_body=blank)
        done = {"id": self._number(), "type": "CommentRedactionEvent", "comment_id": comment_id}
        self._tell(Saved(ticket, self._edited(), STAFF + 1), [done])

    def _comment(self, comment_id: int) -> tuple[int, Row]:
        for one in self.audits.values():
            for child in one["events"]:
                if child["id"] == comment_id and child["type"] == "Comment":
                    return one["ticket_id"], child
        raise UsageError(f"There is no comment {comment_id}.")

    def answer(self, response: str, level: int) -> None:
        """Let the customer answer a survey, or think again."""
        held = self.survey_responses[response]
        others = [one for one in held["answers"] if one["type"] != "rating_scale"]
        held["answers"] = [self.survey.rated(level, self._edited()), *others]

    def offer(self, ticket: int, *, key: int) -> str:
        """Send a survey about a ticket, and give the id of its response."""
        now = self._edited()
        pattern = {
            "id": ulid(now, key),
            "answers": [],
            "expires_at": precise(now + timedelta(days=28)),
            "responder_id": self.tickets[ticket]["requester_id"],
            "subject_zrns": [f"zen:ticket:{ticket}"],
            "subjects": [],
        }
        version = self.survey.versions[-1]["version"]
        survey = {"id": self.survey.id, "state": "enabled", "version": version}
        self.survey_responses[pattern["id"]] = pattern | {"survey": survey}
        return str(pattern["id"])

    def _edited(self) -> datetime:
        """Note that something is edited, and give the moment."""
        self.edits += 1
        return self.clock()

    def _number(self) -> int:
        return _NEW_CHILDREN + next(self._numbers) * 10

    def _tell(self, saved: Saved, children: list[Row]) -> None:
        number = self._number()
        self.audits[number] = audit(number, saved, children)

    # ---- what is true ----------------------------------------------------------------------------

    def truth(self) -> dict[str, Table]:
        """Give what it holds now, as plain rows by id: nothing that is gone.

        Returns
        -------
        dict of str to dict
            ``tickets``, ``customers``, ``staff``, ``organizations``, ``ratings``,
            ``survey_responses``, ``metric_events``, ``comments`` and ``changes`` (of the fields
            that history tells: status, priority, assignee and group).
        """
        people = self.users.values()
        return {
            "tickets": _by_id(t for t in self.tickets.values() if t["status"] != "deleted"),
            "customers": _by_id(u for u in people if u["role"] == "end-user" and u["active"]),
            "staff": _by_id(u for u in people if u["role"] != "end-user"),
            "organizations": _by_id(o for o in self.organizations.values() if not o["deleted_at"]),
            "ratings": dict(self.ratings),
            "survey_responses": dict(self.survey_responses),
            "metric_events": _by_id(e for e in self.metric_events.values() if not e.get("deleted")),
            "comments": self._children("Comment"),
            "changes": self._children("Change", "Create"),
        }

    def _children(self, *kinds: str) -> Table:
        return {
            child["id"]: {**child, "ticket_id": one["ticket_id"], "created_at": one["created_at"]}
            for one in self.audits.values()
            for child in one["events"]
            if child["type"] in kinds and child.get("field_name", "status") in _TOLD
        }


def _by_id(rows: Iterable[Row]) -> Table:
    return {row["id"]: row for row in rows}


def _touched(table: str, now: datetime) -> Row:
    """Stamp that the ticket export goes by, whoever made the change."""
    return {"generated_timestamp": epoch(now)} if table == "tickets" else {}
