"""Layers of a GeoPackage. The file is opened read-only, and nothing is written beside it."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.readers.layer_source import LayerSource, read_header
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault

SQLITE_HEADER = b"SQLite format 3\x00"
JOURNALS = ("-journal", "-wal")
WAL_MODE = b"\x02\x02"
MAX_VERDICTS = 100_000
OTHER_VALUE = re.compile(r"(NULL|TEXT|NUMERIC|non-\w+) value in |CHECK constraint failed in ")
"""Complaints of SQLite about values that the declaration of their column does not allow: programs store them anyway."""

OTHER_DATABASE = FaultTemplate(
    N_("this is an SQLite database without the tables of a GeoPackage"),
    advice=N_("open it in QGIS, and export each layer as a GeoPackage (Export → Save Features As)"),
)
DAMAGED = FaultTemplate(N_("the GeoPackage is damaged or incomplete"), advice=N_("copy or export it again"))
BEING_CHANGED = FaultTemplate(
    N_("the GeoPackage is being changed by another program"), advice=N_("close it in the other program")
)
READ_AS_COMMITTED = FaultTemplate(
    N_("the GeoPackage was not closed by another program ({sidecar}): read as it was last saved")
)
MAY_LACK_CHANGES = FaultTemplate(
    N_("the GeoPackage was copied without its file {sidecar}: the latest changes may be missing"),
    advice=N_("close it in the other program, and copy it again"),
)


@dataclass(frozen=True)
class WholeGeoPackage:
    """GeoPackage without unfinished changes.

    Parameters
    ----------
    path : Path
        The file, or a private copy in which unfinished changes were undone.
    notes : tuple of InputFault
        What was done.
    """

    path: Path
    notes: tuple[InputFault, ...] = ()


def find_geopackage_layers(path: Path, location: FaultLocation, workspace: Path) -> list[LayerSource]:
    """Find the layers of a GeoPackage, as it was last saved.

    Parameters
    ----------
    path : Path
        The file.
    location : FaultLocation
        Name of the file to show.
    workspace : Path
        Folder for a private copy, if another program left changes that are not in the file.

    Raises
    ------
    InvalidInput
        If the file is damaged, being changed or no GeoPackage.
    """
    try:
        whole = _undo_unfinished_changes(path, location, workspace)
        return _list_tables(whole, location)
    except sqlite3.Error as error:
        raise InvalidInput([make_fault(location, DAMAGED, value=error)]) from None


def find_journals(path: Path) -> list[Path]:
    """Return the files next to a GeoPackage with changes that are not, or not only, in it."""
    sidecars = [path.with_name(path.name + suffix) for suffix in JOURNALS]
    return [sidecar for sidecar in sidecars if sidecar.is_file() and sidecar.stat().st_size]


def _undo_unfinished_changes(path: Path, location: FaultLocation, workspace: Path) -> WholeGeoPackage:
    """Let SQLite undo or complete the changes of another program, in a private copy."""
    journals = find_journals(path)
    if not journals:
        return WholeGeoPackage(path, _notes_on_missing_journal(path, location))
    files = [path, *journals]
    before = [_stamp(file) for file in files]
    copy = workspace / path.name
    for file in files:
        (workspace / file.name).write_bytes(file.read_bytes())
    if [_stamp(file) for file in files] != before or find_journals(path) != journals:
        raise InvalidInput([make_fault(location, BEING_CHANGED)])
    _recover(copy)
    note = make_fault(location, READ_AS_COMMITTED, placeholders={"sidecar": ", ".join(each.name for each in journals)})
    return WholeGeoPackage(copy, (note,))


def _recover(copy: Path) -> None:
    """Open a copy for writing, at which SQLite rolls back or completes, and close it without journal."""
    with closing(sqlite3.connect(copy)) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.execute("PRAGMA journal_mode = DELETE").fetchone()


def _stamp(file: Path) -> tuple[int, int, int] | None:
    if not file.exists():
        return None
    status = file.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def _notes_on_missing_journal(path: Path, location: FaultLocation) -> tuple[InputFault, ...]:
    """Return a warning for a file in the mode whose latest changes are in a second file."""
    if read_header(path, 20)[18:20] != WAL_MODE or path.with_name(path.name + "-wal").exists():
        return ()
    return (make_fault(location, MAY_LACK_CHANGES, placeholders={"sidecar": f"{path.name}-wal"}),)


def _list_tables(whole: WholeGeoPackage, location: FaultLocation) -> list[LayerSource]:
    """List the layers; raise sqlite3.Error for a damaged file and InvalidInput for another database."""
    uri = f"{whole.path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        _require_sound(database)
        tables = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        if "gpkg_contents" not in tables or "gpkg_geometry_columns" not in tables:
            raise InvalidInput([make_fault(location, OTHER_DATABASE)])
        names = _layer_names(database)
    stored = {name for name, sql in tables.items() if not str(sql).upper().startswith("CREATE VIRTUAL")}
    return [_layer_source(whole, location, name, is_view=name not in stored) for name in names]


def _require_sound(database: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError for a damaged file; values of another type than their column's are no damage."""
    for (verdict,) in database.execute(f"PRAGMA quick_check({MAX_VERDICTS})"):
        if verdict != "ok" and not OTHER_VALUE.match(verdict):
            raise sqlite3.DatabaseError(verdict)


def _layer_names(database: sqlite3.Connection) -> list[str]:
    """Return the tables of features and attributes that exist; pictures and styles of QGIS are no layers."""
    query = """SELECT table_name FROM gpkg_contents WHERE data_type NOT IN ('tiles', '2d-gridded-coverage')
        AND lower(table_name) <> 'layer_styles'
        AND lower(table_name) IN (SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')) ORDER BY 1"""
    return [str(name) for (name,) in database.execute(query)]


def _layer_source(whole: WholeGeoPackage, location: FaultLocation, name: str, *, is_view: bool) -> LayerSource:
    return LayerSource(
        whole.path, name, location.file, driver="GPKG", stored_name=name, is_view=is_view, notes=whole.notes
    )
