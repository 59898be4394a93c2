"""Lists of buildings as offices keep them in workbooks and delimited texts: the households of each building."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from gridmap.formats.package.town import read_town
from tests.corpus.cases import Case, Refusal, read_or_refuse, run_cases
from tests.corpus.town import small_town
from tests.fixtures.town_package import write_geopackage

Rows = Sequence[Sequence[object]]
Write = Callable[[Path], Path]
HEADER = ("building_id", "households", "lon", "lat")
PLACES = ((114.3150, 30.6320), (114.3190, 30.6320), (114.3230, 30.6320))
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


def rows_of(
    households: Sequence[object] = (120, 80, 60), ids: Sequence[object] = ("b1", "b2", "b3")
) -> list[list[object]]:
    """Return three rows, a building in each community."""
    return [[name, count, *place] for name, count, place in zip(ids, households, PLACES, strict=True)]


TABLE: Rows = [HEADER, *rows_of()]
SOUND = {"b1": 120, "b2": 80, "b3": 60}


def read_buildings(source: Path) -> dict[str, int] | Refusal:
    """Return the households of each building of a folder with communities and a list of buildings."""

    def read() -> dict[str, int]:
        buildings = read_town(source).buildings
        return dict(zip(buildings["building_id"], buildings["households"].tolist(), strict=True))

    result: dict[str, int] | Refusal = read_or_refuse(read)
    return result


def beside_communities(write: Callable[[Path], object]) -> Write:
    """Write a list into a folder with the communities of the town."""

    def write_folder(folder: Path) -> Path:
        town = folder / "town"
        town.mkdir()
        write_geopackage(small_town("communities", "streets"), town / "land.gpkg")
        write(town)
        return town

    return write_folder


def text(content: str, codec: str = "utf-8", name: str = "buildings.csv") -> Write:
    return beside_communities(lambda folder: (folder / name).write_bytes(content.encode(codec)))


def joined(rows: Rows = TABLE, separator: str = ",", end: str = "\r\n", name: str = "buildings.csv") -> Write:
    """Write rows as they are, without quotation marks."""
    content = end.join(separator.join("" if value is None else str(value) for value in row) for row in rows)
    return text(content + end, name=name)


def sheet(
    rows: Rows = TABLE, change: Callable[[Any, Any], object] = lambda book, page: None, name: str = "buildings"
) -> Write:
    """Write rows as the first sheet of a workbook; `change` gets workbook and sheet."""

    def write(folder: Path) -> None:
        with xlsxwriter.Workbook(folder / "buildings.xlsx") as book:
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
            change(book, page)

    return beside_communities(write)


def _cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    is_number = isinstance(value, (int, float))
    kind = f'"float" office:value="{value}"' if is_number else '"string"'
    return f"<table:table-cell office:value-type={kind}><text:p>{value}</text:p></table:table-cell>"


EMPTY_ROWS = (
    '<table:table-row table:number-rows-repeated="1000"><table:table-cell table:number-columns-repeated="1024"/>'
    "</table:table-row>"
)
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def open_document(rows: Rows = TABLE, *, repeated: bool = False) -> Write:
    """Write an OpenDocument workbook by hand, as LibreOffice and WPS do."""

    def write(folder: Path) -> None:
        lines = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
        names = ("office", "table", "text")
        filler = EMPTY_ROWS if repeated else ""
        spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
        content = (
            f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2"><office:body>'
            f'<office:spreadsheet><table:table table:name="buildings">{lines}{filler}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(folder / "buildings.ods", "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
            archive.writestr("META-INF/manifest.xml", MANIFEST)

    return beside_communities(write)


def add_sheet(name: str, rows: Rows, **state: bool) -> Callable[[Any, Any], object]:
    def change(book: Any, page: Any) -> None:
        other = book.add_worksheet(name)
        for number, row in enumerate(rows):
            other.write_row(number, 0, row)
        if state.get("hidden"):
            other.hide()

    return change


def full_width(value: object) -> str:
    return str(value).translate(FULL_WIDTH)


def changed(row: int, column: int, value: object) -> Rows:
    rows = [list(each) for each in TABLE]
    rows[row][column] = value
    return rows


def bad_households(row: int, problem: str) -> Refusal:
    return Refusal.of(f"buildings {row} households: households {problem}")


def with_formulas(book: Any, page: Any) -> None:
    page.write_formula("B2", "=100+20", None, 120)


def with_formulas_never_computed(book: Any, page: Any) -> None:
    page.write_formula("B2", "=100+20", None, "")


def with_error(book: Any, page: Any) -> None:
    page.write_formula("B2", "=1/0", None, "#DIV/0!")


def with_date(book: Any, page: Any) -> None:
    page.write_datetime("A2", date(2026, 3, 1), book.add_format({"num_format": "m-d"}))


def with_title(book: Any, page: Any) -> None:
    page.merge_range("A1:D1", "东湖街道楼栋台账", book.add_format())


def with_merged_courtyard(book: Any, page: Any) -> None:
    page.write("E1", "courtyard")
    page.merge_range("E2:E3", "东湖花园", book.add_format())


def with_hidden_rows(book: Any, page: Any) -> None:
    page.set_row(2, None, None, {"hidden": True})
    page.set_column(0, 0, None, None, {"hidden": True})


def with_filter_and_note(book: Any, page: Any) -> None:
    page.autofilter("A1:D4")
    page.write_comment("B2", "核实")
    page.freeze_panes(1, 0)


TEXTS = (
    Case("commas", joined(), SOUND),
    Case("semicolons", joined(separator=";"), SOUND),
    Case("tabs", joined(separator="\t", name="buildings.tsv"), SOUND),
    Case("tabs in a file called csv", joined(separator="\t"), SOUND),
    Case("bars", joined(separator="|"), SOUND),
    Case("line ends of Unix", joined(end="\n"), SOUND),
    Case("line ends of old Macs", joined(end="\r"), SOUND),
    Case(
        "a line that names the separator",
        text("sep=;\r\n" + "\r\n".join(";".join(map(str, row)) for row in TABLE)),
        SOUND,
    ),
    Case("no line end at the end", text("\n".join(",".join(map(str, row)) for row in TABLE)), SOUND),
    Case("a txt file with tabs", joined(separator="\t", name="buildings.txt"), SOUND),
    Case("quoted values", text("\n".join(",".join(f'"{value}"' for value in row) for row in TABLE)), SOUND),
    Case(
        "a separator within quotation marks",
        text('building_id,households,lon,lat,address\nb1,"1,200",114.3150,30.6320,"中北路1号,2栋"\n'),
        {"b1": 1200},
        is_quick=True,
    ),
    Case(
        "a line break within quotation marks",
        text(
            'building_id,households,lon,lat,address\nb1,120,114.3150,30.6320,"中北路\n1号"\nb2,80,114.3190,30.6320,x\n'
        ),
        {"b1": 120, "b2": 80},
    ),
    Case(
        "doubled quotation marks",
        text('building_id,households,lon,lat\n"b""1""",120,114.3150,30.6320\n'),
        {'b"1"': 120},
    ),
    Case(
        "a quotation mark in the middle of a value",
        text('building_id,households,lon,lat\nb1"A",120,114.3150,30.6320\n'),
        {'b1"A"': 120},
    ),
    Case(
        "a quotation mark that is not closed",
        text('building_id,households,lon,lat\n"b1,120,114.3150,30.6320\nb2,80,114.3190,30.6320\n'),
        Refusal.of("buildings: the file is incomplete: quotation marks opened in row 2 are not closed"),
    ),
    Case(
        "decimal commas with semicolons",
        text("building_id;households;lon;lat\nb1;120;114,3150;30,6320\nb2;80;114,3190;30,6320\n"),
        {"b1": 120, "b2": 80},
        is_quick=True,
    ),
    Case(
        "rows of different lengths",
        text("building_id,households,lon,lat,name\nb1,120,114.3150,30.6320\nb2,80,114.3190,30.6320,x,,\n"),
        {"b1": 120, "b2": 80},
    ),
    Case(
        "blank rows and rows of separators",
        text("\nbuilding_id,households,lon,lat\n\nb1,120,114.3150,30.6320\n,,,\nb2,80,114.3190,30.6320\n\n"),
        {"b1": 120, "b2": 80},
    ),
    Case(
        "a title above the header",
        text("东湖街道楼栋台账,,,\n单位：户,,,\n" + "\n".join(",".join(map(str, row)) for row in TABLE)),
        SOUND,
        is_quick=True,
    ),
    Case(
        "blanks round names and values",
        joined([[f" {name} " for name in HEADER], *([f"  {value} " for value in row] for row in TABLE[1:])]),
        SOUND,
    ),
    Case("names of columns in capitals", joined([[name.upper() for name in HEADER], *TABLE[1:]]), SOUND),
    Case(
        "full-width digits",
        joined([HEADER, *([row[0], *map(full_width, row[1:])] for row in TABLE[1:])]),
        SOUND,
        is_quick=True,
    ),
    Case("units after the numbers", joined([HEADER, *rows_of(["120户", "80 户", "60戶"])]), SOUND),
    Case(
        "degree signs after the coordinates",
        joined([HEADER, *([*row[:2], f"{row[2]}°E", f"{row[3]}°N"] for row in TABLE[1:])]),
        SOUND,
    ),
    Case(
        "codes with zeros in front",
        joined([HEADER, *rows_of(ids=["001", "002", "010"])]),
        {"001": 120, "002": 80, "010": 60},
    ),
    Case(
        "codes of 19 digits",
        joined([HEADER, *rows_of(ids=["4201060010010001231", "4201060010010001232", "4201060010010001233"])]),
        {"4201060010010001231": 120, "4201060010010001232": 80, "4201060010010001233": 60},
    ),
    Case(
        "codes rounded by Excel",
        joined([HEADER, *rows_of(ids=["4.20106E+18", "b2", "b3"])]),
        Refusal.of("buildings 1 building_id: building_id is a rounded number: its last digits are lost"),
        is_quick=True,
    ),
    Case("about so many households", joined(changed(1, 1, "约120")), bad_households(1, "is not a number")),
    Case("a range of households", joined(changed(2, 1, "80-90")), bad_households(2, "is not a number")),
    Case("negative households", joined(changed(2, 1, -80)), bad_households(2, "is negative")),
    Case("households with a fraction", joined(changed(2, 1, 80.5)), bad_households(2, "is not a whole number")),
    Case("households that are missing", joined(changed(3, 1, None)), bad_households(3, "is empty")),
    Case("NaN as a text", joined(changed(3, 1, "NaN")), bad_households(3, "is not a number")),
    Case("a stroke for nobody", joined(changed(3, 1, "-")), bad_households(3, "is not a number")),
    Case("whole numbers with decimals", joined([HEADER, *rows_of(["120.0", "80.00", "6e1"])]), SOUND),
    Case(
        "coordinates that are missing",
        joined(changed(2, 2, None)),
        Refusal.of("buildings 2 geometry: there is no geometry, or an unreadable one"),
    ),
    Case(
        "longitude and latitude swapped",
        joined([HEADER, *([*row[:2], row[3], row[2]] for row in TABLE[1:])]),
        Refusal.of("buildings geometry: longitude and latitude are swapped"),
    ),
    Case(
        "two columns of one name",
        joined(
            [
                ("building_id", "households", "households", "lon", "lat"),
                *([row[0], row[1], 0, *row[2:]] for row in TABLE[1:]),
            ]
        ),
        Refusal.of("buildings households: several columns may be households: households (1) / households (2)"),
    ),
)
WORKBOOKS = (
    Case("xlsx", sheet(), SOUND),
    Case("a merged title above the header", sheet([["东湖街道楼栋台账"], *TABLE], with_title), SOUND),
    Case("two rows of titles and a blank one", sheet([["台账"], ["2026年3月"], [], *TABLE]), SOUND),
    Case("columns that begin at C", sheet([[None, None, *row] for row in TABLE]), SOUND),
    Case("numbers as texts", sheet([HEADER, *([str(value) for value in row] for row in TABLE[1:])]), SOUND),
    Case("formulas with their results", sheet(TABLE, with_formulas), SOUND),
    Case(
        "formulas that were never computed", sheet(TABLE, with_formulas_never_computed), bad_households(1, "is empty")
    ),
    Case("a formula that failed", sheet(TABLE, with_error), bad_households(1, "is empty")),
    Case(
        "a code that became a date",
        sheet(TABLE, with_date),
        Refusal.of("buildings 1 building_id: building_id has become a date"),
        is_quick=True,
    ),
    Case("numbers as codes", sheet([HEADER, *rows_of(ids=[1, 2, 3])]), {"1": 120, "2": 80, "3": 60}),
    Case(
        "codes of 12 digits as numbers",
        sheet([HEADER, *rows_of(ids=[420106001001, 420106001002, 420106001003])]),
        {"420106001001": 120, "420106001002": 80, "420106001003": 60},
    ),
    Case(
        "codes of 19 digits as numbers",
        sheet([HEADER, *rows_of(ids=[4201060010010001231, "b2", "b3"])]),
        Refusal.of("buildings 1 building_id: building_id is a rounded number: its last digits are lost"),
    ),
    Case("a merged cell over two rows", sheet(TABLE, with_merged_courtyard), SOUND),
    Case("hidden rows and columns", sheet(TABLE, with_hidden_rows), SOUND),
    Case("filters, notes and a fixed header", sheet(TABLE, with_filter_and_note), SOUND),
    Case("a second sheet with notes", sheet(TABLE, add_sheet("说明", [["填表说明"], ["每栋一行"]])), SOUND),
    Case("a hidden second sheet", sheet(TABLE, add_sheet("字典", [["住宅", "商业"]], hidden=True)), SOUND),
    Case("an empty second sheet", sheet(TABLE, add_sheet("Sheet2", [])), SOUND),
    Case("a sheet of another name alone", sheet(name="Sheet1"), SOUND),
    Case("blank rows between the rows", sheet([TABLE[0], [], TABLE[1], [], [], *TABLE[2:]]), SOUND),
    Case(
        "a total row",
        sheet([*TABLE, ["合计", 260, None, None]]),
        Refusal.of("buildings 4 geometry: there is no geometry, or an unreadable one"),
        is_quick=True,
    ),
    Case("booleans as households", sheet(changed(1, 1, True)), bad_households(1, "is not a number")),
    Case(
        "line breaks round the names of columns",
        sheet([["building_id\n", "\nhouseholds", "lon", "lat"], *TABLE[1:]]),
        SOUND,
    ),
    Case("OpenDocument", open_document(), SOUND, is_quick=True),
    Case("OpenDocument with a thousand empty rows", open_document(repeated=True), SOUND),
    Case(
        "OpenDocument with texts", open_document([HEADER, *([str(value) for value in row] for row in TABLE[1:])]), SOUND
    ),
)


@run_cases(TEXTS, WORKBOOKS)
def test_households_of_a_list_are_read(case: Case, tmp_path: Path) -> None:
    source = case.write(tmp_path)
    assert isinstance(source, Path)
    assert read_buildings(source) == case.expected
