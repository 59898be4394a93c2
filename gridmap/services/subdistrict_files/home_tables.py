"""Tables of homes and links: buildings with the numbers of their homes, link rates, things in no grid."""

from collections.abc import Mapping, Sequence

import shapely

from gridmap.core.errors import N_
from gridmap.core.facilities.place_kinds import PlaceKind
from gridmap.services.exports.tables import Column, ExportTable, LayerStyle, Value
from gridmap.services.grids.unlinked_items import UnlinkedIncidentRow, UnlinkedLists, UnlinkedRow, find_kind
from gridmap.services.homes.doors import BuildingHomes
from gridmap.services.homes.links import LinkRate
from gridmap.services.places.places import PlaceRow
from gridmap.services.places.places import find_kind as find_place_kind
from gridmap.services.subdistrict_files.labels import ITEM_LABELS
from gridmap.texts import LANGUAGES

HOME_COLUMNS = (
    Column("code", N_("Code")),
    Column("building", N_("Building")),
    Column("dwellings", N_("Dwellings")),
    Column("recorded", N_("With a household")),
    Column("vacant", N_("Vacant")),
    Column("doorless", N_("Households without a door")),
)
UNLINKED_COLUMNS = (
    Column("item", N_("Kind")),
    Column("name", N_("Name or number")),
    Column("detail", N_("Kind of place or category")),
    Column("day", N_("Day")),
    Column("community", N_("Community")),
)
PLACE_COLUMNS = (
    Column("kind", N_("Kind")),
    Column("name", N_("Name of the place")),
    Column("address", N_("Address")),
    Column("building", N_("Building")),
    Column("since", N_("Since")),
)
PLACE_STYLE = LayerStyle(label_field="name")


def make_home_table(buildings: Sequence[BuildingHomes]) -> ExportTable:
    """Return the buildings with the numbers of their homes, without anything personal."""
    rows = [
        (each.code, each.display_name, each.dwellings, each.recorded, each.vacant, each.doorless) for each in buildings
    ]
    return ExportTable("homes", N_("Homes"), HOME_COLUMNS, rows)


def make_rate_table(rates: Sequence[LinkRate], labels: Mapping[str, str]) -> ExportTable:
    """Return the numbers of things with their link and without it, by kind."""
    columns = (
        Column("link", N_("Link"), labels),
        Column("total", N_("All")),
        Column("missing", N_("Missing")),
        Column("percent", N_("Percent")),
    )
    rows = [(each.kind, each.total, each.missing, _round(each.percent)) for each in rates]
    return ExportTable("link_rates", N_("Links"), columns, rows)


def make_unlinked_table(lists: UnlinkedLists, category_names: Mapping[str, str], language: str) -> ExportTable:
    """Return buildings, places and ordinary incidents in no grid.

    Parameters
    ----------
    lists : UnlinkedLists
    category_names : mapping of str to str
        Names of categories of incidents by key, in the language.
    language : str
    """
    rows = [
        *(_unlinked_row(each, language) for each in (*lists.buildings, *lists.places)),
        *(_incident_row(each, category_names) for each in lists.incidents),
    ]
    columns = [Column(each.key, each.title, ITEM_LABELS if each.key == "item" else {}) for each in UNLINKED_COLUMNS]
    return ExportTable("unlinked", N_("Things in no grid"), columns, rows)


def make_place_table(places: Sequence[PlaceRow], language: str) -> ExportTable:
    """Return places with their points."""
    return _place_table("places", N_("Places"), places, language)


def make_orphan_table(places: Sequence[PlaceRow], language: str) -> ExportTable:
    """Return places on no land with their points."""
    return _place_table("orphans", N_("Places on no land"), places, language)


def _place_table(key: str, title: str, places: Sequence[PlaceRow], language: str) -> ExportTable:
    rows = [
        (_kind_name(find_place_kind(each), language), each.name, each.address, each.building, each.first)
        for each in places
    ]
    points = [shapely.Point(each.longitude, each.latitude) for each in places]
    return ExportTable(key, title, PLACE_COLUMNS, rows, points, PLACE_STYLE)


def _unlinked_row(item: UnlinkedRow, language: str) -> Sequence[Value]:
    kind = _kind_name(find_kind(item), language) if item.kind else None
    return item.layer, item.name, kind, None, item.community


def _incident_row(incident: UnlinkedIncidentRow, category_names: Mapping[str, str]) -> Sequence[Value]:
    category = category_names.get(incident.category, incident.category)
    return "incidents", incident.number, category, incident.occurred_at.date(), incident.community


def _kind_name(kind: PlaceKind, language: str) -> str:
    return kind.names[LANGUAGES.index(language)]


def _round(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
