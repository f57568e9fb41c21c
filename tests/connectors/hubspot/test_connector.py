"""Everything that the account holds is kept, whatever happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from attrs import evolve

from cxm_connectors.hubspot._versions import VERSIONS, paths_of
from cxm_connectors.simulation import Company, SimResponse
from cxm_core.errors import AuthError, PermissionDenied, SchemaChanged
from cxm_core.plugins import Checkpoint, ReadRequest
from cxm_core.records import Question

STREAMS = ("contacts", "companies", "deals", "tickets", "feedback_submissions", "owners")
COMPANY = Company.made(customers=260, seed=3)


class TestWhole:
    """One sync."""

    @pytest.mark.parametrize("version", VERSIONS)
    def test_keeps_what_the_vendor_holds(
        self, desk: Any, kept: Any, same: Any, version: str
    ) -> None:
        """In each version of the interface, the first sync keeps all there is."""
        one = desk(COMPANY, api_version=version)
        same(one.sync(kept), one.vendor)
        assert len(kept.of("customer")) > 200
        assert kept.of("membership")

    @pytest.mark.parametrize("version", VERSIONS)
    def test_asks_only_its_own_version(self, desk: Any, kept: Any, version: str) -> None:
        """No call leaves the version that is configured."""
        one = desk(Company.made(customers=20), api_version=version)
        one.sync(kept)
        allowed = tuple(paths_of(version).values())
        assert all(path.split(" ")[1].startswith(allowed) for path in one.paths())

    def test_second_sync_of_what_stayed_serves_nothing_new(self, desk: Any, kept: Any) -> None:
        """What did not change is not delivered again."""
        one = desk(COMPANY)
        one.clock.sleep(3600)
        one.sync(kept)
        first = len(kept.seen)
        one.sync(kept, STREAMS[:-1])
        assert len(kept.seen) == first

    @pytest.mark.parametrize("quirk", ["throttled", "failing", "truncated", "broken_off"])
    def test_survives_what_goes_wrong(self, desk: Any, kept: Any, same: Any, quirk: str) -> None:
        """Refusals, errors in HTML, half answers and broken connections cost time, not rows."""
        one = desk(COMPANY, quirks=(quirk,))
        same(one.sync(kept), one.vendor)
        assert len({*kept.seen}) == len(kept.seen)

    def test_survives_everything_at_once(self, desk: Any, kept: Any, same: Any) -> None:
        """All of it together, too."""
        quirks = ("late_rows", "throttled", "failing", "truncated", "broken_off")
        one = desk(COMPANY, quirks=quirks)
        same(one.sync(kept), one.vendor)

    def test_reads_behind_the_window_of_search(self, desk: Any, kept: Any, same: Any) -> None:
        """A search serves a window of rows; all rows that changed are kept anyway (H1)."""
        one = desk(window=40, page_size=10)
        one.sync(kept)
        one.vendor.add("companies", name="before")
        one.clock.sleep(3600)
        one.sync(kept)
        for number in range(130):
            one.vendor.add("companies", name=f"company {number}")
        one.clock.sleep(3600)
        same(one.sync(kept), one.vendor)
        assert len(kept.of("account")) == 131

    def test_follows_all_associations_of_one_object(self, desk: Any, kept: Any, same: Any) -> None:
        """An answer holds so many associations of an object; the rest is asked for (H4)."""
        one = desk(most_linked=7)
        contact = one.vendor.add("contacts", email="ann@example.com")
        for number in range(40):
            company = one.vendor.add("companies", name=f"company {number}")
            one.vendor.associate(("contacts", contact), ("companies", company))
        same(one.sync(kept), one.vendor)
        assert len(kept.of("membership")) == 40

    def test_long_lists_of_properties_break_no_address(self, desk: Any, kept: Any) -> None:
        """Where the list's address would be too long, the search carries the names in its body."""
        names = [f"a_property_of_the_account_with_a_long_name_{i:04d}" for i in range(400)]
        one = desk(properties={"companies": names})
        number = one.vendor.add("companies", name="Acme", **{names[-1]: "gold"})
        one.clock.sleep(60)
        one.sync(kept, ["companies"])
        assert kept.of("account")[number].attributes[names[-1]] == "gold"

    def test_further_properties_become_attributes(self, desk: Any, kept: Any) -> None:
        """What the user names is read beside what the record is made of."""
        one = desk(properties={"contacts": ["plan"]}, segment="tier")
        number = one.vendor.add("contacts", email="ann@example.com", plan="pro", tier="gold")
        one.sync(kept, ["contacts"])
        assert kept.of("customer")[number].attributes["plan"] == "pro"
        assert kept.of("customer")[number].segment == "gold"


