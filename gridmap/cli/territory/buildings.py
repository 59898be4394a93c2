"""Commands of the owner for buildings that change: built, demolished, recounted. None of them builds land anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.options import DATE, HELP_TEXT, INPUT_PATH, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import HouseholdKind

if TYPE_CHECKING:
    from gridmap.services.land.buildings import BuildingRow
    from gridmap.services.land.places import CommunityCodes

BUILDING_LINE = "{code} · {name} · {households} · {grid} · {first} – {end}"
BUILDING_ADDED = N_("Building {code} is added; it is in grid {grid}.")
BUILDING_ADDED_WITHOUT_GRID = N_("Building {code} is added; no plan is in force there.")
BUILDING_DEMOLISHED = N_("Building {code} stands no longer since {end}.")
BUILDING_STANDS = N_("Building {code} stands.")
COUNT_SAVED = N_("Building {code}: {households} households on {as_of}.")
FOOTPRINTS_FOUND = N_(
    "Footprints for {replaced} schematic buildings; {surveyed} buildings are surveyed already, {left} stay schematic."
)
FOOTPRINTS_APPLIED = N_("Import {run}. Cells follow when the land of a community is built anew: gridmap land rebuild.")
ONLY_A_PREVIEW = N_("This is a preview: nothing was changed.")
Command = Callable[..., ExitCode]


def community_options(command: Command) -> Command:
    """Pass a command the value ``codes``: the community that two options name."""

    @wraps(command)
    def with_codes(*args: Any, subdistrict: str, community: str, **options: Any) -> ExitCode:
        from gridmap.services.land.places import CommunityCodes

        return command(*args, codes=CommunityCodes(subdistrict, community), **options)

    subdistrict = click.option("--subdistrict", required=True, metavar="CODE", help=N_("Code of the subdistrict."))
    community = click.option("--community", required=True, metavar="CODE", help=N_("Code of the community."))
    return subdistrict(community(with_codes))


@click.group(help=N_("Change buildings of a community: list, add, demolish, recount."))
@click.help_option(help=HELP_TEXT)
def building() -> None:
    """Group the commands for buildings."""


@building.command(name="list", help=N_("List the buildings of a community with their households and grids."))
@community_options
@click.option("--search", default="", help=N_("Only buildings whose code, name or address holds these words."))
@click.option("--demolished", is_flag=True, help=N_("The buildings that were demolished."))
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help=N_("Page of 100 buildings."))
@output_options
def list_buildings(out: Output, codes: CommunityCodes, search: str, demolished: bool, page: int) -> ExitCode:
    """List the buildings of a community."""
    from gridmap.services.land import buildings, places
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        community_id = places.get_community_id(session, OWNER, codes)
        found = buildings.list_buildings(session, OWNER, community_id, search, demolished=demolished, page=page)
    rows = [_building_values(row) for row in found.buildings]
    out.print_text(*(Message(BUILDING_LINE, {name: value or "–" for name, value in row.items()}) for row in rows))
    out.print_json({"buildings": rows, "total": found.total, "pages": found.page_count})
    return ExitCode.OK


@building.command(help=N_("Add a building to a community; it belongs to the grid around it at once."))
@click.argument("code")
@community_options
@click.option("--shape", required=True, help=N_("Point or footprint in WGS 84: WKT, or a GeoJSON geometry."))
@click.option("--on", "first", type=DATE, required=True, metavar="DATE", help=N_("First day on which it stood."))
@click.option("--households", type=click.IntRange(min=0), help=N_("Households that live there."))
@click.option("--name", help=N_("Name or number that people use."))
@click.option("--address", help=N_("Address."))
@click.option("--use", help=N_("Use."))
@click.option("--levels", type=click.FloatRange(0, min_open=True), help=N_("Storeys above ground."))
@click.option("--source", default="manual", show_default=True, help=N_("File, register or person that says so."))
@output_options
def add(out: Output, code: str, codes: CommunityCodes, shape: str, first: datetime, **rest: Any) -> ExitCode:
    """Add a building."""
    from gridmap.services.land import building_shapes, buildings, places
    from gridmap.services.operations.database import open_database

    texts = buildings.BuildingTexts(rest["name"], rest["address"], rest["use"], rest["levels"])
    request = buildings.BuildingRequest(
        code, building_shapes.parse_shape(shape), first.date(), texts, rest["households"], rest["source"]
    )
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        community_id = places.get_community_id(session, OWNER, codes)
        row = buildings.get_building(session, OWNER, buildings.add_building(session, OWNER, community_id, request))
    return _report(out, BUILDING_ADDED if row.grid else BUILDING_ADDED_WITHOUT_GRID, row)


@building.command(help=N_("End the days of a building; earlier dates still show it."))
@click.argument("code")
@community_options
@click.option("--on", "end", type=DATE, metavar="DATE", help=N_("First day on which it no longer stood."))
@click.option("--undo", is_flag=True, help=N_("It stands: its demolition was a mistake."))
@output_options
def demolish(out: Output, code: str, codes: CommunityCodes, end: datetime | None, undo: bool) -> ExitCode:
    """Demolish a building, or let it stand on."""
    from gridmap.services.land import buildings, places
    from gridmap.services.operations.database import open_database

    if undo == (end is not None):
        raise click.UsageError("--on | --undo")
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        key = places.get_building_id(session, OWNER, codes, code)
        if end is None:
            row = buildings.undo_demolition(session, OWNER, key)
        else:
            row = buildings.demolish_building(session, OWNER, key, end.date())
    return _report(out, BUILDING_DEMOLISHED if row.end else BUILDING_STANDS, row)


@building.command(help=N_("Add a count of the households of a building; one of the same kind and day is corrected."))
@click.argument("code")
@community_options
@click.option("--households", type=click.IntRange(min=0), required=True, help=N_("Households that were counted."))
@click.option("--on", "as_of", type=DATE, required=True, metavar="DATE", help=N_("Day of the count."))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in HouseholdKind]),
    default=HouseholdKind.RESIDENT.value,
    show_default=True,
    help=N_("Kind of the households: living there, registered there, or dwellings."),
)
@click.option("--source", default="manual", show_default=True, help=N_("File, register or person that says so."))
@output_options
def recount(out: Output, code: str, codes: CommunityCodes, households: int, **rest: Any) -> ExitCode:
    """Record a count of households."""
    from gridmap.services.land import buildings, places
    from gridmap.services.operations.database import open_database

    as_of = rest["as_of"].date()
    count = buildings.NewCount(HouseholdKind(rest["kind"]), households, as_of, rest["source"])
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        key = places.get_building_id(session, OWNER, codes, code)
        buildings.record_count(session, OWNER, key, count)
    values = {"code": code, "households": households, "kind": rest["kind"], "as_of": as_of.isoformat()}
    out.print_text(Message(COUNT_SAVED, values))
    out.print_json(values)
    return ExitCode.OK


@building.command(help=N_("Replace schematic places of buildings by surveyed footprints; all links stay."))
@click.argument("file", type=INPUT_PATH)
@click.option("--subdistrict", required=True, metavar="CODE", help=N_("Code of the subdistrict."))
@click.option("--source", required=True, metavar="NAME", help=N_("Survey or office that it comes from."))
@click.option("--as-of", type=DATE, metavar="DATE", help=N_("Day of the survey; today by default."))
@click.option("--apply", "is_applied", is_flag=True, help=N_("Write; without it, say only what would change."))
@output_options
def footprints(out: Output, file: Path, subdistrict: str, source: str, **rest: Any) -> ExitCode:
    """Replace schematic places by surveyed footprints."""
    from gridmap.services.imports import footprints as footprint_imports
    from gridmap.services.operations.database import open_database

    as_of = rest["as_of"] and rest["as_of"].date()
    request = footprint_imports.FootprintRequest(file, subdistrict, source, as_of)
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        plan = footprint_imports.prepare_footprints(session, OWNER, request)
        run_id = footprint_imports.apply_footprints(session, OWNER, plan) if rest["is_applied"] else None
    out.print_warnings(plan.warnings)
    counts = {"replaced": len(plan.footprints), "surveyed": plan.surveyed, "left": plan.schematic_left}
    out.print_text(
        Message(FOOTPRINTS_FOUND, counts), Message(FOOTPRINTS_APPLIED if run_id else ONLY_A_PREVIEW, {"run": run_id})
    )
    out.print_json({**counts, "run": run_id})
    return ExitCode.OK


def _report(out: Output, template: str, row: BuildingRow) -> ExitCode:
    values = _building_values(row)
    out.print_text(Message(template, values))
    out.print_json(values)
    return ExitCode.OK


def _building_values(row: BuildingRow) -> dict[str, object]:
    return {
        "code": row.code,
        "name": row.name or row.address,
        "households": row.households,
        "grid": row.grid,
        "first": row.first.isoformat(),
        "end": row.end and row.end.isoformat(),
    }
