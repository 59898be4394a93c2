"""Answer to requests for persons whom the account may not see: not found, and recorded in the audit."""

from flask import Response, request

from gridmap.core.errors import NotFound
from gridmap.web.access import record_denial
from gridmap.web.errors import handle_error
from gridmap.web.params import MAX_ID

SUBJECT_BY_PARAMETER = {"resident_id": "resident", "household_id": "household", "building_id": "building"}


def answer_not_found(error: NotFound) -> Response:
    """Record the requested row, existing or not, and return the page of status 404."""
    record_denial(_requested_row())
    return handle_error(error)


def _requested_row() -> tuple[str, int] | None:
    for parameter, table in SUBJECT_BY_PARAMETER.items():
        key = (request.view_args or {}).get(parameter)
        if isinstance(key, int) and key <= MAX_ID:
            return table, key
    return None
