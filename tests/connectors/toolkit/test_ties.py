"""Two changes of a row within one tick of the source's clock, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxm_connectors.testing._fault_server import Reply
from cxm_connectors.toolkit import Connector, Single, stream
from cxm_core.plugins import Guarantees
from cxm_core.records import Response, Score
from cxm_core.vocabulary import Scale

Row = Callable[..., dict[str, Any]]
Paged = Callable[..., Reply]
WORDS = ["a", "b", "c", "d", "e"]


class Unordered(Connector):
    """A source that may serve what is older after what is newer."""

    name, origin = "unordered", "https://api.acme.example"
    guarantees = Guarantees()

    @stream("responses", path="/v1/responses", rows="data", page=Single())
    def responses(self, row: dict[str, Any]) -> Response:
        """Map one row."""
        return Response(
            native_id=row["id"],
            occurred_at=row["created_at"],
            recorded_at=row["updated_at"],
            question=row["question_id"],
            score=Score(row["score"], Scale.named("0-10")),
            verbatim=row["comment"],
        )


class Listed(Unordered):
    """One whose list is read as a whole at each sync."""

    name = "listed"
    guarantees = Guarantees(serves_in_order=True)


def said(desk: Any) -> str:
    """Words of the one response that is kept."""
    (kept,) = desk.store.records("response")
    return str(kept.verbatim)


@pytest.mark.parametrize("last", WORDS)
def test_order_05_the_next_sync_sees_the_second_change(
    desk: Any, row: Row, paged: Paged, last: str
) -> None:
    """The look-back serves the row again, and it stands though its stamp is the same."""
    for word in [*WORDS, last]:
        desk.pull([paged([row(1, comment=word)])])
    assert said(desk) == last


@pytest.mark.parametrize("last", WORDS)
def test_order_05_a_later_page_sees_the_second_change(
    desk: Any, row: Row, paged: Paged, last: str
) -> None:
    """The row moves behind the others as it changes, and is served again in the same sync."""
    desk.pull([paged([row(1, comment="c"), row(2)], "t"), paged([row(1, comment=last)])])
    (kept,) = [one for one in desk.store.records("response") if one.native_id == "r1"]
    assert kept.verbatim == last


@pytest.mark.parametrize("last", WORDS)
def test_order_05_a_list_without_stamps_to_ask_by(
    desk: Any, row: Row, paged: Paged, last: str
) -> None:
    """Where each sync reads all, the last reading stands."""
    for word in [*WORDS, last]:
        desk.pull([paged([row(1, comment=word)])], connector=Listed)
    assert said(desk) == last


def test_order_05_without_the_promise_content_decides(desk: Any, row: Row, paged: Paged) -> None:
    """A source that may serve old rows late ends the same in any order."""
    ends = set()
    for words in (WORDS, WORDS[::-1], ["c", "e", "a", "d", "b"]):
        for word in words:
            desk.pull([paged([row(1, comment=word)])], connector=Unordered)
        ends.add(said(desk))
    assert len(ends) == 1
