"""Receipts of cases: number and query code, with which a resident reads the state without an account."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import CaseActor
from gridmap.services.cases import cases as case_services
from gridmap.services.cases.cases import CaseDetails
from gridmap.store.queries.cases import public_cases
from gridmap.store.queries.cases.public_cases import PublicCase, QueriesPaused

__all__ = ["PublicCase", "QueriesPaused", "Receipt", "find_public_case", "get_receipt", "load_receipt"]
RECEIPT_ACTORS = frozenset({CaseActor.STATION, CaseActor.REPORTER})
"""Parts in a case of the accounts that tell a resident its number and code."""


@dataclass(frozen=True)
class Receipt:
    """Number and query code of a case; the code has eight digits."""

    number: str
    query_code: str

    @property
    def spoken_code(self) -> str:
        """Query code in two groups of four digits, as it is read out."""
        return f"{self.query_code[:4]} {self.query_code[4:]}"


def get_receipt(session: Session, details: CaseDetails) -> Receipt | None:
    """Return the receipt of a case; None for accounts that tell nobody about it."""
    if not details.actors & RECEIPT_ACTORS:
        return None
    return Receipt(details.case.number, public_cases.get_query_code(session, details.case.incident_id))


def load_receipt(session: Session, caller: Caller, incident_id: int) -> tuple[CaseDetails, Receipt]:
    """Return a case with its receipt.

    Raises
    ------
    NotFound
        If the caller does not see the incident, or tells nobody about it.
    """
    details = case_services.load_case(session, caller, incident_id)
    receipt = get_receipt(session, details)
    if receipt is None:
        raise NotFound(incident_id)
    return details, receipt


def find_public_case(
    session: Session, number: str, query_code: str, ip_address: str | None
) -> PublicCase | QueriesPaused | None:
    """Return the state of the case with a number and a query code; spaces in either do not matter.

    Ten failures within an hour for a number, or a hundred from an address, pause the queries until the hour has passed.

    Parameters
    ----------
    session : Session
        Its transaction has to be committed, whatever the answer.
    number, query_code : str
        As a resident has typed them.
    ip_address : str or None
        Address that the query comes from.
    """
    plain_number, plain_code = (re.sub(r"\s", "", text).upper() for text in (number, query_code))
    return public_cases.find_public_case(session, plain_number, plain_code, ip_address)
