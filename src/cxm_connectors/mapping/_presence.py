"""What a source serves as a whole: what is not among it any more is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from cxm_core.records import Deletion, Record

__all__ = ["Ids", "Presence"]

Ids: TypeAlias = tuple[tuple[str, str], ...]
_MOST = 200_000


class Presence:
    """Records that one whole pass over a source has served.

    They are remembered by kind and native id in the state of the stream, so there is a limit.

    Parameters
    ----------
    most : int
        Records that are remembered at most.

    Examples
    --------
    >>> from cxm_core.records import Customer
    >>> now = Presence()
    >>> now.add([Customer(native_id="1")])
    >>> [one.native_id for one in now.gone((("customer", "1"), ("customer", "2")))]
    ['2']
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._ids: dict[tuple[str, str], None] = {}
        self.is_too_much = False

    def add(self, records: Iterable[object]) -> None:
        """Note what was served; what is no record is passed over.

        Parameters
        ----------
        records : iterable
            Records, and rows that are none.
        """
        if self.is_too_much:
            return
        found = (one for one in records if isinstance(one, Record))
        self._ids.update(((one.record_kind, one.native_id), None) for one in found)
        if len(self._ids) > self._most:
            self.is_too_much = True
            self._ids.clear()

    @property
    def ids(self) -> Ids:
        """Kind and native id of each, in the order in which they came."""
        return tuple(self._ids)

    @property
    def gap(self) -> str | None:
        """What cannot be found out, where there are too many."""
        if not self.is_too_much:
            return None
        return (
            f"The stream has more than {self._most:,} records, so those that its source took away "
            "are not found out."
        )

    def gone(self, before: Ids) -> Iterator[Deletion]:
        """Deletions of what a former pass served and this one did not.

        Parameters
        ----------
        before : tuple of (str, str)
            What `ids` gave then.

        Yields
        ------
        Deletion
            None where there are too many records to tell.
        """
        for kind, own in before if not self.is_too_much else ():
            if (kind, own) not in self._ids:
                yield Deletion(kind=kind, native_id=own)
