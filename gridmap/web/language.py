"""The reader's language: from the URL, for this page alone, or its cookie; else the browser's, else Chinese."""

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup, escape

from gridmap.core.errors import Message
from gridmap.texts import DEFAULT_LANGUAGE, LANGUAGES, language_tag, load_catalogue, normalise_language

LANGUAGE_COOKIE = "gridmap_language"
COOKIE_MAX_AGE_S = 365 * 24 * 3600
NATIVE_LANGUAGE_NAMES = {"zh_CN": "中文", "en": "English"}


def current_language() -> str:
    """Return the language of the request, one of `gridmap.texts.LANGUAGES`."""
    language: str | None = g.get("language")
    if language is None:
        language = g.language = (
            requested_language()
            or normalise_language(request.cookies.get(LANGUAGE_COOKIE, ""))
            or _browser_language()
            or DEFAULT_LANGUAGE
        )
    return language


def translate_markup(message: Message | str, /, **values: object) -> Markup:
    """Translate a message for a page, with escaped values.

    Messages hold no markup, so that data passed here by mistake does no harm. Markup within a sentence, such as a link,
    is a value of type `Markup`.
    """
    if isinstance(message, Message):
        return translate_markup(message.template, **message.values)
    text = _escaped_catalogue(current_language()).get(message) or escape(message)
    if not values:
        return text
    return Markup(str(text).format(**{name: _escape_value(value) for name, value in values.items()}))  # noqa: S704  # escaped


def format_number(value: object) -> str:
    """Return a number, or a count that may be suppressed, with separators of thousands.

    Examples
    --------
    >>> format_number(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def init_app(app: Flask) -> None:
    """Give templates ``_``, ``format_number``, ``language``, ``language_tag`` and ``languages``."""
    app.after_request(_vary_by_language)
    app.jinja_env.globals.update(
        _=translate_markup, format_number=format_number, path_without_language=path_without_language
    )
    app.context_processor(
        lambda: {
            "language": current_language(),
            "language_tag": language_tag(current_language()),
            "languages": _language_links,
        }
    )


def requested_language() -> str | None:
    """Return the language that the URL asks for."""
    return normalise_language(request.args.get("language", ""))


@cache
def _escaped_catalogue(language: str) -> Mapping[str, Markup]:
    """Return the escaped translations of a language by template; empty for English."""
    return {template: escape(text) for template, text in load_catalogue(language).items() if text}


def _escape_value(value: object) -> object:
    """Return a value to insert into a sentence: numbers as they are, for a format within the sentence."""
    if isinstance(value, Message):
        return translate_markup(value)
    return value if isinstance(value, int | float) else escape(value)


def _browser_language() -> str | None:
    """Return the first of the browser's languages that the service has."""
    preferred = (normalise_language(each) for each in request.accept_languages.values())
    return next((each for each in preferred if each), None)


def _language_links() -> list[tuple[str, str, str]]:
    """Return tag, native name and URL of this page for each language."""
    return [(language_tag(each), NATIVE_LANGUAGE_NAMES[each], _url_in_language(each)) for each in LANGUAGES]


def _url_in_language(language: str) -> str:
    """Return the URL of this page in a language: the query only, so that no path can lead to another site."""
    return f"?{urlencode([*_other_params(), ('language', language_tag(language))])}"


def path_without_language() -> str:
    """Return path and query of this page without a language, to show it again in the one that an account chooses."""
    params = _other_params()
    return f"{request.path}?{urlencode(params)}" if params else request.path


def _other_params() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name != "language"]


def set_language_cookie(response: Response, language: str) -> None:
    """Set the cookie of the language for a year."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax", secure=secure
    )


def _vary_by_language(response: Response) -> Response:
    """Keep caches from giving a page to readers of other languages."""
    if "language" in g:
        response.vary.update(["Accept-Language", "Cookie"])
    return response
