"""Texts of files in many encodings: the right letters, the encoding, and a note where it was found by the texts."""

import codecs
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.corpus.cases import Case, read_or_refuse, run_cases
from tests.formats.small_layers import (
    CHINESE,
    CODES,
    HOUSEHOLDS,
    read_only_layer,
    small_layer,
    write_layer,
    write_shapefile,
    zip_files,
)

TRADITIONAL = ("水果湖社區", "灣仔區")
FRENCH = ("Quartier Général", "Hôtel de Ville")
RUSSIAN = ("Центральный район", "Площадь Победы")
JAPANESE = ("ひばりが丘団地", "さくら台")
KOREAN = ("행복동 주민센터", "한강로")
RARE = ("㐂田社区", "𠮷祥里社区")
LONG = ("水果湖街道放鹰台社区第一网格", "东湖")  # 42 bytes in UTF-8, in a column of 40
CUT = ("水果湖街道放鹰台社区第一网\N{REPLACEMENT CHARACTER}", "东湖")


@dataclass(frozen=True)
class Texts:
    """Texts as they were read: names, their encoding, and the number of notes."""

    names: tuple[str, ...] = CHINESE
    encoding: str = "GB18030"
    notes: int = 0


def read_texts(path: Path, encoding: str | None = None) -> Texts:
    layer = read_only_layer(path, encoding)
    assert (sorted(layer.codes), layer.households) == (CODES, sum(HOUSEHOLDS))
    return Texts(tuple(layer.names), layer.description.encoding, len(layer.description.warnings))


def shapefile(
    codec: str, code_page: str | None = None, language_id: int | None = None, names: tuple[str, ...] = CHINESE
) -> Callable[[Path], Path]:
    """Write a Shapefile; names longer than the column are cut within a character, as programs do."""
    raw = [name.encode(codec)[:40] for name in names]
    return lambda folder: write_shapefile(folder / "a.shp", raw, code_page, language_id)


def bytes_shapefile(*names: bytes, code_page: str | None = None) -> Callable[[Path], Path]:
    return lambda folder: write_shapefile(folder / "a.shp", names, code_page)


def csv_text(codec: str, names: tuple[str, ...] = CHINESE, mark: bytes = b"") -> Callable[[Path], Path]:
    rows = zip(CODES, names, HOUSEHOLDS, (114.31, 114.32), strict=True)
    lines = ["code,name,households,lon,lat", *(f"{c},{n},{h},{x},30.6" for c, n, h, x in rows)]
    return lambda folder: write_bytes(folder / "a.csv", mark + "\r\n".join(lines).encode(codec))


def write_bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def geojson(codec: str, mark: bytes = b"", *, escaped: bool = False) -> Callable[[Path], Path]:
    text = json.dumps(json.loads(small_layer().to_json()), ensure_ascii=escaped)
    return lambda folder: write_bytes(folder / "a.geojson", mark + text.encode(codec))


def geojson_lines(codec: str) -> Callable[[Path], Path]:
    features = json.loads(small_layer().to_json())["features"]
    text = "\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return lambda folder: write_bytes(folder / "a.geojsonl", text.encode(codec))


def kml(codec: str, declared: str | None) -> Callable[[Path], Path]:
    """Write a KML file by hand, in an encoding and with another one in its declaration."""
    places = "".join(
        f"<Placemark><name>{name}</name><ExtendedData><SchemaData schemaUrl='#s'>"
        f"<SimpleData name='code'>{code}</SimpleData><SimpleData name='households'>{households}</SimpleData>"
        f"</SchemaData></ExtendedData><Point><coordinates>114.3,30.6</coordinates></Point></Placemark>"
        for code, name, households in zip(CODES, CHINESE, HOUSEHOLDS, strict=True)
    )
    fields = "<SimpleField name='code' type='string'/><SimpleField name='households' type='int'/>"
    schema = f"<Schema id='s' name='s'>{fields}</Schema>"
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{head}<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{schema}{places}</Document></kml>"
    return lambda folder: write_bytes(folder / "a.kml", text.encode(codec))


def mapinfo(codec: str, charset: str) -> Callable[[Path], Path]:
    """Write an interchange file whose texts are in another encoding than its header may say."""

    def write(folder: Path) -> Path:
        path = write_layer(folder / "a.mif", "MapInfo File", ("<1>", "<2>"))
        texts = path.with_suffix(".mid").read_bytes()
        for mark, name in zip((b"<1>", b"<2>"), CHINESE, strict=True):
            texts = texts.replace(mark, name.encode(codec))
        path.with_suffix(".mid").write_bytes(texts)
        head = path.read_bytes().splitlines(keepends=True)
        head[1] = f'Charset "{charset}"\n'.encode()
        return write_bytes(path, b"".join(head))

    return write


