"""Damage to the log, the file and the journal of a store: told, never a wrong number."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from reliability.damage import WOUNDS
from reliability.damage_campaign import Campaign, Case
from reliability.damage_stand import BATCHES

pytest.importorskip("duckdb")

COUNT = int(os.environ.get("CXM_DAMAGES", "30"))
FULL = {"log": 300, "file": 200, "journal": 200}
Run = Callable[[str], list[Case]]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """One store, of which every case damages a copy."""
    campaign = Campaign(tmp_path_factory.mktemp("damage"))
    yield campaign
    campaign.close()


@pytest.fixture(scope="module")
def run(campaign: Campaign) -> Run:
    """All cases of a part, damaged once for all tests of the module."""
    known: dict[str, list[Case]] = {}

    def run(part: str) -> list[Case]:
        if part not in known:
            known[part] = list(campaign.run(part, COUNT))
        return known[part]

    return run


def check(campaign: Campaign, cases: list[Case]) -> None:
    """No promise is broken in any case; the seeds are printed with those that are."""
    assert cases
    broken = [fault for case in cases for fault in campaign.faults_of(case)]
    assert not broken, "\n".join(broken)


class TestLog:
    """The write-ahead log."""

    def test_crash_11_a_log_that_is_cut_anywhere(self, campaign: Campaign, run: Run) -> None:
        """A cut log leaves whole transactions; what is gone is counted, and pulled again."""
        cases = [case for case in run("log") if case.wound == "cut"]
        check(campaign, cases)
        for case in cases:
            assert case.look is not None
            assert case.look.pages is not None
            # Every page is a transaction, and the app's own records are some more.
            assert BATCHES - case.look.pages <= (case.look.lost or 0) <= BATCHES
            assert case.look.aside

    def test_crash_12_a_log_with_a_tail_of_zeros(self, campaign: Campaign, run: Run) -> None:
        """A log with zeros is set aside with a report; the checkpoint is opened and repaired."""
        cases = [case for case in run("log") if case.wound == "zero_tail"]
        check(campaign, cases)
        for case in cases:
            assert case.look is not None
            assert case.look.pages == BATCHES // 2
            assert all(".wal.damaged-" in name for name in case.look.aside)
            assert "set aside" in case.look.told
            assert "stands where it was" in case.look.told

    def test_every_damage_opens_with_a_report(self, campaign: Campaign, run: Run) -> None:
        """Whatever befalls the log, the store opens as it was at some moment, and says so."""
        cases = run("log")
        check(campaign, cases)
        errors = Counter(case.look.error for case in cases if case.look is not None)
        assert errors == {None: len(cases)}


class TestFile:
    """The file itself."""

    def test_crash_15_a_file_with_damage(self, campaign: Campaign, run: Run) -> None:
        """A damaged file is told by name, or read right; a rebuild and a sync bring all back."""
        cases = run("file")
        check(campaign, cases)
        told = [case for case in cases if case.look is not None and case.look.error is not None]
        assert len(told) >= len(cases) // 2


class TestJournal:
    """The journal beside the file."""

    def test_every_damage_leaves_the_store(self, campaign: Campaign, run: Run) -> None:
        """Whatever befalls the journal, the store opens and holds all that it held."""
        cases = run("journal")
        check(campaign, cases)
        assert all(case.look is not None and case.look.pages == BATCHES for case in cases)


@pytest.mark.slow
@pytest.mark.parametrize("part", sorted(FULL))
def test_full_figures(campaign: Campaign, part: str) -> None:
    """The figures of the gate: no death, no silent wrong, every log opens."""
    cases = list(campaign.run(part, FULL[part]))
    outcomes = Counter((case.wound, case.look.error if case.look else "died") for case in cases)
    sys.stdout.write(f"{part}: {len(cases)} cases, {dict(outcomes)}\n")
    check(campaign, cases)
    assert {case.wound for case in cases} == set(WOUNDS)
