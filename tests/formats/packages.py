"""A small good town as files: two communities, six buildings, streets, a stream, a park. Tests break copies of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from shapely.affinity import translate

Layers = dict[str, gpd.GeoDataFrame]
CRS = "EPSG:4547"
EAST, NORTH = 530_000.0, 3_390_000.0


def at(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape drawn near 0, 0, moved to where the town is."""
    return translate(shape, EAST, NORTH)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle of the town by its lower left corner."""
    return at(shapely.box(x, y, x + width, y + height))


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line of the town."""
    return at(shapely.LineString(points))


def good_town() -> Layers:
    """Layers in the CGCS2000 3° zone of the town; building b5 lies across the border, mostly in the second one."""
    buildings: dict[str, list[object]] = {
        "building_id": ["b1", "b2", "b3", "b4", "b5", "b6"],
        "households": [120, 80, 0, 150, 60, 90],
        "levels": [6.0, 6.0, None, 11.0, 5.0, 6.0],
        "courtyard": ["东湖花园", "东湖花园", None, None, None, None],
    }
    corners = [(20, 20), (60, 20), (20, 150), (240, 20), (194, 100), (300, 150)]
    return {
        "communities": _layer(
            {"code": ["420106001001", "420106001002"], "name": ["水果湖社区", "放鹰台社区"]},
            [box(0, 0, 200, 200), box(200, 0, 200, 200)],
        ),
        "buildings": _layer(buildings, [box(x, y, 30, 12) for x, y in corners]),
        "streets": _layer(
            {"name": ["中北路", None], "kind": ["arterial", None]},
            [line((-50, 100), (100, 100), (190, 90)), line((100, 0), (100, 200))],
        ),
        "barriers": _layer({"kind": ["water"]}, [line((250, -20), (250, 220))]),
        "dedicated": _layer({"name": ["沙湖公园"]}, [box(330, 20, 40, 40)]),
    }


def _layer(columns: Mapping[str, Sequence[object]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def geopackage(layers: Mapping[str, pd.DataFrame], path: Path) -> Path:
    """Write layers as one GeoPackage."""
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
    return path


def geojson(layers: Layers, folder: Path) -> Path:
    """Write layers as a folder of GeoJSON files in longitude and latitude."""
    folder.mkdir()
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame.to_crs(4326), folder / f"{name}.geojson", COORDINATE_PRECISION=12)
    return folder


def shapefiles(layers: Layers, folder: Path, encoding: str = "UTF-8") -> Path:
    """Write layers as a folder of Shapefiles; their column names are cut to ten letters, as everywhere."""
    folder.mkdir()
    for name, frame in layers.items():
        short = frame.rename(columns={column: column[:10] for column in frame if column != "geometry"})
        pyogrio.write_dataframe(short, folder / f"{name}.shp", driver="ESRI Shapefile", ENCODING=encoding)
    return folder


def files(folder: Path) -> dict[str, int]:
    """Every file below a folder with its size."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def drawing(*shapes: shapely.Geometry, **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Grids of the town as somebody drew them; by default sound ones, two in the first community."""
    east = at(shapely.Polygon([(200, 0), (400, 0), (400, 200), (200, 200), (200, 100)]))
    sound = [box(0, 0, 200, 100), box(0, 100, 200, 100), east]
    return _layer(columns, list(shapes) or sound)
