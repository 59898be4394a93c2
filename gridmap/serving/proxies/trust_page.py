"""Page with the certificate and the steps to trust it on a phone, in every language, without external resources."""

from html import escape

from gridmap.core.errors import N_, Message
from gridmap.texts import LANGUAGES, translate

CERTIFICATE_FILE_NAME = "gridmap.crt"
TITLE = N_("Trust the gridmap of this office")
INTRODUCTION = N_(
    "Phones give their position, and keep data for places without signal, only over an encrypted connection to a "
    "machine they trust. Do this once on each phone, in the office's own network."
)
DOWNLOAD = N_("Download the certificate")
COMPARE_FINGERPRINT = N_(
    "Before you trust it, its fingerprint (SHA-256) must be the one that the terminal of gridmap shows:"
)
NEXT_STEP = N_("When that is done, open {address}")
KEY_WARNING = N_(
    "Whoever holds the key of this certificate could vouch for any site towards this phone. The key stays in the "
    "folder of gridmap on the machine {machine}; remove the certificate from the phone when gridmap is no longer used."
)
MENU_NOTE = N_("Names of menus differ between makers; searching the settings for “certificate” finds them.")
STEPS_BY_PHONE = {
    "iPhone, iPad": (
        N_("Open this page in Safari, tap the button above, and allow the profile to be downloaded."),
        N_("Settings › General › VPN & Device Management: choose gridmap, compare the fingerprint, install."),
        N_("Settings › General › About › Certificate Trust Settings: switch gridmap on."),
    ),
    "Android": (
        N_("Tap the button above and keep the file."),
        N_("Settings › Security › Encryption & credentials › Install a certificate › CA certificate: choose the file."),
        N_("Under Trusted credentials › User, choose gridmap and compare the fingerprint."),
    ),
    "HarmonyOS": (
        N_("Tap the button above and keep the file."),
        N_("Settings › Security › More security settings › Encryption & credentials › Install from storage."),
        N_("Under Trusted credentials › User, choose gridmap and compare the fingerprint."),
    ),
}
PLAIN_TEXTS = {
    "title": TITLE,
    "why": INTRODUCTION,
    "fetch": DOWNLOAD,
    "compare": COMPARE_FINGERPRINT,
    "varies": MENU_NOTE,
}
PAGE_TEMPLATE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/gridmap.css">
<main class="within narrow stack">
{sections}</main>
</html>
"""
SECTION_TEMPLATE = """<section class="stack" lang="{tag}">
<h1>{title}</h1>
<p>{why}</p>
<p><a class="button whole" href="/{certificate}">{fetch}</a></p>
<p>{compare}</p>
<p><code>{fingerprint}</code></p>
{phones}
<p>{varies}</p>
<p>{then}</p>
<p>{care}</p>
</section>
"""


def render_trust_page(service_url: str, fingerprint: str, machine: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    service_url : str
        URL to open when the certificate is installed.
    fingerprint : str
        Fingerprint of the certificate.
    machine : str
        Name of this machine.
    """
    sections = "".join(_section(language, service_url, fingerprint, machine) for language in LANGUAGES)
    return PAGE_TEMPLATE.format(
        title=" · ".join(_escaped_text(TITLE, language) for language in LANGUAGES), sections=sections
    )


def _section(language: str, service_url: str, fingerprint: str, machine: str) -> str:
    link = f'<a href="{escape(service_url)}">{escape(service_url)}</a>'
    return SECTION_TEMPLATE.format(
        tag=language.replace("_", "-"),
        certificate=CERTIFICATE_FILE_NAME,
        fingerprint=escape(fingerprint),
        phones="".join(_phone_steps(name, steps, language) for name, steps in STEPS_BY_PHONE.items()),
        then=_escaped_text(NEXT_STEP, language).replace("{address}", link),
        care=escape(translate(Message(KEY_WARNING, {"machine": machine}), language)),
        **{name: _escaped_text(text, language) for name, text in PLAIN_TEXTS.items()},
    )


def _phone_steps(name: str, steps: tuple[str, ...], language: str) -> str:
    lines = "".join(f"<li>{_escaped_text(step, language)}</li>" for step in steps)
    return f'<h2>{name}</h2><ol class="stack">{lines}</ol>'


def _escaped_text(text: str, language: str) -> str:
    return escape(translate(text, language))
