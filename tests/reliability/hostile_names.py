"""Names and values that would be commands if anybody put them into SQL as they are."""

from __future__ import annotations

from itertools import product

from reliability.hostile_texts import FORMULAS, PACKS

#: Every table that a test looks after: nobody but the test may write it.
CANARY = "t"
_COMMANDS = (
    "drop table t",
    "delete from t",
    "update t set n = 0",
    "insert into t values (9)",
    "attach 'out/p.db' as p",
    "copy (select 1) to 'out/p'",
    "set enable_external_access = true",
    "install httpfs",
    "pragma database_list",
    "create table pwned (n int)",
)
_WRAPPERS = (
    'x"; {} --',
    "x'; {} --",
    'x" VARCHAR); {}; --',
    "x'); {}; --",
    "x\\'; {}; --",
    "$$; {}; $$",
    "$x$; {}; $x$",
    "x*/ {}; /*",
    "x\n; {};\n--",
    "x;{}",
)
_WORDS = (
    *("select", "SELECT", "from", "order", "group", "table", "user", "null", "NULL", "true"),
    *("rowid", "current_date", "case", "end", "when", "values", "column", "default", "primary"),
    *("main", "temp", "information_schema", "duckdb_settings()", "response", "response_current"),
    *("cxm_meta", "cxm_checkpoint", "cxm_quarantine", "memory", "system", "excluded", "raw_rows"),
    *("c0", "c1", "_row", "page", "value", "key", "occurred_at", "record_id", "attributes"),
    *("attributes.attributes", "a.b", "a.b.c", "a/b", "a~1b", "$", "$.x", "/x", "?", "$1", ":x"),
    *("%s", "%(x)s", "{x}", "\\", "\\x00", "--", "/*", "*/", ";", "''", '""', '"', "'", "`", "[x]"),
    *("*", "**", "x.*", "count(*)", "1", "0x1", "1e9", "-1", "\U0001f600", "\u00df", "\u0130"),
    *("\u202ex", "\u200b", "\ufeffid", "\u00a0", "a b", "a\tb", "a\nb", "a,b", "x" * 200),
)
_FUNCTIONS = (
    "read_csv('/etc/passwd')",
    "read_text('/etc/passwd')",
    "read_parquet('/etc/passwd')",
    "read_json('/etc/passwd')",
    "read_blob('/etc/passwd')",
    "sniff_csv('/etc/passwd')",
    "glob('/etc/*')",
    "'/etc/passwd'",
    "parquet_scan('http://evil.test/x')",
    "getenv('HOME')",
    "duckdb_secrets()",
    "query('drop table t')",
    "query_table('t')",
    "private_df",
    "private_table",
)
#: Names that a file can carry and a store can hold, each once.
NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *PACKS["sql"],
            *(wrap.format(command) for wrap, command in product(_WRAPPERS, _COMMANDS)),
            *_WORDS,
            *_FUNCTIONS,
            *(text for text in FORMULAS if text.isprintable() and text.strip()),
        )
    )
)
_BLANK = "\u200b\u00a0"
#: Those that an attribute may have: no control character in them, and something to be seen.
KEPT: tuple[str, ...] = tuple(
    name for name in NAMES if name.strip(_BLANK) and not {"\n", "\t"} & set(name)
)
#: Names that no store can hold.
IMPOSSIBLE = ("", "x" * 10_000, "a\x00b", "\x00", "\ud800", "x\udfff")
