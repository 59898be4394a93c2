"""GeoPackages as programs leave them: journals, views, odd tables and columns, and the shapes of every kind."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.corpus.cases import CODES, Case, Refusal, TownFacts, read_facts, run_cases
from tests.corpus.geopackage_files import (
    Write,
    big_endian,
    blobs,
    columns,
    curved,
    drop_rtree,
    extended_wkb,
    iso_wkb,
    left_open,
    other_srs_id,
    reshaped,
    sql,
    with_height_envelope,
    with_measures,
    with_wrong_envelope,
    without_envelope,
)
from tests.corpus.town import set_values, town_written, write_town
from tests.fixtures.town_package import Layers, moved_to_town

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
SOUND = TownFacts()


def attributes(folder: Path) -> Path:
    path = write_town(folder)
    table = pd.DataFrame({"code": ["A"], "meaning": ["住宅"]})
    pyogrio.write_dataframe(table, path, layer="use_codes", driver="GPKG", append=True)
    return path


def styles(folder: Path) -> Path:
    path = write_town(folder)
    table = pd.DataFrame({"f_table_name": ["buildings"], "styleQML": ["<qgis/>"]})
    pyogrio.write_dataframe(table, path, layer="layer_styles", driver="GPKG", append=True)
    return path


def other_suffix(name: str) -> Write:
    return lambda folder: write_town(folder).rename(folder / name)


def as_multipolygons(shapes: np.ndarray) -> np.ndarray:
    return np.array([shapely.MultiPolygon([shape]) for shape in shapes], dtype=object)


def one_is(shape: shapely.Geometry | None, row: int = 1) -> Callable[[np.ndarray], np.ndarray]:
    def function(shapes: np.ndarray) -> np.ndarray:
        changed = shapes.copy()
        changed[row - 1] = shape
        return changed

    return function


def centres(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.centroid(shapes))


def codes_as_decimals(layers: Layers) -> None:
    layers["communities"]["code"] = np.array([float(code) for code in CODES])


def with_nan(shapes: np.ndarray) -> np.ndarray:
    """Return shapes of which the first has a corner that is no number."""
    with np.errstate(invalid="ignore"):
        corner = shapely.transform(
            shapes[0], lambda points: np.where(np.arange(len(points))[:, None] == 2, np.nan, points)
        )
    return one_is(corner)(shapes)


def renamed(layer: str, **names: str) -> Callable[[Layers], object]:
    return lambda layers: layers.update({layer: layers[layer].rename(columns=names)})


def relabelled(old: str, new: str) -> Callable[[Layers], object]:
    return lambda layers: layers.update({new: layers.pop(old)})


def no_geometry(layer: str, row: int, problem: str = "there is no geometry, or an unreadable one") -> Refusal:
    return Refusal.of(f"{layer} {row} geometry: {problem}")


HALVED = "UPDATE buildings SET households = 30"
ROLLED_BACK = (HALVED, "CREATE TABLE filler (x)", "INSERT INTO filler SELECT randomblob(900000)")
JOURNALS = (
    Case(
        "a journal of changes that were never saved",
        left_open("DELETE", *ROLLED_BACK, commit=False),
        SOUND,
        is_quick=True,
    ),
    Case(
        "a WAL file with saved changes",
        left_open("WAL", HALVED, commit=True),
        replace(SOUND, households=1080),
        is_quick=True,
    ),
    Case("a WAL file with changes that were never saved", left_open("WAL", *ROLLED_BACK, commit=False), SOUND),
    Case("WAL mode without a WAL file", sql("PRAGMA journal_mode = WAL"), SOUND),
    Case("an incremental vacuum", sql("PRAGMA auto_vacuum = INCREMENTAL", "VACUUM"), SOUND),
    Case("pages of 512 bytes", sql("PRAGMA page_size = 512", "VACUUM"), SOUND),
    Case("pages of 65536 bytes", sql("PRAGMA page_size = 65536", "VACUUM"), SOUND),
    Case("the application id of another version", sql("PRAGMA application_id = 1196437808"), SOUND),
    Case("no application id", sql("PRAGMA application_id = 0"), SOUND),
    Case("a version of the future", sql("PRAGMA user_version = 20000"), SOUND),
    Case("a name in capitals", other_suffix("TOWN.GPKG"), SOUND),
    Case("the suffix db", other_suffix("town.db"), SOUND),
    Case("a name with blanks, brackets and a percent sign", other_suffix("东湖 [终稿] (2) 100%.gpkg"), SOUND),
)
TABLES = (
    Case("a table of attributes in the same file", attributes, SOUND),
    Case("styles of QGIS in the same file", styles, SOUND),
    Case("no index", sql(*drop_rtree("buildings")), SOUND),
    Case("an index that is empty", sql("DELETE FROM rtree_buildings_geom"), SOUND, is_quick=True),
    Case("no row in the table of extensions", sql("DELETE FROM gpkg_extensions"), SOUND),
    Case("no table of extensions", sql("DROP TABLE gpkg_extensions"), SOUND),
    Case(
        "a wrong extent",
        sql("UPDATE gpkg_contents SET min_x = 0, min_y = 0, max_x = 1, max_y = 1"),
        SOUND,
    ),
    Case("no extent", sql("UPDATE gpkg_contents SET min_x = NULL, min_y = NULL, max_x = NULL, max_y = NULL"), SOUND),
    Case("a wrong number of rows", sql("UPDATE gpkg_ogr_contents SET feature_count = 7"), SOUND),
    Case("no table of numbers of rows", sql("DROP TABLE gpkg_ogr_contents"), SOUND),
    Case("a date of change that is no date", sql("UPDATE gpkg_contents SET last_change = 'yesterday'"), SOUND),
    Case(
        "another type of geometry than declared",
        sql("UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT'"),
        SOUND,
    ),
    Case(
        "the type of geometry in small letters",
        sql("UPDATE gpkg_geometry_columns SET geometry_type_name = 'polygon'"),
        SOUND,
    ),
    Case("no type of geometry", sql("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'"), SOUND),
    Case("no heights allowed", sql("UPDATE gpkg_geometry_columns SET z = 0, m = 0"), SOUND),
    Case(
        "a view instead of a layer",
        sql(
            "CREATE VIEW seen AS SELECT fid, geom, building_id, households FROM buildings",
            "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('seen', 'features', 4547)",
            "INSERT INTO gpkg_geometry_columns VALUES ('seen', 'geom', 'POLYGON', 4547, 0, 0)",
        ),
        SOUND,
    ),
    Case(
        "a layer in the contents without a table",
        sql("INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('gone', 'features', 4547)"),
        SOUND,
    ),
    Case(
        "buildings in the contents without a table",
        sql("DROP TABLE buildings"),
        Refusal.of("buildings: there is no layer buildings"),
    ),
    Case(
        "a layer that is not in the table of geometries",
        sql("DELETE FROM gpkg_geometry_columns WHERE table_name = 'streets'"),
        Refusal.of("streets: the layer cannot be read"),
    ),
    Case(
        "no row of the CRS",
        sql("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 4547"),
        Refusal.of(
            *(
                f"{layer} geometry: the coordinate reference system is missing or unknown"
                for layer in ("communities", "buildings", "streets")
            )
        ),
    ),
    Case(
        "a CRS without a definition",
        sql("UPDATE gpkg_spatial_ref_sys SET definition = 'undefined' WHERE srs_id = 4547"),
        SOUND,
    ),
    Case(
        "a CRS that only its definition tells",
        sql("UPDATE gpkg_spatial_ref_sys SET organization = 'NONE' WHERE srs_id = 4547"),
        SOUND,
    ),
    Case("other numbers of the CRS in contents and columns", sql("UPDATE gpkg_contents SET srs_id = 4326"), SOUND),
    Case("layers in capitals", town_written(relabelled("buildings", "BUILDINGS")), SOUND),
    Case("a layer with a quotation mark in its name", town_written(relabelled("grids", "g\"r'ids")), SOUND),
    Case(
        "an unfinished copy of a layer next to it", sql("CREATE TABLE buildings_old AS SELECT * FROM buildings"), SOUND
    ),
)
COLUMNS = (
    Case(
        "columns in capitals",
        town_written(renamed("buildings", households="HOUSEHOLDS", building_id="Building_ID")),
        SOUND,
    ),
    Case("columns with blanks round their names", town_written(renamed("buildings", households=" households ")), SOUND),
    Case("a column with quotation marks in its name", town_written(set_values("buildings", "no\"te's", "x")), SOUND),
    Case("whole numbers declared as texts", columns("buildings", households="TEXT"), SOUND),
    Case("whole numbers declared as decimals", columns("buildings", households="REAL"), SOUND),
    Case("whole numbers declared as booleans", columns("buildings", levels="BOOLEAN"), SOUND),
    Case("whole numbers of 8 bits", columns("buildings", households="TINYINT"), SOUND),
    Case("whole numbers declared as VARCHAR", columns("buildings", households="VARCHAR(10)"), SOUND),
    Case(
        "types of another database",
        columns("buildings", building_id="character varying(20)", households="NUMERIC(10,0)"),
        SOUND,
    ),
    Case(
        "texts in a column of whole numbers",
        sql("UPDATE buildings SET households = '约60' WHERE fid = 2"),
        Refusal.of("buildings 2 households: households is not a number"),
        is_quick=True,
    ),
    Case("units in a column of whole numbers", sql("UPDATE buildings SET households = '60户' WHERE fid = 2"), SOUND),
    Case(
        "a decimal in a column of whole numbers",
        sql("UPDATE buildings SET households = 60.5 WHERE fid = 2"),
        Refusal.of("buildings 2 households: households is not a whole number"),
        is_quick=True,
    ),
    Case(
        "a number beyond 32 bits",
        sql("UPDATE buildings SET households = 4294967356 WHERE fid = 2"),
        Refusal.of("buildings 2 households: households is too large for one row"),
    ),
    Case("nulls in a column of whole numbers", sql("UPDATE buildings SET levels = NULL WHERE fid % 2"), SOUND),
    Case(
        "a missing number of households",
        sql("UPDATE buildings SET households = NULL WHERE fid = 2"),
        Refusal.of("buildings 2 households: households is empty"),
    ),
    Case(
        "infinite households",
        town_written(set_values("buildings", "households", {2: float("inf"), 3: 60.0})),
        Refusal.of("buildings 2 households: households is infinite"),
    ),
    Case("bytes in a column of texts", sql("UPDATE buildings SET building_id = x'622d31' WHERE fid = 1"), SOUND),
    Case("NUL in a text", sql("UPDATE communities SET name = '水果湖' || char(0) || '社区' WHERE fid = 1"), SOUND),
    Case(
        "control letters in a text",
        sql("UPDATE communities SET name = '水果湖' || char(7) || '社区' WHERE fid = 1"),
        SOUND,
    ),
    Case(
        "codes as whole numbers of 64 bits",
        town_written(set_values("communities", "code", [int(code) for code in CODES])),
        SOUND,
    ),
    Case("codes as decimals", town_written(codes_as_decimals), SOUND),
    Case("a primary key of another name", sql("ALTER TABLE buildings RENAME COLUMN fid TO objectid"), SOUND),
    Case(
        "the primary key as identifier",
        sql("ALTER TABLE buildings DROP COLUMN building_id", "ALTER TABLE buildings RENAME COLUMN fid TO building_id"),
        SOUND,
    ),
    Case(
        "another name of the column of shapes",
        sql(
            "ALTER TABLE streets RENAME COLUMN geom TO 几何",
            "UPDATE gpkg_geometry_columns SET column_name = '几何' WHERE table_name = 'streets'",
        ),
        SOUND,
    ),
    Case("a second column of shapes", sql("ALTER TABLE buildings ADD COLUMN entrance BLOB"), SOUND),
)
SHAPES = (
    Case("multipolygons of one part", reshaped("communities", as_multipolygons), SOUND),
    Case("polygons with heights and measures", blobs("buildings", with_measures), SOUND),
    Case("points instead of footprints", reshaped("buildings", centres), SOUND),
    Case(
        "multipoints of one point",
        reshaped(
            "buildings", lambda shapes: np.array([shapely.MultiPoint([each]) for each in centres(shapes)], dtype=object)
        ),
        SOUND,
    ),
    Case("no envelope", blobs("buildings", without_envelope), SOUND),
    Case("a wrong envelope", blobs("buildings", with_wrong_envelope), SOUND),
    Case("an envelope with heights", blobs("buildings", with_height_envelope), SOUND),
    Case("big endian shapes", blobs("buildings", big_endian), SOUND),
    Case("heights in the form of PostGIS", blobs("buildings", extended_wkb), SOUND),
    Case("heights in the form of ISO", blobs("buildings", iso_wkb), SOUND),
    Case("another CRS number in every shape", blobs("buildings", other_srs_id), SOUND),
    Case(
        "a shape that is cut off",
        sql("UPDATE buildings SET geom = substr(geom, 1, 60) WHERE fid = 2"),
        no_geometry("buildings", 2),
    ),
    Case(
        "a shape of no bytes",
        sql("UPDATE buildings SET geom = x'' WHERE fid = 2"),
        no_geometry("buildings", 2),
    ),
    Case(
        "a missing shape",
        sql("UPDATE buildings SET geom = NULL WHERE fid = 2"),
        no_geometry("buildings", 2),
        is_quick=True,
    ),
    Case(
        "an empty polygon",
        reshaped("buildings", one_is(shapely.Polygon())),
        no_geometry("buildings", 1, "the geometry is empty"),
    ),
    Case(
        "an empty multipolygon",
        reshaped("communities", one_is(shapely.MultiPolygon())),
        no_geometry("communities", 1, "the geometry is empty"),
    ),
    Case(
        "a coordinate that is NaN",
        reshaped("buildings", with_nan),
        no_geometry("buildings", 1, "a coordinate is not a finite number"),
    ),
    Case(
        "a point among footprints",
        reshaped("buildings", lambda shapes: one_is(shapely.centroid(shapes[0]))(shapes)),
        no_geometry("buildings", 1, "points and polygons are mixed in one layer"),
    ),
    Case(
        "a line among footprints",
        reshaped("buildings", one_is(moved_to_town(shapely.LineString([(1, 1), (5, 5)])))),
        no_geometry("buildings", 1, "the outline is a line whose ends do not meet"),
    ),
    Case(
        "a footprint without area",
        reshaped("buildings", one_is(moved_to_town(shapely.Polygon([(9, 9), (20, 9), (9, 9)])))),
        no_geometry("buildings", 1, "the outline crosses itself"),
    ),
    Case("a curved footprint", blobs("buildings", curved), SOUND),
    Case("a ring that runs the other way", reshaped("communities", shapely.reverse), SOUND),
)


@run_cases(JOURNALS, TABLES, COLUMNS, SHAPES)
def test_the_values_of_a_geopackage_are_read(case: Case, tmp_path: Path) -> None:
    assert read_facts(case.write(tmp_path)) == case.expected
