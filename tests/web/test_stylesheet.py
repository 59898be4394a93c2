"""Everybody can read it: contrast of the colours, by light and by dark, as WCAG 2.2 computes it."""

import re

import pytest

from gridmap import config

CSS = (config.folder("static") / "css" / "gridmap.css").read_text("utf-8")
TEXT, SHAPE = 4.5, 3.0
STATES = ("under", "in-range", "over", "dedicated", "warning", "bad")
GROUNDS = ("ground", "paper", "sunken")
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink-soft", "accent") for ground in GROUNDS],
    *[("accent-strong", ground, TEXT) for ground in (*GROUNDS, "accent-soft")],
    ("on-brand", "brand", TEXT),
    ("on-brand-soft", "brand", TEXT),
    *[("on-accent", ground, TEXT) for ground in ("accent", "accent-strong")],
    *[("on-danger", ground, TEXT) for ground in ("danger", "danger-strong")],
    *[(f"{state}-ink", f"{state}-soft", TEXT) for state in STATES],
    *[("ink", f"{state}-soft", TEXT) for state in ("in-range", "warning", "bad")],
    *[("accent", f"{state}-soft", TEXT) for state in ("in-range", "warning", "bad")],
    ("accent", "accent-soft", TEXT),
    ("bad-ink", "paper", TEXT),
    *[(state, f"{state}-soft", SHAPE) for state in STATES],
    *[(state, ground, SHAPE) for state in STATES for ground in ("paper", "sunken")],
    *[("line-strong", ground, SHAPE) for ground in GROUNDS],
    *[("focus", ground, SHAPE) for ground in GROUNDS],
]


def tokens(scheme: str) -> dict[str, str]:
    """Colours by light, or those by dark."""
    light, dark, _print = re.findall(r":root \{[^}]*--ground[^}]*\}", CSS)
    return dict(re.findall(r"--([\w-]+): #(\w{6});", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_most_there_is() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_stands_out_from_its_ground(scheme: str) -> None:
    colours = tokens(scheme)
    ratios = {(ink, ground): (contrast(colours[ink], colours[ground]), least) for ink, ground, least in PAIRS}
    assert {pair: round(ratio, 2) for pair, (ratio, least) in ratios.items() if ratio < least} == {}


def test_light_and_dark_name_the_same_colours() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


def test_colours_are_named_once_and_used_by_name() -> None:
    rules = CSS[CSS.index("/* Ground */") : CSS.index("@media print")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []


def test_nothing_is_used_that_has_no_name() -> None:
    named = set(re.findall(r"(--[\w-]+):", CSS)) | {"--space"}
    assert set(re.findall(r"var\((--[\w-]+)", CSS)) - named == set()
