"""Table of service groups: names, class, use and grounds."""

from collections.abc import Sequence

from gridmap.core.errors import N_
from gridmap.services.exports.tables import Column, ExportTable
from gridmap.services.people.service_groups import SubdistrictGroups
from gridmap.web.exports.account_tables import CLASS_TEXTS

GROUP_COLUMNS = (
    Column("subdistrict", N_("Subdistrict")),
    Column("key", N_("Key")),
    Column("name_zh", N_("Name in Chinese")),
    Column("name_en", N_("Name in English")),
    Column("class", N_("Access class"), CLASS_TEXTS),
    Column("use", N_("In use or off"), {"in_use": N_("in use"), "off": N_("off")}),
    Column("purpose", N_("Purpose")),
    Column("basis", N_("Legal basis")),
)


def make_group_table(administered: Sequence[SubdistrictGroups]) -> ExportTable:
    """Return the service groups with class, use, purpose and legal basis."""
    rows = [
        (
            each.subdistrict.name,
            stored.group.key,
            *stored.group.names,
            stored.group.access_class.value,
            "in_use" if stored.group.in_use else "off",
            stored.group.purpose,
            stored.group.legal_basis,
        )
        for each in administered
        for stored in each.groups
    ]
    return ExportTable("service_groups", N_("Service groups"), GROUP_COLUMNS, rows)
