"""The caller of a transaction, as the database knows the account."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import ANONYMOUS, Caller
from gridmap.core.vocabulary import Role

CALLER = text("SELECT my_account() AS account_id, my_role() AS role, my_subdistricts()")


def load_caller(session: Session) -> Caller:
    """Return the caller whose account the transaction was opened for; anonymous without one.

    Web requests have a caller from their sign-in already and need no trip to the database for it.
    """
    row = session.execute(CALLER).one()
    if not row.account_id:
        return ANONYMOUS
    return Caller(int(row.account_id), Role(row.role) if row.role else None, tuple(row.my_subdistricts or ()))
