"""What follows what, which ways there are, and a funnel: beside a plain counting sort and others.

The log is in the order of time, with the cases mixed. The plain way is SciPy's counting sort by
case and then blocks of 20,000 cases, without any check; ours looks at the times as well, and the
public functions give median times and intervals too. The plain way sorts its sums to count the
ways: NumPy's own `unique` takes ten times as long over a million of them since it hashes.
Prints seconds of the processor, the ratio to the plain way, and by how much the memory of the
process grew. Ratios travel between machines; seconds do not.

    python benchmarks/bench_flow.py [events, default 10 million]
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

import cxm_core as cx
from cxm_core.stats import chains, distinct_chains, follow_counts, stages_reached

RUNS = 5
STATES, STEPS = 100, 4
BLOCK = 20_000
PAGE = os.sysconf("SC_PAGE_SIZE")


class Log(NamedTuple):
    """A log in the order of time."""

    state: np.ndarray
    case: np.ndarray
    time: np.ndarray
    n_cases: int


def made(n: int) -> Log:
    """Ten events a case, most of them of a few of a hundred kinds."""
    rng = np.random.default_rng(20261122)
    state = np.minimum(rng.geometric(0.5, n) - 1, STATES - 1).astype(np.uint8)
    state[rng.random(n) < 0.02] = rng.integers(0, STATES)
    n_cases = max(n // 10, 1)
    # Most cases are short, and some are long.
    case = (n_cases * rng.random(n) ** 1.7).astype(np.int32)
    return Log(state, case, np.cumsum(rng.integers(0, 2_000_000, n)), n_cases)


def plain(log: Log) -> tuple[np.ndarray, int, np.ndarray]:
    """Steps, number of ways, and cases at each stage, by a counting sort and blocks."""
    places = np.arange(log.state.size, dtype=np.int32)
    table = csr_array((log.state, (log.case, places)), shape=(log.n_cases, log.state.size))
    starts = table.indptr[np.append(np.diff(table.indptr) > 0, True)].astype(np.int64)
    longest = int(np.diff(starts).max())
    weights = np.random.default_rng(1).integers(0, 2**64, longest * STATES, dtype=np.uint64)
    steps, reached = np.zeros(STATES**2, np.int64), np.zeros(STEPS, np.int64)
    sums = np.empty(starts.size - 1, np.uint64)
    for first in range(0, starts.size - 1, BLOCK):
        last = min(first + BLOCK, starts.size - 1)
        at = starts[first : last + 1] - starts[first]
        states = table.data[starts[first] : starts[last]]
        keys = states[:-1].astype(np.int32) * STATES + states[1:]
        steps += np.bincount(keys, minlength=STATES**2)
        steps -= np.bincount(keys[at[1:-1] - 1], minlength=STATES**2)
        place = np.arange(states.size) - np.repeat(at[:-1], np.diff(at))
        sums[first:last] = np.add.reduceat(weights[place * STATES + states], at[:-1])
        reached += stages(states, at)
    sums.sort()
    ways = np.count_nonzero(sums[1:] != sums[:-1]) + 1
    return steps.reshape(STATES, STATES), ways, reached


def stages(states: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Cases of a block that reach each of the first four states in order."""
    found, after = np.zeros(STEPS, np.int64), np.full(at.size - 1, -1)
    case = np.repeat(np.arange(at.size - 1), np.diff(at))
    for step in range(STEPS):
        hits = np.flatnonzero(states == step)
        hits = hits[hits > after[case[hits]]]
        after = np.full(at.size - 1, states.size)
        after[case[hits[::-1]]] = hits[::-1]
        found[step] = (after < states.size).sum()
    return found


def ours(log: Log, *, is_exact: bool = False) -> tuple[np.ndarray, int, np.ndarray]:
    """The same by the library."""
    found = chains(log.state, log.case, times=log.time, n_states=STATES)
    reached = (stages_reached(found, [[step] for step in range(STEPS)]) >= 0).sum(axis=0)
    return follow_counts(found), distinct_chains(found, is_exact=is_exact).n.size, reached


def by_polars(log: Log) -> tuple[int, int]:
    """Kinds of steps, and ways."""
    import polars as pl  # noqa: PLC0415  (one of several to compare with)

    frame = pl.DataFrame({"case": log.case, "state": log.state, "time": log.time})
    frame = frame.sort("case", "time")
    after = frame.select("state", to=pl.col("state").shift(-1).over("case"))
    steps = after.drop_nulls().group_by("state", "to").len()
    ways = frame.group_by("case", maintain_order=True).agg("state").group_by("state").len()
    return steps.height, ways.height


