"""Resident groups 居民小组: found by community and name; their extents come with the land, not with a sheet."""

from gridmap.core.errors import Message
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import CommunityIndex
from gridmap.services.imports.sheets.kinds.flat import FlatRows, FlatTable, plan_flat
from gridmap.services.imports.sheets.plan import ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_sound_rows
from gridmap.store.schema import ResidentGroup

RESIDENT_GROUP = FlatTable(ResidentGroup, ("community_id", "name"), (), ends=False)


def plan_resident_groups(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of resident groups; those that it does not name stay."""
    index = CommunityIndex(context)
    given = FlatRows([], {"community_id": [], "name": []}, [])
    for row in list_sound_rows(sheet, ()):
        found = index.find(str(sheet.values["community"][row]))
        if isinstance(found, Message):
            given.problems.append(RowProblem(row, found, "community"))
            continue
        given.rows.append(row)
        given.columns["community_id"].append(found.id)
        given.columns["name"].append(sheet.values["name"][row])
    return plan_flat(context, sheet, RESIDENT_GROUP, given)
