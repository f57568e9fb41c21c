"""The connector on its vendor: permissions, limits, and the incidents of other connectors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from cxm_connectors.simulation import Company
from cxm_connectors.zendesk import Zendesk, ZendeskConfig
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.errors import AuthError, ConfigurationError, LoopingPages, UsageError
from cxm_core.plugins import Connector, ReadRequest, build


def _asked(desk: Any) -> list[Any]:
    return [exchange.request for exchange in desk.inner.log]


class TestIncidents:
    """Each incident of a public connector, and that it cannot happen here."""

    def test_z1_no_clock_of_ours_is_a_cursor(self, bench: Callable[..., Any]) -> None:
        """Whatever our own clock says, the vendor is asked from its own stamps on."""
        desk = bench()
        desk.sync("ticket_events")
        newest = max(e["created_at"] for e in desk.vendor.audits.values())
        desk.sync("ticket_events")
        start = int(_asked(desk)[-1].query["start_time"])
        stamp = desk.store.checkpoint("zendesk:acme", "ticket_events")["high"]
        assert stamp[:19] == newest[:19]
        assert start < desk.clock().timestamp() - 3_600

    def test_z2_what_updated_at_hides_is_read(self, bench: Callable[..., Any]) -> None:
        """The stream goes by `generated_timestamp`, so that no automation is missed."""
        desk = bench()
        desk.sync("tickets")
        desk.later(hours=1)
        for key in list(desk.vendor.tickets)[:10]:
            desk.vendor.change("tickets", key, by_automation=True, tags=["swept"])
        desk.later(minutes=5)
        assert desk.sync("tickets")["tickets"].served == 10

    def test_z3_a_second_longer_than_a_page_fails_loudly(self, bench: Callable[..., Any]) -> None:
        """A time export that never gets beyond one second ends in an error, after a few calls."""
        desk = bench(quirks=("stalled_second",), config={"page_size": 1})
        for one in desk.vendor.audits.values():
            one["created_at"] = "2026-05-04T09:00:00Z"
        with pytest.raises(LoopingPages):
            list(desk.connector().read("ticket_events", None, ReadRequest()))
        assert desk.wire.sent < 6

    def test_z4_rows_on_the_border_of_two_pages_come_once(self, bench: Callable[..., Any]) -> None:
        """Rows that a time export serves twice are counted, and made once."""
        desk = bench(quirks=("inclusive_ends",), config={"page_size": 30})
        items = list(desk.connector().read("ticket_events", None, ReadRequest()))
        made = [one.native_id for one in items if hasattr(one, "ticket")]
        assert len(made) == len(set(made))
        assert sum(getattr(one, "repeated", 0) for one in items) > 0

    def test_z5_archived_tickets_keep_their_history(self, bench: Callable[..., Any]) -> None:
        """The list of audits forgets tickets that were closed long ago; the export does not."""
        by_events, by_audits = bench(), bench(config={"history": "audits"})
        for desk, stream in ((by_events, "ticket_events"), (by_audits, "ticket_audits")):
            desk.later(days=100)
            desk.sync(stream)
        assert by_events.kept_so()["statuses"] == by_events.held()["statuses"]
        assert len(by_audits.kept("ticket_event")) < len(by_events.kept_so()["statuses"])

    def test_z6_no_page_is_asked_for_by_its_number(self, bench: Callable[..., Any]) -> None:
        """Page numbers end in a refusal, so there are none."""
        desk = bench(csat="legacy")
        desk.sync()
        assert not any({"page", "offset"} & request.query.keys() for request in _asked(desk))

    def test_z7_a_null_cursor_does_not_replace_a_good_one(self, bench: Callable[..., Any]) -> None:
        """After the end the vendor gives no cursor, and the state keeps the last one."""
        desk = bench()
        desk.sync("users")
        before = desk.store.checkpoint("zendesk:acme", "users")["cursor"]
        for _ in range(2):
            desk.sync("users")
            assert desk.store.checkpoint("zendesk:acme", "users")["cursor"] == before


class TestSafe:
    """Where calls go, and what is shown."""

    def test_a_foreign_link_is_never_called(self, bench: Callable[..., Any]) -> None:
        """Links name another host; the calls stay with the account's own."""
        desk = bench(quirks=("foreign_links",), config={"page_size": 9})
        seen = []
        send = desk.inner.send
        desk.inner.send = lambda request: (seen.append(request.url), send(request))[1]
        desk.sync()
        assert len(seen) > 20
        assert all(url.startswith("https://acme.zendesk.com/api/v2/") for url in seen)

    @pytest.mark.parametrize("token", ["oauth-token-1", "ann@example.org/token:key-12345"])
    def test_both_ways_to_sign_in(self, bench: Callable[..., Any], token: str) -> None:
        """An OAuth token is a bearer's; an API token is a pair."""
        desk = bench(secret=token.rpartition(":")[2])
        desk.secrets["ZENDESK_TOKEN"] = token
        assert desk.connector().check().account == "acme"
        scheme = _asked(desk)[0].headers["authorization"].partition(" ")[0]
        assert scheme == ("Basic" if "/token:" in token else "Bearer")

    def test_the_anonymous_user_is_nobody(self, bench: Callable[..., Any]) -> None:
        """A wrong token is served the anonymous user with status 200, and is refused by us."""
        desk = bench()
        desk.secrets.update(ZENDESK_TOKEN="wrong-token")  # noqa: S106
        with pytest.raises(AuthError):
            desk.connector().check()
        assert not any(one.is_complete for one in desk.sync().values())

    def test_a_stream_without_permission_leaves_the_others(self, bench: Callable[..., Any]) -> None:
        """What the token does not reach is told as such, and the rest is whole."""
        desk = bench(forbidden=("guide/",))
        receipts = desk.sync()
        missing = {name for name, one in receipts.items() if not one.is_complete}
        assert missing == {"surveys", "survey_responses"}
        assert all("PermissionDenied" in str(receipts[name]) or receipts[name].note.startswith(
            "PermissionDenied") for name in missing)  # fmt: skip
        assert desk.kept_so()["tickets"] == desk.held()["tickets"]

    def test_who_is_staff_may_be_unknown(self, bench: Callable[..., Any]) -> None:
        """Where the token may not list users, nobody is guessed to be staff or customer."""
        desk = bench(forbidden=("/api/v2/users.json",))
        assert desk.sync("ticket_events")["ticket_events"].is_complete
        events = desk.kept("ticket_event").values()
        public = [one for one in events if one.event == "comment" and one.is_public]
        assert {one.actor for one in public} <= {None, "bot"}

    def test_nothing_personal_is_shown(self, bench: Callable[..., Any]) -> None:
        """Neither states nor receipts nor a repr hold a word of a customer's."""
        desk = bench()
        receipts = desk.sync()
        told = repr(receipts) + repr(desk.connector()) + repr(desk.kept("ticket"))
        told += json.dumps([desk.store.checkpoint("zendesk:acme", name) for name in receipts])
        rows = desk.vendor.users.values()
        assert not any(row["email"] and row["email"] in told for row in rows)
        assert not any(row["subject"] in told for row in desk.vendor.tickets.values())

    def test_the_import_is_light(self) -> None:
        """Importing the connector loads neither NumPy nor an HTTP client."""
        code = (
            "import sys, cxm_connectors.zendesk;"
            "print([m for m in sys.modules if m.split('.')[0] in "
            "('numpy', 'httpx', 'httpx2', 'httpcore', 'httpcore2', 'duckdb')])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              check=True, env={"PYTHONPATH": "src"})  # fmt: skip
        assert done.stdout.strip() == "[]"


class TestLimits:
    """How often the vendor is asked."""

    def test_a_known_budget_is_not_overdrawn(self, bench: Callable[..., Any]) -> None:
        """The vendor's own count is heeded, so that it never has to refuse."""
        desk = bench(quirks=("limits",), config={"page_size": 20})
        desk.sync()
        assert desk.kept_so() == desk.held()
        assert [one.status for one in desk.inner.log if one.status == 429] == []

    @pytest.mark.parametrize("page_size", [12, 24])
    def test_a_budget_is_shared_by_all_exports(
        self, bench: Callable[..., Any], small: Company, page_size: int
    ) -> None:
        """One that is spent with the last page of a stream is waited for by the next stream."""
        desk = type(bench())(small, quirks=("limits",), config={"page_size": page_size})
        desk.sync("ticket_events", "ticket_metric_events", "organizations")
        assert any("organizations" in one.path for one in _asked(desk))
        assert [one.status for one in desk.inner.log if one.status == 429] == []

    def test_no_start_time_is_too_recent(self, bench: Callable[..., Any]) -> None:
        """Syncs one after the other never ask for the minute of which the vendor is not sure."""
        desk = bench()
        for _ in range(4):
            desk.vendor.change("tickets", 1, priority="low")
            desk.vendor.change("organizations", next(iter(desk.vendor.organizations)), notes="x")
            desk.later(seconds=61)
            desk.sync()
        assert {one.status for one in desk.inner.log} == {200}


class TestWords:
    """What people say, and take back."""

    def test_a_redacted_comment_loses_its_words(self, bench: Callable[..., Any]) -> None:
        """What was blacked out at the vendor is blacked out here, at once and for good."""
        desk = bench()
        author = desk.vendor.tickets[1]["requester_id"]
        number = str(desk.vendor.reply(1, "My card is 4111 1111", author=author))
        desk.later(minutes=5)
        desk.sync()
        assert "4111" in desk.kept("ticket_event")[number].text
        desk.vendor.redact(int(number))
        desk.later(minutes=5)
        desk.sync()
        assert "4111" not in desk.kept("ticket_event")[number].text
        assert desk.kept_so() == desk.held()

    def test_a_redacted_comment_of_a_deleted_ticket_goes(self, bench: Callable[..., Any]) -> None:
        """Where the new words cannot be read the old ones do not stay."""
        desk = bench()
        author = desk.vendor.tickets[1]["requester_id"]
        number = desk.vendor.reply(1, "My card is 4111 1111", author=author)
        desk.later(minutes=5)
        desk.sync()
        desk.vendor.redact(number)
        desk.vendor.scrub(1)
        desk.later(minutes=5)
        desk.sync()
        assert str(number) not in desk.kept("ticket_event")
        assert "1" not in desk.kept("ticket")

    def test_a_merge_is_kept_as_an_event(self, bench: Callable[..., Any]) -> None:
        """Which ticket went on in which other one is part of the history."""
        desk = bench()
        desk.vendor.merge(2, into=1)
        desk.later(minutes=5)
        desk.sync()
        merge = desk.kept("ticket_event")["merge:2:1"]
        assert (merge.event, merge.ticket, merge.new) == ("merge", "2", "1")
        assert desk.kept("ticket")["2"].status == "merged"

    def test_the_companys_merges_are_kept(
        self, bench: Callable[..., Any], company: Company
    ) -> None:
        """Each merge of the history is told."""
        desk = bench()
        desk.sync("ticket_events")
        merged = {(str(one.key), str(one.merged_into)) for one in company.tickets
                  if one.merged_into and one.desk == "support"}  # fmt: skip
        events = desk.kept("ticket_event").values()
        assert merged
        assert {(one.ticket, one.new) for one in events if one.event == "merge"} == merged


class TestSurveys:
    """Scales, versions, and the numbers in the end."""

    def test_a_new_version_has_a_scale_of_its_own(self, bench: Callable[..., Any]) -> None:
        """Answers before and after a survey was changed each keep the scale that was seen."""
        desk = bench()
        before = desk.vendor.offer(1, key=71)
        desk.vendor.answer(before, 4)
        desk.later(hours=1)
        desk.vendor.survey.reword("Was it good?", ("No", "So so", "Yes"), desk.clock())
        after = desk.vendor.offer(2, key=72)
        desk.vendor.answer(after, 3)
        desk.sync()
        told = {one.invitation: one for one in desk.kept("response").values()}
        assert (told[before].score.scale.high, told[after].score.scale.high) == (5, 3)
        assert told[before].question_version + 1 == told[after].question_version
        question = desk.kept("question")[told[after].question]
        assert (question.version, question.scale.high) == (told[after].question_version, 3)

    def test_a_scale_that_nobody_tells_sets_the_answer_aside(
        self, bench: Callable[..., Any]
    ) -> None:
        """Without the single response there is no scale, so the answer waits in quarantine."""
        desk = bench(forbidden=("guide/en-us/",))
        receipts = desk.sync("survey_responses")
        assert not desk.kept("response")
        assert receipts["survey_responses"].quarantined > 0
        assert {one.reason for one in desk.store.quarantined()} == {"bad_scale"}

    def test_true_satisfaction_comes_out(self, bench: Callable[..., Any], company: Company) -> None:
        """The share of good answers is the one that the company's ratings have."""
        desk = bench()
        desk.sync("survey_responses")
        scores = [one.score for one in desk.kept("response").values() if one.score]
        given = [one.score for one in company.ratings if one.score is not None]
        assert len(scores) == len(given)
        assert sum(one.is_top for one in scores) == sum(level >= 4 for level in given)


class TestDoor:
    """Configuration and contract."""

    def test_it_is_a_connector(self) -> None:
        """It has the four names, and says what it guarantees."""
        assert isinstance(Zendesk.info.guarantees.sentences, tuple)
        assert Zendesk.info.name == "zendesk"
        assert hasattr(Zendesk, "read")
        assert Connector

    @pytest.mark.parametrize(
        ("chosen", "absent"),
        [
            ({}, {"ticket_audits"}),
            ({"history": "audits"}, {"ticket_events"}),
            ({"satisfaction": "legacy"}, {"ticket_audits", "surveys", "survey_responses"}),
            ({"satisfaction": "surveys"}, {"ticket_audits", "satisfaction_ratings"}),
        ],
    )
    def test_streams_are_those_chosen(
        self, bench: Callable[..., Any], chosen: dict[str, str], absent: set[str]
    ) -> None:
        """What is not read is not listed, so that no receipt misses it."""
        names = {one.name for one in bench(config=chosen).connector().streams()}
        assert len(names | absent) == 9
        assert not names & absent

    @pytest.mark.parametrize(
        "wrong", [{"subdomain": "a.b"}, {"subdomain": "acme/"}, {}, {"subdomain": "acme", "x": 1}]
    )
    def test_a_wrong_configuration_is_refused(
        self, bench: Callable[..., Any], wrong: dict[str, Any]
    ) -> None:
        """A subdomain that would lead elsewhere, or a setting that is none, is no configuration."""
        with pytest.raises(ConfigurationError):
            build(Zendesk, wrong, bench().connector().runtime)

    def test_an_agents_token_is_told_before_it_fails(
        self, bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Exports are for admins: the check says so."""
        desk = bench()
        connector = desk.connector()
        monkeypatch.setattr(connector, "get", lambda path: {"user": {"id": 1, "role": "agent"}})
        (problem,) = connector.check().problems
        assert "admin" in problem

    def test_secrets_do_not_show(self) -> None:
        """A configuration can be shown."""
        config = ZendeskConfig(subdomain="acme", token="t0p-secret", webhook_secrets=["h00k"])  # noqa: S106
        assert "t0p-secret" not in repr(config) + str(config.model_dump())
        assert "h00k" not in repr(config)


class TestSimulator:
    """The vendor itself."""

    def test_the_same_seed_is_the_same_vendor(self, company: Company) -> None:
        """Two simulators of one company hold the same."""
        assert ZendeskSimulator(company).truth() == ZendeskSimulator(company).truth()

    def test_quirks_have_names(self, company: Company) -> None:
        """A quirk that nobody knows is refused, with the nearest one."""
        with pytest.raises(UsageError, match="busy"):
            ZendeskSimulator(company, quirks=["bussy"])
        with pytest.raises(UsageError):
            ZendeskSimulator(company, csat="both")
        with pytest.raises(UsageError):
            ZendeskSimulator(company).table("ticket")
