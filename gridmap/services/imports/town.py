"""Import of a town package into the database, in one transaction."""

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.core.codes import EXPECTED_CODE, normalise_code
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.progress import Progress
from gridmap.core.text_comparison import clean_text
from gridmap.formats.intake.source_file import InputSource, SourceLike, open_source
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import read_town_extras
from gridmap.formats.row_faults import format_value
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.imports.first_plans import partition_and_adopt
from gridmap.services.imports.incident_categories import FileCategories, match_categories, store_categories
from gridmap.services.imports.load_report import LoadedTown, LoadOptions, LoadReport, StepReporter, TownPackage
from gridmap.services.norms.changes import change_norm
from gridmap.services.tracing.subdistricts import ALREADY_LOADED
from gridmap.store import incident_months
from gridmap.store.catalogue_rows import add_missing_groups
from gridmap.store.queries.incidents.published_counts import publish_closed_counts
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.queries.territory import has_subdistrict
from gridmap.store.retry import retry_transaction
from gridmap.store.session import Database
from gridmap.store.statistical_areas import create_missing_areas
from gridmap.store.writes import bulk
from gridmap.store.writes.features import (
    build_incident_links,
    build_link_columns,
    insert_incidents,
    insert_resident_groups,
    insert_shops,
)
from gridmap.store.writes.towns import StoredTown, SubdistrictInfo, insert_town, open_period

READING, STORING = Message(N_("Reading the town")), Message(N_("Storing the town"))

NOT_A_CODE, TOO_LONG = N_("this cannot be the code of a subdistrict"), N_("this is too long")
AT_MOST = N_("at most {maximum} characters")
NAME_ANOTHER = N_("give another one with {option}")


def describe_subdistrict(
    source: Path | InputSource, code: str | None, name: str | None, as_of: date
) -> SubdistrictInfo:
    """Describe the subdistrict of a town package; code and name default to the name of the file.

    Parameters
    ----------
    source : Path or InputSource
        Town package.
    code, name : str or None
        Code and name of the subdistrict.
    as_of : date
        Reference date of the package.

    Raises
    ------
    InvalidInput
        If the code is none, or code or name is too long.

    Examples
    --------
    >>> describe_subdistrict(Path("donghu.gpkg"), None, None, date(2026, 3, 1)).code
    'donghu'
    """
    known_code, known_name = normalise_code(source.stem if code is None else code), clean_text(name or source.stem)
    faults = [] if known_code else [_option_fault(source, "--code", code, Message(NOT_A_CODE), Message(EXPECTED_CODE))]
    for option, value, text, maximum in (
        ("--code", code, known_code, MAX_CODE_LETTERS),
        ("--name", name, known_name, MAX_NAME_LETTERS),
    ):
        if len(text or "") > maximum:
            expected = Message(AT_MOST, {"maximum": maximum})
            faults.append(_option_fault(source, option, value, Message(TOO_LONG), expected))
    if faults or known_code is None:
        raise InvalidInput(faults)
    return SubdistrictInfo(known_code, known_name, source.name, as_of)


def _option_fault(
    source: Path | InputSource, option: str, value: str | None, problem: Message, expected: Message
) -> InputFault:
    """Return a fault of an option or, where it is not given, of the name of the file."""
    location, shown = (source.name, source.stem) if value is None else (option, value)
    advice = Message(NAME_ANOTHER, {"option": option})
    return InputFault(problem, file=location, value=format_value(shown), expected=expected, advice=advice)


