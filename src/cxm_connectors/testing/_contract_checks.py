"""Checks of the contract: what a connector says of itself, and what it serves."""

from __future__ import annotations

import re
from collections.abc import Callable

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import ConfigurationError, CxmError, FatalError, SourceError
from cxm_core.plugins import API_VERSION, Checkpoint, CheckReport, ReadRequest
from cxm_core.records import Record, Table, from_row, record_class, to_row

from ._laws import Check, fail, require, require_no_error
from ._stage import Fault, Sent, Vendor
from ._subject import Run, Subject, no_sockets, told

# A check may look at each stream and at its account, and once more after a token was renewed.
_CALLS_A_STREAM = 3


def it_says_what_it_is(subject: Subject) -> str | None:
    """Its name, version, contract and streams are told, and an unknown setting is refused."""
    info = subject.cls.info
    require(re.fullmatch(r"[a-z][a-z0-9_]*", info.name), "Its name is not lower-case letters.")
    require(info.version, "It has no version.")
    require(info.api_version <= API_VERSION, "It was written for a later contract.")
    names = subject.streams()
    require(names and len(set(names)) == len(names), "Its streams are none, or one is twice.")
    for stream in subject.connector(subject.stage()).streams():
        for kind in stream.kinds:
            record_class(kind)
    try:
        subject.connector(subject.stage(), cxm_kit_unknown_setting=1)
    except ConfigurationError:
        return None
    fail("A setting that it does not know is taken in silence: forbid extra fields.")


def it_is_built_without_a_call(subject: Subject) -> str | None:
    """Building it and listing its streams reach for no network."""
    stage = subject.stage()
    with no_sockets():
        repr(subject.connector(stage).streams())
    require(not stage.requests, f"It sent {len(stage.requests)} requests before it was asked to.")
    return None


def its_check_is_cheap(subject: Subject) -> str | None:
    """`check()` gives a report after a few calls, and finds no problem where there is none."""
    stage = subject.stage()
    connector = subject.connector(stage)
    with no_sockets():
        report = connector.check()
    most = _CALLS_A_STREAM * (len(subject.streams()) + 1)
    require(isinstance(report, CheckReport), "check() gives no CheckReport.")
    require(
        not report.problems, f"check() finds {len(report.problems)} problems: {report.problems}"
    )
    require(len(stage.requests) <= most, f"check() sent {len(stage.requests)} requests.")
    return None


def a_refusal_is_told_before_it_hurts(subject: Subject) -> str | None:
    """Refused credentials, or a stream that is not permitted, are told by `check` or `probe`."""
    stage = subject.stage(fault=_always(401))
    connector = subject.connector(stage)
    told_by_check = _told_by(lambda: connector.check().problems)
    require(
        told_by_check or not stage.requests,
        "check() finds nothing wrong though 401 is all it hears.",
    )
    probe = getattr(connector, "probe", None)
    if probe is None:
        return None if stage.requests else "it asks nothing before it reads"
    refused = getattr(subject.connector(subject.stage(fault=_always(403))), "probe", probe)
    require(_told_by(refused), "probe() finds nothing wrong though 403 is all it hears.")
    return None


def _always(status: int) -> Fault:
    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        del sent, vendor
        head = (("content-type", "application/json"),)
        return SimResponse(status=status, headers=head, body=b"{}")

    return fault


def _told_by(look: Callable[[], object]) -> bool:
    """Whether a look finds problems, as a report or as an error of the source."""
    try:
        with no_sockets():
            return bool(look())
    except SourceError:
        return True


def every_stream_is_readable(subject: Subject) -> str | None:
    """Each stream is read to its end, and a checkpoint covers all of it."""
    runs = [subject.whole(name) for name in subject.streams()]
    require(
        any(run.items for run in runs),
        "No stream serves anything: record a vendor that holds something.",
    )
    for run in runs:
        behind = run.items[len(run.covered) :]
        require(
            not behind or isinstance(behind[0], Checkpoint),
            f"Stream {run.stream!r} ends with {len(behind)} items that no checkpoint covers.",
        )
    return None


def every_record_is_valid(subject: Subject) -> str | None:
    """Each record is of a declared kind, leaves the source empty, and comes back from its row."""
    for stream in subject.connector(subject.stage()).streams():
        for item in subject.whole(stream.name).items:
            if isinstance(item, Record):
                _look_at(item, stream.kinds)
    return None


