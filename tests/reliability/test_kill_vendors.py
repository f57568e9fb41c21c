"""Syncs from the simulated vendors that are killed: nothing lost, nothing kept twice.

The full figures: `CXM_KILLS=300 pytest -m slow tests/reliability/test_kill_vendors.py -s`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from cxm_connectors.simulation import Company, Serving
from reliability import kill_vendors
from reliability import kill_workloads as of
from reliability.kill import ForkServer, needs_fork, serving
from reliability.kill_campaign import Campaign
from reliability.kill_runs import Runs
from reliability.kill_tally import Tally

pytest.importorskip("duckdb")
pytest.importorskip("httpcore2")
pytestmark = needs_fork

SEED = int(os.environ.get("CXM_SEED", random.randrange(1_000_000)))
KILLS = int(os.environ.get("CXM_KILLS", "300"))
# Who is killed asks for the account again, and for the page that was not kept.
MOST_MORE_CALLS = 6
SIMULATORS = {
    "hubspot": "HubSpotSimulator",
    "typeform": "TypeformSimulator",
    "zendesk": "ZendeskSimulator",
}
NEEDS = {"hubspot": {}, "typeform": {}, "zendesk": {"subdomain": "northwind"}}


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """A fork server for all tests of this file."""
    yield from serving()


def killed(
    server: ForkServer, folder: Path, vendor: str, *, customers: int, page: int, kills: int
) -> Tally:
    """Kill syncs of a vendor at random moments, and let each go on; refuse what is not clean."""
    module = import_module(f"cxm_connectors.{vendor}._simulator")
    company = Company.made(customers=customers)
    simulator = getattr(module, SIMULATORS[vendor])(company, seed=0, secret="simulated")  # noqa: S106  (it opens nothing)
    with Serving(simulator) as served:
        config = {
            "base_url": served.origin,
            "token": "simulated",
            "allow_private_addresses": True,
            "page_size": page,
            **NEEDS[vendor],
        }
        kinds = kill_vendors.kinds_of(kill_vendors.connected(vendor, config))
        runs = Runs(server, of.vendors(vendor, config, kinds), folder)
        campaign = Campaign(runs, random.Random(SEED))
        # It was run twice by now, without a kill.
        calls = len(served.log) / 2
        served.log.clear()
        tally = campaign.random_kills(kills)
        more = (len(served.log) - calls * tally.runs) / max(tally.kills, 1)
    told = f"seed {SEED}: {tally}; {calls:.0f} calls a run, {more:.1f} more a kill"
    print(told)  # noqa: T201  (figures are read by people)
    assert tally.is_clean, told + "\n" + "\n".join(tally.wrong[:3])
    assert more <= MOST_MORE_CALLS, told
    return tally


def test_killed_while_it_pulls_from_a_vendor(server: ForkServer, tmp_path: Path) -> None:
    """P1: killed between two pages, a sync goes on from its last checkpoint, not from the start."""
    tally = killed(server, tmp_path, "typeform", customers=15, page=10, kills=2)
    assert tally.kills >= 2
    assert tally.runs > 0


@pytest.mark.slow
@pytest.mark.parametrize("vendor", SIMULATORS)
def test_three_hundred_kills_over_the_three_vendors(
    server: ForkServer, tmp_path: Path, vendor: str
) -> None:
    """P1: 100 random kills of each: 0 lost, 0 doubled, and each goes on from its checkpoint."""
    kills = -(-KILLS // len(SIMULATORS))
    tally = killed(server, tmp_path, vendor, customers=40, page=15, kills=kills)
    assert tally.kills >= kills
    assert tally.lost == tally.doubled == tally.failed_reopens == 0
