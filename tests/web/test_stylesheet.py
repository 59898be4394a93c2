"""Contrast of the colours, by light and by dark, as WCAG 2.2 computes it."""

import re

import pytest

from gridmap import config

CSS_DIR = config.resource_dir("static") / "css"
MAP_FILE_STYLES = ("map_file.css", "map_file_lists.css")
TOKEN_FILES = {"light": "tokens.css", "dark": "tokens_dark.css"}
MIN_TEXT_CONTRAST, MIN_SHAPE_CONTRAST = 4.5, 3.0
STATUSES = ("status-under", "status-in-range", "status-over", "status-dedicated")
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
    """Return the colours by light or by dark."""
    return dict(re.findall(r"--([\w-]+): #(\w{6});", (CSS_DIR / TOKEN_FILES[scheme]).read_text("utf-8")))


def relative_luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: str, other: str) -> float:
    lighter, darker = sorted((relative_luminance(one), relative_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_most_there_is() -> None:
    assert contrast_ratio("000000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_stands_out_from_its_ground(scheme: str) -> None:
    colours = colour_tokens(scheme)
    ratios = {
        (ink, ground): (contrast_ratio(colours[ink], colours[ground]), least) for ink, ground, least in CONTRAST_PAIRS
    }
    assert {pair: round(ratio, 2) for pair, (ratio, least) in ratios.items() if ratio < least} == {}


def test_light_and_dark_name_the_same_colours() -> None:
    assert colour_tokens("light").keys() == colour_tokens("dark").keys()


def read_styles(*excluded: str) -> str:
    """Return all style sheets but some, without what holds on paper."""
    names = sorted(path.name for path in CSS_DIR.glob("*.css") if path.name not in excluded)
    return "".join((CSS_DIR / name).read_text("utf-8").split("@media print")[0] for name in names)


def test_colours_are_named_once_and_used_by_name() -> None:
    styles = read_styles(*MAP_FILE_STYLES, *TOKEN_FILES.values(), "heat.css")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", styles) == []


def test_nothing_is_used_that_has_no_name() -> None:
    styles = read_styles(*MAP_FILE_STYLES)
    defined = set(re.findall(r"(--[\w-]+):", styles)) | {"--space"}
    assert set(re.findall(r"var\((--[\w-]+)", styles)) - defined == set()


def test_service_and_map_file_have_the_same_status_colours() -> None:
    map_file = (CSS_DIR / "map_file.css").read_text("utf-8")
    assert set(re.findall(r"--(status-[a-z-]+):", map_file)) == set()
