"""Identity numbers and phones in copies: in clear within the encrypted file, else under an installation's own keys."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from gridmap.core.table_rows import TableRows
from gridmap.store.key_ring import KeyRing

FIELDS = ("id_number", "phone")
BYTEA_PREFIX = r"\x"
JOURNAL, RESIDENTS = "record_change", "resident"
Values = dict[str, Any]


def decrypt_numbers(rows: TableRows, ring: KeyRing) -> TableRows:
    """Return rows with numbers in clear and without blind indexes; other tables stay as they are."""

    def decrypt(values: Values) -> Values:
        changed = dict(values)
        for name in FIELDS:
            encrypted = values.get(f"{name}_encrypted")
            if isinstance(encrypted, str) and encrypted.startswith(BYTEA_PREFIX):
                changed[f"{name}_encrypted"] = ring.decrypt(bytes.fromhex(encrypted.removeprefix(BYTEA_PREFIX)))
                changed[f"{name}_index"] = None
        return changed

    return _change_numbers(rows, decrypt)


def encrypt_numbers_again(rows: TableRows, ring: KeyRing) -> TableRows:
    """Return rows with numbers encrypted and indexed by the keys of this installation."""

    def encrypt(values: Values) -> Values:
        changed = dict(values)
        for name in FIELDS:
            clear = values.get(f"{name}_encrypted")
            if isinstance(clear, str):
                changed[f"{name}_encrypted"] = BYTEA_PREFIX + ring.encrypt(clear).hex()
                changed[f"{name}_index"] = BYTEA_PREFIX + ring.blind_index(clear).hex()
        return changed

    return _change_numbers(rows, encrypt)


def _change_numbers(rows: TableRows, change: Callable[[Values], Values]) -> TableRows:
    if rows.name == RESIDENTS:
        changed = [list(change(dict(zip(rows.columns, row, strict=True))).values()) for row in rows.rows]
    elif rows.name == JOURNAL:
        position = rows.position("before")
        changed = [[*row[:position], _change_json(row[position], change), *row[position + 1 :]] for row in rows.rows]
    else:
        return rows
    return TableRows(rows.name, rows.columns, rows.kinds, changed)


def _change_json(text: str | None, change: Callable[[Values], Values]) -> str | None:
    """Return earlier values of a row of the journal with changed numbers; those without numbers stay word for word."""
    values: Mapping[str, Any] | None = json.loads(text) if text else None
    if values is None or not any(f"{name}_encrypted" in values for name in FIELDS):
        return text
    return json.dumps(change(dict(values)), ensure_ascii=False)
