"""Lists that a source makes ready first: start, ask until it is done, fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from attrs import evolve, field, frozen

from cxm_core.errors import FatalError, RetryableError

from ._calls import Answer, Call
from ._downloads import Download, FilePage, declared
from ._paging import Place, Turn, dig, lacking, with_param


@frozen(kw_only=True)
class Job:
    """A job that is started, asked for until it is done, and then fetched.

    The stream's own path, method and body start it. What was started is part of the state, so a
    run that was killed goes on with the same job; one that the source has forgotten is started
    again.

    Parameters
    ----------
    id : str
        Dotted path of the job's id in the answer to the start.
    status : str
        Dotted path of its status in the answer to a poll.
    done, failed : tuple of str
        Words of the status that end the waiting; compared without regard to case.
    poll, fetch : str
        Paths; ``{path}``, ``{job}`` and ``{file}`` are filled.
    file : str or None
        Dotted path of what is to be fetched, in the answer to the last poll.
    link : str or None
        Dotted path of the file's own address, in the answer to the last poll, in place of `fetch`;
        it must be at an origin of the connector, or at one of its `file_origins`. Such an address
        is often a key to the file, so it is asked for anew when it is needed, and never kept.
    format : Download or {"json", "ndjson", "csv"}
        How the rows of what is fetched are written.
    next, param
        Dotted path and parameter of a token, if the rows come in several pages.
    every_s, longest_s : float
        Seconds between two polls, and in all.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Job
    >>> job = Job(id="id", status="state", done=("ready",))
    >>> job.call(Call(path="/exports", method="POST"), {"job": "7"}).path
    '/exports/7'

    An export that comes as a CSV file in a zip archive, with two rows below its head:

    >>> from cxm_connectors.toolkit import Download
    >>> export = Job(id="result.progressId", status="result.status", done=("complete",),
    ...     file="result.fileId", fetch="{path}/{file}/file",
    ...     format=Download("csv", is_zip=True, skip=2, columns=("ResponseId", "Q1")))
    >>> export.call(Call(path="/exports"), {"job": "7", "file": "f9"}).path
    '/exports/f9/file'
    """

    id: str
    status: str
    done: tuple[str, ...]
    failed: tuple[str, ...] = ("failed", "error", "cancelled", "expired")
    poll: str = "{path}/{job}"
    fetch: str = "{path}/{job}/result"
    file: str | None = None
    link: str | None = None
    format: Download = field(default=Download(), converter=declared)
    next: str | None = None
    param: str = "cursor"
    every_s: float = 5.0
    longest_s: float = 3_600.0
    size: int | None = None
    size_param: str | None = None

    @property
    def is_file(self) -> bool:
        """Whether what is fetched goes through a file: it may be large, or no JSON."""
        form = self.format
        return self.link is not None or form.is_zip or form.format != "json"

    def call(self, base: Call, place: Place) -> Call:
        """Call that starts, asks for or fetches the job."""
        if not isinstance(place, Mapping):
            return base
        path = self.fetch if "file" in place else self.poll
        names = {name: quote(str(place.get(name, "")), safe="") for name in ("job", "file")}
        call = evolve(
            base, path=path.format(path=base.path, **names), method="GET", params=(), json=None
        )
        if "file" in place and self.is_file:
            call = evolve(call, accept="", file_bytes=self.format.most_bytes)
        return call if place.get("at") is None else with_param(call, self.param, str(place["at"]))

    def address(self, answer: Answer, place: Mapping[str, Any]) -> str:
        """Address of the file, in the answer to a poll of a job that is done."""
        if "file" not in (self._polled(answer, place).next or ()):  # type: ignore[operator]  # a job's places are mappings
            raise FatalError(
                "The source has begun anew to make the file ready.",
                hint="the next sync asks for it",
                request_id=answer.request_id,
                status=410,
            )
        return self._text(answer, self.link or "")

    def holds_rows(self, place: Place) -> bool:
        """Whether it is fetched."""
        return isinstance(place, Mapping) and "file" in place

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on from start to poll, from poll to fetch, and from page to page."""
        del rows
        if not isinstance(place, Mapping):
            return Turn(next={"job": self._text(answer, self.id)}, wait_s=self.every_s)
        if "file" not in place:
            return self._polled(answer, place)
        if isinstance(answer, FilePage):
            return self._read_on(answer, place)
        token = None if self.next is None else dig(answer.data, self.next)
        if token in (None, ""):
            return Turn(is_end=True)
        return Turn(next={**place, "at": token})

    def _read_on(self, page: FilePage, place: Mapping[str, Any]) -> Turn:
        if page.is_end:
            return Turn(is_end=True, flags=page.flags)
        return Turn(next={**place, **page.mark}, flags=page.flags)

    def _polled(self, answer: Answer, place: Mapping[str, Any]) -> Turn:
        status = self._text(answer, self.status).lower()
        if status in {word.lower() for word in self.done}:
            file = place["job"] if self.file is None else self._text(answer, self.file)
            return Turn(next={"job": place["job"], "file": file})
        if status in {word.lower() for word in self.failed}:
            raise FatalError(
                "The source could not finish what it was asked to make ready.",
                hint="the next sync asks for it anew",
                request_id=answer.request_id,
                status=410,
            )
        polls = int(place.get("polls", 0)) + 1
        if polls * self.every_s > self.longest_s:
            raise RetryableError(
                f"The source was not ready after {self.longest_s:,.0f} s.",
                hint="the next sync goes on waiting for the same job",
                request_id=answer.request_id,
            )
        return Turn(next={"job": place["job"], "polls": polls}, wait_s=self.every_s)

    def _text(self, answer: Answer, path: str) -> str:
        value = dig(answer.data, path)
        if not isinstance(value, str | int):
            raise lacking(answer, path, "tells of the job")
        return str(value)
