"""Files that no office sends: bombs, polyglots, broken archives, endless rows. Each is made by code when it is read."""

# ruff: noqa: PLW0108 - each file is made when it is read, not when the module is

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial

HEADER = "姓名,身份证号,楼栋编码\n"
WORKBOOK_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET_START = (
    '<?xml version="1.0"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<!DOCTYPE x [<!ENTITY e0 "哈">{ENTITIES}]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'
FILE_STARTS = {
    "pdf": b"%PDF-1.7\n",
    "gif": b"GIF89a",
    "png": b"\x89PNG\r\n\x1a\n",
    "exe": b"MZ\x90\x00",
    "elf": b"\x7fELF\x02\x01\x01",
    "html": b"<html><script>alert(1)</script>",
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "gzip": b"\x1f\x8b\x08\x00",
    "rar": b"Rar!\x1a\x07\x01\x00",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "sqlite": b"SQLite format 3\0" + bytes(200),
    "xml": b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>',
}


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive of parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def workbook(sheet: str, **parts: str | bytes) -> bytes:
    """Return a workbook whose only sheet has an XML text."""
    return pack({**WORKBOOK_PARTS, "xl/worksheets/sheet1.xml": sheet, **parts})


def sheet(rows: str, doctype: str = "") -> str:
    return f"{SHEET_START.format(doctype=doctype)}<sheetData>{rows}</sheetData></worksheet>"


def cell(text: str, place: str = "A1") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def with_lying_size(archive: bytes) -> bytes:
    """Return an archive that declares a size of 16 bytes for every part."""
    data = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(mark)
        while start >= 0:
            data[start + offset : start + offset + 4] = struct.pack("<I", 16)
            start = data.find(mark, start + 4)
    return bytes(data)


def deep_bomb() -> bytes:
    inner = pack({"a.xml": bytes(2**24)})
    for _ in range(5):
        inner = pack({f"{n}.zip": inner for n in range(8)})
    return inner


def noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)


def polyglot(start: bytes) -> bytes:
    """Return a file that begins like another format."""
    return start + noise(2_000, 4)


GOOD_ROW = f'<row r="1">{cell("姓名")}{cell("楼栋编码", "B1")}</row><row r="2">{cell("张")}{cell("b1", "B2")}</row>'
GOOD_WORKBOOK = workbook(sheet(GOOD_ROW))
Maker = Callable[[], bytes]

