"""What Typeform holds is what is kept, whatever it does and whenever we are interrupted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from connectors.typeform.stand import (
    BEGIN,
    FORM,
    NOW,
    RECOMMEND,
    SOURCE,
    TOKEN,
    Stand,
    edited,
    submission,
    submissions,
    whole,
)
from cxm_connectors.simulation import Company, Serving, SimQuestion
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import Quirks
from cxm_core.plugins import Runtime, build
from cxm_core.sync import pull, replay
from cxm_core.vocabulary import Scale

QUIRKS = {
    "none": Quirks(),
    "repeats": Quirks(repeats=True),
    "counts nothing": Quirks(counts_nothing=True),
    "repeated ids": Quirks(repeated_ids=True),
    "throttled": Quirks(throttled=3),
    "broken": Quirks(broken=4),
    "html": Quirks(html=5),
    "all at once": Quirks(
        repeats=True, counts_nothing=True, repeated_ids=True, throttled=5, broken=7, html=6
    ),
}
KINDS = ("question", "response", "invitation")


class TestCompleteness:
    """Everything comes, and once."""

    @pytest.mark.parametrize("size", [2, 3, 4, 1000])
    def test_all_that_is_held_is_kept(self, size: int) -> None:
        """Whatever the page size, each answer and each outcome is kept, also four of one second."""
        stand = Stand(page_size=size)
        receipts = stand.sync()
        stand.check_same()
        assert [one.is_complete for one in receipts] == [True] * 4

    @pytest.mark.parametrize("name", QUIRKS)
    def test_all_is_kept_under_each_quirk(self, name: str) -> None:
        """What the vendor does besides answering well changes nothing in what is kept."""
        stand = Stand(quirks=QUIRKS[name])
        stand.sync()
        stand.check_same()
        assert not stand.store.quarantined()

    def test_a_second_sync_brings_nothing_new(self) -> None:
        """Where nothing has changed nothing is new, and the state stays."""
        stand = Stand()
        stand.sync()
        names = [one.name for one in stand.connector().streams()]
        states = [stand.store.checkpoint(SOURCE, name) for name in names]
        receipts = stand.sync()
        assert [one.applied for one in receipts] == [0, 0, 0, 0]
        assert states == [stand.store.checkpoint(SOURCE, name) for name in names]

    def test_only_the_types_that_were_chosen_are_read(self) -> None:
        """Without partial and started responses their streams are not there (incident T4)."""
        stand = Stand(response_types=["completed"])
        stand.sync()
        assert set(stand.outcomes().values()) == {"complete"}
        assert [one.name for one in stand.connector().streams()] == ["forms", "responses"]

    def test_ids_of_responses_are_told_apart_by_form(self) -> None:
        """Two forms may use the same id of a response; both responses are kept."""
        stand = Stand(quirks=Quirks(repeated_ids=True))
        stand.sync()
        ids = [row["response_id"] for row in stand.sim.truth()]
        assert len(set(ids)) < len(ids)
        assert len(stand.outcomes()) == len(ids)

    def test_tokens_are_never_sent_with_sort(self) -> None:
        """No call has both `sort` and a token (incident T1), and none asks for more than 1,000."""
        stand = Stand(page_size=5000)
        stand.sync()
        queries = [one.request.query for one in stand.carrier.log]
        assert not [one for one in queries if "sort" in one and {"before", "after"} & one.keys()]
        assert max(int(one.get("page_size", 0)) for one in queries) == 1000

    def test_a_crowd_in_one_second_is_a_gap(self) -> None:
        """Unfinished responses have no cursor: more of them in a second than a page are told."""
        at = BEGIN + timedelta(days=9)
        crowd = tuple(submission(key, state="started", at=at) for key in range(1, 6))
        stand = Stand(Company(now=NOW, forms=(FORM,), submissions=crowd))
        (receipt,) = stand.sync(streams=("started",))
        assert len(stand.outcomes()) == 3
        assert not receipt.is_complete

    def test_a_company_of_another_making_is_read_whole(self) -> None:
        """Of the made company each response to the form tool's forms is kept."""
        stand = Stand(Company.made(customers=120, seed=3), page_size=7)
        stand.sync()
        assert stand.outcomes() == stand.opened()


