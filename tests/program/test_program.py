"""Programs: what was decided, read from TOML, with one clear error for each mistake."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError, CxmError, UsageError
from cxm_core.program import (
    Calendar,
    Journey,
    Metric,
    Program,
    ReportSettings,
    Source,
    StoreSettings,
    Touchpoint,
)
from cxm_core.testing import PERSONAL_MARKER

TEXT = """
name = "Airport"
zone = "America/Los_Angeles"

[store]
url = "data/sfo.duckdb"

[[sources]]
name = "files:sfo"
[sources.config]
paths = ["sfo_2017.csv.gz"]
since = 2026-01-01

[[sources]]
name = "zendesk:acme"
connector = "zendesk2"
config = {subdomain = "acme", auth = {token = {env = "ACME_TOKEN"}}, more = [{env = "OTHER"}]}

[[calendars]]
name = "desk"
hours = {monday = ["09:00-12:30", "13:30-24:00"], sunday = "10:00-12:00"}
holidays = [2026-12-25]

[[touchpoints]]
name = "food"
title = "Food and drink"
question = "Q7FOOD"

[[touchpoints]]
name = "signs"
question = ["Q7SIGN", "Q14FIND"]

[[journeys]]
name = "departing"
owner = "Head of passenger experience"
headline = "nps"
outcome = "fly from here again"

[[journeys.stages]]
name = "landside"
touchpoints = ["signs"]

[[journeys.stages]]
name = "airside"
touchpoints = ["food", "signs"]

[[metrics]]
name = "nps"
title = "Would recommend"
engine = "nps"
question = "NETPRO"
weighted = true
stratified = true
clustered = true

[[metrics]]
name = "overall"
engine = "csat"
question = "Q7ALL"
scale = "1-5"
top = [5]

[[metrics]]
name = "trouble"
engine = "bottom_box"
scale = {low = 1, high = 4, labels = {1 = "bad"}}

