"""The whole survey of 2018, spoiled and mended again: the score is right or says that it is not."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import pytest

from cxm_core.results import Estimate, SyncReceipt
from cxm_core.workspace import Workspace

# Each row serves one response a question; two of them keep these tests short.
QUESTIONS = ("NETPRO", "Q15A")
_QUESTION = re.compile(r'\[\[sources\.config\.questions\]\]\nid = "(\w+)"\n(?:\w.*\n)+\n')


@pytest.fixture
def wave(sfo: Path) -> bytes:
    """The file of 2018, unpacked."""
    return gzip.decompress((sfo / "sfo_2018.csv.gz").read_bytes())


@pytest.fixture
def desk(sfo: Path, tmp_path: Path) -> Path:
    """Folder with the example's program, cut to two questions, and the clean file of 2017."""
    text = (sfo / "cxm.toml").read_text(encoding="utf-8")
    short = _QUESTION.sub(lambda found: found[0] if found[1] in QUESTIONS else "", text)
    (tmp_path / "cxm.toml").write_text(short, encoding="utf-8")
    shutil.copy(sfo / "sfo_2017.csv.gz", tmp_path)
    return tmp_path


def put(desk: Path, wave: bytes) -> None:
    """Let the desk have this file of 2018."""
    (desk / "sfo_2018.csv.gz").write_bytes(gzip.compress(wave, compresslevel=1, mtime=0))


def change(desk: Path, old: str, new: str) -> None:
    """Change the program."""
    path = desk / "cxm.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def synced(desk: Path) -> tuple[SyncReceipt, Estimate]:
    """Receipt of a sync, and the score of 2018."""
    with Workspace(desk / "cxm.toml") as workspace:
        (receipt,) = workspace.sync()
        score = workspace.measure("nps", window="2018")
    assert isinstance(score, Estimate)
    assert receipt.balances
    return receipt, score


def is_right(score: Estimate) -> bool:
    """Whether it is the score of the clean file."""
    return score.n == 2650 and score.value == pytest.approx(30.981132, abs=5e-7)


def test_the_hint_for_another_encoding_mends_it(desk: Path, wave: bytes) -> None:
    """A UTF-16 file is refused under UTF-8, and read once the program says what the hint says."""
    put(desk, wave.decode().encode("utf-16"))
    receipt, score = synced(desk)
    assert not receipt.is_complete
    assert 'encoding = "utf-16"' in receipt.note
    assert score.value is None
    older = gzip.decompress((desk / "sfo_2017.csv.gz").read_bytes())
    (desk / "sfo_2017.csv.gz").write_bytes(gzip.compress(older.decode().encode("utf-16")))
    change(desk, "[sources.config]\n", '[sources.config]\nencoding = "utf-16"\n')
    receipt, score = synced(desk)
    assert receipt.is_complete
    assert is_right(score)


def test_a_quote_that_never_closes_costs_its_row(desk: Path, wave: bytes) -> None:
    """The rows behind it are kept."""
    lines = wave.split(b"\n")
    lines[500] = b'"' + lines[500]
    put(desk, b"\n".join(lines))
    receipt, score = synced(desk)
    assert receipt.reasons == {"bad_row": 1}
    assert score.n == 2649


def test_rows_that_stand_twice_count_once(desk: Path, wave: bytes) -> None:
    """Three hundred rows pasted again are duplicates, and the score is the same."""
    again = wave.split(b"\n")[1:301]
    put(desk, wave.rstrip(b"\n") + b"\n" + b"\n".join(again) + b"\n")
    receipt, score = synced(desk)
    assert receipt.duplicate == 300 * len(QUESTIONS)
    assert is_right(score)


def test_a_mended_mapping_takes_the_rows_back(desk: Path, wave: bytes) -> None:
    """A code that nobody declared is off the scale; once declared, a replay keeps its rows."""
    change(desk, 'missing = { "11" = "no_answer" }', 'missing = { "12" = "no_answer" }')
    put(desk, wave)
    receipt, score = synced(desk)
    assert receipt.reasons == {"out_of_scale": 84 + 159}
    assert is_right(score)
    change(desk, 'missing = { "12" = "no_answer" }', 'missing = { "11" = "no_answer" }')
    with Workspace(desk / "cxm.toml") as workspace:
        receipt = workspace.replay("files:sfo")
        left = workspace.quarantined()
        score = workspace.measure("nps", window="2018")
    assert (receipt.applied, receipt.quarantined) == (84 + 159, 0)
    assert left == ()
    assert isinstance(score, Estimate)
    assert is_right(score)
    assert dict(score.receipt.exclusions) == {"no_answer": 159}
