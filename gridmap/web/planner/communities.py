"""Pages of a planner's communities: all of them with their plans, and one with its map and revisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, render_template, request, url_for
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, Message
from gridmap.core.kind_labels import GROUP_LABELS
from gridmap.core.plans.norm import Norm
from gridmap.core.vocabulary import Role
from gridmap.services.exports import plan_job
from gridmap.services.exports.tables import ExportTable
from gridmap.services.grids import in_force, norms
from gridmap.services.grids.overview import CommunityRow
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.land import history
from gridmap.services.plans import adoption, comparison, dashboard, range_check, revisions
from gridmap.services.plans.community_sizes import list_community_sizes, load_guideline
from gridmap.services.plans.explanations.cut_groups import list_shared_groups
from gridmap.services.plans.explanations.exceptions import load_exceptions
from gridmap.services.plans.partitions import repartition
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.services.tracing import drafts
from gridmap.web import context
from gridmap.web.exports import plan_tables
from gridmap.web.exports.response import Notes, account_place_names, export_response, own_places, subdistrict_places
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import latest_revision_id, plan_reader_required, planner
from gridmap.web.planner.forms import PartitionForm, RepartitionForm, range_values

MAP_SCRIPT = "js/pages/plan.js"
REVISION, COMPARED_WITH, RANGE = N_("Revision"), N_("Compared with"), N_("Range of households")


@dataclass(frozen=True)
class ShownRevisions:
    """Revisions of a community, newest first, with the one shown and the one compared with it."""

    community: CommunityRow
    revisions: Sequence[RevisionSummary]
    after: RevisionSummary | None
    before: RevisionSummary | None


@planner.get("")
@plan_reader_required
def index() -> str:
    """List all communities with the plan in force, planned revisions and drafts."""
    session, caller = context.session(), context.caller()
    subdistricts = dashboard.list_subdistrict_plans(session, caller)
    return render_template(
        "planner/index.html",
        subdistricts=subdistricts,
        guideline=load_guideline(),
        first_day_goes_on=caller.role is Role.PLANNER and _first_day_goes_on(subdistricts),
        today=in_force.get_today(session),
    )


def _first_day_goes_on(subdistricts: Sequence[dashboard.SubdistrictPlans]) -> bool:
    """Return whether land is to be built, or a community that was traced is still without an approved plan."""
    planned = {
        each.id
        for each in subdistricts
        if all(community.in_force or community.upcoming for community in each.communities)
    }
    first_days = drafts.list_subdistricts(context.session(), context.caller())
    return any(not each.has_land or (each.is_traced and each.id not in planned) for each in first_days)


@planner.get("/export/<file_format>")
@plan_reader_required
def export_plans(file_format: str) -> Response:
    """Return the communities with their plans as a file."""
    session, caller = context.session(), context.caller()
    table = plan_tables.make_plan_table(dashboard.list_subdistrict_plans(session, caller))
    return export_response(table, file_format, own_places(account_place_names()), day=in_force.get_today(session))


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>")
@plan_reader_required
def community(community_id: int) -> str:
    """Show a community."""
    return community_page(community_id, None)


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/grids/export/<file_format>")
@plan_reader_required
def export_grids(community_id: int, file_format: str) -> Response:
    """Return the grids of the revision shown, beside those of the compared one, as a file."""
    session, caller = context.session(), context.caller()
    shown = _load_revisions(community_id)
    if shown.after is None:
        abort(404)
    today = in_force.get_today(session)
    shapes = {each.code: each.shape for each in comparison.list_grids(session, caller, shown.after, today)}
    compared = comparison.compare_revisions(session, caller, shown.before, shown.after, today)
    table = plan_tables.make_comparison_table(compared, shapes, compared=shown.before is not None)
    return _export(shown, table, file_format)


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/moves/export/<file_format>")
@plan_reader_required
def export_moves(community_id: int, file_format: str) -> Response:
    """Return all buildings that change their grid as a file."""
    session, caller = context.session(), context.caller()
    shown = _load_revisions(community_id)
    if shown.after is None or shown.before is None:
        abort(404)
    today = in_force.get_today(session)
    compared = comparison.compare_revisions(session, caller, shown.before, shown.after, today)
    return _export(shown, plan_tables.make_move_table(compared), file_format)


@planner.get(f"/communities/<int(max={MAX_ID}):community_id>/revisions/export/<file_format>")
@plan_reader_required
def export_revisions(community_id: int, file_format: str) -> Response:
    """Return the revisions of a community as a file."""
    shown = _load_revisions(community_id)
    return _export(shown, plan_tables.make_revision_table(shown.revisions), file_format)


def _export(shown: ShownRevisions, table: ExportTable, file_format: str) -> Response:
    """Return a table about a community; its notes name the revisions and the range of households."""
    community, after, before = shown.community, shown.after, shown.before
    places = subdistrict_places(community.name, community.subdistrict_id, community.id)
    notes: list[tuple[str, Message]] = []
    if after:
        notes.append((REVISION, Message(N_("Revision {number}"), {"number": after.number})))
        values = {"minimum": after.row.minimum, "maximum": after.row.maximum}
        notes.append((RANGE, Message(N_("{minimum} to {maximum} households"), values)))
    if before:
        notes.append((COMPARED_WITH, Message(N_("Revision {number}"), {"number": before.number})))
    return export_response(table, file_format, places, day=in_force.get_today(context.session()), notes=notes)


def export_of_revision(revision_id: int, table: ExportTable, file_format: str, notes: Notes = ()) -> Response:
    """Return a table about a revision as a file, with further notes."""
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    row = revisions.get_community(session, caller, revision.row.community_id)
    places = subdistrict_places(row.name, row.subdistrict_id, row.id)
    all_notes: list[tuple[str, str | Message]] = [
        (REVISION, Message(N_("Revision {number}"), {"number": revision.number})),
        *notes,
    ]
    return export_response(table, file_format, places, day=in_force.get_today(session), notes=all_notes)


def _load_revisions(community_id: int) -> ShownRevisions:
    """Return the revisions of a community, with those that the parameters of the page choose."""
    session, caller = context.session(), context.caller()
    row = revisions.get_community(session, caller, community_id)
    all_revisions = revisions.list_community_revisions(session, caller, community_id)
    after = _revision_param(all_revisions, "revision") or (all_revisions[0] if all_revisions else None)
    before = _revision_param(all_revisions, "compare_to") or _parent_revision(all_revisions, after)
    return ShownRevisions(row, all_revisions, after, before)


def community_page(community_id: int, form: PartitionForm | RepartitionForm | None, **extra: object) -> str:
    """Return the page of a community, with a submitted form or new ones."""
    session, caller = context.session(), context.caller()
    today = in_force.get_today(session)
    shown = _load_revisions(community_id)
    after, before = shown.after, shown.before
    norm = norms.load_norm(session, caller, revisions.norm_place(shown.community), today)
    day = in_force.resolve_day(session, shown.community.subdistrict_id)
    return render_template(
        "planner/community.html",
        community=shown.community,
        revisions=shown.revisions,
        after=after,
        before=before,
        comparison=comparison.compare_revisions(session, caller, before, after, today) if after else None,
        found=load_exceptions(session, caller, after.id) if after else None,
        cut_groups=list_shared_groups(session, caller, after, today) if after else [],
        group_labels=GROUP_LABELS,
        norm=norm,
        size=list_community_sizes(session, caller, day, [shown.community])[community_id],
        range_check=range_check.check_range(session, caller, shown.community, norm.norm.profile, today)
        if caller.role is Role.PLANNER
        else None,
        form=form
        if isinstance(form, PartitionForm)
        else _partition_form(norm.norm, latest_revision_id(shown.revisions)),
        repartition_form=_repartition_form(
            form if isinstance(form, RepartitionForm) else None, shown.revisions, norm.norm
        ),
        start=repartition.find_start(shown.revisions),
        is_large=after is not None and plan_job.is_large_plan(session, caller, after),
        newest_land_id=history.find_newest_land_id(session, caller, community_id),
        map_shell=build_page_map(shown.community, url_for("static", filename=MAP_SCRIPT)),
        today=today,
        can_edit=caller.role is Role.PLANNER,
        can_approve=adoption.can_approve(session, caller, community_id),
        **extra,
    )


def _revision_param(revisions: Sequence[RevisionSummary], name: str) -> RevisionSummary | None:
    """Return the revision that a parameter names; abort with 404 if it is not one of the community."""
    if name not in request.args:
        return None
    return next((each for each in revisions if str(each.id) == request.args[name]), None) or abort(404)


def _parent_revision(revisions: Sequence[RevisionSummary], after: RevisionSummary | None) -> RevisionSummary | None:
    return next((each for each in revisions if after and each.id == after.row.parent_id), None)


def _partition_form(norm: Norm, base_revision_id: int | None) -> PartitionForm:
    """Return a new form with range and radius of the norm of today."""
    values = {**range_values(norm), "seed": 0, "base_revision_id": base_revision_id}
    return PartitionForm(formdata=None, data=values)


def _repartition_form(
    submitted: RepartitionForm | None, summaries: Sequence[RevisionSummary], norm: Norm
) -> RepartitionForm | None:
    """Return the submitted form, or a new one, with the grids that may be locked; None where there are no grids.

    Parameters
    ----------
    submitted : RepartitionForm or None
    summaries : sequence of RevisionSummary
        Revisions of the community, the newest first.
    norm : Norm
        Norm of the day.
    """
    start = repartition.find_start(summaries)
    if start is None:
        return None
    values = {**range_values(norm), "base_revision_id": latest_revision_id(summaries)}
    form = submitted or RepartitionForm(formdata=None, data=values)
    grids = repartition.list_start_grids(context.session(), context.caller(), start)
    form.locked.choices = [SelectChoice(grid.code, f"{grid.code} {grid.name or ''}".strip()) for grid in grids]
    return form
