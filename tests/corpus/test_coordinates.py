"""Towns in many coordinate reference systems and datums: the right place and area, or the right refusal."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import CRS

from gridmap.core.geodesy.datums import Datum, convert_datum
from gridmap.formats.intake.source_file import InputSource
from gridmap.services.files.inputs import input_source
from tests.corpus.cases import Case, Refusal, TownFacts, read_facts, run_cases
from tests.corpus.town import small_town, write_town
from tests.fixtures.town_package import Layers, write_geopackage, write_shapefiles

Write = Callable[[Path], Path | InputSource]
LAND = ("communities", "buildings", "streets")
LOCAL = "+proj=tmerc +lat_0=0 +lon_0=114.3 +k=1 +x_0=800000 +y_0=-3000000 +ellps=GRS80 +units=m"
UTM = "EPSG:32650"


def town_in(crs: object, *layers: str) -> Layers:
    """Return the town in a CRS, or only these of its layers."""
    return {name: frame.to_crs(crs) if not layers or name in layers else frame for name, frame in land().items()}


def land() -> Layers:
    return small_town(*LAND)


def projected(crs: object, *layers: str) -> Write:
    return lambda folder: write_geopackage(town_in(crs, *layers), folder / "town.gpkg")


def labelled(real: object, label: object, *layers: str) -> Write:
    """Write a town in one CRS with the label of another one."""

    def write(folder: Path) -> Path:
        town = town_in(real, *layers)
        for name in layers or LAND:
            town[name] = town[name].set_crs(label, allow_override=True)
        return write_geopackage(town, folder / "town.gpkg")

    return write


def stated(write: Write, crs: tuple[str, ...] = (), datum: tuple[str, ...] = ()) -> Write:
    """Add what the person who reads the file says."""

    def open_stated(folder: Path) -> InputSource:
        path = write(folder)
        assert isinstance(path, Path)
        return input_source(path, crs=crs, datum=datum)

    return open_stated


def swapped(crs: object, *layers: str) -> Write:
    def write(folder: Path) -> Path:
        town = town_in(crs)
        for name in layers or LAND:
            shapes = shapely.transform(town[name].geometry.to_numpy(), lambda points: points[:, ::-1])
            town[name] = town[name].set_geometry(shapes, crs=town[name].crs)
        return write_geopackage(town, folder / "town.gpkg")

    return write


def moved(crs: object, function: Callable[[np.ndarray], np.ndarray], *layers: str) -> Write:
    def write(folder: Path) -> Path:
        town = town_in(crs)
        for name in layers or LAND:
            shapes = shapely.transform(town[name].geometry.to_numpy(), function)
            town[name] = town[name].set_geometry(shapes, crs=town[name].crs)
        return write_geopackage(town, folder / "town.gpkg")

    return write


def shifted(datum: Datum, *layers: str) -> Write:
    return moved(4326, lambda points: convert_datum(points, Datum.WGS84, datum), *layers)


def shapefiles(crs: object, prj: Callable[[str], str] | None) -> Write:
    """Write Shapefiles; `prj` changes the text of the file that names the CRS, and None deletes it."""

    def write(folder: Path) -> Path:
        target = write_shapefiles(town_in(crs), folder / "town")
        for path in target.glob("*.prj"):
            path.unlink() if prj is None else path.write_text(prj(path.read_text()))
        return target

    return write


def geojson(crs: object, member: object) -> Write:
    """Write GeoJSON files with a member ``crs``, as the old standard had it."""

    def write(folder: Path) -> Path:
        (folder / "town").mkdir()
        for name, frame in town_in(crs).items():
            content = json.loads(frame.to_json(drop_id=True))
            content.pop("crs", None)
            if member is not None:
                content["crs"] = member
            (folder / "town" / f"{name}.geojson").write_text(json.dumps(content), "utf-8")
        return folder / "town"

    return write


def named(name: str) -> object:
    return {"type": "name", "properties": {"name": name}}


def kml_folder(folder: Path) -> Path:
    (folder / "town").mkdir()
    for name, frame in town_in(4326).items():
        pyogrio.write_dataframe(frame, folder / "town" / f"{name}.kml", driver="LIBKML", layer=name)
    return folder / "town"


def flatgeobuf(folder: Path) -> Path:
    (folder / "town").mkdir()
    for name, frame in town_in(4547).items():
        pyogrio.write_dataframe(frame, folder / "town" / f"{name}.fgb")
    return folder / "town"


def sql(crs: object, *commands: str) -> Write:
    """Write a GeoPackage, and change the rows that name its CRS."""

    def write(folder: Path) -> Path:
        path = write_geopackage(town_in(crs), folder / "town.gpkg")
        with sqlite3.connect(path) as database:
            for command in commands:
                database.execute(command)
        database.close()
        return path

    return write


def with_heights(folder: Path) -> Path:
    def raise_shapes(layers: Layers) -> None:
        for name in LAND:
            layers[name] = layers[name].set_geometry(
                shapely.force_3d(layers[name].geometry.to_numpy(), 23.5), crs=layers[name].crs
            )

    return write_town(folder, raise_shapes, land())


SOUND = TownFacts()
GK_114, GK_38 = "CGCS2000 / 3-degree Gauss-Kruger CM 114E", "CGCS2000 / 3-degree Gauss-Kruger zone 38"
GK_111 = "CGCS2000 / 3-degree Gauss-Kruger CM 111E"
PREFIX_38 = "the easting begins with 38, the number of a zone of 3° around 114° east"
MISSING = "the coordinate reference system is missing"
IN_UTM = TownFacts(UTM)
FITS_38 = f"they fit EPSG:4526, since {PREFIX_38}"
FITS_DEGREES = "EPSG:4490, since the coordinates are degrees"
FITS_114 = "EPSG:4547, since the easting has no zone number; the zone of 3° around 114° east fits the place"
NOT_IN_PLACE = "buildings geometry: the coordinates do not fit the communities in {}; they fit them in {}"
WRONG_DATUM = (
    "buildings geometry: 36 of 36 buildings are outside every community or on a street; 0 are, if the datums are:"
    " buildings {}, communities WGS 84, streets WGS 84"
)
OTHER_NUMBER = (
    "UPDATE gpkg_spatial_ref_sys SET srs_id = 104547, organization = 'NONE', organization_coordsys_id = 104547"
    " WHERE srs_id = 4547"
)


def everywhere(problem: str) -> Refusal:
    """Return the refusal of all layers for one reason."""
    return Refusal.of(*(f"{layer} geometry: {problem}" for layer in LAND))


PROJECTED = (
    Case("CGCS2000 3 degree zone", projected(4547), SOUND, is_quick=True),
    Case("CGCS2000 3 degree zone with prefix", projected(4526), TownFacts("EPSG:4526"), is_quick=True),
    Case("CGCS2000 neighbouring zone", projected(4546), TownFacts("EPSG:4546")),
    Case("CGCS2000 6 degree zone", projected(4508), TownFacts("EPSG:4508")),
    Case("CGCS2000 6 degree zone with prefix", projected(4497), TownFacts("EPSG:4497")),
    Case("Xian 80 3 degree zone", projected(2383), TownFacts("EPSG:2383")),
    Case("Xian 80 3 degree zone with prefix", projected(2362), TownFacts("EPSG:2362")),
    Case("Beijing 54 3 degree zone", projected(2436), TownFacts("EPSG:2436")),
    Case("UTM zone 50", projected(32650), TownFacts(UTM)),
    Case("UTM zone 49", projected(32649), TownFacts("EPSG:32649")),
    Case("zone of a city without a code", projected(LOCAL), TownFacts("unknown")),
    Case("Web Mercator, whose metres are too short", projected(3857), IN_UTM),
    Case("feet of a survey", projected(CRS(LOCAL.replace("+units=m", "+units=us-ft"))), IN_UTM),
    Case(
        "Lambert for all of China, whose metres are longer",
        projected("+proj=lcc +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105"),
        IN_UTM,
    ),
    Case("zone with heights of the Yellow Sea", projected("EPSG:4547+5737"), TownFacts(GK_114)),
    Case("coordinates with heights", with_heights, SOUND),
)
GEOGRAPHIC = (
    Case("longitudes and latitudes of WGS 84", projected(4326), IN_UTM, is_quick=True),
    Case("longitudes and latitudes of CGCS2000", projected(4490), IN_UTM),
    Case("longitudes and latitudes with heights", projected(4979), IN_UTM),
    Case("longitudes and latitudes of Xian 80", projected(4610), IN_UTM),
    Case("longitudes and latitudes of Beijing 54", projected(4214), IN_UTM),
    Case("CRS84", projected("OGC:CRS84"), IN_UTM),
    Case("GeoJSON without a CRS", geojson(4326, None), IN_UTM),
    Case("GeoJSON with CRS84", geojson(4326, named("urn:ogc:def:crs:OGC:1.3:CRS84")), IN_UTM),
    Case(
        "GeoJSON with CGCS2000 in the order of EPSG",
        geojson(4490, named("urn:ogc:def:crs:EPSG::4490")),
        IN_UTM,
        is_quick=True,
    ),
    Case("GeoJSON in metres with its CRS", geojson(4547, named("urn:ogc:def:crs:EPSG::4547")), SOUND),
    Case("GeoJSON with an old short name", geojson(4547, named("EPSG:4547")), SOUND),
    Case(
        "GeoJSON in metres without a CRS",
        geojson(4526, None),
        everywhere(f"the coordinates are not degrees; {FITS_38}"),
    ),
    Case("GeoJSON whose CRS is null", geojson(4326, None), IN_UTM),
    Case("KML", kml_folder, IN_UTM),
    Case("FlatGeobuf", flatgeobuf, SOUND),
)
MIXED = (
    Case("buildings in degrees next to communities in metres", projected(4490, "buildings"), SOUND, is_quick=True),
    Case("streets in another zone", projected(4526, "streets"), SOUND),
    Case("buildings in Web Mercator", projected(3857, "buildings"), SOUND),
    Case("communities in degrees next to buildings in metres", projected(4490, "communities"), IN_UTM),
    Case(
        "buildings without a CRS",
        sql(4547, "UPDATE gpkg_geometry_columns SET srs_id = -1 WHERE table_name = 'buildings'"),
        Refusal.of(f"buildings geometry: {MISSING}; the coordinates fit {FITS_114}"),
    ),
    Case(
        "buildings with the label of another zone",
        labelled(4547, 4546, "buildings"),
        Refusal.of(NOT_IN_PLACE.format(GK_111, FITS_114)),
    ),
    Case(
        "buildings in degrees with the label of metres",
        labelled(4490, 4547, "buildings"),
        Refusal.of(NOT_IN_PLACE.format(GK_114, FITS_DEGREES)),
    ),
    Case(
        "streets in metres with the label of degrees",
        labelled(4526, 4490, "streets"),
        Refusal.of(f"streets geometry: the coordinates are not degrees; {FITS_38}"),
    ),
)
SHAPEFILES = (
    Case(
        "Shapefile with the names of Esri",
        shapefiles(4547, lambda text: CRS(4547).to_wkt("WKT1_ESRI")),
        TownFacts("EPSG:4547"),
    ),
    Case(
        "Shapefile in degrees with the names of Esri",
        shapefiles(4490, lambda text: CRS(4490).to_wkt("WKT1_ESRI")),
        IN_UTM,
    ),
    Case("Shapefile with a prj file in UTF-8 with a mark", shapefiles(4547, lambda text: "\ufeff" + text), SOUND),
    Case(
        "Shapefile with an empty prj file",
        shapefiles(4526, lambda text: ""),
        everywhere(f"{MISSING}; the coordinates {FITS_38[5:]}"),
    ),
    Case(
        "Shapefile without a prj file, zone with prefix",
        shapefiles(4526, None),
        everywhere(f"{MISSING}; the coordinates {FITS_38[5:]}"),
        is_quick=True,
    ),
    Case("Shapefile without a prj file, any zone", shapefiles(4547, None), everywhere(f"{MISSING} or unknown")),
    Case(
        "Shapefile without a prj file, degrees",
        shapefiles(4490, None),
        everywhere(f"{MISSING}; the coordinates fit {FITS_DEGREES}"),
    ),
    Case(
        "Shapefile without a prj file, CRS stated",
        stated(shapefiles(4526, None), crs=("4526",)),
        TownFacts("EPSG:4526"),
    ),
)
LABELS = (
    Case(
        "zone with prefix under the label without",
        labelled(4526, 4547),
        everywhere(f"the coordinates do not fit {GK_114}; {FITS_38}"),
        is_quick=True,
    ),
    Case(
        "zone without prefix under the label with",
        labelled(4547, 4526),
        everywhere(f"the coordinates do not fit the coordinate reference system {GK_38}"),
    ),
    Case("metres under the label of degrees", labelled(4547, 4490), everywhere("the coordinates are not degrees")),
    Case(
        "degrees under the label of metres",
        labelled(4490, 4547),
        everywhere(f"the coordinates look like degrees, but {GK_114} is in metres"),
    ),
    Case(
        "a wrong label corrected by the reader",
        stated(labelled(4526, 4547), crs=("EPSG:4526",)),
        TownFacts("EPSG:4526"),
    ),
    Case(
        "one layer corrected by the reader",
        stated(labelled(4547, 4546, "buildings"), crs=("buildings=EPSG:4547",)),
        SOUND,
    ),
    Case("latitude before longitude", swapped(4326), everywhere("longitude and latitude are swapped")),
    Case("north before east", swapped(4547), everywhere("the two coordinates are swapped")),
    Case(
        "buildings with latitude before longitude",
        swapped(4326, "buildings"),
        Refusal.of("buildings geometry: longitude and latitude are swapped"),
    ),
    Case(
        "all at null island",
        moved(4326, lambda points: points * 0.001),
        everywhere("the coordinates are all near 0, 0"),
    ),
    Case(
        "CRS of a GeoPackage that is undefined, Cartesian",
        sql(4547, "UPDATE gpkg_geometry_columns SET srs_id = -1"),
        everywhere(f"{MISSING} or unknown"),
    ),
    Case(
        "CRS of a GeoPackage that is undefined, geographic",
        sql(4326, "UPDATE gpkg_geometry_columns SET srs_id = 0"),
        everywhere(f"{MISSING}; the coordinates fit {FITS_DEGREES}"),
    ),
    Case(
        "CRS of a GeoPackage under a number of its own",
        sql(
            4547,
            OTHER_NUMBER,
            "UPDATE gpkg_geometry_columns SET srs_id = 104547",
            "UPDATE gpkg_contents SET srs_id = 104547",
        ),
        SOUND,
    ),
)
DATUMS = (
    Case("coordinates of Amap, datum stated", stated(shifted(Datum.GCJ02), datum=("gcj02",)), IN_UTM, is_quick=True),
    Case("coordinates of Baidu, datum stated", stated(shifted(Datum.BD09), datum=("bd09",)), IN_UTM),
    Case(
        "buildings of Amap, datum stated", stated(shifted(Datum.GCJ02, "buildings"), datum=("buildings=gcj02",)), IN_UTM
    ),
    Case(
        "buildings of Amap, nothing stated",
        shifted(Datum.GCJ02, "buildings"),
        Refusal.of(WRONG_DATUM.format("GCJ-02")),
        is_quick=True,
    ),
    Case(
        "buildings of Baidu, nothing stated", shifted(Datum.BD09, "buildings"), Refusal.of(WRONG_DATUM.format("BD-09"))
    ),
    Case("coordinates of Amap that are read as WGS 84", shifted(Datum.GCJ02), TownFacts(UTM, lonlat=(114.325, 30.629))),
)


@run_cases(PROJECTED, GEOGRAPHIC, MIXED, SHAPEFILES, LABELS, DATUMS)
def test_a_town_is_read_at_its_place_or_refused(case: Case, tmp_path: Path) -> None:
    assert read_facts(case.write(tmp_path)) == case.expected
