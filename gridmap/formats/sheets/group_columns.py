"""Columns of a sheet of counts: one for each service group of the subdistrict."""

from collections.abc import Iterable
from dataclasses import replace

from gridmap.core.errors import N_
from gridmap.core.privacy.service_groups import ServiceGroup
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind
from gridmap.formats.sheets.territory_kinds import GROUP_COUNTS

COLUMN_PREFIX = "group_"
MAX_MEMBERS = 100_000
COLUMN_NOTE = N_("Members of this service group who live in the building; 0 if there are none, empty if not counted.")


def name_column(group: ServiceGroup) -> str:
    """Return the name of the field with the members of a group."""
    return f"{COLUMN_PREFIX}{group.key}"


def make_count_kind(groups: Iterable[ServiceGroup]) -> SheetKind:
    """Return the kind of counts with a column for each of some service groups, in their order."""
    columns = {name_column(each): _make_column(each) for each in groups}
    return replace(GROUP_COUNTS, fields=(*GROUP_COUNTS.fields, *columns.values()))


def _make_column(group: ServiceGroup) -> SheetField:
    spellings = (f"{group.name_zh}人数", f"{group.name_zh}数", group.name_en, group.key)
    return SheetField(
        name_column(group),
        group.name_zh,
        COLUMN_NOTE,
        FieldType.COUNT,
        spellings,
        maximum=MAX_MEMBERS,
        example="2",
    )
