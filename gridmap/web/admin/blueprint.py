"""Blueprint of administrators' pages, with the alarm when the last backup is old."""

from collections.abc import Callable, Sequence

from flask import Blueprint

from gridmap.core.errors import Message
from gridmap.services.operations import backups
from gridmap.web import context

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.context_processor
def _template_context() -> dict[str, Callable[[], Sequence[Message]]]:
    """Give templates ``backup_alarm``, which is only called by the pages that show it."""
    return {"backup_alarm": lambda: backups.describe_alarm(backups.get_status(context.session()))}
