"""Files of imports: templates, the user's sheet with the reasons, and what a person says about the columns."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.formats.coordinate_choices import is_choice
from gridmap.formats.results.atomic_file import write_bytes
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.formats.sheets.templates import make_template
from gridmap.services.imports.sheets.kinds.group_counts import add_group_columns
from gridmap.services.imports.sheets.run import ImportPreview, make_marked_sheet
from gridmap.store.queries.imports.places import find_subdistrict

__all__ = ["SheetKind"]

STATED = "file"
"""Word for the coordinates that a file itself states."""
NO_CHOICE = N_("--coordinates {text}: write wgs84, gcj02, bd09, a code such as EPSG:4547, or file")
NO_FIELD = N_("--column {text}: write FIELD=HEADER with one of the fields {fields}")


def get_sheet_kind(name: str) -> SheetKind:
    """Return a kind of sheets by its name.

    Examples
    --------
    >>> get_sheet_kind("shops").sheet_title
    '商户'
    """
    return SHEET_KINDS[name]


def load_sheet_kind(
    session: Session, caller: Caller, subdistrict_code: str, name: str, *, in_use_only: bool = False
) -> SheetKind:
    """Return a kind of sheets with the columns that it has in a subdistrict.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_code, name : str
    in_use_only : bool
        Whether service groups that take nobody are left out, as in a template.

    Raises
    ------
    NotFound
        If the caller sees no such subdistrict.
    """
    subdistrict_id = find_subdistrict(session, caller, subdistrict_code)
    if subdistrict_id is None:
        raise NotFound(subdistrict_code)
    return add_group_columns(session, caller, subdistrict_id, get_sheet_kind(name), in_use_only=in_use_only)


def write_template(kind: SheetKind, target: Path, language: str) -> None:
    """Write the template of a kind, with notes in a language."""
    write_bytes(target, make_template(kind, language))


def write_marked_sheet(preview: ImportPreview, target: Path, language: str) -> Path:
    """Write the user's sheet with the column 错误原因; return the file, whose suffix follows from the sheet."""
    suffix, content = make_marked_sheet(preview, language)
    write_bytes(target.with_suffix(suffix), content)
    return target.with_suffix(suffix)


def read_header_statements(kind: SheetKind, texts: Iterable[str]) -> dict[str, str]:
    """Return headers by field from texts such as ``name=店名``.

    Raises
    ------
    NotPossible
        If a text has no such form, or the kind has no such field.

    Examples
    --------
    >>> read_header_statements(get_sheet_kind("shops"), ["name=店名"])
    {'name': '店名'}
    """
    headers = {}
    for text in texts:
        name, is_statement, header = text.partition("=")
        if not is_statement or name.strip() not in kind.synonyms:
            raise NotPossible(Message(NO_FIELD, {"text": text, "fields": ", ".join(kind.synonyms)}))
        headers[name.strip()] = header.strip()
    return headers


def read_coordinates(text: str | None) -> str | None:
    """Return the choice of coordinates that a text means; empty for what the file says, None for no text.

    Raises
    ------
    NotPossible
        If it is no datum and no known code.

    Examples
    --------
    >>> read_coordinates("GCJ02"), read_coordinates("epsg:4547"), read_coordinates("file"), read_coordinates(None)
    ('gcj02', 'EPSG:4547', '', None)
    """
    if text is None or text.lower() == STATED:
        return None if text is None else ""
    choice = text.upper() if ":" in text else text.lower()
    if not is_choice(choice):
        raise NotPossible(Message(NO_CHOICE, {"text": text}))
    return choice
