"""Names of encodings as files and people write them."""

import codecs
import re

MACHINE_DEPENDENT = frozenset({"oem", "ansi", "oemcp", "acp", "system", "default", "mbcs", "local"})
"""Names of an encoding that depends on the computer the file comes from."""

CHINESE = frozenset({"gbk", "gb2312", "gb18030"})
ALIASES = {
    "88591": "iso8859-1",
    "885915": "iso8859-15",
    "88592": "iso8859-2",
    "88595": "iso8859-5",
    "88597": "iso8859-7",
    "88599": "iso8859-9",
    "big5hkscs": "big5hkscs",
    "big5": "cp950",
    "chinesebig5": "cp950",
    "eucgb": "gb18030",
    "euccn": "gb18030",
    "gb": "gb18030",
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "macroman": "mac_roman",
    "unicode": "utf-16",
    "utf8": "utf-8",
    "utf8bom": "utf-8",
    "utf8sig": "utf-8",
    "utf8withbom": "utf-8",
    "65001": "utf-8",
    "54936": "gb18030",
    "52936": "gb18030",
    "936": "gb18030",
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "20127": "ascii",
    "28591": "iso8859-1",
    "20936": "gb18030",
    "51936": "gb18030",
    "51932": "euc_jp",
    "20932": "euc_jp",
    "51949": "euc_kr",
    "20866": "koi8_r",
    "10000": "mac_roman",
    "windowssimpchinese": "gb18030",
    "windowstradchinese": "cp950",
    "windowslatin1": "cp1252",
    "windowslatin2": "cp1250",
    "windowscyrillic": "cp1251",
    "windowsgreek": "cp1253",
    "windowsturkish": "cp1254",
    "windowsjapanese": "cp932",
    "windowskorean": "cp949",
    "codepage437": "cp437",
    "codepage850": "cp850",
    "sjis": "cp932",
    "shiftjis": "cp932",
}
PREFIXES = ("x", "cp", "ansi", "oem", "ms", "windows", "win", "ibm", "iso", "codepage", "ldid")
MULTI_BYTE = re.compile("utf|ucs|gb|cp9(32|49|50)|big5|shift|euc|iso2022|johab")
NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
LANGUAGE_DRIVERS = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x04: "mac_roman",
    0x08: "cp865",
    0x09: "cp437",
    0x0A: "cp850",
    0x13: "cp932",
    0x26: "cp866",
    0x4D: "gb18030",
    0x4E: "cp949",
    0x4F: "cp950",
    0x50: "cp874",
    0x57: "cp1252",
    0x58: "cp1252",
    0x59: "cp1252",
    0x64: "cp852",
    0x65: "cp866",
    0x66: "cp865",
    0x67: "cp861",
    0x6A: "cp737",
    0x6B: "cp857",
    0x78: "cp950",
    0x79: "cp949",
    0x7A: "gb18030",
    0x7B: "cp932",
    0x7C: "cp874",
    0x7D: "cp1255",
    0x7E: "cp1256",
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
}
"""Encodings by the language id in the header of a DBF table."""


def find_codec(name: str) -> str | None:
    """Return Python's name of an encoding, or None if the name is unknown or depends on the computer.

    GBK and GB 2312 are read as GB 18030, which includes them, and Big5 as Microsoft's code page 950.

    Examples
    --------
    >>> [find_codec(name) for name in ("x-gbk", "ANSI 1252", "88591", "Big-5", "936", "UTF8", "OEM", "KLINGON")]
    ['gb18030', 'cp1252', 'iso8859-1', 'cp950', 'gb18030', 'utf-8', None, None]
    """
    key = re.sub(r"[^0-9a-z]", "", name.lower())
    if key in MACHINE_DEPENDENT:
        return None
    shorter = _strip_prefixes(key)
    for candidate in (key, shorter):
        if candidate in ALIASES:
            return ALIASES[candidate]
    codec = _python_codec(name.strip()) or _python_codec(f"cp{shorter}") or _python_codec(shorter)
    return "gb18030" if codec in CHINESE else codec


def is_machine_dependent(name: str) -> bool:
    """Return whether a name says only that the encoding is that of the computer.

    >>> is_machine_dependent("OEM"), is_machine_dependent("ANSI 936")
    (True, False)
    """
    return re.sub(r"[^0-9a-z]", "", name.lower()) in MACHINE_DEPENDENT


def is_single_byte(codec: str) -> bool:
    """Return whether every character of an encoding takes one byte.

    >>> is_single_byte("cp1252"), is_single_byte("gb18030")
    (True, False)
    """
    return not MULTI_BYTE.match(codec)


def _strip_prefixes(key: str) -> str:
    for prefix in PREFIXES:
        if key.startswith(prefix) and len(key) > len(prefix):
            return _strip_prefixes(key.removeprefix(prefix))
    return key


def _python_codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_for_texts = getattr(codec, "_is_text_encoding", True) and codec.name not in NOT_FOR_FILES
    return codec.name if is_for_texts else None
