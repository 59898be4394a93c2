"""Texts of the map page. Its scripts look them up by their English form; both languages travel with the page."""

from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES, say

PAGE = (
    N_("All grids with their figures. Choosing a row shows the grid on the map."),
    N_("All grids"),
    N_("Area"),
    N_("Buildings"),
    N_("Choose a grid on the map or in the table."),
    N_("Chosen grid"),
    N_("Clear"),
    N_("Communities"),
    N_("Community"),
    N_("Compactness (circle = 1)"),
    N_("English"),
    N_("Fewest–most in a grid"),
    N_("Filter by status"),
    N_("Go to the table"),
    N_("Grid code"),
    N_("Grid {code}: {households} households, {state}."),
    N_("Grid"),
    N_("Grids of {town}"),
    N_("Grids shown: {count}"),
    N_("Grids"),
    N_("Household grids in range"),
    N_("Households"),
    N_("Kind"),
    N_("Legend"),
    N_("Map of the grids; the table says the same in words"),
    N_("Map view"),
    N_("Map"),
    N_("Perimeter"),
    N_("Place"),
    N_("Radius"),
    N_("Shades of one colour only tell neighbours apart."),
    N_("Show everything"),
    N_("Status"),
    N_("This page draws its map with JavaScript."),
    N_("Zoom in"),
    N_("Zoom out"),
    N_("all"),
    N_("allowed: {span}"),
    N_("building"),
    N_("community border"),
    N_("dedicated grid"),
    N_("dedicated"),
    N_("household grid"),
    N_("in range"),
    N_("over"),
    N_("railway"),
    N_("street"),
    N_("under"),
    N_("wall"),
    N_("water"),
    N_("{area} ha"),
    N_("{count} hh"),
    N_("{count} of {all}"),
    N_("{households} households, {buildings} buildings"),
    N_("{length} m"),
    N_("{name}: {households} households"),
)


def tag(language: str) -> str:
    """A language as HTML writes it.

    >>> tag("zh_CN")
    'zh-CN'
    """
    return language.replace("_", "-")


def catalogues() -> dict[str, dict[str, str]]:
    """Every text of the page in every language, by HTML tag and English form."""
    return {tag(language): {text: say(text, language) for text in PAGE} for language in LANGUAGES}
