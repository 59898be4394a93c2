"""Second factor of an account: set-up with an app, recovery codes, reset, and the roles that need one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, totp
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.services.accounts.sign_in import SignedInAccount
from gridmap.store.queries import second_factor as second_factor_queries
from gridmap.store.queries.second_factor import SecondFactorStatus
from gridmap.store.writes import installation as installation_writes
from gridmap.store.writes import second_factor as second_factor_writes

ISSUER = "gridmap"
"""Name under which apps list the code."""
WRONG_CODE = N_("this is not the code that the app shows now: mind that the clock of the phone is right")

__all__ = [
    "Enrolment",
    "SecondFactorStatus",
    "begin_enrolment",
    "confirm_enrolment",
    "find_status",
    "has_second_factor",
    "list_required_roles",
    "require_for_roles",
    "reset_second_factor",
]


@dataclass(frozen=True)
class Enrolment:
    """A secret to set up: as a QR code and as text in groups of four."""

    qr_code: str = field(repr=False)
    key_text: str = field(repr=False)


def find_status(session: Session) -> SecondFactorStatus | None:
    """Return the second factor of the session's account; None if it is not set up."""
    return second_factor_queries.find_own_second_factor(session)


def begin_enrolment(session: Session, account: SignedInAccount) -> Enrolment:
    """Return the secret that the account sets up; the same one until it is confirmed or the session ends.

    Parameters
    ----------
    session : Session
        Of the login for accounts, acting for the account.
    account : SignedInAccount
        Without a second factor.

    Raises
    ------
    NotPossible
        If the keys of the installation are missing.
    """
    ring, stored = load_key_ring(session), second_factor_queries.find_enrolment(session)
    secret = ring.decrypt(stored) if stored is not None else totp.make_secret()
    if stored is None:
        second_factor_writes.begin_enrolment(session, ring.encrypt(secret))
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Enrolment(totp.draw_qr_code(totp.setup_uri(secret, account.name, ISSUER)), groups)


def confirm_enrolment(
    session: Session, account: SignedInAccount, code: str, address: str | None = None
) -> Sequence[str]:
    """Set up the secret after the first code of the app, and end the account's other sessions.

    Returns
    -------
    sequence of str
        Recovery codes, of which only the hashes are stored.

    Raises
    ------
    InvalidInput
        If the code is wrong, or this session has begun no set-up.
    """
    stored = second_factor_queries.find_enrolment(session)
    secret = load_key_ring(session).decrypt(stored) if stored is not None else None
    step = totp.find_step(secret, totp.normalise_code(code)) if secret is not None else None
    if step is None:
        raise InvalidInput([InputFault(Message(WRONG_CODE), column="code")])
    codes = totp.make_recovery_codes()
    hashes = totp.hash_recovery_codes(account.id, codes)
    second_factor_writes.confirm_enrolment(session, step, hashes, address)
    return codes


def has_second_factor(session: Session, account_id: int) -> bool:
    """Return whether an account that the caller manages has a second factor."""
    return second_factor_queries.has_second_factor(session, account_id)


def reset_second_factor(session: Session, caller: Caller, account_id: int, address: str | None = None) -> None:
    """Remove the second factor of an account, which ends all its sessions; it sets up another one where it needs one.

    Raises
    ------
    NotFound
        If the caller may not change the account, or it is the caller's own.
    """
    accounts.get_account(session, caller, account_id)
    if not accounts.can_manage(session, account_id) or account_id == caller.account_id:
        raise NotFound(account_id)
    second_factor_writes.reset_second_factor(session, account_id, address)


def list_required_roles(session: Session) -> Sequence[Role]:
    """Return the roles whose accounts must set up a second factor; for the owner."""
    return installation_writes.get_second_factor_roles(session)


def require_for_roles(session: Session, roles: Sequence[Role]) -> None:
    """Set the roles whose accounts must set up a second factor, from their next page on; for the owner."""
    installation_writes.set_second_factor_roles(session, roles)
