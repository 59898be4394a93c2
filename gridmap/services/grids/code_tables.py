"""Code tables: names of the kinds that rows carry as keys, from ``data/``; an office may add lines."""

from collections.abc import Mapping
from typing import Literal

from gridmap.catalogues import load_code_tables
from gridmap.texts import LANGUAGES

CodeTable = Literal["lines", "organisations", "facilities", "channels", "uses"]


def list_names(table: CodeTable, language: str) -> Mapping[str, str]:
    """Return the names of a code table by key, in the order of the file.

    Examples
    --------
    >>> list_names("channels", "en")["hotline"]
    'Hotline'
    """
    position = LANGUAGES.index(language)
    return {key: names[position] for key, names in load_code_tables()[table].items()}


def get_name(table: CodeTable, key: str, language: str) -> str:
    """Return the name of a key; the key itself where the table does not have it.

    Examples
    --------
    >>> get_name("facilities", "tea house", "en")
    'tea house'
    """
    return list_names(table, language).get(key, key)
