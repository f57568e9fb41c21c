"""Vendors on loopback, and the synthetic company whose history they hold."""

from ._company import Company
from ._contact_story import SimContact
from ._contact_truth import ContactTruth
from ._contact_ways import ContactChannel, ContactPlan
from ._contacts import ContactHistory, contact_history
from ._demo import CompanyDemo
from ._in_process import InProcess
from ._log import Exchange
from ._matters import SimMatter
from ._messages import SimMessage
from ._people import SimAccount, SimCustomer, SimStaff
from ._sales import SimDeal, SimOrder
from ._server import Serving
from ._surveys import SimForm, SimInvitation, SimQuestion, SimSubmission
from ._tickets import SimRating, SimTicket, SimTicketEvent
from ._truth import Truth
from ._wire import SimRequest, SimResponse, Simulator

__all__ = [
    "Company",
    "CompanyDemo",
    "ContactChannel",
    "ContactHistory",
    "ContactPlan",
    "ContactTruth",
    "Exchange",
    "InProcess",
    "Serving",
    "SimAccount",
    "SimContact",
    "SimCustomer",
    "SimDeal",
    "SimForm",
    "SimInvitation",
    "SimMatter",
    "SimMessage",
    "SimOrder",
    "SimQuestion",
    "SimRating",
    "SimRequest",
    "SimResponse",
    "SimStaff",
    "SimSubmission",
    "SimTicket",
    "SimTicketEvent",
    "Simulator",
    "Truth",
    "contact_history",
]
