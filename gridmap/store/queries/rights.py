"""Accounts and scopes in a database that a restore replaces or brings back, on a plain connection."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name

ACTIVE_ACCOUNTS = """
    SELECT a.name, a.display_name, a.role, c.changed_at FROM account a LEFT JOIN credential c ON c.account_id = a.id
    WHERE a.active
"""
CURRENT_SCOPES = """
    SELECT a.name, s.code, c.code, g.code, p.can_approve, max(coalesce(upper(p.valid), 'infinity'))
    FROM account_scope p JOIN account a ON a.id = p.account_id JOIN subdistrict s ON s.id = p.subdistrict_id
    LEFT JOIN community c ON c.id = p.community_id LEFT JOIN grid g ON g.id = p.grid_id
    WHERE a.active AND coalesce(upper(p.valid) > CURRENT_DATE, true) GROUP BY 1, 2, 3, 4, 5
"""


class ScopePlace(NamedTuple):
    """A scope by the name of its account, the codes of its places, and whether plans may be approved there."""

    account: str
    subdistrict: str
    community: str | None
    grid: str | None
    can_approve: bool = False


@dataclass(frozen=True)
class ActiveAccount:
    """An account that can sign in, by its name, and when its password was set."""

    display_name: str
    role: str
    password_changed_at: datetime | None


@dataclass(frozen=True)
class Rights:
    """Accounts that can sign in, by name, and the day after the last one of their present and future scopes."""

    accounts: Mapping[str, ActiveAccount]
    scopes: Mapping[ScopePlace, date]


NO_RIGHTS = Rights({}, {})


def read_rights(connection: Connection) -> Rights:
    """Return the rights in a database; none if it has no accounts that this version can read."""
    with suppress(psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn), connection.cursor() as cursor:
        cursor.execute(ACTIVE_ACCOUNTS)
        accounts = {name: ActiveAccount(*values) for name, *values in cursor.fetchall()}
        cursor.execute(CURRENT_SCOPES)
        return Rights(accounts, {ScopePlace(*place): end for *place, end in cursor.fetchall()})
    return NO_RIGHTS
