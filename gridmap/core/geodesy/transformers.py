"""Transformers between coordinate reference systems."""

from functools import lru_cache

from pyproj import CRS, Transformer

WGS84 = 4326
MAX_TRANSFORMERS = 64


@lru_cache(maxsize=MAX_TRANSFORMERS)
def find_transformer(source: CRS | int, target: CRS | int = WGS84) -> Transformer:
    """Return the transformer from one CRS to another, east before north in both.

    Building one takes 50 ms, since PROJ searches its database; a town needs the same few of them many times.

    Parameters
    ----------
    source, target : CRS or int
        CRS or EPSG codes; longitude and latitude of WGS 84 by default.

    Examples
    --------
    >>> east, north = find_transformer(4326, 4547).transform(114.0, 30.0)
    >>> round(east), find_transformer(4326, 4547) is find_transformer(4326, 4547)
    (500000, True)
    """
    return Transformer.from_crs(source, target, always_xy=True)
