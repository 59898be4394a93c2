"""Responsibility maps of all grids of a subdistrict in one file to print, drawn by a job."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.maps.sheets.book import SheetBook, render_book
from gridmap.services.grids import code_tables, in_force, sheet
from gridmap.services.grids.overview import SubdistrictRow
from gridmap.services.grids.sheet import GridSheet, Paper, SheetOptions
from gridmap.services.jobs.context import JobContext
from gridmap.services.subdistrict_files.labels import ROSTER_ROLE_LABELS
from gridmap.services.subdistrict_files.requests import WrittenFile, get_subdistrict, store_result
from gridmap.texts import LANGUAGES, translate

__all__ = ["Paper", "print_sheets"]
TITLE = N_("Responsibility maps")
DRAWING, WRITING = Message(N_("Drawing sheet by sheet")), Message(N_("Writing the file"))
NO_GRIDS = N_("No grid of yours is in force today: there is nothing to print.")


def print_sheets(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Draw the sheet of each grid in force today that the account opens, and store them as one page for it.

    Returns
    -------
    mapping
        ``file_id``.

    Raises
    ------
    NotFound
        If the account does not work in the subdistrict any more.
    NotPossible
        If no grid is in force, or the files of the account would need too much room.
    """
    subdistrict, day, sheets = draw_sheets(context, parameters["code"], SheetOptions(Paper(parameters["choice"])))
    context.progress(WRITING, 0, 1)
    language = parameters["language"]
    title = translate(TITLE, language)
    book = SheetBook(f"{subdistrict.name} · {title}", sheets, day, _labels(language))
    content = render_book(book, language).encode()
    details = {"page": "responsibility-maps.html", "rows": len(sheets)}
    return store_result(
        context, subdistrict, WrittenFile(title, "html", "text/html", content, day, details), parameters
    )


def draw_sheets(
    context: JobContext, code: str, options: SheetOptions
) -> tuple[SubdistrictRow, date, Sequence[GridSheet]]:
    """Return the subdistrict, today, and the sheets of its grids in force that the account opens.

    Each sheet is read in a transaction of its own, so that none is long.

    Raises
    ------
    NotFound
        If the account does not work in the subdistrict any more.
    NotPossible
        If no grid is in force.
    """
    with context.transaction() as session:
        subdistrict = get_subdistrict(session, context.caller, code)
        day = in_force.resolve_day(session, subdistrict.id)
        grids = sorted((each.code, each.id) for each in in_force.list_grids(session, context.caller, day))
    sheets = []
    for number, (_, grid_id) in enumerate(grids):
        context.progress(DRAWING, number, len(grids))
        with context.transaction() as session:
            sheets.append(sheet.load_grid_sheet(session, context.caller, grid_id, day.date, options))
    drawn = [each for each in sheets if each is not None]
    if not drawn:
        raise NotPossible(Message(NO_GRIDS))
    return subdistrict, day.date, drawn


def _labels(language: str) -> Mapping[str, object]:
    """Return the names of coded values that the template of a sheet needs."""
    return {
        "duty_names": code_tables.list_names("lines", language),
        "role_labels": ROSTER_ROLE_LABELS,
        "list_separator": "、" if language == "zh_CN" else ", ",
        "place_name": lambda kind: kind.names[LANGUAGES.index(language)],
    }
