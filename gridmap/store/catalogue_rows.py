"""Rows of the catalogues for subdistricts that have none: incident categories, service lines and service groups."""

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from gridmap.catalogues import load_code_tables, load_incident_categories, load_service_groups
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.core.privacy.service_groups import ServiceGroup
from gridmap.store.schema import CategoryOfSubdistrict, GroupOfSubdistrict, ServiceLine

CATALOGUE_SOURCE = "data/incident_categories.toml"
COLUMNS = (
    *("key", "main_category", "name_zh", "name_en", "access_class", "purpose", "legal_basis", "line_of_work"),
    "standard_code",
)
"""Columns of a category that the catalogue fills."""
GROUP_SOURCE = "data/service_groups.toml"
WITHOUT_GROUPS = text("""
    SELECT id FROM subdistrict s WHERE NOT EXISTS (SELECT FROM service_group g WHERE g.subdistrict_id = s.id)
    ORDER BY id
""")
WITHOUT_CATALOGUE = text("""
    SELECT id FROM subdistrict s WHERE NOT EXISTS (
        SELECT FROM incident_category c WHERE c.subdistrict_id = s.id AND c.source = :source) ORDER BY id
""")


def add_missing_categories(connection: Connection) -> None:
    """Add the categories of the catalogue, and the service lines, to subdistricts that have none of it.

    Parameters
    ----------
    connection : Connection
        Of the owner; the calling function commits. Categories that a subdistrict has are kept.
    """
    categories = load_incident_categories().categories.values()
    for subdistrict_id in connection.scalars(WITHOUT_CATALOGUE, {"source": CATALOGUE_SOURCE}).all():
        connection.execute(insert(ServiceLine).on_conflict_do_nothing(), _line_rows(subdistrict_id))
        rows = [_row(subdistrict_id, category) for category in categories]
        connection.execute(insert(CategoryOfSubdistrict).on_conflict_do_nothing(), rows)


def add_missing_groups(connection: Connection) -> None:
    """Add the service groups of the catalogue to subdistricts that have none.

    Parameters
    ----------
    connection : Connection
        Of the owner; the calling function commits.
    """
    groups = load_service_groups().values()
    for subdistrict_id in connection.scalars(WITHOUT_GROUPS).all():
        connection.execute(insert(GroupOfSubdistrict), [_group_row(subdistrict_id, group) for group in groups])


def _group_row(subdistrict_id: int, group: ServiceGroup) -> dict[str, object]:
    names = ("key", "name_zh", "name_en", "access_class", "purpose", "legal_basis", "in_use")
    columns = {name: getattr(group, name) for name in names}
    return {**columns, "subdistrict_id": subdistrict_id, "source": GROUP_SOURCE}


def _line_rows(subdistrict_id: int) -> list[dict[str, object]]:
    lines = load_code_tables()["lines"]
    return [
        {"subdistrict_id": subdistrict_id, "key": key, "name_zh": zh, "name_en": en} for key, (zh, en) in lines.items()
    ]


def _row(subdistrict_id: int, category: IncidentCategory) -> dict[str, object]:
    columns = {name: getattr(category, name) for name in COLUMNS}
    return {**columns, "subdistrict_id": subdistrict_id, "source": CATALOGUE_SOURCE}
