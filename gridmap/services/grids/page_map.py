"""Empty map of a page; the scripts of the page draw what is on it."""

from typing import Protocol

from gridmap.maps.map_shell import MapShell, build_map_shell
from gridmap.store.queries.territory import Bounds

__all__ = ["HasBounds", "MapShell", "build_page_map"]


class HasBounds(Protocol):
    """Place with its bounds in degrees: a subdistrict or a community."""

    @property
    def bounds(self) -> Bounds:
        """West, south, east and north."""


def build_page_map(place: HasBounds, script_url: str) -> MapShell:
    """Return the empty map of a place.

    Parameters
    ----------
    place : HasBounds
        Shown until the features are there.
    script_url : str
        Address of the script that draws.
    """
    return build_map_shell(place.bounds, script_url)