class TestChanges:
    """What happens between two syncs and within one."""

    def test_what_search_shows_late_is_kept(self, desk: Any, kept: Any, same: Any) -> None:
        """A row that the index did not know at one sync is found by the look-back (H2)."""
        one = desk(quirks=("late_rows",))
        one.vendor.add("contacts", email="first@example.com")
        one.clock.sleep(3600)
        one.sync(kept)
        one.vendor.add("contacts", email="late@example.com")
        one.clock.sleep(5)
        one.vendor.add("companies", name="newer than the late one")
        one.sync(kept)
        assert len(kept.of("customer")) == 1
        one.clock.sleep(60)
        same(one.sync(kept), one.vendor)

    def test_order_07_a_late_row_older_than_the_last_sync_is_kept(
        self, desk: Any, kept: Any, same: Any
    ) -> None:
        """A row with an older stamp than what was served before is kept when it shows."""
        one = desk(quirks=("late_rows",))
        one.vendor.add("deals", dealname="old")
        one.clock.sleep(3600)
        one.sync(kept)
        one.vendor.add("deals", dealname="late")
        one.clock.sleep(40)
        one.vendor.add("deals", dealname="newer")
        one.clock.sleep(20)
        one.sync(kept, ["deals"])
        one.clock.sleep(60)
        same(one.sync(kept), one.vendor)
        assert len(kept.of("deal")) == 3

    @pytest.mark.parametrize("kind", STREAMS[:-1])
    def test_a_change_of_each_kind_is_seen(self, desk: Any, kept: Any, kind: str) -> None:
        """Contacts have another name for their stamp than all others; both are asked by (H5)."""
        one = desk()
        number = one.vendor.add(
            kind, hs_survey_type="NPS", hs_value="9", name="one", email="a@b.co"
        )
        one.clock.sleep(3600)
        one.sync(kept, [kind])
        before = kept.seen.count(kept.seen[-1])
        one.vendor.change(kind, number, dealname="two", subject="two", name="two")
        one.clock.sleep(3600)
        one.sync(kept, [kind])
        assert kept.seen.count(kept.seen[-1]) == before + 1

    def test_archived_objects_are_deleted(self, desk: Any, kept: Any, same: Any) -> None:
        """Archiving moves no stamp and search serves no archive: it is listed at each sync."""
        one = desk(COMPANY)
        one.clock.sleep(3600)
        one.sync(kept)
        for kind in STREAMS[:-1]:
            one.vendor.delete(kind, _alone(one.vendor.truth(), kind))
        one.clock.sleep(60)
        one.sync(kept)
        gone = {("membership", i) for i in kept.of("membership")}
        alive = {i for i, _ in (key.split("-") for _, key in gone)} & set(kept.of("customer"))
        kept.records = {
            key: one_
            for key, one_ in kept.records.items()
            if key[0] != "membership" or _is_present(key[1], alive, kept)
        }
        same(kept, one.vendor)

    def test_restored_objects_come_back(self, desk: Any, kept: Any, same: Any) -> None:
        """What returns from the archive is kept again."""
        one = desk()
        number = one.vendor.add("tickets", subject="printer")
        one.clock.sleep(60)
        one.sync(kept)
        one.vendor.delete("tickets", number)
        one.clock.sleep(3600)
        one.sync(kept)
        assert not kept.of("ticket")
        one.vendor.restore("tickets", number)
        one.clock.sleep(3600)
        same(one.sync(kept), one.vendor)

    def test_merged_objects_are_gone(self, desk: Any, kept: Any, same: Any) -> None:
        """Who was merged into another is deleted, chains included; the other goes on."""
        one = desk()
        ids = [one.vendor.add("contacts", email=f"{i}@example.com") for i in range(4)]
        one.clock.sleep(3600)
        one.sync(kept)
        one.vendor.merge("contacts", ids[1], ids[2])
        one.vendor.merge("contacts", ids[0], ids[1])
        one.clock.sleep(3600)
        same(one.sync(kept), one.vendor)
        assert set(kept.of("customer")) == {ids[0], ids[3]}

    @pytest.mark.parametrize("at", [1, 2, 3, 5])
    def test_changes_within_a_sync_are_not_lost(
        self, desk: Any, kept: Any, same: Any, at: int
    ) -> None:
        """What changes while pages are read is kept by the next sync at the latest (H3)."""
        one = desk(COMPANY, page_size=50)
        one.clock.sleep(3600)
        for stream in STREAMS:
            for number, item in enumerate(one.items(stream)):
                kept.take(item, stream=stream)
                if number == at * 40 and stream == "contacts":
                    _edit(one)
        one.clock.sleep(3600)
        one.sync(kept)
        one.clock.sleep(3600)
        same(one.sync(kept), one.vendor)

    def test_changes_within_a_search_are_not_lost(self, desk: Any, kept: Any, same: Any) -> None:
        """The same while the pages of a search are read: edits do not move rows between pages."""
        one = desk(page_size=20)
        one.sync(kept)
        one.vendor.add("contacts", email="seed@example.com")
        one.clock.sleep(3600)
        one.sync(kept)
        for number in range(100):
            one.vendor.add("contacts", email=f"{number}@example.com")
        one.clock.sleep(3600)
        for number, item in enumerate(one.items("contacts", kept.states["contacts"])):
            kept.take(item, stream="contacts")
            if number % 30 == 10:
                one.clock.sleep(1)
                _edit(one)
        one.clock.sleep(3600)
        same(one.sync(kept), one.vendor)

    def test_part_of_the_time_can_be_asked_for(self, desk: Any) -> None:
        """`since` included, `until` not."""
        one = desk()
        ids = []
        for _ in range(4):
            ids.append(one.vendor.add("companies", name="x"))
            one.clock.sleep(3600)
        start = one.clock.now - timedelta(hours=3)
        items = one.items("companies", since=start, until=start + timedelta(hours=2))
        found = {item.native_id for item in items if not isinstance(item, Checkpoint)}
        assert found == set(ids[1:3])

    def test_a_question_is_told_at_each_reading(self, desk: Any) -> None:
        """What an earlier reading told may not have been kept, even by the same connector."""
        connector = desk(Company.made(customers=20)).connector()
        for _ in range(2):
            items = connector.read("feedback_submissions", None, ReadRequest())
            assert [i.native_id for i in items if isinstance(i, Question)] == ["1"]


