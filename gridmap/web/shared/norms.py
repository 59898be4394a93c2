"""Pages of norms, for planners and administrators: what holds where, and the change of one place with its history."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, NotPossible
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force
from gridmap.services.norms import changes, places
from gridmap.services.norms.places import NormPage
from gridmap.services.norms.preview import preview_norm
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.labels import HOUSEHOLD_KIND_LABELS
from gridmap.web.params import MAX_ID
from gridmap.web.shared.norm_forms import EndNormForm, NormForm, new_norm_form

blueprint = Blueprint("norms", __name__, url_prefix="/norms")
editors_required = roles_required(Role.PLANNER, Role.ADMIN)
SUBDISTRICT = f"/subdistricts/<int(max={MAX_ID}):subdistrict_id>"
COMMUNITY = f"/communities/<int(max={MAX_ID}):community_id>"
PLANNED = f"/planned/<int(max={MAX_ID}):norm_id>/withdraw"
NORM_SAVED = N_("The norm is entered. Every page judges by it from its first day on.")
NORM_ENDED = N_("The norm ends. The page shows what holds afterwards.")
NORM_WITHDRAWN = N_("The planned norm is withdrawn.")


@blueprint.get("")
@editors_required
def index() -> str:
    """List the norms of the own subdistricts and communities today, and the planned ones."""
    listed = places.list_places(context.session(), context.caller())
    return render_template("norms/index.html", places=listed)


@blueprint.get(SUBDISTRICT)
@blueprint.get(COMMUNITY)
@editors_required
def place(**key: int) -> str:
    """Show the norm of a place with the form of a new one, and the history."""
    return _place_page(_get_page(key))


@blueprint.post(SUBDISTRICT + "/preview")
@blueprint.post(COMMUNITY + "/preview")
@editors_required
def preview(**key: int) -> Response | str:
    """Show which grids a norm would change, without saving it."""
    page, form = _get_page(key), NormForm()
    change = form.to_change()
    if change is None:
        return make_response(_place_page(page, form=form), 422)
    effect = preview_norm(context.session(), context.caller(), page.place, change.norm, change.first)
    return _place_page(page, form=form, preview=effect, change=change)


@blueprint.post(SUBDISTRICT)
@blueprint.post(COMMUNITY)
@editors_required
def change(**key: int) -> Response | str:
    """Enter a norm; a form that is faulty, or late, keeps what was typed."""
    page, form = _get_page(key), NormForm()
    new = form.to_change()
    if new is None:
        return make_response(_place_page(page, form=form), 422)
    session, caller = context.session(), context.caller()
    try:
        changes.change_norm(session, caller, page.place, new, form.version.data or "")
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_place_page(page, form=form), 422)
    except NotPossible as error:
        return _conflict_page(page, error, form=form)
    flash(NORM_SAVED, "good")
    return _redirect(key)


@blueprint.post(SUBDISTRICT + "/end")
@blueprint.post(COMMUNITY + "/end")
@editors_required
def end(**key: int) -> Response | str:
    """End the norm of a place."""
    page, form = _get_page(key), EndNormForm()
    if not form.validate():
        return make_response(_place_page(page, end_form=form), 422)
    session, caller = context.session(), context.caller()
    try:
        changes.end_norm(session, caller, page.place, form.first_without.data, form.version.data or "")
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_place_page(page, end_form=form), 422)
    except NotPossible as error:
        return _conflict_page(page, error, end_form=form)
    flash(NORM_ENDED, "good")
    return _redirect(key)


@blueprint.post(SUBDISTRICT + PLANNED)
@blueprint.post(COMMUNITY + PLANNED)
@editors_required
def withdraw(norm_id: int, **key: int) -> Response | str:
    """Withdraw a norm that has not begun."""
    page, form = _get_page(key), ConfirmForm()
    if not form.validate():
        abort(400)
    try:
        changes.withdraw_planned(context.session(), context.caller(), page.place, norm_id)
    except NotPossible as error:
        return _conflict_page(page, error)
    flash(NORM_WITHDRAWN, "good")
    return _redirect(key)


def _get_page(key: Mapping[str, int]) -> NormPage:
    """Return the norms of the place of the address: of a subdistrict, or of a community."""
    session, caller = context.session(), context.caller()
    return places.get_page(session, caller, places.find_place(session, caller, **key))


def _redirect(key: Mapping[str, int]) -> Response:
    values: dict[str, Any] = {**key}
    return redirect(url_for("norms.place", **values), 303)


def _conflict_page(page: NormPage, error: NotPossible, **forms: NormForm | EndNormForm) -> Response:
    """Return the page with the norms as they are now, the reason, and what was typed; the next attempt knows them."""
    for form in forms.values():
        form.version.data = page.version
    return make_response(_place_page(page, error_message=error.message, **forms), 409)


def _place_page(
    page: NormPage, *, form: NormForm | None = None, end_form: EndNormForm | None = None, **extra: object
) -> str:
    today = in_force.get_today(context.session())
    return render_template(
        "norms/place.html",
        page=page,
        place_key=page.key,
        form=form or new_norm_form(page.current.norm, page.version, today),
        end_form=end_form or EndNormForm(formdata=None, version=page.version),
        confirm_form=ConfirmForm(formdata=None),
        today=today,
        household_kind_labels=HOUSEHOLD_KIND_LABELS,
        **extra,
    )
