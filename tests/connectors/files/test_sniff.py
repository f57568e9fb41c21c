"""The program that is proposed from a data file."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.files import Files, FilesConfig
from cxm_connectors.files._dialect import guess_delimiter, guess_encoding
from cxm_core.errors import (
    ConfigurationError,
    NotFound,
    SchemaChanged,
    TruncatedAnswer,
    UsageError,
)

Proposed = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def proposed(tmp_path: Path) -> Proposed:
    """Proposal from a file's content: what it says, and its text."""

    def propose(raw: str | bytes, name: str = "data.csv") -> tuple[dict[str, Any], str]:
        path = tmp_path / name
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        text = Files.propose(path, root=tmp_path)
        program = tomllib.loads(text)
        FilesConfig.model_validate(program["sources"][0]["config"])
        return program["sources"][0]["config"], text

    return propose


def survey(rows: int = 60) -> str:
    """A survey with one column of each sort."""
    lines = ["Response ID;E-mail;Created at;Recommend;Ease;Comment;Region;WEIGHT"]
    for n in range(rows):
        comment = f"It took me {n} minutes to find the right door" if n % 2 else ""
        lines.append(
            f"{1000 + n};p{n}@example.org;{1 + n % 28:02}.{1 + n % 12:02}.2026 10:{n % 60:02};"
            f"{n % 12};{[1, 2, 3, 4, 5, 9][n % 6]};{comment};{'NS'[n % 2]};{0.5 + n / 100}"
        )
    return "\n".join(lines)


class TestSurvey:
    def test_reading(self, proposed: Proposed) -> None:
        """How the file is written is found out and said."""
        config, text = proposed(survey())
        assert (config["files"], config["encoding"], config["delimiter"]) == (
            ["data.csv"], "utf-8", ";",
        )  # fmt: skip
        assert text.count("# confirm") >= 8

    def test_row(self, proposed: Proposed) -> None:
        """Id, customer, time, weight and a group are found."""
        row = proposed(survey())[0]["row"]
        assert row["id"] == "Response ID"
        assert row["customer"] == {"email": "E-mail"}
        assert row["occurred_at"] == {
            "column": "Created at", "format": "%d.%m.%Y %H:%M", "zone": "UTC",
        }  # fmt: skip
        assert row["weight"] == "WEIGHT"
        assert row["attributes"] == {"region": "Region"}

    def test_questions(self, proposed: Proposed) -> None:
        """Scales are seen by their values, numbers beside them as missing codes, words as words."""
        first, second, third = proposed(survey())[0]["questions"]
        assert (first["id"], first["scale"], first["missing"]) == (
            "Recommend", "0-10", {"11": "no_answer"},
        )  # fmt: skip
        assert (second["scale"], second["missing"]) == ("1-5", {"9": "no_answer"})
        assert third["verbatim"] == "Comment"

    def test_metrics(self, proposed: Proposed) -> None:
        """What can be measured is proposed by scale and name."""
        program = tomllib.loads(proposed(survey())[1])
        measured = {metric["engine"]: metric["question"] for metric in program["metrics"]}
        assert measured == {"nps": "Recommend", "ces": "Ease", "csat": "Ease"}
        assert program["report"]["headline"] == ["nps", "ces", "csat"]

    def test_no_cell_is_told(self, proposed: Proposed) -> None:
        """Neither words nor addresses of customers stand in the proposal."""
        _, text = proposed(survey())
        assert "example.org" not in text
        assert "minutes" not in text