def by_duckdb(log: Log) -> tuple[int, int]:
    """Kinds of steps, and ways."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as base:
        columns = {"c": log.case, "s": log.state, "t": log.time}
        base.register("log", columns)
        (steps,) = base.execute(
            "select count(*) from (select s, n from (select s, lead(s) over (partition by c "
            "order by t) as n from log) where n is not null group by all)"
        ).fetchone()
        (ways,) = base.execute(
            "select count(*) from (select distinct w from "
            "(select list(s order by t) as w from log group by c))"
        ).fetchone()
    return steps, ways


def table_of(log: Log) -> dict[str, np.ndarray]:
    """The log as somebody holds it who asks the engines."""
    return {"case": log.case, "activity": log.state, "occurred_at": log.time.view("datetime64[us]")}


def one_by_one(log: Log) -> Any:
    """Three questions to the engines, each of which reads the table anew."""
    table = table_of(log)
    cx.flow(table)
    cx.variants(table, most=5)
    return cx.funnel(table, list(range(STEPS)))


def of_cases(log: Log) -> Any:
    """The same of cases, which are read and put in order once."""
    found = cx.cases(table_of(log), rule="case")
    cx.flow(found)
    cx.variants(found, most=5)
    return cx.funnel(found, list(range(STEPS)))


def of_frame(log: Log) -> Callable[[], object]:
    """The same of a frame of polars, in which activities are categories."""
    import polars as pl  # noqa: PLC0415

    told = pl.DataFrame(table_of(log))
    names = pl.Series(range(STATES)).cast(pl.String)
    kinds = pl.Series(log.state).cast(pl.UInt32).cast(pl.String)
    frame = told.with_columns(kinds.cast(pl.Enum(names)).alias("activity"))
    return lambda: of_arrow(frame)


def of_texts(log: Log) -> Callable[[], object]:
    """The same of an Arrow table of texts, as a file or a database gives it."""
    import pyarrow as pa  # noqa: PLC0415

    table = table_of(log)
    texts = {name: pa.array(table[name]).cast(pa.string()) for name in ("case", "activity")}
    told = pa.table({**texts, "occurred_at": pa.array(table["occurred_at"])})
    return lambda: of_arrow(told)


def of_arrow(table: Any) -> Any:
    """Three questions to the cases of a table of texts."""
    found = cx.cases(table, rule="case")
    cx.flow(found)
    cx.variants(found, most=5)
    return cx.funnel(found, [str(step) for step in range(STEPS)])


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def growth(work: Callable[[], object]) -> float:
    """Largest growth of a process of its own while something runs, in MB."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.write(into, f"{watched(work):.0f}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    return float(os.read(out, 64))


def watched(work: Callable[[], object]) -> float:
    """Largest growth of this process while something runs, in MB."""
    before, most, is_over = memory(), [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.002):
            most[0] = max(most[0], memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    is_over.set()
    watcher.join()
    return (most[0] - before) / 1e6


def seconds(works: list[Callable[[], object]], runs: int) -> list[float]:
    """Least time of the processor in several runs of each, in turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, took in zip(works, times, strict=True):
            start = time.process_time()
            work()
            took.append(time.process_time() - start)
    return [min(took) for took in times]


def show(name: str, took: float, base: float, grown: float | None = None) -> None:
    """Print one way."""
    more = "" if grown is None else f"{grown:8.0f} MB more"
    print(f"  {name:<44} {took:8.3f} s {took / base:8.2f} x plain {more}")


def main(n: int) -> None:
    """Check that all agree, then time them."""
    log = made(n)
    near: dict[str, Callable[[], object]] = {
        "plain counting sort in blocks": lambda: plain(log),
        "ours": lambda: ours(log),
        "ours, ways compared one by one": lambda: ours(log, is_exact=True),
    }
    public: dict[str, Callable[[], object]] = {
        "cases, then flow, variants and funnel": lambda: of_cases(log),
        "flow, variants and funnel, each by itself": lambda: one_by_one(log),
        "cases of texts in Arrow, then all three": of_texts(log),
    }
    one_by_one(made(1_000))  # so that no module is loaded while memory is watched
    of_texts(made(1_000))()
    more = [growth(work) for work in public.values()]
    grown = [growth(work) for work in near.values()]  # before anything else has run here
    wanted, found = plain(log), ours(log, is_exact=True)
    assert (wanted[0] == found[0]).all()
    assert wanted[1] == found[1]
    assert (wanted[2] == found[2]).all()
    print(f"{n:,} events, {log.n_cases:,} cases, {STATES} activities, {found[1]:,} ways")
    times = seconds(list(near.values()), RUNS)
    for name, took, grew in zip(near, times, grown, strict=True):
        show(name, took, times[0], grew)
    far: dict[str, Callable[[], object]] = {
        "polars, steps and ways only": lambda: by_polars(log),
        "DuckDB, steps and ways only": lambda: by_duckdb(log),
    }
    for name, took, grew in zip(public, seconds(list(public.values()), 3), more, strict=True):
        show(name, took, times[0], grew)
    # A process that has used polars cannot be split, so its memory is not watched.
    frame = of_frame(log)
    show("cases of a frame of polars, then all three", seconds([frame], 3)[0], times[0])
    for name, work in far.items():
        show(name, seconds([work], 1)[0], times[0])


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000)
