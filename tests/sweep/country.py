"""Two subdistricts whose every word and number can be told from the other's, and people of every role in both.

All texts of a subdistrict carry its mark, all its keys begin with its digits, every identity number and phone is known:
where one of them turns up in an answer, it is known whose it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, String, create_engine, func, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gridmap.core.names import Role
from gridmap.services import accounts, demo, keys, passwords
from gridmap.services.scopes import Place
from gridmap.store import schema
from gridmap.store.schema import Base
from gridmap.store.session import Database

PASSWORD = "seven ferries cross at noon"
NUMBERS = re.compile(rb"(?<![\d.])(?:\d{17}[\dXx]|1\d{10})(?!\d)")
PUBLIC = {
    "subdistrict": "SELECT unnest(ARRAY[code, name, supervision_phone]) FROM subdistrict",
    "community": "SELECT unnest(ARRAY[code, name, station_phone]) FROM community",
    "grid": "SELECT code FROM grid",
    "revision_grid": "SELECT r.name FROM revision_grid r JOIN adoption a ON a.revision_id = r.revision_id"
    " AND a.valid @> today()",
    "worker": "SELECT unnest(ARRAY[w.name, w.office_phone]) FROM worker w"
    " JOIN duty d ON d.worker_id = w.id AND d.in_charge",
}
"""What pages and functions for everybody may tell of any subdistrict: who answers for which grid, and how to call."""
CHECKED = {"kind", "status", "line", "tenure", "channel", "crs", "role", "language", "category", "action", "subject"}
"""Texts that are words of a vocabulary, the same everywhere."""


@dataclass(frozen=True)
class Side:
    """A subdistrict: which demo it is, what its texts carry, what its keys begin with."""

    preset: str
    mark: str
    digits: str
    id: int = 0
    code: str = ""

    def traces(self) -> re.Pattern[bytes]:
        """What is found in an answer only if it tells of this subdistrict."""
        return re.compile(rf"{self.mark}|(?<![\d.]){self.digits}\d{{8}}(?!\d)".encode())

    def names(self) -> re.Pattern[bytes]:
        """Names of its residents in clear."""
        return re.compile(rf"o{self.mark}person\d+".encode())


SIDES = (Side("strip", "eastqx7", "61"), Side("towers", "westqx7", "71"))

NOBODYS = "81"
"""What the keys begin with of whatever is written while questions are asked: a plan that is divided anew, say."""


@dataclass(frozen=True)
class Persona:
    """Somebody who asks: a role or nobody's, at home in a subdistrict, or nowhere any more."""

    name: str
    role: Role | None = None
    account: int | None = None
    home: Side | None = None
    told_of_home: bool = True

    def foreign(self) -> list[Side]:
        """Subdistricts of which no answer may tell."""
        return [side for side in SIDES if self.home is None or not self.told_of_home or side.mark != self.home.mark]


NOBODY = Persona("nobody")


@dataclass(frozen=True)
class Country:
    """Both subdistricts in a database, by the addresses of its two logins."""

    owner: str
    app: str
    sides: Sequence[Side]
    personas: Sequence[Persona]
    numbers: dict[str, tuple[bytes, ...]]
    public: frozenset[str]

    def in_clear(self) -> frozenset[bytes]:
        """Every identity number and phone there is."""
        return frozenset(each for numbers in self.numbers.values() for each in numbers)

    def at_home(self, side: Side) -> list[Persona]:
        """Who works, or worked, in a subdistrict."""
        return [each for each in self.personas if each.home and each.home.mark == side.mark]


def country(owner: str, app: str) -> Country:
    """Fill an empty database."""
    database = Database(owner, trusted=True)
    try:
        loaded = [_loaded(database, side) for side in SIDES]
        sides, personas = [side for side, _ in loaded], [each for _, people in loaded for each in people]
        with database.transaction() as session:
            _same_password(session)
            numbers = {side.mark: tuple(_numbers(session, side)) for side in sides}
            _mark(session.connection(), sides)
            _keep(session.connection())
            _number_from(session, NOBODYS)
            public = frozenset(str(each) for query in PUBLIC.values() for each in session.scalars(text(query)) if each)
    finally:
        database.close()
    return Country(owner, app, sides, personas, numbers, public)


def _loaded(database: Database, side: Side) -> tuple[Side, list[Persona]]:
    """A subdistrict and its people, in the same run of keys."""
    with database.transaction() as session:
        _number_from(session, side.digits)
    code = demo.load_demo(database, side.preset).code
    with database.transaction() as session:
        number = session.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == code)).one()
        made = replace(side, id=number, code=code)
        return made, list(_personas(session, made))


