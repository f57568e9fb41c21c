"""Make up what the synthetic company asks, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from attrs import evolve

from cxm_core.vocabulary import Scale

from ._facts import Facts
from ._make_people import said
from ._people import SimCustomer
from ._sales import SimOrder
from ._scene import Scene
from ._surveys import SimForm, SimInvitation, SimQuestion, SimSubmission
from ._words import LEAVING, LIKED

#: When the form after an order is sent.
AFTER_DELIVERY: Final = timedelta(hours=12)
RELATION, AFTER_ORDER, LEAVING_FORM = 1, 2, 3
_EASE: Final = Scale(1, 7, labels={1: "very hard", 7: "very easy"})
_LIKELY: Final = Scale(0, 10, labels={0: "not at all likely", 10: "extremely likely"})
_CHANNELS: Final = ("email", "email", "sms", "web")

_RECOMMEND = SimQuestion(
    key="recommend",
    text="How likely are you to recommend Northwind to a friend?",
    measures="recommendation",
    scale=_LIKELY,
    is_required=True,
)
_WHY = SimQuestion(key="why", text="What is the main reason for your score?", form="open")
_EFFORT = SimQuestion(
    key="effort",
    text="How easy was it to get what you needed from us?",
    measures="effort",
    scale=_EASE,
)
_ORDER_QUESTIONS = (
    _EFFORT,
    SimQuestion(key="liked", text="What did you like?", form="choices", choices=LIKED),
    SimQuestion(key="comment", text="What could we do better?", form="open"),
)
_STARS = SimQuestion(
    key="stars", text="How was the packaging?", measures="satisfaction", scale=Scale.named("stars")
)
_LEAVING_QUESTIONS = (
    SimQuestion(key="reason", text="Why do you leave?", form="choice", choices=LEAVING),
    SimQuestion(key="return_on", text="When may we write again?", form="date"),
    SimQuestion(key="years", text="For how many years were you with us?", form="number"),
)


def make_forms(scene: Scene) -> tuple[SimForm, ...]:
    """Make up three forms; the one after an order gets a question more in the second half."""
    begin = scene.begin
    first = SimForm(
        key=AFTER_ORDER,
        title="After your order",
        questions=_ORDER_QUESTIONS,
        created_at=begin,
        changed_at=begin,
    )
    return (
        SimForm(
            key=RELATION,
            title="Your year with us",
            questions=(_RECOMMEND, _WHY),
            created_at=begin,
            changed_at=begin,
            tool="crm",
        ),
        evolve(
            first,
            version=2,
            before=first,
            changed_at=scene.middle,
            questions=(*_ORDER_QUESTIONS, _STARS),
        ),
        SimForm(
            key=LEAVING_FORM,
            title="Sorry to see you go",
            questions=_LEAVING_QUESTIONS,
            created_at=begin,
            changed_at=begin,
        ),
    )


def invite(
    scene: Scene, customers: Iterable[SimCustomer], orders: Iterable[SimOrder]
) -> tuple[SimInvitation, ...]:
    """Ask every customer once a half-year, and after most orders, whoever they are."""
    rng = scene.rng
    there = [one for one in customers if is_there(one)]
    asked = [
        (scene.moment(max(first, one.created_at), last), one.key, RELATION)
        for first, last in scene.halves
        for one in there
        if one.created_at < last
    ]
    keys = {one.key for one in there}
    asked += [
        (order.delivered_at + AFTER_DELIVERY, order.customer, AFTER_ORDER)
        for order in orders
        if order.delivered_at and order.customer in keys and rng.random() < 0.7
    ]
    numbers = count(1)
    return tuple(
        SimInvitation(
            key=next(numbers), form=form, customer=key, sent_at=at, channel=rng.choice(_CHANNELS)
        )
        for at, key, form in sorted(asked)
        if at < scene.until
    )


def is_there(customer: SimCustomer) -> bool:
    """Whether the customer is one of those whose opinion counts: not removed, not another."""
    return customer.deleted_at is None and customer.merged_into is None


def answer(rng: Random, company: Facts) -> Iterator[tuple[SimInvitation, SimSubmission | None]]:
    """Let chance decide who opens a form and how far they come; opinions do not matter for it."""
    for invitation in company.invitations:
        customer = company.customer_by_key[invitation.customer]
        if rng.random() < 0.45:
            submission = _submission(
                rng, invitation, company.form_by_key[invitation.form], customer
            )
            done = "complete" if submission.state == "completed" else "partial"
            yield evolve(invitation, outcome=done), submission
        else:
            refused = rng.random() < 0.1
            yield evolve(invitation, outcome="refusal" if refused else "non_contact"), None


def _submission(
    rng: Random, invitation: SimInvitation, form: SimForm, customer: SimCustomer
) -> SimSubmission:
    landed = invitation.sent_at + timedelta(seconds=rng.randrange(60, 90_000))
    seen = form if landed >= form.changed_at else form.at_version(form.version - 1)
    # The customer system takes only whole answers; a form tool also tells who only looked.
    (state,) = rng.choices(("completed", "partial", "started"), (82, 10, 8))
    state = "completed" if form.tool == "crm" else state
    last = landed + timedelta(seconds=rng.randint(20, 600))
    return SimSubmission(
        key=invitation.key,
        form=form.key,
        form_version=seen.version,
        customer=customer.key,
        landed_at=landed,
        changed_at=landed if state == "started" else last,
        state=state,
        submitted_at=last if state == "completed" else None,
        invitation=invitation.key,
        answers=dict(_answers(rng, seen, customer, state)),
        hidden={
            "customer": str(customer.key),
            "segment": customer.segment,
            "invitation": str(invitation.key),
        },
        channel=invitation.channel,
    )


def _answers(
    rng: Random, form: SimForm, customer: SimCustomer, state: str
) -> Iterator[tuple[str, int | str | tuple[str, ...]]]:
    asked = {"completed": form.questions, "partial": form.questions[:2], "started": ()}[state]
    mood = {RELATION: customer.recommendation // 4, AFTER_ORDER: (customer.effort - 1) // 3}
    for question in asked:
        if not question.is_required and rng.random() < 0.15:
            continue
        yield question.key, _given(rng, question, customer, mood.get(form.key, 0))


def _given(
    rng: Random, question: SimQuestion, customer: SimCustomer, mood: int
) -> int | str | tuple[str, ...]:
    opinions = {"recommend": customer.recommendation, "effort": customer.effort}
    if question.key in opinions:
        return opinions[question.key]
    if question.form == "open":
        return said(rng, mood)
    if question.form == "choices":
        return tuple(sorted(rng.sample(question.choices, rng.randint(1, 3))))
    if question.form == "choice":
        return rng.choice(question.choices)
    if question.form == "date":
        return f"2027-{rng.randint(1, 12):02d}-01"
    return rng.randint(1, 5)


def goodbyes(
    rng: Random, customers: Iterable[SimCustomer], first_key: int
) -> Iterator[SimSubmission]:
    """Let those who left say why, without telling who they are."""
    form = SimForm(
        key=LEAVING_FORM,
        title="",
        questions=_LEAVING_QUESTIONS,
        created_at=datetime.min,
        changed_at=datetime.min,
    )
    gone = (one for one in customers if one.deleted_at)
    for key, customer in enumerate(gone, first_key):
        at = customer.deleted_at or customer.changed_at
        yield SimSubmission(
            key=key,
            form=LEAVING_FORM,
            landed_at=at - timedelta(minutes=5),
            changed_at=at - timedelta(minutes=3),
            submitted_at=at - timedelta(minutes=3),
            answers=dict(_answers(rng, form, customer, "completed")),
            hidden={"segment": customer.segment},
            channel="web",
        )
