"""The main job: run, report and demo."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from cli.shops import Command, Done

Airport = tuple[Path, Done]


class TestRun:
    """The main job on the airport's real data, run from an installed wheel."""

    def test_everything_is_served_once(self, airport: Airport) -> None:
        """The receipt balances: all that the two files hold was kept, nothing was set aside."""
        _, done = airport
        assert done.code == 0
        (receipt,) = done.json["receipts"]
        assert receipt["served"] == receipt["applied"] == 115_630
        assert receipt["is_complete"] is done.json["is_complete"] is True

    @pytest.mark.parametrize(
        ("metric", "value", "error", "n"),
        [
            ("nps", 30.981132, 1.442203, 2650),
            ("nps_weighted", 35.113632, 2.208824, 2650),
            ("csat", 0.784381, None, 2625),
        ],
    )
    def test_figures(
        self, airport: Airport, metric: str, value: float, error: float | None, n: int
    ) -> None:
        """JSON carries the reference figures of 2018 with all their digits."""
        _, done = airport
        found = done.json["metrics"][metric]
        assert found["value"] == pytest.approx(value, abs=5e-7)
        assert found["n"] == n
        assert error is None or found["standard_error"] == pytest.approx(error, abs=5e-7)

    def test_every_figure_has_its_receipt(self, airport: Airport) -> None:
        """A receipt names definition, version, hashes, filters, window and complete sources."""
        _, done = airport
        receipt = done.json["metrics"]["nps_weighted"]["receipt"]
        assert receipt["definition"] == "nps_weighted"
        assert receipt["version"] == 1
        assert all(
            re.fullmatch("[0-9a-f]{12}", receipt[f"{w}_hash"]) for w in ("definition", "program")
        )
        assert receipt["filters"] == [["question", "NETPRO"]]
        assert receipt["window"]["start"] == "2018-01-01T08:00:00+00:00"
        assert [source["is_complete"] for source in receipt["sources"]] == [True]

    def test_report_is_one_small_file(self, airport: Airport) -> None:
        """The report is there, under 300 KB, and calls for nothing from elsewhere."""
        _, done = airport
        page = Path(done.json["report"])
        assert page.name == "cxm-report.html"
        assert page.stat().st_size < 300_000
        assert "<script" not in page.read_text(encoding="utf-8")

    def test_again(self, airport: Airport, cxm: Command, tmp_path: Path) -> None:
        """A second run says that nothing changed; its last line is the path of the report."""
        folder, _ = airport
        page = tmp_path / "here" / "page.html"
        done = cxm("run", str(folder / "cxm.toml"), "--out", str(page))
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("files:sfo rows: served 0 ")
        assert "complete. unchanged: 2 files\n" in done.out
        assert done.out.splitlines()[-1] == str(page)
        assert page.is_file()
        assert "Net Promoter Score, 2018\nnps 31.0 points, 95% interval 28.1 to 33.8\n" in done.out
        assert "departing passengers, 2018\nnps 35.1 points" in done.out

    def test_program_without_sources(self, shop: Path, cxm: Command) -> None:
        """A program that names no source is run all the same, and says so."""
        (shop / "bare.toml").write_text('name = "Bare"\nzone = "UTC"\n', encoding="utf-8")
        done = cxm("run", "bare.toml")
        assert (done.code, done.out) == (0, "The program names no source.\n\nreport.html\n")


class TestReport:
    """`cxm report` from what the store holds."""

    def test_pulls_nothing(self, synced: Path, cxm: Command) -> None:
        """The page is written although the source's file has gone."""
        (synced / "answers.csv").unlink()
        done = cxm("report", "--out", "page.html")
        assert (done.code, done.out, done.err) == (0, "page.html\n", "")
        assert "Net Promoter Score" in (synced / "page.html").read_text(encoding="utf-8")

    def test_tables(self, synced: Path, cxm: Command) -> None:
        """--tables adds the report as Markdown and each table as CSV and as Parquet."""
        done = cxm("report", "--tables", "tables", "--json")
        assert done.json == {"report": "shops.html", "tables": "tables"}
        names = {path.name for path in (synced / "tables").iterdir()}
        assert {"report.md", "headlines.csv", "headlines.parquet", "quarantine.csv"} <= names
        assert not [name for name in names if name.startswith(".")]

    @pytest.mark.parametrize("option", ["--out", "--tables"])
    def test_place_that_cannot_be(self, synced: Path, cxm: Command, option: str) -> None:
        """A path below a file cannot be written: code 4, with the path and a way out."""
        done = cxm("report", option, "answers.csv/below.html")
        assert (done.code, done.out) == (4, "")
        assert "'answers.csv/below" in done.err
        assert "Hint: choose another place" in done.err


