"""Row filter of queries: every query names the rows that its caller is entitled to.

Row-level security hides the others anyway; the explicit filter is the first of the two layers.
"""

from collections.abc import Iterator
from itertools import chain

from sqlalchemy import ColumnElement, and_, false, func, or_, select, text, true, tuple_

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.store.schema import (
    AccountScope,
    AccountScopeLine,
    Adoption,
    Assignment,
    Audit,
    Base,
    Building,
    Case,
    CaseNotice,
    CaseStep,
    CategoryClassChange,
    Cell,
    DataSource,
    Duty,
    Dwelling,
    GroupOfSubdistrict,
    Household,
    ImportDraft,
    ImportRun,
    Incident,
    IncidentMonth,
    IncidentPhoto,
    Job,
    Leave,
    MicroGrid,
    Picture,
    Plan,
    PopulationCount,
    PublishedCount,
    Resident,
    Revision,
    RevisionGrid,
    RevisionStreet,
    ServiceGroupCount,
    ServiceGroupMember,
    StoredFile,
    StoredFileChunk,
    Tracing,
    WithdrawnReport,
    Worker,
)

COMMUNITY_TABLES: tuple[type[Base], ...] = (Plan, Revision, Adoption)
"""Tables of which an account sees the rows of its communities only."""
REVISION_TABLES: tuple[type[Base], ...] = (RevisionGrid, RevisionStreet, MicroGrid, Assignment)
"""Contents of revisions, which an account sees where it sees the revision."""
OWN_TABLES: tuple[type[Base], ...] = (Job, StoredFile, ImportDraft, CaseNotice, WithdrawnReport)
"""Tables of which an account sees its own rows only."""
FIRST_DAY_TABLES: tuple[type[Base], ...] = (Picture, Tracing)
"""Pictures and drafts of the first day, which planners of the whole subdistrict see."""