class TestTimes:
    def rows(self, *times: str) -> str:
        """File with these times."""
        return "id,when,score\n" + "".join(
            f"{n},{text},{n % 5 + 1}\n" for n, text in enumerate(times * 10)
        )

    def test_two_readings(self, proposed: Proposed) -> None:
        """An ambiguous date is left to the user, with both readings as lines to choose from."""
        config, text = proposed(self.rows("03/04/2026", "05/06/2026"))
        assert config["row"]["occurred_at"] == "when"
        assert '# occurred_at = { column = "when", format = "%d/%m/%Y", zone = "UTC" }' in text
        assert '# occurred_at = { column = "when", format = "%m/%d/%Y", zone = "UTC" }' in text

    def test_iso_with_offset(self, proposed: Proposed) -> None:
        """A time that says all needs nothing beside it."""
        config, _ = proposed(self.rows("2026-04-03T10:00:00Z"))
        assert config["row"]["occurred_at"] == "when"

    def test_iso_without_offset(self, proposed: Proposed) -> None:
        """A time without an offset gets a zone to confirm."""
        config, _ = proposed(self.rows("2026-04-03 10:00:00"))
        assert config["row"]["occurred_at"] == {"column": "when", "zone": "UTC"}

    def test_no_time(self, proposed: Proposed) -> None:
        """Without a column of times the day of the file is proposed, and said to be that."""
        config, text = proposed("id,score\n" + "".join(f"{n},{n % 5 + 1}\n" for n in range(20)))
        assert set(config["row"]["occurred_at"]) == {"constant", "zone"}
        assert "no column says when" in text


class TestIds:
    def test_pair_of_columns(self, proposed: Proposed) -> None:
        """Where no column alone tells the rows apart, two together do."""
        lines = "".join(f"{n % 10},{n // 10},{n % 5 + 1}\n" for n in range(50))
        config, _ = proposed("store id,week num,score\n" + lines)
        assert sorted(config["row"]["id"].split("-")) == ["{store id}", "{week num}"]

    def test_customer_number(self, proposed: Proposed) -> None:
        """A customer's own number becomes an external identifier."""
        lines = "".join(f"{n},C{n % 7},{n % 5 + 1}\n" for n in range(50))
        config, _ = proposed("id,customer_id,score\n" + lines)
        assert config["row"]["customer"] == {"external": "customer_id"}

    def test_hostile_names(self, proposed: Proposed) -> None:
        """Quotes, line ends and other marks in names of columns cannot break the program."""
        head = 'id,"sco""re\n# x","a\\b"\n'
        lines = "".join(f"{n},{n % 5 + 1},{n % 5 + 1}\n" for n in range(50))
        config, _ = proposed(head + lines)
        assert [question["id"] for question in config["questions"]] == ['sco"re # x', "a\\b"]
        assert config["questions"][0]["column"] == 'sco"re\n# x'

    def test_columns_that_no_mapping_can_name(self, proposed: Proposed) -> None:
        """A column without a name, with one that stands twice, or with braces, is passed over."""
        lines = "".join(f"{n},1,2,3,4,{n % 5 + 1}\n" for n in range(50))
        config, _ = proposed("id,,twice,twice,{b},score\n" + lines)
        assert [question["column"] for question in config["questions"]] == ["score"]


class TestDialect:
    @pytest.mark.parametrize(
        ("raw", "encoding"),
        [
            (b"plain", "utf-8"),
            ("caf\u00e9".encode(), "utf-8"),
            ("caf\u00e9".encode()[:-1], "utf-8"),
            ("caf\u00e9 bleu".encode("cp1252"), "cp1252"),
            (b"\x81\xe9 bleu", "latin-1"),
            ("caf\u00e9".encode("utf-16"), "utf-16"),
            ("a,b\nc,d".encode("utf-16-le"), "utf-16-le"),
            ("a,b\nc,d".encode("utf-16-be"), "utf-16-be"),
            ("caf\u00e9".encode("utf-8-sig"), "utf-8"),
            ("caf\u00e9".encode("utf-32"), "utf-32"),
        ],
    )
    def test_encoding(self, raw: bytes, encoding: str) -> None:
        """FILE-01: the encoding is found by its mark, its zeros, or by what reads the bytes."""
        assert guess_encoding(raw) == encoding

    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_delimiter(self, mark: str) -> None:
        """The mark that gives all rows the same number of cells separates them."""
        text = "\n".join(mark.join(["a, b" if mark != "," else "a; b", "1", "x"]) for _ in range(9))
        assert guess_delimiter(text) == mark

    def test_jsonl(self, proposed: Proposed) -> None:
        """Lines of JSON are looked at like rows."""
        lines = "".join(json.dumps({"id": n, "score": n % 5 + 1}) + "\n" for n in range(30))
        config, _ = proposed(lines, "data.jsonl")
        assert config["questions"][0]["column"] == "score"
        assert "delimiter" not in config


