"""The reader's language: asked for in the address and kept in a cookie, else the browser's, else Chinese."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup, escape

from gridmap.core.errors import Message
from gridmap.texts import DEFAULT_LANGUAGE, LANGUAGES, normalise_language, translate

LANGUAGE_COOKIE = "gridmap_language"
COOKIE_MAX_AGE_S = 365 * 24 * 3600
NATIVE_LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


def current_language() -> str:
    """One of `gridmap.texts.LANGUAGES`, for the request that is being answered."""
    if "language" not in g:
        g.language = (
            requested_language()
            or normalise_language(request.cookies.get(LANGUAGE_COOKIE, ""))
            or _browser_language()
            or DEFAULT_LANGUAGE
        )
    return str(g.language)


def translate_markup(message: Message | str, /, **values: Any) -> Markup:
    """A sentence in the reader's language for a page: escaped, and so are its values unless they are markup already.

    Sentences hold no markup of their own, so that data which reaches this place by mistake harms nobody. A link within
    a sentence is a value.
    """
    if isinstance(message, Message):
        return translate_markup(message.template, **message.values)
    told = escape(translate(message, current_language()))
    said = {name: translate_markup(value) if isinstance(value, Message) else value for name, value in values.items()}
    return told.format(**said) if said else told


def init_app(app: Flask) -> None:
    """Give templates ``_``, ``current_language``, ``language_tag`` and ``languages``; keep a language that was asked for."""
    app.after_request(_remember_language)
    app.jinja_env.globals["_"] = translate_markup
    app.context_processor(
        lambda: {
            "language": current_language(),
            "language_tag": language_tag(current_language()),
            "languages": _language_links,
        }
    )


def language_tag(language: str) -> str:
    """A language as HTML and HTTP spell it.

    >>> language_tag("zh_CN")
    'zh-CN'
    """
    return language.replace("_", "-")


def requested_language() -> str | None:
    """The language that the address asks for."""
    return normalise_language(request.args.get("language", ""))


def _browser_language() -> str | None:
    """The first of the browser's languages that we speak."""
    return next((known for wanted in request.accept_languages.values() if (known := normalise_language(wanted))), None)


def _language_links() -> list[tuple[str, str, str]]:
    """Languages as tag, own name, and this page in it."""
    return [(language_tag(each), NATIVE_LANGUAGE_NAMES[each], _url_in_language(each)) for each in LANGUAGES]


def _url_in_language(language: str) -> str:
    """The page that is open in a language: only the query, so that no path can lead away."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "language"]
    return f"?{urlencode([*kept, ('language', language_tag(language))])}"


def set_language_cookie(response: Response, language: str) -> None:
    """Have the browser ask for a language from now on."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax", secure=secure
    )


def _remember_language(response: Response) -> Response:
    if "language" in g:
        response.vary.update(["Accept-Language", "Cookie"])  # what may keep a page must not hand it to other readers
    if (chosen := requested_language()) and not response.cache_control.public:  # what others may keep carries no cookie
        set_language_cookie(response, chosen)
    return response