def _look_at(record: Record, kinds: tuple[str, ...]) -> None:
    kind = record.record_kind
    if kind == "deletion":
        return
    require(kind in kinds, f"A {kind} is served, but the stream declares {kinds}.")
    require(record.source is None, "A record fills in its source, which the sync does.")
    row = to_row(record)
    require(from_row(kind, row) == record, f"A {kind} does not come back from its row.")
    again = type(record).model_validate_json(record.model_dump_json())
    require(again == record, f"A {kind} does not come back from JSON.")


def its_state_is_versioned_json(subject: Subject) -> str | None:
    """The state of a checkpoint is plain JSON and says which version of the connector wrote it."""
    for name in subject.streams():
        run = subject.whole(name)
        if any(isinstance(item, Table) for item in run.items):
            continue
        for one in run.checkpoints:
            require(
                isinstance(one.state.get("version"), int),
                f"A state of stream {name!r} has no whole number as its `version`.",
            )
    return None


def a_newer_state_is_refused(subject: Subject) -> str | None:
    """A state that a later version wrote ends the sync with an error, not with a fresh start."""
    seen = 0
    for name in subject.streams():
        state = subject.whole(name).state
        if not isinstance((state or {}).get("version"), int):
            continue
        seen += 1
        run = subject.run(subject.stage(), name, {**(state or {}), "version": 10_000})
        require(
            isinstance(run.error, CxmError),
            f"Stream {name!r} takes a state of version 10,000 as if it were its own.",
        )
    return None if seen else "its states have no version"


def older_states_are_taken_over(subject: Subject) -> str | None:
    """A state of an earlier version is migrated: the sync goes on from it, not from the start."""
    if not subject.expect.old_states:
        return "no `old_states` were given"
    for name, states in subject.expect.old_states.items():
        fresh = subject.whole(name)
        for number, state in enumerate(states, 1):
            run = subject.run(subject.stage(), name, state)
            require_no_error(run, f"old state {number}")
            require(
                _first(run) != _first(fresh),
                f"Stream {name!r} starts over from old state {number}.",
            )
    return None


def _first(run: Run) -> object:
    """Everything that the first request for rows says."""
    return run.said[0][0].identity if run.said else None


def it_goes_where_it_is_told(subject: Subject) -> str | None:
    """`base_url` is a setting, and every request goes there: vendors have hosts for regions."""
    if not any(subject.whole(name).said for name in subject.streams()):
        return "it sends no request"
    known = subject.cls.info.config.model_fields
    require("base_url" in known, "Its configuration has no `base_url`.")
    elsewhere = "https://eu.cxm-kit.example"
    for name in subject.streams():
        stage = subject.stage()
        with no_sockets():
            connector = subject.connector(stage, base_url=elsewhere)
            run = Run(stream=name, stage=stage)
            run.take(connector, None)
        strays = {sent.origin for sent in stage.requests} - {elsewhere}
        require(not strays, f"Stream {name!r} asks {sorted(strays)} though told another host.")
    return None


def a_window_and_a_limit_are_taken(subject: Subject) -> str | None:
    """`since`, `until` and `limit` are obeyed or exceeded, never refused by a fault."""
    for name in subject.streams():
        whole = subject.whole(name)
        run = subject.run(subject.stage(), name, request=ReadRequest(limit=1))
        require_no_error(run, "limit=1")
        require(len(run.served) <= len(whole.served), f"Stream {name!r}: a limit brings more.")
        require(
            bool(run.served) == bool(whole.served), f"Stream {name!r} serves nothing with limit=1."
        )
    return None


def a_stream_that_is_none_is_refused(subject: Subject) -> str | None:
    """A stream that does not exist ends with an error of `cxm_core.errors`, not with a fault."""
    run = subject.run(subject.stage(), "cxm_kit_no_such_stream")
    require(run.error is not None, "A stream that does not exist is read without an error.")
    require(isinstance(run.error, CxmError), f"It ends with {told(run.error or FatalError(''))}.")
    return None


CHECKS: tuple[Check, ...] = (
    it_says_what_it_is,
    it_is_built_without_a_call,
    its_check_is_cheap,
    a_refusal_is_told_before_it_hurts,
    every_stream_is_readable,
    every_record_is_valid,
    its_state_is_versioned_json,
    a_newer_state_is_refused,
    older_states_are_taken_over,
    it_goes_where_it_is_told,
    a_window_and_a_limit_are_taken,
    a_stream_that_is_none_is_refused,
)
