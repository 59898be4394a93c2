"""Buildings written: a new one with its links, its end, its texts, and its counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geoalchemy2.elements import WKBElement
from sqlalchemy import ARRAY, BigInteger, cast, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.store.access import row_filter
from gridmap.store.schema import Building, HouseholdCount, PopulationCount, ServiceGroupCount


@dataclass(frozen=True)
class BuildingTexts:
    """Names, use and storeys of a building; None for unknown."""

    name: str | None = None
    address: str | None = None
    use: str | None = None
    levels: float | None = None


@dataclass(frozen=True)
class NewBuilding:
    """A building to insert.

    Parameters
    ----------
    subdistrict_id, community_id : int
    code : str
    texts : BuildingTexts
    first : date
        First day on which it stands.
    shape : WKBElement
        Footprint or point, WGS 84.
    """

    subdistrict_id: int
    community_id: int
    code: str
    texts: BuildingTexts
    first: date
    shape: WKBElement


@dataclass(frozen=True)
class NewCount:
    """A count of the households of a building, of one kind, on one day."""

    kind: HouseholdKind
    households: int
    as_of: date
    source: str


@dataclass(frozen=True)
class NewPopulationCount:
    """A count of the persons of a building on one day; `residents_60` is None where nobody counted them."""

    residents: int
    residents_60: int | None
    as_of: date
    source: str

    def by_kind(self) -> Mapping[PopulationKind, int]:
        """Return the persons of each kind that was counted."""
        counts = {PopulationKind.RESIDENTS: self.residents, PopulationKind.RESIDENTS_60: self.residents_60}
        return {kind: persons for kind, persons in counts.items() if persons is not None}


@dataclass(frozen=True)
class NewGroupCount:
    """A count of the members of a service group in a building, on one day."""

    service_group_id: int
    members: int
    as_of: date
    source: str


def insert_building(session: Session, building: NewBuilding) -> int:
    """Insert a building and return its key; `link_buildings` links it, after its count of households."""
    texts = building.texts
    row = Building(
        subdistrict_id=building.subdistrict_id,
        community_id=building.community_id,
        code=building.code,
        name=texts.name,
        address=texts.address,
        use=texts.use,
        levels=texts.levels,
        geometry=building.shape,
        valid=Range(building.first, None),
    )
    session.add(row)
    session.flush()
    return row.id


def link_buildings(session: Session, building_ids: Sequence[int]) -> None:
    """Link new buildings to cells and to statistical areas, without building land; links that exist stay."""
    session.execute(select(func.link_buildings(cast(list(building_ids), ARRAY(BigInteger)))))


def save_count(session: Session, subdistrict_id: int, building_id: int, count: NewCount) -> None:
    """Add a count; one of the same kind and day is corrected."""
    values: dict[str, object] = {"households": count.households, "low": count.households, "high": count.households}
    values |= {"estimated": False, "source": count.source}
    keys: dict[str, object] = {"building_id": building_id, "kind": str(count.kind), "as_of": count.as_of}
    rows = postgresql.insert(HouseholdCount).values(subdistrict_id=subdistrict_id, **keys, **values)
    session.execute(rows.on_conflict_do_update(index_elements=list(keys), set_=values))


def save_population_count(session: Session, subdistrict_id: int, building_id: int, count: NewPopulationCount) -> None:
    """Add the counts of persons of a day; one of the same kind and day is corrected."""
    for kind, persons in count.by_kind().items():
        keys: dict[str, object] = {"building_id": building_id, "kind": str(kind), "as_of": count.as_of}
        values: dict[str, object] = {"persons": persons, "source": count.source}
        rows = postgresql.insert(PopulationCount).values(subdistrict_id=subdistrict_id, **keys, **values)
        session.execute(rows.on_conflict_do_update(index_elements=list(keys), set_=values))


def save_group_count(session: Session, subdistrict_id: int, building_id: int, count: NewGroupCount) -> None:
    """Add a count of members of a service group; one of the same group and day is corrected."""
    keys: dict[str, object] = {"building_id": building_id, "service_group_id": count.service_group_id}
    keys |= {"as_of": count.as_of}
    values: dict[str, object] = {"persons": count.members, "source": count.source}
    rows = postgresql.insert(ServiceGroupCount).values(subdistrict_id=subdistrict_id, **keys, **values)
    session.execute(rows.on_conflict_do_update(index_elements=list(keys), set_=values))


def remove_count(
    session: Session, building_id: int, kind: HouseholdKind | PopulationKind, as_of: date, reason: str
) -> bool:
    """Remove the count of a kind and a day, with a reason for the audit; return whether there was one."""
    return bool(session.scalar(select(func.remove_building_count(building_id, str(kind), as_of, reason))))


def end_building(session: Session, caller: Caller, building_id: int, end: date | None) -> None:
    """Set the first day on which a building no longer stands; None lets it stand on."""
    building = _get_building(session, caller, building_id)
    building.valid = Range(building.valid.lower, end)
    session.flush()


def update_texts(session: Session, caller: Caller, building_id: int, texts: BuildingTexts) -> None:
    """Replace the texts and the storeys of a building."""
    building = _get_building(session, caller, building_id)
    building.name, building.address, building.use, building.levels = texts.name, texts.address, texts.use, texts.levels
    session.flush()


def replace_schematic_shapes(session: Session, caller: Caller, shapes: Mapping[int, WKBElement]) -> None:
    """Give schematic buildings, by their keys, the footprints that were surveyed; links and cells stay."""
    is_schematic = Building.id.in_(shapes), Building.schematic, row_filter.visible(caller, Building)
    for building in session.scalars(select(Building).where(*is_schematic)):
        building.geometry, building.schematic = shapes[building.id], False
    session.flush()


def _get_building(session: Session, caller: Caller, building_id: int) -> Building:
    rows = select(Building).where(Building.id == building_id, row_filter.visible(caller, Building))
    return session.scalars(rows).one()
