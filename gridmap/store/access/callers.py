"""The caller of a transaction, as the database knows the account."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import ANONYMOUS, Caller
from gridmap.core.vocabulary import Role

CALLER = text("""
    SELECT my_account() AS account_id, my_role() AS role, my_subdistricts() AS subdistrict_ids,
        my_whole_subdistricts() AS whole_subdistrict_ids, my_communities() AS community_ids, my_grids() AS grid_ids
""")


def load_caller(session: Session) -> Caller:
    """Return the caller whose account the transaction was opened for; anonymous without one.

    Web requests have a caller from their sign-in already and need no trip to the database for it.
    """
    row = session.execute(CALLER).one()
    if not row.account_id:
        return ANONYMOUS
    return Caller(
        account_id=int(row.account_id),
        role=Role(row.role),
        subdistrict_ids=tuple(row.subdistrict_ids),
        whole_subdistrict_ids=tuple(row.whole_subdistrict_ids),
        community_ids=tuple(row.community_ids),
        grid_ids=tuple(row.grid_ids),
    )
