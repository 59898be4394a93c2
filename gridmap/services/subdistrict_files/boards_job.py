"""Notice boards 公示牌 of all grids of a subdistrict in one file to print, drawn by a job; they say what is public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gridmap.core.errors import N_
from gridmap.maps.sheets.book import NOTICE_BOARD_BOOK, SheetBook, render_book
from gridmap.services.accounts.totp import draw_qr_code
from gridmap.services.grids import code_tables, public
from gridmap.services.grids.public import PublicCommunity, PublicGrid, PublicSubdistrict, PublicWorker
from gridmap.services.grids.sheet import GridSheet, Paper, SheetOptions
from gridmap.services.jobs.context import JobContext
from gridmap.services.subdistrict_files.requests import WrittenFile, store_result
from gridmap.services.subdistrict_files.sheets_job import WRITING, draw_sheets
from gridmap.texts import translate

TITLE = N_("Notice boards")
HIDDEN_LAYERS = ("residentGroup", "givenStreet")
"""Layers that residents do not need; the extent, streets and buildings remain."""


@dataclass(frozen=True)
class NoticeBoard:
    """A notice board: drawing of the grid, and what its public page says.

    Parameters
    ----------
    sheet : GridSheet
        Drawing, format and scale; its details are not printed.
    subdistrict : PublicSubdistrict
    community : PublicCommunity
    grid : PublicGrid
    workers : sequence of PublicWorker
    link : str
        Address of the public page of the grid.
    qr_code : str
        The same as a data URI of an image.
    """

    sheet: GridSheet
    subdistrict: PublicSubdistrict
    community: PublicCommunity
    grid: PublicGrid
    workers: Sequence[PublicWorker]
    link: str
    qr_code: str


def print_notice_boards(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Draw the notice board of each grid in force today that the account opens, and store them as one page for it.

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
    options = SheetOptions(Paper(parameters["choice"]), hidden=HIDDEN_LAYERS, with_places=False)
    subdistrict, day, sheets = draw_sheets(context, parameters["code"], options)
    boards = _add_public_texts(context, sheets, parameters["public_url"])
    context.progress(WRITING, 0, 1)
    language = parameters["language"]
    title = translate(TITLE, language)
    labels = {
        "duty_names": code_tables.list_names("lines", language),
        "list_separator": "、" if language == "zh_CN" else ", ",
        "public_url": parameters["public_url"],
    }
    book = SheetBook(f"{subdistrict.name} · {title}", boards, day, labels, NOTICE_BOARD_BOOK)
    content, details = render_book(book, language).encode(), {"page": "notice-boards.html", "rows": len(boards)}
    return store_result(
        context, subdistrict, WrittenFile(title, "html", "text/html", content, day, details), parameters
    )


def _add_public_texts(context: JobContext, sheets: Sequence[GridSheet], public_url: str) -> list[NoticeBoard]:
    """Return the boards of the grids that have a public page."""
    boards, code = [], sheets[0].details.subdistrict.code
    with context.transaction() as session:
        subdistrict = public.get_subdistrict(session, code)
        communities = public.list_communities(session, code)
        places = {grid.code: (community, grid) for community in communities for grid in community.grids}
        for sheet in sheets:
            grid_code = sheet.details.grid.code
            if subdistrict is None or grid_code not in places:
                continue
            link = f"{public_url}/{quote(grid_code)}"
            workers = public.list_workers(session, code, grid_code)
            boards.append(NoticeBoard(sheet, subdistrict, *places[grid_code], workers, link, draw_qr_code(link)))
    return boards
