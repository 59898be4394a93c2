"""Sheets of several grids as one page to print, which needs no other file and no service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from gridmap.config import resource_dir
from gridmap.core.errors import Message
from gridmap.maps.assets import inline_asset
from gridmap.texts import language_tag, translate

STYLES = ("tokens", "gridmap", "grids", "places", "sheet", "sheet_book", "notice_board")
SHEET_BOOK, NOTICE_BOARD_BOOK = "grids/sheet_book.html", "grids/notice_board_book.html"


@dataclass(frozen=True)
class SheetBook:
    """Sheets to print.

    Parameters
    ----------
    title : str
    sheets : sequence
        As the template of one sheet takes them.
    printed_on : date
    labels : mapping
        Names of coded values and of kinds of places, for the template.
    template : str
        `SHEET_BOOK`, or `NOTICE_BOARD_BOOK`.
    """

    title: str
    sheets: Sequence[object]
    printed_on: date
    labels: Mapping[str, object]
    template: str = SHEET_BOOK


def render_book(book: SheetBook, language: str) -> str:
    """Return the page: every sheet on paper of its own format, with all styles in the page."""
    environment = Environment(
        loader=FileSystemLoader(resource_dir("templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(_=make_translator(language), format_number=lambda value: f"{value:,}")
    css = "\n".join(inline_asset(f"css/{name}.css") for name in STYLES)
    styles = Markup(f"<style>\n{css}\n</style>")  # noqa: S704 - our own files
    template = environment.get_template(book.template)
    return template.render(book=book, styles=styles, language_tag=language_tag(language), **book.labels)


def make_translator(language: str) -> Callable[..., Markup]:
    """Return the function by which templates translate; texts and values are escaped.

    Examples
    --------
    >>> make_translator("en")("{count} grids of {place}", count=2, place="<A&B>")
    Markup('2 grids of &lt;A&amp;B&gt;')
    """

    def translate_text(message: Message | str, **values: object) -> Markup:
        found = Message(message, values) if isinstance(message, str) and values else message
        return escape(translate(found, language))

    return translate_text