def _number_from(session: Session, digits: str) -> None:
    """Let the keys of what is written from now on begin with some digits."""
    for name, table in Base.metadata.tables.items():
        if "id" in table.c:
            session.execute(text(f"ALTER TABLE {name} ALTER COLUMN id RESTART WITH {digits}00000001"))


def _personas(session: Session, side: Side) -> Iterator[Persona]:
    """The demo's accounts, and those whose access is narrow, over or taken away."""
    suffix = "" if side.preset == "strip" else f"-{side.preset}"
    for role in Role:
        found = session.scalars(select(schema.Account.id).where(schema.Account.name == f"{role}{suffix}")).one()
        yield Persona(f"{role} {side.mark}", role, found, side)
    yesterday = session.scalars(select(func.today())).one() - timedelta(days=1)
    community, grid = _first_grid(session, side)
    whole, ended = Place(side.code), Place(side.code, first=yesterday - timedelta(days=9), last=yesterday)
    yield _made(session, side, Role.WORKER, "one-grid", Place(side.code, community, grid))
    yield _made(session, side, Role.PLANNER, "one-community", Place(side.code, community))
    yield replace(_made(session, side, Role.STATION, "substitute", ended), told_of_home=False)
    away = replace(_made(session, side, Role.ADMIN, "away", whole), told_of_home=False)
    session.execute(update(schema.Account).where(schema.Account.id == away.account).values(active=False))
    yield replace(away, role=None)


def _first_grid(session: Session, side: Side) -> tuple[str, str]:
    rows = select(schema.Community.code, schema.Grid.code).join(
        schema.Grid, schema.Grid.community_id == schema.Community.id
    )
    found = session.execute(rows.where(schema.Grid.subdistrict_id == side.id).order_by(schema.Grid.code)).first()
    assert found
    return str(found[0]), str(found[1])


def _made(session: Session, side: Side, role: Role, name: str, place: Place) -> Persona:
    made, _ = accounts.make_account(session, f"{name}-{side.digits}", role, "", place)
    return Persona(f"{name} {side.mark}", role, made, side)


def _same_password(session: Session) -> None:
    session.execute(update(schema.Credential).values(password=passwords.hashed(PASSWORD), must_change=False))


def _numbers(session: Session, side: Side) -> Iterator[bytes]:
    ring = keys.ring(session)
    columns = schema.Resident.id_number_sealed, schema.Resident.phone_sealed
    for row in session.execute(select(*columns).where(schema.Resident.subdistrict_id == side.id)):
        yield from (ring.unseal(sealed).encode() for sealed in row if sealed)


def _mark(connection: Connection, sides: Sequence[Side]) -> None:
    """Write the mark of the subdistrict into every text, those of rows that never change among them."""
    for name in Base.metadata.tables:
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    for side in sides:
        for name, columns in _texts().items():
            changes = ", ".join(f"{column} = left({column}, {most}) || '{side.mark}'" for column, most in columns)
            whose = "id" if name == "subdistrict" else "subdistrict_id"
            connection.execute(text(f"UPDATE {name} SET {changes} WHERE {whose} = {side.id}"))
        own = "id IN (SELECT account_id FROM account_scope WHERE subdistrict_id = :id AND valid @> CURRENT_DATE)"
        mark = f"UPDATE account SET display_name = display_name || '{side.mark}' WHERE active AND {own}"
        connection.execute(text(mark), {"id": side.id})
        person = f"UPDATE resident SET name = 'o{side.mark}person' || id WHERE subdistrict_id = :id"
        connection.execute(text(person), {"id": side.id})
    for name in Base.metadata.tables:
        connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def _texts() -> dict[str, list[tuple[str, int]]]:
    """Columns of free text by table, with the letters that leave room for a mark."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, table in Base.metadata.tables.items():
        if "subdistrict_id" not in table.c and name != "subdistrict":
            continue
        texts = [column for column in table.c if isinstance(column.type, String) and column.name not in CHECKED]
        if texts:
            found[name] = [(column.name, (getattr(column.type, "length", None) or 400) - 12) for column in texts]
    return found


def restored(country: Country) -> None:
    """Accounts as they were: what one question does must not spare the next one."""
    with create_engine(country.owner, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE account a SET active = k.active FROM kept.account k WHERE k.id = a.id"))
        same = "UPDATE credential c SET password = k.password, must_change = false FROM kept.credential k"
        connection.execute(text(f"{same} WHERE k.account_id = c.account_id"))
        connection.execute(text("DELETE FROM account_scope"))
        connection.execute(text("INSERT INTO account_scope SELECT * FROM kept.account_scope"))
        connection.execute(text("DELETE FROM sign_in_brake"))


def _keep(connection: Connection) -> None:
    connection.execute(text("CREATE SCHEMA kept"))
    for name in ("account", "account_scope", "credential"):
        connection.execute(text(f"CREATE TABLE kept.{name} AS TABLE {name}"))
