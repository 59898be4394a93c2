"""Shell of a map within a page: made by Folium, and filled by the scripts of the page."""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

from markupsafe import Markup

MAP_ID = "overview"


@dataclass(frozen=True)
class MapShell:
    """HTML and script of an empty map.

    Parameters
    ----------
    body : Markup
        HTML of the empty map.
    script : Markup
        Script that creates the map, with numbers and our own URLs but no text from data. The page puts it into an
        element with its nonce, after Leaflet.
    flat : bool
        Whether what is to be seen is more than twice as wide as high: a high frame would be mostly empty.
    """

    body: Markup
    script: Markup
    flat: bool = False


@lru_cache(maxsize=64)
def build_map_shell(bounds: tuple[float, float, float, float], module_url: str) -> MapShell:
    """Build the shell of a map without a background.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east and north of the area to show, in degrees.
    module_url : str
        URL of the script that draws, an ES module with a function ``start``.
    """
    from branca.element import Figure  # imports pandas, for which no process should wait at its start

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
