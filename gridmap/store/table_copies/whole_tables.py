"""Tables of a whole subdistrict: every row, with its history, under its own key."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import BigInteger, select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.table_rows import TableRows
from gridmap.store.schema import Base
from gridmap.store.table_copies.columns import referenced_table
from gridmap.store.table_copies.insertion import copy_texts
from gridmap.store.table_copies.row_reader import read_rows

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("credential", "second_factor", "recovery_code", "pending_sign_in"), "secrets of sign-in"),
        **dict.fromkeys(("web_session", "known_device", "sign_in_throttle", "line_viewing"), "browsers and sessions"),
        **dict.fromkeys(("installation", "installation_secret"), "of the installation"),
        **dict.fromkeys(
            ("job", "stored_file", "stored_file_chunk", "import_draft", "periodic_task", "case_query_throttle"),
            "work of the moment",
        ),
    }
)
"""Tables that no copy has, with the reason; every other one is copied, and a test holds this list."""
OF_SUBDISTRICT = "subdistrict_id = :subdistrict_id"
CHANGE_SETS = "SELECT s.id FROM change_set s WHERE s.subdistrict_id = :subdistrict_id"
OTHER_CONDITIONS = {
    "subdistrict": "id = :subdistrict_id",
    "record_change": f"change_set_id IN ({CHANGE_SETS})",
}


def whole_conditions() -> dict[str, str]:
    """Return the conditions of the rows of a subdistrict by table, tables before those that refer to them.

    Accounts are those that a row of the subdistrict names.
    """
    names = [table.name for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
    conditions = {name: OTHER_CONDITIONS.get(name, OF_SUBDISTRICT) for name in names}
    uses = " UNION ".join(_account_uses({name: conditions[name] for name in names if name != "account"}))
    return {**conditions, "account": f"id IN ({uses})"}


def read_whole(session: Session, subdistrict_id: int) -> Iterator[TableRows]:
    """Yield every row of a subdistrict, table by table."""
    for name, condition in whole_conditions().items():
        yield read_rows(session, OWNER, name, condition, {"subdistrict_id": subdistrict_id})


def get_schema_revision(session: Session) -> str:
    """Return the number of the newest migration of the database."""
    return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def find_taken_keys(session: Session, rows: TableRows) -> bool:
    """Return whether the database has rows of a table with keys of the copy."""
    table = Base.metadata.tables[rows.name]
    if "id" not in rows.columns or not rows.rows or not _is_numbered(rows.name):
        return False
    keys = [int(str(key)) for key in rows.values("id")]
    return session.execute(select(table.c.id).where(table.c.id.in_(keys)).limit(1)).first() is not None


def insert_whole(session: Session, tables: list[TableRows]) -> None:
    """Insert tables under their own keys, without triggers: nothing is recorded or derived a second time.

    Parameters
    ----------
    session : Session
        Of the owner of the tables.
    tables : list of TableRows
        Tables before those that refer to them.

    Raises
    ------
    NotPossible
        If the database refuses a row.
    """
    for rows in tables:
        session.execute(text(f"ALTER TABLE {rows.name} DISABLE TRIGGER USER"))
    for rows in tables:
        copy_texts(session, rows)
    for rows in tables:
        session.execute(text(f"ALTER TABLE {rows.name} ENABLE TRIGGER USER"))
        _advance_sequence(session, rows)


def _account_uses(conditions: Mapping[str, str]) -> Iterator[str]:
    for name, condition in conditions.items():
        table = Base.metadata.tables[name]
        for column in table.c:
            if referenced_table(table, str(column.name)) == "account":
                yield f"SELECT {name}.{column.name} FROM {name} WHERE {condition}"  # noqa: S608 - names of the schema


def _is_numbered(table: str) -> bool:
    """Return whether the database numbers the rows of a table; some have random keys."""
    return isinstance(Base.metadata.tables[table].c.id.type, BigInteger)


def _advance_sequence(session: Session, rows: TableRows) -> None:
    """Let new rows get keys after those of the copy."""
    if "id" not in rows.columns or not rows.rows or not _is_numbered(rows.name):
        return
    highest = max(int(str(key)) for key in rows.values("id"))
    sequence = session.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": rows.name})
    if sequence:
        advance = text(f"SELECT setval(:sequence, greatest(:highest, (SELECT last_value FROM {sequence})))")  # noqa: S608 - the name comes from the catalogue
        session.execute(advance, {"sequence": sequence, "highest": highest})
