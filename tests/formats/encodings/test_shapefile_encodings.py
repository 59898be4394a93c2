"""Encodings of Shapefiles: what the .cpg file and the table say, and what the texts are."""

from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput
from tests.formats.small_layers import CHINESE, CODES, read_only_layer, write_shapefile

GERMAN = ("Quartier Général", "Mühlenstraße Süd")
TAIWANESE = ("信義區松高里", "中正區國光里")
RUSSIAN = ("Улица Ленина", "Привет")
POLISH = ("Łódź Śródmieście", "Kraków")
JAPANESE = ("東京都渋谷区", "サンプル町")
RARE = ("堃瑄苑社区", "邨头社区")
PLAIN = ("Donghu", "Shahu")
FULL_WIDTH = ("１号楼（东）", "２号楼·西")
LIANTONG = ("联通", "移动")

# names, encoding of the bytes, .cpg, language id, encoding they must be read in, reported as an assumption
Case = tuple[tuple[str, str], str, str | None, int | None, str, bool]
CASES: dict[str, Case] = {
    "cpg UTF-8": (CHINESE, "utf-8", "UTF-8", None, "UTF-8", False),
    "cpg GBK": (CHINESE, "gbk", "GBK", None, "GB18030", False),
    "cpg 936": (CHINESE, "gbk", "936", None, "GB18030", False),
    "cpg OEM over GBK": (CHINESE, "gbk", "OEM", None, "GB18030", True),
    "cpg single-byte over GBK": (CHINESE, "gbk", "ISO 88591", None, "GB18030", True),
    "cpg UTF-8 over GBK": (CHINESE, "gbk", "UTF-8", None, "GB18030", True),
    "cpg GBK over UTF-8": (CHINESE, "utf-8", "GBK", None, "UTF-8", True),
    "no statement, UTF-8": (CHINESE, "utf-8", None, None, "UTF-8", False),
    "no statement, GBK": (CHINESE, "gbk", None, None, "GB18030", True),
    "language id 0x4D": (CHINESE, "gbk", None, 0x4D, "GB18030", False),
    "language id 0x57 over GBK": (CHINESE, "gbk", None, 0x57, "GB18030", True),
    "language id 0x57, German": (GERMAN, "cp1252", None, 0x57, "CP1252", False),
    "no statement, German": (GERMAN, "cp1252", None, None, "CP1252", True),
    "cpg unknown": (CHINESE, "gbk", "KLINGON", None, "GB18030", True),
}
MORE_CASES: dict[str, Case] = {
    "cpg x-gbk": (CHINESE, "gbk", "x-gbk", None, "GB18030", False),
    "cpg ANSI 936": (CHINESE, "gbk", "ANSI 936", None, "GB18030", False),
    "cpg GB2312": (CHINESE, "gbk", "GB2312\r\n", None, "GB18030", False),
    "cpg UTF8": (CHINESE, "utf-8", "UTF8", None, "UTF-8", False),
    "cpg 65001": (CHINESE, "utf-8", "65001", None, "UTF-8", False),
    "cpg empty": (CHINESE, "gbk", "", None, "GB18030", True),
    "cpg ASCII over UTF-8": (CHINESE, "utf-8", "ASCII", None, "UTF-8", True),
    "cpg ANSI 1252": (GERMAN, "cp1252", "ANSI 1252", None, "CP1252", False),
    "cpg 88591": (GERMAN, "latin-1", "88591", None, "ISO8859-1", False),
    "cpg GBK over German": (GERMAN, "cp1252", "GBK", None, "CP1252", True),
    "cpg UTF-8, German": (GERMAN, "utf-8", "UTF-8", None, "UTF-8", False),
    "cpg GBK over German in UTF-8": (GERMAN, "utf-8", "GBK", None, "UTF-8", True),
    "cpg Big-5": (TAIWANESE, "cp950", "Big-5", None, "CP950", False),
    "cpg GBK over Big5": (TAIWANESE, "cp950", "GBK", None, "CP950", True),
    "no statement, Big5": (TAIWANESE, "cp950", None, None, "CP950", True),
    "traditional letters in GBK": (TAIWANESE, "gbk", None, None, "GB18030", True),
    "language id 0xC9, Russian": (RUSSIAN, "cp1251", None, 0xC9, "CP1251", False),
    "cpg 1251 over GBK": (CHINESE, "gbk", "1251", None, "GB18030", True),
    "cpg 1250, Polish": (POLISH, "cp1250", "1250", None, "CP1250", False),
    "cpg SJIS, Japanese": (JAPANESE, "cp932", "Shift_JIS", None, "CP932", False),
    "rare letters in GB18030": (RARE, "gb18030", None, None, "GB18030", True),
    "rare letters in UTF-8": (RARE, "utf-8", None, None, "UTF-8", False),
    "full-width letters in GBK": (FULL_WIDTH, "gbk", None, None, "GB18030", True),
    "GBK that is valid UTF-8": (LIANTONG, "gbk", None, None, "GB18030", True),
    "plain ASCII": (PLAIN, "ascii", None, None, "UTF-8", False),
    "plain ASCII, cpg GBK": (PLAIN, "ascii", "GBK", None, "GB18030", False),
}


