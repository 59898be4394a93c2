"""A plan as a file: whole, shown by QGIS as on the pages, and loaded into another database without loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap import __version__
from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.core.table_rows import TableRows
from gridmap.formats.exports.copy_file import CopiedLayer, read_copy, write_copy
from gridmap.formats.exports.plan_appearances import APPEARANCES
from gridmap.formats.results.atomic_file import replace_file
from gridmap.services.exports import plan_norm
from gridmap.services.exports.plan_layers import LAYER_NAMES, label_keys
from gridmap.services.land import places
from gridmap.services.land.places import CommunityCodes
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries import territory
from gridmap.store.queries.plans.norms import NormPlace
from gridmap.store.session import Database
from gridmap.store.statistical_areas import create_missing_areas
from gridmap.store.table_copies.insertion import find_equal_shapes, insert_under_new_keys
from gridmap.store.table_copies.plan_tables import PLAN_TABLES, read_plan
from gridmap.store.writes import audit as audit_writes
from gridmap.store.writes import bulk

NORM = "norm"
"""Key of the norm among the facts of a file."""
COMMUNITY_LOADED = N_("The community {code} is in the database already: a plan is loaded only where it is new.")
UNKNOWN_TABLES = N_("The file is of another version of gridmap: {tables}.")


@dataclass(frozen=True)
class PlanIdentity:
    """Identity of an exported plan, and what became of its norm.

    Parameters
    ----------
    community_code, plan : str
        Code of its community, and name of the plan.
    number : int
        Number of the revision.
    norm : Norm or None
        Norm that held when the file was written; None where nobody had entered one.
    is_norm_entered : bool
        Whether loading entered it; a norm of the database stays.
    """

    community_code: str
    plan: str
    number: int
    norm: Norm | None = None
    is_norm_entered: bool = False


def write_plan_file(
    session: Session, caller: Caller, revision: RevisionSummary, target: Path, language: str, address: str | None = None
) -> None:
    """Write a revision with its community, land and buildings to a GeoPackage, and record it in the audit.

    Parameters
    ----------
    session : Session
    caller : Caller
        A planner of the community, or the owner.
    revision : RevisionSummary
    target : Path
        File to write; an existing one is replaced.
    language : str
        Language of titles and of the default styles.
    address : str, optional
        Network address of the request.

    Raises
    ------
    InvalidInput
        If the file cannot be written; nothing is left behind then.
    """
    row = revision.row
    keys = {
        "subdistrict_id": row.subdistrict_id,
        "community_id": row.community_id,
        "land_id": row.land_id,
        "plan_id": row.plan_id,
        "revision_id": row.id,
    }
    tables = {each.name: each for each in read_plan(session, caller, keys)}
    layers = [CopiedLayer(LAYER_NAMES.get(name, name), rows, label_keys(name, tables)) for name, rows in tables.items()]
    facts = {"program": f"gridmap {__version__}", "plan": row.plan_name, "revision": str(row.number)}
    if norm := plan_norm.describe_norm(session, caller, NormPlace(row.subdistrict_id, row.community_id)):
        facts[NORM] = norm
    with replace_file(target, ".gpkg") as temporary:
        write_copy(temporary, layers, APPEARANCES, facts, language)
    if not caller.trusted:
        details = {
            "page": f"plan.gpkg {row.plan_name} {row.number}",
            "rows": sum(len(each.rows) for each in tables.values()),
        }
        audit_writes.record_table_export(session, [row.subdistrict_id], row.community_id, details, address)


def load_plan_file(database: Database, source: Path) -> PlanIdentity:
    """Load a plan that `write_plan_file` wrote into a database that does not have its community.

    The plan is not in force: adopt it as any other. Keys are new; everything else is as in the file. Its norm is
    entered for the community where the database has none there.

    Parameters
    ----------
    database : Database
        Of the owner.
    source : Path

    Returns
    -------
    PlanIdentity

    Raises
    ------
    InvalidInput
        If the file is no exported plan, or its norm cannot be read.
    NotPossible
        If the community is in the database already, or the file is of another version.
    """
    tables, facts = read_copy(source)
    by_name = {each.name: each for each in tables}
    if by_name.keys() != PLAN_TABLES.keys():
        unknown = ", ".join(sorted(by_name.keys() ^ PLAN_TABLES.keys()))
        raise NotPossible(Message(UNKNOWN_TABLES, {"tables": unknown}))
    subdistrict, community = (str(by_name[name].values("code")[0]) for name in ("subdistrict", "community"))
    change = plan_norm.parse_norm(facts[NORM]) if NORM in facts else None
    with database.transaction(None) as session:
        known = _find_known_rows(session, by_name)
        insert_under_new_keys(session, tables, known)
        create_missing_areas(session.connection())
        is_entered = change is not None and plan_norm.enter_norm(session, subdistrict, community, change)
        bulk.analyze(session)
    norm = change.norm if change else None
    return PlanIdentity(community, facts["plan"], int(facts["revision"]), norm, is_entered)


def _find_known_rows(session: Session, tables: Mapping[str, TableRows]) -> dict[str, dict[str, str]]:
    """Return rows that the database has already: the subdistrict, and its streets and barriers of the same shape."""
    (code,), (old_key,) = tables["subdistrict"].values("code"), tables["subdistrict"].values("id")
    subdistrict = territory.find_subdistrict_by_code(session, OWNER, str(code))
    if subdistrict is None:
        return {}
    (community_code,) = tables["community"].values("code")
    if any(each.code == community_code for each in territory.list_communities(session, OWNER, subdistrict.id)):
        raise NotPossible(Message(COMMUNITY_LOADED, {"code": community_code}))
    lines = ("street", "barrier", "dedicated_land")
    shapes = {name: find_equal_shapes(session, tables[name], str(subdistrict.id)) for name in lines}
    return {"subdistrict": {str(old_key): str(subdistrict.id)}, **shapes}


def export_plan_of_community(
    database: Database, codes: CommunityCodes, number: int | None, target: Path, language: str
) -> PlanIdentity:
    """Write a plan of a community that its codes name, for the owner's command.

    Parameters
    ----------
    database : Database
        Of the owner.
    codes : CommunityCodes
    number : int, optional
        Number of the revision; by default the one in force, else the newest.
    target : Path
    language : str

    Raises
    ------
    InvalidInput
        If there is no such community.
    NotFound
        If there is no such revision.
    """
    with database.transaction(None) as session:
        community_id = places.get_community_id(session, OWNER, codes)
        revision = choose_revision(revisions.list_community_revisions(session, OWNER, community_id), number)
        write_plan_file(session, OWNER, revision, target, language)
        return PlanIdentity(codes.community, revision.plan_name, revision.number)


def choose_revision(revisions: Sequence[RevisionSummary], number: int | None) -> RevisionSummary:
    """Return the revision of a number, else the one in force, else the newest.

    Raises
    ------
    NotFound
        If there is none.
    """
    matching = [each for each in revisions if number in (None, each.number)]
    in_force = [each for each in matching if each.status == "in_force"]
    if not matching:
        raise NotFound(number)
    return (in_force or matching)[0]
