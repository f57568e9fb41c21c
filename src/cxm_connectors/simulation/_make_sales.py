"""Make up what the synthetic company sells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ._people import SimCustomer, SimStaff
from ._sales import SimDeal, SimOrder
from ._scene import Scene
from ._words import PRODUCTS

_CURRENCIES = {"US": "USD", "GB": "GBP", "BR": "BRL", "JP": "JPY"}
_STAGES = ("qualified", "offer", "negotiation", "won", "won", "lost")


def make_orders(scene: Scene, customers: Iterable[SimCustomer]) -> tuple[SimOrder, ...]:
    """Make up the orders of all customers, in the order of time."""
    placed = sorted(
        (scene.since(customer.created_at), customer.key, customer)
        for customer in customers
        for _ in range(scene.rng.choices((0, 1, 2, 3), (15, 45, 30, 10))[0])
    )
    return tuple(
        _order(scene, key, customer, at) for key, (at, _, customer) in enumerate(placed, 1)
    )


def _order(scene: Scene, key: int, customer: SimCustomer, at: datetime) -> SimOrder:
    rng, until = scene.rng, scene.until
    shipped = at + timedelta(hours=rng.randint(4, 48))
    delivered = shipped + timedelta(hours=rng.randint(20, 150))
    if rng.random() < 0.03:
        status, last = "cancelled", min(at + timedelta(hours=2), until)
    elif delivered <= until:
        status, last = "delivered", delivered
    elif shipped <= until:
        status, last = "shipped", shipped
    else:
        status, last = "placed", at
    return SimOrder(
        key=key,
        customer=customer.key,
        placed_at=at,
        changed_at=last,
        total_minor=rng.randint(19, 499) * 100,
        currency=_CURRENCIES.get(customer.country, "EUR"),
        product=rng.choice(PRODUCTS),
        status=status,
        account=customer.account,
        promised_at=at + timedelta(days=5),
        shipped_at=shipped if status in ("shipped", "delivered") else None,
        delivered_at=delivered if status == "delivered" else None,
    )


def make_deals(
    scene: Scene, customers: Iterable[SimCustomer], staff: Iterable[SimStaff]
) -> tuple[SimDeal, ...]:
    """Make up what may be sold to the organisations' people."""
    sellers = [one.key for one in staff if one.role == "seller"]
    buyers = [one for one in customers if one.account and scene.rng.random() < 0.4]
    return tuple(_deals(scene, buyers, sellers))


def _deals(scene: Scene, buyers: list[SimCustomer], sellers: list[int]) -> Iterator[SimDeal]:
    rng = scene.rng
    for key, buyer in enumerate(buyers, 1):
        opened = scene.since(buyer.created_at)
        stage, last = rng.choice(_STAGES), scene.moment(opened)
        product = rng.choice(PRODUCTS)
        yield SimDeal(
            key=key,
            customer=buyer.key,
            opened_at=opened,
            changed_at=last,
            name=f"{rng.randint(2, 60)} x {product}",
            stage=stage,
            amount_minor=rng.randint(10, 400) * 10_000,
            currency=_CURRENCIES.get(buyer.country, "EUR"),
            account=buyer.account,
            owner=rng.choice(sellers),
            closed_at=last if stage in ("won", "lost") else None,
        )
