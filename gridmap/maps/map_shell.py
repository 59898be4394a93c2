"""The map of a subdistrict as a part of a page: Folium makes the shell, the page's scripts draw what is in it."""

from dataclasses import dataclass
from math import cos, radians

from markupsafe import Markup

MAP_ID = "overview"


@dataclass(frozen=True)
class MapShell:
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


def build_map_shell(bounds: tuple[float, float, float, float], module_url: str) -> MapShell:
    """The shell of a map without any background.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north of what is to be seen, in degrees.
    module_url : str
        Address of the script that draws, an ES module with a function ``start``.
    """
    from branca.element import Figure  # Folium brings pandas; no process is to wait for them before it can answer

    from gridmap.maps.leaflet_shell import MapInitializer, OfflineMap

    west, south, east, north = bounds
    page = Figure()
    drawn = OfflineMap(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.5,
        fade_animation=False,
        attribution_control=False,
    )
    drawn._id = MAP_ID
    drawn.add_to(page)
    MapInitializer([[south, west], [north, east]], module_url).add_to(drawn)
    for child in page._children.values():
        child.render()
    flat = (east - west) * cos(radians(south)) > 2 * (north - south)
    return MapShell(Markup(page.html.render()), Markup(page.script.render()), flat)  # noqa: S704 - Folium's own words, and numbers
