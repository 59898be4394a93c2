"""Translation of messages. The templates are English; other languages have catalogues in ``locale``."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from gridmap.core.errors import Message

LANGUAGES = ("zh_CN", "en")
DEFAULT_LANGUAGE = "zh_CN"
LOCALE_DIR = Path(__file__).parent / "locale"


def translate(message: Message | str, language: str) -> str:
    """Return a message in a language, with its values inserted.

    Parameters
    ----------
    message : Message or str
        Message to translate; a string is a template without values. Values that are messages are translated too.
    language : str
        Any spelling that `normalise_language` knows; others count as English.

    Returns
    -------
    str
        The translation, or the English template where the catalogue has none.

    Examples
    --------
    >>> translate(Message("{households} households", {"households": 320}), "en")
    '320 households'
    """
    template = message if isinstance(message, str) else message.template
    translated = load_catalogue(normalise_language(language) or "en").get(template) or template
    if isinstance(message, str):
        return translated
    return translated.format_map(_translate_values(message.values, language))


@lru_cache(maxsize=256)
def normalise_language(tag: str) -> str | None:
    """Return the one of `LANGUAGES` that a language tag means, or None for another language.

    Examples
    --------
    >>> [normalise_language(tag) for tag in ("zh-CN", "zh", "zh_CN.UTF-8", "en_US", "C")]
    ['zh_CN', 'zh_CN', 'zh_CN', 'en', None]
    """
    code = tag.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return next((language for language in LANGUAGES if language.partition("_")[0] == code), None)


def language_tag(language: str) -> str:
    """Return the tag of a language for HTML and HTTP.

    Examples
    --------
    >>> language_tag("zh_CN")
    'zh-CN'
    """
    return language.replace("_", "-")


@cache
def load_catalogue(language: str) -> dict[str, str]:
    """Return the translations of a language by template; empty for English. Read once per process."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "gridmap.po"
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and not entry.fuzzy}


def _translate_values(values: Mapping[str, object], language: str) -> dict[str, object]:
    return {name: translate(value, language) if isinstance(value, Message) else value for name, value in values.items()}
