"""Commands for the installation: upgrade, the way back, removal."""

from pathlib import Path

import click

from gridmap.cli.options import output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.core.errors import N_, Message

UPGRADED = N_("Now in use: {folder}. The backup made before: {backup}. To go back: {program} rollback")
START_BY_HAND = N_("Start it: {folder}/scripts/run")
ROLLED_BACK = N_("Back in use: {folder}. The database stayed as it is.")
RESTORED = N_("Back in use: {folder}, with the database as it was before the upgrade. Before that, backed up: {backup}")
REMOVED_FOLDER = N_("Removed: {folder}")
DATA_KEPT = N_("The data stay in {home}.")
BACKUPS_KEPT = N_("The data in {home} are deleted; backups there stay.")
identity_option = click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=N_("File with the identity that decrypts the backup made before the upgrade."),
)


@click.command(help=N_("Upgrade to the version in a bundle, after a backup; the service stops meanwhile."))
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help=N_("Public key of its signer; default: the one this installation was opened with."))
@identity_option
@output_options
def upgrade(out: Output, bundle: Path, key: str | None, identity: Path | None) -> ExitCode:
    """Upgrade to the version in a bundle."""
    from gridmap.services.installation.upgrade import upgrade as upgrade_installation

    new, record = upgrade_installation(bundle, key, out.print_text, identity)
    values = {"folder": new.folder, "backup": record.backup, "program": new.program}
    out.print_text(Message(UPGRADED, values))
    if not new.has_unit:
        out.print_text(Message(START_BY_HAND, values))
    out.print_json({"folder": str(new.folder), "backup": record.backup, "schema": record.schema_after})
    return ExitCode.OK


@click.command(
    help=N_(
        "Go back to the version before the last upgrade, and to its database if the upgrade changed that. Refused if "
        "data entered since would be lost."
    )
)
@click.option(
    "--discard-entries", is_flag=True, help=N_("Go back even if data entered since the upgrade are lost; backs up.")
)
@identity_option
@output_options
def rollback(out: Output, discard_entries: bool, identity: Path | None) -> ExitCode:
    """Go back to the former version."""
    from gridmap.services.installation.rollback import roll_back

    result = roll_back(discard_entries=discard_entries, identity=identity)
    values = {"folder": result.folder, "backup": result.kept_backup}
    out.print_text(Message(RESTORED if result.is_restored else ROLLED_BACK, values))
    out.print_json(
        {
            "folder": str(result.folder),
            "restored": result.is_restored,
            "discarded": dict(result.discarded),
            "backup": result.kept_backup,
        }
    )
    return ExitCode.OK


@click.command(help=N_("Remove the service unit and the programs; the data stay unless their folder is named."))
@click.option(
    "--delete-data",
    type=click.Path(path_type=Path),
    help=N_("Folder of the data, to delete them, too; backups in it stay."),
)
@output_options
def uninstall(out: Output, delete_data: Path | None) -> ExitCode:
    """Remove gridmap from this machine."""
    from gridmap.services.installation.removal import uninstall as remove_installation

    removal = remove_installation(delete_data, out.print_text)  # loads the texts before they are gone
    out.print_text(*(Message(REMOVED_FOLDER, {"folder": folder}) for folder in removal.folders))
    out.print_text(Message(BACKUPS_KEPT if removal.is_data_deleted else DATA_KEPT, {"home": removal.home}))
    out.print_json({"removed": [str(folder) for folder in removal.folders], "home": str(removal.home)})
    return ExitCode.OK
