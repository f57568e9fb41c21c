"""Checks of the way to the vendor: limits, failures, spoiled answers, strange hosts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve, frozen

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import AuthError, FatalError, RetryableError, SourceError

from ._laws import Check, every_stream, fail, require, require_no_error, require_same
from ._pages import edited, instead, leaves, page_numbers
from ._scrubbing import leaks
from ._stage import Fault, Sent, Vendor
from ._subject import Run, Subject, kept, told

NO_ROWS = "no stream gets rows by a request"
_FOREIGN = "https://elsewhere.cxm-kit.example"
_HTML = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
_MOST_CALLS = 40  # for one call that fails for ever
_DAY_S = 86_400.0
_FOREVER = 10_000
_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


@frozen(kw_only=True)
class _Spot:
    """A request for rows at which something goes wrong."""

    run: Run
    number: int

    @property
    def answer(self) -> SimResponse:
        return self.run.said[self.number][1]


def _middle(run: Run) -> _Spot | None:
    """The request for the second page, or for the only one."""
    found = [run.said[n][0].number for n in page_numbers(run.said)]
    return _Spot(run=run, number=found[min(1, len(found) - 1)]) if found else None


def _at_a_page(subject: Subject, look: Callable[[_Spot], None]) -> str | None:
    def at(run: Run) -> str | None:
        spot = _middle(run)
        if spot is None:
            return NO_ROWS
        look(spot)
        return None

    return every_stream(subject, at)


def _sync(subject: Subject, spot: _Spot, fault: Fault) -> Run:
    return subject.run(subject.stage(fault=fault), spot.run.stream)


def _bad(status: int, **headers: str) -> Callable[[], SimResponse]:
    head = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda: SimResponse(
        status=status, headers=(("content-type", "application/json"), *head), body=b"{}"
    )


def _always(answer: SimResponse) -> Callable[[], SimResponse]:
    return lambda: answer


def it_waits_as_long_as_it_is_told(subject: Subject) -> str | None:
    """After 429 it waits as `Retry-After` says, in seconds or as a date, or a while without it."""
    date = format_datetime(subject.now + timedelta(seconds=5), usegmt=True)
    told_times: Mapping[str | None, float] = {"0": 0, "3": 3, date: 4, None: 0.001}

    def look(spot: _Spot) -> None:
        for header, least in told_times.items():
            headers = {} if header is None else {"retry_after": header}
            run = _sync(subject, spot, instead(spot.number, _bad(429, **headers)))
            require_no_error(run, f"after 429 with Retry-After {header}")
            require_same(run.kept, spot.run.kept, f"Stream {run.stream!r} after 429")
            waited = run.stage.clock.waited
            require(waited >= least, f"It waited {waited:.1f} s after Retry-After {header}.")

    return _at_a_page(subject, look)


def it_gives_up_when_the_wait_is_too_long(subject: Subject) -> str | None:
    """Told to wait for a month it ends with `RetryableError`, which says when to come again."""

    def look(spot: _Spot) -> None:
        month = _bad(429, retry_after=str(30 * 86_400))
        run = _sync(subject, spot, instead(spot.number, month, times=_FOREVER))
        error = run.error
        require(isinstance(error, RetryableError), f"It ends with {_said(error)}.")
        require(run.stage.clock.waited < _DAY_S, "It waits for a day and longer.")
        at = error.resume_at if isinstance(error, RetryableError) else None
        require(
            isinstance(at, datetime) and at > subject.now + timedelta(days=1),
            "Its error does not say when to come again: give it `resume_at`.",
        )

    return _at_a_page(subject, look)


def _said(error: Exception | None) -> str:
    return told(error) if error else "no error"


def it_tries_again_after_a_failure(subject: Subject) -> str | None:
    """A 500, 502, 503 or 504, or a connection that breaks, is tried again and changes nothing."""

    def look(spot: _Spot) -> None:
        half = len(spot.answer.body) // 2
        for name, fault in (
            *((str(status), instead(spot.number, _bad(status))) for status in (500, 502, 503, 504)),
            ("a refused connection", _broken(spot.number)),
            ("a cut connection", _on_number(spot.number, cut_at=half)),
        ):
            run = _sync(subject, spot, fault)
            require_no_error(run, f"after {name}")
            require_same(run.kept, spot.run.kept, f"Stream {run.stream!r} after {name}")

    return _at_a_page(subject, look)


def _broken(number: int) -> Fault:
    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        if sent.number == number:
            raise RetryableError("The connection was refused.")
        return vendor(sent)

    return fault


def _on_number(number: int, **changes: Any) -> Fault:
    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        answer = vendor(sent)
        return evolve(answer, **changes) if sent.number == number else answer

    return fault


def it_gives_up_in_the_end(subject: Subject) -> str | None:
    """A 500 that never ends, ends with `RetryableError` after some tries; the next sync goes on."""

    def look(spot: _Spot) -> None:
        run = _sync(subject, spot, instead(spot.number, _bad(500), times=_FOREVER))
        require(isinstance(run.error, RetryableError), f"It ends with {_said(run.error)}.")
        tries = len(run.said) - spot.number
        require(tries <= _MOST_CALLS, f"It asks {tries} times.")
        require(run.stage.clock.waited < _DAY_S, "It waits for a day and longer.")
        _require_next_sync_mends(subject, run, spot.run, "500 for ever")

    return _at_a_page(subject, look)


def _require_next_sync_mends(subject: Subject, run: Run, whole: Run, what: str) -> None:
    rest = subject.run(subject.stage(), run.stream, run.state)
    require_no_error(rest, f"the sync after {what}")
    found = kept([*run.covered, *rest.items])
    require_same(found, whole.kept, f"Stream {run.stream!r}, the sync after {what}")


def a_spoiled_answer_is_never_complete(subject: Subject) -> str | None:
    """Half an answer, a web page, 204 or nothing at all is an error of the source, and no end."""

    def look(spot: _Spot) -> None:
        body, head = spot.answer.body, (("content-type", "application/json"),)
        html = (("content-type", "text/html"),)
        for name, answer in {
            "half an answer": SimResponse(headers=head, body=body[: len(body) // 2]),
            "a web page": SimResponse(headers=html, body=_HTML),
            "a web page that says it is JSON": SimResponse(headers=head, body=_HTML),
            "204": SimResponse(status=204),
            "an empty answer": SimResponse(headers=head),
            "a list of nothing it knows": SimResponse(headers=head, body=b'{"cxm_kit": 1}'),
            "a text": SimResponse(headers=head, body=b'"ok"'),
            "a cut connection": evolve(spot.answer, cut_at=len(body) // 2),
        }.items():
            run = _sync(subject, spot, instead(spot.number, _always(answer), times=_FOREVER))
            if _is_told(run, spot.run):
                continue  # one object of many, such as a form's definition
            require(
                isinstance(run.error, SourceError),
                f"Stream {run.stream!r}: {name} ends with {_said(run.error)}.",
            )
            _require_next_sync_mends(subject, run, spot.run, name)

    return _at_a_page(subject, look)


def a_packed_answer_is_unpacked(subject: Subject) -> str | None:
    """gzip, and a byte-order mark, change nothing."""

    def look(spot: _Spot) -> None:
        plain = [pair for pair in spot.answer.headers if pair[0].lower() != "content-encoding"]
        if len(plain) < len(spot.answer.headers):
            return
        packed = (*plain, ("content-encoding", "gzip"))
        body = spot.answer.body
        for name, fault in (
            ("gzip", _on_number(spot.number, headers=packed, body=gzip.compress(body))),
            ("a byte-order mark", _on_number(spot.number, body=b"\xef\xbb\xbf" + body)),
        ):
            run = _sync(subject, spot, fault)
            require_no_error(run, f"with {name}")
            require_same(run.kept, spot.run.kept, f"Stream {run.stream!r} with {name}")

    return _at_a_page(subject, look)


def a_refusal_is_told_as_what_it_is(subject: Subject) -> str | None:
    """401 is `AuthError`; 403 and 404, be their body a web page, are kinds of `FatalError`."""

    def look(spot: _Spot) -> None:
        for status, wanted in ((401, AuthError), (403, FatalError), (404, FatalError)):
            page = SimResponse(status=status, headers=(("content-type", "text/html"),), body=_HTML)
            run = _sync(subject, spot, instead(spot.number, _always(page), times=_FOREVER))
            is_one_of_many = status != 401 and _is_told(run, spot.run)
            if not isinstance(run.error, wanted) and not is_one_of_many:
                fail(f"Stream {run.stream!r}: {status} ends with {_said(run.error)}.")

    return _at_a_page(subject, look)


def _is_told(run: Run, whole: Run) -> bool:
    """Whether a sync that went on says what is missing: as a gap, as drift, or as a row aside."""
    return run.error is None and run.flags > whole.flags


def a_foreign_host_gets_no_credentials(subject: Subject) -> str | None:
    """A next link, or a redirect, to another host never carries what lets somebody in."""
    secrets = subject.known_secrets

    def look(spot: _Spot) -> None:
        sent = spot.run.said[0][0]
        to_them = f"{_FOREIGN}{urlsplit(sent.url).path}"
        away = SimResponse(status=302, headers=(("location", to_them),))
        for fault in (_foreign_links(sent.origin), instead(spot.number, _always(away))):
            run = _sync(subject, spot, fault)
            for stray in run.stage.requests:
                if stray.origin == _FOREIGN:
                    _require_bare(stray, secrets)
            require(
                run.error is None or isinstance(run.error, SourceError),
                f"A link to another host ends with {_said(run.error)}.",
            )

    return _at_a_page(subject, look)


def _foreign_links(origin: str) -> Fault:
    """Every link in every answer leads to another host; that host answers like the vendor."""

    def spoil(data: Any) -> Any:
        for leaf in [*leaves(data)] if isinstance(data, dict | list) else []:
            if isinstance(leaf.value, str) and leaf.value.startswith(origin):
                leaf.home[leaf.key] = leaf.value.replace(origin, _FOREIGN)
        return data

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        answer = edited(spoil)(vendor(sent))
        head = tuple((name, value.replace(origin, _FOREIGN)) for name, value in answer.headers)
        return evolve(answer, headers=head)

    return fault


def _require_bare(sent: Sent, secrets: list[str]) -> None:
    names = {name.lower() for name, _ in sent.headers}
    shown = json.dumps([sent.url, sent.headers, sent.body.decode("utf-8", "replace")])
    require(not names & set(_SECRET_HEADERS), "It sends its credentials to another host.")
    require(not leaks(shown, secrets), "It sends a secret to another host.")


CHECKS: tuple[Check, ...] = (
    it_waits_as_long_as_it_is_told,
    it_gives_up_when_the_wait_is_too_long,
    it_tries_again_after_a_failure,
    it_gives_up_in_the_end,
    a_spoiled_answer_is_never_complete,
    a_packed_answer_is_unpacked,
    a_refusal_is_told_as_what_it_is,
    a_foreign_host_gets_no_credentials,
)
