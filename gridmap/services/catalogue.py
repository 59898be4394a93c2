"""What the kinds that rows carry as keys are called: ``data/catalogue.toml``, where an office may add lines."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Literal

from gridmap.config import folder
from gridmap.texts import LANGUAGES

Chapter = Literal["lines", "organisations", "facilities", "channels", "uses"]


def names(chapter: Chapter, language: str) -> Mapping[str, str]:
    """Names of the kinds of a chapter by their keys, in the order of the file.

    Examples
    --------
    >>> names("channels", "en")["hotline"]
    'Hotline'
    """
    position = LANGUAGES.index(language)
    return {key: both[position] for key, both in _chapters()[chapter].items()}


def name(chapter: Chapter, key: str, language: str) -> str:
    """Name of a kind; a key that stands in no list is shown as it is written.

    Examples
    --------
    >>> name("facilities", "tea house", "en")
    'tea house'
    """
    return names(chapter, language).get(key, key)


@cache
def _chapters() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((folder("data") / "catalogue.toml").read_text("utf-8"))
