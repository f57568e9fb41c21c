"""What the store holds beside counts: wordings, words, names of attributes, quarantine."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import cast

from cxm_core.columns import Column, Frame, open_data
from cxm_core.program import Quotes
from cxm_core.records import Question, Response
from cxm_core.report import QuarantineCount
from cxm_core.store import Store
from cxm_core.vocabulary import Window

__all__ = ["attribute_names", "last_words", "quarantine_counts", "wordings"]


def wordings(store: Store) -> dict[str, str]:
    """Wording of each question that the store knows, by its native id."""
    questions = (one for one in store.records("question") if isinstance(one, Question))
    return {one.native_id: one.text for one in questions if one.text}


def last_words(store: Store, wanted: Quotes, window: Window | None) -> list[Response]:
    """Answers in words, the newest first; of all there are, only these become objects."""
    ids = _ids_with_words(store, wanted.question, window)[-wanted.count :]
    found = store.records("response", where={"record_id": ids}) if ids else ()
    return [one for one in reversed(list(found)) if isinstance(one, Response)]


def _ids_with_words(store: Store, question: Sequence[str], window: Window | None) -> list[str]:
    ids, words = _columns(store, ("record_id", "verbatim"), question, window)
    return cast("list[str]", ids.values[~words.is_missing].tolist())


def attribute_names(store: Store, question: Sequence[str]) -> set[str] | None:
    """Names of all attributes that answers to these questions have; None without an answer."""
    (column,) = _columns(store, ("attributes",), question, None)
    if not len(column.values):
        return None
    texts = set(column.values[~column.is_missing].tolist())
    return {name for text in texts for name in json.loads(text)}


def _columns(
    store: Store, names: Sequence[str], question: Sequence[str], window: Window | None
) -> list[Column]:
    table = store.read("response", columns=names, window=window, where={"question": question})
    wanted = dict.fromkeys(names, "the report")
    frame = cast("Frame", open_data(table, "the report")).select(wanted)
    return [frame.column(name, what) for name, what in wanted.items()]


def quarantine_counts(store: Store) -> Iterator[QuarantineCount]:
    """How many rows are set aside for each reason, the commonest first."""
    streams: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for entry in store.quarantined():
        counts[entry.reason] += 1
        streams[entry.reason].add(f"{entry.source} {entry.stream}")
    for reason, count in counts.most_common():
        yield QuarantineCount(reason=reason, count=count, streams=sorted(streams[reason]))
