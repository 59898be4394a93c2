"""Columns of the database with free text, which the access sweep marks."""

from sqlalchemy import String

from gridmap.store.schema import Base

VOCABULARY_COLUMNS = {
    "kind",
    "household_kind",
    "status",
    "line_of_work",
    "tenure",
    "time_zone",
    "channel",
    "crs",
    "role",
    "language",
    "category",
    "key",
    "main_category",
    "access_class",
    "action",
    "subject",
    "state",
    "failure",
    "source_state",
    "target_state",
    "case_query_code.code",
    "stored_file.purpose",
    "incident_case.basis",
    "coordinates",
    "revision_grid.outline",
}
"""Columns with words of a vocabulary, digits or shapes; with their table where others have texts."""


def free_text_columns() -> dict[str, list[tuple[str, int]]]:
    """Return the columns of free text by table, with the number of letters that leaves room for a tag."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, table in Base.metadata.tables.items():
        if "subdistrict_id" not in table.c and name != "subdistrict":
            continue
        texts = [
            column
            for column in table.c
            if isinstance(column.type, String)
            and VOCABULARY_COLUMNS.isdisjoint({column.name, f"{name}.{column.name}"})
            and column.computed is None
        ]
        if texts:
            found[name] = [(column.name, (getattr(column.type, "length", None) or 400) - 12) for column in texts]
    return found
