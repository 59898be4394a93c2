"""Rights that a restore brings back: somebody may have been dismissed after the backup was made."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.store.queries.rights import Rights, ScopePlace


@dataclass(frozen=True)
class ReturnedRights:
    """Rights in a restored database that the replaced one did not have.

    Parameters
    ----------
    accounts : sequence of str
        Names of accounts that can sign in again, or exist again.
    scopes : sequence of ScopePlace
        Scopes that had ended, were shorter or did not exist; those of returned accounts included.
    passwords : sequence of str
        Names of accounts whose password is an earlier one again.
    """

    accounts: Sequence[str]
    scopes: Sequence[ScopePlace]
    passwords: Sequence[str]


def find_returned_rights(replaced: Rights, restored: Rights) -> ReturnedRights:
    """Compare the rights of a replaced database with those of the restored one."""
    return ReturnedRights(
        accounts=sorted(restored.accounts.keys() - replaced.accounts.keys()),
        scopes=sorted(
            (
                place
                for place, end in restored.scopes.items()
                if place not in replaced.scopes or replaced.scopes[place] < end
            ),
            key=lambda place: tuple(str(code or "") for code in place),
        ),
        passwords=sorted(
            name
            for name, account in restored.accounts.items()
            if name in replaced.accounts and replaced.accounts[name].password_changed_at != account.password_changed_at
        ),
    )
