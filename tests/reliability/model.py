"""What a store must hold after any history, in plain dictionaries and the words of the rule table.

What comes in is compared with what stands: the version that is there, or the deletion that took it
away.

| what comes in | what becomes of it |
|---|---|
| a record of which nothing is known | applied |
| the content that stands | duplicate |
| a version without a stamp, where what stands has none either | applied: the last word counts |
| a version with a later stamp | applied, also over a deletion (undelete) |
| a version with an earlier stamp | stale |
| one stamp, other content: a deletion against a version | the deletion stands |
| one stamp, other content: two versions | the greater fingerprint stands |

A version without a stamp counts as made when we learnt of it, and nothing is learnt of before what
it takes the place of, even if the clock falls back.
In a batch the newest version of each record is compared; of the others, copies and what stands
are duplicates, the rest is stale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime

from attrs import define, field, frozen

from cxm_core.records import Deletion, Note, Record, content_hash

OCCURRED = datetime(2026, 10, 1, tzinfo=UTC)
Key = tuple[str, str]


@frozen
class Event:
    """What a source says of one note: its text, or (without a text) that it is gone."""

    native_id: str
    text: str | None
    stamp: datetime | None

    @property
    def record(self) -> Record:
        """The event as a connector serves it."""
        if self.text is None:
            return Deletion(kind="note", native_id=self.native_id, recorded_at=self.stamp)
        return Note(
            native_id=self.native_id,
            occurred_at=OCCURRED,
            text=self.text,
            recorded_at=self.stamp,
        )

    @property
    def content(self) -> str:
        """Fingerprint of what it says."""
        return content_hash(self.record)


@define
class Life:
    """One version of a note that once stood, and from when until when we knew it."""

    event: Event
    known_at: datetime
    until: datetime | None = None

    @property
    def made_at(self) -> datetime:
        """When the version was made, as far as anyone knows."""
        return self.event.stamp or self.known_at

    @property
    def is_stamped(self) -> bool:
        """Whether the source said when."""
        return self.made_at != self.known_at


@define
class Aside:
    """A bad row: the id that stands in it, how often it was served, and whose note it should be."""

    row_id: str | None
    native_id: str | None
    seen: int = 0


@define
class Model:
    """All that a store must hold."""

    lives: dict[Key, list[Life]] = field(factory=dict)
    aside: dict[Key, Aside] = field(factory=dict)

    def copied(self) -> Model:
        """Another model that goes its own way from here."""
        return deepcopy(self)

    def take(self, source: str, batch: Sequence[Event], *, now: datetime) -> Counter[str]:
        """Serve a batch; what becomes of it."""
        counts = Counter[str]()
        for native_id in dict.fromkeys(event.native_id for event in batch):
            own = [event for event in batch if event.native_id == native_id]
            counts += self._take_record((source, native_id), own, now)
        return counts

    def _take_record(self, key: Key, batch: list[Event], now: datetime) -> Counter[str]:
        lives = self.lives.setdefault(key, [])
        standing = lives[-1] if lives else None
        newest = batch[0]
        for event in batch[1:]:
            newest = event if _is_newer(event, newest, now) else newest
        counts = self._others(batch, newest, standing)
        outcome = _verdict(newest, standing, now)
        counts[outcome] += 1
        if outcome == "applied":
            counts["deleted"] += newest.text is None
            self._put(key, newest, now)
        return counts

    def _others(self, batch: list[Event], newest: Event, standing: Life | None) -> Counter[str]:
        contents = [event.content for event in batch]
        contents.remove(newest.content)
        counts, met = Counter[str](), {newest.content}
        if standing is not None:
            met.add(standing.event.content)
        for content in contents:
            counts["duplicate" if content in met else "stale"] += 1
            met.add(content)
        return counts

    def _put(self, key: Key, event: Event, now: datetime) -> None:
        lives = self.lives[key]
        if lives:
            now = max(now, lives[-1].known_at)
            lives[-1].until = now
        lives.append(Life(event, now))
        for name, aside in list(self.aside.items()):
            if (name[0], aside.native_id) == key:
                del self.aside[name]

    def put_aside(self, source: str, words: str, row_id: str | None) -> None:
        """Serve a bad row."""
        self.aside.setdefault((source, words), Aside(row_id, row_id)).seen += 1

    def replay(self, source: str, stamp: datetime, *, now: datetime) -> Counter[str]:
        """Read the bad rows of a source again that have an id; the others stay."""
        names = [name for name in self.aside if name[0] == source]
        found = {name: self.aside[name].row_id for name in names}
        events = [Event(row_id, "mended", stamp) for row_id in found.values() if row_id]
        counts = self.take(source, events, now=now)
        counts["quarantined"] = len(names) - len(events)
        self.aside = {n: one for n, one in self.aside.items() if not found.get(n)}
        return counts

    def rename(self, old: str, new: str) -> None:
        """Give a source another name; whose note a bad row was, only the next sync tells."""
        self.lives = {(new if k[0] == old else k[0], k[1]): v for k, v in self.lives.items()}
        for name, aside in list(self.aside.items()):
            if name[0] == old:
                del self.aside[name]
                self.aside[new, name[1]] = Aside(aside.row_id, None, aside.seen)

    def notes(self, at: datetime | None = None) -> set[tuple[str, str, str]]:
        """Source, id and text of the notes that stand, or that were known to stand then."""
        return {
            (source, native_id, life.event.text)
            for (source, native_id), lives in self.lives.items()
            for life in self._standing(lives, at)
            if life.event.text is not None
        }

    def _standing(self, lives: list[Life], at: datetime | None) -> Iterator[Life]:
        if at is None:
            yield from lives[-1:]
            return
        yield from (
            one for one in lives if one.known_at <= at and (not one.until or one.until > at)
        )

    def moments(self) -> list[datetime]:
        """Moments at which something changed."""
        return sorted({life.known_at for lives in self.lives.values() for life in lives})


def _is_newer(event: Event, other: Event, now: datetime) -> bool:
    """Whether an event that came after the other in one batch is the newer one."""
    if (event.stamp or now) != (other.stamp or now):
        return (event.stamp or now) > (other.stamp or now)
    if event.stamp is None or other.stamp is None:
        return event.stamp is None
    return _wins_tie(event, other)


def _wins_tie(event: Event, other: Event) -> bool:
    return (event.text is None, event.content) > (other.text is None, other.content)


def _verdict(event: Event, standing: Life | None, now: datetime) -> str:
    if standing is None:
        return "applied"
    if event.content == standing.event.content:
        return "duplicate"
    if event.stamp is None and not standing.is_stamped:
        return "applied"
    made_at = event.stamp or now
    if made_at != standing.made_at:
        return "applied" if made_at > standing.made_at else "stale"
    wins = event.stamp is None or _wins_tie(event, standing.event)
    return "applied" if wins else "stale"
