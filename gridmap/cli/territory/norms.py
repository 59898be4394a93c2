"""Commands of the owner for norms: show them, enter one, end one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from gridmap.cli.options import DATE, HELP_TEXT, build_profile, date_of, output_options, range_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import HouseholdKind

NORM_LINE = N_("{place}: {minimum} to {maximum} ({kind}), target {target}; {source}, {source_date}; from {first} on")
PERSONS_LINE = N_("  or {minimum} to {maximum} persons")
RADIUS_LINE = N_("  homes at most {radius} m from the centre of their grid")
RADIUS_HELP = N_("Farthest home from the centre of its grid, 0 for no limit; default: that of the profile.")
NO_NORM_LINE = N_("{place}: no norm is entered, so {minimum} to {maximum} households living there hold")
NORM_SET = N_("The norm of {place} holds from {first} on: {minimum} to {maximum}.")
NORM_ENDED = N_("The norm of {place} ends; {first} is the first day without it.")
community_option = click.option("--community", metavar="CODE", help=N_("Only this community of the subdistrict."))


@click.group(help=N_("Manage norms: the range of households of a grid, by which every page judges."))
@click.help_option(help=HELP_TEXT)
def norm() -> None:
    """Group the commands for norms."""


@norm.command(help=N_("Show the norms of today and what is planned, of all subdistricts."))
@output_options
def show(out: Output) -> ExitCode:
    """Show all norms."""
    from gridmap.services.norms import places
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        listed = places.list_places(session, OWNER)
    records: list[dict[str, object]] = []
    for subdistrict in listed:
        records.append(_describe(subdistrict.subdistrict.code, subdistrict.current, subdistrict.planned))
        own = [each for each in subdistrict.communities if each.current.is_own or each.planned]
        records += [_describe(each.community.code, each.current, each.planned) for each in own]
    for record in records:
        out.print_text(*_lines(record))
    out.print_json({"norms": records})
    return ExitCode.OK


@norm.command(name="set", help=N_("Enter the norm of a subdistrict or community, with its document and first day."))
@click.argument("subdistrict")
@community_option
@range_options
@click.option("--target", type=int, help=N_("Households to aim at; default: the middle of the range."))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in HouseholdKind]),
    default=HouseholdKind.RESIDENT.value,
    show_default=True,
    help=N_("Households that are counted: living here, registered here, or dwellings."),
)
@click.option("--persons", type=(int, int), metavar="MIN MAX", help=N_("Second range in persons, if there is one."))
@click.option("--radius", type=click.IntRange(0, 100_000), metavar="METRES", help=RADIUS_HELP)
@click.option("--source", required=True, metavar="DOCUMENT", help=N_("Document that prescribes it."))
@click.option("--source-date", type=DATE, required=True, metavar="DATE", help=N_("Date of the document."))
@click.option("--first", type=DATE, metavar="DATE", help=N_("First day on which it holds; default: today."))
@output_options
def set_norm(out: Output, subdistrict: str, community: str | None, source: str, **options: Any) -> ExitCode:
    """Enter a norm."""
    from gridmap.core.plans.norm import Norm, PersonRange
    from gridmap.services.norms import changes, places
    from gridmap.services.operations.database import open_database

    persons = PersonRange(*options["persons"]) if options["persons"] else None
    kind = HouseholdKind(options["kind"])
    limits = build_profile(options["minimum"], options["maximum"], options["target"], options["profile"])
    radius_m = int(limits.max_radius_m if options["radius"] is None else options["radius"])
    new = Norm(limits.minimum, limits.maximum, limits.target, kind, persons, radius_m)
    first = date_of(options["first"]) or date.today()  # noqa: DTZ011 - the day of the person at the terminal
    source_date = date_of(options["source_date"]) or first
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        place = places.find_place_by_code(session, OWNER, subdistrict, community)
        saved = changes.change_norm(session, OWNER, place, changes.NormChange(new, source, source_date, first))
    values = {"place": community or subdistrict, "minimum": saved.norm.minimum, "maximum": saved.norm.maximum}
    out.print_text(Message(NORM_SET, {**values, "first": saved.first.isoformat()}))
    out.print_json({**values, "first": saved.first.isoformat()})
    return ExitCode.OK


@norm.command(
    help=N_("End the norm of a subdistrict or community; that of the subdistrict, or the usual range, holds.")
)
@click.argument("subdistrict")
@community_option
@click.option("--first-without", type=DATE, required=True, metavar="DATE", help=N_("First day without the norm."))
@output_options
def end(out: Output, subdistrict: str, community: str | None, first_without: datetime) -> ExitCode:
    """End a norm."""
    from gridmap.services.norms import changes, places
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        place = places.find_place_by_code(session, OWNER, subdistrict, community)
        changes.end_norm(session, OWNER, place, first_without.date(), None)
    values = {"place": community or subdistrict, "first": first_without.date().isoformat()}
    out.print_text(Message(NORM_ENDED, values))
    out.print_json(values)
    return ExitCode.OK


def _describe(place: str, current: Any, planned: Any) -> dict[str, object]:
    """Return a place with its norm of today and the planned ones as plain values."""
    rows = [current.row, *planned] if current.row else list(planned)
    values = {"place": place, "minimum": current.norm.minimum, "maximum": current.norm.maximum}
    return {**values, "entered": [_row_values(row) for row in rows], "has_norm": current.row is not None}


def _row_values(row: Any) -> dict[str, object]:
    norm = row.norm
    return {
        "minimum": norm.minimum,
        "maximum": norm.maximum,
        "target": norm.target,
        "kind": norm.household_kind.value,
        "persons": list(norm.persons) if norm.persons else None,
        "max_radius_m": norm.max_radius_m,
        "source": row.source,
        "source_date": row.source_date.isoformat(),
        "first": row.first.isoformat(),
    }


def _lines(record: dict[str, Any]) -> list[Message]:
    lines = [] if record["has_norm"] else [Message(NO_NORM_LINE, record)]
    for row in record["entered"]:
        lines.append(Message(NORM_LINE, {**row, "place": record["place"]}))
        if row["persons"]:
            minimum, maximum = row["persons"]
            lines.append(Message(PERSONS_LINE, {"minimum": minimum, "maximum": maximum}))
        if row["max_radius_m"]:
            lines.append(Message(RADIUS_LINE, {"radius": row["max_radius_m"]}))
    return lines
