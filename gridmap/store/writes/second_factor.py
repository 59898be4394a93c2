"""Changes of second factors; each is a database function that checks the permission and writes the audit."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.store.network_address import inet_value, parse_address
from gridmap.store.writes.sign_in import Client

COMPLETE_SECOND_STEP = text(
    "SELECT complete_second_step(:pending_hash, :step, :code_hash, :token_hash, cast(:address AS inet), :device_hash)"
)
CONFIRM_ENROLMENT = text("SELECT confirm_enrolment(:step, cast(:code_hashes AS bytea[]), cast(:address AS inet))")


class TypedCode(NamedTuple):
    """A code that fits: the time step of one of the app, or the hash of a recovery code."""

    step: int | None = None
    code_hash: bytes | None = None


def complete_second_step(
    session: Session, pending_hash: bytes, code: TypedCode, token_hash: bytes, client: Client
) -> bool:
    """Take a code and open a session; return False if the code has been used."""
    values = {**code._asdict(), "pending_hash": pending_hash, "token_hash": token_hash}
    values |= {"address": parse_address(client.address), "device_hash": client.device_hash}
    return bool(session.scalar(COMPLETE_SECOND_STEP, values))


def insert_failed_second_step(session: Session, pending_hash: bytes, client: Client) -> None:
    """Write a failed code to the audit."""
    session.execute(select(func.record_failed_second_step(pending_hash, inet_value(client.address))))


def begin_enrolment(session: Session, encrypted_secret: bytes) -> None:
    """Store the secret that the transaction's session sets up."""
    session.execute(select(func.begin_enrolment(encrypted_secret)))


def confirm_enrolment(session: Session, step: int, code_hashes: Sequence[bytes], address: str | None) -> None:
    """Set up the secret of the transaction's session, with its recovery codes; end the account's other sessions."""
    values = {"step": step, "code_hashes": list(code_hashes), "address": parse_address(address)}
    session.execute(CONFIRM_ENROLMENT, values)


def reset_second_factor(session: Session, account_id: int, address: str | None) -> None:
    """Remove the second factor of an account; all its sessions are closed."""
    session.execute(select(func.reset_second_factor(account_id, inet_value(address))))
