"""Two processes and one store: one has it, the other is told at once by whom."""

from __future__ import annotations

import os
import random
import signal
import statistics
from pathlib import Path

import pytest

from cxm_core.store import open_store
from reliability import signals
from reliability.contention import Rival
from reliability.kill import needs_fork
from reliability.kill_stand import START

pytest.importorskip("duckdb")
SEED = int(os.environ.get("CXM_SEED", random.randrange(1_000_000)))
ROUNDS = [pytest.param(5), pytest.param(50, marks=pytest.mark.slow)]


@needs_fork
@pytest.mark.parametrize("rounds", ROUNDS)
def test_conc_01_two_processes(tmp_path: Path, rounds: int) -> None:
    """P14: one of two has the store; the other is told the right process within a second."""
    path = tmp_path / "cxm.duckdb"
    rng = random.Random(SEED)
    open_store(path, clock=lambda: START).close()
    rivals = [Rival(path), Rival(path)]
    kept, walls, cpus = set(), [], []
    for number in range(rounds):
        rng.shuffle(rivals)
        rivals[0].ask("write")
        # A reader may not look while another writes, either.
        rivals[1].ask("read" if number % 5 == 4 else "write")
        answers = [rival.answer() for rival in rivals]
        (winner,) = [one for one, told in zip(rivals, answers, strict=True) if "won" in told]
        (told,) = [told for told in answers if "won" not in told]
        assert told["holder"] == winner.pid, f"seed {SEED}"
        assert str(winner.pid) in told["text"]
        walls.append(told["seconds"])
        cpus.append(told["cpu_s"])
        kept |= {told["kept"] for told in answers if "kept" in told}
        winner.ask("close")
        assert winner.answer() == {"closed": True}
    for rival in rivals:
        rival.close()
    told_after = f"{statistics.median(walls):.3f} s, at most {max(walls):.3f} s"
    print(f"seed {SEED}: {rounds} rounds, told after {told_after}")  # noqa: T201  (for people)
    # A busy machine may hold anybody up; the work itself may not.
    assert max(cpus) < 1
    assert statistics.median(walls) < 1
    store = open_store(path, clock=lambda: START)
    assert {one.native_id for one in store.records("note")} == kept
    assert store.count("note") == len(kept)
    found = store.verify()
    assert found.is_sound, str(found)
    store.close()


@needs_fork
@pytest.mark.parametrize("rounds", [pytest.param(1), pytest.param(20, marks=pytest.mark.slow)])
def test_crash_19_asked_to_end(tmp_path: Path, rounds: int) -> None:
    """P1: a sync that is asked to end does within five seconds, with its code; the next goes on."""
    rng = random.Random(SEED)
    signals.lay_out(tmp_path, 4_000)
    for _ in range(rounds):
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            ended = signals.sync(tmp_path, number=number, after=rng.uniform(0, 1.5))
            assert ended.seconds < 5, f"seed {SEED}"
            # What ended by itself before it was asked to is none of the two.
            assert ended.code in (code, 0, -number), f"seed {SEED}: {ended}"
            assert "Traceback" not in ended.error
            # Only a command that was over already is ended without a code of its own.
            signals.check(tmp_path, 4_000, is_whole=ended.code == -number)
    assert signals.sync(tmp_path).code == 0
    signals.check(tmp_path, 4_000, is_whole=True)
