"""Second factors, and sign-ins that wait for their second step."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

FIND_SECOND_STEP = text("SELECT account_id, name, secret FROM find_second_step(:token_hash)")
MY_SECOND_FACTOR = text("SELECT confirmed_at, codes_left FROM my_second_factor()")


class SecondStep(NamedTuple):
    """A sign-in that waits for its code: the account, and its encrypted secret."""

    account_id: int
    name: str
    secret: bytes


class SecondFactorStatus(NamedTuple):
    """The second factor of the own account: since when, and the number of recovery codes that are not used."""

    confirmed_at: datetime
    codes_left: int


def find_second_step(session: Session, token_hash: bytes) -> SecondStep | None:
    """Return the sign-in of a token; None where there is none, or its time is over."""
    row = session.execute(FIND_SECOND_STEP, {"token_hash": token_hash}).one_or_none()
    return SecondStep(row.account_id, row.name, bytes(row.secret)) if row else None


def find_own_second_factor(session: Session) -> SecondFactorStatus | None:
    """Return the second factor of the transaction's account, or None."""
    row = session.execute(MY_SECOND_FACTOR).one_or_none()
    return SecondFactorStatus(*row) if row else None


def find_enrolment(session: Session) -> bytes | None:
    """Return the encrypted secret that the transaction's session has begun to set up."""
    secret = session.scalar(select(func.find_enrolment()))
    return bytes(secret) if secret is not None else None


def has_second_factor(session: Session, account_id: int) -> bool:
    """Return whether an account has a second factor; False for an account that the caller does not manage."""
    return bool(session.scalar(select(func.managed_second_factor(account_id))))
