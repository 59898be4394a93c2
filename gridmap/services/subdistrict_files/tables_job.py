"""All tables of a subdistrict in one file, written by a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gridmap.core.errors import N_, Message
from gridmap.formats.exports.bundle import BUNDLE_FORMATS, ExportBundle
from gridmap.services.exports import tables
from gridmap.services.jobs.context import JobContext
from gridmap.services.subdistrict_files.contents import SubdistrictContents
from gridmap.services.subdistrict_files.requests import WrittenFile, get_subdistrict, store_result
from gridmap.texts import translate

__all__ = ["BUNDLE_FORMATS", "export_tables"]
TITLE = N_("All tables")
READING, WRITING = Message(N_("Reading grid by grid")), Message(N_("Writing the file"))


def export_tables(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Write the tables of a subdistrict that the account sees today, and store the file for it.

    Returns
    -------
    mapping
        ``file_id``.

    Raises
    ------
    NotFound
        If the account does not work in the subdistrict any more.
    NotPossible
        If the files of the account would need too much room.
    """
    file_format, language = BUNDLE_FORMATS[parameters["choice"]], parameters["language"]
    with context.transaction() as session:
        subdistrict = get_subdistrict(session, context.caller, parameters["code"])
        contents = SubdistrictContents(session, context.caller, subdistrict, language)
        found = contents.list_tables(lambda done, total: context.progress(READING, done, total))
        day = contents.overview.day.date
    context.progress(WRITING, 0, 1)
    rows = sum(len(each.rows) for each in found)
    notes: list[tuple[str, str | Message]] = [
        (tables.PLACE, subdistrict.name),
        (tables.DAY, day.isoformat()),
        (tables.ROWS, str(rows)),
        (tables.EXPORTED_BY, parameters["exported_by"]),
        (tables.EXPORTED_AT, f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"),
        (tables.DISCLOSURE, tables.DISCLOSURE_NOTE),
        (tables.CSV_RULE, tables.CSV_NOTE),
    ]
    content = file_format.write(ExportBundle(found, notes, language))
    details = {"page": f"subdistrict.{file_format.suffix}", "rows": rows, "tables": [each.key for each in found]}
    title = translate(TITLE, language)
    file = WrittenFile(title, file_format.suffix, file_format.media_type, content, day, details)
    return store_result(context, subdistrict, file, parameters)
