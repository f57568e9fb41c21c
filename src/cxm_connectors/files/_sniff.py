"""A program file proposed from a data file: every guess is marked, for a person to confirm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cxm_core.errors import UsageError

from ._config import FilesConfig
from ._dialect import Sample, read_sample
from ._files import DataFile, find_files
from ._profiles import Profile, ScaleGuess, has_offsets, profiles
from ._roles import Roles, guess_roles

_GROUPS_WORTH_KEEPING = (
    r"region|country|segment|product|store|team|plan|branch|area|method|wave|device|version|city"
)


# As long as the path of a file may be in a program.
_LONGEST_PATH = 200


def propose(path: Path, *, root: Path) -> str:
    r"""Program file for a survey's data file, with each guess marked ``# confirm:``.

    Parameters
    ----------
    path : Path
        CSV or JSONL, also packed by gzip; its first 10,000 rows are looked at.
    root : Path
        Folder that the program file will stand in; the data file stands there or below.

    Returns
    -------
    str
        TOML. It holds names of columns and codes of scores, no other cell.

    Raises
    ------
    UsageError
        The file holds no rows or no answers, or is neither CSV nor JSONL.
    ConfigurationError
        The file lies outside `root`.
    NotFound
        There is no such file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = "\n".join(f"{n},2026-11-05,{n % 11}" for n in range(200))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "answers.csv")
    ...     _ = path.write_text("id,day,recommend\n" + rows)
    ...     program = propose(path, root=Path(folder))
    >>> 'scale = "0-10" # confirm: numbers from 0 to 10 were seen' in program
    True
    """
    file = _only_file(path, root)
    sample = read_sample(file)
    roles = guess_roles(profiles(sample))
    if not roles.scores and not roles.verbatims:
        raise UsageError(
            f"No column of {file.name!r} looks like an answer: neither scores nor free words.",
            hint="write the mapping by hand; the guide to the files connector shows one",
        )
    written = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
    parts = (
        _opening(file),
        _reading(file, sample),
        _row(sample, roles, written),
        _questions(roles),
        _report(roles),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _only_file(path: Path, root: Path) -> DataFile:
    whole = path.absolute()
    name = str(whole.relative_to(root) if whole.is_relative_to(root) else whole)
    if len(name) > _LONGEST_PATH or not name.isprintable():
        raise UsageError(
            "The path of the data file is too long, or holds what cannot be shown.",
            hint="copy the file under a plain name beside the program",
        )
    wanted = {
        "files": [name],
        "row": {"id": "a", "occurred_at": "a"},
        "records": [{"kind": "response"}],
    }
    files, lost = find_files(FilesConfig.model_validate(wanted), root=root)
    if lost:
        raise lost[0]
    return files[0]


def _opening(file: DataFile) -> Iterator[str]:
    stem = file.path.name.split(".")[0]
    yield f"# Proposed from {_quoted(file.name)}: look at each line marked 'confirm'."
    yield ""
    yield f"name = {_quoted(stem)}"
    yield 'zone = "UTC" # confirm: where your days and weeks begin'
    yield ""
    yield "[store]"
    yield 'url = "cxm.duckdb"'
    yield ""
    yield "[[sources]]"
    yield f"name = {_quoted('files:' + (_slug(stem) or 'data'))}"


def _reading(file: DataFile, sample: Sample) -> Iterator[str]:
    yield ""
    yield "[sources.config]"
    yield f"files = [{_quoted(file.name)}]"
    yield f"encoding = {_quoted(sample.encoding)} # confirm: it reads the first rows"
    if sample.format == "csv":
        yield f"delimiter = {_quoted(sample.delimiter)} # confirm: {len(sample.columns)} columns"


def _row(sample: Sample, roles: Roles, written: datetime) -> Iterator[str]:
    yield ""
    yield "[sources.config.row] # what every answer of a row shares"
    yield from _identity(roles)
    yield from _time(sample, roles, written)
    for role, column in roles.design.items():
        yield f"{role} = {_quoted(column)} # confirm: by its name"
    yield from _attributes(roles)


def _identity(roles: Roles) -> Iterator[str]:
    if len(roles.id) == 1:
        yield f"id = {_quoted(roles.id[0])} # confirm: it tells the rows apart"
    else:
        template = "-".join("{" + name + "}" for name in roles.id)
        yield f"id = {_quoted(template)} # confirm: together they tell the rows apart"
    if roles.customer:
        pairs = (f"{kind} = {_quoted(column)}" for kind, column in roles.customer.items())
        yield f"customer = {{ {', '.join(pairs)} }} # confirm: who answered"
    else:
        yield "# confirm: no column seems to say who answered; if one does:"
        yield '# customer = { external = "the column" }'


def _time(sample: Sample, roles: Roles, written: datetime) -> Iterator[str]:
    if roles.time is None:
        day = written.date().isoformat()
        yield "# confirm: no column says when; this is the day on which the file was last written"
        yield f'occurred_at = {{ constant = "{day}", zone = "UTC" }}'
        return
    column, formats = roles.time
    if len(formats) > 1:
        yield "# confirm: day and month could be exchanged; take one of these lines instead:"
        yield from (f"# occurred_at = {_timed(column, name)}" for name in formats)
        yield f"occurred_at = {_quoted(column.name)}"
        return
    is_local = not has_offsets(sample.rows, column.name)
    written_as = _timed(column, formats[0], is_local=is_local)
    yield f"occurred_at = {written_as} # confirm: when the customer answered"


def _timed(column: Profile, time_format: str, *, is_local: bool = True) -> str:
    parts = [f"column = {_quoted(column.name)}"]
    parts += [] if time_format == "iso" else [f"format = {_quoted(time_format)}"]
    parts += ['zone = "UTC"'] if is_local else []
    return f"{{ {', '.join(parts)} }}" if len(parts) > 1 else _quoted(column.name)


def _attributes(roles: Roles) -> Iterator[str]:
    named = {_slug(name): name for name in reversed(roles.groups)}
    chosen = {
        slug: name
        for slug, name in sorted(named.items())
        if slug and re.search(_GROUPS_WORTH_KEEPING, name, re.IGNORECASE)
    }
    if chosen:
        pairs = ", ".join(f"{slug} = {_quoted(name)}" for slug, name in chosen.items())
        yield f"attributes = {{ {pairs} }} # confirm: groups to compare"
    others = [name for name in roles.groups if name not in chosen.values()]
    if others:
        yield "# Other columns with few values, which could be attributes as well:"
        yield "# " + ", ".join(map(_quoted, others))


def _questions(roles: Roles) -> Iterator[str]:
    for column, guess in roles.scores:
        yield from _question(column.name)
        seen = sorted(column.integers)
        told = f"numbers from {seen[0]} to {seen[-1]} were seen"
        yield f"scale = {_quoted(guess.scale)} # confirm: {told}"
        yield f"column = {_quoted(column.name)}"
        yield from _missing(guess)
    for name in roles.verbatims:
        yield from _question(name)
        yield f"verbatim = {_quoted(name)} # confirm: free words"


def _question(name: str) -> Iterator[str]:
    yield ""
    yield "[[sources.config.questions]]"
    yield f"id = {_quoted(' '.join(name.split()))}"
    yield f"text = {_quoted(name)} # confirm: the wording that the customers saw"


def _missing(guess: ScaleGuess) -> Iterator[str]:
    if guess.missing:
        pairs = ", ".join(f"{_quoted(code)} = {_quoted(word)}" for code, word in guess.missing)
        told = 'confirm: "no_answer" or "not_applicable"'
        yield f"missing = {{ {pairs} }} # {told}"


def _report(roles: Roles) -> Iterator[str]:
    metrics = list(_metrics(roles))
    for engine, column, scale in metrics:
        yield ""
        yield "[[metrics]]"
        yield f"name = {_quoted(engine)}"
        yield f"engine = {_quoted(engine)} # confirm: by the scale and the column's name"
        yield f"question = {_quoted(column)}"
        yield f"scale = {_quoted(scale)}"
    yield ""
    yield "[report]"
    yield 'path = "cxm-report.html"'
    yield f"headline = [{', '.join(_quoted(engine) for engine, _, _ in metrics)}]"


_METRICS = (
    ("nps", ("0-10",), r"nps|net.?pro|recommend|likel"),
    ("ces", ("1-5", "1-7"), r"ces|effort|ease|easy"),
    ("csat", ("1-5", "1-7"), r"csat|satis|overall|rating|all$"),
)


def _metrics(roles: Roles) -> Iterator[tuple[str, str, str]]:
    """Engine, question and scale of what can be measured: of each engine the likeliest."""
    for engine, scales, words in _METRICS:
        fits = [(column, guess) for column, guess in roles.scores if guess.scale in scales]
        named = [pair for pair in fits if pair[0].is_named(words)]
        # A satisfaction or a recommendation may have any name; an effort must say so.
        chosen = named or (fits if engine != "ces" else [])
        if chosen:
            column, guess = chosen[0]
            yield engine, column.name, guess.scale


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too, but for the one character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
