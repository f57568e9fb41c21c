"""Words of which the synthetic company's people, tickets and answers are made."""

from __future__ import annotations

from typing import Final

_GIVEN = (
    "Ada Aïcha Anh Bao Björn Carmen Chidi Dalia Deniz Elif Emeka Fatima Felix Grace Hana Hiro "
    "Ingrid Ivan Jamal Joana Kamala Kofi Lars Léa Lucía Mateo Mei Miriam Nadia Noor Olu Paula "
    "Priya Quentin Rosa Samir Siobhán Tariq Tomás Uma Valentina Wei Ximena Yusuf Zoë"
)
_FAMILY = (
    "Adeyemi Andersson Bakker Bianchi Castillo Chen Costa Demir Dubois Eriksen Fischer García "
    "Haddad Horvat Ibrahim Jansen Kaya Kim Kowalski Larsen Lopez Mbeki Müller Nakamura Nguyen "
    "O'Brien Okafor Olsen Park Patel Petrov Quispe Reyes Rossi Santos Schmidt Silva Singh Smith "
    "Tanaka Torres Vargas Weber Yamada Zhang"
)
_FIRMS = "Alder Birch Cedar Dogwood Elm Fir Hazel Juniper Larch Maple Oak Pine"

GIVEN: Final = tuple(_GIVEN.split())
FAMILY: Final = tuple(_FAMILY.split())
FIRMS: Final = tuple(_FIRMS.split())
COUNTRIES: Final = (
    ("US", "en"),
    ("GB", "en"),
    ("DE", "de"),
    ("FR", "fr"),
    ("ES", "es"),
    ("BR", "pt"),
    ("JP", "ja"),
)
INDUSTRIES: Final = ("retail", "travel", "software", "health", "education", "manufacturing")
FORMS_OF_FIRMS: Final = ("Ltd", "GmbH", "Inc.", "S.A.", "& Sons")
PRODUCTS: Final = ("tent", "rucksack", "boots", "rain jacket", "stove", "sleeping bag")

# Reason of a ticket, how often it comes, and what its subject is.
REASONS: Final[tuple[tuple[str, int, str], ...]] = (
    ("delivery", 30, "Where is my {product}?"),
    ("return", 20, "Return of a {product}"),
    ("defect", 18, "Broken {product}"),
    ("billing", 14, "Charged twice"),
    ("advice", 12, "Which {product}?"),
    ("account", 6, "Cannot sign in"),
)
REPLIES: Final = (
    "Thank you for writing to us. I am looking into it.",
    "I have asked the warehouse and come back to you today.",
    "Could you send us the number of your order, please?",
    "A new one is on its way to you.",
)
NOTES: Final = (
    "Checked with the carrier.",
    "Refund approved.",
    "Known batch, see the defect list.",
)
THANKS: Final = ("Here it is.", "Danke, das hilft!", "Still nothing…", "Gracias, todo bien 👍")

# What customers say with a score, from the lowest third of a scale to the highest: how it began,
# and how it ended.
SAID: Final = (
    (
        ("Nobody answered for {days} days", "{days} mails, no reply", "Das {product} kam zu spät"),
        ("and I had to explain all of it again.", "Never again!", "… ¿y el reembolso?", "😡"),
    ),
    (
        ("The {product} is fine", "{days} days until delivery", "Correct, sans plus"),
        ("but the phone line is not.", "and it was all right in the end.", "and could be faster."),
    ),
    (
        ("Quick and friendly", "Solved in {days} hours", "Das {product} hält, was es verspricht"),
        ("and the repair cost nothing!", ", gerne wieder.", "。とても満足しています。", "😊", "👍"),
    ),
)
LIKED: Final = ("website", "delivery", "packaging", "support", "price")
LEAVING: Final = ("price", "quality", "service", "moved", "no need")
