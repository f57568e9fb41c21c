"""Every store passes the same suite, and two of them give the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nanoarrow as na
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.records import Cell, Reader, Response, RowMapping, Score, Table, scale_constants
from cxm_core.stats import Axis, Filter, Tally, TallySpec
from cxm_core.store import ArrowTable, Faults, Store, open_store
from cxm_core.testing import StoreSuite, TestClock
from cxm_core.vocabulary import PERIOD_UNITS, Window

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SCORES = tuple(range(11))


class TestMemory(StoreSuite):
    """The store in memory."""

    def open_at(self, folder: Path, clock: TestClock, faults: Faults | None = None) -> Store:
        """Open an empty store."""
        return open_store("memory:", clock=clock, faults=faults)


class TestDuckDB(StoreSuite):
    """The store in a DuckDB file."""

    def open_at(self, folder: Path, clock: TestClock, faults: Faults | None = None) -> Store:
        """Open the file in the folder."""
        return open_store(folder / "cxm.duckdb", clock=clock, faults=faults)


def same_tally(one: Tally, other: Tally) -> bool:
    """Equal counts to the bit; sums of weights to 1e-12."""
    sums = [
        left is right is None or (left is not None and np.allclose(left, right, rtol=1e-12))
        for left, right in ((one.w, other.w), (one.w2, other.w2))
    ]
    return (
        one.labels == other.labels
        and np.array_equal(one.codes, other.codes)
        and np.array_equal(one.n, other.n)
        and all(sums)
    )


def rows_of(table: ArrowTable) -> list[object]:
    """Rows of a table, as Python values."""
    return list(na.ArrayStream(table).read_all().to_pylist())


RESPONSES = st.builds(
    lambda n, hours, score, weight, region: Response(
        native_id=str(n),
        occurred_at=NOW + timedelta(hours=hours),
        score=None if score is None else Score(score, "0-10"),
        no_answer="not_applicable" if score is None else None,
        weight=weight,
        stratum=region,
        cluster=region and f"{region}{n % 3}",
        attributes={"region": region, "n": n % 2},
    ),
    st.integers(0, 30),
    st.integers(-20_000, 20_000),
    st.none() | st.sampled_from(SCORES),
    st.floats(0, 10),
    st.none() | st.sampled_from(["North", "South", "é"]),
)
ZONES = ("UTC", "Europe/Berlin", "America/Vancouver", "Pacific/Apia")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Open one store of each sort."""
    path = tmp_path_factory.mktemp("two") / "cxm.duckdb"
    pair = (open_store("memory:", clock=lambda: NOW), open_store(path, clock=lambda: NOW))
    yield pair
    for store in pair:
        store.close()


class TestTwoStores:
    """Whatever is asked, memory and file answer alike."""

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(found=st.lists(RESPONSES, max_size=25), data=st.data())
    def test_records_and_tallies(
        self, stores: tuple[Store, Store], found: list[Response], data: st.DataObject
    ) -> None:
        """The same records, filters, windows and groups give the same rows and counts."""
        counts = []
        for store in stores:
            with store.transaction() as transaction:
                counts.append(transaction.apply(found, source="app"))
        assert counts[0] == counts[1]
        start = data.draw(st.integers(-20_000, 20_000))
        window = Window(NOW + timedelta(hours=start), NOW + timedelta(hours=start + 9_000))
        where = data.draw(st.sampled_from([{}, {"attributes.region": ["North", None]}]))
        columns = ["record_id", "occurred_at", "score_value", "attributes.region", "attributes.n"]
        one, other = (
            store.read("response", columns=columns, window=window, where=where) for store in stores
        )
        assert rows_of(one) == rows_of(other)
        spec = self.spec(data)
        for asked in (None, window):
            assert same_tally(*(store.tally(spec, window=asked) for store in stores))

    def spec(self, data: st.DataObject) -> TallySpec:
        """What to count."""
        period = Axis(
            name="when",
            column="occurred_at",
            period=data.draw(st.sampled_from(PERIOD_UNITS)),
            zone=data.draw(st.sampled_from(ZONES)),
        )
        axes = [period, Axis(name="region", column="attributes.region")]
        design = data.draw(st.sampled_from([(), ("weight",), ("weight", "stratum", "cluster")]))
        return TallySpec(
            kind="response",
            value="score_value",
            levels=(*SCORES, "not_applicable"),
            category="no_answer",
            where=data.draw(st.sampled_from([(), (Filter(column="stratum", values=("é",)),)])),
            by=data.draw(st.lists(st.sampled_from(axes), unique=True)),
            **{name: name for name in design},
        )

    def test_a_real_file(self, stores: tuple[Store, Store], sfo: Path) -> None:
        """The airport survey gives both stores the same records, and the published score."""
        missing = (("11", "no_answer"), ("", "no_answer"))
        mapping = RowMapping(
            kind="response",
            cells=(
                ("native_id", Cell(template="2017:{RESPNUM}")),
                ("occurred_at", Cell(template="2017-05-{INTDATE}", format="%Y-%m-%d", zone="UTC")),
                ("score_value", Cell(template="{NETPRO}", missing=missing)),
                ("weight", Cell(template="{WEIGHT}")),
            ),
            constants=(("question", "sfo"), *scale_constants("0-10")),
        )
        reader = Reader(format="csv", paths=(str(sfo / "sfo_2017.csv.gz"),))
        table = Table(stream="survey", reader=reader, mappings=(mapping,))
        for store in stores:
            with store.transaction() as transaction:
                report = transaction.load(table, source="files:sfo")
            assert (report.served, report.counts.applied, report.reasons) == (2831, 2831, {})
        asked = {"question": "sfo"}
        one, other = (rows_of(store.read("response", where=asked)) for store in stores)
        assert one == other
        spec = TallySpec(
            kind="response", value="score_value", levels=SCORES, weight="weight",
            where=(Filter(column="question", values=("sfo",)),),
        )  # fmt: skip
        tallies = [store.tally(spec) for store in stores]
        assert same_tally(*tallies)
        (n,) = tallies[0].n
        assert (n.sum(), n[9:].sum() - n[:7].sum()) == (2746, 1094)
