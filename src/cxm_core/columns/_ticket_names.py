"""Which columns a ticket log has, and what each is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import asdict, evolve, fields, frozen

from cxm_core.errors import UsageError, did_you_mean

from ._ingress import Frame, open_data
from ._objects import Column


@frozen(kw_only=True)
class EventNames:
    """Columns of a log of ticket events; those of our own records unless told otherwise.

    Parameters
    ----------
    ticket, at : str
        Id of the ticket, and when it happened: the two that a log must have.
    event, status, old, new : str
        What happened, the status after it, and what stood there before and after.
    actor, staff : str
        Who acted (human, bot, self_service or customer), and which member of staff.
    owner, team : str
        Who has the ticket after the event, where each row of the log tells.
    channel, public : str
        How a comment came or went, and whether the customer can see it.
    opened : str
        When the ticket was opened, where each row of the log tells.
    order : str
        Numbers that tell which of two events of one stamp came first.
    id, deleted : str
        The event's own id, and whether the source has taken it back.
    source : str
        Which system tells, by whose clock.
    """

    ticket: str = "ticket"
    at: str = "occurred_at"
    event: str = "event"
    status: str = "status"
    old: str = "old"
    new: str = "new"
    actor: str = "actor"
    staff: str = "staff"
    owner: str = "owner"
    team: str = "team"
    channel: str = "channel"
    public: str = "is_public"
    opened: str = "opened_at"
    order: str = "order"
    id: str = "native_id"
    deleted: str = "is_deleted"
    source: str = "source"

    @classmethod
    def of(cls, named: Mapping[str, str]) -> tuple[EventNames, frozenset[str]]:
        """The names, and which of them the caller gave."""
        known = [field.name for field in fields(cls)]
        for name in named:
            if name not in known:
                raise UsageError(
                    f"A ticket log has no column for {name!r}.", hint=did_you_mean(name, known)
                )
        return evolve(cls(), **named), frozenset(named)


def columns_of(
    data: object, names: EventNames, given: frozenset[str], *, carried: Iterable[str] = ()
) -> tuple[dict[str, Column], dict[str, Column]]:
    """What is there of the columns of a log, by what they are for; and those that are carried."""
    frame = frame_of(data, "the ticket events")
    must = {"ticket", "at", *given}
    wanted = {
        what: name for what, name in asdict(names).items() if what in must or name in frame.names
    }
    carried = list(dict.fromkeys(carried))
    opened = frame.select(
        {name: f"{what}=" for what, name in wanted.items()}
        | dict.fromkeys(carried, "a column to carry along")
    )
    parts = {what: opened.column(name, what) for what, name in wanted.items()}
    return parts, {name: opened.column(name, name) for name in carried}


def frame_of(data: object, what: str) -> Frame:
    """The data as a table."""
    opened = data if isinstance(data, Frame) else open_data(data, what)
    if isinstance(opened, Column):
        raise UsageError(
            f"The data for {what} is one column, and a table is needed.",
            hint="a frame, or {'ticket': [...], 'occurred_at': [...], 'status': [...]}",
        )
    return opened