class TestOdd:
    """Answers beside the rows of a page that are not what they should be."""

    @pytest.mark.parametrize("answer", [b"{}", b"[]", b'{"results":[{"x":1}]}', b'"ok"'])
    @pytest.mark.parametrize("path", ["associations", "batch/read"])
    def test_what_is_no_list_of_associations_is_an_error(
        self, desk: Any, answer: bytes, path: str
    ) -> None:
        """It would otherwise pass for objects that belong to nobody."""
        one = desk(Company.made(customers=20))
        respond = one.vendor.respond
        one.vendor.respond = lambda request: (
            SimResponse(headers=(("content-type", "application/json"),), body=answer)
            if path in request.path
            else respond(request)
        )
        with pytest.raises(SchemaChanged):
            list(one.items("tickets"))

    def test_one_odd_row_is_set_aside_alone(self, desk: Any, kept: Any) -> None:
        """The others of its page are kept, with all they belong to."""
        one = desk(Company.made(customers=30))
        respond = one.vendor.respond
        one.vendor.respond = lambda request: _without_id(respond(request), request.path)
        one.sync(kept, ["contacts"])
        assert len(kept.rejected) == 1
        assert len(kept.of("customer")) == len(one.vendor.truth()["contacts"]) - 1


class TestKilled:
    """A run that ends amid its pages."""

    @pytest.mark.parametrize("stream", STREAMS)
    def test_goes_on_at_every_page(self, desk: Any, kept: Any, same: Any, stream: str) -> None:
        """Killed behind each page, the next run goes on there: nothing lost, nothing twice."""
        one = desk(COMPANY, page_size=30)
        runs = _in_pieces(one, kept, stream)
        whole = [i for i in one.items(stream) if not isinstance(i, Checkpoint)]
        assert runs >= 1
        assert {(r.record_kind, r.native_id) for r in whole if r.record_kind != "deletion"} == set(
            kept.records
        )
        answers = [key for key in kept.seen if key[0] != "question"]
        assert len(set(answers)) == len(answers)

    def test_goes_on_at_every_page_of_a_search(self, desk: Any, kept: Any, same: Any) -> None:
        """The same for the search for changes and the archive behind it."""
        one = desk(COMPANY, page_size=30)
        one.clock.sleep(3600)
        one.sync(kept)
        for row in one.vendor.truth()["contacts"][:150]:
            one.vendor.change("contacts", str(row["id"]), lifecyclestage="evangelist")
        one.vendor.delete("contacts", str(one.vendor.truth()["contacts"][160]["id"]))
        one.clock.sleep(3600)
        state = kept.states["contacts"]
        assert _in_pieces(one, kept, "contacts", state=state) > 5
        kept.records = {key: r for key, r in kept.records.items() if key[0] != "membership"}
        gone = set(kept.of("customer")) ^ {row["id"] for row in one.vendor.truth()["contacts"]}
        assert not gone
        stages = [r.lifecycle for r in kept.of("customer").values()]
        assert stages.count("evangelist") == 150

    def test_killed_amid_a_page_serves_the_page_again(self, desk: Any, kept: Any) -> None:
        """What was delivered without a checkpoint comes again."""
        one = desk(COMPANY, page_size=30)
        for item in islice(one.items("contacts"), 45):
            kept.take(item, stream="contacts")
        one.sync(kept, ["contacts"])
        assert len(kept.of("customer")) == len(one.vendor.truth()["contacts"])


