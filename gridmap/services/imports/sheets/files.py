"""Files of imports: templates, the user's sheet with the reasons, and what a person says about the columns."""

from collections.abc import Iterable
from pathlib import Path

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.formats.results.atomic_file import write_bytes
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.formats.sheets.templates import make_template
from gridmap.services.imports.sheets.run import ImportPreview, make_marked_sheet

NO_FIELD = N_("--column {text}: write FIELD=HEADER with one of the fields {fields}")


def get_sheet_kind(name: str) -> SheetKind:
    """Return a kind of sheets by its name.

    Examples
    --------
    >>> get_sheet_kind("shops").sheet_title
    '商户'
    """
    return SHEET_KINDS[name]


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
