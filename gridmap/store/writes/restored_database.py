"""Audit and sequences that a restored database takes over from the replaced one, on plain connections to both."""

import json
import logging
import tempfile
from collections.abc import Mapping

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name

log = logging.getLogger(__name__)
LAST_ENTRY = "SELECT id, at FROM audit ORDER BY id DESC LIMIT 1"
HAS_ENTRY = "SELECT EXISTS (SELECT FROM audit WHERE id = %s AND at = %s)"
OVERLAP = "1 day"
"""Entries of transactions that were open during the backup have smaller numbers than the last one in it."""
CREATE_REPLACED_AUDIT = """
    CREATE TEMP TABLE replaced_audit (id bigint, subdistrict text, community text, at timestamptz, account_id bigint,
        account text, action text, subject text, subject_id bigint, subject_account text, resident_ids bigint[],
        reason text, details jsonb, ip_address inet) ON COMMIT DROP
"""
COPY_OUT = """
    COPY (SELECT a.id, s.code, c.code, a.at, a.account_id, actor.name, a.action, a.subject, a.subject_id, target.name,
        a.resident_ids, a.reason, a.details, a.ip_address
    FROM audit a LEFT JOIN subdistrict s ON s.id = a.subdistrict_id LEFT JOIN community c ON c.id = a.community_id
    LEFT JOIN account actor ON actor.id = a.account_id
    LEFT JOIN account target ON a.subject = 'account' AND target.id = a.subject_id
    WHERE a.at >= {since}) TO STDOUT
"""
INSERT_MISSING = """
    INSERT INTO audit (id, subdistrict_id, community_id, at, account_id, action, subject, subject_id, resident_ids,
        reason, details, ip_address)
    OVERRIDING SYSTEM VALUE
    SELECT CASE WHEN EXISTS (SELECT FROM audit a WHERE a.id = r.id)
            THEN nextval(pg_get_serial_sequence('audit', 'id')) ELSE r.id END,
        s.id, c.id, r.at, actor.id, r.action, r.subject,
        CASE WHEN r.subject IS DISTINCT FROM 'account' OR target.id IS NOT NULL THEN r.subject_id END,
        r.resident_ids, r.reason,
        r.details || jsonb_strip_nulls(jsonb_build_object(
            'absent_account', CASE WHEN actor.id IS NULL THEN r.account END,
            'absent_subject', CASE WHEN target.id IS NULL THEN r.subject_account END,
            'absent_subdistrict', CASE WHEN s.id IS NULL THEN r.subdistrict END)),
        r.ip_address
    FROM replaced_audit r LEFT JOIN subdistrict s ON s.code = r.subdistrict
    LEFT JOIN community c ON c.subdistrict_id = s.id AND c.code = r.community
    LEFT JOIN account actor ON actor.id = r.account_id AND actor.name = r.account
    LEFT JOIN account target ON target.id = r.subject_id AND target.name = r.subject_account
    WHERE NOT EXISTS (SELECT FROM audit a WHERE a.id = r.id AND a.at = r.at)
    ORDER BY r.id
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
ADVANCE_SEQUENCE = """
    SELECT setval(quote_ident(sequencename)::regclass, %(last)s) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename = %(name)s AND coalesce(last_value, 0) < %(last)s
"""


def carry_on_audit(old: Connection, restored: Connection) -> int | None:
    """Add the entries of the replaced database's audit that the backup does not have, and return their number.

    Returns
    -------
    int or None
        0 for a replaced database without tables; None if its audit cannot be read, because it is damaged or of another
        version: a restore must be possible then, too.
    """
    with restored.cursor() as cursor:
        cursor.execute("SAVEPOINT before_audit")
        try:
            _advance_sequences(old, restored)
            return _add_missing_entries(old, restored)
        except psycopg2.Error as error:
            cursor.execute("ROLLBACK TO before_audit")
            if isinstance(error, psycopg2.errors.UndefinedTable):
                return 0
            log.exception("the audit of the replaced database cannot be read")
            return None


def _add_missing_entries(old: Connection, restored: Connection) -> int:
    """Add the entries that the backup does not have, and return their number.

    Entries keep their numbers unless others have them. Accounts and subdistricts that the backup does not know are
    named in the details.
    """
    since = _first_needed(old, restored)
    with tempfile.TemporaryFile() as rows, old.cursor() as source, restored.cursor() as target:
        source.copy_expert(sql.SQL(COPY_OUT).format(since=sql.Literal(since)).as_string(old), rows)
        rows.seek(0)
        target.execute(CREATE_REPLACED_AUDIT)
        target.copy_expert("COPY replaced_audit FROM STDIN", rows)
        target.execute(INSERT_MISSING)
        return int(target.rowcount)


def _advance_sequences(old: Connection, restored: Connection) -> None:
    """Let new rows get numbers that no row of the replaced database had: the audit names rows by their numbers."""
    with old.cursor() as source, restored.cursor() as target:
        source.execute(SEQUENCES)
        for name, last in source.fetchall():
            target.execute(ADVANCE_SEQUENCE, {"name": name, "last": last})


def end_all_sessions(restored: Connection) -> int:
    """End all sessions of the backup's time, and return their number."""
    with restored.cursor() as cursor:
        cursor.execute("DELETE FROM web_session")
        return int(cursor.rowcount)


def record_for_all_subdistricts(connection: Connection, action: str, details: Mapping[str, object]) -> None:
    """Add an entry to the audit of each subdistrict."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_for_all_subdistricts(%s, %s::jsonb)", [action, json.dumps(details)])


def record_returned_right(connection: Connection, action: str, account: str, details: Mapping[str, object]) -> None:
    """Add an entry about a right that an account has again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_returned_right(%s, %s, %s::jsonb)", [action, account, json.dumps(details)])


def _first_needed(old: Connection, restored: Connection) -> str:
    """Return the time from which entries may be missing: all times if the two do not share the backup's last entry."""
    with old.cursor() as source, restored.cursor() as target:
        target.execute(LAST_ENTRY)
        last = target.fetchone()
        source.execute(HAS_ENTRY, last or (None, None))
        [shared] = source.fetchone()
        target.execute("SELECT %s::timestamptz - %s::interval", [last[1] if shared else "-infinity", OVERLAP])
        return str(target.fetchone()[0]) if shared else "-infinity"