class TestSaid:
    """What the connector says."""

    def test_check_names_the_account(self, desk: Any) -> None:
        """One cheap call tells which account it is."""
        report = desk().connector().check()
        assert report.account == "4242"
        assert [stream.name for stream in report.streams] == list(STREAMS)

    def test_a_wrong_token_is_said(self, desk: Any) -> None:
        """The error tells where to put another token, and does not show this one."""
        one = desk(token="pat-wrong")  # noqa: S106
        with pytest.raises(AuthError) as caught:
            list(one.items("contacts"))
        assert "pat-wrong" not in str(caught.value)

    def test_a_token_that_is_none_is_said(self, desk: Any) -> None:
        """A malformed token is answered with status 530, which is no passing fault."""
        one = desk(token="two words")  # noqa: S106
        with pytest.raises(AuthError):
            list(one.items("contacts"))

    def test_a_missing_scope_is_said(self, desk: Any) -> None:
        """A stream that is not permitted says so; the others can be read."""
        one = desk(Company.made(customers=20))
        one.vendor.scopes.discard("crm.objects.deals.read")
        with pytest.raises(PermissionDenied):
            list(one.items("deals"))
        assert list(one.items("companies"))

    def test_what_objects_belong_to_needs_more_scopes(self, desk: Any, kept: Any) -> None:
        """The error tells what to do; without associations the objects are read anyway."""
        one = desk(Company.made(customers=20))
        one.vendor.scopes.discard("crm.objects.companies.read")
        with pytest.raises(PermissionDenied, match="associations = false"):
            list(one.items("contacts"))
        one.config["associations"] = False
        one.sync(kept, ["contacts"])
        assert kept.of("customer")
        assert not kept.of("membership")

    def test_tells_the_vendors_count_and_the_end(self, desk: Any, kept: Any) -> None:
        """A search tells how many rows there are; the end is told by its last page."""
        one = desk(page_size=10)
        one.vendor.add("companies", name="first")
        one.clock.sleep(3600)
        one.sync(kept, ["companies"])
        for number in range(25):
            one.vendor.add("companies", name=f"{number}")
        one.clock.sleep(3600)
        items = list(one.items("companies", kept.states["companies"]))
        promises = [item for item in items if isinstance(item, Checkpoint)]
        assert promises[0].total == 26
        assert [one.reached_end for one in promises] == [None, None, None, True]

    def test_every_page_has_a_plain_state(self, desk: Any) -> None:
        """A state is versioned, holds no null, and moves on with every page."""
        one = desk(COMPANY, page_size=30)
        states = [i.state for i in one.items("contacts") if isinstance(i, Checkpoint)]
        assert all(state["version"] == 1 for state in states)
        assert all(value is not None for state in states for value in state.values())
        assert len({str(state) for state in states}) == len(states)

    def test_signs_in_with_oauth_where_there_is_no_token(self, desk: Any, kept: Any) -> None:
        """Short tokens are fetched with the refresh token, and again when they have ended."""
        one = desk(Company.made(customers=20))
        secrets = {
            "HUBSPOT_REFRESH_TOKEN": one.vendor.refresh_token,
            "HUBSPOT_CLIENT_ID": "id",
            "HUBSPOT_CLIENT_SECRET": "secret",
        }
        one.runtime = _with(one.runtime, secrets.get)
        connector = one.connector()
        assert connector.account() == "4242"
        one.clock.sleep(3600)
        assert connector.get("/account-info/2026-09/details")["portalId"] == 4242
        assert one.paths().count("POST /oauth/v3/token") == 2


