"""The first day of a planner: its steps, and the land that is built at the end."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, Message, NotPossible
from gridmap.core.tracing.shapes import ShapeKind
from gridmap.services.grids import in_force
from gridmap.services.norms import changes, places
from gridmap.services.plans import revisions
from gridmap.services.tracing import drafts, pictures
from gridmap.services.tracing.drafts import Draft
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID, parse_id
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.first_day_forms import BuildLandForm
from gridmap.web.shared.norm_forms import norm_values

BUILT = N_(
    "The land is built: {buildings} buildings in {communities} communities. Review the grids of each community, and "
    "have them approved."
)
SUBDISTRICT_RULE = f"/first-day/<int(max={MAX_ID}):subdistrict_id>"


@planner.get("/first-day")
@planner_required
def list_first_days() -> Response | str:
    """List the subdistricts that the planner works in as a whole; go on to a single one."""
    subdistricts = drafts.list_subdistricts(context.session(), context.caller())
    if len(subdistricts) == 1:
        return redirect(url_for("planner.first_day", subdistrict_id=subdistricts[0].id))
    return render_template("planner/first_day/index.html", subdistricts=subdistricts)


@planner.get(SUBDISTRICT_RULE)
@planner_required
def first_day(subdistrict_id: int) -> str:
    """Show the steps of the first day of a subdistrict, and how far they are."""
    return first_day_page(subdistrict_id, None)


@planner.post(f"{SUBDISTRICT_RULE}/land")
@planner_required
def build_land(subdistrict_id: int) -> Response | str:
    """Build the land from the draft, with the traced grids as first revisions."""
    from gridmap.services.tracing import land

    form, session, caller = BuildLandForm(), context.session(), context.caller()
    norm = form.to_norm()
    if norm is None:
        return make_response(first_day_page(subdistrict_id, form), 422)
    version, change = parse_id(form.version.data) or 0, form.to_change(norm, in_force.get_today(session))
    try:
        if change:
            changes.change_norm(
                session, caller, places.find_place(session, caller, subdistrict_id=subdistrict_id), change
            )
        built = land.build_subdistrict(session, caller, subdistrict_id, version, norm.profile, request.remote_addr)
    except NotPossible as error:
        return _refused_page(subdistrict_id, form, [error.message], 409)
    except InvalidInput as error:
        return _refused_page(subdistrict_id, form, land.fault_messages(error), 422)
    message = Message(BUILT, {"buildings": built.buildings, "communities": built.communities})
    flash(translate(message, current_language()))
    return redirect(url_for("planner.first_day", subdistrict_id=subdistrict_id), code=303)


def _refused_page(subdistrict_id: int, form: BuildLandForm, problems: list[Message], status: int) -> Response:
    context.discard_session()
    return make_response(first_day_page(subdistrict_id, form, problems=problems), status)


def first_day_page(subdistrict_id: int, form: BuildLandForm | None, **extra: object) -> str:
    """Return the page of the steps, with a submitted form or a new one."""
    session, caller = context.session(), context.caller()
    draft = drafts.load_draft(session, caller, subdistrict_id)
    if drafts.has_land(session, caller, subdistrict_id):
        return _built_page(draft)
    if form is None:
        norm = drafts.get_norm(session, caller, subdistrict_id)
        form = BuildLandForm(formdata=None, **norm_values(norm))
    form.version.data = str(draft.version)
    return render_template(
        "planner/first_day/steps.html",
        draft=draft,
        check=drafts.check_draft(draft),
        pictures=pictures.list_pictures(session, caller, subdistrict_id),
        counts={kind.value: len(draft.town.of_kind(kind)) for kind in ShapeKind},
        households=sum(building.households for building in draft.town.buildings),
        form=form,
        **extra,
    )


def _built_page(draft: Draft) -> str:
    """Return the page of a subdistrict whose land is built: what to do with each community."""
    from gridmap.services.tracing import land

    session, caller = context.session(), context.caller()
    by_community = revisions.list_subdistrict_revisions(session, caller, draft.subdistrict.id)
    return render_template(
        "planner/first_day/built.html",
        draft=draft,
        revisions={community_id: found[0] for community_id, found in by_community.items() if found},
        report=land.load_report(session, caller, draft.subdistrict.id),
    )
