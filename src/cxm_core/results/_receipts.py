"""Where a number came from, and what a sync did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import metadata
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

from attrs import Factory, field, fields, frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Window

from ._plain import as_tuple, instant, pairs, plain

_R = TypeVar("_R", "Receipt", "SyncReceipt")
Completeness: TypeAlias = Literal["complete", "partial", "unknown"]
_VERDICTS: Mapping[bool | None, Completeness] = {
    True: "complete",
    False: "partial",
    None: "unknown",
}


@cache
def library_version() -> str:
    """Version of the installed distribution, or ``0+source`` when run from its sources."""
    try:
        return metadata.version("cxm")
    except metadata.PackageNotFoundError:
        return "0+source"


def _texts(items: Mapping[str, object] | Sequence[Sequence[object]]) -> tuple[tuple[str, str], ...]:
    rows = items.items() if isinstance(items, Mapping) else items
    return tuple((str(name), str(value)) for name, value in rows)


def _counts(items: Mapping[str, int] | Sequence[tuple[str, int]]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted((str(k), int(v)) for k, v in dict(items).items())))


def _known(cls: type, values: Mapping[str, Any], skip: tuple[str, ...] = ()) -> dict[str, Any]:
    names = {f.name for f in fields(cls)}
    for key in values:
        if key not in names and key not in skip:
            raise UsageError(
                f"A {cls.__name__} has no field {key!r}.", hint=did_you_mean(key, names)
            )
    return {key: value for key, value in values.items() if key in names}


def _read(cls: type[_R], read: Callable[[], _R]) -> _R:
    """What `read` gives; an error of ours where the values are no receipt."""
    try:
        return read()
    except UsageError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        pass
    # Raised outside, for Python's own error may hold a value.
    raise UsageError(f"The values are no {cls.__name__}.", hint="give what to_dict gave")


@frozen(kw_only=True)
class SourceStatus:
    """How complete a source was when a number was made from it.

    Parameters
    ----------
    source : str
        Instance of a connector, such as ``zendesk:acme``.
    stream : str or None
        One stream of it; None for all.
    is_complete : bool or None
        Whether its last sync delivered everything; None if nobody knows.
    ended_at : datetime or None
        End of its last sync.
    verdict : {"complete", "partial", "unknown"}
        The same as a word; it follows `is_complete` and need not be given.
    reason : str
        Why it is not known to be complete; one sentence, or empty.
    """

    source: str
    stream: str | None = None
    is_complete: bool | None = None
    ended_at: datetime | None = None
    verdict: Completeness = Factory(lambda made: _VERDICTS[made.is_complete], takes_self=True)
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _check_verdict(self, (_VERDICTS[self.is_complete],))


@frozen(kw_only=True)
class Receipt:
    """Why a number is what it is: definition, filters, denominators, method.

    Two numbers that differ can be explained by the fields in which their receipts differ.

    Parameters
    ----------
    definition : str or None
        Name of the metric's definition in the program, or of the engine.
    version : int or None
        Version of the definition.
    definition_hash : str or None
        Hash of the definition.
    engine : str
        Name of the engine that made the number.
    method : str
        Name of the interval's method.
    confidence_level : float in (0, 1)
        Nominal coverage.
    parameters : tuple of (str, str)
        What the engine was told, such as the scale and its top levels.
    filters : tuple of (str, str)
        What was selected, in order.
    window : Window or None
        Half-open window of time; None for everything.
    as_of : datetime or None
        State of knowledge that was asked for; None for the newest.
    measured_at : datetime or None
        When a store was read; None for data that was handed over. Two receipts that differ in
        nothing else are equal.
    design : tuple of str
        What the answers brought along beside their groups, such as ``weights`` or ``clusters``.
    steps : tuple of (str, int)
        Denominator after each filter, in order.
    exclusions : tuple of (str, int)
        How many were left out, by reason.
    counts_are_own : bool
        Whether `steps` and `exclusions` are about this number alone; False for a group of which
        only those of all groups together are known.
    sources : tuple of SourceStatus
        Sources that were read, with the completeness of their last sync.
    program_hash : str or None
        Hash of the program file.
    seed : int or None
        Seed of the random source, if one was used.
    counted : str
        What `n` counts, in the plural: ``answers``, ``tickets``, ``issues``, ``cases``.
    library_version : str
        Version of this library.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.nps([10, 9, None, 3]).receipt.steps
    (('rows', 4), ('answered', 3))
    """

    engine: str
    method: str
    confidence_level: float
    definition: str | None = None
    version: int | None = None
    definition_hash: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=(), converter=_texts)
    filters: tuple[tuple[str, str], ...] = field(default=(), converter=_texts)
    window: Window | None = None
    as_of: datetime | None = None
    measured_at: datetime | None = field(default=None, eq=False)
    design: tuple[str, ...] = field(default=(), converter=as_tuple)
    steps: tuple[tuple[str, int], ...] = field(default=(), converter=pairs)
    exclusions: tuple[tuple[str, int], ...] = field(default=(), converter=pairs)
    sources: tuple[SourceStatus, ...] = field(default=(), converter=as_tuple)
    program_hash: str | None = None
    seed: int | None = None
    counts_are_own: bool = True
    counted: str = "answers"
    library_version: str = field(factory=library_version)

    def to_dict(self) -> dict[str, Any]:
        """Plain mapping; named counts become lists of pairs, in order."""
        values: dict[str, Any] = plain(self)
        if self.window is not None:
            values["window"] = {
                "label": self.window.label,
                "start": self.window.start.isoformat(),
                "end": self.window.end.isoformat(),
                **({"dates": self.window.dates} if self.window.dates else {}),
            }
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Receipt:
        """Receipt that `to_dict` wrote.

        Parameters
        ----------
        values : mapping
            What `to_dict` gave.

        Returns
        -------
        Receipt
            Equal to the one that was written.

        Raises
        ------
        UsageError
            A field is unknown, or the values are no receipt.

        Examples
        --------
        >>> receipt = Receipt(engine="nps", method="score", confidence_level=0.95)
        >>> Receipt.from_dict(receipt.to_dict()) == receipt
        True
        """
        return _read(cls, lambda: cls._of(values))

    @classmethod
    def _of(cls, values: Mapping[str, Any]) -> Receipt:
        known = _known(cls, values)
        for name in ("as_of", "measured_at"):
            known[name] = instant(known.get(name))
        known["window"] = _window(known.get("window"))
        known["sources"] = tuple(_status(item) for item in known.get("sources", ()))
        return cls(**known)


def _window(values: Mapping[str, str] | None) -> Window | None:
    if values is None:
        return None
    start, end = (datetime.fromisoformat(values[key]) for key in ("start", "end"))
    return Window(start=start, end=end, label=values["label"], dates=values.get("dates", ""))


def _status(values: Mapping[str, Any]) -> SourceStatus:
    known = _known(SourceStatus, values)
    return SourceStatus(**{**known, "ended_at": instant(known.get("ended_at"))})


@frozen(kw_only=True)
class SyncReceipt:
    """What one sync of one stream did, record by record.

    Parameters
    ----------
    source : str
        Instance of a connector, such as ``zendesk:acme``.
    stream : str
        Stream of it.
    started_at, ended_at : datetime
        Aware, UTC.
    served : int
        Records that the source delivered.
    applied, duplicate, stale, quarantined, suppressed : int
        What became of them; together they are `served`.
    new, changed : int or None
        How many of the applied ones nobody knew before, and how many are a newer version of one
        that was known. None in a receipt of a library that did not count them.
    deleted : int
        How many of the applied ones took something away; with `new` and `changed` they are all.
    repeated : int or None
        How many of the duplicates this sync itself served before; the others had not changed
        since an earlier one.
    reasons : mapping of str to int
        Quarantined records by reason code.
    drift : mapping of str to int
        Unknown fields and words, and how often they stood there.
    is_complete : bool
        False where something that was asked for is known to be missing.
    note : str
        One sentence for a person.
    unchanged : tuple of str
        Inputs that were the same as last time and were not read again.
    since, until : datetime or None
        Window that was asked for, half-open; None for from where the last sync had ended, and for
        no end.
    limit : int or None
        How many records were asked for at most.
    pages : int
        Pages of the source that were read.
    total : int or None
        How many rows there are by the source's own count, where it gives one.
    newest : datetime or None
        Newest stamp of a change that was served, by the source's clock.
    gaps : tuple of str
        What is known to be missing, a sentence each.
    verdict : {"complete", "partial", "unknown"}
        Whether everything that was asked for came: ``unknown`` where the source gives no sign of
        it. It follows `is_complete` where it is not given.
    reason : str
        Why it is not known to be complete; one sentence, or empty.

    Raises
    ------
    UsageError
        `verdict` and `is_complete` contradict each other.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 21, tzinfo=UTC)
    >>> receipt = SyncReceipt(
    ...     source="files:a", stream="rows", started_at=at, ended_at=at,
    ...     served=3, applied=2, quarantined=1, reasons={"out_of_scale": 1},
    ... )
    >>> receipt.balances
    True
    """

    source: str
    stream: str
    started_at: datetime
    ended_at: datetime
    served: int = 0
    applied: int = 0
    duplicate: int = 0
    stale: int = 0
    quarantined: int = 0
    suppressed: int = 0
    deleted: int = 0
    reasons: Mapping[str, int] = field(factory=dict, converter=_counts, hash=False)
    drift: Mapping[str, int] = field(factory=dict, converter=_counts, hash=False)
    is_complete: bool = True
    note: str = ""
    unchanged: tuple[str, ...] = field(default=(), converter=as_tuple)
    new: int | None = None
    changed: int | None = None
    repeated: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    pages: int = 0
    total: int | None = None
    newest: datetime | None = None
    gaps: tuple[str, ...] = field(default=(), converter=as_tuple)
    verdict: Completeness = Factory(lambda made: _VERDICTS[made.is_complete], takes_self=True)
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _check_verdict(self, ("complete", "unknown") if self.is_complete else ("partial",))

    @property
    def balances(self) -> bool:
        """Whether every record that was served is accounted for exactly once."""
        kept = self.applied + self.duplicate + self.stale
        parts_fit = (self.repeated or 0) <= self.duplicate
        if self.new is not None and self.changed is not None:
            parts_fit &= self.applied == self.new + self.changed + self.deleted
        return parts_fit and self.served == kept + self.quarantined + self.suppressed

    def to_dict(self) -> dict[str, Any]:
        """Plain mapping with stable keys; instants as ISO texts."""
        values: dict[str, Any] = plain(self)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SyncReceipt:
        """Receipt that `to_dict` wrote.

        Parameters
        ----------
        values : mapping
            What `to_dict` gave.

        Returns
        -------
        SyncReceipt
            Equal to the one that was written.

        Raises
        ------
        UsageError
            A field is unknown, or the values are no receipt.

        Examples
        --------
        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 11, 21, tzinfo=UTC)
        >>> receipt = SyncReceipt(source="files:a", stream="rows", started_at=at, ended_at=at)
        >>> SyncReceipt.from_dict(receipt.to_dict()) == receipt
        True
        """
        return _read(cls, lambda: cls._of(values))

    @classmethod
    def _of(cls, values: Mapping[str, Any]) -> SyncReceipt:
        known = _known(cls, values)
        known |= {name: instant(known[name]) for name in ("started_at", "ended_at")}
        known |= {name: instant(known.get(name)) for name in ("since", "until", "newest")}
        _check_counts(known)
        return cls(**known)

    def __str__(self) -> str:
        counts = ", ".join(self._outcomes())
        head = f"{self.source} {self.stream}: served {self.served:,} ({counts})"
        # The note of a stream that failed is the reason.
        told = [self.note] if self.reason in self.note else [self.reason, self.note]
        return " ".join([f"{head}, {_DONE[self.verdict]}.", *filter(None, told)])

    def _outcomes(self) -> Iterator[str]:
        for name in _OUTCOMES:
            told = f"{name} {getattr(self, name):,}"
            yield told + self._parts() if name == "applied" else told

    def _parts(self) -> str:
        """The applied ones by what is new of them, where that is more than one thing."""
        parts = {name: getattr(self, name) for name in ("new", "changed", "deleted")}
        if None in parts.values() or self.applied in (0, self.new):
            return ""
        return ": " + " + ".join(f"{count:,} {name}" for name, count in parts.items() if count)

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in fields(type(self))}
        values |= {"reasons": dict(self.reasons), "drift": dict(self.drift)}
        return (_rebuild_sync_receipt, (values,))


def _check_counts(known: Mapping[str, Any]) -> None:
    for name in ("served", "deleted", "pages", *_OUTCOMES, *_MAY_LACK):
        count = known.get(name, 0)
        is_lacking = count is None and name in _MAY_LACK
        if not is_lacking and (type(count) is not int or count < 0):
            raise UsageError(f"{name} of a SyncReceipt is no count.")


def _check_verdict(made: SourceStatus | SyncReceipt, allowed: Sequence[Completeness]) -> None:
    if made.verdict not in allowed:
        raise UsageError(
            f"A {type(made).__name__} whose is_complete is {made.is_complete} "
            f"cannot be {made.verdict!r}."
        )


_OUTCOMES = ("applied", "duplicate", "stale", "quarantined", "suppressed")
_MAY_LACK = ("new", "changed", "repeated", "limit", "total")
_DONE: Mapping[Completeness, str] = {
    "complete": "complete",
    "partial": "partial",
    "unknown": "completeness not known",
}


def _rebuild_sync_receipt(values: dict[str, Any]) -> SyncReceipt:
    return SyncReceipt(**values)
