"""A subdistrict whole in an encrypted file, and back in another database: the owner's commands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap import __version__
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.table_rows import ColumnKind, TableRows
from gridmap.formats.results.atomic_file import replace_file
from gridmap.postgres.backups.backup_file import BackupReader, write_stream
from gridmap.postgres.backups.backup_keys import load_identities, parse_recipients
from gridmap.services.accounts.audit import AuditEntry, record_entry
from gridmap.services.accounts.encryption_keys import load_key_ring, load_or_create_key_ring
from gridmap.services.exports.copied_numbers import decrypt_numbers, encrypt_numbers_again
from gridmap.services.operations.backups import load_recipients
from gridmap.store.queries import territory
from gridmap.store.queries.encrypted_values import has_encrypted_values
from gridmap.store.session import Database
from gridmap.store.table_copies.whole_tables import (
    find_taken_keys,
    get_schema_revision,
    insert_whole,
    read_whole,
    whole_conditions,
)
from gridmap.store.writes import bulk

KIND = "subdistrict"
RECIPIENT_NEEDED = N_(
    "The file holds names, identity numbers and phones: name a recipient by --recipient, or choose one by gridmap"
    " keys recipient --new FILE."
)
NO_WHOLE_FILE = N_("{file} is no subdistrict that gridmap exported.")
OTHER_SCHEMA = N_(
    "The file is of another version of gridmap ({found}; here {present}): use the same version on both sides."
)
KEYS_TAKEN = N_(
    "The database has rows of {table} with the same keys. Load the subdistrict into a database of its own, for example"
    " with another GRIDMAP_HOME."
)


@dataclass(frozen=True)
class WholeCopy:
    """A copy of a subdistrict: its code, and the number of rows by table."""

    code: str
    rows: Mapping[str, int]


def export_whole(database: Database, code: str, target: Path, recipients: Sequence[str] = ()) -> WholeCopy:
    """Write every row of a subdistrict to an encrypted file.

    Identity numbers and phones are decrypted into the file, so that it needs none of this installation's keys.

    Parameters
    ----------
    database : Database
        Of the owner.
    code : str
        Code of the subdistrict.
    target : Path
        File to write; an existing one is replaced.
    recipients : sequence of str
        Recipients (``age1…``); by default those of the backups.

    Raises
    ------
    NotFound
        If there is no such subdistrict.
    NotPossible
        If there is no recipient: such a file is never written in clear text.
    InvalidInput
        If a recipient or the target cannot be used.
    """
    keys = parse_recipients(recipients or load_recipients().recipients)
    if not keys:
        raise NotPossible(Message(RECIPIENT_NEEDED))
    counts: dict[str, int] = {}
    with database.transaction(None) as session:
        subdistrict = territory.find_subdistrict_by_code(session, OWNER, code)
        if subdistrict is None:
            raise NotFound(code)
        entry = AuditEntry("export", KIND, subdistrict.id, subdistrict_id=subdistrict.id, details={"page": "whole"})
        record_entry(session, entry)
        manifest = _make_manifest(session, code)
        with replace_file(target, target.suffix) as temporary, temporary.open("wb") as file:
            temporary.chmod(0o600)
            write_stream(manifest, _encode_tables(session, subdistrict.id, counts), file, keys)
    return WholeCopy(code, counts)


def load_whole(database: Database, source: Path, identity_file: Path | None = None) -> WholeCopy:
    """Load a subdistrict that `export_whole` wrote: every row under its own key.

    Numbers are encrypted with the keys of this installation. Accounts come without passwords: give those who go on
    working a one-time password.

    Parameters
    ----------
    database : Database
        Of the owner.
    source : Path
    identity_file : Path, optional
        File with the identity that decrypts it.

    Raises
    ------
    InvalidInput
        If the file is damaged, another one, or encrypted for another key.
    NotPossible
        If it is of another version, or the database has rows with the same keys. Nothing is stored then.
    """
    content = bytearray()
    manifest = BackupReader(source, load_identities(identity_file) if identity_file else ()).read(content.extend)
    if manifest.get("kind") != KIND:
        raise NotPossible(Message(NO_WHOLE_FILE, {"file": source.name}))
    with database.transaction(None) as session:
        present = get_schema_revision(session)
        if manifest["schema"] != present:
            raise NotPossible(Message(OTHER_SCHEMA, {"found": manifest["schema"], "present": present}))
        tables = list(_decode_tables(bytes(content)))
        for rows in tables:
            if find_taken_keys(session, rows):
                raise NotPossible(Message(KEYS_TAKEN, {"table": rows.name}))
        ring = load_or_create_key_ring(session, OWNER)
        insert_whole(session, [encrypt_numbers_again(rows, ring) for rows in tables])
        subdistrict_id = int(str(next(rows for rows in tables if rows.name == KIND).values("id")[0]))
        record_entry(session, AuditEntry("whole_loaded", KIND, subdistrict_id, subdistrict_id=subdistrict_id))
        bulk.analyze(session)
    return WholeCopy(str(manifest["code"]), {rows.name: len(rows.rows) for rows in tables})


def _make_manifest(session: Session, code: str) -> dict[str, object]:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    schema = get_schema_revision(session)
    return {"kind": KIND, "code": code, "roles": {}, "gridmap": __version__, "schema": schema, "made": made}


def _encode_tables(session: Session, subdistrict_id: int, counts: dict[str, int]) -> Iterator[bytes]:
    """Yield each table as a line with its columns and a line for each row, all JSON."""
    ring = load_key_ring(session) if has_encrypted_values(session) else None
    for stored in read_whole(session, subdistrict_id):
        rows = decrypt_numbers(stored, ring) if ring else stored
        counts[rows.name] = len(rows.rows)
        header = {"table": rows.name, "columns": list(rows.columns), "kinds": list(rows.kinds), "rows": len(rows.rows)}
        yield json.dumps(header).encode() + b"\n"
        for row in rows.rows:
            yield json.dumps(list(row), ensure_ascii=False).encode() + b"\n"


def _decode_tables(content: bytes) -> Iterator[TableRows]:
    """Yield the tables of a file whose checksum was right."""
    lines = iter(content.splitlines())
    expected = whole_conditions()
    for line in lines:
        header = json.loads(line)
        if header["table"] not in expected:
            raise NotPossible(Message(NO_WHOLE_FILE, {"file": header["table"]}))
        rows = [json.loads(next(lines)) for _ in range(header["rows"])]
        kinds = [ColumnKind(kind) for kind in header["kinds"]]
        yield TableRows(header["table"], header["columns"], kinds, rows)
