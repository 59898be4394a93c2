"""Blueprint of pages of residents."""

from flask import Blueprint

from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import Role
from gridmap.web.access import roles_required
from gridmap.web.shared.denials import answer_not_found

station = Blueprint("station", __name__, url_prefix="/residents")
station.register_error_handler(NotFound, answer_not_found)
residents_required = roles_required(Role.WORKER, Role.STATION)
"""Decorator of views for the roles that see residents."""
