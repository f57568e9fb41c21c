"""A damaged journal: the store opens and says so, with every batch that is whole and no other."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import pytest

from cxm_core.errors import StoreError
from cxm_core.records import Note, to_row
from cxm_core.store import FoldReport, Store, journal_folder, open_journal, open_store
from cxm_core.store.journal._entries import Entry, journal_row
from cxm_core.store.journal._frames import encode_frame
from cxm_core.store.journal._segments import SegmentName
from cxm_core.sync import add
from cxm_core.testing import FaultyDisk
from reliability.journal_damage import DAMAGES, START, Case, Clock, Written, make_case

pytest.importorskip("duckdb")
SEED = 20_261_121
SEEDS = [
    *(pytest.param(seed) for seed in range(30)),
    *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(30, 230)),
]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A journal of forty batches, beside a store that holds none of them yet."""
    folder = tmp_path_factory.mktemp("journal")
    open_store(folder / "cxm.duckdb", clock=Clock()).close()
    return make_case(folder, Random(SEED), n_batches=40)


def notes(store: Store) -> Mapping[tuple[str, str], Any]:
    """Text of each note by source and native id."""
    return {
        (str(record.source), record.native_id): to_row(record)["text"]
        for record in store.records("note")
    }


def held(batches: list[Written]) -> dict[tuple[str, str], str]:
    """Everything that some batches hold."""
    return {key: text for one in batches for key, text in one.notes.items()}


