"""Shapes as programs write them: collections, closed lines, curves, heights and surfaces in space."""

import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.layer_schemas import LINES, POINTS, POLYGONS
from gridmap.formats.package.shape_parts import choose_shape
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import CRS, EAST_M, NORTH_M, Layers, box, line, sound_town, write_geopackage
from tests.shared_cases import shared_case

Corner = tuple[float, ...]
WEST, EAST = box(0, 0, 200, 200), box(200, 0, 200, 200)


def with_communities(*shapes: shapely.Geometry) -> Layers:
    layers = sound_town()
    layers["communities"] = layers["communities"].set_geometry(gpd.GeoSeries(list(shapes), crs=CRS))
    return layers


def read_shapes(folder: Path, *shapes: shapely.Geometry) -> Town:
    return read_town(write_geopackage(with_communities(*shapes), folder / "town.gpkg"))


def refused(folder: Path, *shapes: shapely.Geometry) -> list[InputFault]:
    with pytest.raises(InvalidInput) as bad:
        read_shapes(folder, *shapes)
    return [fault for fault in bad.value.faults if fault.layer == "communities"]


def shape_warnings(town: Town) -> list[tuple[int | None, str]]:
    return [(warning.row, str(warning.problem)) for warning in town.warnings if warning.column == "geometry"]


@pytest.mark.parametrize(
    ("wkt", "types", "chosen", "left_out"),
    [
        ("GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)))", POLYGONS, "POLYGON ((0 0, 1 0, 1 1, 0 0))", ()),
        ("GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), POINT (0 0))", LINES, "LINESTRING (0 0, 1 1)", ("Point",)),
        ("GEOMETRYCOLLECTION (POINT (0 0), LINESTRING EMPTY)", POINTS | POLYGONS, "POINT (0 0)", ()),
        ("MULTIPOINT (0 0)", POINTS, "POINT (0 0)", ()),
        ("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (0 0)))", POINTS, "POINT (0 0)", ()),
        (
            "GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)), MULTIPOLYGON (((2 0, 3 0, 3 1, 2 0))))",
            POLYGONS,
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((2 0, 3 0, 3 1, 2 0)))",
            (),
        ),
    ],
)
def test_a_collection_gives_the_parts_that_a_layer_holds(
    wkt: str, types: frozenset[str], chosen: str, left_out: tuple[str, ...]
) -> None:
    choice = choose_shape(shapely.from_wkt(wkt), types)
    assert (choice.shape.wkt, choice.left_out, choice.was_line) == (chosen, left_out, False)


@pytest.mark.parametrize(
    "wkt",
    ["LINESTRING (0 0, 4 0, 4 4, 0 0.001)", "LINESTRING (0 0, 4 0, 0 0)", "MULTILINESTRING ((0 0, 4 0), (4 4, 0 0))"],
)
def test_a_line_that_encloses_nothing_stays_a_line(wkt: str) -> None:
    assert choose_shape(shapely.from_wkt(wkt), POLYGONS).shape.wkt == wkt


def test_lines_that_meet_at_their_ends_are_one_outline() -> None:
    pieces = shapely.from_wkt("MULTILINESTRING ((0 0, 4 0, 4 4), (0 0, 0 4, 4 4))")
    choice = choose_shape(pieces, POLYGONS)
    assert (choice.shape.area, choice.shape.geom_type, choice.was_line) == (16, "Polygon", True)


def test_a_closed_line_within_another_is_a_hole() -> None:
    rings = shapely.MultiLineString([shapely.box(0, 0, 9, 9).exterior, shapely.box(3, 3, 6, 6).exterior])
    assert choose_shape(rings, POLYGONS).shape.area == 72


def test_closed_lines_stay_lines_where_a_layer_holds_lines() -> None:
    ring = shapely.LineString([(0, 0), (4, 0), (4, 4), (0, 0)])
    assert choose_shape(ring, LINES | POLYGONS).shape == ring


def test_the_polygon_of_a_collection_is_taken_and_the_rest_is_told(tmp_path: Path) -> None:
    town = read_shapes(tmp_path, shapely.GeometryCollection([WEST, line((0, 0), (200, 200))]), EAST)
    assert town.communities.area.tolist() == [40_000, 40_000]
    assert shape_warnings(town) == [(1, "parts of other types are left out: LineString")]


def test_a_collection_without_area_is_refused(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, shapely.GeometryCollection([line((0, 0), (200, 200)), line((0, 0), (9, 0))]), EAST)
    assert (fault.row, str(fault.problem)) == (1, "no part of the collection is of the right type")


def test_closed_lines_become_polygons_with_a_warning(tmp_path: Path) -> None:
    town = read_shapes(tmp_path, shapely.LineString(WEST.exterior), shapely.LineString(EAST.exterior))
    assert town.communities.area.tolist() == [40_000, 40_000]
    text = "the outline is drawn as a closed line: it is read as a polygon"
    assert shape_warnings(town) == [(1, text), (2, text)]


def test_an_open_line_is_refused_with_the_steps_to_close_it(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, shapely.LineString(WEST.exterior.coords[:-1]), EAST)
    assert (fault.row, str(fault.problem)) == (1, "the outline is a line whose ends do not meet")
    assert "QGIS" in str(fault.advice)


def test_a_closed_line_that_crosses_itself_is_refused_at_its_place(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, line((0, 0), (200, 200), (200, 0), (0, 200), (0, 0)), EAST)
    assert (fault.row, str(fault.advice)) == (1, "redraw it at 530100, 3390100")


def points_wkb(points: Sequence[Corner]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack(f"<{len(point)}d", *point) for point in points)


