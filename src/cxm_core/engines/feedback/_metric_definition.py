"""A metric exactly as somebody defined it: a name, a version, and a source."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Unpack

from attrs import evolve, frozen

from cxm_core.columns import Design
from cxm_core.vocabulary import Scale

from ._engine import Engine
from ._order import Of, Order
from ._tally import Common, count
from ._wrap import Result, wrap

_DESIGN = ("by", "weights", "strata", "clusters", "population")


@frozen(kw_only=True)
class MetricDefinition:
    """One metric exactly as somebody defined it: scale, levels, who is counted, and the source.

    Call it with answers, as any metric; or give it as `metric=`.

    Parameters
    ----------
    name : str
        Short name, such as ``net_easy``.
    version : int
        Counts up where the same name came to mean something else.
    title : str
        What people call it.
    engine : str
        What does the arithmetic.
    scale : Scale
        Scale of its answers, with the levels that count as good and as bad.
    question : str
        What is asked.
    source : str
        Who defined it, where and when.
    of : {"answered", "asked"}
        Whether those who chose "does not apply" or "don't know" count below the line; their code
        is told by ``missing={6: "not_applicable"}``.

    Examples
    --------
    >>> from cxm_core.engines import definition
    >>> definition("net_easy")([1, 1, 2, 2, 4, 7] * 20)
    Estimate(net_easy 50.0 points, 95% interval 35.1 to 62.3, n=120)
    """

    name: str
    version: int = 1
    title: str
    engine: Engine
    scale: Scale
    question: str
    source: str
    of: Of = "answered"

    @property
    def definition_hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of what the number means."""
        meaning = [self.engine.name, self.scale.code, self.of]
        return sha256(json.dumps(meaning).encode()).hexdigest()[:12]

    def __call__(
        self, data: object, column: str | None = None, *, by: Any = None, **common: Unpack[Common]
    ) -> Result:
        """Measure it on answers, a table with `column`, or a tally."""
        given: dict[str, Any] = {"by": by, **common}
        design = Design(**{part: given.pop(part) for part in _DESIGN if part in given})
        missing = given.pop("missing", ())
        order = Order.of(self.engine, self.scale, None, of=self.of, **given)
        counted = count(data, column, scale=order.scale, missing=missing, design=design)
        result = wrap(order, counted, order.ratio(counted.tally))
        return evolve(result, metric=self.name).with_receipt(
            definition=self.name, version=self.version, definition_hash=self.definition_hash
        )
