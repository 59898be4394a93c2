"""The reader's language: asked for in the address and kept in a cookie, else the browser's, else Chinese."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup, escape

from gridmap.core.errors import Message
from gridmap.texts import DEFAULT_LANGUAGE, LANGUAGES, normalised, say

COOKIE = "gridmap_language"
A_YEAR = 365 * 24 * 3600
OWN_NAMES = {"zh_CN": "中文", "en": "English"}


def language() -> str:
    """One of `gridmap.texts.LANGUAGES`, for the request that is being answered."""
    if "language" not in g:
        g.language = asked() or normalised(request.cookies.get(COOKIE, "")) or _browsers() or DEFAULT_LANGUAGE
    return str(g.language)


def spoken(sentence: Message | str, /, **values: Any) -> Markup:
    """A sentence in the reader's language for a page: escaped, and so are its values unless they are markup already.

    Sentences hold no markup of their own, so that data which reaches this place by mistake harms nobody. A link within
    a sentence is a value.
    """
    if isinstance(sentence, Message):
        return spoken(sentence.template, **sentence.values)
    told = escape(say(sentence, language()))
    said = {name: spoken(value) if isinstance(value, Message) else value for name, value in values.items()}
    return told.format(**said) if said else told


def install(app: Flask) -> None:
    """Give templates ``_``, ``language``, ``language_tag`` and ``languages``; keep a language that was asked for."""
    app.after_request(_remembered)
    app.jinja_env.globals["_"] = spoken
    app.context_processor(lambda: {"language": language(), "language_tag": tag(language()), "languages": _choices})


def tag(language: str) -> str:
    """A language as HTML and HTTP spell it.

    >>> tag("zh_CN")
    'zh-CN'
    """
    return language.replace("_", "-")


def asked() -> str | None:
    """The language that the address asks for."""
    return normalised(request.args.get("language", ""))


def _browsers() -> str | None:
    """The first of the browser's languages that we speak."""
    return next((known for wanted in request.accept_languages.values() if (known := normalised(wanted))), None)


def _choices() -> list[tuple[str, str, str]]:
    """Languages as tag, own name, and this page in it."""
    return [(tag(each), OWN_NAMES[each], _here(each)) for each in LANGUAGES]


def _here(language: str) -> str:
    """The page that is open in a language: only the query, so that no path can lead away."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "language"]
    return f"?{urlencode([*kept, ('language', tag(language))])}"


def keep(answer: Response, chosen: str) -> None:
    """Have the browser ask for a language from now on."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=secure)


def _remembered(answer: Response) -> Response:
    if "language" in g:
        answer.vary.update(["Accept-Language", "Cookie"])  # what may keep a page must not hand it to other readers
    if (chosen := asked()) and not answer.cache_control.public:  # what others may keep carries no cookie
        keep(answer, chosen)
    return answer