def is_followed(one: Written, others: list[Written]) -> bool:
    """Whether a later batch of the same writer is there, so that this one is missed."""
    return any(
        other.position.writer == one.position.writer and other.position.number > one.position.number
        for other in others
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_journal_is_folded_as_far_as_it_is_whole(
    case: Case, tmp_path: Path, seed: int
) -> None:
    """Every whole batch comes in, never a wrong record, and what is missing is told."""
    rng = Random(SEED + seed)
    here = case.copied_to(tmp_path / "case")
    before = here.segments()
    damage = DAMAGES[seed % len(DAMAGES)]
    damage(here.folder / rng.choice(list(before)), rng)
    left = here.intact(before)
    store = open_store(here.path, clock=Clock())
    report = store.opening.folded
    assert notes(store) == held(left)
    lost = [one for one in here.written if one not in left]
    if any(is_followed(one, left) for one in lost):
        assert report.flaws
    assert all(receipt.balances for receipt in store.receipts())
    assert str(report)
    assert store.fold() == FoldReport()
    store.close()


@pytest.mark.parametrize("seed", SEEDS[:7])
def test_what_is_folded_is_safe(case: Case, tmp_path: Path, seed: int) -> None:
    """Damage behind what the store holds already takes nothing away, and more can be added."""
    rng = Random(SEED - seed)
    here = case.copied_to(tmp_path / "case")
    clock = Clock()
    open_store(here.path, clock=clock).close()
    before = here.segments()
    DAMAGES[seed % len(DAMAGES)](here.folder / rng.choice(list(before)), rng)
    store = open_store(here.path, clock=clock)
    late = Note(native_id="late", occurred_at=START, text="late")
    add(store, [late], source="app:a", clock=clock)
    store.close()
    again = open_store(here.path, clock=clock)
    assert notes(again) == {**held(list(here.written)), ("app:a", "late"): "late"}
    assert again.fold() == FoldReport()
    again.close()


def _copy_of_store(case: Case, folder: Path) -> Path:
    here = case.copied_to(folder)
    for one in here.folder.iterdir():
        one.unlink()
    return here.path


FAULTS = [
    pytest.param({"error": errno.ENOSPC, "torn": 0.5}, id="full, torn"),
    pytest.param({"error": errno.EIO, "stays_broken": True}, id="broken for good"),
    pytest.param({"error": errno.ENOSPC}, id="full", marks=pytest.mark.slow),
    pytest.param({"error": errno.EIO, "torn": 1.0}, id="lies", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_disk_call_of_an_add_fails_once(
    case: Case, tmp_path: Path, fault: dict[str, Any]
) -> None:
    """Whichever call fails, a batch is there whole or not at all; an acknowledged one is there."""
    template = _copy_of_store(case, tmp_path / "template")
    journal = open_journal(template, clock=Clock())
    journal.append([_named("waiting", part) for part in range(3)], source="app:a")
    journal.close()
    number, is_over = 0, False
    while not is_over:
        number += 1
        path = Case(template, ()).copied_to(tmp_path / f"case{number}").path
        is_over = not _add_on(path, FaultyDisk(fail_at=number, **fault))
    assert number > 4


def _named(name: str, part: int) -> Note:
    return Note(native_id=f"{name}-{part}", occurred_at=START, text=name)


def _add_on(path: Path, disk: FaultyDisk) -> bool:
    """Add two batches on a disk that fails, look at what is left; whether it failed at all."""
    acknowledged = {"waiting"}
    try:
        store = open_store(path, clock=Clock(), disk=disk)
        try:
            for name in ("first", "second"):
                try:
                    add(store, [_named(name, n) for n in range(3)], source="app:a", clock=Clock())
                    acknowledged.add(name)
                except StoreError:
                    assert disk.has_failed
            assert {str(text) for text in notes(store).values()} >= acknowledged
        finally:
            store.close()
    except StoreError:
        assert disk.has_failed
    again = open_store(path, clock=Clock())
    found = [str(text) for text in notes(again).values()]
    again.close()
    assert {name: found.count(name) for name in found} == dict.fromkeys(found, 3)
    assert set(found) >= acknowledged
    return disk.has_failed


class TestTwoDeliveries:
    """The same record twice at the same instant."""

    def test_conc_08_two_threads_add_the_same_record(self, tmp_path: Path) -> None:
        """One is applied, the other is acknowledged as a duplicate, whichever comes first."""
        store = open_store(tmp_path / "cxm.duckdb", clock=lambda: START)
        gate = Barrier(2)

        def deliver(_: int) -> tuple[int, int]:
            gate.wait()
            receipt = add(store, [_named("same", 1)], source="app:a", clock=lambda: START)
            return receipt.applied, receipt.duplicate

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(deliver, range(2)))
        assert outcomes == [(0, 1), (1, 0)]
        assert len(notes(store)) == 1
        store.close()

    @needs_fork
    def test_conc_08_two_processes_append_the_same_record(self, tmp_path: Path) -> None:
        """Both are acknowledged and in the journal; folded, they are one record and a duplicate."""
        path = tmp_path / "cxm.duckdb"
        children = [_in_child(lambda: _append(path, ["same"])) for _ in range(2)]
        assert [_exit_code(child) for child in children] == [0, 0]
        store = open_store(path, clock=lambda: START)
        report = store.opening.folded
        assert (report.batches, report.counts.applied, report.counts.duplicate) == (2, 1, 1)
        assert len(notes(store)) == 1
        store.close()


class TestTogether:
    """Several processes at once."""

    @needs_fork
    def test_two_append_while_a_third_folds(self, tmp_path: Path) -> None:
        """A receiver needs no lock of the store; each batch is folded once, none is torn."""
        path = tmp_path / "cxm.duckdb"
        open_store(path, clock=lambda: START).close()
        names = [[f"{who}{number}" for number in range(40)] for who in "ab"]
        children = [_in_child(lambda some=some: _append(path, some)) for some in names]
        store = open_store(path, clock=lambda: START)
        reports = []
        while children:
            reports.append(store.fold())
            children = [one for one in children if os.waitpid(one, os.WNOHANG)[0] == 0]
        reports.append(store.fold())
        reports.append(store.opening.folded)
        assert sum(report.counts.applied for report in reports) == 80
        assert sum(report.counts.served for report in reports) == 80
        assert [flaw for report in reports for flaw in report.flaws] == []
        assert {str(text) for text in notes(store).values()} == {*names[0], *names[1]}
        store.close()


def _append(path: Path, names: list[str]) -> None:
    journal = open_journal(path, clock=lambda: START)
    for name in names:
        journal.append([_named(name, 1)], source="app:a")


def _in_child(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def _exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class TestSize:
    """Much of everything."""

    @pytest.mark.parametrize("n_segments", [300, pytest.param(10_000, marks=pytest.mark.slow)])
    def test_many_segments(self, tmp_path: Path, n_segments: int) -> None:
        """A store whose app was started often folds all of them, and then none again."""
        path = tmp_path / "cxm.duckdb"
        folder = journal_folder(path)
        folder.mkdir()
        for number in range(n_segments):
            writer = f"{number:016x}"
            record = _named("one", number).stamped(source="app:a", known_at=START)
            entry = Entry(
                writer=writer, number=1, after=0, at=START, source="app:a",
                rows=(journal_row(record),),
            )  # fmt: skip
            (folder / SegmentName(writer, 1).file).write_bytes(encode_frame(entry.payload()))
        store = open_store(path, clock=Clock())
        assert store.count("note") == n_segments
        assert store.fold() == FoldReport()
        store.close()

    @pytest.mark.slow
    def test_a_batch_of_a_hundred_megabytes(self, tmp_path: Path) -> None:
        """A batch as large as that is kept and folded like any other, or withdrawn whole."""
        path, size = tmp_path / "cxm.duckdb", 1_000_000
        at = datetime(2026, 11, 21, tzinfo=UTC)
        large = [Note(native_id=str(n), occurred_at=at, text="x" * 100_000) for n in range(1_000)]
        journal = open_journal(path, clock=lambda: START)
        first = journal.append(large, source="app:a")
        assert first.end > 100 * size
        journal.withdraw(journal.append(large, source="app:a"))
        journal.append([_named("after", 1)], source="app:a")
        journal.close()
        store = open_store(path, clock=lambda: START)
        assert store.count("note") == 1_001
        store.close()
