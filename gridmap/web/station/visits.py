"""Page of a household: open for a visit, or masked."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.services.people import residents, reveals
from gridmap.web import context
from gridmap.web.forms import ConfirmForm
from gridmap.web.labels import RESIDENCE_LABELS
from gridmap.web.station.blueprint import residents_required, station


@station.get("/households/<int:household_id>")
@residents_required
def visit(household_id: int) -> str:
    """Show name and phone of the members during a visit; masked members, which are recorded as a list, without one."""
    session = context.session()
    opened = reveals.get_household_visit(session, household_id)
    if opened is None:
        members = residents.list_household(session, context.caller(), household_id, request.remote_addr)
        return render_template("station/household.html", members=members, residence_labels=RESIDENCE_LABELS)
    seconds_left = (opened.ends_at - datetime.now(UTC)).total_seconds()
    return render_template(
        "station/visit.html",
        visit=opened,
        seconds_left=max(1, round(seconds_left)),
        minutes_left=max(1, round(seconds_left / 60)),
        form=ConfirmForm(),
    )


@station.post("/households/<int:household_id>/end")
@residents_required
def end_visit(household_id: int) -> Response:
    """End a visit before its 30 minutes are over; without one, nothing happens."""
    reveals.end_household_visit(context.session(), context.caller(), household_id, request.remote_addr)
    return redirect(url_for("station.visit", household_id=household_id), code=303)
