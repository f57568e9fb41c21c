"""What fills the store: sync and sources."""

from __future__ import annotations

from pathlib import Path

from cli.shops import ANSWERS, PROGRAM, Command


class TestSync:
    """`cxm sync` tells what became of every row."""

    def test_receipt(self, shop: Path, cxm: Command) -> None:
        """The line for people counts what was served, kept and set aside."""
        done = cxm("sync", "files:shops")
        assert (done.code, done.err) == (0, "")
        assert done.out == (
            "files:shops rows: served 7 (applied 6, duplicate 0, stale 0, quarantined 1, "
            "suppressed 0), complete.\n"
        )

    def test_unchanged(self, synced: Path, cxm: Command) -> None:
        """A second sync of the same file serves nothing, and says that it is unchanged."""
        done = cxm("sync")
        assert done.code == 0
        assert "served 0 " in done.out
        assert "unchanged: 1 file" in done.out

    def test_more_rows(self, synced: Path, cxm: Command) -> None:
        """Only the new row is new."""
        more = ANSWERS + "7,kim@example.com,2026-04-06,8,north,\n"
        (synced / "answers.csv").write_text(more, encoding="utf-8")
        (receipt,) = cxm("sync", "--json").json
        assert (receipt["applied"], receipt["duplicate"]) == (1, 5)

    def test_program_elsewhere(
        self, shop: Path, tmp_path_factory, monkeypatch, cxm: Command
    ) -> None:
        """--program is read where it stands: its paths count from its own folder."""
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
        assert cxm("sync", "-p", str(shop / "cxm.toml")).code == 0
        assert (shop / "shops.duckdb").is_file()
        assert not list(Path.cwd().iterdir())

    def test_no_source(self, shop: Path, cxm: Command) -> None:
        """A program without a source says so, and that is no failure."""
        (shop / "bare.toml").write_text('name = "Bare"\nzone = "UTC"\n', encoding="utf-8")
        assert cxm("sync", "-p", "bare.toml") == (0, "The program names no source.\n", "")


class TestStatus:
    """`cxm status` tells how each stream stands."""

    def test_a_stream(self, synced: Path, cxm: Command) -> None:
        """Each stream has one line: its verdict, and when its last sync ended."""
        done = cxm("status")
        assert done.code == 0
        head, line = done.out.splitlines()
        assert head.split()[:4] == ["source", "stream", "verdict", "ended"]
        assert line.split()[:3] == ["files:shops", "rows", "complete"]
        (receipt,) = cxm("status", "--json").json
        assert (receipt["new"], receipt["verdict"]) == (6, "complete")

    def test_something_is_missing(self, with_lost_file: Path, cxm: Command) -> None:
        """A stream that did not come whole is told with the reason, and so ends the command."""
        cxm("sync")
        done = cxm("status")
        assert done.code == 3
        assert "partial" in done.out
        assert "NotFound" in done.out

    def test_a_figure_says_that_something_is_missing(
        self, with_lost_file: Path, cxm: Command
    ) -> None:
        """What rests on a stream that did not come whole carries a caveat, for people to see."""
        cxm("sync")
        told = cxm("measure", "nps", "--json").json
        assert [caveat["code"] for caveat in told["caveats"]].count("incomplete") == 1
        assert "1 of the streams left something out" in cxm("measure", "nps").out

    def test_nothing_yet(self, synced: Path, cxm: Command) -> None:
        """A store that nothing was pulled into says so."""
        (synced / "bare.toml").write_text(
            'name = "Bare"\nzone = "UTC"\nstore = { url = "bare.duckdb" }\n', encoding="utf-8"
        )
        cxm("sync", "-p", "bare.toml")
        assert cxm("status", "bare.toml") == (0, "Nothing was synced yet.\n", "")


class TestSources:
    """`cxm sources` and `cxm sources rename`."""

    def test_none(self, shop: Path, cxm: Command) -> None:
        """A store that was filled by nobody says so."""
        (shop / "bare.toml").write_text('name = "Bare"\nzone = "UTC"\n', encoding="utf-8")
        cxm("sync", "-p", "bare.toml")
        assert cxm("sources", "-p", "bare.toml").out == "The store knows no source.\n"

    def test_rename(self, synced: Path, cxm: Command) -> None:
        """Records, checkpoint and quarantine go with the new name, and nothing is pulled twice."""
        done = cxm("sources", "rename", "files:shops", "files:stores")
        assert (done.code, done.out) == (0, "files:shops is now files:stores.\n")
        assert done.err == "Name it files:stores in cxm.toml, too.\n"
        renamed = PROGRAM.replace("files:shops", "files:stores")
        (synced / "cxm.toml").write_text(renamed, encoding="utf-8")
        assert cxm("sources", "--json").json == {"files:stores": None}
        assert [entry["source"] for entry in cxm("quarantine", "--json").json] == ["files:stores"]
        (receipt,) = cxm("sync", "--json").json
        assert (receipt["served"], len(receipt["unchanged"])) == (0, 1)
        assert cxm("measure", "nps", "--json").json["n"] == 4

    def test_no_name(self, synced: Path, cxm: Command) -> None:
        """A name that no source can have is refused, and nothing changes."""
        done = cxm("sources", "rename", "files:shops", "Not A Name")
        assert (done.code, done.out) == (4, "")
        assert cxm("sources").out == "source       account\nfiles:shops\n"
