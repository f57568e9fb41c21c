"""Results as a file: whole or not at all, and without a workspace."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.report import report, to_html, write_file
from cxm_core.results import Receipt, Step, Waterfall
from report.sample import NOW

HOSTILE = "</svg><script>alert(1)</script>"


def _fall(name: str = "late data") -> Waterfall:
    return Waterfall(
        metric="nps",
        unit="points",
        start=40.0,
        end=36.0,
        steps=[Step(name, -4.0, note=name)],
        method="shapley",
        receipt=Receipt(engine="explain_difference", method="shapley", confidence_level=0.95),
    )


class TestReport:
    """`cx.report([results], path)`."""

    def test_every_result_is_in_it(self, tmp_path: Path) -> None:
        """Figures, groups and results of other shapes stand in one file, each with its receipt."""
        first, second = [10, 9, 8, 3] * 30, [10, 8, 8, 3] * 30
        results = [
            cx.nps(first),
            cx.compare(first, second, metric="nps"),
            cx.nps(first, by={"region": ["North", "South"] * 60}),
            _fall(),
        ]
        path = cx.report(results, tmp_path / "weekly.html", title="This week", now=NOW)
        text = path.read_text(encoding="utf-8")
        assert path == tmp_path / "weekly.html"
        for words in ("This week", "nps by region", "late data", str(_fall())):
            assert words in text
        assert text.count("How this number was made") + text.count("How these numbers were") >= 4
        assert '<rect class="cxm-step"' in text

    def test_one_result_needs_no_list(self, tmp_path: Path) -> None:
        """A single result is a report, too."""
        path = cx.report(cx.nps([10, 9, 3] * 20), tmp_path / "one.html")
        assert "33.3" in path.read_text(encoding="utf-8")

    def test_markdown_by_the_name_of_the_file(self, tmp_path: Path) -> None:
        """A file that ends in .md is Markdown, and holds the same figures."""
        path = cx.report([cx.nps([10, 9, 3] * 20), _fall()], tmp_path / "one.md", now=NOW)
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# Results")
        assert "33.3" in text
        assert "\n~~~\nnps, before to after: 40.0 to 36.0 points" in text

    def test_without_a_time_it_is_now(self, tmp_path: Path) -> None:
        """Nobody has to say what time it is."""
        before = datetime.now(UTC) - timedelta(days=1)
        text = cx.report(cx.nps([10]), tmp_path / "one.md").read_text(encoding="utf-8")
        assert str(before.year) in text or str(before.year + 1) in text

    def test_weights_are_told(self, tmp_path: Path) -> None:
        """A weighted figure is called weighted, in the headline and in its receipt."""
        made = cx.nps([10, 3] * 30, weights=[1.0, 2.0] * 30)
        text = cx.report(made, tmp_path / "one.md", now=NOW).read_text(encoding="utf-8")
        assert "### nps (weighted)" in text
        assert "| Weights and design | weights |" in text

    def test_a_hostile_step_is_text(self, tmp_path: Path) -> None:
        """Whatever a step is called, the page runs nothing."""
        path = cx.report(_fall(HOSTILE), tmp_path / "one.html", now=NOW)
        assert "<script" not in path.read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", ["weekly.pdf", "weekly", "weekly.html.gz"])
    def test_another_ending_is_refused(self, tmp_path: Path, name: str) -> None:
        """A form that is not written is an error before anything is."""
        with pytest.raises(UsageError, match="not written as"):
            cx.report(cx.nps([10]), tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("results", [[33.0], ["nps"], [None]])
    def test_what_is_no_result_is_refused(self, tmp_path: Path, results: Any) -> None:
        """A bare number has no interval and no receipt."""
        with pytest.raises(UsageError, match="1 of 1 results"):
            cx.report(results, tmp_path / "one.html")

    def test_a_time_without_a_zone_is_refused(self, tmp_path: Path) -> None:
        """Nobody knows when that was."""
        with pytest.raises(UsageError, match="time zone"):
            cx.report(cx.nps([10]), tmp_path / "one.html", now=datetime(2026, 11, 22))


class TestRoom:
    """`cxm_core.report` is a room that can be called."""

    ORDERS = (
        "import cxm_core as cx; cx.report(R, P); from cxm_core.report import to_html",
        "from cxm_core.report import to_html; import cxm_core as cx; cx.report(R, P)",
        "import cxm_core.report as room; room.to_html; room(R, P)",
        "import cxm_core.workspace, cxm_core as cx; cx.report(R, P); cx.report.to_html",
        "from cxm_core import report; report(R, P)",
        "from cxm_core.report import report; report(R, P)",
    )

    @pytest.mark.parametrize("order", ORDERS)
    def test_in_whatever_order_it_is_opened(self, order: str, tmp_path: Path) -> None:
        """The room and the function never stand in each other's way."""
        path = tmp_path / "one.md"
        code = f"from cxm_core.engines import nps; R = nps([10]); P = {str(path)!r}; {order}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        assert path.exists()

    def test_the_room_is_what_it_was(self) -> None:
        """The names of the room are there, and the call is the room's own function."""
        assert cx.report.to_html is to_html  # type: ignore[attr-defined]  # the room, at run time
        assert cx.report.report is report  # type: ignore[attr-defined]  # the room, at run time


class TestFile:
    """One file."""

    def test_makes_its_folder(self, tmp_path: Path) -> None:
        """Folders on the way are made; nothing but the file is left in them."""
        target = write_file(tmp_path / "a" / "b" / "page.html", b"new")
        assert target.read_bytes() == b"new"
        assert list(target.parent.iterdir()) == [target]

    def test_old_one_stays_until_the_new_one_is_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the disk fails halfway, the old file is there as it was, and no draft."""
        target = tmp_path / "page.html"
        target.write_bytes(b"old")

        def fail(self: Path, content: bytes) -> int:
            self.touch()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(ConfigurationError, match="No space left on device"):
            write_file(target, b"new")
        assert target.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [target]

    @pytest.mark.parametrize("name", ["taken/page.html", "."])
    def test_place_that_cannot_be(self, tmp_path: Path, name: str) -> None:
        """A file below a file, or in place of a folder, is an error with a way out."""
        (tmp_path / "taken").write_bytes(b"")
        with pytest.raises(ConfigurationError, match="choose another place"):
            write_file(tmp_path / name, b"new")
