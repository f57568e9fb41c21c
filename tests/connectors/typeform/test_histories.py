"""Whatever happens at the vendor, and whenever we are ended, what it holds is what is kept."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.typeform.stand import EMPTY, FORM, NOW, OTHER, Stand, submission, whole
from cxm_connectors.simulation import Company
from cxm_connectors.typeform._simulator import Quirks

STATES = ("started", "partial", "completed")
# What happens: somebody opens a form or goes on with it, time passes, we sync and are ended.
EVENTS = st.one_of(
    st.tuples(st.just("goes on"), st.integers(1, 8)),
    st.tuples(st.just("passes"), st.sampled_from([0, 1, 59, 600, 1800, 7200])),
    st.tuples(st.just("ended"), st.integers(0, 40)),
    st.tuples(st.just("synced"), st.just(0)),
)
QUIRKS = st.builds(
    Quirks,
    late=st.sampled_from([timedelta(0), timedelta(minutes=30)]),
    repeats=st.booleans(),
    counts_nothing=st.booleans(),
    repeated_ids=st.booleans(),
    throttled=st.sampled_from([0, 4]),
    broken=st.sampled_from([0, 5]),
)


class TestByLaw:
    """Every history ends with everything kept, and once."""

    @given(events=st.lists(EVENTS, max_size=25), quirks=QUIRKS, size=st.integers(2, 4))
    @settings(max_examples=40)
    def test_any_history_is_kept_whole(
        self, events: list[tuple[str, int]], quirks: Quirks, size: int
    ) -> None:
        """New and continued responses, interruptions and quirks in any order lose nothing."""
        company = Company(now=NOW, forms=(FORM, OTHER, EMPTY))
        stand = Stand(company, quirks=quirks, page_size=size)
        stages: dict[int, int] = {}
        for word, number in events:
            if word == "passes":
                stand.clock.sleep(number)
            elif word == "goes on":
                _go_on(stand, stages, number)
            else:
                stand.sync(cut=number if word == "ended" else None)
        stand.clock.sleep(7200)
        # The first ends a round that was interrupted; what came since belongs to the next.
        stand.sync()
        stand.sync()
        stand.check_same()
        assert stand.store.quarantined() == ()


def _go_on(stand: Stand, stages: dict[int, int], key: int) -> None:
    """Let one respondent take the next step, if there is one.

    Unfinished responses have no cursor, so that never more than one comes in a second here.
    """
    stage = stages.get(key, 0)
    if stage == len(STATES):
        return
    stages[key], state = stage + 1, STATES[stage]
    stand.clock.sleep(0 if state == "completed" else 1)
    at = stand.clock.now
    one = whole(key, at=at) if state == "completed" else None
    one = one or submission(key, at=at, state=state, **({"recommend": key} if stage else {}))
    stand.sim.change(one) if stage else stand.sim.add(one)
