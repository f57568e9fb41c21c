"""Names of sources, each bound to the account behind it; a name and an account never part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cxm_core.errors import ConfigurationError, UsageError, did_you_mean

from ._driver import run
from ._protocol import SourceEntry
from ._schema import STORED_KINDS, history_of, table_of
from ._source_names import check_name
from ._sql import quote_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RENAME = "cxm sources rename OLD NEW, if it is the same account under another name"


def needs_pin(name: str, account: str | None, known: Iterable[SourceEntry]) -> bool:
    """Whether the source is to be written down; an error if name or account belongs elsewhere."""
    check_name(name)
    by_name = {entry.name: entry for entry in known}
    entry = by_name.get(name)
    if entry is not None and None not in (entry.account, account) and entry.account != account:
        raise ConfigurationError(
            f"The source {name!r} is pinned to another account.",
            hint="give this account a source of its own",
        )
    others = [one.name for one in by_name.values() if one.account == account and one.name != name]
    if account is not None and others and entry is None:
        raise ConfigurationError(
            f"The account of the source {name!r} is known as {others[0]!r}.", hint=_RENAME
        )
    return entry is None or (entry.account is None and account is not None)


def check_rename(
    old: str, new: str, known: Iterable[SourceEntry], *, has_records: bool = False
) -> None:
    """Refuse a new name that is taken, also by records alone, or an old one that is not known."""
    names = [entry.name for entry in known]
    if old not in names:
        raise UsageError(f"There is no source {old!r}.", hint=did_you_mean(old, names))
    if new in names or has_records:
        raise ConfigurationError(
            f"There is a source {new!r} already.", hint="two accounts cannot become one"
        )
    check_name(new)


def has_records(con: DuckDBPyConnection, source: str) -> bool:
    """Whether anything of a source is kept, or was."""
    tables = [of(kind) for kind in STORED_KINDS for of in (table_of, history_of)]
    some = " OR ".join(
        f"EXISTS(FROM {table} WHERE source = $source)" for table in (*tables, "cxm_tombstone")
    )
    found: bool = run(con, f"SELECT {some}", source=source)[0][0]
    return found


def rename(con: DuckDBPyConnection, old: str, new: str) -> None:
    """Give a source, and all that came from it, another name."""
    names = {"old": old, "new": new}
    for kind in STORED_KINDS:
        for table in (table_of(kind), history_of(kind)):
            run(con, _RECORDS.format(table=table, kind=quote_text(kind)), **names)
    run(con, _RECORDS.format(table="cxm_tombstone", kind="kind"), **names)
    run(con, _QUARANTINE, **names)
    for table in ("cxm_checkpoint", "cxm_receipt", "cxm_delivery", "cxm_inbox"):
        run(con, f"UPDATE {table} SET source = $new WHERE source = $old", **names)
    run(con, "UPDATE cxm_source SET name = $new WHERE name = $old", **names)


_RECORDS = """
UPDATE {table} SET source = $new,
    record_id = left(sha256({kind} || chr(31) || $new || chr(31) || native_id), 32)
WHERE source = $old
"""
_QUARANTINE = """
UPDATE cxm_quarantine SET source = $new, record_id = NULL,
    entry_id = left(sha256($new || chr(31) || fingerprint), 32)
WHERE source = $old
"""
