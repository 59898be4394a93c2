"""Writers of GeoPackages as programs leave them: by SQL and byte by byte, where no library would write them."""

import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from tests.corpus.town import town_written, write_town
from tests.fixtures.town_package import Layers

Write = Callable[[Path], Path]
FUNCTIONS = ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")


def open_database(path: Path) -> sqlite3.Connection:
    """Open a GeoPackage without any library for GeoPackages."""
    database = sqlite3.connect(path, isolation_level=None)
    for function in FUNCTIONS:
        database.create_function(function, 1, lambda shape: 0.0)
    return database


def sql(*commands: str, change: Callable[[Layers], object] | None = None) -> Write:
    """Write the town, and run SQL on it."""

    def write(folder: Path) -> Path:
        path = write_town(folder, change)
        with closing(open_database(path)) as database:
            for command in commands:
                database.execute(command)
        return path

    return write


def left_open(mode: str, *commands: str, commit: bool) -> Write:
    """Write the town, and copy it while another program has changes open."""

    def write(folder: Path) -> Path:
        path = write_town(folder)
        copy = folder / "copy"
        copy.mkdir()
        with closing(open_database(path)) as database:
            database.execute(f"PRAGMA journal_mode = {mode}")
            database.execute("PRAGMA cache_size = 1")
            database.execute("PRAGMA wal_autocheckpoint = 0")
            database.execute("BEGIN")
            for command in commands:
                database.execute(command)
            if commit:
                database.execute("COMMIT")
            for each in folder.glob("town.gpkg*"):
                shutil.copy(each, copy / each.name)
            if not commit:
                database.execute("ROLLBACK")
        return copy / "town.gpkg"

    return write


def reshaped(layer: str, function: Callable[[np.ndarray], np.ndarray]) -> Write:
    """Replace the shapes of a layer."""

    def change(layers: Layers) -> None:
        shapes = function(layers[layer].geometry.to_numpy())
        layers[layer] = layers[layer].set_geometry(gpd.GeoSeries(list(shapes), crs=layers[layer].crs))

    return town_written(change)


def columns(layer: str, **types: str) -> Write:
    """Declare other types of columns, keeping the stored values, as programs of other databases do."""

    def write(folder: Path) -> Path:
        path = write_town(folder)
        with closing(open_database(path)) as database:
            database.execute("PRAGMA writable_schema = ON")
            (text,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (layer,)).fetchone()
            for name, declared in types.items():
                start = text.index(f'"{name}" ') + len(name) + 3
                end = min(position for position in (text.find(",", start), text.find(")", start)) if position > 0)
                text = text[:start] + declared + text[end:]
            database.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (text, layer))
        return path

    return write


def blobs(layer: str, function: Callable[[bytes], bytes]) -> Write:
    """Change the stored form of every shape of a layer."""

    def write(folder: Path) -> Path:
        path = write_town(folder)
        with closing(open_database(path)) as database:
            for fid, blob in database.execute(f"SELECT fid, geom FROM {layer}").fetchall():
                database.execute(f"UPDATE {layer} SET geom = ? WHERE fid = ?", (function(blob), fid))
        return path

    return write


def split_blob(blob: bytes) -> tuple[bytes, bytes]:
    """Return header and WKB of a stored shape."""
    sizes = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    length = 8 + sizes[(blob[3] >> 1) & 7]
    return blob[:length], blob[length:]


def without_envelope(blob: bytes) -> bytes:
    head, body = split_blob(blob)
    return head[:3] + bytes([head[3] & 0b11110001]) + head[4:8] + body


def with_wrong_envelope(blob: bytes) -> bytes:
    head, body = split_blob(blob)
    return head[:3] + bytes([(head[3] & 0b11110001) | 2]) + head[4:8] + struct.pack("<4d", 0, 1, 0, 1) + body


def with_height_envelope(blob: bytes) -> bytes:
    head, body = split_blob(blob)
    west, south, east, north = shapely.from_wkb(body).bounds
    bounds = struct.pack("<6d", west, east, south, north, 0, 0)
    return head[:3] + bytes([(head[3] & 0b11110001) | 4]) + head[4:8] + bounds + body


def big_endian(blob: bytes) -> bytes:
    head, body = split_blob(blob)
    shape = shapely.from_wkb(body)
    srs_id = struct.unpack("<i", head[4:8])[0]
    return head[:3] + b"\0" + struct.pack(">i", srs_id) + bytes(shapely.to_wkb(shape, byte_order=0))


def _with_heights(blob: bytes, flavor: str) -> bytes:
    head, body = split_blob(blob)
    shape = shapely.force_3d(shapely.from_wkb(body), 5.0)
    return head + bytes(shapely.to_wkb(shape, flavor=flavor, output_dimension=3))


def extended_wkb(blob: bytes) -> bytes:
    return _with_heights(blob, "extended")


def iso_wkb(blob: bytes) -> bytes:
    return _with_heights(blob, "iso")


def other_srs_id(blob: bytes) -> bytes:
    return blob[:4] + struct.pack("<i", 4326) + blob[8:]


def curved(blob: bytes) -> bytes:
    """Return the ring of a footprint as a circle through its corners."""
    head, body = split_blob(blob)
    points = shapely.get_coordinates(shapely.from_wkb(body))
    ring = struct.pack("<BII", 1, 8, len(points)) + points.astype("<f8").tobytes()
    return bytes(head + struct.pack("<BII", 1, 10, 1) + ring)


def with_measures(blob: bytes) -> bytes:
    head, body = split_blob(blob)
    points = shapely.get_coordinates(shapely.from_wkb(body))
    ring = np.column_stack([points, np.full((len(points), 2), 7.0)]).astype("<f8").tobytes()
    return bytes(head + struct.pack("<BIII", 1, 3003, 1, len(points)) + ring)


def drop_rtree(layer: str) -> tuple[str, ...]:
    """Return commands that drop the index of a layer, with its triggers."""
    triggers = ("insert", "update1", "update2", "update3", "update4", "update5", "update6", "update7", "delete")
    return (
        *(f'DROP TRIGGER IF EXISTS "rtree_{layer}_geom_{name}"' for name in triggers),
        f'DROP TABLE "rtree_{layer}_geom"',
    )
