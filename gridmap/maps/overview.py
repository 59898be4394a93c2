"""The map of a subdistrict as a part of a page: Folium makes the shell, the page's scripts draw what is in it."""

from dataclasses import dataclass
from math import cos, radians

from markupsafe import Markup

NAME = "overview"


@dataclass(frozen=True)
class Shell:
    """What a page has to hold.

    Parameters
    ----------
    body : Markup
        HTML of the map, which is empty.
    script : Markup
        Script that makes the map; it holds numbers and own addresses, and no text from data. The page puts it into an
        element with its nonce, after Leaflet.
    flat : bool
        Whether what is to be seen is more than twice as wide as high: a high frame would be mostly empty.
    """

    body: Markup
    script: Markup
    flat: bool = False


def shell(box: tuple[float, float, float, float], module: str) -> Shell:
    """The shell of a map without any background.

    Parameters
    ----------
    box : tuple of float
        West, south, east and north of what is to be seen, in degrees.
    module : str
        Address of the script that draws, an ES module with a function ``start``.
    """
    from branca.element import Figure  # Folium brings pandas; no process is to wait for them before it can answer

    from gridmap.maps.bare import Bare, Begin

    west, south, east, north = box
    page = Figure()
    drawn = Bare(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.5,
        fade_animation=False,
        attribution_control=False,
    )
    drawn._id = NAME
    drawn.add_to(page)
    Begin([[south, west], [north, east]], module).add_to(drawn)
    for child in page._children.values():
        child.render()
    flat = (east - west) * cos(radians(south)) > 2 * (north - south)
    return Shell(Markup(page.html.render()), Markup(page.script.render()), flat)  # noqa: S704 - Folium's own words, and numbers
