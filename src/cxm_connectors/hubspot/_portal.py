"""What a simulated HubSpot account holds, and what its search index knows of it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from attrs import evolve, field, frozen

from ._payloads import SINGULAR, STAMPS

_HISTORIC = frozenset({"hs_pipeline_stage", "hubspot_owner_id"})


def stamp(at: datetime) -> str:
    """ISO text with milliseconds, as the vendor writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@frozen(kw_only=True)
class Held:
    """One object of the account, as it stands at one moment."""

    id: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    properties: Mapping[str, str] = field(factory=dict, repr=False)

    def valued(self, kind: str) -> dict[str, str]:
        """Properties and the stamps among them."""
        created, changed = STAMPS[kind]
        return {
            **self.properties,
            "hs_object_id": str(self.id),
            created: stamp(self.created_at),
            changed: stamp(self.updated_at),
        }


@frozen(kw_only=True)
class Link:
    """An association, seen from its first object."""

    to: int
    type_id: int
    label: str | None = None


class Shelf:
    """All objects of one kind, and the older picture of them that search works on."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.indexed: dict[int, Held] = {}
        self.ids: list[int] = []
        self.generation = 0
        self._waiting: list[tuple[datetime, int, int, Held | None]] = []
        self._edits = 0

    def put(self, one: Held, *, seen_at: datetime) -> None:
        """Keep an object as it is from now on; search sees it only at `seen_at`."""
        if one.id not in self.held:
            insort(self.ids, one.id)
        self.held[one.id] = one
        self._wait(one.id, one if one.archived_at is None else None, seen_at)

    def drop(self, id: int, *, seen_at: datetime) -> None:  # noqa: A002  (the vendor's word)
        """Let an object vanish without a trace."""
        del self.held[id]
        self.ids.remove(id)
        self._wait(id, None, seen_at)

    def catch_up(self, now: datetime) -> None:
        """Let the index learn what is due."""
        while self._waiting and self._waiting[0][0] <= now:
            _, _, number, one = heappop(self._waiting)
            self.generation += 1
            if one is None:
                self.indexed.pop(number, None)
            else:
                self.indexed[number] = one

    def _wait(self, number: int, one: Held | None, seen_at: datetime) -> None:
        self._edits += 1
        heappush(self._waiting, (seen_at, self._edits, number, one))


class Portal:
    """A simulated account: objects, associations and owners, which people edit at any time.

    Parameters
    ----------
    clock : callable
        Gives the present instant.
    rng : random.Random
        Draws ids: new ones are not larger than old ones.
    lag : timedelta
        How long search does not see an edit.
    """

    def __init__(
        self, clock: Callable[[], datetime], *, rng: Random, lag: timedelta = timedelta()
    ) -> None:
        self.clock = clock
        self.shelves = {kind: Shelf() for kind in STAMPS}
        self.links: dict[tuple[str, int, str], list[Link]] = {}
        self.owners: dict[int, dict[str, object]] = {}
        self.news: list[dict[str, object]] = []
        self.history: dict[tuple[str, int, str], list[tuple[datetime, str]]] = {}
        self._rng, self._lag = rng, lag

    def add(
        self,
        kind: str,
        properties: Mapping[str, str],
        *,
        number: int | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
    ) -> str:
        """Make an object and give its id; one with a stamp of old is in the index already."""
        now = self.clock()
        one = Held(
            id=self._free(kind) if number is None else number,
            created_at=created_at or now,
            updated_at=updated_at or created_at or now,
            properties=dict(properties),
        )
        self.shelves[kind].put(one, seen_at=one.updated_at + self._lag)
        for name, value in one.properties.items():
            self.remember((kind, one.id, name), value, one.created_at)
        self._tell(kind, "creation", one.id)
        return str(one.id)

    def change(self, kind: str, number: str, properties: Mapping[str, str | None]) -> None:
        """Set properties; None takes one away."""
        shelf, now = self.shelves[kind], self.clock()
        before = shelf.held[int(number)]
        values = {**before.properties, **properties}
        kept = {name: value for name, value in values.items() if value is not None}
        shelf.put(evolve(before, properties=kept, updated_at=now), seen_at=now + self._lag)
        for name, value in properties.items():
            self.remember((kind, int(number), name), value or "", now)
            self._tell(kind, "propertyChange", int(number), propertyName=name, propertyValue=value)

    def remember(self, key: tuple[str, int, str], value: str, at: datetime) -> None:
        """Note a value of a property (kind, id, name) whose former values can be asked for."""
        if key[2] in _HISTORIC:
            values = self.history.setdefault(key, [])
            if not values or values[-1][1] != value:
                values.append((at, value))

    def archive(self, kind: str, number: str, *, at: datetime | None = None) -> None:
        """Delete: it moves to the archive, and its stamp of change stays (airbyte issue 19838)."""
        shelf, now = self.shelves[kind], at or self.clock()
        gone = evolve(shelf.held[int(number)], archived_at=now)
        shelf.put(gone, seen_at=now + self._lag)
        self._tell(kind, "deletion", gone.id)

    def restore(self, kind: str, number: str) -> None:
        """Bring an object back from the archive."""
        shelf, now = self.shelves[kind], self.clock()
        back = evolve(shelf.held[int(number)], archived_at=None, updated_at=now)
        shelf.put(back, seen_at=now + self._lag)
        self._tell(kind, "restore", back.id)

    def forget(self, kind: str, number: str) -> None:
        """Delete for privacy: nothing is left of it, not even in the archive."""
        self.shelves[kind].drop(int(number), seen_at=self.clock())
        self._tell(kind, "privacyDeletion", int(number))

    def merge(self, kind: str, winner: str, loser: str, *, at: datetime | None = None) -> None:
        """Let one object go on in another's place; the other vanishes (tap-hubspot issue 49)."""
        shelf, now = self.shelves[kind], at or self.clock()
        best, lost = shelf.held[int(winner)], shelf.held[int(loser)]
        known = (one.properties.get("hs_merged_object_ids") for one in (best, lost))
        merged = ";".join(filter(None, (*known, loser)))
        shelf.drop(lost.id, seen_at=now + self._lag)
        values = {**lost.properties, **best.properties, "hs_merged_object_ids": merged}
        shelf.put(evolve(best, properties=values, updated_at=now), seen_at=now + self._lag)
        self._move_links(kind, lost.id, best.id)
        self._tell(
            kind,
            "merge",
            best.id,
            primaryObjectId=best.id,
            mergedObjectIds=[lost.id],
            newObjectId=best.id,
        )

    def associate(
        self, of: tuple[str, str], to: tuple[str, str], *, type_id: int, label: str | None = None
    ) -> None:
        """Link two objects, both ways; no stamp of change moves."""
        for (kind, number), (other, target) in ((of, to), (to, of)):
            links = self.links.setdefault((kind, int(number), other), [])
            if all(link.to != int(target) for link in links):
                links.append(Link(to=int(target), type_id=type_id, label=label))
        self._tell_link(of, to, is_removed=False)

    def dissociate(self, of: tuple[str, str], to: tuple[str, str]) -> None:
        """Take a link away, both ways; no stamp of change moves."""
        for (kind, number), (other, target) in ((of, to), (to, of)):
            links = self.links.get((kind, int(number), other), [])
            links[:] = [link for link in links if link.to != int(target)]
        self._tell_link(of, to, is_removed=True)

    def linked(self, kind: str, number: int, other: str) -> list[Link]:
        """Associations of one object with those of another kind that are not in the archive."""
        held = self.shelves[other].held
        return [
            link
            for link in self.links.get((kind, number, other), ())
            if link.to in held and held[link.to].archived_at is None
        ]

    def _move_links(self, kind: str, old: int, new: int) -> None:
        for of, number, other in [key for key in self.links if key[:2] == (kind, old)]:
            for link in self.links.pop((of, number, other)):
                self.dissociate((kind, str(old)), (other, str(link.to)))
                self.associate(
                    (kind, str(new)), (other, str(link.to)), type_id=link.type_id, label=link.label
                )

    def _free(self, kind: str) -> int:
        drawn = (self._rng.randrange(10**9, 10**11) for _ in iter(int, 1))
        return next(number for number in drawn if number not in self.shelves[kind].held)

    def _tell(self, kind: str, what: str, number: int, **facts: object) -> None:
        self.news.append({"kind": kind, "what": what, "objectId": number, **facts})

    def _tell_link(self, of: tuple[str, str], to: tuple[str, str], *, is_removed: bool) -> None:
        self.news.append(
            {
                "kind": of[0],
                "what": "associationChange",
                "fromObjectId": int(of[1]),
                "toObjectId": int(to[1]),
                "associationType": f"{SINGULAR[of[0]]}_TO_{SINGULAR[to[0]]}".upper(),
                "associationRemoved": is_removed,
            }
        )

    def present(self, kind: str) -> Iterator[Held]:
        """All that is there and not in the archive, by id."""
        shelf = self.shelves[kind]
        return (shelf.held[i] for i in shelf.ids if shelf.held[i].archived_at is None)
