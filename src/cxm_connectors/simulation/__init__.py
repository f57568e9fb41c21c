"""Vendors on loopback, and the synthetic company whose history they hold."""

from ._company import Company
from ._demo import CompanyDemo
from ._in_process import InProcess
from ._log import Exchange
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
    "Exchange",
    "InProcess",
    "Serving",
    "SimAccount",
    "SimCustomer",
    "SimDeal",
    "SimForm",
    "SimInvitation",
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
]
