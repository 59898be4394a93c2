"""Partition of a community from today's grids: asked for as a job, its plans shown, and one of them saved."""

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput, Message, NotPossible
from gridmap.core.kind_labels import GROUP_LABELS
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.plans.partitions import repartition, repartition_plans
from gridmap.services.plans.partitions.repartition import RepartitionRequest
from gridmap.services.plans.partitions.repartition_plans import FoundPlans
from gridmap.services.plans.revisions import EditConflict
from gridmap.web import context
from gridmap.web.forms import add_form_errors
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.params import MAX_ID, parse_id
from gridmap.web.planner.blueprint import planner, planner_required, redirect_to_job
from gridmap.web.planner.communities import MAP_SCRIPT, community_page
from gridmap.web.planner.forms import BaseRevisionForm, RepartitionForm

JOB_RULE = f"/repartitions/<int(max={MAX_ID}):job_id>"
PLAN_RULE = f"{JOB_RULE}/plans/<int(max={MAX_ID}):plan_number>"


@planner.post(f"/communities/<int(max={MAX_ID}):community_id>/repartition")
@planner_required
def create_repartition(community_id: int) -> Response | str:
    """Ask for plans from today's grids and go to the progress; that page goes on to the plans."""
    form = RepartitionForm()
    base_revision_id = form.base_revision()
    if not form.validate() or base_revision_id is None:
        return make_response(community_page(community_id, form), 422)
    wanted = RepartitionRequest(
        community_id,
        form.minimum.data,
        form.maximum.data,
        base_revision_id,
        form.max_moved.data,
        sorted(form.locked.data or []),
        form.alternatives.data,
        form.weights(),
        form.note_text(),
        form.radius_m(),
    )
    try:
        key = form.request_key.data or None
        return redirect_to_job(repartition.submit_repartition(context.session(), context.caller(), wanted, key))
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(community_page(community_id, form), 422)
    except NotPossible as error:
        newer = error.newer_revisions if isinstance(error, EditConflict) else None
        page = community_page(community_id, form, error_message=error.message, newer_revisions=newer)
        return make_response(page, 409)


@planner.get(JOB_RULE)
@planner_required
def show_repartition(job_id: int) -> str:
    """Show the plans that a job has found, one of them on the map."""
    found = repartition_plans.load_plans(context.session(), context.caller(), job_id)
    chosen = parse_id(request.args.get("plan")) or next((each.number for each in found.plans if each.file_id), 1)
    return _repartition_page(found, chosen)


@planner.get(f"{PLAN_RULE}/grids")
@planner_required
def list_found_grids(job_id: int, plan_number: int) -> Response:
    """Return the grids of a plan that was found, as GeoJSON."""
    session, caller = context.session(), context.caller()
    plan = repartition_plans.load_plans(session, caller, job_id).get_plan(plan_number)
    view = repartition_plans.load_view(session, caller, plan)
    if view is None:
        return features_response([])
    totals = [(code, after) for code, (_, after) in view.totals_by_code.items() if after]
    return features_response(
        encode_feature(
            number,
            view.shapes[code],
            encode_properties(code=code, name=None, status=grid.status, households=grid.households),
        )
        for number, (code, grid) in enumerate(totals, 1)
    )


@planner.post(f"{PLAN_RULE}/save")
@planner_required
def save_found_plan(job_id: int, plan_number: int) -> Response | str:
    """Save a plan that was found as the next revision, as a job."""
    session, caller = context.session(), context.caller()
    form = BaseRevisionForm()
    if not form.validate():
        return make_response(_repartition_page(_load(job_id), plan_number), 422)
    try:
        return redirect_to_job(repartition_plans.save_plan(session, caller, job_id, plan_number, form.base_revision()))
    except InvalidInput as error:
        return _refuse(job_id, plan_number, error.faults[0].problem)
    except NotPossible as error:
        return _refuse(job_id, plan_number, error.message)


def _refuse(job_id: int, plan_number: int, message: str | Message) -> Response:
    return make_response(_repartition_page(_load(job_id), plan_number, error_message=message), 409)


def _load(job_id: int) -> FoundPlans:
    return repartition_plans.load_plans(context.session(), context.caller(), job_id)


def _repartition_page(found: FoundPlans, number: int, error_message: str | Message | None = None) -> str:
    """Return the page of the plans of a job, with one of them in detail."""
    plan = found.get_plan(number)
    return render_template(
        "planner/repartition.html",
        found=found,
        community=found.community,
        plan=plan,
        group_labels=GROUP_LABELS,
        view=repartition_plans.load_view(context.session(), context.caller(), plan),
        form=BaseRevisionForm(formdata=None, data={"base_revision_id": found.latest_id}),
        error_message=error_message,
        map_shell=build_page_map(found.community, url_for("static", filename=MAP_SCRIPT)),
    )
