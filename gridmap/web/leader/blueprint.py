"""Blueprint of the leader's pages."""

from flask import Blueprint

leader = Blueprint("leader", __name__, url_prefix="/heat")
