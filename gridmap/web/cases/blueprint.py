"""Blueprint of the pages of cases."""

from flask import Blueprint

from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import Role
from gridmap.web.access import roles_required
from gridmap.web.shared.denials import answer_not_found

cases = Blueprint("cases", __name__, url_prefix="/cases")
cases.register_error_handler(NotFound, answer_not_found)
cases_required = roles_required(Role.WORKER, Role.STATION, Role.LEADER)
"""Decorator of views for the roles that handle or supervise cases."""
