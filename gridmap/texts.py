"""Sentences in the reader's language: English is the templates themselves, others are catalogues beside this file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gridmap.core.errors import Message

LANGUAGES = ("zh_CN", "en")
DEFAULT_LANGUAGE = "zh_CN"
CATALOGUES = Path(__file__).parent / "locale"


def say(message: Message | str, language: str) -> str:
    """A sentence in a language, with its values in place.

    Parameters
    ----------
    message : Message or str
        What to say; a string is a template without values. Values that are messages themselves are translated too.
    language : str
        Any spelling that `normalised` knows; others are read as English, which always exists.

    Returns
    -------
    str
        The translation, or the English template where the catalogue has none.

    Examples
    --------
    >>> say(Message("{households} households", {"households": 320}), "en")
    '320 households'
    """
    template = message if isinstance(message, str) else message.template
    translated = _catalogue(normalised(language) or "en").get(template) or template
    return translated if isinstance(message, str) else translated.format_map(_said(message.values, language))


def normalised(tag: str) -> str | None:
    """One of `LANGUAGES` for any spelling of it, or None for a language there is no catalogue for.

    Examples
    --------
    >>> [normalised(tag) for tag in ("zh-CN", "zh", "zh_CN.UTF-8", "en_US", "C")]
    ['zh_CN', 'zh_CN', 'zh_CN', 'en', None]
    """
    spoken = tag.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return next((language for language in LANGUAGES if language.partition("_")[0] == spoken), None)


def _said(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {name: say(value, language) if isinstance(value, Message) else value for name, value in values.items()}


@cache
def _catalogue(language: str) -> dict[str, str]:
    """Translations by template; read once a process. Empty for English, which needs none."""
    path = CATALOGUES / language / "LC_MESSAGES" / "gridmap.po"
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and not entry.fuzzy}
