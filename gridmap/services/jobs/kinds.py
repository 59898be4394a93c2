"""Kinds of jobs: who may ask for one, and its limits. `gridmap.job_runner` has the function that does the work."""

from collections.abc import Mapping
from dataclasses import dataclass

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role

MINUTE_S = 60
GIBIBYTE = 2**30


@dataclass(frozen=True)
class JobKind:
    """Kind of jobs.

    Parameters
    ----------
    name : str
        Word by which the database knows it: small letters and underscores.
    title : str
        Title of its jobs, for people; marked for translation.
    roles : tuple of Role
        Roles that may ask for it; none for periodic tasks.
    time_limit_s : int
        Seconds after which an attempt is stopped; ten times what the largest known case takes.
    memory_bytes : int
        Memory that an attempt may have for its data.
    priority : int
        Order among the jobs of one account; 0 is the first.
    max_attempts : int
        Interrupted attempts after which it has failed: the process was killed, or the database was gone.
    """

    name: str
    title: str
    roles: tuple[Role, ...] = ()
    time_limit_s: int = 30 * MINUTE_S
    memory_bytes: int = 4 * GIBIBYTE
    priority: int = 1
    max_attempts: int = 3


PARTITION = JobKind("partition", N_("Partition of a community"), (Role.PLANNER,), priority=0)
REPARTITION = JobKind("repartition", N_("Partition from today's grids"), (Role.PLANNER,), priority=0)
PARTITION_ALL = JobKind(
    "partition_all", N_("Partition of all communities"), (Role.PLANNER,), time_limit_s=120 * MINUTE_S
)
IMPORTERS = (Role.PLANNER, Role.STATION, Role.ADMIN)
IMPORT_READ = JobKind("import_read", N_("Reading of a sheet"), IMPORTERS, priority=0)
IMPORT_APPLY = JobKind("import_apply", N_("Import of a sheet"), IMPORTERS, priority=0)
IMPORT_UNDO = JobKind("import_undo", N_("Undo of an import"), IMPORTERS, priority=0)
REBUILD_LAND = JobKind("rebuild_land", N_("Land built anew"), (Role.PLANNER,), priority=0)
FETCH_TIANDITU = JobKind(
    "fetch_tianditu", N_("Picture from Tianditu"), (Role.PLANNER,), time_limit_s=10 * MINUTE_S, priority=0
)
EXPORT_PLAN = JobKind("export_plan", N_("Whole plan as a file"), (Role.PLANNER,), priority=0)
EXPORT_TABLES = JobKind(
    "export_tables", N_("All tables of a subdistrict"), (Role.PLANNER, Role.LEADER, Role.STATION, Role.ADMIN)
)
PRINT_SHEETS = JobKind(
    "print_sheets", N_("Responsibility maps of all grids"), (Role.PLANNER, Role.LEADER, Role.STATION)
)
PRINT_NOTICE_BOARDS = JobKind("print_notice_boards", N_("Notice boards of all grids"), PRINT_SHEETS.roles)
CLEAN_UP = JobKind("clean_up", N_("Deletion of files and jobs that have had their time"))
HAND_OVER_CASES = JobKind("hand_over_cases", N_("Open cases handed over"))
PUBLISH_COUNTS = JobKind("publish_counts", N_("Publication of closed months"))
STATISTICAL_AREAS = JobKind("statistical_areas", N_("Statistical areas of new buildings"))

JOB_KINDS: Mapping[str, JobKind] = {
    kind.name: kind
    for kind in (
        *(PARTITION, REPARTITION, PARTITION_ALL, REBUILD_LAND, EXPORT_PLAN, IMPORT_READ, IMPORT_APPLY, IMPORT_UNDO),
        *(EXPORT_TABLES, PRINT_SHEETS, PRINT_NOTICE_BOARDS, FETCH_TIANDITU),
        *(CLEAN_UP, HAND_OVER_CASES, PUBLISH_COUNTS, STATISTICAL_AREAS),
    )
}
"""All kinds by their names. A kind also has a handler in `gridmap.job_runner`, and a page in `gridmap.web.jobs`."""


def find_kind(name: str) -> JobKind:
    """Return a kind; one that only another version of gridmap knows has its name as its title.

    Examples
    --------
    >>> find_kind("partition").roles, find_kind("of_tomorrow").title
    ((<Role.PLANNER: 'planner'>,), 'of_tomorrow')
    """
    return JOB_KINDS.get(name) or JobKind(name, name)
