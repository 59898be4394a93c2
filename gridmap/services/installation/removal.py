"""Removal of gridmap from a machine: unit and programs; data only if their folder is named."""

import os
import pwd
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gridmap.bundles.reader import MANIFEST
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.postgres.paths import ClusterPaths
from gridmap.postgres.subprocesses import run
from gridmap.services.installation import service, units
from gridmap.services.installation.programs import run_gridmap
from gridmap.services.installation.units import ServiceInstallation

NOT_THE_DATA = N_("The data are in {home}. To delete them, name that folder: --delete-data {home}")
REMOVING = N_("Removing gridmap in {folder}; its data are in {home}.")
TOO_MUCH = N_("{home} holds more than the data of gridmap; delete the data there yourself.")
BACKUPS = "backups"


@dataclass(frozen=True)
class Removal:
    """Result of a removal.

    Parameters
    ----------
    folders : tuple of Path
        Folders of programs and, if requested, of data.
    home : Path
        Folder of the data.
    is_data_deleted : bool
        Whether the data are gone; backups in their folder stay.
    """

    folders: tuple[Path, ...]
    home: Path
    is_data_deleted: bool


def uninstall(data_to_delete: Path | None, report: Callable[[Message], None]) -> Removal:
    """Remove the unit and the programs; keep the data, unless their folder is named.

    Parameters
    ----------
    data_to_delete : Path, optional
        Folder of the data, if they are to be deleted.
    report : callable
        Receives a message before anything is removed.

    Raises
    ------
    NotPossible
        If gridmap runs without a unit, or another folder is named; nothing is removed then.
    """
    installation = units.current_installation()
    if data_to_delete is not None:
        _check_data(installation, data_to_delete)
    if not installation.has_unit:
        service.require_stopped(installation.home)
    report(Message(REMOVING, {"folder": installation.folder, "home": installation.home}))
    stopped = service.uninstall_service()
    run_gridmap(installation, "db", "stop")
    folders = _delete_data(installation) if data_to_delete is not None else []
    if stopped and installation.account and data_to_delete is not None:
        run("userdel", installation.account)
    folders += _delete_programs(installation)
    return Removal(tuple(folders), installation.home, data_to_delete is not None)


def _check_data(installation: ServiceInstallation, named: Path) -> None:
    home = installation.home
    if named.resolve() != home.resolve() or not (home / "secrets").is_dir():
        raise NotPossible(Message(NOT_THE_DATA, {"home": home}))
    precious = [Path.home().resolve(), installation.folder.resolve(), Path("/")]
    if any(path == home.resolve() or home.resolve() in path.parents for path in precious):
        raise NotPossible(Message(TOO_MUCH, {"home": home}))


def _delete_data(installation: ServiceInstallation) -> list[Path]:
    """Delete the data, also those outside the home; backups stay."""
    paths = ClusterPaths(installation.home)
    outside = paths.data_folder()
    if outside.is_dir() and installation.home.resolve() not in outside.resolve().parents:
        shutil.rmtree(outside)
    shutil.rmtree(paths.shared_folder, ignore_errors=True)
    for path in installation.home.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != BACKUPS:
                shutil.rmtree(path)
        else:
            path.unlink()
    return [installation.home]


def _delete_programs(installation: ServiceInstallation) -> list[Path]:
    """Delete programs: every neighbouring folder opened from a bundle; of a checkout, what setup has made."""
    copies = _private_copies(installation)
    manifests = installation.folder.parent.glob(f"gridmap-*/{MANIFEST}")
    opened = [path.parents[1] for path in manifests if path.stat().st_uid == os.geteuid()]
    checkout = [installation.folder / name for name in (".venv", "static/vendor/node_modules")]
    folders = [*copies, *(opened if installation.folder in opened else checkout)]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return folders


def _private_copies(installation: ServiceInstallation) -> list[Path]:
    """Return the unpacked PostGIS and Caddy of the service's account; those of other accounts may be in use."""
    if not installation.account:
        return []
    try:
        folder = Path(pwd.getpwnam(installation.account).pw_dir) / ".local" / "share" / "gridmap"
    except KeyError:
        return []
    return [path for path in (*folder.glob("postgis-*"), folder / "caddy") if path.is_dir()]