class TestDemo:
    """`cxm demo` writes nothing over."""

    def test_says_where_it_stands(self, airport: Airport) -> None:
        """The demo's files lie in the folder, and standard error says so."""
        folder, done = airport
        assert (
            done.err == f"The example stands in {folder}; its program is {folder / 'cxm.toml'}.\n"
        )
        assert {"README.md", "cxm.toml", "cxm.duckdb", "cxm-report.html"} <= {
            path.name for path in folder.iterdir()
        }

    def test_again(self, airport: Airport, cxm: Command) -> None:
        """In a folder that holds it unchanged, the demo gives the same figures from the store."""
        folder, first = airport
        done = cxm("demo", "--from", "sfo", "--out", str(folder), "--json")
        (receipt,) = done.json["receipts"]
        assert (done.code, receipt["served"], len(receipt["unchanged"])) == (0, 0, 2)
        assert receipt["note"] == "unchanged: 2 files"
        values = [{n: m["value"] for n, m in d.json["metrics"].items()} for d in (first, done)]
        assert values[0] == values[1]

    def test_changed_program_stays(self, tmp_path: Path, cxm: Command) -> None:
        """A program that the user has edited is refused with code 2, and left as it is."""
        (tmp_path / "cxm.toml").write_text("mine", encoding="utf-8")
        done = cxm("demo", "--out", str(tmp_path))
        assert (done.code, done.out) == (2, "")
        assert "has a cxm.toml of its own" in done.err
        assert "Hint: cxm run " in done.err
        assert [path.name for path in tmp_path.iterdir()] == ["cxm.toml"]

    def test_no_such_example(self, cxm: Command, tmp_path: Path) -> None:
        """A name that nothing goes by is refused with code 2, and the nearest is named."""
        done = cxm("demo", "--from", "sfoo", "--out", str(tmp_path / "new"))
        assert (done.code, done.out) == (2, "")
        assert "There is no example 'sfoo'.\nHint: did you mean 'sfo'?" in done.err
        assert not (tmp_path / "new").exists()


class TestCompany:
    """`cxm demo`: three simulated systems, one company, and what is true of it."""

    def test_three_systems_come_whole(self, company: Airport) -> None:
        """Every stream of the three systems is complete, and every receipt balances."""
        _, done = company
        assert done.code == 0, done.err
        receipts = done.json["receipts"]
        assert {receipt["source"] for receipt in receipts} == {
            "files:campaigns",
            "hubspot:northwind",
            "typeform:northwind",
            "zendesk:northwind",
        }
        assert {receipt["verdict"] for receipt in receipts} == {"complete"}
        assert all(receipt["served"] == receipt["applied"] for receipt in receipts)
        assert done.json["is_complete"] is True

    def test_figures_stand_beside_the_truth(
        self, company: Airport, cxm: Command, tmp_path: Path
    ) -> None:
        """All three systems give figures; their intervals hold the truth as often as they say."""
        folder, _ = company
        program = str(folder / "cxm.toml")
        assert cxm("report", program, "--tables", str(tmp_path)).code == 0
        with (tmp_path / "known.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        surveys, logs = {"nps", "csat", "ces"}, {"resolution_time", "first_reply_time"}
        logs |= {"reopen_rate", "first_contact_resolution", "repeat_contact", "misrouted"}
        logs |= {"difference of resolution_time", "promotions_in_complaints"}
        assert {row["metric"] for row in rows} == surveys | logs
        assert min(int(row["n"]) for row in rows) >= 5
        # Of 32 intervals at 95 % and six at 90 %, seven outside would come once in 180 companies.
        assert sum(row["is_within"] == "true" for row in rows) >= len(rows) - 6 == 32
        for row in rows:
            is_within = float(row["low"]) <= float(row["known"]) <= float(row["high"])
            assert row["is_within"] == str(is_within).lower()

    def test_channels_rules_and_offers(
        self, company: Airport, cxm: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was planted in channels and messages is found by the names of the engines."""
        folder, _ = company
        monkeypatch.chdir(folder)
        parity = cxm("measure", "channel_parity", "--window", "2026-Q2", "--json").json["parts"]
        decided = {name: part["decision"] for name, part in parity.items() if "time" in name}
        assert decided == {
            "resolution_time: chat": "different",
            "resolution_time: phone": "different",
            "resolution_time: web": "equivalent",
        }
        offers = cxm("measure", "promotions_in_complaints", "--json").json["parts"]
        assert 0 < offers["messages"]["low"] < offers["messages"]["high"] < 0.05
        by_rule = cxm("measure", "misrouted", "--by", "rule", "--json").json["groups"]
        assert [row["labels"] for row in by_rule] == [["account"], ["billing"], ["defect"]]
        hard = cxm("measure", "friction", "--json").json
        assert ["answers", 449] in hard["receipt"]["steps"]

    def test_the_map_against_the_log(
        self, company: Airport, cxm: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody drew the offers on the map, and no system tells of parcels and repairs."""
        folder, _ = company
        monkeypatch.chdir(folder)
        done = cxm("map", "check", "outfit")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[:3] == [
            "Nobody goes there: parcel, repair.",
            "Nobody declared it: offer_sent.",
            "Nobody drew the way back: help > advice.",
        ]
        assert cxm("map", "check", "helping", "--fail-under", "0.9").code == 5

    def test_again(self, company: Airport, cxm: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """A second run pulls nothing new, gives the same figures, and leaves no variable behind."""
        folder, first = company
        monkeypatch.delenv("CXM_DEMO_ZENDESK_URL", raising=False)
        done = cxm("demo", "--out", str(folder), "--json")
        assert done.code == 0, done.err
        assert sum(receipt["new"] + receipt["changed"] for receipt in done.json["receipts"]) == 0
        values = [{n: m["value"] for n, m in d.json["metrics"].items()} for d in (first, done)]
        assert values[0] == values[1]
        assert not [name for name in os.environ if name.startswith("CXM_DEMO_")]

    def test_the_systems_are_gone_afterwards(self, company: Airport, cxm: Command) -> None:
        """Who syncs without the demo is told which variable would say where a system listens."""
        folder, _ = company
        done = cxm("sync", "-p", str(folder / "cxm.toml"))
        assert (done.code, done.out) == (4, "")
        assert "CXM_DEMO_" in done.err
