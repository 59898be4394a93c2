"""Places as features of maps, and the names of their kinds in the language of the page."""

from collections.abc import Iterable, Iterator

from gridmap.services.grids.places import Place, PlaceGroup, PlaceKind
from gridmap.texts import LANGUAGES
from gridmap.web.geojson import encode_feature, encode_properties
from gridmap.web.language import current_language


def place_name(kind: PlaceKind | PlaceGroup) -> str:
    """Return the name of a kind or group of places in the language of the page."""
    return kind.names[LANGUAGES.index(current_language())]


def encode_places(places: Iterable[Place]) -> Iterator[str]:
    """Yield the GeoJSON features of places that have a point."""
    for place in places:
        if place.shape is not None:
            yield encode_feature(place.id, place.shape, _encode_properties(place))


def _encode_properties(place: Place) -> str:
    kind = place.kind
    values = {"kind": kind.key, "symbol": kind.symbol, "kind_name": place_name(kind)}
    return encode_properties(layer="place", **values, name=place.name, address=place.address)
