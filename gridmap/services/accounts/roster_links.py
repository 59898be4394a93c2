"""Links between accounts of workers and people of the roster, whose grids open to the account.

Only a function of the database writes a link, and records it: through the roster an account sees persons.
"""

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.store.queries import accounts as account_queries
from gridmap.store.queries.roster import RosterPerson, list_linkable_people
from gridmap.store.writes import accounts as account_writes

__all__ = ["RosterPerson", "link_person", "list_linkable_people"]


def link_person(session: Session, caller: Caller, account_id: int, worker_id: int | None) -> None:
    """Let a person of the roster sign in with an account, in place of whoever did so before.

    Parameters
    ----------
    session : Session
        Of the login for accounts.
    caller : Caller
        An admin who manages the account and works in the person's community, or the owner.
    account_id : int
        Account of role worker.
    worker_id : int or None
        Person without another account; None to end the link.

    Raises
    ------
    NotFound
        If the caller may not change the account, or not link the person.
    """
    if not account_queries.can_manage_account(session, account_id):
        raise NotFound(account_id)
    people = {person.id: person for person in list_linkable_people(session, caller, account_id)}
    if worker_id is not None and worker_id not in people:
        raise NotFound(worker_id)
    for person in people.values():
        if person.account_id == account_id and person.id != worker_id:
            account_writes.link_worker(session, person.id, None)
    if worker_id is not None and people[worker_id].account_id is None:
        account_writes.link_worker(session, worker_id, account_id)
