"""Places of rows: the building that each row means, or the point and cell it lies on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely

from gridmap.core.addresses.address_parts import DoorAddress
from gridmap.core.addresses.building_index import BuildingIndex, BuildingMatch, PlaceWords
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import CandidateReason
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import check_communities
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.store.queries.imports import places as place_queries
from gridmap.store.schema.base import SRID

NO_PLACE = N_("it has no place: fill in 楼栋编码, or 小区 and 楼号, or 详细地址")
NO_BUILDING = N_("no building is found for {words}; perhaps {candidates}")
NO_CANDIDATE = N_("no building is found for {words}")
SEVERAL_BUILDINGS = N_("{words} may be several buildings: {candidates}. Fill in 楼栋编码")
NOT_HERE = N_("the coordinates lie outside every community of the subdistrict")
REASONS: Mapping[CandidateReason, str] = {
    CandidateReason.SEVERAL: N_("same words"),
    CandidateReason.SAME_ESTATE: N_("same estate"),
    CandidateReason.SIMILAR_ADDRESS: N_("similar address"),
    CandidateReason.SAME_NUMBER: N_("same number"),
}
CANDIDATE = N_("{title} (code {code}, {reason})")
PLACE_FIELDS = ("building_code", "estate", "building", "address")


@dataclass(frozen=True, eq=False)
class RowPlaces:
    """Places of all rows.

    Parameters
    ----------
    building_ids : list of int or None
    doors : list of DoorAddress or None
        Unit and number that the address of a row names.
    problems : list of RowProblem
    """

    building_ids: list[int | None]
    doors: list[DoorAddress | None]
    problems: list[RowProblem]


@dataclass(frozen=True, eq=False)
class RowPoints:
    """Buildings, points and cells of all rows; a point is None where the row has a problem."""

    building_ids: list[int | None]
    points: list[shapely.Point | None]
    cell_ids: list[int | None]
    problems: list[RowProblem]


def match_buildings(
    context: ImportContext, values: Mapping[str, Sequence[object]], count: int, *, required: bool = True
) -> RowPlaces:
    """Find the building of each row: linked if exact and unique, else a problem with the candidates.

    Parameters
    ----------
    context : ImportContext
    values : mapping of str to sequence
        Fields of the sheet.
    count : int
        Number of rows.
    required : bool
        Whether a row without any words of a place is a problem.
    """
    known = place_queries.list_known_buildings(context.session, context.caller, context.subdistrict_id)
    index = BuildingIndex(known)
    empty: Sequence[object] = [None] * count
    columns = [values.get(name, empty) for name in PLACE_FIELDS]
    places = RowPlaces([], [], [])
    found: dict[tuple[object, ...], tuple[PlaceWords, BuildingMatch]] = {}
    problem_of: dict[PlaceWords, Message] = {}
    for row, cells in enumerate(zip(*columns, strict=True)):
        if cells not in found:
            words = PlaceWords(*map(_text, cells))
            found[cells] = words, index.find(words)
        words, match = found[cells]
        places.building_ids.append(match.building.id if match.building else None)
        places.doors.append(match.door)
        if match.building is None and (required or words != PlaceWords()):
            if words not in problem_of:
                problem_of[words] = explain_no_match(words, match)
            places.problems.append(RowProblem(row, problem_of[words], "address"))
    places.problems.extend(check_communities(context, values.get("community", ()), places.building_ids))
    return places


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def explain_no_match(words: PlaceWords, match: BuildingMatch) -> Message:
    """Return the question that the user has to decide."""
    shown = " ".join(filter(None, (words.code, words.estate, words.building, words.address)))
    if not shown:
        return Message(NO_PLACE)
    if not match.candidates:
        return Message(NO_CANDIDATE, {"words": shown})
    candidates = [
        Message(
            CANDIDATE,
            {
                "title": each.building.title(),
                "code": each.building.code,
                "reason": Message(REASONS[each.reason]),
            },
        )
        for each in match.candidates
    ]
    several = match.candidates[0].reason is CandidateReason.SEVERAL
    listed = Message(" · ".join(f"{{c{n}}}" for n in range(len(candidates))), dict(_numbered(candidates)))
    return Message(SEVERAL_BUILDINGS if several else NO_BUILDING, {"words": shown, "candidates": listed})


def _numbered(candidates: Sequence[Message]) -> Iterator[tuple[str, object]]:
    yield from ((f"c{n}", candidate) for n, candidate in enumerate(candidates))


def locate_rows(context: ImportContext, values: Mapping[str, Sequence[object]], count: int) -> RowPoints:
    """Find the point and cell of each row: those of its coordinates, else those of its building."""
    empty: Sequence[object] = [None] * count
    coordinates = list(zip(values.get("longitude", empty), values.get("latitude", empty), strict=True))
    has_point = [isinstance(x, float) and isinstance(y, float) for x, y in coordinates]
    places = match_buildings(context, values, count, required=False)
    ids = sorted({each for each in places.building_ids if each is not None})
    of_building = place_queries.load_building_places(context.session, ids)
    found = RowPoints(places.building_ids, [None] * count, [None] * count, [])
    troubled = {each.row for each in places.problems if not each.is_warning}
    found.problems.extend(each for each in places.problems if not has_point[each.row] or each.field == "community")
    for row, building_id in enumerate(places.building_ids):
        if building_id is not None and not has_point[row]:
            place = of_building[building_id]
            found.points[row] = _point(place.longitude, place.latitude)
            found.cell_ids[row] = place.cell_id
        elif not has_point[row] and row not in troubled:
            found.problems.append(RowProblem(row, Message(NO_PLACE), "address"))
    _add_cells(context, coordinates, has_point, found)
    return found


def _add_cells(
    context: ImportContext,
    coordinates: Sequence[tuple[object, object]],
    has_point: Sequence[bool],
    found: RowPoints,
) -> None:
    """Add point and cell of the rows with coordinates."""
    rows = [row for row, has in enumerate(has_point) if has]
    points = [(float(str(coordinates[row][0])), float(str(coordinates[row][1]))) for row in rows]
    cells = place_queries.find_cells(context.session, context.caller, context.subdistrict_id, points)
    for row, (x, y), cell_id in zip(rows, points, cells, strict=True):
        if cell_id is None:
            found.problems.append(RowProblem(row, Message(NOT_HERE), "longitude"))
        else:
            found.points[row], found.cell_ids[row] = _point(x, y), cell_id


def _point(x: float, y: float) -> shapely.Point:
    return shapely.set_srid(shapely.Point(x, y), SRID)
