"""Land built anew: on a planner's request or with a mended boundary, at most once a day, in one transaction.

The new land holds from today on. Every earlier date shows what was true then: the land before keeps its cells, its
plans and its links. Standing buildings keep their grids in every plan that holds today or later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import Caller
from gridmap.core.coverage.mended_boundary import mend_boundaries
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.community_of_building import find_building_communities
from gridmap.core.progress import Progress, ignore_progress
from gridmap.services.grids import norms
from gridmap.services.land.carry import LandChange, carry_community
from gridmap.services.land.rebuild_report import CommunityReport, RebuildReport
from gridmap.services.plans.revisions import get_community, norm_place
from gridmap.store import incident_months, locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.land.lands import LandRow, find_newest_land
from gridmap.store.queries.land.rebuild_input import RebuildInput, load_outlines, load_rebuild_input
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community
from gridmap.store.queries.territory import CommunityRow
from gridmap.store.reprojection import to_metres
from gridmap.store.retry import retry_transaction
from gridmap.store.session import Database
from gridmap.store.statistical_areas import create_missing_areas
from gridmap.store.writes.change_sets import paused_journal
from gridmap.store.writes.land import new_land
from gridmap.store.writes.land.new_land import LandNote
from gridmap.store.writes.land.place_links import relink_places

NO_LAND = N_("This community has no land in the database yet: load its streets and buildings first.")
ONCE_A_DAY = N_("The land of {community} was built anew today: once a day is possible, so that every day has one.")
BUILDINGS_OUTSIDE = N_(
    "The boundary leaves out buildings that stand: {codes}. Draw it around them, or demolish them first."
)
NOTHING_LEFT = N_("The boundary leaves no land to {community}.")
NOTHING_CHANGES = N_("The boundary is the one that holds already.")
NO_BUILDINGS = N_("{community} would have no building: there is nothing to partition.")


@dataclass(frozen=True)
class RebuildRequest:
    """Land to build anew.

    Parameters
    ----------
    community_id : int
    boundaries : mapping of int to Polygon or MultiPolygon
        Mended boundaries, WGS 84, by the keys of their communities; neighbours change with them.
    note : str, optional
        Reason.
    """

    community_id: int
    boundaries: Mapping[int, shapely.Geometry] = field(default_factory=dict)
    note: str | None = None


def rebuild_in_transaction(
    database: Database, caller: Caller, request: RebuildRequest, progress: Progress = ignore_progress
) -> RebuildReport:
    """Build land anew as `rebuild_land` does, all of it or nothing, and pack the months of incidents again.

    Parameters
    ----------
    database : Database
        Of the owner.
    caller : Caller
        Who asked for it: a planner of the communities, or the owner.
    request : RebuildRequest
    progress : Progress
    """

    def run() -> RebuildReport:
        with database.transaction() as session:
            return rebuild_land(session, caller, request, progress)

    report = retry_transaction(run)
    with database.transaction() as session:
        incident_months.pack_changed(session.connection())
    return report


def preview_rebuild(database: Database, caller: Caller, request: RebuildRequest) -> RebuildReport:
    """Return the report that `rebuild_land` would give; nothing is changed."""
    with database.transaction() as session:
        nested = session.begin_nested()
        report = rebuild_land(session, caller, request)
        nested.rollback()
    return report


def rebuild_land(
    session: Session, caller: Caller, request: RebuildRequest, progress: Progress = ignore_progress
) -> RebuildReport:
    """Build the land of a community anew, with that of its neighbours where a boundary changes.

    Parameters
    ----------
    session : Session
        Of the owner; or of the job of a planner for this community without boundaries, or that imports boundaries. The
        calling function commits.
    caller : Caller
        Who asked for it: a planner of all these communities, or the owner.
    request : RebuildRequest
    progress : Progress

    Returns
    -------
    RebuildReport

    Raises
    ------
    NotFound
        If the caller does not work in one of the communities.
    NotPossible
        If a community has no land, or its land was built anew today.
    InvalidInput
        If the boundary leaves out standing buildings, leaves a community without land, or changes nothing.
    """
    community = get_community(session, caller, request.community_id)
    locks.lock_land(session, community.subdistrict_id)
    on = get_today(session)
    crs = CRS(require_land(session, caller, community, on).crs)
    outlines = find_mended_outlines(session, caller, community.subdistrict_id, request.boundaries, crs)
    communities = [community, *_list_others(session, caller, community, outlines)]
    lands = {each.id: require_land(session, caller, each, on) for each in communities}
    for key in sorted(lands):
        locks.lock_revisions(session, key)
        locks.lock_adoptions(session, key)
    former = {key: _load_stored(session, caller, key, on) for key in lands}
    layers = load_rebuild_input(session, caller, sorted(lands), crs, on)
    before = layers.community_ids[layers.town.buildings["community"].to_numpy()]
    layers = with_outlines(layers, outlines)
    _require_buildings(layers)
    land = build_land(layers.town, progress)
    with paused_journal(session):  # the report says what changed; links follow from the land, and no person enters them
        return _store(session, caller, _Rebuild(communities, lands, former, layers, land, before), request, on)


@dataclass(frozen=True, eq=False)
class _Rebuild:
    """Communities with their lands before, and the new land with its layers, to be stored.

    `community_of_building` has the keys of the communities before.
    """

    communities: Sequence[CommunityRow]
    lands: Mapping[int, LandRow]
    former: Mapping[int, StoredCommunity]
    layers: RebuildInput
    land: LandCoverage
    community_of_building: IntArray


def _store(session: Session, caller: Caller, rebuild: _Rebuild, request: RebuildRequest, on: date) -> RebuildReport:
    """Store the new land, its links and the revisions that are carried to it."""
    layers, land, communities, former = rebuild.layers, rebuild.land, rebuild.communities, rebuild.former
    subdistrict_id = communities[0].subdistrict_id
    note = LandNote(on, caller.account_id, request.note)
    new = new_land.insert_lands(session, subdistrict_id, layers, land, note)
    moved = find_moved_buildings(layers, rebuild.community_of_building)
    if request.boundaries:
        new_land.mend_boundaries(session, layers, land, new, moved.community_by_building)
    places = relink_places(session, new.land_ids.tolist())
    if caller.trusted:  # for others the periodic task does it, which sees all that areas rest on
        create_missing_areas(session.connection())
    known = {key for stored in former.values() for key in stored.building_ids.tolist()}
    changes = {
        each.id: LandChange(
            former[each.id],
            _load_stored(session, caller, each.id, on),
            on,
            norms.load_norm(session, caller, norm_place(each), on).norm,
        )
        for each in communities
    }
    reports = [_carry(session, caller, each, changes[each.id], known, request.note) for each in communities]
    report = RebuildReport(on, reports, moved.codes, places)
    for each in reports:
        new_land.save_report(session, each.land_id, report.as_json())
    return report


def require_land(session: Session, caller: Caller, community: CommunityRow, on: date) -> LandRow:
    """Return the newest land of a community, which may be built anew on a day.

    Raises
    ------
    NotPossible
        If there is none, or it was built anew on the day.
    """
    land = find_newest_land(session, caller, community.id)
    if land is None:
        raise NotPossible(Message(NO_LAND))
    if land.holds_from is not None and land.holds_from >= on:
        raise NotPossible(Message(ONCE_A_DAY, {"community": community.name}))
    return land


def find_mended_outlines(
    session: Session, caller: Caller, subdistrict_id: int, boundaries: Mapping[int, shapely.Geometry], crs: CRS
) -> Mapping[int, shapely.Geometry]:
    """Return the outlines that change by mended boundaries, in metres by community; empty without boundaries.

    Raises
    ------
    InvalidInput
        If nothing changes, or a community would have no land.
    """
    if not boundaries:
        return {}
    outlines = load_outlines(session, caller, subdistrict_id, crs)
    keys, shapes = list(outlines), np.array(list(outlines.values()), dtype=object)
    metres = to_metres(np.array(list(boundaries.values()), dtype=object), crs)
    mended = {keys.index(key): shape for key, shape in zip(boundaries, metres, strict=True)}
    changed = {keys[n]: shape for n, shape in mend_boundaries(shapes, mended).items()}
    if not changed:
        raise InvalidInput([InputFault(Message(NOTHING_CHANGES), column="boundary")])
    for key, shape in changed.items():
        if shape.is_empty:
            name = get_community(session, caller, key).name
            raise InvalidInput([InputFault(Message(NOTHING_LEFT, {"community": name}), column="boundary")])
    return changed


def _list_others(
    session: Session, caller: Caller, community: CommunityRow, outlines: Mapping[int, shapely.Geometry]
) -> list[CommunityRow]:
    return [get_community(session, caller, key) for key in sorted(outlines) if key != community.id]


def _load_stored(session: Session, caller: Caller, community_id: int, on: date) -> StoredCommunity:
    place = norm_place(get_community(session, caller, community_id))
    basis = norms.load_norm(session, caller, place, on).basis(on)
    stored = load_community(session, caller, community_id, basis)
    if stored is None:
        raise NotPossible(Message(NO_LAND))
    return stored


def with_outlines(layers: RebuildInput, outlines: Mapping[int, shapely.Geometry]) -> RebuildInput:
    """Return layers with other outlines, and with buildings in the communities that hold most of them then."""
    if not outlines:
        return layers
    town = layers.town
    shapes = town.communities.geometry.to_numpy().copy()
    for position, key in enumerate(layers.community_ids.tolist()):
        shapes[position] = _single_part(outlines.get(key, shapes[position]))
    located = find_building_communities(town.buildings.geometry.to_numpy(), shapes)
    if located.too_far.any():
        codes = ", ".join(town.buildings["building_id"][located.too_far].head(20))
        raise InvalidInput([InputFault(Message(BUILDINGS_OUTSIDE, {"codes": codes}), column="boundary")])
    communities = gpd.GeoDataFrame(town.communities.drop(columns="geometry"), geometry=shapes, crs=town.crs)
    buildings = gpd.GeoDataFrame(town.buildings.assign(community=located.community), crs=town.crs)
    return replace(layers, town=replace(town, communities=communities, buildings=buildings))


def _require_buildings(layers: RebuildInput) -> None:
    """Refuse a community without buildings: there is nothing to draw cells around, and nobody to visit."""
    counts = np.bincount(layers.town.buildings["community"], minlength=len(layers.community_ids))
    if (counts == 0).any():
        name = layers.town.communities["name"].iloc[int(np.argmin(counts))]
        raise NotPossible(Message(NO_BUILDINGS, {"community": name}))


def _single_part(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


class MovedBuildings(NamedTuple):
    """Buildings that mended boundaries give to another community: its key by theirs, and their codes by its code."""

    community_by_building: Mapping[int, int]
    codes: Mapping[str, list[str]]


def find_moved_buildings(layers: RebuildInput, before: IntArray) -> MovedBuildings:
    """Return the buildings whose community is another one than before.

    Parameters
    ----------
    layers : RebuildInput
        With the mended outlines.
    before : ndarray of int, one per building
        Key of its community before.
    """
    buildings, codes = layers.town.buildings, layers.town.communities["code"]
    position = buildings["community"].to_numpy()
    changed = np.flatnonzero(layers.community_ids[position] != before)
    keys = layers.building_ids[changed].tolist()
    listed: dict[str, list[str]] = {}
    for building in changed.tolist():
        listed.setdefault(codes[position[building]], []).append(buildings["building_id"].iloc[building])
    return MovedBuildings(dict(zip(keys, layers.community_ids[position[changed]].tolist(), strict=True)), listed)


def _carry(
    session: Session,
    caller: Caller,
    community: CommunityRow,
    change: LandChange,
    known_buildings: Collection[int],
    note: str | None,
) -> CommunityReport:
    new = change.new
    carried, stale = carry_community(session, caller, community.id, change, note)
    is_new = [key not in known_buildings for key in new.building_ids.tolist()]
    return CommunityReport(
        code=community.code,
        name=community.name,
        land_id=new.land_id,
        cells=len(new.cell_ids),
        buildings=len(new.building_ids),
        newly_linked=new.town.buildings["building_id"][is_new].tolist(),
        carried=carried,
        stale=stale,
    )