def visible(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for the rows of a table that a caller may see.

    Parameters
    ----------
    caller : Caller
    table : mapped class
        With a column ``subdistrict_id``, or the subdistrict itself.

    Returns
    -------
    ColumnElement of bool
        True for the owner's commands, false without an account. Land and grids are visible within the subdistricts of
        the caller; plans, rosters, incidents, accounts and the audit within its communities; persons within its
        buildings; pictures and drafts of the first day for planners of the whole subdistrict.
    """
    if caller.trusted:
        return true()
    if caller.account_id is None:
        return false()
    in_subdistricts = first_column(table, "subdistrict_id", "id").in_(caller.subdistrict_ids)
    conditions = (
        _building_conditions(caller, table),
        _incident_conditions(caller, table),
        _scope_conditions(caller, table),
        _owner_conditions(caller, table),
    )
    return and_(in_subdistricts, *chain.from_iterable(conditions))


def first_column(table: type[Base], *names: str) -> ColumnElement[int]:
    """Return the first of some columns that a table has."""
    column: ColumnElement[int] = getattr(table, next(name for name in names if hasattr(table, name)))
    return column


def in_own_buildings(caller: Caller, building_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a building is one of those whose persons a worker or a station sees."""
    if caller.role is Role.STATION:
        return building_id.in_(select(Building.id).where(in_communities(caller, Building)))
    return building_id.in_(select(text("my_buildings()")))


def _building_conditions(caller: Caller, table: type[Base]) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that limits persons, and counts of them, to buildings of the caller."""
    if table in (Household, Dwelling):
        yield in_own_buildings(caller, first_column(table, "building_id"))
    if table is Resident:
        own = in_own_buildings(caller, first_column(Household, "building_id"))
        yield Resident.household_id.in_(select(Household.id).where(own))
    if table is ServiceGroupMember:
        yield _in_own_groups(caller)
    if table is PopulationCount:
        yield _counted_buildings(caller)
    if table is ServiceGroupCount:
        yield _counted_groups(caller)


def _in_own_groups(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for members of groups in use whom the caller sees; of sensitive groups stations only."""
    groups = select(GroupOfSubdistrict.id).where(GroupOfSubdistrict.in_use)
    if caller.role is not Role.STATION:
        groups = groups.where(GroupOfSubdistrict.access_class != AccessClass.SENSITIVE)
    residents = select(Resident.id).where(visible(caller, Resident))
    return and_(ServiceGroupMember.service_group_id.in_(groups), ServiceGroupMember.resident_id.in_(residents))


def _owner_conditions(caller: Caller, table: type[Base]) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that limits jobs and files to those of the caller."""
    if table in OWN_TABLES:
        yield first_column(table, "account_id") == caller.account_id
    if table is StoredFileChunk:
        yield StoredFileChunk.stored_file_id.in_(select(StoredFile.id).where(visible(caller, StoredFile)))


def _scope_conditions(caller: Caller, table: type[Base]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that limit rows to the communities of the caller."""
    if table in COMMUNITY_TABLES:
        yield in_communities(caller, table)
    if table in REVISION_TABLES:
        yield first_column(table, "revision_id").in_(select(Revision.id).where(in_communities(caller, Revision)))
    if table is Worker:
        yield or_(in_communities(caller, Worker), Worker.account_id == caller.account_id)
    if table in (Duty, Leave):
        yield first_column(table, "worker_id").in_(select(Worker.id).where(visible(caller, Worker)))
    if table in (ImportRun, DataSource):
        yield _importing(caller, table)
    if table in FIRST_DAY_TABLES:
        yield _in_whole_subdistricts(caller, table) if caller.role is Role.PLANNER else false()
    if table in (AccountScope, AccountScopeLine, Audit, CategoryClassChange):
        yield _administered(caller, table)


def _incident_conditions(caller: Caller, table: type[Base]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that limit incidents and their counts."""
    if table is Incident:
        yield _incident_condition(caller)
    if table in (Case, CaseStep, IncidentPhoto):
        yield first_column(table, "incident_id").in_(select(Incident.id).where(visible(caller, Incident)))
    if table in (CaseStep, IncidentPhoto) and caller.role not in (Role.WORKER, Role.STATION, Role.LEADER):
        yield false()
    if table in (IncidentMonth, PublishedCount):
        in_part = in_communities(caller, table) if table is PublishedCount else false()
        yield or_(_in_whole_subdistricts(caller, table), in_part)


def _counted_buildings(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for counts of persons by building, for the roles that enter or check them."""
    if caller.role not in (Role.PLANNER, Role.STATION):
        return false()
    return PopulationCount.building_id.in_(select(Building.id).where(in_communities(caller, Building)))


def _counted_groups(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for counts of members of groups in use by building, for the stations that enter them."""
    if caller.role is not Role.STATION:
        return false()
    groups = select(GroupOfSubdistrict.id).where(GroupOfSubdistrict.in_use)
    buildings = select(Building.id).where(in_communities(caller, Building))
    return and_(ServiceGroupCount.service_group_id.in_(groups), ServiceGroupCount.building_id.in_(buildings))


def _importing(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for own imports, and those of the role in whole subdistricts; for headers of sources."""
    if caller.role not in (Role.PLANNER, Role.STATION, Role.ADMIN):
        return false()
    of_role = and_(ImportRun.role == caller.role, _in_whole_subdistricts(caller, ImportRun))
    return true() if table is DataSource else or_(ImportRun.account_id == caller.account_id, of_role)


def in_communities(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for the rows of a table that belong to a community of the caller."""
    return first_column(table, "community_id", "id").in_(caller.community_ids)


def _in_whole_subdistricts(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    return first_column(table, "subdistrict_id").in_(caller.whole_subdistrict_ids)


def _incident_condition(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for incidents: ordinary ones for planners and leaders, also own reports for the others.

    Those of a leader's service lines are added where the answer is recorded (`Caller.shows_lines`).
    """
    in_scope: ColumnElement[bool] = Incident.cell_id.in_(select(text("my_cells()")))
    if caller.role in (Role.PLANNER, Role.LEADER, Role.STATION):
        in_scope = or_(_in_whole_subdistricts(caller, Incident), in_scope)  # in this order: cells take time to list
    if caller.role is Role.WORKER:
        for function in ("my_street_incidents()", "my_handled_cases()"):
            in_scope = or_(in_scope, Incident.id.in_(select(text(function))))
    if caller.role in (Role.WORKER, Role.STATION):
        return or_(in_scope, Incident.id.in_(select(text("my_reports()"))))
    ordinary = and_(Incident.access_class == AccessClass.ORDINARY, in_scope)
    return or_(ordinary, _of_own_lines()) if caller.shows_lines else ordinary


def _of_own_lines() -> ColumnElement[bool]:
    """Return the condition for incidents of the service lines of a leader, who has chosen a purpose."""
    columns = ("subdistrict_id", "community_id", "category", "access_class")
    whole, part = (func.my_line_categories().table_valued(*columns).render_derived(name) for name in ("whole", "part"))
    in_subdistrict = select(whole.c.subdistrict_id, whole.c.category, whole.c.access_class)
    in_community = select(part.c.community_id, part.c.category, part.c.access_class)
    community = select(Cell.community_id).where(Cell.id == Incident.cell_id).correlate(Incident).scalar_subquery()
    kind = Incident.category, Incident.access_class
    return or_(
        tuple_(Incident.subdistrict_id, *kind).in_(in_subdistrict.where(whole.c.community_id.is_(None))),
        tuple_(community, *kind).in_(in_community.where(part.c.community_id.is_not(None))),
    )


def _administered(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for rows within the scopes of an admin; of scopes, each account also sees its own."""
    if table is AccountScopeLine:
        return AccountScopeLine.account_scope_id.in_(select(AccountScope.id).where(_administered(caller, AccountScope)))
    own = AccountScope.account_id == caller.account_id if table is AccountScope else false()
    if caller.role is not Role.ADMIN:
        return own
    if table is CategoryClassChange:
        return _in_whole_subdistricts(caller, table)
    return or_(own, _in_whole_subdistricts(caller, table), in_communities(caller, table))
