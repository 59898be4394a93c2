"""The whole plan of a community as a file."""

import tempfile
from pathlib import Path

from flask import Response, request

from gridmap.services.exports.plan_file import write_plan_file
from gridmap.services.exports.tables import ExportedFile
from gridmap.services.plans import revisions
from gridmap.web import context
from gridmap.web.exports.response import file_response
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required

GEOPACKAGE_TYPE = "application/geopackage+sqlite3"


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/plan.gpkg")
@planner_required
def download_plan(revision_id: int) -> Response:
    """Return a revision with its community, land and buildings as a GeoPackage; the download is recorded."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    community = revisions.get_community(session, caller, revision.row.community_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        write_plan_file(session, caller, revision, path, current_language(), request.remote_addr)
        content = path.read_bytes()
    name = f"{community.name}-{revision.plan_name}-{revision.number}.gpkg".replace("/", "_")
    return file_response(ExportedFile(name, f"plan-{revision_id}.gpkg", GEOPACKAGE_TYPE, content))
