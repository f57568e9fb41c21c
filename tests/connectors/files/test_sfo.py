"""The real survey of the San Francisco airport, from two files into every store."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cxm_connectors.files import Files
from cxm_core.plugins import Connector, Runtime, build
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull, replay

SOURCE = "files:sfo"
ROWS = {"2017": 2_831, "2018": 2_809}


class Clock:
    """A clock that goes on by a second whenever somebody looks."""

    now = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the next second."""
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(scope="module")
def config(sfo: Path) -> dict[str, Any]:
    """Configuration of the example's one source."""
    program = tomllib.loads((sfo / "cxm.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = program["sources"][0]["config"]
    return found


@pytest.fixture(scope="module", params=["memory:", "cxm.duckdb"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store, empty before the first test."""
    url = request.param
    if url != "memory:":
        url = str(tmp_path_factory.mktemp("sfo") / url)
    opened = open_store(url, clock=Clock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def first(store: Store, config: dict[str, Any], sfo: Path) -> SyncReceipt:
    """Receipt of the first pull of both waves."""
    return pulled(store, source(config, sfo))


def source(config: dict[str, Any], root: Path) -> Connector:
    """Connector of a configuration."""
    return build(Files, config, Runtime(clock=Clock(), root=root), source=SOURCE)


def pulled(store: Store, connector: Connector) -> SyncReceipt:
    """Receipt of one pull."""
    (receipt,) = pull(store, connector, source=SOURCE, clock=Clock())
    assert receipt.balances
    return receipt


def answers(store: Store, *columns: str, **where: str) -> pa.Table:
    """Columns of the responses."""
    return pa.table(store.read("response", columns=columns, where=where or None))


def test_both_waves(store: Store, first: SyncReceipt, config: dict[str, Any]) -> None:
    """Every row of both waves is kept: the scores, the codes that are none, and the design."""
    questions = len(config["questions"])
    expected = ROWS["2017"] * (questions - 1) + ROWS["2018"] * questions + questions
    assert (first.served, first.applied, first.quarantined) == (expected, expected, 0)
    assert first.is_complete
    assert store.count("question") == questions

    found = answers(
        store, "occurred_at", "score_value", "no_answer", "weight", "cluster", question="NETPRO"
    ).to_pylist()
    waves = {year: [r for r in found if r["occurred_at"].year == int(year)] for year in ROWS}
    scores = {year: Counter(r["score_value"] for r in rows) for year, rows in waves.items()}
    for year, n, nps in (("2017", 2_746, 39.839767), ("2018", 2_650, 30.981132)):
        given = Counter({k: v for k, v in scores[year].items() if k is not None})
        good = given[9] + given[10]
        bad = sum(count for score, count in given.items() if score <= 6)
        assert given.total() == n
        assert 100 * (good - bad) / n == pytest.approx(nps, abs=1e-6)
        assert scores[year][None] == ROWS[year] - n
        assert all(r["no_answer"] == "no_answer" for r in waves[year] if r["score_value"] is None)
    assert sum(r["cluster"] is None for r in waves["2018"]) == 12
    assert sum(r["weight"] for r in waves["2017"]) == pytest.approx(ROWS["2017"], rel=1e-3)


@pytest.mark.usefixtures("first")
def test_codes_and_words(store: Store) -> None:
    """Not used is told from not answered, and the words arrive whole."""
    found = answers(store, "score_value", "no_answer", question="Q7RENTAL").to_pylist()
    words = Counter(r["no_answer"] for r in found)
    assert words[None] == sum(r["score_value"] is not None for r in found)
    assert words["not_applicable"] > words["no_answer"] > 0
    verbatims = answers(store, "verbatim", question="Q15A").column("verbatim").to_pylist()
    assert sum(text is not None for text in verbatims) == 354


@pytest.mark.usefixtures("first")
def test_unchanged_files(store: Store, config: dict[str, Any], sfo: Path) -> None:
    """A second sync of the same files serves nothing and says so."""
    receipt = pulled(store, source(config, sfo))
    assert (receipt.served, receipt.is_complete) == (0, True)
    assert receipt.note == "unchanged: 2 files"
    assert receipt.unchanged == ("sfo_2017.csv.gz", "sfo_2018.csv.gz")


def test_mended_mapping(config: dict[str, Any], sfo: Path, tmp_path: Path) -> None:
    """P6: rows set aside for a code that nobody declared are kept once it is declared."""
    shutil.copy(sfo / "sfo_2017.csv.gz", tmp_path)
    store = open_store(str(tmp_path / "cxm.duckdb"), clock=Clock())
    netpro = config["questions"][0]
    one_wave = {**config, "files": config["files"][:1], "questions": config["questions"][:3]}
    undeclared = {**one_wave, "questions": [{**netpro, "missing": {}}, *one_wave["questions"][1:]]}
    receipt = pulled(store, source(undeclared, tmp_path))
    codes = receipt.quarantined
    assert codes > 50
    assert receipt.reasons == {"out_of_scale": codes}
    again = replay(store, source(one_wave, tmp_path), source=SOURCE, clock=Clock())
    assert (again.applied, again.quarantined) == (codes, 0)
    assert store.quarantined() == ()
    found = answers(store, "score_value", "no_answer", question="NETPRO").to_pylist()
    assert len(found) == ROWS["2017"]
    assert sum(r["score_value"] is not None for r in found) == 2_746
    store.close()
