"""The database: started and stopped, brought to this version, backed up and restored."""

from pathlib import Path

import click

from gridmap.cli.options import HELP, answering
from gridmap.cli.progress import shown
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import N_, Message

RUNS = N_("The database runs: {url}")
STOPPED = N_("The database does not run.")
KEPT = N_("Restored from {folder}. What was there before is kept as the database {kept} until the next restore.")


@click.group(help=N_("Look after the database: start, stop, bring to this version, back up, restore."))
@click.help_option(help=HELP)
def db() -> None:
    """Look after the database."""


@db.command(help=N_("Start the database; the first time, fetch PostGIS if the machine has none."))
@answering
def start(voice: Voice) -> Exit:
    """Start."""
    from gridmap.store import cluster

    with shown(voice.language) as progress:
        cluster.start(progress)
    return _told(voice)


@db.command(help=N_("Stop the database; what has been saved stays."))
@answering
def stop(voice: Voice) -> Exit:
    """Stop our own server; one of others is left alone."""
    from gridmap.store import cluster

    cluster.stop()
    return _told(voice)


@db.command(help=N_("Fetch gridmap's own copy of PostGIS anew, with its corrections, and start the database with it."))
@answering
def renew(voice: Voice) -> Exit:
    """Renew."""
    from gridmap.store import cluster

    with shown(voice.language) as progress:
        cluster.renew(progress)
    return _told(voice)


@db.command(help=N_("Tell whether the database runs, where it is and how large; exit code 1 when it does not run."))
@answering
def status(voice: Voice) -> Exit:
    """Tell."""
    from gridmap.store import cluster

    _told(voice)
    return Exit.FINE if cluster.status()["running"] else Exit.FAULTS


@db.command(help=N_("Print the address of the database with its password, for other programs."))
@answering
def url(voice: Voice) -> Exit:
    """Print the owner's address."""
    from gridmap.store import cluster

    address = cluster.url()
    voice.tell(Message("{url}", {"url": address}))
    voice.give({"url": address})
    return Exit.FINE


@db.command(help=N_("Bring the database to this version of gridmap; nothing happens when it is there already."))
@answering
def upgrade(voice: Voice) -> Exit:
    """Upgrade."""
    from gridmap.store import cluster, migrations, version

    with shown(voice.language) as progress:
        migrations.upgrade(cluster.start(progress))
    voice.tell(Message(N_("The database is at this version of gridmap.")))
    voice.give({"schema": version.newest()})
    return Exit.FINE


@db.command(help=N_("Back up the database and its keys into a new folder, named by the time; the service may run."))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@answering
def backup(voice: Voice, folder: Path | None) -> Exit:
    """Back up."""
    from gridmap.store import cluster

    made = cluster.backup(folder)
    voice.tell(Message(N_("Backed up to {folder}. It holds the keys, too: keep it safe."), {"folder": made}))
    voice.give({"backup": str(made)})
    return Exit.FINE


@db.command(help=N_("Restore a backup; the database it replaces is kept until the next restore."))
@click.argument("folder", type=click.Path(path_type=Path))
@answering
def restore(voice: Voice, folder: Path) -> Exit:
    """Restore."""
    from gridmap.store import cluster

    kept = cluster.restore(folder)
    voice.tell(Message(KEPT, {"folder": folder, "kept": kept}))
    voice.give({"restored": str(folder), "kept": kept})
    return Exit.FINE


def _told(voice: Voice) -> Exit:
    """Tell how the database is now."""
    from gridmap.store import cluster

    about = cluster.status()
    voice.tell(Message(RUNS, {"url": about["url"]}) if about["running"] else Message(STOPPED))
    voice.give(about)
    return Exit.FINE
