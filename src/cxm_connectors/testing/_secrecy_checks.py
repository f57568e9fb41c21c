"""Checks of secrecy: neither a secret nor a customer's words reach a log, an error or a state."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cxm_connectors.simulation import SimResponse

from ._laws import Check, every_stream, require
from ._pages import data_of, instead, leaves, page_numbers, rows_in
from ._scrubbing import leaks
from ._stage import Fault, Sent, Vendor
from ._subject import Run, Subject, no_sockets

_PARROT_HEAD = (("content-type", "application/json"),)
_FOREVER = 10_000
_FEWEST_WORDS = 3
_SHORTEST_NAME = 6


def no_secret_is_shown(subject: Subject) -> str | None:
    """Secrets stand in no log, repr, error, state or record, even if the vendor repeats them."""

    def look(run: Run) -> str | None:
        return _look(subject, run, lambda _: subject.known_secrets, "a secret")

    return every_stream(subject, look)


def no_word_of_a_customer_is_shown(subject: Subject) -> str | None:
    """Mail addresses, names and sentences of rows stand in no log, repr, error or state."""

    def look(run: Run) -> str | None:
        return _look(subject, run, lambda one: [*_personal(one)], "a customer's words")

    return every_stream(subject, look)


def _personal(run: Run) -> Iterator[str]:
    """Texts of the rows that are somebody's: with an @, or a sentence."""
    for _, answer in run.said:
        for row in rows_in(data_of(answer)):
            for leaf in leaves(row):
                if isinstance(leaf.value, str) and _is_personal(leaf.value):
                    yield leaf.value


def _is_personal(text: str) -> bool:
    is_long = len(text) >= _SHORTEST_NAME and "://" not in text
    return is_long and ("@" in text or len(text.split()) >= _FEWEST_WORDS)


def _look(subject: Subject, run: Run, hidden: Callable[[Run], list[str]], what: str) -> str | None:
    numbers = [run.said[n][0].number for n in page_numbers(run.said)]
    words = sorted(set(hidden(run)))
    if not numbers or not words:
        return "no stream gets rows with such words by a request"
    for where, fault in _faults(numbers[min(1, len(numbers) - 1)]):
        for place, text in _shown(subject, run.stream, fault):
            found = leaks(text, words)
            require(not found, f"{len(found)} times {what} in {place}, {where}.")
    return None


def _faults(number: int) -> Iterator[tuple[str, Fault | None]]:
    yield "with no fault", None
    for status in (400, 401, 403, 429, 500):
        yield f"after {status} that repeats the request", _parrot(number, status)
    half = SimResponse(headers=_PARROT_HEAD, body=b'{"data": [{"email": "')
    yield "after half an answer", instead(number, lambda: half, times=_FOREVER)


def _parrot(number: int, status: int) -> Fault:
    """A vendor that repeats the request's credentials, and a row, in its error."""

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        if sent.number < number:
            return vendor(sent)
        told = {"error": [sent.url, sent.headers], "row": data_of(vendor(sent))}
        return SimResponse(status=status, headers=_PARROT_HEAD, body=json.dumps(told).encode())

    return fault


def _shown(subject: Subject, stream: str, fault: Fault | None) -> Iterator[tuple[str, str]]:
    """Everything that a run shows, with its place."""
    stage = subject.stage(fault=fault)
    with _logged() as lines, no_sockets():
        run = subject.run(stage, stream)
        yield "its repr", repr(subject.connector(stage))
    yield "its log", "\n".join(lines)
    yield "the repr of its items", repr(run.items)
    yield "its states", repr([one.state for one in run.checkpoints])
    yield "its notes", repr([(one.note, one.gaps, one.drift) for one in run.checkpoints])
    if run.error is not None:
        yield "its error", "".join(traceback.format_exception(run.error))
        yield "the context of its error", repr(getattr(run.error, "context", None))


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect all that is logged, from DEBUG on."""
    lines: list[str] = []

    class Listener(logging.Handler):
        """Keeps messages with their arguments."""

        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.args!r} {record.exc_text or ''}")

    root, listener = logging.getLogger(), Listener(level=logging.DEBUG)
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(before)
        root.removeHandler(listener)


CHECKS: tuple[Check, ...] = (no_secret_is_shown, no_word_of_a_customer_is_shown)
