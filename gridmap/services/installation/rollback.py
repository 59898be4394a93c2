"""The way back from an upgrade: the former programs and, if the schema has changed, the backup made before."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.services.installation import service, units
from gridmap.services.installation.programs import run_gridmap
from gridmap.services.installation.units import ServiceInstallation
from gridmap.services.installation.upgrade import (
    UpgradeRecord,
    read_record,
    require_identity,
    return_to_former,
    start,
    stop,
)

NO_UPGRADE = N_("No upgrade leads to {folder}, so there is no way back from it.")
FORMER_MISSING = N_("The former version in {folder} is gone; open its bundle again there.")
ENTRIES_LOST = N_(
    "Since the upgrade on {time}, this was entered: {entries}. Going back to the backup {backup} loses it; to do that "
    "all the same, add --discard-entries. A backup of it is made before."
)


@dataclass(frozen=True)
class Rollback:
    """Result of going back.

    Parameters
    ----------
    folder : Path
        Programs now in use.
    is_restored : bool
        Whether the database was replaced by the backup made before the upgrade.
    discarded : mapping
        Rows entered since the upgrade, by table, that are no longer in the database.
    kept_backup : str, optional
        Backup of the database as it was before going back.
    """

    folder: Path
    is_restored: bool
    discarded: Mapping[str, int]
    kept_backup: str | None


def roll_back(*, discard_entries: bool, identity: Path | None = None) -> Rollback:
    """Return to the version before the last upgrade.

    The database stays as it is if the upgrade did not change its schema; else it is replaced by the backup made before
    the upgrade, after a further backup of what is there now.

    Parameters
    ----------
    discard_entries : bool
        Whether data entered since the upgrade may be lost from the database.
    identity : Path, optional
        File that decrypts the backup.

    Raises
    ------
    NotPossible
        If no upgrade leads here, or data would be lost that may not be.
    """
    current = units.current_installation()
    record = read_record(current.folder)
    if record is None:
        raise NotPossible(Message(NO_UPGRADE, {"folder": current.folder}))
    if not (Path(record.former_folder) / ".venv").is_dir():
        raise NotPossible(Message(FORMER_MISSING, {"folder": record.former_folder}))
    require_identity(record, identity)
    if not current.has_unit:
        service.require_stopped(current.home)
    stop(current)
    try:
        entries, kept_backup = _secure_entries(current, record, discard_entries=discard_entries)
    except NotPossible:
        start(current)
        raise
    return_to_former(current, record, identity)
    return Rollback(Path(record.former_folder), record.changed_database, entries, kept_backup)


def _secure_entries(
    current: ServiceInstallation, record: UpgradeRecord, *, discard_entries: bool
) -> tuple[Mapping[str, int], str | None]:
    """Refuse to lose entries without permission; with it, back them up. The service is stopped, so none is added."""
    if not record.changed_database:
        return {}, None
    run_gridmap(current, "db", "start")
    entries = dict(run_gridmap(current, "db", "entries", "--since", record.upgraded_at)["entries"])
    if entries and not discard_entries:
        listed = ", ".join(f"{table} {count}" for table, count in entries.items())
        values = {"time": record.upgraded_at, "entries": listed, "backup": record.backup}
        raise NotPossible(Message(ENTRIES_LOST, values))
    return entries, str(run_gridmap(current, "db", "backup")["backup"])
