"""The page that tells how a phone comes to trust this machine, in every language and from this machine alone."""

from html import escape

from gridmap.core.errors import N_, Message
from gridmap.texts import LANGUAGES, say

CERTIFICATE = "gridmap.crt"
TITLE = N_("Trust the gridmap of this office")
WHY = N_(
    "Phones give their position, and keep data for places without signal, only over an encrypted connection to a "
    "machine they trust. Do this once on each phone, in the office's own network."
)
FETCH = N_("Download the certificate")
COMPARE = N_("Before you trust it, its fingerprint (SHA-256) must be the one that the terminal of gridmap shows:")
THEN = N_("When that is done, open {address}")
CARE = N_(
    "Whoever holds the key of this certificate could vouch for any site towards this phone. The key stays in the "
    "folder of gridmap on the machine {machine}; remove the certificate from the phone when gridmap is no longer used."
)
VARIES = N_("Names of menus differ between makers; searching the settings for “certificate” finds them.")
PHONES = {
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
PLAIN = {"title": TITLE, "why": WHY, "fetch": FETCH, "compare": COMPARE, "varies": VARIES}
PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/gridmap.css">
<main class="within narrow stack">
{sections}</main>
</html>
"""
SECTION = """<section class="stack" lang="{tag}">
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


def trust_page(address: str, fingerprint: str, machine: str) -> str:
    """The page as HTML.

    Parameters
    ----------
    address : str
        Where to go when the phone trusts.
    fingerprint : str
        Of the certificate.
    machine : str
        Name of this machine.
    """
    sections = "".join(_section(language, address, fingerprint, machine) for language in LANGUAGES)
    return PAGE.format(title=" · ".join(_said(TITLE, language) for language in LANGUAGES), sections=sections)


def _section(language: str, address: str, fingerprint: str, machine: str) -> str:
    link = f'<a href="{escape(address)}">{escape(address)}</a>'
    return SECTION.format(
        tag=language.replace("_", "-"),
        certificate=CERTIFICATE,
        fingerprint=escape(fingerprint),
        phones="".join(_phone(name, steps, language) for name, steps in PHONES.items()),
        then=_said(THEN, language).replace("{address}", link),
        care=escape(say(Message(CARE, {"machine": machine}), language)),
        **{name: _said(text, language) for name, text in PLAIN.items()},
    )


def _phone(name: str, steps: tuple[str, ...], language: str) -> str:
    lines = "".join(f"<li>{_said(step, language)}</li>" for step in steps)
    return f'<h2>{name}</h2><ol class="stack">{lines}</ol>'


def _said(text: str, language: str) -> str:
    return escape(say(text, language))
