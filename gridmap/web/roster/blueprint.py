"""Blueprint of the roster, and what its pages share."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.workers.versions import RosterChanged
from gridmap.web.access import roles_required
from gridmap.web.forms import BaseForm, add_form_errors

roster = Blueprint("roster", __name__, url_prefix="/roster")
readers_required = roles_required(Role.STATION, Role.ADMIN, Role.PLANNER, Role.LEADER)
"""Decorator of views for those who need to know who has which grid."""
editors_required = roles_required(Role.STATION, Role.ADMIN)
"""Decorator of views for those who keep the roster of their communities."""


SAVED, FAULTY, CHANGED = 303, 422, 409
"""Status of a form: saved, to be corrected, or the roster was changed meanwhile."""


def submit(form: BaseForm, change: Callable[[], object]) -> int:
    """Make a change if the form is valid, and return the status; the form has the reasons of a refusal."""
    if not form.validate():
        return FAULTY
    try:
        change()
    except InvalidInput as error:
        add_form_errors(form, error)
        return FAULTY
    except RosterChanged:
        return CHANGED
    return SAVED


def redirect_to_community(community_id: int, message: str) -> Response:
    """Return to the roster of a community with a note of what was done."""
    flash(message, "good")
    return redirect(url_for("roster.community", community_id=community_id), 303)


def redirect_to_person(worker_id: int, message: str) -> Response:
    """Return to the page of a person with a note of what was done."""
    flash(message, "good")
    return redirect(url_for("roster.person", worker_id=worker_id), 303)
