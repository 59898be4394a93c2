"""Pictures of the first day: upload, placement by control points or by scale, image, removal."""

from dataclasses import asdict, astuple
from typing import Any

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.geodesy.datums import Datum
from gridmap.core.tracing.placement import Placement, PlacementMethod
from gridmap.services.tracing import drafts, pictures, tianditu
from gridmap.services.tracing.document import write_shapes
from gridmap.services.tracing.pictures import PictureRow, PlacementRequest
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.first_day import SUBDISTRICT_RULE
from gridmap.web.planner.first_day_forms import (
    PictureForm,
    PlacementForm,
    ScaleForm,
    TiandituForm,
    parse_points,
)

PICTURE_RULE = f"/pictures/<int(max={MAX_ID}):picture_id>"
IMAGE_CACHE = "private, max-age=86400, immutable"
ADDED, ADDED_PLACED = N_("The picture is stored. Place it now."), N_("The picture is stored, and has placed itself.")
PLACED, REMOVED = N_("The picture is placed."), N_("The picture is removed. What was traced on it stays.")
NO_POINTS = N_("Control points are four numbers each.")


@planner.get(f"{SUBDISTRICT_RULE}/pictures")
@planner_required
def list_pictures(subdistrict_id: int) -> str:
    """List the pictures of a subdistrict, with the form to upload one."""
    return _list_page(subdistrict_id, PictureForm(formdata=None))


@planner.post(f"{SUBDISTRICT_RULE}/pictures")
@planner_required
def add_picture(subdistrict_id: int) -> Response | str:
    """Store an uploaded picture."""
    form, session, caller = PictureForm(), context.session(), context.caller()
    if not form.validate():
        return make_response(_list_page(subdistrict_id, form), 422)
    upload = form.picture.data
    try:
        picture_id = pictures.add_picture(session, caller, subdistrict_id, upload.filename, upload.read())
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_list_page(subdistrict_id, form), 422)
    placed = pictures.get_picture(session, caller, picture_id).affine
    flash(ADDED_PLACED if placed else ADDED)
    return redirect(url_for("planner.edit_picture", picture_id=picture_id), code=303)


@planner.get(f"{SUBDISTRICT_RULE}/pictures/tianditu")
@planner_required
def new_tianditu_picture(subdistrict_id: int) -> str:
    """Show the form for a picture of Tianditu, with the square of the subdistrict or of a job that failed."""
    square = tianditu.find_square(context.session(), context.caller(), subdistrict_id)
    known = request.args if "side_km" in request.args else None
    return _tianditu_page(subdistrict_id, TiandituForm(formdata=known, **(asdict(square) if square else {})))


@planner.post(f"{SUBDISTRICT_RULE}/pictures/tianditu")
@planner_required
def fetch_tianditu_picture(subdistrict_id: int) -> Response | str:
    """Ask for a picture of Tianditu and go to the progress of its job."""
    form, session, caller = TiandituForm(), context.session(), context.caller()
    if not form.validate():
        return make_response(_tianditu_page(subdistrict_id, form), 422)
    try:
        wanted = form.tianditu_request(subdistrict_id)
        job_id = tianditu.submit_picture(session, caller, wanted, form.request_key.data or None)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_tianditu_page(subdistrict_id, form), 422)
    except NotPossible as error:
        form.form_errors.append(error.message)
        return make_response(_tianditu_page(subdistrict_id, form), 409)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


@planner.get(PICTURE_RULE)
@planner_required
def edit_picture(picture_id: int) -> str:
    """Show a picture with its control points."""
    return _picture_page(picture_id, None, None)


@planner.post(PICTURE_RULE)
@planner_required
def place_picture(picture_id: int) -> Response | str:
    """Place a picture by its control points."""
    form, session, caller = PlacementForm(), context.session(), context.caller()
    if not form.validate():
        return make_response(_picture_page(picture_id, form, None), 422)
    try:
        pictures.place_picture(session, caller, picture_id, form.placement_request())
    except InvalidInput as error:
        return _refused_page(picture_id, form, error)
    except NotPossible as error:
        form.form_errors.append(error.message)
        return make_response(_picture_page(picture_id, form, None), 409)
    return _redirect_placed(picture_id)


@planner.post(f"{PICTURE_RULE}/scale")
@planner_required
def scale_picture(picture_id: int) -> Response | str:
    """Place a picture by its scale and north, in a local frame."""
    form, session, caller = ScaleForm(), context.session(), context.caller()
    if not form.validate():
        return make_response(_picture_page(picture_id, None, form), 422)
    pictures.place_without_map(session, caller, picture_id, form.scale_request())
    return _redirect_placed(picture_id)