BOMBS: dict[str, Maker] = {
    "zip-bomb.xlsx": lambda: workbook(sheet(GOOD_ROW), **{"xl/media/a.bin": bytes(450 * 2**20)}),
    "ratio.xlsx": lambda: workbook(sheet(GOOD_ROW), **{"xl/media/a.bin": bytes(64 * 2**20)}),
    "many-parts.xlsx": lambda: workbook(sheet(GOOD_ROW), **{f"xl/{n}.xml": "x" for n in range(1_200)}),
    "nested.zip": deep_bomb,
    "lying.xlsx": lambda: with_lying_size(workbook(sheet(f'<row r="1">{cell("x" * 2**24)}</row>'))),
    "entities.xlsx": lambda: workbook(sheet(f'<row r="1">{cell("&e9;")}</row>', BILLION_LAUGHS)),
    "external.xlsx": lambda: workbook(sheet(f'<row r="1">{cell("&e9;")}</row>', EXTERNAL)),
    "far-cell.xlsx": lambda: workbook(
        sheet(f'<row r="1">{cell("姓名")}</row><row r="1048576">{cell("x", "XFD1048576")}</row>')
    ),
    "far-place.xlsx": lambda: workbook(sheet(f'<row r="1">{cell("姓名", "ZZZZZZ99999999999")}</row>')),
    "dimension.xlsx": lambda: workbook(
        SHEET_START.format(doctype="") + '<dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'
    ),
    "large.xlsx": lambda: noise(61 * 2**20, 1),
    "large.csv": lambda: HEADER.encode() + b"a,b,c\n" * (11 * 2**20),
}
ARCHIVES: dict[str, Maker] = {
    "empty.xlsx": lambda: b"",
    "empty-zip.xlsx": lambda: pack({}),
    "no-sheet.xlsx": lambda: pack(WORKBOOK_PARTS),
    "cut.xlsx": lambda: GOOD_WORKBOOK[: len(GOOD_WORKBOOK) // 2],
    "cut-end.xlsx": lambda: GOOD_WORKBOOK[:-30],
    "traversal.zip": lambda: pack({"../../etc/cron.d/x.csv": HEADER}),
    "absolute.zip": lambda: pack({"/etc/x.csv": HEADER}),
    "backslash.zip": lambda: pack({"..\\..\\x.csv": HEADER}),
    "device.zip": lambda: pack({"CON": HEADER, "nul.csv": "x"}),
    "nul-name.zip": lambda: pack({"a\0.csv": HEADER}).replace(b"a.csv", b"a\0csv"),
    "rubbish.xlsx": lambda: b"PK\x03\x04" + noise(5_000, 2),
    "wrong-crc.xlsx": lambda: GOOD_WORKBOOK.replace(struct.pack("<I", zlib.crc32(sheet(GOOD_ROW).encode())), bytes(4)),
    "not-xml.xlsx": lambda: workbook("<<<<<>>>>"),
    "open-xml.xlsx": lambda: workbook(SHEET_START.format(doctype="") + "<sheetData><row>" * 50_000),
    "deep-xml.xlsx": lambda: workbook("<a>" * 500_000),
    "bad-utf8.xlsx": lambda: pack({**WORKBOOK_PARTS, "xl/worksheets/sheet1.xml": b"<worksheet>\xff\xfe\xfa"}),
    "two-headers.xlsx": lambda: workbook(
        sheet(f'<row r="1">{cell("姓名")}{cell("姓名", "B1")}</row>' + GOOD_ROW[-60:])
    ),
}
TEXTS: dict[str, Maker] = {
    "nul.csv": lambda: bytes(100_000),
    "noise.csv": lambda: noise(200_000, 3),
    "one-line.csv": lambda: b"x" * (8 * 2**20),
    "commas.csv": lambda: b"," * (4 * 2**20),
    "open-quote.csv": lambda: HEADER.encode() + b'"' + b"x\n" * 100_000,
    "quotes.csv": lambda: HEADER.encode() + b'"' * 100_001,
    "wide.csv": lambda: (",".join(f"c{n}" for n in range(100_000)) + "\n").encode(),
    "lines.csv": lambda: b"\n" * 1_000_000,
    "header-only.csv": lambda: b"a",
    "bad-utf16.csv": lambda: b"\xff\xfe" + b"\x00\xd8" * 1_001,
    "surrogates.csv": lambda: HEADER.encode() + b"\xed\xa0\x80,\xed\xb0\x80,x\n",
    "utf7.csv": lambda: b"+ADw-script+AD4-,x\n1,2\n",
    "controls.csv": lambda: bytes(range(1, 32)) * 1_000,
    "override.csv": lambda: "\u202e姓\u202d名,\u2066身份证号\n".encode(),
    "sep.csv": lambda: b"sep=\n" + HEADER.encode(),
}
VALUES: dict[str, Maker] = {
    "formula.csv": lambda: (HEADER + "=cmd|'/C calc'!A0,1,b1\n").encode(),
    "nan.csv": lambda: (HEADER + "张,NaN,NaN\n李,inf,-inf\n").encode(),
    "sql.csv": lambda: (HEADER + "张'; DROP TABLE resident; --,1,b1\n").encode(),
    "long-name.csv": lambda: (HEADER + "张" * 100_000 + ",,b1\n").encode(),
    "long-code.csv": lambda: (HEADER + "张,," + "9" * 100_000 + "\n").encode(),
    "regex.csv": lambda: ("姓名,详细地址\n" + "张," + "1-" * 20_000 + "\n").encode(),
    "numerals.csv": lambda: ("姓名,详细地址\n" + "张," + "一" * 20_000 + "号楼\n").encode(),
    "digits.csv": lambda: ("姓名,详细地址\n" + "张," + "1" * 300 + "号\n").encode(),
    "markup.csv": lambda: (HEADER + "<script>alert(1)</script>,<b>,&amp;\n").encode(),
}
POLYGLOTS: dict[str, Maker] = {
    **{f"{name}.xlsx": partial(polyglot, start) for name, start in FILE_STARTS.items()},
    "pdf-and-zip.xlsx": lambda: FILE_STARTS["pdf"] + with_lying_size(GOOD_WORKBOOK),
    "gif-and-csv.csv": lambda: FILE_STARTS["gif"] + noise(100, 5),
}
HOSTILE_FILES: dict[str, Maker] = {**BOMBS, **ARCHIVES, **TEXTS, **VALUES, **POLYGLOTS}
"""Content of each file by its name, at least sixty."""
EVERY_RUN = ("zip-bomb.xlsx", "lying.xlsx", "regex.csv", "rubbish.xlsx")
"""Files that are tried in every run; the others take the rest of the long one."""