def assert_case(case: Case, folder: Path) -> None:
    names, written, code_page, language_id, expected, is_told = case
    layer = read_only_layer(
        write_shapefile(folder / "communities.shp", [name.encode(written) for name in names], code_page, language_id)
    )
    assert (layer.codes, layer.names, layer.households) == (CODES, list(names), 200)
    assert layer.description.encoding == expected
    assert bool(layer.description.warnings) == is_told


@pytest.mark.parametrize("name", CASES)
def test_texts_are_read_whatever_the_file_says(name: str, tmp_path: Path) -> None:
    assert_case(CASES[name], tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", MORE_CASES)
def test_more_texts_are_read_whatever_the_file_says(name: str, tmp_path: Path) -> None:
    assert_case(MORE_CASES[name], tmp_path)


def test_a_character_cut_at_the_width_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    cut = ("示例第一社区居民委员会一二三四".encode())[:40]
    layer = read_only_layer(write_shapefile(tmp_path / "a.shp", [cut, "放鹰台社区".encode()], "UTF-8"))
    assert layer.names == ["示例第一社区居民委员会一二�", "放鹰台社区"]
    (warning,) = layer.description.warnings
    assert (warning.row, warning.column) == (1, "name")
    assert "UTF-8" in str(warning.problem)


def test_a_bad_byte_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    names = ["水果湖社区".encode("gbk"), b"\xb7\xc5\xff\xd3\xa5"]
    layer = read_only_layer(write_shapefile(tmp_path / "a.shp", names, "GBK"))
    assert layer.names[0] == "水果湖社区"
    assert layer.names[1].startswith("放�")
    assert [(warning.row, warning.column) for warning in layer.description.warnings] == [(2, "name")]


def test_the_encoding_of_the_reader_holds(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path / "a.shp", [name.encode("cp1251") for name in RUSSIAN])
    layer = read_only_layer(path, "windows-1251")
    assert layer.names == list(RUSSIAN)
    assert str(layer.description.evidence) == "chosen by you: windows-1251"


def test_the_evidence_tells_what_was_said_and_what_was_found(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path / "a.shp", [name.encode("gbk") for name in CHINESE], "1252")
    evidence = str(read_only_layer(path).description.evidence)
    assert evidence == ".cpg says 1252, but its texts are GB18030, such as “水果湖社区”"


def test_an_unknown_name_of_an_encoding_is_refused(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path / "a.shp", [b"a", b"b"])
    with pytest.raises(InvalidInput, match="no encoding has this name"):
        read_only_layer(path, "KLINGON")