[report]
title = "A year at the airport"
headline = ["nps", "overall"]
windows = ["2017", "2018-05"]
by = ["gate"]
touchpoint_metric = "trouble"
touchpoints = ["food"]
quotes = {question = "Q15A", count = 5}
known = [{metric = "nps", value = 40.4, window = "2017", where = {gate = "A"}}]
"""


@pytest.fixture(scope="module")
def program() -> Program:
    """The program of the text."""
    return Program.parse(TEXT, path="/there/cxm.toml")


class TestByHand:
    """One program, read as a person would."""

    def test_parts(self, program: Program) -> None:
        """Every part of the document is there, typed."""
        assert (program.name, program.zone) == ("Airport", "America/Los_Angeles")
        assert [source.connector for source in program.sources] == ["files", "zendesk2"]
        assert program.source("files:sfo").config["paths"] == ["sfo_2017.csv.gz"]
        assert program.metric("overall").top_levels == (5,)
        assert program.metric("trouble").scale.label(1) == "bad"
        assert program.metric("trouble").question == ()
        assert program.touchpoint("signs").question == ("Q7SIGN", "Q14FIND")
        assert program.touchpoint("food").label == "Food and drink"
        assert program.journey("departing").touchpoints == ("signs", "food")
        assert program.journey("departing").label == "departing"
        assert program.report.quotes is not None
        assert program.report.quotes.question == ("Q15A",)
        assert program.headline == ("nps", "overall")

    def test_defaults(self) -> None:
        """A program needs a name and a zone; everything else has a default."""
        program = Program.parse('name = "empty"\nzone = "UTC"')
        assert program.store == StoreSettings()
        assert program.report == ReportSettings()
        assert program.report.min_group == 5
        assert program.headline == ()
        assert program.store_url == "cxm.duckdb"
        assert program == Program(name="empty", zone="UTC")

    def test_headline_of_journeys(self) -> None:
        """Without metrics of its own the report shows those of the journeys, each once."""
        cut = TEXT.replace('headline = ["nps", "overall"]', "")
        assert Program.parse(cut).headline == ("nps",)

    def test_folder(self, program: Program) -> None:
        """Relative paths count from the folder of the file, addresses stay."""
        assert program.base == Path("/there")
        assert program.resolve("a.csv") == Path("/there/a.csv")
        assert program.resolve("/b.csv") == Path("/b.csv")
        assert program.store_url == "/there/data/sfo.duckdb"
        for url in ("memory:", "postgresql://localhost/cxm"):
            assert Program.parse(TEXT.replace("data/sfo.duckdb", url)).store_url == url

    def test_load(self, tmp_path: Path, program: Program) -> None:
        """A file is read as its text, with or without a byte order mark."""
        path = tmp_path / "cxm.toml"
        path.write_text(TEXT, encoding="utf-8-sig")
        loaded = Program.load(path)
        assert loaded.hash == program.hash
        assert loaded.base == tmp_path

    def test_hash(self, program: Program) -> None:
        """The hash is of what is decided: not of spacing, order of keys, or place."""
        assert len(program.hash) == 12
        assert Program.parse("# a word\n" + TEXT).hash == program.hash
        assert Program.parse(TEXT.replace('"2017"', '"2016"')).hash != program.hash

    def test_frozen(self, program: Program) -> None:
        """A program cannot be changed."""
        with pytest.raises(ValueError, match="frozen"):
            program.name = "other"  # type: ignore[misc]

    def test_environment(self, program: Program) -> None:
        """Values of the environment are filled in when asked for, and named when absent."""
        source = program.source("zendesk:acme")
        assert source.environment == ("ACME_TOKEN", "OTHER")
        assert source.resolved({"ACME_TOKEN": "t", "OTHER": "o"}) == {
            "subdomain": "acme",
            "auth": {"token": "t"},
            "more": ["o"],
        }
        assert source.config["auth"] == {"token": {"env": "ACME_TOKEN"}}
        with pytest.raises(ConfigurationError, match=r"zendesk:acme needs .* OTHER") as caught:
            source.resolved({"ACME_TOKEN": PERSONAL_MARKER})
        assert PERSONAL_MARKER not in f"{caught.value!r} {caught.value.context}"

    def test_repr_is_short(self, program: Program) -> None:
        """No configuration shows in a repr."""
        assert repr(program) == "Program(name='Airport')"
        assert "paths" not in repr(program.sources)

    def test_names_that_are_not_there(self, program: Program) -> None:
        """Asking for what is not defined names the nearest."""
        for ask, name, near in (
            (program.source, "files:sfa", "files:sfo"),
            (program.metric, "npss", "nps"),
            (program.journey, "departure", "departing"),
            (program.touchpoint, "sign", "signs"),
        ):
            with pytest.raises(UsageError, match=f"did you mean '{near}'"):
                ask(name)


class TestMistakes:
    """Each mistake names file, key and cure."""

    @pytest.mark.parametrize(
        ("good", "bad", "message"),
        [
            ('engine = "csat"', 'engin = "csat"', "metrics[1].engin: there is no such key"),
            ('engine = "csat"', 'engin = "csat"', "did you mean 'engine'"),
            ('engine = "csat"', 'engine = "cast"', "did you mean 'csat'"),
            ('zone = "America/Los_Angeles"', "", "zone: is missing"),
            ('"America/Los_Angeles"', '"America/Los_Angles"', "did you mean 'America/Los_Angeles"),
            ("[report]", "[reprot]", "did you mean 'report'"),
            ("[store]", "[store", "is not TOML"),
            ('name = "Airport"', "name = 5", "name: is no text"),
            ('name = "Airport"', 'name = ""', "name: is empty"),
            ("weighted = true", 'weighted = "yes"', "metrics[0].weighted: is neither true nor"),
            ("weighted = true", "version = 0", "metrics[0].version: is too small"),
            ("weighted = true", "version = true", "metrics[0].version: is no whole number"),
            ('scale = "1-5"', "", "metrics[1]: csat needs the scale"),
            ('scale = "1-5"', 'scale = "five"', "metrics[1].scale"),
            ('scale = "1-5"', "scale = 5", "metrics[1].scale: A scale is a name or a table"),
            ("{low = 1", "{lo = 1", "did you mean 'low'"),
            ("{low = 1, high = 4", "{low = 4, high = 1", "metrics[2].scale"),
            ("labels = {1", "labels = {one", "level that is no whole number"),
            ("top = [5]", "top = [6]", "off the scale '1-5'"),
            ("top = [5]", "top = [5, 5]", "one of them twice"),
            ("top = [5]", "top = []", "names no level"),
            ("stratified = true", "top = [9]", "nps has no use for top"),
            ("stratified = true", 'scale = "1-5"', "nps is asked on 0 to 10"),
            ('name = "overall"', 'name = "nps"', "metrics has nps twice"),
            ('name = "overall"', 'name = "Over All"', "metrics[1].name: has a form"),
            ('headline = "nps"', 'headline = "nsp"', "journeys[0].headline names 'nsp'"),
            ('touchpoints = ["signs"]', 'touchpoints = ["sign"]', "did you mean 'signs'"),
            ('["nps", "overall"]', '["nps", "trouble"]', "trouble is a headline without a"),
            ('["nps", "overall"]', '["np"]', "report.headline names 'np'"),
            (
                'touchpoint_metric = "trouble"',
                'touchpoint_metric = "x"',
                "report.touchpoint_metric",
            ),
            ('touchpoints = ["food"]', 'touchpoints = ["x"]', "report.touchpoints names 'x'"),
            ('"2018-05"', '"May"', "report.windows"),
            ('{metric = "nps"', '{metric = "np"', "report.known[0].metric names 'np'"),
            ('{metric = "nps"', '{metric = "trouble"', "known: the metric trouble has no question"),
            ('window = "2017"', 'window = "May"', "report.known[0].window"),
            ("value = 40.4", "value = nan", "report.known[0].value"),
            ("value = 40.4", 'value = "40"', "report.known[0].value: is no number"),
            ("count = 5", "count = 0", "report.quotes.count: is too small"),
            ('question = "Q15A", ', "", "report.quotes.question: is missing"),
            ('"files:sfo"', '"sfo"', "sources[0].name: has a form"),
            ('"zendesk:acme"', '"files:sfo"', "sources has files:sfo twice"),
            ('{env = "ACME_TOKEN"}', '"s3cret"', "config.auth.token holds a secret in plain text"),
            (
                '[{env = "OTHER"}]',
                '[{api_key = "s3cret"}]',
                "config.more[0].api_key holds a secret",
            ),
            ('"09:00-12:30"', '"9-12"', "another form than '09:00-17:00'"),
            ('"09:00-12:30"', '"09:00-25:30"', "a time that no clock shows"),
            ('"09:00-12:30"', '"09:00-14:00"', "calendars[0]"),
            ("monday =", "mon =", "did you mean 'monday'"),
            ("2026-12-25", '"2026-12-25"', "calendars[0].holidays[0]: is no date"),
            ("[[journeys.stages]]", "[[journeys.steps]]", "did you mean 'stages'"),
        ],
    )
    def test_mistakes(self, good: str, bad: str, message: str) -> None:
        """The error names the file and the key, and hints at the cure."""
        assert good in TEXT
        with pytest.raises(ConfigurationError) as caught:
            Program.parse(TEXT.replace(good, bad), path="cxm.toml")
        assert message in str(caught.value)
        assert "cxm.toml" in caught.value.message
        assert "s3cret" not in str(caught.value)
        assert caught.value.__context__ is None or caught.value.__suppress_context__

    def test_list_of_tables(self) -> None:
        """A table where a list of them belongs is told how such a list is written."""
        with pytest.raises(ConfigurationError, match=r"\[\[metrics\]\]"):
            Program.parse('name = "x"\nzone = "UTC"\n[metrics]\nname = "nps"')

    def test_several(self) -> None:
        """The first mistake is told whole, the others are counted by their keys."""
        text = 'name = "x"\nzone = 5\n[report]\npath = 1\n'
        with pytest.raises(ConfigurationError, match=r"zone: .*1 more: report\.path"):
            Program.parse(text)

    def test_files(self, tmp_path: Path) -> None:
        """A file that is not there, no text, or a folder is told by its path."""
        with pytest.raises(ConfigurationError, match="no program file") as caught:
            Program.load(tmp_path / "cxm.toml")
        assert "cxm init" in str(caught.value)
        with pytest.raises(ConfigurationError, match="is a folder, and no program file") as caught:
            Program.load(tmp_path)
        assert "cxm.toml" in str(caught.value.hint)
        (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
        with pytest.raises(ConfigurationError, match="not UTF-8"):
            Program.load(tmp_path / "latin.toml")
        (tmp_path / "deep.toml").write_text("a = " + "[" * 100_000)
        with pytest.raises(ConfigurationError, match=r"deep\.toml"):
            Program.load(tmp_path / "deep.toml")

    @pytest.mark.parametrize(
        ("cls", "values"),
        [
            (Metric, {"name": "x", "engine": "csat"}),
            (Journey, {"name": "x", "stages": []}),
            (Touchpoint, {"name": "x", "titel": "y"}),
            (Source, {"name": "x"}),
            (Source, {"name": 5}),
            (Calendar, {"name": "x", "hours": {}}),
            (Calendar, {"name": "x", "hours": {"monday": "09:00-17:00"}, "zone": "Nowhere"}),
        ],
    )
    def test_in_python(self, cls: Any, values: dict[str, Any]) -> None:
        """A part that is made in Python fails with the same error."""
        with pytest.raises(ConfigurationError):
            cls(**values)


class TestMetrics:
    """Definitions and their hashes."""

    def test_hash_is_of_the_meaning(self) -> None:
        """Name, title and version leave the hash as it is; everything else changes it."""
        one: dict[str, Any] = {"name": "a", "engine": "csat", "question": "Q", "scale": "1-5"}
        base = Metric(**one).definition_hash
        same = [{"name": "b"}, {"title": "t"}, {"version": 2}, {"top": [4, 5]}, {"question": ["Q"]}]
        other = [
            {"engine": "top_box"},
            {"question": "P"},
            {"question": ["Q", "P"]},
            {"scale": "1-5 reversed"},
            {"scale": "stars"},
            {"top": [5]},
            {"weighted": True},
            {"stratified": True},
            {"clustered": True},
            {"of": "asked"},
            {"of": "everyone"},
        ]
        assert {Metric(**one | change).definition_hash for change in same} == {base}
        hashes = {Metric(**one | change).definition_hash for change in other}
        assert len(hashes | {base}) == len(other) + 1

    def test_hash_stays(self) -> None:
        """The hash of a definition is written into receipts, so it never changes by itself."""
        nps = Metric(name="nps", engine="nps", question="NETPRO")
        assert nps.definition_hash == "a7b2a9f7723d"

    def test_a_mean_has_no_blanks(self) -> None:
        """A mean over everyone asked would give a blank answer a value."""
        with pytest.raises(ConfigurationError, match="mean of answers"):
            Metric(name="m", engine="mean_score", scale="1-5", of="everyone")

    def test_labels(self) -> None:
        """A metric is called by its title, or else its name."""
        assert Metric(name="nps", engine="nps").label == "nps"
        assert Metric(name="nps", engine="nps", title="Would recommend").label == "Would recommend"


class TestCalendars:
    """Business calendars."""

    def test_hours(self, program: Program) -> None:
        """Hours, holidays and zone become a calendar that counts; a day without hours is closed."""
        calendar = program.calendars[0].business(program.zone)
        assert calendar.zone == "America/Los_Angeles"
        assert [len(day) for day in calendar.hours] == [2, 0, 0, 0, 0, 0, 1]
        assert len(calendar.holidays) == 1

    def test_counts_around_a_holiday_and_a_change_of_clocks(self) -> None:
        """Open seconds leave out the file's holiday, and know that a night was an hour longer."""
        program = Program.parse(
            """
            name = "Shop"
            zone = "Europe/Vienna"
            [[calendars]]
            name = "desk"
            hours = {friday = "09:00-17:00", saturday = "09:00-12:00", sunday = "00:00-24:00"}
            holidays = [2026-12-25]
            """
        )
        desk = program.calendars[0].business(program.zone)
        hour = 3600

        def hours(start: str, end: str) -> float:
            first, last = (datetime.fromisoformat(f"{day}T00:00+01:00") for day in (start, end))
            return desk.seconds_between(first, last) / hour

        assert hours("2026-12-18", "2026-12-20") == 8 + 3
        assert hours("2026-12-25", "2026-12-27") == 3
        assert hours("2026-10-24", "2026-10-27") == 3 + 25  # the night of Sunday is longer


class TestByLaw:
    """What holds for every text."""

    @given(st.text(max_size=200) | st.sampled_from(TEXT.splitlines(keepends=True)))
    def test_any_text(self, text: str) -> None:
        """Any text is a program or has one clear error; nothing else is raised."""
        assert outcome(text) in (Program, ConfigurationError)

    @given(st.data())
    def test_any_cut(self, data: st.DataObject) -> None:
        """A program with a piece cut out is a program or has one clear error."""
        start = data.draw(st.integers(0, len(TEXT)))
        end = data.draw(st.integers(start, min(len(TEXT), start + 60)))
        assert outcome(TEXT[:start] + TEXT[end:]) in (Program, ConfigurationError)


def outcome(text: str) -> type:
    """What becomes of a text: a program or an error of ours."""
    try:
        return type(Program.parse(text))
    except CxmError as error:
        return type(error)
