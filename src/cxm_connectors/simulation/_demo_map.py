"""The map of the synthetic company: what its customers want, and how the service is made."""

from __future__ import annotations

from typing import Final

#: Touchpoints, a journey over them, and the blueprint behind it, in TOML.
MAP: Final = """
# ---- the map -----------------------------------------------------------------------------------

[[touchpoints]]
name = "advice"
title = "Ask for advice"
activities = ["deal"]
channels = ["email", "chat"]
feeling = 1
asks = ["Which size do I need?"]

[[touchpoints]]
name = "parcel"
title = "The parcel comes"
question = "{ces}"
channels = "other"
asks = ["Where is it?"]

[[touchpoints]]
name = "help"
title = "Ask for help"
question = "{csat}"
channels = ["email", "web", "chat", "phone"]
asks = ["Who sees to it?", "Do I have to explain it again?"]

[[touchpoints]]
name = "repair"
title = "Have it repaired"
channels = "other"
feeling = -1

[[journeys]]
name = "outfit"
title = "Getting an outfit, and keeping it"
owner = "Head of service"
goal = "Be out there with things that hold"
headline = "csat"
outcome = "Customers buy again"

[[journeys.stages]]
name = "choose"
title = "Choose"
touchpoints = ["advice"]

[[journeys.stages]]
name = "receive"
title = "Receive"
touchpoints = ["parcel"]

[[journeys.stages]]
name = "use"
title = "Use and keep"
touchpoints = ["help", "repair"]

[[blueprints]]
name = "helping"
title = "Answering a call for help"
journey = "outfit"
owner = "Head of service"

[[blueprints.steps]]
name = "mail"
title = "Confirmation with a number"
lane = "evidence"
stage = "use"

[[blueprints.steps]]
name = "ask"
title = "Asks for help"
lane = "customer"
stage = "use"
touchpoint = "help"

[[blueprints.steps]]
name = "answer"
title = "Answers"
lane = "front_stage"
role = "agent"
systems = "Zendesk"
stage = "use"

[[blueprints.steps]]
name = "known"
title = "Is it a known matter?"
lane = "backstage"
kind = "choice"
role = "agent"
stage = "use"

[[blueprints.steps]]
name = "mend"
title = "Mends it"
lane = "backstage"
role = "workshop"
stage = "use"
touchpoint = "repair"

[[blueprints.steps]]
name = "account"
title = "Account of the customer"
lane = "support"
systems = "HubSpot"
stage = "use"

[[blueprints.links]]
source = "ask"
target = "answer"

[[blueprints.links]]
source = "answer"
target = "mail"

[[blueprints.links]]
source = "answer"
target = "known"

[[blueprints.links]]
source = "known"
target = "mend"
label = "broken"
carries = ["order", "photo"]

[[blueprints.links]]
source = "answer"
target = "account"

# ---- what was promised -------------------------------------------------------------------------

[[promises]]
name = "seen_to"
title = "Seen to within a week, and not more than twice"
owner = "Head of service"
window = "2026-Q2"
indicators = [
  {{ name = "in_a_week", expect = "solved", within = "7d", target = 0.8 }},
  {{ name = "at_most_twice", expect = "contacts", at_most = 2, target = 0.9 }},
]
"""
