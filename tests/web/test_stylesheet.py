"""Everybody can read it: contrast of the colours, by light and by dark, as WCAG 2.2 computes it."""

import re

import pytest

from gridmap import config

CSS = (config.resource_dir("static") / "css" / "gridmap.css").read_text("utf-8")
MIN_TEXT_CONTRAST, MIN_SHAPE_CONTRAST = 4.5, 3.0
STATUS_COLOURS = ("under", "in-range", "over", "dedicated", "warning", "bad")
BACKGROUNDS = ("ground", "paper", "sunken")
CONTRAST_PAIRS = [
    *[(ink, ground, MIN_TEXT_CONTRAST) for ink in ("ink", "ink-soft", "accent") for ground in BACKGROUNDS],
    *[("accent-strong", ground, MIN_TEXT_CONTRAST) for ground in (*BACKGROUNDS, "accent-soft")],
    ("on-brand", "brand", MIN_TEXT_CONTRAST),
    ("on-brand-soft", "brand", MIN_TEXT_CONTRAST),
    *[("on-accent", ground, MIN_TEXT_CONTRAST) for ground in ("accent", "accent-strong")],
    *[("on-danger", ground, MIN_TEXT_CONTRAST) for ground in ("danger", "danger-strong")],
    *[(f"{state}-ink", f"{state}-soft", MIN_TEXT_CONTRAST) for state in STATUS_COLOURS],
    *[("ink", f"{state}-soft", MIN_TEXT_CONTRAST) for state in ("in-range", "warning", "bad")],
    *[("accent", f"{state}-soft", MIN_TEXT_CONTRAST) for state in ("in-range", "warning", "bad")],
    ("accent", "accent-soft", MIN_TEXT_CONTRAST),
    ("bad-ink", "paper", MIN_TEXT_CONTRAST),
    *[(state, f"{state}-soft", MIN_SHAPE_CONTRAST) for state in STATUS_COLOURS],
    *[(state, ground, MIN_SHAPE_CONTRAST) for state in STATUS_COLOURS for ground in ("paper", "sunken")],
    *[("line-strong", ground, MIN_SHAPE_CONTRAST) for ground in BACKGROUNDS],
    *[("focus", ground, MIN_SHAPE_CONTRAST) for ground in BACKGROUNDS],
]


def colour_tokens(scheme: str) -> dict[str, str]:
    """Colours by light, or those by dark."""
    light, dark, _print = re.findall(r":root \{[^}]*--ground[^}]*\}", CSS)
    return dict(re.findall(r"--([\w-]+): #(\w{6});", light if scheme == "light" else dark))


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


def test_colours_are_named_once_and_used_by_name() -> None:
    rules = CSS[CSS.index("/* Ground */") : CSS.index("@media print")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []


def test_nothing_is_used_that_has_no_name() -> None:
    named = set(re.findall(r"(--[\w-]+):", CSS)) | {"--space"}
    assert set(re.findall(r"var\((--[\w-]+)", CSS)) - named == set()
