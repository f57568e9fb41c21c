"""A check by chance: any faults and any kills, in any order, and still nothing is lost."""

from __future__ import annotations

from importlib.util import find_spec

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import SourceError, UsageError
from cxm_core.plugins import Item

from ._faults import PASSING, Moment
from ._laws import Check, require, require_no_error, require_same
from ._stage import Fault, Sent, Vendor
from ._subject import Row, Subject, kept

_EXAMPLES = 20
_MOST_PIECES = 4


def any_kills_and_faults_lose_nothing(subject: Subject) -> str | None:
    """Killed and disturbed at drawn moments, syncs in a row end with what one quiet sync keeps."""
    if find_spec("hypothesis") is None:
        return "it draws its moments with Hypothesis, which is not installed"
    from hypothesis import HealthCheck, given, reject, settings  # noqa: PLC0415  (slow to load)
    from hypothesis import strategies as st  # noqa: PLC0415

    whole = max((subject.whole(name) for name in subject.streams()), key=lambda run: len(run.items))
    if not whole.said or not whole.items:
        return "it sends no request"
    kills = st.lists(st.integers(1, len(whole.items)), max_size=_MOST_PIECES)
    faults = st.dictionaries(
        st.integers(0, len(whole.said)), st.sampled_from(sorted(PASSING)), max_size=3
    )

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(kills=kills, faults=faults)
    def any_history(kills: list[int], faults: dict[int, str]) -> None:
        try:
            found = _history(subject, whole.stream, kills, faults)
        except UsageError:
            reject()  # a cassette that holds no second sync
        require_same(kept(found), whole.kept, f"Stream {whole.stream!r}, killed and disturbed")

    any_history()
    return None


def _history(subject: Subject, stream: str, kills: list[int], faults: dict[int, str]) -> list[Item]:
    vendor, state = subject.vendor(), None
    items: list[Item] = []
    for most in [*kills, None]:
        fault = _fault(faults) if most is not None else None
        run = subject.run(subject.stage(vendor=vendor, fault=fault), stream, state, most=most)
        require(
            run.error is None or isinstance(run.error, SourceError), "A fault is not told as one."
        )
        if most is None:
            require_no_error(run, "a quiet sync after all")
        items += run.covered
        state = _newer(run.state, state)
    return items


def _newer(state: Row | None, before: Row | None) -> Row | None:
    return before if state is None else state


def _fault(faults: dict[int, str]) -> Fault:
    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        answer = vendor(sent)
        name = faults.get(sent.number)
        return answer if name is None else PASSING[name](answer, Moment(now=sent.at))

    return fault


CHECKS: tuple[Check, ...] = (any_kills_and_faults_lose_nothing,)
