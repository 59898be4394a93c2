"""Surveyed footprints in place of schematic ones: the buildings keep their keys, and so all that is linked to them."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridmap.core.addresses.building_index import BuildingIndex, PlaceWords
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.formats.package.footprints import SurveyedFootprints, read_footprints
from gridmap.formats.row_faults import FaultTemplate, make_row_faults
from gridmap.services.imports.sheets.places import explain_no_match
from gridmap.services.land.building_shapes import find_shape_problem, to_element
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.imports.places import find_subdistrict, list_known_buildings
from gridmap.store.queries.land import building_sites as site_queries
from gridmap.store.queries.land.building_sites import BuildingSite
from gridmap.store.writes.change_sets import open_change_set
from gridmap.store.writes.imports.runs import NewImportRun, insert_import_run
from gridmap.store.writes.land import buildings as building_writes

RUN_KIND = "footprints"
"""Kind of these imports in the list of imports, by which they are undone."""
NOT_TO_COME = N_("The day of the survey is yet to come.")
NOTHING_NEW = N_("No building has a schematic place that this file replaces.")
PROBLEM = FaultTemplate("{problem}")
ANOTHER_COMMUNITY = FaultTemplate(
    N_("the footprint lies outside the community of its building"),
    advice=N_("draw it within the community, or mend the boundary of the community first"),
)
TWICE = FaultTemplate(
    N_("the building {building} has {count} footprints"), advice=N_("unite them, or give each building its own number")
)


@dataclass(frozen=True)
class FootprintRequest:
    """A file of surveyed footprints.

    Parameters
    ----------
    path : Path
    subdistrict_code : str
    source : str
        Survey or office that it comes from.
    as_of : date, optional
        Day of the survey; today by default.
    """

    path: Path
    subdistrict_code: str
    source: str
    as_of: date | None = None


@dataclass(frozen=True, eq=False)
class FootprintPlan:
    """Footprints to replace.

    Parameters
    ----------
    request : FootprintRequest
    subdistrict_id : int
    footprints : mapping of int to Polygon or MultiPolygon, WGS 84
        New shapes of schematic buildings, by the keys of the buildings.
    surveyed : int
        Rows of buildings whose place is surveyed already; they stay as they are.
    schematic_left : int
        Buildings that stay schematic, because the file does not have them.
    warnings : sequence of InputFault
        Small drawing errors that were repaired.
    """

    request: FootprintRequest
    subdistrict_id: int
    footprints: Mapping[int, shapely.Geometry]
    surveyed: int
    schematic_left: int
    warnings: Sequence[InputFault]


def prepare_footprints(session: Session, caller: Caller, request: FootprintRequest) -> FootprintPlan:
    """Find the building of each footprint of a file; nothing is written.

    Parameters
    ----------
    session : Session
    caller : Caller
    request : FootprintRequest

    Raises
    ------
    NotFound
        If the caller sees no such subdistrict.
    InvalidInput
        With the faults of all rows: no building or several for its words, two footprints for one building, outside the
        community of the building, no size for a building.
    NotPossible
        If the day of the survey is yet to come.
    """
    subdistrict_id = find_subdistrict(session, caller, request.subdistrict_code)
    if subdistrict_id is None:
        raise NotFound(request.subdistrict_code)
    if request.as_of and request.as_of > get_today(session):
        raise NotPossible(Message(NOT_TO_COME))
    locks.lock_imports(session, subdistrict_id)
    communities = site_queries.load_community_shapes(session, caller, subdistrict_id)
    west, south, east, north = shapely.total_bounds(np.array(list(communities.values()), dtype=object)).tolist()
    survey = read_footprints(request.path, (west, south, east, north))
    sites = site_queries.list_sites(session, caller, subdistrict_id)
    building_ids, faults = _find_buildings(session, caller, subdistrict_id, survey)
    if faults := [*faults, *_find_shape_faults(survey, building_ids, sites, communities)]:
        raise InvalidInput(faults)
    known = dict(zip(building_ids, survey.shapes, strict=True))
    footprints = {key: shape for key, shape in known.items() if sites[key].schematic}
    left = sum(site.schematic for site in sites.values()) - len(footprints)
    return FootprintPlan(request, subdistrict_id, footprints, len(known) - len(footprints), left, survey.warnings)


def apply_footprints(session: Session, caller: Caller, plan: FootprintPlan) -> int:
    """Replace the footprints of a plan as one import, which can be undone; return its key.

    Cells and grids stay as they are until the land of a community is built anew.

    Raises
    ------
    NotPossible
        If the file replaces nothing.
    """
    if not plan.footprints:
        raise NotPossible(Message(NOTHING_NEW))
    request = plan.request
    as_of = request.as_of or get_today(session)
    change_set_id = open_change_set(session, request.source, as_of, subdistrict_id=plan.subdistrict_id)
    shapes = {key: to_element(shape) for key, shape in plan.footprints.items()}
    building_writes.replace_schematic_shapes(session, caller, shapes)
    counts = {"changed": len(shapes), "unchanged": plan.surveyed}
    is_file = request.path.is_file()  # a Shapefile may be given as its folder
    sha256 = hashlib.sha256(request.path.read_bytes() if is_file else b"").hexdigest()
    name = request.path.name[:200]
    run = NewImportRun(plan.subdistrict_id, change_set_id, RUN_KIND, request.source, as_of, name, sha256, counts)
    return insert_import_run(session, caller, run)


def _find_buildings(
    session: Session, caller: Caller, subdistrict_id: int, survey: SurveyedFootprints
) -> tuple[list[int], list[InputFault]]:
    """Return the building of each row, 0 for none, and the faults of rows without one or with one of another row."""
    known = list_known_buildings(session, caller, subdistrict_id)
    index, codes = BuildingIndex(known), {each.code for each in known}
    words = [_settle_code(each, codes) for each in survey.words]
    matches = [index.find(each) for each in words]
    building_ids = [match.building.id if match.building else 0 for match in matches]
    counted = Counter(building_ids)

    def explain(row: int) -> dict[str, object]:
        return {"problem": explain_no_match(words[row], matches[row])}

    def name_repeated(row: int) -> dict[str, object]:
        building = matches[row].building
        return {"building": building.title() if building else "", "count": counted[building_ids[row]]}

    unknown = np.array([key == 0 for key in building_ids], dtype=bool)
    repeated = np.array([counted[key] > 1 for key in building_ids], dtype=bool) & ~unknown
    faults = make_row_faults(survey.location, PROBLEM, unknown, placeholders=explain)
    return building_ids, faults + make_row_faults(survey.location, TWICE, repeated, placeholders=name_repeated)


def _settle_code(words: PlaceWords, codes: Collection[str]) -> PlaceWords:
    """Return words whose code is that of a building, or else its number in the estate."""
    if words.code in codes:
        return PlaceWords(code=words.code)
    return replace(words, code=None, building=words.building or words.code)


def _find_shape_faults(
    survey: SurveyedFootprints,
    building_ids: Sequence[int],
    sites: Mapping[int, BuildingSite],
    communities: Mapping[int, shapely.Geometry],
) -> list[InputFault]:
    """Return the faults of footprints that are no size for a building, or outside the community of their building."""
    outlines = [communities.get(sites[key].community_id) if key else None for key in building_ids]
    outside = ~shapely.intersects(np.array(outlines, dtype=object), shapely.centroid(survey.shapes))
    problems = {row: problem for row, shape in enumerate(survey.shapes) if (problem := find_shape_problem(shape))}

    def explain(row: int) -> dict[str, object]:
        return {"problem": problems[row]}

    elsewhere = outside & (np.array(building_ids) > 0)
    faults = make_row_faults(survey.location, PROBLEM, np.array(sorted(problems), dtype=int), placeholders=explain)
    return faults + make_row_faults(survey.location, ANOTHER_COMMUNITY, elsewhere)
