"""How the model vendor serves its rows: each kind of paging, with the habits of real vendors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cxm_connectors.simulation import SimRequest, SimResponse

from ._model_rows import ModelRow, ModelRows, Script


class ModelVendor:
    """A vendor in memory to which anything may happen between two requests.

    Parameters
    ----------
    rows : ModelRows
        What it holds.
    script : Script
        Where its whims come from: empty pages in the middle, pages shorter than asked for, rows
        served twice over a border, tokens that expire.
    size : int
        Most rows in a page.
    """

    def __init__(self, rows: ModelRows, script: Script, *, size: int = 2) -> None:
        self.rows, self.script, self.size = rows, script, size
        self.origin = "https://vendor.model.example"
        self.issued = self.expired = 0
        self.jobs: dict[str, list[dict[str, Any]]] = {}
        self.polls: dict[str, int] = {}

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request, after something has happened or not."""
        self.rows.happen()
        return self.answered(request)

    def answered(self, request: SimRequest) -> SimResponse:
        """Answer one request as things are now."""
        kind = request.path.strip("/").partition("/")[0]
        answer: Callable[[SimRequest], SimResponse] = getattr(self, f"_{kind}")
        return answer(request)

    def _cursor(self, request: SimRequest) -> SimResponse:
        """Rows by stamp, behind a token; sometimes a page is empty though there are more."""
        found = self._behind(request)
        if found is None:
            return SimResponse.of({"error": "expired"}, status=410)
        page, token, has_more = found
        # Zendesk gives no cursor at all where nothing is new.
        following = token if has_more or self.script.pick(2) else None
        return SimResponse.of({"data": page, "meta": {"next": following, "has_more": has_more}})

    def _parts(self, request: SimRequest) -> SimResponse:
        """Rows of two parents."""
        del request
        return SimResponse.of({"data": [{"id": "0"}, {"id": "1"}]})

    def _link(self, request: SimRequest) -> SimResponse:
        """Rows by stamp; the next page is a whole address."""
        page, token, has_more = self._behind(request) or ([], "", False)
        link = self._next(request, token) if has_more else None
        return SimResponse.of({"data": page, "links": {"next": link}})

    def _header(self, request: SimRequest) -> SimResponse:
        """Rows by stamp; the next page stands in the head of the answer."""
        page, token, has_more = self._behind(request) or ([], "", False)
        link = ("link", f'<{self._next(request, token)}>; rel="next"')
        return SimResponse.of({"data": page}, headers=(link,) if has_more else ())

    def _log(self, request: SimRequest) -> SimResponse:
        """Rows by their place in a log of changes; the last cursor stays good."""
        token = request.query.get("cursor")
        start = 0 if token is None else int(token)
        found = sorted(self.rows.visible(), key=_sequence)
        # The newest are held back until nothing hidden can come before them.
        hidden = self.rows.hidden()
        bound = min((row.sequence for row in hidden), default=self.rows.changes + 1)
        found = [row for row in found if start < row.sequence < bound]
        page = found[: self._length() or 1]
        # Behind its end Zendesk gives no cursor.
        after = str(page[-1].sequence) if page else (None if self.script.pick(2) else token)
        is_over = len(page) == len(found)
        return SimResponse.of(
            {"data": _plain(page), "after_cursor": after, "end_of_stream": is_over}
        )

    def _page(self, request: SimRequest) -> SimResponse:
        """Rows by stamp, in pages by number: they shift while somebody reads them."""
        number = int(request.query["page"])
        found = self._since(request)
        page = found[(number - 1) * self.size : number * self.size]
        pages = -(-len(found) // self.size)
        return SimResponse.of({"data": _plain(page), "pages": pages, "total": len(found)})

    def _offset(self, request: SimRequest) -> SimResponse:
        """Rows by stamp, from a number on, and sometimes fewer than asked for."""
        start = int(request.query["offset"])
        found = self._since(request)
        length = self._length() or 1
        return SimResponse.of({"data": _plain(found[start : start + length]), "total": len(found)})

    def _search(self, request: SimRequest) -> SimResponse:
        """Rows by id, behind an id."""
        after = int(request.query.get("after", 0))
        found = [row for row in self._since(request) if row.id > after]
        found.sort(key=_id)
        return SimResponse.of({"data": _plain(found[: self._length() or 1]), "left": len(found)})

    def _window(self, request: SimRequest) -> SimResponse:
        """Rows from a second on; rows of one second are never parted, as at Zendesk."""
        start = int(request.query.get("start_time", 0))
        found = [row for row in self._since(request) if row.plain()["updated_s"] >= start]
        page = found[: self.size]
        page += [row for row in found[self.size :] if row.stamp == page[-1].stamp]
        rows = _plain(page)
        end = rows[-1]["updated_s"] + 1 if rows else start
        is_over = len(page) == len(found)
        return SimResponse.of({"data": rows, "end_time": end, "end_of_stream": is_over})

    def _stamped(self, request: SimRequest) -> SimResponse:
        """Rows by stamp, in pages by number that the reader leaves as soon as it can."""
        number = int(request.query.get("page", 1))
        found = self._since(request)
        return SimResponse.of(
            {"data": _plain(found[(number - 1) * self.size : number * self.size])}
        )

    def _single(self, request: SimRequest) -> SimResponse:
        """All rows in one answer."""
        return SimResponse.of({"data": _plain(self._since(request))})

    def _exports(self, request: SimRequest) -> SimResponse:
        """A list that is made ready first, and then holds what there was at its beginning."""
        parts = request.path.strip("/").split("/")[1:]
        if not parts:
            job = str(len(self.jobs) + 1)
            self.jobs[job] = _plain(self._since(request))
            return SimResponse.of({"id": job})
        job = parts[0]
        if int(job) <= self.expired:
            return SimResponse.of({"error": "gone"}, status=404)
        return self._result(job, request) if parts[1:] else self._status(job)

    def _status(self, job: str) -> SimResponse:
        self.polls[job] = self.polls.get(job, 0) + 1
        is_done = self.polls[job] > 1 + self.script.pick(2)
        return SimResponse.of({"status": "complete" if is_done else "running", "file": f"f{job}"})

    def _result(self, job: str, request: SimRequest) -> SimResponse:
        start = int(request.query.get("at", 0))
        rows = self.jobs[job]
        end = start + self.size
        following = str(end) if end < len(rows) else None
        return SimResponse.of({"data": rows[start:end], "next": following})

    def expire(self) -> None:
        """Let all tokens and jobs go that were handed out so far."""
        self.expired = max(self.issued, len(self.jobs))

    def _behind(self, request: SimRequest) -> tuple[list[dict[str, Any]], str, bool] | None:
        """Page behind a token, the token of the next one, and whether there is one."""
        token, found = request.query.get("cursor"), self._since(request)
        start = (0, 0)
        if token is not None:
            made, stamp, last = (int(part) for part in token.split("-"))
            if made <= self.expired:
                return None
            start = (stamp, last)
        rest = [row for row in found if (row.stamp, row.id) > start]
        page = rest[: self._length()]
        border = self._border(found, start)
        if page:
            start = (page[-1].stamp, page[-1].id)
        self.issued += 1
        token = f"{self.issued}-{start[0]}-{start[1]}"
        return _plain([*border, *page]), token, len(page) < len(rest)

    def _border(self, found: Sequence[ModelRow], start: tuple[int, int]) -> list[ModelRow]:
        """Last row of the page before, which some vendors serve again."""
        same = [row for row in found if (row.stamp, row.id) == start]
        return same if self.script.pick(2) else []

    def _length(self) -> int:
        """How many rows a page really has: none at times, or fewer than asked for."""
        return (self.size, self.size, 0, 1)[self.script.pick(4)]

    def _since(self, request: SimRequest) -> list[ModelRow]:
        """Rows that changed at an instant or later, by stamp and id."""
        told, part = request.query.get("since", ""), request.query.get("part")
        found = [row for row in self.rows.visible() if row.plain()["updated_at"] >= told]
        if part is not None:
            found = [row for row in found if str(row.id % 2) == part]
        return sorted(found, key=_order)

    def _next(self, request: SimRequest, token: str) -> str:
        since = request.query.get("since")
        kept = f"&since={since}" if since else ""
        return f"{self.origin}{request.path}?cursor={token}{kept}"


def _plain(rows: Sequence[ModelRow]) -> list[dict[str, Any]]:
    return [row.plain() for row in rows]


def _order(row: ModelRow) -> tuple[int, int]:
    return row.stamp, row.id


def _sequence(row: ModelRow) -> int:
    return row.sequence


def _id(row: ModelRow) -> int:
    return row.id