def wkb(kind: int, *members: bytes, points: Sequence[Corner] = ()) -> bytes:
    """Return well-known binary of a kind: of members, or of points moved to the town."""
    moved = [(point[0] + EAST_M, point[1] + NORTH_M, *point[2:]) for point in points]
    content = struct.pack("<I", len(members)) + b"".join(members) if members else points_wkb(moved)
    return b"\1" + struct.pack("<I", kind) + content


def ring_wkb(points: Sequence[Corner]) -> bytes:
    return points_wkb([(point[0] + EAST_M, point[1] + NORTH_M, *point[2:]) for point in points])


CIRCLE = wkb(8, points=[(0, 0), (100, 100), (200, 0), (100, -100), (0, 0)])
ARC_AND_LINE = wkb(9, wkb(8, points=[(0, 0), (100, 100), (200, 0)]), wkb(2, points=[(200, 0), (0, 0)]))
SQUARE = [(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)]
TRIANGLES = [wkb(17, ring_wkb([(0, 0), (200, 0), (200, 200), (0, 0)]))]


def write_wkb(shape: bytes, path: Path, declared: str = "GEOMETRY") -> Path:
    """Write a town whose first community has a geometry that no library here would write."""
    layers = with_communities(WEST, EAST)
    write_geopackage({**layers, "buildings": layers["buildings"].iloc[:1]}, path)
    header = b"GP\0\1" + struct.pack("<i", 4547)
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE communities SET geom = ? WHERE fid = 1", (header + shape,))
        database.execute("PRAGMA writable_schema = ON")
        sql = "UPDATE sqlite_master SET sql = replace(sql, '\"geom\" POLYGON', ?) WHERE name = 'communities'"
        database.execute(sql, (f'"geom" {declared}',))
        sql = "UPDATE gpkg_geometry_columns SET geometry_type_name = ?, z = 2, m = 2 WHERE table_name = 'communities'"
        database.execute(sql, (declared,))
    database.close()
    return path


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (wkb(10, CIRCLE), 31_416),
        (wkb(10, ARC_AND_LINE), 15_708),
        (wkb(12, wkb(10, CIRCLE), wkb(3, ring_wkb([(0, 150), (9, 150), (9, 160), (0, 160), (0, 150)]))), 31_506),
    ],
    ids=["circle", "half circle", "surfaces"],
)
def test_curves_become_straight_lines(tmp_path: Path, shape: bytes, area: float) -> None:
    """GDAL draws an arc in steps of 4°: a circle loses 0.08 % of its area."""
    town = read_town(write_wkb(shape, tmp_path / "town.gpkg"), allow_overlaps=True)
    assert town.communities.area.iloc[0] == pytest.approx(area, rel=1e-3)
    assert town.communities.area.iloc[0] < area


def test_a_closed_curve_in_a_layer_of_polygons_is_an_outline(tmp_path: Path) -> None:
    town = read_town(write_wkb(ARC_AND_LINE, tmp_path / "town.gpkg"), allow_overlaps=True)
    assert town.communities.area.iloc[0] == pytest.approx(15_708, rel=1e-3)


@pytest.mark.parametrize(("kind", "extra"), [(1003, (5.0,)), (2003, (7.0,)), (3003, (5.0, 7.0))])
def test_heights_and_measures_are_left_out(tmp_path: Path, kind: int, extra: Corner) -> None:
    shape = wkb(kind, ring_wkb([(*corner, *extra) for corner in SQUARE]))
    outline = read_town(write_wkb(shape, tmp_path / "town.gpkg")).communities.geometry.iloc[0]
    assert (outline.area, outline.has_z, outline.has_m) == (40_000, False, False)


@pytest.mark.parametrize("shape", [wkb(16, *TRIANGLES), wkb(15, wkb(3, ring_wkb(SQUARE)))], ids=["tin", "polyhedral"])
def test_a_surface_in_space_is_named(tmp_path: Path, shape: bytes) -> None:
    with pytest.raises(InvalidInput) as bad:
        read_town(write_wkb(shape, tmp_path / "town.gpkg"))
    assert [(fault.row, "surface in space" in str(fault.problem)) for fault in bad.value.faults] == [(1, True)]


@pytest.mark.parametrize("declared", ["TIN", "POLYHEDRALSURFACE"])
def test_a_layer_of_surfaces_in_space_is_named(tmp_path: Path, declared: str) -> None:
    path = write_wkb(wkb(16, *TRIANGLES), tmp_path / "town.gpkg", declared)
    with pytest.raises(InvalidInput, match="the layer holds surfaces in space"):
        read_town(path)


def test_grids_may_be_a_layer_of_collections(tmp_path: Path) -> None:
    layers = sound_town()
    grids = gpd.GeoDataFrame(geometry=[shapely.GeometryCollection([WEST]), shapely.GeometryCollection([EAST])], crs=CRS)
    path = write_geopackage(layers, tmp_path / "town.gpkg")
    pyogrio.write_dataframe(grids, tmp_path / "drawn.gpkg", layer="drawing", geometry_type="GeometryCollection")
    _, drawn = read_town_and_grids(path, tmp_path / "drawn.gpkg")
    assert shapely.area(drawn.shapes).tolist() == [40_000, 40_000]


def test_the_shared_cases_are_polygons() -> None:
    assert read_town(shared_case("k17_communities_closed_lines.gpkg")).communities.area.tolist() == [160_000, 160_000]
    _, drawn = read_town_and_grids(shared_case("k17_grid_geometrycollection.gpkg"), None)
    assert shapely.area(drawn.shapes).tolist() == [80_000, 80_000, 80_000, 80_000]
