"""Make up who the synthetic company serves, and who works for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from attrs import evolve

from ._people import SimAccount, SimCustomer, SimStaff
from ._scene import Scene
from ._words import (
    COUNTRIES,
    FAMILY,
    FIRMS,
    FORMS_OF_FIRMS,
    GIVEN,
    INDUSTRIES,
    PRODUCTS,
    SAID,
)

# Share of each segment, and how its customers spread over the answers 0 to 10, and 1 to 7.
SEGMENTS: Final = {
    "consumer": (70, (2, 1, 1, 2, 2, 6, 8, 16, 20, 22, 20), (2, 3, 6, 12, 22, 30, 25)),
    "business": (22, (1, 1, 1, 1, 2, 4, 6, 14, 20, 26, 24), (1, 2, 4, 9, 20, 34, 30)),
    "enterprise": (8, (3, 2, 2, 4, 5, 9, 12, 18, 18, 15, 12), (4, 6, 12, 18, 24, 22, 14)),
}
_AGENTS = ("billing", "delivery", "repair")
_CUSTOMERS_PER_ACCOUNT = 6
_BEFORE = timedelta(days=700)


def said(rng: Random, mood: int) -> str:
    """Give a customer's words for a mood: 0 for a bad one, 1, or 2 for a good one."""
    begins, ends = SAID[mood]
    begin = rng.choice(begins).format(days=rng.randint(2, 9), product=rng.choice(PRODUCTS))
    return f"{begin} {rng.choice(ends)}"


def make_staff(*, begin: datetime, customers: int) -> tuple[SimStaff, ...]:
    """Make up agents, sellers and a bot: more of them for more customers."""
    agents, sellers = 6 + customers // 200, 2 + customers // 500
    roles = ["agent"] * agents + ["seller"] * sellers + ["bot"]
    return tuple(
        _colleague(key, role, begin - timedelta(days=400 - key % 300))
        for key, role in enumerate(roles, 1)
    )


def _colleague(key: int, role: str, since: datetime) -> SimStaff:
    name = f"{GIVEN[key * 7 % len(GIVEN)]} {FAMILY[key * 11 % len(FAMILY)]}"
    teams = {"agent": _AGENTS[key % len(_AGENTS)], "seller": "sales", "bot": "automation"}
    return SimStaff(
        key=key,
        created_at=since,
        name="Answer bot" if role == "bot" else name,
        email=f"staff{key}@northwind.example",
        team=teams[role],
        role=role,
        is_active=role != "agent" or key % 6 != 5,
    )


def make_accounts(
    scene: Scene, staff: tuple[SimStaff, ...], *, customers: int
) -> tuple[SimAccount, ...]:
    """Make up the organisations that buy."""
    sellers = [one.key for one in staff if one.role == "seller"]
    return tuple(
        _account(scene, key, scene.rng.choice(sellers))
        for key in range(1, 3 + customers // (3 * _CUSTOMERS_PER_ACCOUNT))
    )


def _account(scene: Scene, key: int, owner: int) -> SimAccount:
    rng, known = scene.rng, scene.moment(scene.begin - _BEFORE, scene.begin)
    return SimAccount(
        key=key,
        created_at=known,
        changed_at=known,
        name=f"{rng.choice(FIRMS)} {rng.choice(FIRMS)} {rng.choice(FORMS_OF_FIRMS)}",
        domain=f"firm{key}.example",
        industry=rng.choice(INDUSTRIES),
        country=rng.choice(COUNTRIES)[0],
        segment="enterprise" if key % 4 == 0 else "business",
        owner=owner,
    )


def make_customers(
    scene: Scene, accounts: tuple[SimAccount, ...], *, count: int
) -> tuple[SimCustomer, ...]:
    """Make up the people that are served; one in a hundred leaves, some turn out to be another."""
    by_segment: dict[str, list[int]] = {"business": [], "enterprise": []}
    for account in accounts:
        by_segment[account.segment].append(account.key)
    everybody = (_customer(scene, key, by_segment) for key in range(1, count + 1))
    return tuple(_parted(scene, everybody))


def _customer(scene: Scene, key: int, accounts: dict[str, list[int]]) -> SimCustomer:
    rng = scene.rng
    (segment,) = rng.choices(list(SEGMENTS), [share for share, _, _ in SEGMENTS.values()])
    _, recommendation, effort = SEGMENTS[segment]
    country, language = rng.choice(COUNTRIES)
    known = scene.moment(scene.begin - _BEFORE, scene.middle)
    firms = accounts.get(segment)
    return SimCustomer(
        key=key,
        created_at=known,
        changed_at=scene.moment(known),
        given_name=rng.choice(GIVEN),
        family_name=rng.choice(FAMILY),
        email=f"customer{key}@mail{key % 9}.example",
        phone=f"+1555{key:07d}",
        language=language,
        country=country,
        segment=segment,
        account=rng.choice(firms) if firms else None,
        recommendation=rng.choices(range(11), recommendation)[0],
        effort=rng.choices(range(1, 8), effort)[0],
    )


def _parted(scene: Scene, customers: Iterator[SimCustomer]) -> Iterator[SimCustomer]:
    rng = scene.rng
    for customer in customers:
        fate = rng.random()
        if fate < 0.01:
            gone = scene.moment(customer.changed_at)
            yield evolve(customer, changed_at=gone, deleted_at=gone)
        elif fate < 0.015 and customer.key > 10:
            into = rng.randrange(1, customer.key // 2)
            yield evolve(customer, merged_into=into)
        else:
            yield customer
