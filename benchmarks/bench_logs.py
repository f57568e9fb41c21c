"""Tickets of a log of their events, and issues of contacts: beside plain polars and pandas.

The plain ways sort once and take what the first answer needs, without a check, a caveat, an
interval or the stretches of time between the events. Prints seconds of the processor and by how
much the memory of the process grew.

    python benchmarks/bench_logs.py [events and contacts, default 1 million]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from bench_flow import seconds, watched

import cxm_core as cx

RUNS = 3
WITHIN = 7 * 86_400_000_000
LIFE = ("new", "open", "pending", "solved", "closed")
CHANNELS = ("chat", "mail", "phone")


def events(n: int) -> pl.DataFrame:
    """Tickets of five events each in any order, of which a few are not there."""
    rng = np.random.default_rng(20261122)
    tickets = n // len(LIFE)
    waits = rng.exponential(1e10, (tickets, len(LIFE))).astype(np.int64)
    waits[:, 0] = rng.integers(0, 10**13, tickets)
    table = pl.DataFrame(
        {
            "ticket": np.repeat(np.arange(tickets), len(LIFE)),
            "occurred_at": np.cumsum(waits, axis=1).ravel().view("datetime64[us]"),
            "status": np.tile(np.array(LIFE), tickets),
        }
    )
    return table.sample(fraction=0.95, shuffle=True, seed=1)


def contacts(n: int) -> pl.DataFrame:
    """Three contacts a customer, for one of twenty reasons."""
    rng = np.random.default_rng(20261123)
    return pl.DataFrame(
        {
            "customer": rng.integers(0, max(n // 3, 1), n).astype(str),
            "occurred_at": rng.integers(0, 3 * 10**13, n).view("datetime64[us]"),
            "channel": np.array(CHANNELS)[rng.integers(0, len(CHANNELS), n)],
            "reason": rng.integers(0, 20, n).astype(str),
        }
    )


def resolved(log: pl.DataFrame) -> Any:
    """Median time to the first resolution, by polars."""
    ends = log.filter(pl.col("status") == "solved").group_by("ticket")
    starts = log.sort("ticket", "occurred_at").group_by("ticket").agg(pl.first("occurred_at"))
    both = starts.join(ends.agg(solved=pl.min("occurred_at")), on="ticket")
    return both.select((pl.col("solved") - pl.col("occurred_at")).median())


def resolved_by_pandas(log: pd.DataFrame) -> Any:
    """The same by pandas."""
    ordered = log.sort_values(["ticket", "occurred_at"])
    starts = ordered.groupby("ticket")["occurred_at"].first()
    ends = ordered[ordered["status"] == "solved"].groupby("ticket")["occurred_at"].first()
    return (ends - starts).median()


def kept(log: pl.DataFrame) -> Any:
    """Share of contacts without another by the same customer and reason soon, by polars."""
    ordered = log.sort("customer", "reason", "occurred_at")
    next_at = pl.col("occurred_at").shift(-1).over("customer", "reason")
    soon = (next_at - pl.col("occurred_at")) <= pl.duration(microseconds=WITHIN)
    return ordered.with_columns(again=soon).group_by("channel").agg(1 - pl.mean("again"))


def kept_by_pandas(log: pd.DataFrame) -> Any:
    """The same by pandas."""
    ordered = log.sort_values(["customer", "reason", "occurred_at"])
    next_at = ordered.groupby(["customer", "reason"])["occurred_at"].shift(-1)
    soon = (next_at - ordered["occurred_at"]) <= pd.Timedelta(WITHIN, "us")
    return 1 - soon.groupby(ordered["channel"]).mean()


def show(told: dict[str, Callable[[], object]]) -> None:
    """Time and growth of each, the first in the list as the measure."""
    grown = [watched(work) for work in told.values()]
    times = seconds(list(told.values()), RUNS)
    for name, took, grew in zip(told, times, grown, strict=True):
        print(f"  {name:<44} {took:8.3f} s {took / times[0]:8.2f} x plain {grew:8.0f} MB more")


def main(n: int) -> None:
    """Both logs, each with its first question."""
    log, told = events(n), contacts(n)
    log_frame, told_frame = log.to_pandas(), told.to_pandas()
    found, made = cx.tickets(log), cx.issues(told)
    print(f"{len(log):,} events, {len(found):,} tickets")
    show(
        {
            "polars: median time to the first resolution": lambda: resolved(log),
            "pandas: the same": lambda: resolved_by_pandas(log_frame),
            "tickets, every column of them": lambda: cx.tickets(log),
            "resolution_time of tickets": lambda: cx.resolution_time(found),
        }
    )
    print(f"{n:,} contacts, {len(made):,} issues")
    show(
        {
            "polars: came back soon, by channel": lambda: kept(told),
            "pandas: the same": lambda: kept_by_pandas(told_frame),
            "issues": lambda: cx.issues(told),
            "first_contact_resolution by channel": lambda: cx.first_contact_resolution(
                made, by="channel"
            ),
            "effort": lambda: cx.effort(made),
        }
    )


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000)
