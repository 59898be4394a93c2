"""Contrast of the colours in the light and the dark scheme, as WCAG 2.2 defines it."""

import re

import pytest

from gridmap import config

CSS_DIR = config.resource_dir("static") / "css"
MAP_FILE_STYLES = ("map_file.css", "map_file_lists.css")
TOKEN_FILES = {"light": "tokens.css", "dark": "tokens_dark.css"}
MIN_TEXT_CONTRAST, MIN_SHAPE_CONTRAST = 4.5, 3.0
STATUSES = ("status-under", "status-in-range", "status-over", "status-dedicated", "status-no-counts")
STATUS_COLOURS = (*STATUSES, "warning", "color-error")
BACKGROUNDS = ("color-background", "color-surface", "color-surface-sunken")
CONTRAST_PAIRS = [
    *[
        (ink, ground, MIN_TEXT_CONTRAST)
        for ink in ("color-text", "color-text-muted", "accent")
        for ground in BACKGROUNDS
    ],
    *[("accent-strong", ground, MIN_TEXT_CONTRAST) for ground in (*BACKGROUNDS, "accent-soft")],
    ("on-brand", "brand", MIN_TEXT_CONTRAST),
    ("on-brand-soft", "brand", MIN_TEXT_CONTRAST),
    *[("on-accent", ground, MIN_TEXT_CONTRAST) for ground in ("accent", "accent-strong")],
    *[("on-danger", ground, MIN_TEXT_CONTRAST) for ground in ("danger", "danger-strong")],
    *[(f"{state}-ink", f"{state}-soft", MIN_TEXT_CONTRAST) for state in STATUS_COLOURS],
    *[("color-text", f"{name}-soft", MIN_TEXT_CONTRAST) for name in ("status-in-range", "warning", "color-error")],
    *[("accent", f"{name}-soft", MIN_TEXT_CONTRAST) for name in ("status-in-range", "warning", "color-error")],
    ("accent", "accent-soft", MIN_TEXT_CONTRAST),
    ("color-error-ink", "color-surface", MIN_TEXT_CONTRAST),
    *[(state, f"{state}-soft", MIN_SHAPE_CONTRAST) for state in STATUS_COLOURS],
    *[
        (state, ground, MIN_SHAPE_CONTRAST)
        for state in STATUS_COLOURS
        for ground in ("color-surface", "color-surface-sunken")
    ],
    *[("color-border-strong", ground, MIN_SHAPE_CONTRAST) for ground in BACKGROUNDS],
    *[("focus", ground, MIN_SHAPE_CONTRAST) for ground in BACKGROUNDS],
]


def colour_tokens(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by name."""
    return dict(re.findall(r"--([\w-]+): #(\w{6});", (CSS_DIR / TOKEN_FILES[scheme]).read_text("utf-8")))


def relative_luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(first: str, second: str) -> float:
    lighter, darker = sorted((relative_luminance(first), relative_luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_maximum_contrast() -> None:
    assert contrast_ratio("000000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_has_enough_contrast_with_its_background(scheme: str) -> None:
    colours = colour_tokens(scheme)
    ratios = {
        (ink, ground): (contrast_ratio(colours[ink], colours[ground]), minimum)
        for ink, ground, minimum in CONTRAST_PAIRS
    }
    assert {pair: round(ratio, 2) for pair, (ratio, minimum) in ratios.items() if ratio < minimum} == {}


def test_both_schemes_define_the_same_colours() -> None:
    assert colour_tokens("light").keys() == colour_tokens("dark").keys()


def read_styles(*excluded: str) -> str:
    """Return the text of the style sheets, without the rules for print."""
    names = sorted(path.name for path in CSS_DIR.glob("*.css") if path.name not in excluded)
    return "".join((CSS_DIR / name).read_text("utf-8").split("@media print")[0] for name in names)


def test_style_sheets_use_colours_by_name() -> None:
    styles = read_styles(*MAP_FILE_STYLES, *TOKEN_FILES.values(), "heat.css", "sheet.css")  # paper has no theme
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", styles) == []


def test_every_used_variable_is_defined() -> None:
    styles = read_styles(*MAP_FILE_STYLES)
    defined = set(re.findall(r"(--[\w-]+):", styles)) | {"--space"}
    assert set(re.findall(r"var\((--[\w-]+)", styles)) - defined == set()


def test_service_and_map_file_have_the_same_status_colours() -> None:
    map_file = (CSS_DIR / "map_file.css").read_text("utf-8")
    assert set(re.findall(r"--(status-[a-z-]+):", map_file)) == set()
