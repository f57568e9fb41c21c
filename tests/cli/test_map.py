"""Maps in the terminal: list them, take them in, give them to other tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shops import Command
from cxm_core.program import MapImport, Program, read_bpmn, write_bpmn, write_toml
from cxm_core.records import Interaction
from cxm_core.workspace import Workspace
from maps import BUY, RETURNS, TOUCHPOINTS


@pytest.fixture
def shop_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with a program that has a journey and a blueprint, made the current one."""
    monkeypatch.chdir(tmp_path)
    form = TOUCHPOINTS[0].model_copy(update={"name": "form"})
    whole = MapImport(touchpoints=(*TOUCHPOINTS, form), journeys=(BUY,), blueprints=(RETURNS,))
    text = 'name = "Shop"\nzone = "UTC"\n\n' + write_toml(whole)
    (tmp_path / "cxm.toml").write_text(text, encoding="utf-8")
    return tmp_path


class TestList:
    """`cxm map`."""

    def test_lists_journeys_and_blueprints(self, shop_map: Path, cxm: Command) -> None:
        """Each has its kind, its name and how many places it has."""
        done = cxm("map")
        assert done.code == 0
        assert [line.split()[:2] for line in done.out.splitlines()[1:]] == [
            ["journey", "buy"],
            ["blueprint", "return_a_parcel"],
        ]
        assert [row["places"] for row in cxm("map", "--json").json] == [3, 11]

    def test_options_before_a_command(self, shop_map: Path, cxm: Command) -> None:
        """An option that would be lost in silence is refused."""
        assert cxm("map", "--json", "import", "x").code == 2


CHECKED = """
name = "Shop"
zone = "UTC"
[[touchpoints]]
name = "look"
activities = "viewed_page"
[[touchpoints]]
name = "gift"
[[journeys]]
name = "buy"
[[journeys.stages]]
name = "all"
touchpoints = ["look", "gift"]
"""


@pytest.fixture
def visited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a program with a journey, and a store of what four customers did."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cxm.toml").write_text(CHECKED, encoding="utf-8")
    steps = enumerate(["viewed_page", "chat"] * 3 + ["viewed_page"])
    with Workspace("cxm.toml") as workspace:
        workspace.add(
            Interaction(
                native_id=str(number),
                customer=[("external", str(number // 2))],
                occurred_at=f"2020-11-0{1 + number // 4}T09:0{number}Z",
                activity=what,
                channel="web",
            )
            for number, what in steps
        )
    return tmp_path


class TestCheck:
    """`cxm map check`."""

    def test_says_what_a_person_would_redraw(self, visited: Path, cxm: Command) -> None:
        """Three lines come first, and then every part with its interval."""
        done = cxm("map", "check", "buy")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[:3] == [
            "Nobody goes there: gift.",
            "Nobody declared it: chat.",
            "Nobody drew the way back: nothing.",
        ]
        assert "coverage 57.1%, 95% interval" in done.out

    def test_for_a_machine(self, visited: Path, cxm: Command) -> None:
        """JSON holds the parts, each with its receipt; window and filters are those of measure."""
        found = cxm("map", "check", "buy", "--json").json
        assert (found["shape"], found["parts"]["coverage"]["n"]) == ("panel", 4)
        first = cxm("map", "check", "buy", "--window", "2020-11-01", "--json").json
        assert first["parts"]["coverage"]["n"] == 2
        assert first["receipt"]["window"]["label"] == "2020-11-01"
        web = cxm("map", "check", "buy", "--where", "channel=web", "--json").json
        assert web["receipt"]["filters"] == [["channel", "web"]]

    def test_a_gate(self, visited: Path, cxm: Command) -> None:
        """Code 5 where less of what happens is on the map than wanted; the result is told first."""
        done = cxm("map", "check", "buy", "--fail-under", "0.9")
        assert done.code == 5
        assert "The coverage of buy does not reach 0.9." in done.err
        assert "coverage 57.1%" in done.out
        assert cxm("map", "check", "buy", "--fail-under", "0.5").code == 0

    @pytest.mark.parametrize(
        ("words", "code", "told"),
        [
            (("bye",), 2, "no journey or blueprint 'bye'.\nHint: did you mean 'buy'"),
            (("buy", "--window", "2019"), 2, "no event to hold against the map 'buy'"),
            (("buy", "--where", "chanel=web"), 2, "did you mean 'channel'"),
            (("buy", "--window", "soon"), 2, "no window of time"),
            (("buy", "-p", "nowhere.toml"), 4, "no program file"),
            ((), 2, "NAME"),
        ],
    )
    def test_what_it_refuses(
        self, visited: Path, cxm: Command, words: tuple[str, ...], code: int, told: str
    ) -> None:
        """A wrong name, window, filter or program is a clear error with the usual code."""
        done = cxm("map", "check", *words)
        assert (done.code, done.out) == (code, "")
        assert told in done.err


class TestExport:
    """`cxm map export`."""

    @pytest.mark.parametrize(
        ("name", "file", "begins"),
        [
            ("buy", "a.svg", "<svg "),
            ("buy", "a.mmd", "journey\n"),
            ("return_a_parcel", "a.svg", "<svg "),
            ("return_a_parcel", "a.mmd", "flowchart LR"),
            ("return_a_parcel", "a.bpmn", "<?xml "),
        ],
    )
    def test_the_ending_says_the_form(
        self, shop_map: Path, cxm: Command, name: str, file: str, begins: str
    ) -> None:
        """A file is written in the form that its name ends with."""
        assert cxm("map", "export", name, "--out", file) == (0, f"{file}\n", "")
        assert (shop_map / file).read_text(encoding="utf-8").startswith(begins)

    def test_bpmn_comes_back_equal(self, shop_map: Path, cxm: Command) -> None:
        """What was exported is the blueprint of the program."""
        cxm("map", "export", "return_a_parcel", "-o", "a.bpmn")
        (read,) = read_bpmn((shop_map / "a.bpmn").read_bytes()).blueprints
        assert read == Program.load(shop_map / "cxm.toml").blueprint("return_a_parcel")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("by", "-o", "a.svg"), "no journey or blueprint 'by'"),
            (("buy", "-o", "a.bpmn"), "no process"),
            (("buy", "-o", "a.pdf"), "form"),
            (("buy", "-o", "cxm.toml", "--as", "svg"), "is there already"),
        ],
    )
    def test_what_it_refuses(
        self, shop_map: Path, cxm: Command, words: tuple[str, ...], told: str
    ) -> None:
        """A wrong name, form or place is a clear error, and nothing is written over."""
        done = cxm("map", "export", *words)
        assert done.code == 2
        assert told in done.err


