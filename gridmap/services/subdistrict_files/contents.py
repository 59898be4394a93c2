"""Contents of the file of a whole subdistrict: the tables that the pages show to the role of the account."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.services.exports.tables import ExportTable
from gridmap.services.grids import code_tables, details, in_force, issues, overview, unlinked_items
from gridmap.services.grids.overview import Overview, SubdistrictRow
from gridmap.services.homes import doors, links
from gridmap.services.incidents import categories
from gridmap.services.places import places
from gridmap.services.subdistrict_files import grid_tables, home_tables, roster_tables
from gridmap.services.workers import roster

LINK_ROLES = (Role.PLANNER, Role.STATION, Role.ADMIN)
BUILDING_ROLES = (Role.PLANNER, Role.LEADER, Role.STATION)
"""Roles that open the page of links, and those that open the pages of single grids."""
Progress = Callable[[int, int], None]
"""Called with the grids that are read and the number of all."""


@dataclass(frozen=True)
class SubdistrictContents:
    """Tables of a subdistrict today, as an account sees them.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict : SubdistrictRow
    language : str
        Language of what is a sentence within a table.
    """

    session: Session
    caller: Caller
    subdistrict: SubdistrictRow
    language: str

    @cached_property
    def overview(self) -> Overview:
        """Grids in force, communities and counts of links today."""
        day = in_force.resolve_day(self.session, self.subdistrict.id)
        return overview.load_overview(self.session, self.caller, day)

    def list_tables(self, progress: Progress) -> list[ExportTable]:
        """Return the tables that the pages show to the role; those without a row are left out."""
        tables = [*self._grid_tables(progress), *self._roster_tables()]
        if self.caller.role in LINK_ROLES:
            tables.append(self._unlinked_table())
        if self.caller.role is Role.STATION:
            tables += self._station_tables()
        return [each for each in tables if each.rows]

    def _grid_tables(self, progress: Progress) -> Iterator[ExportTable]:
        shown, language = self.overview, self.language
        names = {each.id: each.name for each in shown.communities}
        grids = in_force.sort_grids(shown.grids, names, "code", descending=False)
        yield grid_tables.make_grid_table(grids, names, language)
        if self.caller.role in BUILDING_ROLES:
            yield self._building_table(progress)
        found = issues.find_issues(self.session, self.caller, shown)
        yield grid_tables.make_issue_table(found, names, language)
        yield grid_tables.make_link_table(shown.link_counts)

    def _building_table(self, progress: Progress) -> ExportTable:
        """Return the buildings of all grids that the account opens, grid by grid."""
        grids = sorted(self.overview.grids, key=lambda each: each.code)
        buildings = []
        for number, grid in enumerate(grids):
            progress(number, len(grids))
            opened = details.load_grid_details(self.session, self.caller, grid.id, self.overview.day.date)
            buildings += [(grid.code, each) for each in grid_tables.list_buildings(opened)] if opened else []
        uses = code_tables.list_names("uses", self.language)
        return grid_tables.make_all_buildings_table(buildings, uses, self.language)

    def _roster_tables(self) -> Iterator[ExportTable]:
        listed = roster.list_communities(self.session, self.caller)
        own = {each: rows for each, rows in listed.items() if each.id == self.subdistrict.id}
        communities = [community for rows in own.values() for community, _ in rows]
        loaded = [roster.load_roster(self.session, self.caller, each.id) for each in communities]
        yield roster_tables.make_index_table(own)
        yield roster_tables.make_grid_table(loaded, self.language)
        lines = roster.list_lines(self.session, self.caller, self.subdistrict.id, self.language)
        yield roster_tables.make_people_table(loaded, lines)

    def _unlinked_table(self) -> ExportTable:
        lists = unlinked_items.list_unlinked(self.session, self.caller, [self.overview], links.MAX_EXPORTED)
        names = categories.list_names(self.session, self.caller, [self.subdistrict.id], self.language)
        return home_tables.make_unlinked_table(lists, names, self.language)

    def _station_tables(self) -> Iterator[ExportTable]:
        """Yield places and numbers of homes of a station's communities, without persons."""
        kept = places.list_all_places(self.session, self.caller, "", None)
        own = [each for each in kept if each.subdistrict_id == self.subdistrict.id]
        yield home_tables.make_place_table(own, self.language)
        if self.caller.subdistrict_ids == (self.subdistrict.id,):  # the list of homes is of all subdistricts
            yield home_tables.make_home_table(doors.list_all_buildings(self.session, self.caller, ""))
