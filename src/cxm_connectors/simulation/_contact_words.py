"""What customers write when they come, when they come again, and when they explain it again."""

from __future__ import annotations

from random import Random
from typing import Final

# For each reason how it began, what is wrong, and what the customer wants.
_TOLD: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "delivery": (
        (
            "I ordered a {product} on the {day} and paid the express rate.",
            "My parcel {number} with the {product} was promised for the {day}.",
            "The {product} was meant as a present for {name}.",
            "Your shop in {city} told me the {product} would leave on the {day}.",
        ),
        (
            "The carrier says it was left with a neighbour, but nobody at number {small} has it.",
            "Tracking has said the same since {city} and nothing moves any more.",
            "Half of it came, without the {part}, in a torn box.",
            "It went to my old address in {city}, which I changed weeks ago.",
        ),
        (
            "Please find out where it is before we leave on the {later}.",
            "Send a new one or give the {amount} euros back.",
            "Can somebody in the warehouse look whether it ever left?",
            "I need it by the {later}, or I have to buy it elsewhere.",
        ),
    ),
    "return": (
        (
            "I would like to send back the {product} from order {number}.",
            "The {product} I bought in {city} does not suit us.",
            "{name} got the same {product} twice, so one of them goes back.",
            "On the {day} I sent a {product} back to you.",
        ),
        (
            "The label in the box belongs to a shipment to {city}.",
            "The form on your page stops when I enter {small} as the number of pieces.",
            "Your drop-off point would not take it without a code for the {part}.",
            "The tag is still on it and only the {part} was ever unpacked.",
        ),
        (
            "How do I get a label that works?",
            "When will the {amount} euros be on my card?",
            "May I change it for the larger size instead?",
            "Please confirm that you have it, the deadline is the {later}.",
        ),
    ),
    "defect": (
        (
            "The {part} of my {product} broke on the first day.",
            "After {small} nights outside the {product} leaks at the {part}.",
            "We were near {city} when the {product} gave up.",
            "The {product} from order {number} came with a crack in the {part}.",
        ),
        (
            "I used it as the leaflet says and never washed it hot.",
            "The seam has opened over {small} centimetres and gets longer.",
            "A shop in {city} looked at it and says it cannot be mended.",
            "I have taken photographs from every side for {name} 😞 at your desk.",
        ),
        (
            "I want a new one under the guarantee.",
            "Can you send me only the {part}, so that I mend it myself?",
            "Who pays for the night in a hotel, {amount} euros?",
            "Please have it repaired before the {later}.",
        ),
    ),
    "billing": (
        (
            "My card was charged twice for order {number}.",
            "The bill for the {product} says {amount} euros, the shop said less.",
            "I was charged on the {day} though I had cancelled.",
            "The voucher from {name} was not taken off the price.",
        ),
        (
            "My bank shows both bookings, {small} minutes apart.",
            "The tax on it is that of {city}, where I do not live.",
            "I had asked for the bill in the name of our firm in {city}.",
            "Delivery was to be free from {small} pieces on.",
        ),
        (
            "Please send back the {amount} euros.",
            "I need a corrected bill by the {later}.",
            "Tell me which of the two bookings is yours.",
            "Take it off my next order if that is quicker.",
        ),
    ),
    "account": (
        (
            "I cannot sign in any more since the {day}.",
            "The link that you mailed me for account {number} is refused.",
            "My account shows the orders of somebody called {name}.",
            "I moved to {city} and your page keeps the old address.",
        ),
        (
            "After {small} seconds it says “token expired”.",
            "The page turns white when I choose a {product} from the list.",
            "I have tried another browser and a telephone in {city}.",
            "Points worth {amount} euros are gone since your new page is up.",
        ),
        (
            "Please let me in, I have to change an order by the {later}.",
            "Can you set it back to how it was on the {day}?",
            "If that cannot be done, delete the account.",
            "Who else can see my data now?",
        ),
    ),
    "advice": (
        (
            "Which {product} is right for {small} days in the mountains behind {city}?",
            "We are {small} people and look for a {product} that {name} can carry.",
            "I saw the {product} with the new {part} in your shop in {city}.",
            "Last year I bought a {product} from you and want the next size.",
        ),
        (
            "It has to stand rain for {small} hours and fit into a small car.",
            "The one from another maker had a {part} that never held.",
            "On your page the two look the same but for {amount} euros.",
            "{name} is allergic to what most of them are made of.",
        ),
        (
            "What would you take, and can it be here by the {later}?",
            "Is there an offer from {small} pieces on?",
            "Please ring me before the {later} so that we can order.",
            "Where in {city} can we look at it?",
        ),
    ),
}
_AGAIN: Final = (
    "I told your colleague already.",
    "Once more from the start:",
    "As I have said before,",
    "You seem not to have what I wrote.",
    "The last answer did not help at all.",
)
_NEWS: Final = (
    "Is there any news? It has been {small} days.",
    "Here is the photo from the {day} that you asked for.",
    "Still nothing in the mail, and {name} is asking me every evening.",
    "What you proposed did not work, it stops at step {small}.",
    "Nobody rang me back on the {day}.",
    "The number you wanted is {number}.",
    "Danke, aber das war die Antwort auf eine andere Frage ({small}).",
    "I waited until the {day} as agreed.",
)
_PARTS: Final = (
    "zip",
    "buckle",
    "strap",
    "pole",
    "lining",
    "sole",
    "valve",
    "hood",
    "seam",
    "pump",
)
_CITIES: Final = (
    "Lyon",
    "Porto",
    "Leeds",
    "Graz",
    "Turin",
    "Malmö",
    "Ghent",
    "Cork",
    "Brno",
    "Basel",
)
_NAMES: Final = ("my mother", "our daughter", "Mr Okoro", "my wife", "the club", "Ms Lind")


def first_words(rng: Random, reason: str, product: str) -> tuple[str, ...]:
    """Give the sentences in which a customer tells a matter for the first time."""
    facts = {**_facts(rng), "product": product}
    pick = rng.random
    return tuple(
        sentences[int(pick() * len(sentences))].format_map(facts) for sentences in _TOLD[reason]
    )


def words_again(rng: Random, told: tuple[str, ...]) -> str:
    """Tell the matter again: a lead, and two or three of the sentences told at first."""
    left_out = int(rng.random() * 2 * len(told))
    kept = [sentence for place, sentence in enumerate(told) if place != left_out]
    return " ".join([_AGAIN[int(rng.random() * len(_AGAIN))], *kept])


def words_after(rng: Random) -> str:
    """Give words of a repeat that builds on what was said before."""
    return _NEWS[int(rng.random() * len(_NEWS))].format_map(_facts(rng))


def _facts(rng: Random) -> dict[str, object]:
    chance = rng.random
    return {
        "part": _PARTS[int(chance() * len(_PARTS))],
        "city": _CITIES[int(chance() * len(_CITIES))],
        "name": _NAMES[int(chance() * len(_NAMES))],
        "day": f"{1 + int(chance() * 28)}th",
        "later": f"{1 + int(chance() * 28)}th of next month",
        "number": 10_000 + int(chance() * 90_000),
        "amount": 10 + int(chance() * 390),
        "small": 2 + int(chance() * 28),
    }
