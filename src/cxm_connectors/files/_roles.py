"""Which column of an unknown file plays which part in a record."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from ._profiles import (
    Profile,
    ScaleGuess,
    guess_customer,
    guess_id,
    guess_scale,
    guess_time,
    is_group,
    is_number,
    is_personal,
    is_prose,
)

# Codes of bands and of comments look like scores and are none.
_BANDS = r"age|gender|sex|income|education|lang|zip|day|month|year|hour|wave|gate|com[0-9]"

_DESIGN: dict[str, Callable[[Profile], bool]] = {
    "weight": lambda c: c.is_named(r"weight|(^|_)wt($|_)|gewicht") and is_number(c),
    "stratum": lambda c: c.is_named(r"strat"),
    "cluster": lambda c: c.is_named(r"cluster|(^|_)psu($|_)|run_?id"),
    "channel": lambda c: c.is_named(r"^((source|contact)_)?channel$"),
    "language": lambda c: c.is_named(r"^(lang|language|locale)$"),
}


@frozen(kw_only=True)
class Roles:
    """Columns by the part they play; `design` holds the fields that a row's answers share."""

    id: tuple[str, ...]
    customer: dict[str, str]
    time: tuple[Profile, tuple[str, ...]] | None
    design: dict[str, str]
    scores: tuple[tuple[Profile, ScaleGuess], ...]
    verbatims: tuple[str, ...]
    groups: tuple[str, ...]


def guess_roles(columns: tuple[Profile, ...]) -> Roles:
    """Give each part to the column that fits it best; no column plays two parts."""
    identity = guess_id(columns)
    customer = guess_customer(columns)
    rest = _without(columns, {*identity, *customer.values()})
    time = guess_time(rest)
    rest = _without(rest, {time[0].name} if time else set())
    design = _design(rest)
    rest = _without(rest, set(design.values()))
    scores = [(c, guess) for c in rest if not c.is_named(_BANDS) and (guess := guess_scale(c))]
    rest = _without(rest, {column.name for column, _ in scores})
    verbatims = tuple(c.name for c in rest if is_prose(c))
    rest = _without(rest, set(verbatims))
    return Roles(
        id=identity,
        customer=customer,
        time=time,
        design=design,
        scores=tuple(scores),
        verbatims=verbatims,
        groups=tuple(c.name for c in rest if is_group(c) and not is_personal(c)),
    )


def _without(columns: tuple[Profile, ...], names: set[str]) -> tuple[Profile, ...]:
    return tuple(column for column in columns if column.name not in names)


def _design(columns: tuple[Profile, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, fits in _DESIGN.items():
        name = next((c.name for c in columns if c.name not in found.values() and fits(c)), None)
        if name is not None:
            found[role] = name
    return found
