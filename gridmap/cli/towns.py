"""Commands that fill the database with a town: one's own, or an invented one."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from gridmap.cli.options import answering, processors, profile, sizes
from gridmap.cli.progress import shown
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import N_
from gridmap.core.progress import Progress

DAY = click.DateTime(("%Y-%m-%d",))


@click.command(help=N_("Load a town package into the database, divide its communities and put the plans in force."))
@click.argument("town", type=click.Path(path_type=Path))
@click.option("--code", help=N_("Code of the subdistrict: 9 digits, or one of your own; else the name of the file."))
@click.option("--name", help=N_("Name of the subdistrict; else the name of the file."))
@sizes
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same grids."))
@click.option("--adopt", type=DAY, metavar="DATE", help=N_("First day on which the plans are in force; else today."))
@click.option(
    "--as-of",
    type=DAY,
    metavar="DATE",
    help=N_("Day that the package speaks of; else today, or the day of --adopt if that is earlier."),
)
@click.option("--no-partition", is_flag=True, help=N_("Load the town and leave it undivided."))
@answering
def load(voice: Voice, town: Path, code: str | None, name: str | None, no_partition: bool, **rest: Any) -> Exit:
    """Load a town; exit 3 when a grid had to stay out of range."""
    from gridmap.services.loading import Wish, load_file
    from gridmap.store.towns import Identity

    today = date.today()  # noqa: DTZ011 - the day of whoever sits at the terminal
    adopted = _day(rest["adopt"]) or today
    identity = Identity(code or town.stem, name or town.stem, town.name, _day(rest["as_of"]) or min(adopted, today))
    settings = None if no_partition else _settings(rest["minimum"], rest["maximum"], rest["seed"])
    with shown(voice.language) as progress:
        report = load_file(_database(progress), town, identity, Wish(settings, adopted), progress)
    voice.tell(*report.summary())
    voice.give(report.as_json())
    return Exit.OUT_OF_RANGE if report.out_of_range else Exit.FINE


@click.command(help=N_("Fill the database with an invented subdistrict: people, workers, incidents, accounts."))
@click.option(
    "--preset",
    type=click.Choice(("strip", "towers", "town")),
    default="strip",
    show_default=True,
    help=N_("Kind of place: a strip along a river, towers alone, a town."),
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=N_("Same seed, same town."))
@answering
def demo(voice: Voice, preset: str, seed: int) -> Exit:
    """Load the demo; where it is loaded, say who may sign in."""
    from gridmap.services.demo import load_demo

    with shown(voice.language) as progress:
        report = load_demo(_database(progress), preset, seed, progress)
    voice.tell(*report.summary())
    voice.give(report.as_json())
    return Exit.FINE


def _settings(minimum: int, maximum: int, seed: int) -> Any:
    from gridmap.core.partition.divide import Settings

    return Settings(profile(minimum, maximum), seed=seed, jobs=processors())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _database(progress: Progress) -> Any:
    """The database as its owner has it, running and at the schema of this version."""
    from gridmap.store import cluster, upgrades
    from gridmap.store.session import Database

    url = cluster.start(progress)
    upgrades.ensure(url)
    return Database(url, trusted=True)
