"""Layers of a GeoPackage. The file is opened read-only, and nothing is written beside it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.readers.layer_source import EMPTY_FILE, EXPECTED_PACKAGE, LayerSource, read_header
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

SQLITE_HEADER = b"SQLite format 3\x00"

FILE_NOT_FOUND = FaultTemplate(N_("there is no such file or folder"), EXPECTED_PACKAGE)
NOT_GEOPACKAGE = FaultTemplate(N_("this is not a GeoPackage"), EXPECTED_PACKAGE, N_("export it again"))
DAMAGED = FaultTemplate(N_("the GeoPackage is damaged or incomplete"), advice=N_("copy or export it again"))
UNSAVED_CHANGES = FaultTemplate(
    N_("the GeoPackage has changes that are not saved into it"), advice=N_("close it in the other program")
)


def find_geopackage_layers(path: Path) -> dict[str, LayerSource]:
    """Find the layers of a GeoPackage.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of str to LayerSource
        Layers by their names in lower case.

    Raises
    ------
    InvalidInput
        If the file is missing, damaged, open in another program or no GeoPackage.
    """
    location = FaultLocation(path.name)
    _check_file(path, location)
    try:
        return {source.layer.lower(): source for source in _list_tables(path)}
    except sqlite3.Error as error:
        raise InvalidInput([make_fault(location, DAMAGED, value=error)]) from None


def _check_file(path: Path, location: FaultLocation) -> None:
    if not path.is_file():
        raise InvalidInput([make_fault(location, FILE_NOT_FOUND, value=path.name)])
    header = read_header(path, len(SQLITE_HEADER))
    if header != SQLITE_HEADER:
        raise InvalidInput([make_fault(location, NOT_GEOPACKAGE if header else EMPTY_FILE)])
    journal = path.with_name(path.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise InvalidInput([make_fault(location, UNSAVED_CHANGES)])


def _list_tables(path: Path) -> list[LayerSource]:
    """List the layers; raise sqlite3.Error for a damaged file and InvalidInput for another database."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        tables = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        if "gpkg_contents" not in tables or "gpkg_geometry_columns" not in tables:
            raise InvalidInput([make_fault(FaultLocation(path.name), NOT_GEOPACKAGE)])
        names = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents ORDER BY table_name")]
    stored = {name for name, sql in tables.items() if not str(sql).upper().startswith("CREATE VIRTUAL")}
    return [LayerSource(path, str(name), is_view=name not in stored) for name in names]
