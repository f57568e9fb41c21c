"""What forms looked like and when, so that an older answer keeps the scale that it was given on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from cxm_core.vocabulary import Scale

from ._forms import Definition, Seen, instant

# More edits of one form than this, each with answers still within the look-back, will not be met.
_MOST_PAGES = 8


@frozen(kw_only=True)
class Page:
    """The questions of a form from one moment on; None for always."""

    since: datetime | None
    seen: Mapping[str, Seen]

    @property
    def plain(self) -> dict[str, Any]:
        """As plain JSON."""
        told = {
            key: [one.version, one.scale.code if one.scale else None, one.touchpoint]
            for key, one in self.seen.items()
        }
        return {"since": self.since.isoformat() if self.since else None, "seen": told}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Page:
        """Read it from plain JSON."""
        seen = {
            key: Seen(version, Scale.parse(code) if code else None, touchpoint)
            for key, (version, code, touchpoint) in told["seen"].items()
        }
        return cls(since=instant(told["since"]), seen=seen)


class Book:
    """Pages of each form, oldest first.

    Parameters
    ----------
    told : mapping or None
        What `plain` gave, from a state.
    """

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        forms = (told or {}).items()
        self._forms = {key: [Page.of(one) for one in pages] for key, pages in forms}

    @property
    def plain(self) -> dict[str, Any]:
        """As plain JSON, for a state."""
        return {key: [one.plain for one in pages] for key, pages in sorted(self._forms.items())}

    def write(self, definition: Definition) -> None:
        """Note how a form looks now, if it looked otherwise before."""
        pages, seen = self._forms.setdefault(definition.id, []), definition.seen()
        if not pages or pages[-1].seen != seen:
            pages.append(Page(since=definition.changed_at, seen=seen))
            del pages[:-_MOST_PAGES]

    def page(self, form: str, at: datetime | None) -> Mapping[str, Seen]:
        """What a form looked like at a moment; before the first page, what the first shows."""
        pages = self._forms.get(form) or [Page(since=None, seen={})]
        if at is None:
            return pages[-1].seen
        known = [one for one in pages if one.since is None or one.since <= at]
        return known[-1].seen if known else pages[0].seen