def geopackage_bytes(codec: str) -> Callable[[Path], Path]:
    """Write texts of another encoding into a GeoPackage, as a program of another language may."""

    def write(folder: Path) -> Path:
        path = write_layer(folder / "a.gpkg", "GPKG")
        with sqlite3.connect(path) as database:
            for function in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
                database.create_function(function, 1, lambda shape: 0.0)
            for code, name in zip(CODES, CHINESE, strict=True):
                database.execute("UPDATE a SET name = CAST(? AS TEXT) WHERE code = ?", (name.encode(codec), code))
        database.close()
        return path

    return write


def zipped(write: Callable[[Path], Path], stem: bytes) -> Callable[[Path], Path]:
    """Pack a Shapefile under a name of any bytes."""

    def pack(folder: Path) -> Path:
        (folder / "parts").mkdir()
        files = sorted(write(folder / "parts").parent.iterdir())
        return zip_files(folder / "a.zip", files, [stem + file.suffix.encode() for file in files])

    return pack


def workbook(folder: Path) -> Path:
    table = pd.DataFrame({"code": CODES, "name": RARE, "households": HOUSEHOLDS, "lon": [114.31, 114.32], "lat": 30.6})
    table.to_excel(folder / "a.xlsx", index=False, engine="xlsxwriter")
    return folder / "a.xlsx"


