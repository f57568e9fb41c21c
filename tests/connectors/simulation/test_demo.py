"""All simulated vendors over one company, and the program that reads them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest

from cxm_connectors.simulation import Company, CompanyDemo, SimRequest, SimResponse
from cxm_core.errors import ConfigurationError
from cxm_core.program import Program


class Shop:
    """A vendor that knows how many orders there are."""

    origin = ""

    def __init__(self, company: Company, *, seed: int, secret: str) -> None:
        self._orders, self._secret, self.seed = len(company.orders), secret, seed

    def respond(self, request: SimRequest) -> SimResponse:
        """Tell it to whoever has the token."""
        if request.headers.get("authorization") != f"Bearer {self._secret}":
            return SimResponse.of({}, status=401)
        return SimResponse.of({"orders": self._orders, "origin": self.origin})

    def settings(self) -> dict[str, object]:
        """What a source needs more."""
        return {"base_url": "not this", "shop": "north", "pages": 3, "tags": ["a"]}


SHOPS = {"shop": lambda: Shop, "other": lambda: Shop}


def test_every_vendor_is_served_under_its_own_address() -> None:
    """The environment says where each listens and what opens it, and all hold one company."""
    with CompanyDemo(customers=40, simulators=SHOPS) as demo:
        env = demo.environment
        assert sorted(env) == [
            "CXM_DEMO_OTHER_TOKEN",
            "CXM_DEMO_OTHER_URL",
            "CXM_DEMO_SHOP_TOKEN",
            "CXM_DEMO_SHOP_URL",
        ]
        for name in ("SHOP", "OTHER"):
            url, token = env[f"CXM_DEMO_{name}_URL"], env[f"CXM_DEMO_{name}_TOKEN"]
            asked = Request(url, headers={"authorization": f"Bearer {token}"})  # noqa: S310  (loopback)
            with urlopen(asked) as answer:  # noqa: S310  (loopback)
                assert json.load(answer) == {"orders": len(demo.company.orders), "origin": url}
        assert {name: len(served.log) for name, served in demo.served.items()} == {
            "shop": 1,
            "other": 1,
        }
    assert demo.environment == {}


def test_the_program_loads_and_holds_no_secret() -> None:
    """Its sources take address and secret from the environment, and its figures are the truth."""
    demo = CompanyDemo(customers=200, simulators=SHOPS)
    text = demo.files["cxm.toml"].decode()
    program = Program.parse(text)
    names = [source.name for source in program.sources]
    assert names == ["shop:northwind", "other:northwind", "files:campaigns"]
    assert program.sources[0].config == {
        "base_url": {"env": "CXM_DEMO_SHOP_URL"},
        "token": {"env": "CXM_DEMO_SHOP_TOKEN"},
        "allow_private_addresses": True,
        "shop": "north",
        "pages": 3,
        "tags": ["a"],
    }
    assert "simulated-shop" not in text
    known = {
        (one.metric, one.window, one.where.get("segment") or one.part): one.value
        for one in program.report.known
    }
    assert len(known) == 8 + 2 + 8 + 10 + 2 + 6 + 2
    whole = demo.company.truth("nps", end=demo.company.now).value
    assert known["nps", "2026-Q2", None] == pytest.approx(whole, rel=1e-5)
    begin = datetime(2026, 4, 1, tzinfo=UTC)
    slow = demo.company.truth("resolution_time", start=begin).value
    assert known["resolution_time", "2026-Q2", None] == pytest.approx(slow, rel=1e-5)
    by_phone, by_email = (
        demo.company.truth("resolution_time", start=begin, channel=channel).value
        for channel in ("phone", "email")
    )
    told = known["channel_parity", "2026-Q2", "resolution_time: phone"]
    assert told == pytest.approx(by_phone - by_email, rel=1e-5)
    assert {one.metric for one in program.report.known} <= {one.name for one in program.metrics}


def test_the_mailing_tool_has_a_file() -> None:
    """Each message of the company is one row of it, under the number of a customer in Zendesk."""
    demo = CompanyDemo(customers=200, simulators=SHOPS)
    rows = list(csv.DictReader(demo.files["campaigns.csv"].decode().splitlines()))
    told = [(int(row["zendesk_user"]) - 1_000_000, row["campaign"]) for row in rows]
    assert told == [(one.customer, one.campaign) for one in demo.company.messages]
    assert len(told) > 100


def test_rules_say_where_matters_belong() -> None:
    """The rules of the program are those by which the truth was counted."""
    demo = CompanyDemo(customers=60, simulators=SHOPS)
    program = Program.parse(demo.files["cxm.toml"].decode())
    rules = {one.reasons[0]: one for one in program.channel_rules}
    first = [one.contacts[0] for one in demo.company.matters if one.contacts[0].truly in rules]
    wrong = [not rules[one.truly].allows(one.channel) for one in first]
    assert demo.company.truth("misrouted").value == sum(wrong) / len(wrong)
    assert all(rule.because for rule in rules.values())


def test_the_files_are_the_same_at_every_run() -> None:
    """A folder in which the example lies is recognised, whatever port it listened on."""
    one, other = (CompanyDemo(customers=60, simulators=SHOPS) for _ in range(2))
    with one, other:
        assert one.files == other.files
    assert "40 customers" in CompanyDemo(customers=40, simulators=SHOPS).files["README.md"].decode()


def test_without_a_vendor_there_is_nothing_to_show() -> None:
    """Where no simulator is installed, the message says so."""
    with pytest.raises(ConfigurationError, match="No simulated vendor is installed"):
        CompanyDemo(customers=1, simulators={})
