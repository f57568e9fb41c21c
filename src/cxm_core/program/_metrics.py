"""Metric definitions: what a number means, with a version and a hash of its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import PlainSerializer, PlainValidator, Strict, model_validator

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Scale

from ._document import Document, Flag, Name, Positive, Text, Texts, fingerprint, require

Engine = Literal["nps", "csat", "ces", "top_box", "bottom_box", "mean_score", "net_box"]
Of = Literal["answered", "asked", "everyone"]

_SCALE_KEYS = ("low", "high", "direction", "labels", "top", "bottom", "name")
_WITH_TOP = ("csat", "ces", "top_box")


def _read_scale(value: object) -> Scale:
    if isinstance(value, (str, Scale)):
        return Scale.parse(value)
    if not isinstance(value, Mapping):
        raise UsageError("A scale is a name or a table.", hint="'1-5', or {low = 1, high = 4}")
    unknown = [key for key in value if key not in _SCALE_KEYS]
    if unknown:
        near = did_you_mean(str(unknown[0]), _SCALE_KEYS)
        raise UsageError(f"A scale has no {unknown[0]!r}.", hint=near)
    if not {"low", "high"} <= set(value):
        raise UsageError("A scale's table does not say low and high.")
    return _from_table(value)


def _from_table(table: Mapping[str, Any]) -> Scale:
    # The keys of a TOML table are texts.
    labels = {_level(key): text for key, text in dict(table.get("labels", {})).items()}
    return Scale(**{**table, "labels": labels})


def _level(key: object) -> int:
    try:
        return int(str(key))
    except ValueError:
        raise UsageError("The labels of a scale have a level that is no whole number.") from None


ScaleField = Annotated[
    Scale, PlainValidator(_read_scale), PlainSerializer(lambda scale: scale.code, when_used="json")
]
Level = Annotated[int, Strict()]


class Metric(Document):
    """What a number means: which answers, counted how.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    engine : str
        `nps`, `csat`, `ces`, `top_box`, `bottom_box`, `mean_score` or `net_box`.
    question : tuple of str
        Native ids of the questions whose answers count; one may stand alone. None where the
        question is given with each use, as for touchpoints.
    scale : Scale
        Scale of these answers: a name, a code, or a table. Only `nps` goes without: it is always
        on `0-10`.
    top : tuple of int or None
        Levels that count as good, in place of the scale's; for `csat`, `ces` and `top_box`.
    of : {"answered", "asked", "everyone"}
        Below the line: answers on the scale; or also those to whom the question did not apply; or
        everyone who was asked, blank answers included. A mean has no use for it.
    weighted, stratified, clustered : bool
        Whether weight, stratum and cluster of each answer are used. Where `clustered` is not
        said, all answers of one customer are a cluster, if one of them answered more than once.
    version : int
        Counts up when the definition changes on purpose.

    Raises
    ------
    ConfigurationError
        A part is missing, or the parts contradict each other.

    Examples
    --------
    >>> Metric(name="nps", engine="nps", question="NETPRO").scale.code
    '0-10'
    """

    name: Name
    title: Text | None = None
    engine: Engine
    question: Texts = ()
    scale: ScaleField = Scale.named("0-10")
    top: tuple[Level, ...] | None = None
    of: Of = "answered"
    weighted: Flag = False
    stratified: Flag = False
    clustered: Flag = False
    version: Positive = 1

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _check_scale(self)
        require(
            self.of == "answered" or self.engine != "mean_score",
            "mean_score is a mean of answers; a blank has no value in it.",
            "leave out of =",
        )
        if self.top is not None:
            _check_top(self, self.top)
        return self

    @property
    def top_levels(self) -> tuple[int, ...]:
        """Levels that count as good."""
        return self.scale.top if self.top is None else self.top

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what the number means.

        Name, title and version are no part of it: the same hash is the same number.
        """
        meaning = self.model_dump(mode="json", exclude={"name", "title", "version"})
        if meaning["of"] == "answered":  # hashes older than this field stay as they were
            del meaning["of"]
        return fingerprint(meaning | {"top": list(self.top_levels)})


def _check_scale(metric: Metric) -> None:
    if metric.engine == "nps":
        require(
            (metric.scale.low, metric.scale.high) == (0, 10),
            f"nps is asked on 0 to 10, not on {metric.scale.code!r}.",
            "engine = 'top_box' counts the top levels of any scale",
        )
    else:
        require(
            "scale" in metric.model_fields_set,
            f"{metric.engine} needs the scale of its answers.",
            "scale = '1-5', or scale = {low = 1, high = 4}",
        )


def _check_top(metric: Metric, top: tuple[int, ...]) -> None:
    require(
        metric.engine in _WITH_TOP,
        f"{metric.engine} has no use for top.",
        "csat, ces and top_box have; bottom levels are the scale's: '1-5 bottom=1'",
    )
    off = [level for level in top if not metric.scale.contains(level)]
    require(not off, f"top names levels off the scale {metric.scale.code!r}.")
    require(len(set(top)) == len(top) > 0, "top names no level, or one of them twice.")