UTF8 = Texts(encoding="UTF-8")
SHAPEFILES = (
    Case("UTF-8 with a cpg file", shapefile("utf-8", "UTF-8"), UTF8),
    Case("UTF-8 without any statement", shapefile("utf-8"), UTF8),
    Case("UTF-8 with the language id of ANSI", shapefile("utf-8", None, 0x57), Texts(encoding="UTF-8", notes=1)),
    Case("UTF-8 with the language id of GBK", shapefile("utf-8", None, 0x4D), Texts(encoding="UTF-8", notes=1)),
    Case("UTF-8 as the number 65001", shapefile("utf-8", "65001"), UTF8),
    Case("UTF-8 in a cpg file with a byte order mark", shapefile("utf-8", "\ufeffUTF-8\r\n"), UTF8),
    Case("UTF-8 in a cpg file that ends with NUL", shapefile("utf-8", "UTF-8\0"), UTF8),
    Case("GBK with a cpg file", shapefile("gbk", "GBK"), Texts(), is_quick=True),
    Case("GBK as GB2312", shapefile("gbk", "gb2312"), Texts()),
    Case("GBK as the number 936", shapefile("gbk", "936"), Texts()),
    Case("GBK as cp936", shapefile("gbk", "CP936"), Texts()),
    Case("GBK as ANSI 936", shapefile("gbk", "ANSI 936"), Texts()),
    Case("GBK as EUC-CN", shapefile("gbk", "EUC-CN"), Texts()),
    Case("GBK by language id 4D", shapefile("gbk", None, 0x4D), Texts()),
    Case("GBK by language id 7A", shapefile("gbk", None, 0x7A), Texts()),
    Case("GBK with a cpg file that says OEM", shapefile("gbk", "OEM"), Texts(notes=1), is_quick=True),
    Case("GBK with a cpg file that says system", shapefile("gbk", "system"), Texts(notes=1)),
    Case("GBK with an empty cpg file", shapefile("gbk", ""), Texts(notes=1)),
    Case("GBK with a cpg file that says UTF-8", shapefile("gbk", "UTF-8"), Texts(notes=1), is_quick=True),
    Case("GBK with a cpg file that says Latin-1", shapefile("gbk", "ISO-8859-1"), Texts(notes=1)),
    Case("GBK with language id 57", shapefile("gbk", None, 0x57), Texts(notes=1)),
    Case("GBK without any statement", shapefile("gbk"), Texts(notes=1)),
    Case("GB 18030 with ideographs of four bytes", shapefile("gb18030", "GB18030", None, RARE), Texts(RARE)),
    Case("Big5 with a cpg file", shapefile("big5", "Big5", None, TRADITIONAL), Texts(TRADITIONAL, "CP950")),
    Case("Big5 by language id 78", shapefile("big5", None, 0x78, TRADITIONAL), Texts(TRADITIONAL, "CP950")),
    Case("Latin-1 with a cpg file", shapefile("latin-1", "ISO-8859-1", None, FRENCH), Texts(FRENCH, "ISO8859-1")),
    Case("cp1252 without any statement", shapefile("cp1252", None, None, FRENCH), Texts(FRENCH, "CP1252", 1)),
    Case("cp1251 with a cpg file", shapefile("cp1251", "1251", None, RUSSIAN), Texts(RUSSIAN, "CP1251")),
    Case("Shift-JIS with a cpg file", shapefile("cp932", "SJIS", None, JAPANESE), Texts(JAPANESE, "CP932")),
    Case("Korean by language id 79", shapefile("cp949", None, 0x79, KOREAN), Texts(KOREAN, "CP949")),
    Case(
        "UTF-8 cut within a character", shapefile("utf-8", "UTF-8", None, LONG), Texts(CUT, "UTF-8", 1), is_quick=True
    ),
    Case(
        "one name of two in another encoding",
        bytes_shapefile("水果湖社区".encode(), "放鹰台社区".encode("gbk"), code_page="UTF-8"),
        Texts(("水果湖社区", "��ӥ̨����"), "UTF-8", 1),
    ),
)
OTHERS = (
    Case("CSV in UTF-8", csv_text("utf-8"), Texts(encoding="UTF-8", notes=1)),
    Case(
        "CSV in UTF-8 with a byte order mark", csv_text("utf-8", mark=codecs.BOM_UTF8), Texts(encoding="UTF-8", notes=1)
    ),
    Case(
        "CSV in UTF-16 with a byte order mark",
        csv_text("utf-16-le", mark=codecs.BOM_UTF16_LE),
        Texts(encoding="UTF-16", notes=1),
    ),
    Case(
        "CSV in UTF-16 big endian with a mark",
        csv_text("utf-16-be", mark=codecs.BOM_UTF16_BE),
        Texts(encoding="UTF-16", notes=1),
    ),
    Case("CSV in UTF-16 without a mark", csv_text("utf-16-le"), Texts(encoding="UTF-16-LE", notes=1)),
    Case("CSV in GBK", csv_text("gbk"), Texts(notes=2)),
    Case("CSV in GB 18030 with ideographs of four bytes", csv_text("gb18030", RARE), Texts(RARE, notes=2)),
    Case("CSV in Big5", csv_text("big5", TRADITIONAL), Texts(TRADITIONAL, "CP950", 2)),
    Case("CSV in cp1252", csv_text("cp1252", FRENCH), Texts(FRENCH, "CP1252", 2)),
    Case("GeoJSON in UTF-8", geojson("utf-8"), UTF8),
    Case("GeoJSON in UTF-8 with a byte order mark", geojson("utf-8", codecs.BOM_UTF8), UTF8),
    Case("GeoJSON with escaped letters", geojson("ascii", escaped=True), UTF8),
    Case("GeoJSON in GBK", geojson("gbk"), Texts(notes=1), is_quick=True),
    Case("GeoJSON in UTF-16", geojson("utf-16-le", codecs.BOM_UTF16_LE), Texts(encoding="UTF-16")),
    Case("GeoJSON lines in GBK", geojson_lines("gbk"), Texts(notes=1)),
    Case("KML in UTF-8", kml("utf-8", "UTF-8"), UTF8),
    Case("KML without a declaration", kml("utf-8", None), UTF8),
    Case("KML in GBK that says so", kml("gbk", "GBK"), Texts()),
    Case("KML in GBK that says UTF-8", kml("gbk", "UTF-8"), Texts(notes=1), is_quick=True),
    Case("MapInfo in GBK that says so", mapinfo("gbk", "WindowsSimpChinese"), Texts()),
    Case("MapInfo in GBK that says Latin-1", mapinfo("gbk", "WindowsLatin1"), Texts(notes=1)),
    Case("MapInfo in GBK that says nothing", mapinfo("gbk", "Neutral"), Texts(notes=1)),
    Case("MapInfo in UTF-8", mapinfo("utf-8", "UTF-8"), UTF8),
    Case("GeoPackage with texts in GBK", geopackage_bytes("gbk"), Texts(encoding="UTF-8", notes=1)),
    Case("ZIP with a name in GBK", zipped(shapefile("gbk", "GBK"), "社区".encode("gbk")), Texts()),
    Case("ZIP with a name in UTF-8 without the mark", zipped(shapefile("utf-8", "UTF-8"), "社区".encode()), UTF8),
    Case("workbook with rare ideographs", workbook, Texts(RARE, "UTF-8", 1)),
)


@run_cases(SHAPEFILES, OTHERS)
def test_texts_are_read_in_their_encoding(case: Case, tmp_path: Path) -> None:
    source = case.write(tmp_path)
    assert read_or_refuse(lambda: read_texts(source)) == case.expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("codec", "named"), [("gbk", "GBK"), ("utf-8", "utf8"), ("cp1251", "Windows-1251")])
def test_an_encoding_that_the_reader_names_holds(codec: str, named: str, tmp_path: Path) -> None:
    names = RUSSIAN if codec == "cp1251" else CHINESE
    path = shapefile(codec, "ISO-8859-1", 0x57, names)(tmp_path)
    assert read_texts(path, named).names == names