@planner.post(f"{PICTURE_RULE}/preview")
@planner_required
def preview_placement(picture_id: int) -> Response:
    """Return the placement that control points give, with residuals, as JSON; nothing is stored."""
    pictures.get_picture(context.session(), context.caller(), picture_id)
    try:
        requested = _preview_request(request.get_json(silent=True))
        points, placement = pictures.preview_placement(requested)
    except InvalidInput as error:
        problems = [translate(fault.problem, current_language()) for fault in error.faults]
        return make_response(jsonify(problems=problems), 422)
    places = [[point.longitude, point.latitude] for point in points]
    return jsonify(places=places, **_placement_values(placement))


@planner.get(f"{PICTURE_RULE}/image")
@planner_required
def picture_image(picture_id: int) -> Response:
    """Return the image of a picture."""
    response = make_response(pictures.get_content(context.session(), context.caller(), picture_id))
    response.mimetype = "image/webp"
    response.headers["Cache-Control"] = IMAGE_CACHE
    return response


@planner.post(f"{PICTURE_RULE}/remove")
@planner_required
def remove_picture(picture_id: int) -> Response:
    """Remove a picture."""
    form, session, caller = ConfirmForm(), context.session(), context.caller()
    picture = pictures.get_picture(session, caller, picture_id)
    if form.validate():
        pictures.remove_picture(session, caller, picture_id)
        flash(REMOVED)
    return redirect(url_for("planner.list_pictures", subdistrict_id=picture.subdistrict_id), code=303)


def _list_page(subdistrict_id: int, form: PictureForm) -> str:
    session, caller = context.session(), context.caller()
    return render_template(
        "planner/first_day/pictures.html",
        subdistrict=drafts.require_subdistrict(session, caller, subdistrict_id),
        pictures=pictures.list_pictures(session, caller, subdistrict_id),
        form=form,
        has_tianditu=tianditu.has_key(),
    )


def _tianditu_page(subdistrict_id: int, form: TiandituForm) -> str:
    return render_template(
        "planner/first_day/tianditu.html",
        subdistrict=drafts.require_subdistrict(context.session(), context.caller(), subdistrict_id),
        form=form,
        has_key=tianditu.has_key(),
    )


def _picture_page(picture_id: int, form: PlacementForm | None, scale_form: ScaleForm | None) -> str:
    session, caller = context.session(), context.caller()
    picture = pictures.get_picture(session, caller, picture_id)
    draft = drafts.load_draft(session, caller, picture.subdistrict_id)
    others = [each for each in pictures.list_pictures(session, caller, draft.subdistrict.id) if each.id != picture.id]
    known = [astuple(point) for point in picture.points]
    data = {
        "picture": picture_values(picture),
        "others": [picture_values(each) for each in others if each.affine],
        "shapes": write_shapes(draft.town.shapes),
        "points": known,
    }
    method = picture.method if picture.method in {PlacementMethod.SIMILARITY, PlacementMethod.AFFINE} else None
    placing = form or PlacementForm(formdata=None, method=str(method or PlacementMethod.SIMILARITY), move_draft=True)
    return render_template(
        "planner/first_day/picture.html",
        picture=picture,
        draft=draft,
        form=placing,
        scale_form=scale_form or ScaleForm(formdata=None),
        remove_form=ConfirmForm(formdata=None),
        picture_data=data,
    )


def picture_values(picture: PictureRow) -> dict[str, Any]:
    """Return what the scripts of pages need to draw a picture."""
    return {
        "id": picture.id,
        "name": picture.name,
        "url": url_for("planner.picture_image", picture_id=picture.id),
        "width": picture.width,
        "height": picture.height,
        "affine": astuple(picture.affine) if picture.affine else None,
    }


def _refused_page(picture_id: int, form: PlacementForm, error: InvalidInput) -> Response:
    form.form_errors += [fault.problem for fault in error.faults]
    return make_response(_picture_page(picture_id, form, None), 422)


def _redirect_placed(picture_id: int) -> Response:
    flash(PLACED)
    return redirect(url_for("planner.edit_picture", picture_id=picture_id), code=303)


def _preview_request(content: Any) -> PlacementRequest:
    """Return the placement that a page asks for."""
    try:
        method, datum = PlacementMethod(content["method"]), Datum(content["datum"])
        return PlacementRequest(method, parse_points(content["points"]), datum)
    except (ValueError, TypeError, KeyError):
        raise InvalidInput([InputFault(Message(NO_POINTS))]) from None


def _placement_values(placement: Placement) -> dict[str, Any]:
    return {
        "affine": astuple(placement.affine),
        "residuals": [round(each, 2) for each in placement.residuals_m],
        "suspicious": placement.suspicious,
        "error": round(placement.error_m, 2),
        "pixel": round(placement.metres_per_pixel(), 3),
    }