def _with(runtime: Any, secrets: Callable[[str], str | None]) -> Any:
    return evolve(runtime, secrets=secrets)


def _edit(one: Any) -> None:
    """Change, add, delete and merge something among the contacts."""
    rows = one.vendor.truth()["contacts"]
    one.vendor.change("contacts", str(rows[0]["id"]), lifecyclestage="lead")
    one.vendor.change("contacts", str(rows[-1]["id"]), lifecyclestage="lead")
    one.vendor.add("contacts", email=f"new{one.clock.now.timestamp()}@example.com")
    lonely = [str(row["id"]) for row in rows[1:-1] if not row.get("@companies")]
    one.vendor.delete("contacts", lonely[0])
    one.vendor.merge("contacts", lonely[1], lonely[2])


def _without_id(answer: SimResponse, path: str) -> SimResponse:
    """The same list, its first row without an id."""
    if not path.endswith("/contacts"):
        return answer
    page = json.loads(answer.body)
    if page["results"]:
        del page["results"][0]["id"]
    return SimResponse.of(page)


def _in_pieces(one: Any, kept: Any, stream: str, state: Any = None) -> int:
    """Read a stream one page a run, to the end of its pass; give the number of runs."""
    for run in range(1, 100):
        for item in one.items(stream, state):
            kept.take(item, stream=stream)
            if isinstance(item, Checkpoint):
                state = item.state
                break
        if "started" not in state:
            return run
    raise AssertionError("the stream does not end")


def _is_present(key: str, contacts: set[str], kept: Any) -> bool:
    contact, company = key.split("-")
    return contact in contacts and company in kept.of("account")


def _alone(truth: Any, kind: str) -> str:
    """Somebody to whom no ticket or deal belongs: those that lose a link move no stamp."""
    held = {
        number for row in (*truth["tickets"], *truth["deals"]) for number in row.get(f"@{kind}", ())
    }
    return next(row["id"] for row in truth[kind][1:] if row["id"] not in held)
