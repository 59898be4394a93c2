"""Blueprint of places, and what its pages share."""

from collections.abc import Callable

from flask import Blueprint

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.places.places import PlaceChanged
from gridmap.web.access import roles_required
from gridmap.web.forms import BaseForm, add_form_errors
from gridmap.web.shared.denials import answer_not_found

places = Blueprint("places", __name__, url_prefix="/places")
places.register_error_handler(NotFound, answer_not_found)
station_required = roles_required(Role.STATION)
"""Decorator of views for those who keep the places of their communities."""
SAVED, FAULTY, CHANGED = 303, 422, 409
"""Status of a form: saved, to be corrected, or the place was changed meanwhile."""


def submit(form: BaseForm, change: Callable[[], object]) -> int:
    """Make a change if the form is valid, and return the status; the form has the reasons of a refusal."""
    if not form.validate():
        return FAULTY
    try:
        change()
    except InvalidInput as error:
        add_form_errors(form, error)
        return FAULTY
    except PlaceChanged:
        return CHANGED
    return SAVED
