"""Whether a reader may rely on the data."""

from __future__ import annotations

import pytest
from attrs import evolve

from cxm_core.records import Reason
from cxm_core.report import QuarantineCount, ReportPage
from cxm_core.report._evidence import (
    MEANINGS,
    OUTCOMES,
    evidence,
    meaning_of,
    notes,
    state,
    unused,
)
from cxm_core.results import SyncReceipt
from report.sample import NOW, sfo_page, syncs


def page(*given: SyncReceipt) -> ReportPage:
    """Page with these syncs and nothing else."""
    return ReportPage(title="t", generated_at=NOW, completeness=given)


def test_complete_streams_that_add_up_are_sound() -> None:
    """Everything delivered: served and set aside are told in numbers."""
    said = evidence(sfo_page())
    assert (said.is_sound, said.heading) == (True, "Data complete.")
    assert said.sentence == (
        "All 2 streams delivered everything: 84,600 records served at the last sync; "
        "12 are set aside."
    )


def test_one_stream_is_told_as_one() -> None:
    """No plural for one."""
    assert evidence(page(syncs()[0])).sentence == (
        "The one stream delivered everything: 42,465 records served at the last sync; "
        "none is set aside."
    )


def test_a_sync_without_news_is_no_sync_without_data() -> None:
    """Nothing served again means that nothing was new."""
    nothing = evolve(syncs()[0], **dict.fromkeys(("served", *(name for name, _ in OUTCOMES)), 0))
    assert evidence(page(nothing)).sentence == (
        "The one stream delivered everything: nothing new at the last sync; none is set aside."
    )


@pytest.mark.parametrize("flaw", [{"is_complete": False, "verdict": "partial"}, {"served": 1}])
def test_a_gap_or_a_wrong_sum_is_unsound(flaw: dict[str, object]) -> None:
    """A stream that stopped early, or whose counts do not add up, is said to be incomplete."""
    said = evidence(page(syncs()[0], evolve(syncs()[1], **flaw)))
    assert (said.is_sound, said.heading) == (False, "Data incomplete.")
    assert said.sentence.startswith("1 of 2 streams")


def test_every_reason_has_a_meaning() -> None:
    """Whatever a record is set aside for, the reader is told in a sentence."""
    assert set(MEANINGS) == set(Reason)
    assert meaning_of(QuarantineCount(reason="bad_row", count=1)) == MEANINGS["bad_row"]
    assert meaning_of(QuarantineCount(reason="bad_row", count=1, meaning="Cut.")) == "Cut."
    assert meaning_of(QuarantineCount(reason="of a plugin", count=1)) == ""


def test_notes_tell_what_else_happened() -> None:
    """Drift, unchanged inputs, deletions, sums that fail: a sentence each."""
    sync = evolve(syncs()[1], served=1, deleted=2, unchanged=("a.csv",))
    assert notes(sync, zone="UTC") == (
        "Read with the aliases of 2018.",
        "The counts do not add up to what was served.",
        "Not read again because unchanged: a.csv.",
        "Of the kept ones, 2 took something away.",
    )
    assert notes(syncs()[0], zone="UTC") == ()


def test_a_stream_that_gives_no_sign_is_told() -> None:
    """Where nobody can tell whether everything came, the reader hears so, and no alarm."""
    silent = evolve(syncs()[0], verdict="unknown", reason="It gives no sign.")
    said = evidence(page(silent, syncs()[1]))
    assert (said.is_sound, said.heading) == (False, "Completeness not known.")
    assert said.sentence.startswith("1 of 2 streams")
    assert state(silent) == "completeness not known"
    assert notes(silent, zone="UTC") == ("It gives no sign.",)
    assert state(evolve(silent, served=1)) == "does not add up"


def test_the_extent_of_a_sync() -> None:
    """What was asked for, how far it reached, and what is missing: a sentence each."""
    sync = evolve(
        syncs()[0],
        since=NOW,
        until=NOW,
        pages=1_200,
        total=42_465,
        newest=NOW,
        gaps=("Page 3 is missing.", "So is page 4."),
        is_complete=False,
        verdict="partial",
        reason="Page 3 is missing.",
    )
    assert notes(sync, zone="UTC") == (
        "Page 3 is missing.",
        "Asked for: from 21 November 2026, 14:30 until before 21 November 2026, 14:30.",
        "Pages read: 1,200.",
        "Rows by the source's own count: 42,465.",
        "Newest change: 21 November 2026, 14:30.",
        "So is page 4.",
    )


def test_the_kept_ones_by_what_was_new() -> None:
    """Where not all that was kept is new, the reader hears what it was."""
    mixed = evolve(syncs()[0], new=42_000, changed=460, deleted=5)
    assert notes(mixed, zone="UTC") == (
        "Of the kept ones, 42,000 were new, 460 were changed, 5 took something away.",
    )
    assert notes(evolve(syncs()[0], new=42_465, changed=0), zone="UTC") == ()


def test_what_is_not_used_is_told_apart() -> None:
    """Drift is a list of its own, with counts, since it can be long."""
    assert unused(syncs()[1]) == "Q20Age (2,809)"
    assert unused(syncs()[0]) == ""


def test_the_outcomes_are_those_that_balance() -> None:
    """The columns of the table add up to what was served."""
    sync = syncs()[1]
    assert sum(getattr(sync, name) for name, _ in OUTCOMES) == sync.served
