"""Maps that several tests draw, write and read again: one by hand, and any that there can be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cxm_core.program import LANES, Blueprint, Journey, Touchpoint

RETURNS = Blueprint(
    name="return_a_parcel",
    title="Return a parcel",
    owner="Head of returns",
    stages=[
        {"name": "ask", "title": "Ask", "goal": "Know that it is accepted"},
        {"name": "send", "title": "Send back"},
        {"name": "refund", "title": "Get the money", "touchpoints": ["mail"]},
    ],
    steps=[
        {
            "name": "start",
            "title": "Wrong size",
            "lane": "customer",
            "kind": "start",
            "stage": "ask",
        },
        {"name": "label", "title": "Return label", "lane": "evidence", "stage": "ask"},
        {
            "name": "form",
            "title": "Fill in the form",
            "lane": "customer",
            "stage": "ask",
            "systems": ["shop"],
            "touchpoint": "form",
        },
        {
            "name": "check",
            "title": "Within 30 days?",
            "lane": "front_stage",
            "kind": "choice",
            "stage": "ask",
            "role": "agent",
            "policies": ["30 days, unopened"],
        },
        {"name": "no", "title": "Declined", "lane": "front_stage", "kind": "end", "stage": "ask"},
        {"name": "post", "title": 'At the "post" & <b>', "lane": "customer", "stage": "send"},
        {"name": "arrive", "lane": "backstage", "kind": "wait", "stage": "send"},
        {"name": "split", "lane": "backstage", "kind": "parallel", "stage": "refund"},
        {
            "name": "pay",
            "title": "Approve the refund",
            "lane": "support",
            "kind": "approval",
            "stage": "refund",
            "role": "accounts",
            "systems": ["ledger", "bank"],
        },
        {"name": "stock", "title": "Put it back", "lane": "backstage", "stage": "refund"},
        {"name": "done", "title": "Money is back", "lane": "customer", "kind": "end"},
    ],
    links=[
        {"source": "start", "target": "form"},
        {"source": "form", "target": "check", "carries": ["order", "reason"]},
        {"source": "check", "target": "no", "label": "no"},
        {"source": "check", "target": "post", "label": "yes"},
        {"source": "check", "target": "form", "label": "incomplete"},
        {"source": "post", "target": "arrive"},
        {"source": "arrive", "target": "split"},
        {"source": "split", "target": "pay"},
        {"source": "split", "target": "stock"},
        {"source": "pay", "target": "done"},
    ],
)

TOUCHPOINTS = (
    Touchpoint(name="search", title="Search the shop", channels=["web", "app"], feeling=1),
    Touchpoint(name="order", title="Place the order", goal="Pay safely", feeling=-2),
    Touchpoint(name="mail", title="Mail about the money", asks=["When?"], owner="Accounts"),
)
BUY = Journey(
    name="buy",
    title="Buy shoes",
    stages=[
        {"name": "choose", "title": "Choose", "touchpoints": ["search", "order"]},
        {"name": "after", "title": "After", "goal": "No fuss", "touchpoints": ["mail"]},
    ],
)

#: Whatever a person may type into a title, and XML can hold.
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12
) | st.sampled_from(
    ["</bpmn:task>", "]]>", "&amp;", "a\nb\tc\r", "\u202eevil", "<script>x</script>"]
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    """Any blueprint of up to eight steps."""
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    stages = draw(st.lists(NAMES, max_size=3, unique=True))
    texts = st.lists(WORDS, max_size=2)
    steps = [
        {
            "name": name,
            "title": draw(st.none() | WORDS),
            "lane": draw(st.sampled_from(list(LANES))),
            "kind": draw(
                st.sampled_from(["task", "approval", "wait", "start", "end", "choice", "parallel"])
            ),
            "stage": draw(st.sampled_from([None, *stages])),
            "role": draw(st.none() | WORDS),
            "systems": draw(texts),
            "policies": draw(texts),
        }
        for name in names
    ]
    ends = st.sampled_from(names)
    link: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"source": ends, "target": ends, "label": st.none() | WORDS, "carries": texts}
    )
    return Blueprint(
        name=draw(NAMES),
        title=draw(st.none() | WORDS),
        owner=draw(st.none() | WORDS),
        stages=[{"name": name, "title": draw(st.none() | WORDS)} for name in stages],
        steps=steps,
        links=draw(st.lists(link, max_size=8)),
    )