class TestInterruption:
    """A sync that is ended anywhere goes on from its last page."""

    @pytest.mark.parametrize("first", range(0, 130, 5))
    def test_kill_and_resume_lose_and_double_nothing(self, first: int) -> None:
        """Ended after any number of items, and again, the next sync completes what is kept."""
        for cut in range(first, first + 5):
            stand = Stand(quirks=Quirks(repeats=cut % 2 == 0))
            applied = 0
            for after in (cut, cut // 2, None):
                applied += sum(one.applied for one in stand.sync(cut=after))
            stand.check_same()
            assert applied == sum(map(stand.store.count, KINDS))

    def test_resume_goes_on_where_it_stood(self) -> None:
        """After an interruption no page is asked for again that was kept before."""
        stand = Stand()
        stand.sync(cut=60, streams=("responses",))
        first = _pages(stand)
        stand.carrier.log.clear()
        stand.sync(streams=("responses",))
        again = _pages(stand)
        assert len(first) > 2
        # Nobody has answered the third form, so there is no answer to go on behind.
        kept = {page for page in first[:-1] if "/form3/" not in page}
        assert kept.isdisjoint(again)
        assert first[-1] in again

    def test_a_token_that_is_good_no_more_begins_anew(self) -> None:
        """Where the response behind the kept token was deleted, its list is read from its start."""
        stand = Stand()
        stand.sync(cut=60, streams=("responses",))
        state = stand.store.checkpoint(SOURCE, "responses")
        assert state is not None
        token = state["parts"]["form1"]["cursor"]
        (lost,) = [row for row in stand.sim.truth() if row["token"] == token]
        stand.sim.delete(whole(int(lost["hidden"]["customer"])))
        stand.sync()
        assert stand.held().items() <= stand.kept().items()

    @pytest.mark.parametrize("page", range(1, 12))
    def test_changes_during_the_sync_are_kept_at_the_latest_next_time(self, page: int) -> None:
        """New, continued and further responses, whenever they come in, are kept next time."""
        stand = Stand()
        stand.sync(cut=page * 9)
        stand.clock.sleep(60)
        now = stand.clock.now
        stand.sim.add(whole(60, at=now))
        stand.sim.change(whole(31, at=now))
        stand.sim.change(submission(41, state="partial", at=now, recommend=9))
        stand.sim.add(submission(61, form=3, at=now, stars=2))
        stand.clock.sleep(60)
        stand.sync()
        stand.sync()
        stand.check_same()


def _pages(stand: Stand) -> list[str]:
    asked = [one.request for one in stand.carrier.log]
    return [one.target for one in asked if one.path.endswith("/responses")]


class TestLookback:
    """What the vendor shows late is still seen."""

    def test_a_response_that_is_shown_late_is_kept(self) -> None:
        """Responses that stay invisible for half an hour are kept, though later ones were read."""
        stand = Stand(quirks=Quirks(late=timedelta(minutes=30)))
        stand.sync()
        for key in range(70, 80):
            stand.clock.sleep(600)
            stand.sim.add(whole(key, at=stand.clock.now))
            stand.sync()
        assert len(stand.outcomes()) < len(stand.opened())
        stand.clock.sleep(3600)
        stand.sync()
        stand.check_same()

    def test_the_look_back_asks_from_an_hour_before(self) -> None:
        """The next sync asks from an hour before the highest stamp, in whole seconds."""
        stand = Stand()
        stand.sync()
        stand.carrier.log.clear()
        stand.sync(streams=("responses",))
        calls = [one.request for one in stand.carrier.log]
        asked = {one.path: one.query.get("since") for one in calls if "since" in one.query}
        highest = BEGIN + timedelta(days=9) - timedelta(hours=1)
        assert asked["/forms/form1/responses"] == str(int(highest.timestamp()))
        assert "/forms/form3/responses" not in asked


class TestProgress:
    """A response that goes on is one response."""

    def test_started_becomes_partial_becomes_completed(self) -> None:
        """The same response is kept once, with the newest outcome and the newest answers."""
        stand = Stand(Company(now=NOW, forms=(FORM,)))
        stand.sim.add(submission(1, state="started", at=NOW))
        stand.sync()
        stand.check_same()
        for minutes, one in enumerate(
            (
                submission(1, state="partial", at=NOW + timedelta(minutes=1), recommend=2),
                whole(1, at=NOW + timedelta(minutes=2), recommend=7),
            ),
            1,
        ):
            stand.clock.now = NOW + timedelta(minutes=minutes)
            stand.sim.change(one)
            stand.sync()
            stand.check_same()
        assert list(stand.outcomes().values()) == ["complete"]

    @pytest.mark.parametrize("key", range(1, 7))
    def test_two_steps_in_one_second_are_in_order(self, key: int) -> None:
        """What was completed in the second of its last partial answer is kept as completed."""
        stand = Stand(Company(now=NOW, forms=(FORM,)))
        stand.sim.add(submission(key, state="partial", at=NOW, recommend=2))
        stand.sync()
        stand.sim.change(whole(key, at=NOW))
        stand.sync()
        stand.check_same()


class TestEdits:
    """An edit of a form is a new version of its question; older answers keep theirs."""

    def test_an_edit_makes_a_new_version(self) -> None:
        """After the scale changed old answers keep scale and version; new ones have the new."""
        stand = Stand()
        stand.sim.add(whole(80, at=NOW - timedelta(minutes=10), effort=4))
        stand.sync()
        wider = SimQuestion(key="effort", text="How easy was it?", scale=Scale(1, 7))
        stand.sim.change(edited(FORM, NOW + timedelta(minutes=1), RECOMMEND, wider))
        stand.clock.sleep(1200)
        late = submission(81, at=stand.clock.now, recommend=9, effort=4)
        stand.sim.add(evolve(late, form_version=2))
        stand.sync()
        old, new = stand.answer(80, "effort"), stand.answer(81, "effort")
        assert (old.score and old.score.scale.high, new.score and new.score.scale.high) == (5, 7)
        assert old.question_version != new.question_version
        assert None not in (old.question_version, new.question_version)
        versions = {one.native_id: vars(one)["version"] for one in stand.store.records("question")}
        assert versions["form1/effort"] == new.question_version

    def test_what_was_not_edited_keeps_its_version(self) -> None:
        """Another question of an edited form has the version that it had."""
        stand = Stand()
        stand.sync()
        stand.sim.change(edited(FORM, NOW, RECOMMEND))
        stand.clock.sleep(1200)
        late = submission(81, at=stand.clock.now, recommend=9)
        stand.sim.add(evolve(late, form_version=2))
        stand.sync()
        before, after = stand.answer(9, "recommend"), stand.answer(81, "recommend")
        assert before.question_version == after.question_version

    def test_an_old_answer_in_the_look_back_keeps_its_scale(self) -> None:
        """An answer that is shown late, after the form was edited, is read as it was given."""
        stand = Stand(quirks=Quirks(late=timedelta(minutes=30)))
        stand.sync()
        stand.sim.add(whole(82, at=NOW + timedelta(minutes=1), effort=2))
        wider = SimQuestion(key="effort", text="How easy was it?", scale=Scale(1, 7))
        stand.sim.change(edited(FORM, NOW + timedelta(minutes=2), RECOMMEND, wider))
        stand.clock.sleep(3600)
        stand.sync()
        kept = stand.answer(82, "effort")
        assert kept.score is not None
        assert kept.score.scale.high == 5

    def test_an_edit_that_nobody_saw_is_not_known(self) -> None:
        """At the first sync an answer from before the last edit is read as the form is now."""
        form = edited(FORM, BEGIN + timedelta(days=5), *FORM.questions)
        stand = Stand(Company(now=NOW, forms=(form,), submissions=submissions()[:9]))
        stand.sync()
        versions = {stand.answer(key, "recommend").question_version for key in (1, 9)}
        (asked,) = [q for q in stand.store.records("question") if q.native_id == "form1/recommend"]
        assert versions == {vars(asked)["version"]}

    def test_an_answer_off_the_new_scale_is_set_aside(self) -> None:
        """An old answer that is not on the scale that the form has now is not misread."""
        narrow = SimQuestion(key="recommend", text="Again?", scale=Scale(1, 5))
        form = edited(FORM, NOW - timedelta(days=1), narrow)
        company = Company(now=NOW, forms=(form,), submissions=(whole(9, recommend=9),))
        stand = Stand(company)
        stand.sim.add(evolve(whole(10, recommend=9), form_version=2))
        stand.sync()
        reasons = {entry.reason for entry in stand.store.quarantined()}
        assert reasons == {"out_of_scale", "bad_scale"}
        assert not [one for one in stand.kept() if one.endswith("10/recommend")]

    def test_what_was_set_aside_comes_in_with_a_scale(self) -> None:
        """An answer to a question that its form has no more is read again by a stated scale."""
        form = edited(FORM, NOW - timedelta(days=1), RECOMMEND)
        stand = Stand(Company(now=NOW, forms=(form,), submissions=(whole(9),)))
        stand.sync()
        assert {one.reason for one in stand.store.quarantined()} == {"bad_scale"}
        stand.config = {**stand.config, "questions": {"effort-ref": {"scale": "1-5"}}}
        replay(stand.store, stand.connector(), source=SOURCE, clock=stand.clock)
        assert not stand.store.quarantined()
        score = stand.answer(9, "effort").score
        assert score is not None
        assert (score.value, score.scale) == (5, Scale.named("1-5"))

    def test_a_form_that_goes_takes_nothing_along(self) -> None:
        """What was kept of a form stays when the form is deleted, and the sync goes on."""
        stand = Stand()
        stand.sync()
        before = stand.kept()
        stand.sim.delete(FORM)
        receipts = stand.sync()
        assert stand.kept() == before
        assert [one.is_complete for one in receipts] == [True] * 4


class TestStrangeThings:
    """What nobody has heard of is kept by its name, and counted."""

    def test_unknown_fields_and_types_are_drift(self) -> None:
        """A new field of a row is counted, an answer of a new type is kept without a value."""
        stand = Stand(quirks=Quirks(strange_fields=True))
        (receipt,) = stand.sync(streams=("responses",))
        assert receipt.drift["field:mood"] == 14
        odd = [one for one in stand.answers() if str(one.question).endswith("/odd")]
        assert {one.attributes["answer"] for one in odd} == {"hologram"}
        assert {one.no_answer for one in odd} == {"other"}

    def test_addresses_are_identifiers_where_the_user_says_so(self) -> None:
        """An answer to an e-mail question is never kept as an answer, but may say who it was."""
        stand = Stand(identifiers={"mail-ref": "email", "customer": "external"})
        stand.sync()
        assert not [one for one in stand.kept() if one.endswith("/mail")]
        names = [name.text for name in stand.answer(3, "recommend").customer]
        assert names == ["email:c3@example.org", "external:3"]

    def test_hidden_fields_are_attributes(self) -> None:
        """A hidden field that is no identifier is there to group by."""
        stand = Stand()
        stand.sync()
        assert stand.answer(3, "recommend").attributes == {"segment": "consumer"}
        partial = [one for one in stand.answers() if one.attributes.get("state") == "partial"]
        assert len(partial) == 8


class TestAccess:
    """Who may read what."""

    def test_check_names_the_account(self) -> None:
        """The account is the user behind the token; without the scope it is not known."""
        assert Stand().connector().check().account == "U000000"
        stand = Stand(quirks=Quirks(forbidden=("accounts:read",)))
        assert stand.connector().check().account is None

    def test_a_missing_scope_stops_its_streams_only(self) -> None:
        """Without `responses:read` forms are read all the same."""
        stand = Stand(quirks=Quirks(forbidden=("responses:read",)))
        receipts = stand.sync()
        assert [one.is_complete for one in receipts] == [True, False, False, False]
        assert stand.store.count("question") == len(FORM.questions) + 2

    @pytest.mark.parametrize("host", ["https://api.eu.typeform.com", "https://api.typeform.eu"])
    def test_european_hosts_are_configuration(self, host: str) -> None:
        """An account in Europe is read from its own host (incident T5)."""
        stand = Stand(base_url=host)
        stand.sync()
        stand.check_same()

    def test_a_refresh_token_is_used_once(self) -> None:
        """With OAuth each refresh token is used once, and the next one is kept."""
        secrets = {
            "TYPEFORM_REFRESH_TOKEN": f"refresh-{TOKEN}-1",
            "TYPEFORM_CLIENT_ID": "id",
            "TYPEFORM_CLIENT_SECRET": "secret",
        }
        stand = Stand(secrets=secrets)
        stand.sync()
        stand.check_same()
        calls = [one for one in stand.carrier.log if one.request.path == "/oauth/token"]
        assert {one.status for one in calls} == {200}

    def test_it_is_read_over_a_socket(self) -> None:
        """Over HTTP on loopback the same is kept as without a socket, quirks and all."""
        stand = Stand(quirks=QUIRKS["all at once"], allow_private_addresses=True)
        with Serving(stand.sim) as served:
            stand.config = {**stand.config, "base_url": served.origin}
            runtime = Runtime(
                clock=stand.clock, root=Path(), sleep=stand.clock.sleep, secrets=stand.secrets.get
            )
            connector = build(Typeform, stand.config, runtime)
            pull(stand.store, connector, source=SOURCE, clock=stand.clock)
        stand.check_same()

    def test_only_one_workspace_is_read_where_it_is_named(self) -> None:
        """The workspace goes into the list of forms, as Typeform wants it."""
        stand = Stand(workspace="W1")
        stand.sync(streams=("forms",))
        (listed,) = [one for one in stand.carrier.log if one.request.path == "/forms"]
        assert listed.request.query["workspace_id"] == "W1"


class TestState:
    """The state is plain JSON and small."""

    def test_state_is_plain_json_with_the_forms_in_it(self) -> None:
        """A state goes through JSON unchanged and holds what each answered form looked like."""
        stand = Stand()
        stand.sync()
        state = stand.store.checkpoint(SOURCE, "responses")
        assert state is not None
        assert state == json.loads(json.dumps(state))
        assert set(state["definitions"]) == {"form1", "form2"}