def test_long_cells_cost_no_time(proposed: Proposed) -> None:
    """Cells that are made to slow a pattern down are passed over."""
    hostile = ["a." * 60_000 + "@", "1" * 120_000 + "x", "@" * 100_000]
    lines = "".join(f"{n},{hostile[n % 3]},{n % 5 + 1}\n" for n in range(9))
    config, _ = proposed("id,words,score\n" + lines)
    assert [question["column"] for question in config["questions"]] == ["score"]


class TestRefusals:
    @pytest.mark.parametrize("raw", ["", "id,score\n", "id,name\n1,a\n2,b\n"])
    def test_nothing_to_propose(self, proposed: Proposed, raw: str) -> None:
        """A file without rows or without answers is told as such."""
        with pytest.raises(UsageError):
            proposed(raw)

    def test_other_formats(self, proposed: Proposed) -> None:
        """A Parquet file is not looked into."""
        with pytest.raises(UsageError, match="CSV or JSONL"):
            proposed(b"PAR1", "data.parquet")

    def test_damaged_packing(self, tmp_path: Path) -> None:
        """A packed file that is cut, or not packed at all, is told so."""
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress(b"id,recommend\n" * 5000, mtime=0)[:-12])
        with pytest.raises(TruncatedAnswer, match="ends in its middle"):
            Files.propose(path, root=tmp_path)
        path.write_bytes(b"id,recommend\n1,9\n")
        with pytest.raises(SchemaChanged, match="no gzip file"):
            Files.propose(path, root=tmp_path)

    @pytest.mark.parametrize("name", ["a" * 200 + ".csv", "a\nb.csv"])
    def test_names_that_no_program_can_hold(self, name: str, tmp_path: Path) -> None:
        """A path too long for a program, or one that cannot be shown, is refused in plain words."""
        with pytest.raises(UsageError, match="too long"):
            Files.propose(tmp_path / name, root=tmp_path)

    def test_paths(self, tmp_path: Path) -> None:
        """A file that is not there, or not below the program, is told."""
        with pytest.raises(NotFound):
            Files.propose(tmp_path / "none.csv", root=tmp_path)
        (tmp_path / "out.csv").touch()
        (tmp_path / "in").mkdir()
        with pytest.raises(ConfigurationError, match="leads out"):
            Files.propose(tmp_path / "out.csv", root=tmp_path / "in")


def test_sfo(sfo: Path) -> None:
    """On real data the scales and codes that the survey's authors document are found."""
    text = Files.propose(sfo / "sfo_2018.csv.gz", root=sfo)
    config = tomllib.loads(text)["sources"][0]["config"]
    FilesConfig.model_validate(config)
    questions = {question["id"]: question for question in config["questions"]}
    assert questions["NETPRO"]["scale"] == "0-10"
    assert questions["NETPRO"]["missing"] == {"11": "no_answer"}
    for name in ("Q7ART", "Q7RENTAL", "Q9Restroom", "Q14FIND"):
        assert questions[name]["scale"] == "1-5"
        assert set(questions[name]["missing"]) == {"0", "6"}
    assert questions["Q15A"]["verbatim"] == "Q15A"
    row = config["row"]
    assert (row["id"], row["weight"], row["stratum"], row["cluster"]) == (
        "RESPNUM", "WEIGHT", "STRATA", "RUNID",
    )  # fmt: skip