class TestImport:
    """`cxm map import`."""

    def test_prints_toml(self, shop_map: Path, cxm: Command) -> None:
        """What was read is TOML on standard output, ready for the program."""
        (shop_map / "a.bpmn").write_text(write_bpmn(RETURNS), encoding="utf-8")
        done = cxm("map", "import", "a.bpmn")
        assert done == (0, write_toml(MapImport(blueprints=(RETURNS,))), "")

    def test_tells_what_was_left_out_and_assumed(self, shop_map: Path, cxm: Command) -> None:
        """Both stand on standard error, or in the JSON."""
        text = "Steps,x,y\nChannels,Kiosk,\n"
        (shop_map / "a.csv").write_text(text, encoding="utf-8")
        done = cxm("map", "import", "a.csv", "--name", "visit")
        assert "[[journeys]]" in done.out
        assert "Assumed: channel 'Kiosk' is other." in done.err
        assert cxm("map", "import", "a.csv", "--json").json["assumed"]["channel 'Kiosk'"] == "other"

    def test_a_new_file_may_be_written(self, shop_map: Path, cxm: Command) -> None:
        """The TOML goes to a new file, and one that is there stays."""
        text = "Id,Name,Line Source,Line Destination,Text Area 1\n1,Process,,,Ask\n"
        (shop_map / "a.csv").write_text(text, encoding="utf-8")
        assert cxm("map", "import", "a.csv", "-o", "new.toml").code == 0
        assert "[[blueprints]]" in (shop_map / "new.toml").read_text(encoding="utf-8")
        assert cxm("map", "import", "a.csv", "-o", "new.toml").code == 2

    @pytest.mark.parametrize(
        ("content", "code", "told"),
        [(None, 4, "cannot be read"), ("<a>", 2, "not XML"), ("a,b", 2, "no row of steps")],
    )
    def test_what_it_refuses(
        self, shop_map: Path, cxm: Command, content: str | None, code: int, told: str
    ) -> None:
        """A file that is not there, or of something else, is a clear error."""
        if content is not None:
            (shop_map / "a").write_text(content, encoding="utf-8")
        done = cxm("map", "import", "a")
        assert done.code == code
        assert told in done.err
