"""The caller of a use case: a value that says on whose behalf data are read and written."""

from dataclasses import dataclass

from gridmap.core.vocabulary import Role


@dataclass(frozen=True)
class Caller:
    """An account and what it may do today; passed to every use case, never read from an ambient place.

    Parameters
    ----------
    account_id : int or None
        None for residents without an account, and for the owner's commands.
    role : Role or None
        None without a valid sign-in.
    subdistrict_ids : tuple of int
        Subdistricts that the account has a scope in today.
    whole_subdistrict_ids : tuple of int
        Those of them that a scope covers as a whole.
    community_ids : tuple of int
        Communities of the scopes; for a worker those of the own grids.
    grid_ids : tuple of int
        Grids of a worker; no other role has any.
    trusted : bool
        True for the owner's commands, which see every row.
    shows_lines : bool
        True for an answer that is recorded in the audit as showing incidents of a leader's service lines.

    Examples
    --------
    >>> Caller(7, Role.PLANNER).trusted, OWNER.trusted, ANONYMOUS.subdistrict_ids
    (False, True, ())
    """

    account_id: int | None = None
    role: Role | None = None
    subdistrict_ids: tuple[int, ...] = ()
    whole_subdistrict_ids: tuple[int, ...] = ()
    community_ids: tuple[int, ...] = ()
    grid_ids: tuple[int, ...] = ()
    trusted: bool = False
    shows_lines: bool = False

    def require_account_id(self) -> int:
        """Return the key of the account.

        Raises
        ------
        PermissionError
            If the caller has no account.
        """
        if self.account_id is None:
            raise PermissionError("only an account can do this")
        return self.account_id


OWNER = Caller(trusted=True)
"""The owner's commands: no account, every row."""
ANONYMOUS = Caller()
"""A request without a valid sign-in."""