def load_town_file(
    database: Database, source: SourceLike, identity: SubdistrictInfo, options: LoadOptions, progress: Progress
) -> LoadReport:
    """Load a town package into the database, all of it or nothing.

    Parameters
    ----------
    database : Database
        Database of the owner.
    source : Path or InputSource
        Town package; its optional layers incidents, resident_groups and shops are loaded as well.
    identity : SubdistrictInfo
        Code, name and reference date of the subdistrict.
    options : LoadOptions
        Partition settings and effective date.
    progress : Progress
        Callback for every step.

    Returns
    -------
    LoadReport

    Raises
    ------
    InvalidInput
        If the package cannot be used.
    NotPossible
        If the subdistrict is in the database already.
    InvalidPlanError
        If the plan violates a rule. Nothing is written in any of these cases.
    """
    clock = Clock()
    with database.transaction() as session:
        refuse_existing_code(session, identity.code)
    progress(READING, 0, 1)
    with clock.step("read"), open_source(source) as opened:
        town = read_town(opened, require_datum=True)
        package = TownPackage(town, read_town_extras(opened, town))
    progress(READING, 1, 1)
    loaded = retry_transaction(
        lambda: _load_in_transaction(database, package, identity, options, StepReporter(clock, progress))
    )
    partition = None
    if options.settings and loaded.plan is not None and loaded.grids is not None:
        partition = PartitionReport(town, loaded.land, loaded.plan, loaded.grids, options.settings, clock, "en")
    return LoadReport(loaded, partition, clock)


def _load_in_transaction(
    database: Database, package: TownPackage, identity: SubdistrictInfo, options: LoadOptions, reporter: StepReporter
) -> LoadedTown:
    with database.transaction() as session:
        return load_town(session, OWNER, package, identity, options, reporter)


def load_town(
    session: Session,
    caller: Caller,
    package: TownPackage,
    identity: SubdistrictInfo,
    options: LoadOptions,
    reporter: StepReporter,
) -> LoadedTown:
    """Load a town within a transaction; see `load_town_file`.

    Parameters
    ----------
    session : Session
        Session of the owner; the calling function commits.
    caller : Caller
        The owner.
    package : TownPackage
        Town and optional layers.
    identity : SubdistrictInfo
        Code, name and reference date of the subdistrict.
    options : LoadOptions
        Partition settings and effective date.
    reporter : StepReporter
        Receivers of progress and times.
    """
    refuse_existing_code(session, identity.code)
    town = package.town
    with reporter.clock.step("land"):
        land = build_land(town, reporter.progress)
    reporter.progress(STORING, 0, 3)
    with reporter.clock.step("store"):
        stored = insert_town(session, town, land, identity)
        create_missing_areas(session.connection())
        reporter.progress(STORING, 1, 3)
        categories = match_categories(package.extras.incidents["category"])
        counts = _insert_extras(session, package, land, stored, identity, categories)
    unknown = tuple(each.key for each in categories.unknown)
    warnings = (*town.warnings, *package.extras.warnings)
    if options.norm is not None:
        change_norm(session, caller, NormPlace(stored.subdistrict_id), options.norm)
    loaded = LoadedTown(
        identity,
        town,
        land,
        stored,
        extra_counts=counts,
        unknown_categories=unknown,
        warnings=warnings,
        has_norm=options.norm is not None,
    )
    reporter.progress(STORING, 2, 3)
    if options.settings is not None:
        loaded = partition_and_adopt(session, caller, loaded, options, options.settings, reporter)
    publish_closed_counts(session, stored.subdistrict_id)
    incident_months.pack_changed(session.connection())
    bulk.analyze(session)
    reporter.progress(STORING, 3, 3)
    return loaded


def refuse_existing_code(session: Session, code: str) -> None:
    """Refuse the code of a subdistrict that is in the database: an import never changes existing data."""
    if has_subdistrict(session, OWNER, code):
        raise NotPossible(Message(ALREADY_LOADED, {"code": code}))


def _insert_extras(
    session: Session,
    package: TownPackage,
    land: LandCoverage,
    stored: StoredTown,
    identity: SubdistrictInfo,
    categories: FileCategories,
) -> dict[str, int]:
    town, extras = package.town, package.extras
    insert_resident_groups(session, stored, extras.resident_groups)
    shop_links = build_link_columns(extras.shops, town, land, stored)
    insert_shops(session, shop_links, extras.shops, open_period(identity.as_of))
    store_categories(session, stored.subdistrict_id, categories.unknown, identity.source)
    add_missing_groups(session.connection())
    incidents = extras.incidents.assign(category=categories.keys)
    insert_incidents(session, build_incident_links(incidents, town, land, stored), incidents, identity.code)
    return {name: len(getattr(extras, name)) for name in ("resident_groups", "shops", "incidents")}
